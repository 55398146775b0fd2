"""Lines that head a summary among others: a client code or a date, marked up and dated in the ways people do.

Reads more than a message's own first words may be (`headline`): `## JD-014`, `1. JD-014 (Mon 23 Nov, 10:00-10:50)`. A
date that cannot be is no reason to give up on the others: it is left out, and said.
"""

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass

from bot.domain.errors import UserMistake
from bot.drafting.headline import Headline, parse_headline

_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?[ \t]+"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_CODE = r"[A-Za-z]{1,4}-?\d{2,6}[A-Z]?|\d{3,6}-[A-Z]{1,4}"
_MARKS = re.compile(
    rf"[ \t]*(?:#{{1,6}}[ \t]+|#?\d{{1,3}}[.)][ \t]+|\(\d{{1,3}}\)[ \t]+|[-*•][ \t]+)?"
    rf"(?:(?:client|patient|ct|pt|re|code)\b[: \t]+(?=[*_`\[]{{0,3}}(?:{_CODE})\b))?",
    re.IGNORECASE,
)
_BOLD = re.compile(r"([*_`]{1,3}|\[)(?=\S)([^*_`\[\]\n]+)(?:[*_`]{1,3}|\])")
_NAMED_DAY = re.compile(
    rf"\b{_DAY}(?=\d{{4}}-|\d{{1,2}}/|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}|{_MONTH}[a-z]*\.? \d)", re.IGNORECASE
)
_CLOCK = r"(\d{1,2})(?::(\d{2}))?[ ]?([ap])?m?"
_RANGE = re.compile(rf"(?<![\d:/-]){_CLOCK}[ ]?(?:-|–|to)[ ]?{_CLOCK}(?![\w:/-])", re.IGNORECASE)
_BRACKETS = str.maketrans("()[]|", "     ")
_NO_CLIENT = re.compile(r"(?:ICD|DSM|SCL|CPT|ASQ|WHO)-?\d", re.IGNORECASE)  # what a line may begin with instead
_WORD = re.compile(r"[^\W\d_]{3,}")
_OF_A_DATE = re.compile(rf"\b(?:{_MONTH}[a-z]*|{_DAY.split('(?:day)')[0]}(?:day)?|min(?:ute)?s?)\b", re.IGNORECASE)
_BELOW = "\n."
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class HeadingLine:
    """A line that may head a summary. `rest`: what of the summary stands on it, None when that cannot be told apart.

    `certain`: its code cannot well be a word of the summary. `runs_on`: it is a sentence that begins with the code.
    `mistake`: the sentence about a date that cannot be.
    """

    headline: Headline
    rest: str | None
    certain: bool
    runs_on: bool = False
    mistake: str = ""

    @property
    def whole(self) -> bool:
        """Whether the line is all heading."""
        return self.rest == ""


def heading_line(line: str, today: dt.date, formats: Collection[str]) -> HeadingLine | None:
    """What a line says as a heading, or None when it says no format, client code, date, time or kind."""
    plain = _unmarked(line)
    as_typed = _read(plain, line, today, formats)
    if len(line) > _LONGEST:
        return as_typed
    tidied = _read(_tidied(plain), line, today, formats)
    return tidied if tidied and _says_more(tidied, as_typed) else as_typed


def _unmarked(line: str) -> str:
    """The line without what marks it as a heading: `## `, `1. `, `Client:`, `**…**`."""
    marks = _MARKS.match(line)
    rest = line[marks.end() :] if marks else line
    bold = _BOLD.match(rest)
    return bold[2] + rest[bold.end() :] if bold else rest


def _says_more(tidied: HeadingLine, as_typed: HeadingLine | None) -> bool:
    if tidied.rest is None:
        return False
    return as_typed is None or tidied.whole or (tidied.headline != as_typed.headline and not tidied.mistake)


def _tidied(line: str) -> str:
    """Brackets and a weekday beside a date taken away, `10:00-10:50` written as a start and minutes."""
    return _RANGE.sub(_start_and_minutes, _NAMED_DAY.sub("", line, count=1), count=1).translate(_BRACKETS)


def _start_and_minutes(found: re.Match[str]) -> str:
    hour, minute, half, end_hour, end_minute, end_half = found.groups()
    if not (minute or end_minute or half or end_half):
        return found[0]
    begins = _minute_of_day(hour, minute, half or end_half)
    ends = _minute_of_day(end_hour, end_minute, end_half or half)
    if half is None and end_half and begins > ends:  # 11-12:30pm
        begins -= 12 * 60
    lasts = ends - begins
    return f"{begins // 60}:{begins % 60:02} {lasts}min" if begins >= 0 and 0 < lasts < 1000 else found[0]


def _minute_of_day(hour: str, minute: str | None, half: str | None) -> int:
    in_half = int(hour) % 12 + (12 if half and half.lower() == "p" else 0) if half else int(hour)
    return in_half * 60 + int(minute or 0)


def _read(plain: str, line: str, today: dt.date, formats: Collection[str]) -> HeadingLine | None:
    """`plain`: the line without its marks. Its rest counts only where it stands in the line as it was typed."""
    mistake = ""
    try:
        headline, rest = parse_headline(plain + _BELOW, today, formats)
    except UserMistake as wrong:
        mistake, headline, rest = wrong.sentence, *_without_the_date(plain, today, formats)
    if headline == Headline() or (headline.client_code and _NO_CLIENT.match(headline.client_code)):
        return None
    if mistake:
        told = "" if not _WORD.search(_OF_A_DATE.sub("", rest)) else None
    else:
        told = rest.removesuffix(".").rstrip() if rest.endswith(_BELOW) or rest == "." else rest
        told = told if line.rstrip().endswith(told) else None
    runs_on = told is not None and told == plain.strip()
    certain = not runs_on or "-" in (headline.client_code or "-")
    return HeadingLine(headline, told, certain, runs_on, mistake)


def _without_the_date(plain: str, today: dt.date, formats: Collection[str]) -> tuple[Headline, str]:
    """The most of a line's first words that can be read, and the words after them."""
    words = plain.split()
    for taken in range(min(len(words), 8) - 1, 0, -1):
        try:
            headline, _ = parse_headline(" ".join(words[:taken]), today, formats)
        except UserMistake:
            continue
        if headline != Headline():
            return headline, " ".join(words[taken:])
    return Headline(), plain
