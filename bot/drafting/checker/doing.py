"""Rules for who does or says what, and for plans told as done."""

from collections.abc import Iterator

from bot.domain.support import Kind
from bot.drafting.checker.agents import ANYONE, CLIENT, CLINICIAN, THIRD, Person, agent_of, agree, persons_of, plan_cues
from bot.drafting.checker.analysis import Analysis, Content
from bot.drafting.checker.evidence import Evidence, plain
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.words import is_past


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Words said of one person in the points and of another in the statement; plans told as done."""
    yield from _agents(statement, evidence)
    yield from _speakers(statement, evidence)
    yield from _moods(statement, evidence)


def _agents(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    persons = persons_of(statement)
    right, wrong = 0, list[Content]()
    for content in statement.content:
        if content.quoted or content.stem not in evidence.stems or not _acted(statement, persons, content):
            continue
        mine = agent_of(statement, persons, content.at)
        if mine is None or mine in (ANYONE, THIRD):
            continue
        answers = [agree(mine, theirs) for theirs in evidence.agents(content.stem)]
        if True in answers:
            right += 1
        elif answers and all(answer is False for answer in answers):
            wrong.append(content)
    if wrong:
        first = wrong[0]
        strength = len(wrong) / (len(wrong) + right)
        yield Flaw("agent", Kind.NAME_RELATION, statement.typed(first.at, first.at + 1), strength)


def _acted(statement: Analysis, persons: dict[int, Person], content: Content) -> bool:
    """Whether a word is what somebody does: a past tense that is no passive, or a verb right after the person."""
    word, before = statement.words[content.at], statement.words[content.at - 1] if content.at else None
    if word.stem in ("say", "have"):
        return False
    if before is not None and before.lower in ("will", "would") and word.stem == content.stem:
        return True
    passive = before is not None and (before.stem == "be" or before.lower in ("be", "been", "being"))
    if passive or "by" in [other.lower for other in statement.words[content.at + 1 : content.at + 5]]:
        return False
    return is_past(word.lower) or (word.lower.endswith("s") and content.at - 1 in persons)


def _speakers(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    persons = persons_of(statement)
    for quote in statement.quotes:
        mine = agent_of(statement, persons, quote.at)
        if mine is None or mine in (ANYONE, THIRD):
            continue
        answers = [agree(mine, theirs) for theirs in _quoted_by(plain(quote.text), evidence)]
        if answers and all(answer is False for answer in answers):
            yield Flaw("speaker", Kind.NAME_RELATION, quote.text)


def _quoted_by(wanted: str, evidence: Evidence) -> Iterator[Person]:
    for point in evidence.points:
        if wanted not in plain(point.text):
            continue
        persons = persons_of(point)
        first = wanted.split()[0] if wanted.split() else ""
        for at, word in enumerate(point.words):
            if word.lower.replace("'", "") == first and (speaker := _turn(point) or agent_of(point, persons, at)):
                yield speaker
                break


def _turn(point: Analysis) -> Person | None:
    """The speaker of a line of dialogue (`C: …`, `T: …`)."""
    lowers = [word.lower for word in point.words[:2]]
    if lowers[1:] == [":"] and lowers[0] in ("c", "client", "ct", "p", "pt"):
        return CLIENT
    return CLINICIAN if lowers[1:] == [":"] and lowers[0] in ("t", "th", "therapist") else None


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
