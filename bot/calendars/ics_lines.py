"""Cuts a calendar's file into its events while it is read: lines unfolded, parts by their BEGIN and END.

Only the properties that a session needs are kept, so that attachments and descriptions of any length pass by.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.calendars import sentences
from bot.domain.errors import UserMistake

LONGEST_EVENT = 200_000
"""Characters of what is kept of one event. A session's are some hundreds."""

_OF_EVENT = frozenset(
    (
        *("UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "STATUS", "ORGANIZER", "LOCATION", "CATEGORIES"),
        *("DESCRIPTION", "SEQUENCE", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"),
    )
)
_OF_CALENDAR = frozenset(("METHOD", "X-WR-TIMEZONE"))
_OF_DESCRIPTION = 4_000
_NAME = re.compile(r"[A-Za-z0-9-]+")


@dataclass(slots=True)
class Part:
    """What a calendar is made of: an event (`VEVENT`), a zone (`VTIMEZONE`), or a property of its own (`PROPERTY`).

    `VCALENDAR` tells that a calendar begins. `line` is where it stands, counted from 1.
    """

    kind: str
    line: int
    lines: list[str]
    size: int = 0

    def add(self, text: str) -> None:
        """Keep a line. Raises UserMistake when it becomes too long."""
        self.size += len(text)
        if self.size > LONGEST_EVENT:
            raise UserMistake("calendar_too_big", sentences.EVENT_TOO_LONG.format(line=self.line, most=LONGEST_EVENT))
        self.lines.append(text)


def parts_of(lines: Iterable[str]) -> Iterator[Part]:
    """The parts in the file's order. Raises UserMistake `bad_calendar`, with the line where the file is damaged."""
    reader = _Cutter()
    for number, text in _unfolded(lines):
        name = text.partition(":")[0].partition(";")[0].strip().upper()
        if name == "BEGIN":
            yield from reader.begin(number, text)
        elif name == "END":
            yield from reader.end(number, text)
        else:
            yield from reader.property(number, name, text)
    reader.finish()


class _Cutter:
    """The nested parts that are open, and the one that is kept."""

    def __init__(self) -> None:
        self._open: list[tuple[str, int]] = []
        self._kept: Part | None = None
        self._seen = False

    def begin(self, line: int, text: str) -> Iterator[Part]:
        kind = _value(text)
        if not self._open and kind != "VCALENDAR":
            raise _bad(sentences.NOT_A_CALENDAR, line)
        self._open.append((kind, line))
        self._seen = True
        if kind == "VCALENDAR":
            yield Part(kind, line, [])
        elif kind in ("VEVENT", "VTIMEZONE") and self._kept is None:
            self._kept = Part(kind, line, [])
        if self._kept and self._kept.kind == "VTIMEZONE":
            self._kept.add(text)

    def end(self, line: int, text: str) -> Iterator[Part]:
        kind = _value(text)
        if not self._open or self._open[-1][0] != kind:
            raise _bad(sentences.ENDS_WRONGLY if self._seen else sentences.NOT_A_CALENDAR, line)
        self._open.pop()
        if self._kept and self._kept.kind == "VTIMEZONE":
            self._kept.add(text)
        if self._kept and kind == self._kept.kind:
            yield self._kept
            self._kept = None

    def property(self, line: int, name: str, text: str) -> Iterator[Part]:
        if not self._open:
            if text.strip():
                raise _bad(sentences.NOT_A_CALENDAR, line)
        elif self._kept is None:
            if len(self._open) == 1 and name in _OF_CALENDAR:
                yield Part("PROPERTY", line, [text])
        elif self._kept.kind == "VTIMEZONE" or (self._open[-1][0] == "VEVENT" and name in _OF_EVENT):
            self._kept.add(text)

    def finish(self) -> None:
        if not self._seen:
            raise UserMistake("bad_calendar", sentences.EMPTY_CALENDAR)
        if self._open:
            raise _bad(sentences.CUT_OFF, self._open[-1][1])


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Whole lines with the number of their first; of what nobody needs only the beginning."""
    number, pieces, size, longest = 0, list[str](), 0, 0
    for count, line in enumerate(lines, 1):
        text = line.rstrip("\r\n")
        if text[:1] in (" ", "\t") and pieces:
            if size <= longest:
                pieces.append(text[1:])
                size += len(text)
            continue
        if pieces:
            yield number, "".join(pieces)
        text = text.lstrip("\ufeff") if count == 1 else text
        number, pieces, size, longest = count, [text], len(text), _longest(text)
    if pieces:
        yield number, "".join(pieces)


def _longest(text: str) -> int:
    """How much of a line is kept that begins so."""
    found = _NAME.match(text)
    name = found[0].upper() if found else ""
    if name == "DESCRIPTION":
        return _OF_DESCRIPTION
    return LONGEST_EVENT // 4 if name in _OF_EVENT or name in _OF_CALENDAR or name.startswith("TZ") else 0


def _value(text: str) -> str:
    return text.partition(":")[2].strip().upper()


def _bad(sentence: str, line: int) -> UserMistake:
    return UserMistake("bad_calendar", sentence.format(line=line))
