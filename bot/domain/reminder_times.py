"""When somebody is reminded of what waits: at the end of their working day, where they are. Pure: no clock in here."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.preferences import Preferences
from bot.domain.review_times import Calendar

DAY = "day"
"""The kind of the reminder at the time they chose. One that was put off has a kind of its own, see `snoozed`."""


def snoozed(until: datetime) -> str:
    """The kind of a reminder that was put off until then: each time that somebody puts it off is another one."""
    return f"snooze {until.astimezone(dt.UTC):%H:%M:%S}"


def due(chosen: Preferences, calendar: Calendar, timezone: str, now: datetime) -> tuple[dt.date, Sequence[str]]:
    """The local day, and the kinds of reminder that one message should settle by now; none while it is put off.

    Not on days off, not in quiet hours, and never on a later day than its own: what was missed while nobody was up is
    sent late on its day or not at all.
    """
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    day = local.date()
    if not chosen.remind or is_off(chosen, calendar, day) or quiet_hours(chosen, calendar).quiet_at(local.time()):
        return day, ()
    until = chosen.snoozed_until
    put_off = until if until and until.astimezone(zone).date() == day else None
    if put_off and now < put_off:
        return day, ()
    at = datetime.combine(day, chosen.remind_at, zone).astimezone(dt.UTC)
    return day, ([DAY] if now >= at else []) + ([snoozed(put_off)] if put_off else [])


def quiet_hours(chosen: Preferences, calendar: Calendar) -> Calendar:
    """The calendar whose quiet hours hold for this person: with their own, or else the practice's."""
    if chosen.quiet is None:
        return calendar
    begins, ends = chosen.quiet
    return replace(calendar, quiet_from=begins, quiet_until=ends)


def is_off(chosen: Preferences, calendar: Calendar, day: dt.date) -> bool:
    """Whether nobody reminds them on this day: a holiday, no working day of theirs, or they are away."""
    if day in calendar.holidays or (chosen.away_until and day <= chosen.away_until):
        return True
    return day.weekday() not in (calendar.working_days if chosen.working_days is None else chosen.working_days)
