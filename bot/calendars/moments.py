"""Dates, times and lengths as people and programs write them, and what a change of clocks does to a session."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 12 * 60
"""Minutes. What lasts longer is a wrong end and no session."""

_YEARS = range(1970, 2101)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)")
_DAY_MONTH = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[-\s]+{_MONTH}[-,\s]+(\d{{4}}|\d\d)", re.IGNORECASE)
_MONTH_DAY = re.compile(rf"{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})", re.IGNORECASE)
_WEEKDAY = re.compile(
    r"(?:mon|tue|wed|thu|fri|sat|sun|mo|tu|we|th|fr|sa|su)"
    r"(?:day|sday|nesday|rsday|urday|s|r|rs)?\.?,?\s+",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(\d{1,2})(?:[:.h](\d\d))?(?:[:.](\d\d)(?:\.\d+)?)?\s*(?:([ap])\.?\s?m?\.?)?\s*(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE
)
_MILITARY = re.compile(r"([01]\d|2[0-3])([0-5]\d)")
_SPLIT = re.compile(r"(.+?)(?:T|,?\s+(?:at\s+)?)(\d{1,2}(?:[:.h]\d\d|\s*[ap]\.?m).*)", re.IGNORECASE)
_LENGTH = re.compile(
    r"(?:(\d{1,2}(?:[.,]\d{1,2})?)\s*(?:h|hrs?|hours?)\.?)?\s*(?:(\d{1,3})\s*(?:m|mins?|minutes?|')?\.?)?",
    re.IGNORECASE,
)
_HOURS = re.compile(r"(\d{1,2}):([0-5]\d)(?::[0-5]\d)?")


@dataclass(frozen=True, slots=True)
class Moment:
    """What a text says of when. `utc_offset`: when it says so itself."""

    date: dt.date | None = None
    time: dt.time | None = None
    utc_offset: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class Timed:
    """When a session was, in its own zone, and what is odd about it."""

    date: dt.date
    start: dt.time | None
    minutes: int | None
    odd: tuple[str, ...]


@lru_cache(maxsize=5_000)
def parse_date(text: str, month_first: bool) -> dt.date | None:
    """The day a whole text names, with or without its weekday; None when it names none from 1970 to 2100."""
    plain = _WEEKDAY.sub("", text.strip(), count=1) if text[:1].isalpha() else text.strip()
    if found := _ISO.fullmatch(plain):
        return _day(found[1], found[3], found[4])
    if found := _COMPACT.fullmatch(plain):
        return _day(found[1], found[2], found[3])
    if found := _NUMBERS.fullmatch(plain):
        first, second = found[1], found[3]
        months = int(second) > 12 or (month_first and found[2] != "." and int(first) <= 12)
        return _day(found[4], first, second) if months else _day(found[4], second, first)
    if found := _DAY_MONTH.fullmatch(plain):
        return _day(found[3], _month(found[2]), found[1])
    if found := _MONTH_DAY.fullmatch(plain):
        return _day(found[3], _month(found[1]), found[2])
    return None


@lru_cache(maxsize=5_000)
def parse_time(text: str) -> dt.time | None:
    """The time of day a whole text names, on 24 hours or with am and pm, in whole minutes; else None."""
    found = parse_clock(text)
    return found[0] if found else None


@lru_cache(maxsize=5_000)
def parse_clock(text: str) -> tuple[dt.time, dt.timedelta | None] | None:
    """A time of day and its distance from UTC, where that stands with it."""
    plain = text.strip()
    if found := _MILITARY.fullmatch(plain):
        return dt.time(int(found[1]), int(found[2])), None
    found = _CLOCK.fullmatch(plain)
    if not found or not (found[2] or found[4]):
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[4] or "").lower()
    if minute > 59 or hour > 23 or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return dt.time(hour, minute), _offset(found[5])


@lru_cache(maxsize=5_000)
def parse_moment(text: str, month_first: bool) -> Moment | None:
    """A day, a time, or both, as 2026-10-19T09:00:00-05:00 or 10/19/2026 9:00 AM; None for anything else."""
    plain = text.strip()
    if day := parse_date(plain, month_first):
        return Moment(day)
    if clock := parse_clock(plain):
        return Moment(None, *clock)
    found = _SPLIT.fullmatch(plain)
    if not found:
        return None
    day, clock = parse_date(found[1], month_first), parse_clock(found[2])
    return Moment(day, *clock) if day and clock else None


@lru_cache(maxsize=2_000)
def parse_minutes(text: str) -> int | None:
    """A length in minutes, written as 50, 50 min, 1 hr 15 min or 0:50; None when it is none up to twelve hours."""
    plain = text.strip()
    if found := _HOURS.fullmatch(plain):
        minutes = int(found[1]) * 60 + int(found[2])
    elif plain and (found := _LENGTH.fullmatch(plain)):
        minutes = round(float((found[1] or "0").replace(",", ".")) * 60) + int(found[2] or 0)
    else:
        return None
    return minutes if 0 < minutes <= LONGEST else None


def clocks_change(local: dt.datetime) -> bool:
    """Whether clocks skip this local time on that day, or show it twice."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def timed(start: dt.datetime, stop: dt.datetime | None) -> Timed:
    """A session from `start` to `stop`, both in its own zone. An end that cannot be leaves the length open."""
    odd: list[str] = []
    minutes = None
    if stop is None or stop == start:
        odd.append("no_end")
    else:
        minutes = _between(start, stop)
        if minutes is None:
            odd.append("bad_end")
        elif stop.date() > start.date() and stop.time() > dt.time():
            odd.append("over_midnight")
    if clocks_change(start) or (minutes and stop and (clocks_change(stop) or start.utcoffset() != stop.utcoffset())):
        odd.append("clock_change")
    return Timed(start.date(), start.time().replace(second=0, microsecond=0), minutes, tuple(odd))


def ends_at(start: dt.datetime, stop: dt.time) -> dt.datetime:
    """When it is `stop` for the first time after `start`: on its day, or after midnight."""
    same_day = dt.datetime.combine(start.date(), stop, start.tzinfo)
    if stop >= start.time():
        return same_day
    return dt.datetime.combine(start.date() + dt.timedelta(days=1), stop, start.tzinfo)


def _between(start: dt.datetime, stop: dt.datetime) -> int | None:
    """Minutes that went by; by the clock on the wall where a skipped hour would turn them round."""
    passed = stop.astimezone(dt.UTC) - start.astimezone(dt.UTC)
    if passed <= dt.timedelta():
        passed = stop.replace(tzinfo=None) - start.replace(tzinfo=None)
    minutes = round(passed.total_seconds() / 60)
    return minutes if 0 < minutes <= LONGEST else None


def _day(year: str, month: str, day: str) -> dt.date | None:
    full = int(year) + (2000 if len(year) == 2 else 0)
    if full not in _YEARS:
        return None
    try:
        return dt.date(full, int(month), int(day))
    except ValueError:
        return None


def _month(name: str) -> str:
    return str(_MONTHS.index(name[:3].lower()) + 1)


def _offset(text: str | None) -> dt.timedelta | None:
    if not text:
        return None
    if text in "Zz":
        return dt.timedelta()
    hours, minutes = int(text[1:3]), int(text[-2:])
    return dt.timedelta(hours=hours, minutes=minutes) * (-1 if text[0] == "-" else 1)
