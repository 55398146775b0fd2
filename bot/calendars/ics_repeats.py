"""On which days an event that repeats takes place: at the same local time, whatever the clocks do."""

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dateutil.rrule import rrule, rrulestr

from bot.calendars.ics_events import Event, When

MOST_REPEATS = 50_000
"""Of one series, from its beginning: a daily one of more than a century."""

_PARTS = re.compile(r"[A-Z]+=[A-Z0-9,;+-]+", re.IGNORECASE)
_LONGEST_INTERVAL = 1_000
_TOO_OFTEN = frozenset(("SECONDLY", "MINUTELY", "HOURLY"))


class BadRule(Exception):
    """A rule that cannot be followed."""


class TooManyRepeats(Exception):
    """A series longer than any of sessions."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """One day of a series. `taken_out`: its calendar says that this one does not take place."""

    start: When
    taken_out: bool


def instance_key(when: When) -> str:
    """How one day of a series is named, in UTC: the same however its calendar writes the time."""
    if when.whole_day:
        return when.at.strftime("%Y%m%d")
    return when.at.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")


def repeats_of(event: Event, since: dt.datetime, until: dt.datetime) -> Iterator[Repeat]:
    """The days of a series that begin from `since` on and before `until`, in order, each once.

    Raises BadRule and TooManyRepeats.
    """
    days = {one.at: one for rule in event.rules for one in _by_rule(event, rule, until)}
    days |= {one.at: one for one in event.more}
    if not event.rules:
        days |= {event.start.at: event.start}
    moments = {one.at.astimezone(dt.UTC) for one in event.left_out if not one.whole_day}
    dates = {one.at.date() for one in event.left_out if one.whole_day}
    for at in sorted(days):
        if since <= at < until:
            yield Repeat(days[at], at.astimezone(dt.UTC) in moments or at.date() in dates)


def _by_rule(event: Event, text: str, until: dt.datetime) -> Iterator[When]:
    zone = event.start.at.tzinfo
    first = event.start.at.replace(tzinfo=None)
    last = until.astimezone(zone).replace(tzinfo=None)
    rule, count = _rule(text, first, last, event)
    try:
        for taken, at in enumerate(itertools.islice(rule, count), 1):
            if taken > MOST_REPEATS:
                raise TooManyRepeats
            yield When(at.replace(tzinfo=zone), event.start.whole_day, event.start.lost)
    except (ValueError, OverflowError):
        raise BadRule from None


def _rule(text: str, first: dt.datetime, last: dt.datetime, event: Event) -> tuple[rrule, int | None]:
    """The rule in local times, and how often it holds. It never goes on after `last`, so that none runs for ever."""
    parts = dict(part.upper().split("=", 1) for part in text.strip().strip(";").split(";") if _PARTS.fullmatch(part))
    every = parts.get("INTERVAL", "1")
    if parts.get("FREQ") in _TOO_OFTEN or not (every.isdecimal() and 0 < int(every) <= _LONGEST_INTERVAL):
        raise BadRule
    if any("," in parts.get(name, "") for name in ("BYHOUR", "BYMINUTE", "BYSECOND")):
        raise BadRule
    ends, count = parts.pop("UNTIL", ""), parts.pop("COUNT", "")
    if ends:
        last = min(last, _until(ends, event))
    try:
        plain = ";".join(f"{name}={value}" for name, value in parts.items())
        read = rrulestr(f"RRULE:{plain}", dtstart=first)
        if not isinstance(read, rrule):
            raise BadRule
        return read.replace(until=last), int(count) if count else None
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError):
        raise BadRule from None


def _until(text: str, event: Event) -> dt.datetime:
    """Until when a rule holds, in local time; a day counts to its end."""
    try:
        if len(text) == 8:
            return dt.datetime.strptime(text, "%Y%m%d") + dt.timedelta(days=1, seconds=-1)  # noqa: DTZ007 local on purpose
        read = dt.datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 local unless it ends in Z
    except ValueError:
        raise BadRule from None
    if text.endswith("Z"):
        return read.replace(tzinfo=dt.UTC).astimezone(event.start.at.tzinfo).replace(tzinfo=None)
    return read
