"""Reads when a session began and how long it was from an answer such as `10:00 to 10:50` or `2pm, 50 min`."""

import datetime as dt
import re

_SPAN = re.compile(
    r"(?<![\d:])(\d{1,2})(?::(\d{2}))?\s*([ap])?\.?m?\.?\s*(?:-|\u2013|\u2014|to|til+|until|through)\s*"
    r"(\d{1,2})(?::(\d{2}))?\s*([ap])?\.?m?\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2})(?::(\d{2}))?\s*([ap])?\.?m?\b(?!\s*(?:min|m\b|hour|hr))", re.IGNORECASE)
_MINUTES = re.compile(r"(?<![\d:])(\d{1,3})\s*-?\s*(?:minutes?|mins?|m)\b", re.IGNORECASE)
_HOURS = re.compile(r"(?<![\d:])(\d)(?:\.(\d))?\s*(?:hours?|hrs?|h)\b", re.IGNORECASE)
_HALF_DAY = 12 * 60
_EARLIEST = 8  # a clock time below this hour without am or pm may be either
_LONGEST = 8 * 60


def parse_times(text: str) -> tuple[dt.time | None, int | None]:
    """Start and minutes, each None when the text does not say it beyond doubt."""
    span = _SPAN.search(text)
    if span and (span[2] or span[5] or span[3] or span[6]):
        begin, end = _minute(span[1], span[2], span[3] or span[6]), _minute(span[4], span[5], span[6] or span[3])
        if begin is not None and end is not None:
            length = (end - begin) % _HALF_DAY
            start = _time((end - length) % (2 * _HALF_DAY), known=bool(span[3] or span[6]) or int(span[1]) >= _EARLIEST)
            return (start, length) if 0 < length <= _LONGEST else (None, None)
    minutes = _MINUTES.search(text)
    hours = _HOURS.search(text)
    length = int(minutes[1]) if minutes else 60 * int(hours[1]) + 6 * int(hours[2] or 0) if hours else None
    clock = next((found for found in _CLOCK.finditer(text) if found[2] or found[3]), None)
    begin = _minute(clock[1], clock[2], clock[3]) if clock else None
    known = bool(clock and (clock[3] or int(clock[1]) >= _EARLIEST))
    return _time(begin, known=known) if begin is not None else None, length


def _minute(hour: str, minute: str | None, half: str | None) -> int | None:
    if int(hour) > (12 if half else 23) or int(minute or 0) > 59:
        return None
    hours = int(hour) % 12 + 12 * (half.lower() == "p") if half else int(hour)
    return 60 * hours + int(minute or 0)


def _time(minute: int, *, known: bool) -> dt.time | None:
    return dt.time(minute // 60, minute % 60) if known else None
