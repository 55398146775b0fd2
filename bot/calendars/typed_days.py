"""The day that a typed line names: a date, a weekday, yesterday."""

import datetime as dt
import re
from dataclasses import dataclass

from bot.calendars.moments import parse_date

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = r"(?:mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\.?"
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DATES = (
    r"\d{4}-\d{1,2}-\d{1,2}",
    r"\d{1,2}([/.-])\d{1,2}\1(?:\d{4}|\d\d)(?![\d:])",
    rf"\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}(?:,?\s+\d{{4}})?(?![\d:])",
    rf"{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?(?![\d:])",
    r"\d{1,2}/\d{1,2}(?![\d:/])",
)
_START = r"(?<![\w.:/-])"
_DATED = [
    re.compile(rf"{_START}(?:({_WEEKDAY}),?\s+)?({pattern})", re.IGNORECASE)
    for pattern in (
        _DATES[0],
        _DATES[1].replace(r"\1", r"\3"),
        *_DATES[2:],
    )
]
_RELATIVE = re.compile(rf"{_START}(today|yesterday|tomorrow)\b", re.IGNORECASE)
_DAY_OF_WEEK = re.compile(rf"{_START}(?:last\s+)?({_WEEKDAY})(?![\w-])", re.IGNORECASE)
_SHIFTS = {"today": 0, "yesterday": -1, "tomorrow": 1}


@dataclass(frozen=True, slots=True)
class DayFound:
    """The day, None when it cannot be; `contradicts`: the weekday is another one. `rest`: the line without it."""

    day: dt.date | None
    rest: str
    contradicts: bool = False


def day_in(text: str, month_first: bool, today: dt.date) -> DayFound | None:
    """The first way of naming a day that a line has; None when it has none.

    A weekday alone is the last one up to today. A date without a year is the nearest to today.
    """
    for pattern in _DATED:
        if found := pattern.search(text):
            day = _dated(found[2], month_first, today)
            contradicts = bool(day and found[1]) and day is not None and _index(found[1]) != day.weekday()
            return DayFound(day, _cut(text, found), contradicts)
    if found := _RELATIVE.search(text):
        return DayFound(today + dt.timedelta(days=_SHIFTS[found[1].lower()]), _cut(text, found))
    if found := _DAY_OF_WEEK.search(text):
        back = (today.weekday() - _index(found[1])) % 7
        return DayFound(today - dt.timedelta(days=back), _cut(text, found))
    return None


def _dated(text: str, month_first: bool, today: dt.date) -> dt.date | None:
    if day := parse_date(text, month_first):
        return day
    mark = "/" if "/" in text else " "
    years = (today.year - 1, today.year, today.year + 1)
    days = [day for year in years if (day := parse_date(f"{text.replace('.', '')}{mark}{year}", month_first))]
    return min(days, key=lambda day: abs((day - today).days), default=None)


def _index(weekday: str) -> int:
    return _WEEKDAYS.index(weekday[:3].lower())


def _cut(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"
