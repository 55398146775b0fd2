"""Several summaries in one text: where one ends and the next begins, and what each one's heading says.

Every character of the text stands in a piece or parts two of them. An ordinary message is only taken for several on
clear signs: paragraphs, labels, rules under titles are how people write a single summary.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.errors import UserMistake
from bot.domain.formats import Format
from bot.drafting.heading_lines import HeadingLine, heading_line
from bot.drafting.headline import Headline
from bot.drafting.section_labels import Labels, labels_of

MOST = 200
TOO_MANY = f"These are more than {MOST} summaries. Please send them in parts of at most {MOST}."

_DASHES = {"-": 1, "–": 1, "—": 2}  # keyboards make a dash of two hyphens
_RULES = ("*", "=", "_")
_SHORTEST_RULE = 3
_FEWEST_HEADED = 2
_SHORT = 40  # characters: a longer line that begins without a figure heads nothing
_OF_SEVERAL_PEOPLE = frozenset({"group", "couple", "couples", "family"})


class Cut(StrEnum):
    """What a piece was told by from what stands before it."""

    FIRST = "first"
    RULE = "rule"
    HEADING = "heading"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Piece:
    """One summary of several. `text`: exactly what was typed, `summary`: the same without its heading.

    `mistake`: what is wrong with the date in its heading, for its clinician to read; `headline.date` is None then.
    """

    text: str
    summary: str
    headline: Headline
    started: Cut
    mistake: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the text. `first`: a blank line, a rule or nothing stands above it."""

    text: str
    at: int
    first: bool
    heading: HeadingLine | None
    rule: bool

    @property
    def blank(self) -> bool:
        return not self.text.strip()

    @property
    def plain(self) -> bool:
        return not self.rule and not self.blank

    @property
    def code(self) -> str | None:
        return self.heading.headline.client_code if self.heading and self.heading.certain else None

    @property
    def whole(self) -> bool:
        return self.heading is not None and self.heading.whole

    @property
    def day(self) -> bool:
        """Whether it is all heading and says a date, but no client."""
        said = self.heading.headline if self.heading else Headline()
        return self.whole and said.client_code is None and said.date is not None


def split_summaries(text: str, formats: Mapping[str, Format], today: dt.date, *, sure: bool) -> tuple[Piece, ...]:
    """The summaries of a text, in order; one when it is one, none when it is blank.

    `sure`: whoever sent it said that it holds several. Then blank lines alone part them, unless rules or headings do.
    Raises UserMistake `too_many_summaries` for more than `MOST`.
    """
    if not text.strip():
        return ()
    lines = _lines(text, today, formats)
    cuts = _cuts(lines, labels_of(formats), sure=sure)
    pieces = _with_days([_piece(lines, start, end, started) for start, end, started in _spans(lines, cuts)])
    if len(pieces) > MOST:
        raise UserMistake("too_many_summaries", TOO_MANY)
    if len(pieces) > 1:
        return tuple(pieces)
    whole = _piece(lines, 0, len(lines), Cut.FIRST)
    summary = whole.summary if whole.headline != Headline() else text.strip()
    return (replace(whole, text=text.strip(), summary=summary),)


def _lines(text: str, today: dt.date, formats: Mapping[str, Format]) -> list[_Line]:
    lines: list[_Line] = []
    at, first = 0, True
    for line in text.splitlines(keepends=True):
        rule = _is_rule(line)
        likely = first or len(line) <= _SHORT or any(char.isdigit() for char in line[:_SHORT])
        heading = heading_line(line.rstrip(), today, formats) if likely and line.strip() and not rule else None
        lines.append(_Line(line, at, first, heading, rule))
        at, first = at + len(line), rule or not line.strip()
    return lines


def _is_rule(line: str) -> bool:
    marks = "".join(line.split())
    if marks and all(char in _DASHES for char in marks):
        return sum(_DASHES[char] for char in marks) >= _SHORTEST_RULE
    return len(marks) >= _SHORTEST_RULE and marks[0] in _RULES and marks == marks[0] * len(marks)


def _cuts(lines: Sequence[_Line], labels: Labels, *, sure: bool) -> dict[int, Cut]:
    """The lines at which a piece begins."""
    headed = set(_headed(lines, sure=sure))
    ruled = _parted(lines, headed, labels, sure=sure, blanks=False)
    if headed or ruled or not sure:
        return dict.fromkeys(headed, Cut.HEADING) | dict.fromkeys(ruled, Cut.RULE)
    return dict.fromkeys(_parted(lines, [], labels, sure=sure, blanks=True), Cut.BLANK)


def _headed(lines: Sequence[_Line], *, sure: bool) -> list[int]:
    """The lines that are headings of summaries: with a client code, or a date where it can be no part of a summary."""
    listed = _listed(lines)
    coded: list[int] = []
    code: str | None = None
    for number, line in enumerate(lines):
        if line.code and _begins(line, code, listed=number in listed, sure=sure):
            coded.append(number)
        code = line.code or (None if line.day else code)
    if len(coded) < _FEWEST_HEADED and not sure:
        return []
    return [*coded, *_days(lines, coded, sure=sure)]


def _days(lines: Sequence[_Line], coded: Sequence[int], *, sure: bool) -> list[int]:
    """The lines that say only a day and stand above a heading with a code; when it is several, above any summary."""
    found: list[int] = []
    headings = set(coded)
    below: int | None = None
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        if line.day and below is not None and ((sure and line.first) or below in headings):
            found.append(number)
            headings.add(number)
        if line.plain:
            below = number
    return found


def _begins(line: _Line, code: str | None, *, listed: bool, sure: bool) -> bool:
    """Whether a line with a client code begins a summary, below one with `code`: `JD-014 said …` goes on with it."""
    heading = line.heading
    if heading is None or heading.whole:
        return True
    if heading.runs_on or line.code == code:
        return line.first and (line.code != code or heading.headline.date is not None)
    return line.first or ((sure or listed) and "-" in (line.code or ""))


def _listed(lines: Sequence[_Line]) -> set[int]:
    """The lines with codes of a text that begins with one. In a group's note several may be one summary."""
    start = next((number for number, line in enumerate(lines) if line.plain and not line.day), 0)
    heading = lines[start].heading
    if not heading or not lines[start].code or _OF_SEVERAL_PEOPLE & {heading.headline.format_id, heading.headline.kind}:
        return set()
    return {number for number, line in enumerate(lines) if line.code}


def _parted(lines: Sequence[_Line], headed: Collection[int], labels: Labels, *, sure: bool, blanks: bool) -> list[int]:
    """The lines below rules (or `blanks`) that part summaries: not under a title, nor between sections of one note."""
    found: list[int] = []
    seen: list[str] = []
    above: _Line | None = None
    parted = begun = False
    for number, line in enumerate(lines):
        if line.rule:
            titled = above is not None and _is_title(above, labels)
            parted, above = parted or (begun and not titled), None
        elif line.blank:
            parted, above = parted or (begun and blanks), None
        else:
            label = labels.at(line.text)
            if parted and not labels.go_on(label, seen, sure=sure):
                found.append(number)
                seen = []
            elif number in headed:
                seen = []
            seen += [label] if label else []
            parted, begun, above = False, True, line
    return found


def _is_title(line: _Line, labels: Labels) -> bool:
    return line.first and (labels.is_title(line.text) or (line.whole and (line.code is not None or line.day)))


def _spans(lines: Sequence[_Line], cuts: Mapping[int, Cut]) -> list[tuple[int, int, Cut]]:
    """From and to which line each piece goes. A heading alone above a rule goes with what follows that rule."""
    starts = {0: Cut.FIRST}
    before = 0
    for number in sorted(cuts):
        if cuts[number] is Cut.RULE and _is_bare(lines, before, number):
            continue
        starts[number], before = cuts[number], number
    order = list(starts)
    spans = [(start, end, starts[start]) for start, end in zip(order, [*order[1:], len(lines)], strict=True)]
    kept = [span for span in spans if any(lines[at].plain for at in range(span[0], span[1]))]
    return [(start, end, started if at else Cut.FIRST) for at, (start, end, started) in enumerate(kept)]


def _is_bare(lines: Sequence[_Line], start: int, end: int) -> bool:
    """Whether there is nothing but a heading with a code, and what follows has none."""
    plain = [line for line in lines[start:end] if line.plain]
    if len(plain) != 1 or not plain[0].whole or not plain[0].code or lines[end].code:
        return False
    said = plain[0].heading.headline if plain[0].heading else Headline()
    return said.format_id is None and said.kind is None


def _piece(lines: Sequence[_Line], start: int, end: int, started: Cut) -> Piece:
    while start < end - 1 and not lines[start].plain:
        start += 1
    while end > start + 1 and not lines[end - 1].plain:
        end -= 1
    text = "".join(line.text for line in lines[start:end]).strip()
    heading = lines[start].heading
    if heading is None or not (heading.whole or _is_anchored(heading.headline)):
        return Piece(text, text, Headline(), started)
    if heading.whole:
        below = start + 1
        while below < end and not lines[below].plain:
            below += 1
        summary = "".join(line.text for line in lines[below:end]).strip()
    elif heading.rest is None:
        summary = text
    else:
        summary = (heading.rest + "\n" + "".join(line.text for line in lines[start + 1 : end])).strip()
    return Piece(text, summary, heading.headline, started, heading.mistake)


def _is_anchored(headline: Headline) -> bool:
    return headline.format_id is not None or headline.client_code is not None


def _with_days(pieces: Sequence[Piece]) -> list[Piece]:
    """A day that stands by itself is the day of the pieces below it, up to the next day that stands by itself."""
    found: list[Piece] = []
    day: dt.date | None = None
    for at, piece in enumerate(pieces):
        said = piece.headline
        if said == Headline(date=said.date) and said.date and not piece.summary and at < len(pieces) - 1:
            day = said.date
            continue
        dated = (
            replace(piece, headline=replace(said, date=day)) if day and not said.date and not piece.mistake else piece
        )
        found.append(replace(dated, started=dated.started if found else Cut.FIRST))
    return found
