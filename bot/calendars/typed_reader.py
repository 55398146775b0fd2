"""Reads sessions out of typed lines, one a line: code, time, minutes, and what else is to be said, in any order."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.calendars import sentences, terms
from bot.calendars.moments import ends_at, parse_minutes, parse_time, timed
from bot.calendars.reading import Reading, codes_in, without_codes, zone_of
from bot.calendars.typed_days import day_in
from bot.domain.appointments import Attendance, RefusedRow, SessionRow
from bot.domain.errors import UserMistake
from bot.domain.note import Session

_BULLET = re.compile(r"\s*(?:[-*•–]\s+|\d{1,2}[.)]\s+)")
_TIME = r"\d{1,2}(?:[:.h][0-5]\d)?\s*[ap]\.?m\b\.?|\d{1,2}[:h][0-5]\d"
_RANGE = re.compile(rf"(?<![\w:])({_TIME}|\d{{1,2}})\s*(?:-|–|to|until)\s*({_TIME}|\d{{1,2}}(?=\s|$))", re.IGNORECASE)
_ONE_TIME = re.compile(rf"(?<![\w:])(?:at\s+|@\s*)?({_TIME})(?![\w:])", re.IGNORECASE)
_LENGTH = re.compile(
    r"(?<![\w:])(?:for\s+)?(\d{1,2}(?:[.,]\d+)?\s*(?:h|hrs?|hours?)\.?(?:\s*\d{1,2}\s*(?:m|mins?|minutes?))?"
    r"|\d{1,3}\s*(?:m|mins?|minutes?|'))(?!\w)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.:/-])(?:at\s+|@\s*)?(\d{1,3})(?![\w:/-])", re.IGNORECASE)
_HALF = re.compile(r"[ap]\.?m", re.IGNORECASE)
_ATTENDANCE = re.compile(
    r"\bno[- ]?show(?:ed)?\b|\bdid(?: not|n't) (?:attend|come)\b|\bdna\b|\bmissed\b|\battended\b|\bcompleted\b|\bheld\b"
    r"|\b(?:late |same[- ]day )?cancel(?:led|ed|lation)?(?: late)?\b",
    re.IGNORECASE,
)
_FILLERS = frozenset(("session", "with", "at", "on", "for", "the", "and", "by", "via", "therapy", "client"))
_AFTERNOON = range(1, 7)
_MOST_LINES = 2_000


def read_typed(text: str, reading: Reading, today: dt.date) -> Iterator[SessionRow | RefusedRow]:
    """The sessions of a text, such as `JD-014 9:00 50` or `yesterday MK-003 10-10:45 couple video, no show`.

    A line that is only a day holds for the lines below it; before the first one it is `today`. Times from 1:00 to 6:59
    without am or pm are in the afternoon (odd `afternoon`). Raises UserMistake `too_long` beyond 2,000 lines.
    """
    lines = text.splitlines()
    if len(lines) > _MOST_LINES:
        raise UserMistake("too_long", sentences.TOO_MANY_LINES.format(most=_MOST_LINES))
    below: dt.date | None = today
    for number, line in enumerate(lines, 1):
        found = _Line(number, line, reading, today, below)
        try:
            if row := found.read():
                yield row
        except _Refused as refused:
            yield RefusedRow(number, refused.code, refused.sentence, found.about)
        below = found.below


class _Refused(Exception):
    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code, self.sentence = code, sentence


@dataclass(slots=True)
class _Line:
    """One line being read. `below`: the day for this line and those under it, None after one not understood."""

    number: int
    text: str
    reading: Reading
    today: dt.date
    below: dt.date | None
    about: str = ""

    def read(self) -> SessionRow | None:
        """The session; None for an empty line, and for one that is only a day."""
        text = _BULLET.sub("", self.text, count=1)
        codes = codes_in(text, self.reading)
        day, rest = self._day(without_codes(text, codes), heading=not codes)
        if not codes and not _said(rest):
            return None
        code = self._client(codes, rest)
        self.about = f"{code}, {day.isoformat()}" if day else code
        if day is None:
            raise _Refused("bad_day", sentences.BAD_DAY)
        return self._session(code, day, rest)

    def _day(self, text: str, heading: bool) -> tuple[dt.date | None, str]:
        found = day_in(text, self.reading.month_first, self.today)
        if found is None:
            return self.below, text
        is_heading = heading and not _said(found.rest)
        if is_heading:
            self.below = None if found.contradicts else found.day
        if found.contradicts:
            raise _Refused("weekday_differs", sentences.WEEKDAY_DIFFERS)
        if found.day is None:
            raise _Refused("bad_date", sentences.BAD_DATE)
        return found.day, found.rest

    def _client(self, codes: tuple[str, ...], rest: str) -> str:
        if len(codes) == 1:
            return codes[0]
        if codes:
            raise _Refused("two_clients", sentences.TWO_CLIENTS)
        words = " ".join(re.findall(r"[^\W\d_]+", rest)[:3])
        if words and not terms.kind_of(words) and not terms.modality_of(words) and not _ATTENDANCE.search(words):
            try:
                self.reading.check_code(words)
            except UserMistake as mistake:
                if mistake.code == "legal_name":
                    raise _Refused(mistake.code, mistake.sentence) from None
        raise _Refused("no_client", sentences.NO_CLIENT)

    def _session(self, code: str, day: dt.date, rest: str) -> SessionRow:
        attendance, rest = _attendance(rest)
        start, stop, minutes, odd, rest = _clock(rest)
        kind, modality = terms.kind_of(rest), terms.modality_of(rest)
        if _unknown(rest):
            raise _Refused("not_understood", sentences.NOT_UNDERSTOOD)
        zone = zone_of(self.reading.timezone)
        if start is None:
            odd = ("no_start", *(() if minutes else ("no_end",)))
        else:
            begins = dt.datetime.combine(day, start, zone)
            ends = ends_at(begins, stop) if stop else None
            if minutes and not ends:
                ends = (begins.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)).astimezone(zone)
            timing = timed(begins, ends)
            minutes, odd = timing.minutes, (*timing.odd, *odd)
        return SessionRow(
            line=self.number,
            key="",
            client_code=code,
            clinician="",
            session=Session(day, start, minutes, kind or "individual", modality),
            timezone=self.reading.timezone,
            attendance=attendance,
            odd=odd,
        )


def _attendance(text: str) -> tuple[Attendance, str]:
    found = _ATTENDANCE.search(text)
    if not found:
        return Attendance.BOOKED, text
    said = terms.attendance_of(found[0].replace("'", " ").replace("come", "attend").replace("didn t", "did not"))
    return said or Attendance.BOOKED, text[: found.start()] + " " + text[found.end() :]


def _clock(
    text: str,
) -> tuple[dt.time | None, dt.time | None, int | None, tuple[str, ...], str]:
    """Start, stop, minutes, what was assumed, and the rest of the line."""
    length, text = _taken(_LENGTH, text)
    minutes = parse_minutes(length) if length else None
    if found := _RANGE.search(text):
        start, stop, odd = _from_to(found[1], found[2])
        if start and stop:
            return start, stop, minutes, odd, text[: found.start()] + " " + text[found.end() :]
    written, text = _taken(_ONE_TIME, text)
    if not written:
        written, text = _taken(_NUMBER, text)
    if minutes is None:
        number, text = _taken(_NUMBER, text)
        minutes = parse_minutes(number) if number else None
    start, odd = _time(written) if written else (None, ())
    if written and start is None:
        raise _Refused("bad_start", sentences.BAD_START)
    return start, None, minutes, odd, text


def _from_to(first: str, last: str) -> tuple[dt.time | None, dt.time | None, tuple[str, ...]]:
    half = _HALF.search(last)
    start, odd = _time(first + half[0]) if half and not _HALF.search(first) else _time(first)
    stop, _ = _time(last)
    if start and stop and half and not _HALF.search(first) and start > stop:  # 11-12:30pm begins before noon
        start, odd = _time(first)
    return start, stop, odd


def _time(written: str) -> tuple[dt.time | None, tuple[str, ...]]:
    plain = written.strip()
    read = parse_time(f"{plain}:00" if plain.isdecimal() and len(plain) <= 2 else plain)
    if read and read.hour in _AFTERNOON and not _HALF.search(plain) and not plain.startswith("0"):
        return read.replace(hour=read.hour + 12), ("afternoon",)
    return read, ()


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    found = pattern.search(text)
    return (found[1], text[: found.start()] + " " + text[found.end() :]) if found else ("", text)


def _said(text: str) -> list[str]:
    return [word for word in terms.plain(text).split() if word not in _FILLERS]


def _unknown(rest: str) -> bool:
    """Whether something stands there that was not understood."""
    return bool(_said(terms.without_known(rest)))
