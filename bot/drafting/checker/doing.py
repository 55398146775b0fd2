"""A rule for plans told as done."""

from collections.abc import Iterator

from bot.domain.support import Kind
from bot.drafting.checker.analysis import Analysis, Content
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.planned import plan_cues
from bot.drafting.checker.words import is_past


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """What the points only plan, told as done."""
    yield from _moods(statement, evidence)


def _moods(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """What the points only plan, told as done."""
    if any(word.lower in plan_cues() for word in statement.words):
        return
    done, planned = 0.0, list[Content]()
    for content in statement.content:
        if content.quoted or content.stem not in evidence.stems:
            continue
        if evidence.only_planned(content.stem) and is_past(statement.words[content.at].lower):
            planned.append(content)
        else:
            done += content.weight
    if planned:
        share = sum(content.weight for content in planned)
        first = max(planned, key=lambda content: content.weight)
        if share + done:
            yield Flaw("planned", Kind.PROGRESS_OVERCLAIM, statement.typed(first.at, first.at + 1))
