"""When somebody is reminded of what waits: at the end of their working day, where they are. Pure: no clock in here."""

import datetime as dt
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.preferences import Preferences
from bot.domain.review_times import Calendar


class Kind(StrEnum):
    """`DAY`: at the time they chose. `SNOOZE`: once more on that day, since they put it off."""

    DAY = "day"
    SNOOZE = "snooze"


def due(chosen: Preferences, calendar: Calendar, timezone: str, now: datetime) -> tuple[Kind, dt.date] | None:
    """What is to be sent by now, and of which local day; None when nothing is.

    Not on days off, not in quiet hours, and never on a later day than its own: what was missed while nobody was up is
    sent late on its day or not at all.
    """
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    day = local.date()
    if not chosen.remind or _is_off(chosen, calendar, day) or _is_quiet(chosen, calendar, local.time()):
        return None
    put_off = chosen.snoozed_until
    if put_off and put_off.astimezone(zone).date() == day:
        return (Kind.SNOOZE, day) if now >= put_off else None
    at = datetime.combine(day, chosen.remind_at, zone).astimezone(dt.UTC)
    return (Kind.DAY, day) if now >= at else None


def _is_off(chosen: Preferences, calendar: Calendar, day: dt.date) -> bool:
    if day in calendar.holidays or (chosen.away_until and day <= chosen.away_until):
        return True
    return day.weekday() not in (calendar.working_days if chosen.working_days is None else chosen.working_days)


def _is_quiet(chosen: Preferences, calendar: Calendar, local: dt.time) -> bool:
    if chosen.quiet is None:
        return calendar.quiet_at(local)
    begins, ends = chosen.quiet
    return Calendar(quiet_from=begins, quiet_until=ends).quiet_at(local)
