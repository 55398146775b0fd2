"""What a model wrote, statement by statement: which may stand in the note, which needs a look, which is held out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.ids import new_statement_id
from bot.domain.statements import Origin, Point, Slot, Statement
from bot.domain.support import Doubt, Kind, Support, Verdict
from bot.drafting.parse import Parsed
from bot.drafting.sorter import heading_of
from bot.drafting.support import Checker

_PLACEHOLDER = re.compile(r"\[[A-Z]+(?:_[A-Z0-9]+)+\]")


@dataclass(frozen=True, slots=True)
class Checked:
    """Statements for the note, and those that are held out of it, each of these with its doubt."""

    statements: tuple[Statement, ...]
    held: tuple[Statement, ...]
    prompt_version: str = ""


def checked(parsed: Sequence[Parsed], points: Sequence[Point], numbers: Mapping[int, int] | None = None) -> Checked:
    """Compare every statement with the points it cites, then with all of them.

    `numbers`: the model's number of a point → ours, when not every point was sent. A goal that the points do not name
    is dropped here: goals are suggested from the plan and confirmed by the clinician, never claimed by a model.
    """
    checker = Checker(points)
    stand: list[Statement] = []
    held: list[Statement] = []
    for one in parsed:
        cited = [numbers[n] if numbers else n for n in one.sources]
        support = checker.check(one.text, cited)
        statement = _statement(one, support, cited)
        if support.verdict is not Verdict.UNSUPPORTED and not _PLACEHOLDER.search(one.text):
            stand.append(statement)
        elif one.slot is not Slot.GOAL:
            held.append(statement)
    return Checked(tuple(stand), tuple(held))


def _statement(one: Parsed, support: Support, cited: Sequence[int]) -> Statement:
    doubt = None
    if found := _PLACEHOLDER.search(one.text):
        doubt = Doubt(Kind.NAME_RELATION, found[0])
    elif support.verdict is not Verdict.SUPPORTED:
        doubt = Doubt(support.kind or Kind.CONTENT, support.words)
    sources = support.sources or tuple(sorted(set(cited)))
    return Statement(new_statement_id(), one.slot, one.text, sources, Origin.MODEL, doubt)


def with_headings(statements: Sequence[Statement], points: Sequence[Point]) -> tuple[Statement, ...]:
    """A heading on a line of its own counts as used by the first statement made of what stands under it."""
    heading_over: dict[int, int] = {}
    heading = 0
    for point in points:
        if heading_of(point.text):
            heading = point.number
        elif heading:
            heading_over[point.number] = heading
    waiting = set(heading_over.values())
    found: list[Statement] = []
    for statement in statements:
        over = {heading_over[n] for n in statement.sources if n in heading_over} & waiting
        waiting -= over
        found.append(replace(statement, sources=tuple(sorted({*over, *statement.sources}))) if over else statement)
    return tuple(found)


def kept_where_same(before: Sequence[Statement], after: Sequence[Statement]) -> tuple[Statement, ...]:
    """Statements that came back word for word stay what they were: their identity, author, and the clinician's look."""
    known = {(statement.slot, statement.text): statement for statement in before}
    return tuple(known.get((statement.slot, statement.text), statement) for statement in after)
