"""When administrators get the week's counts: on the first working day of a week, in the morning. Pure."""

import datetime as dt
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.review_times import Calendar

DIGEST = "digest"  # its kind among what is sent once a person and day
AT = dt.time(8)
_WEEK = dt.timedelta(days=7)


def due_week(calendar: Calendar, timezone: str, now: datetime) -> dt.date | None:
    """The Monday of the week whose counts are to be sent by now, those of the week before it; None when none are.

    What was missed while nobody was up is sent later that week, on a working day and outside quiet hours, or not at
    all.
    """
    zone = ZoneInfo(timezone)
    day = now.astimezone(zone).date()
    monday = day - dt.timedelta(days=day.weekday())
    first = next((each for each in _days(monday) if calendar.works_on(each)), None)
    if first is None or not calendar.is_open(now, timezone):
        return None
    return monday if now >= _instant(first, AT, zone) else None


def week_before(monday: dt.date, timezone: str) -> tuple[datetime, datetime]:
    """From when until when the week before this Monday was, where the practice is."""
    zone = ZoneInfo(timezone)
    return _instant(monday - _WEEK, dt.time(), zone), _instant(monday, dt.time(), zone)


def _days(monday: dt.date) -> list[dt.date]:
    return [monday + dt.timedelta(days=ahead) for ahead in range(7)]


def _instant(day: dt.date, time: dt.time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time, zone).astimezone(dt.UTC)
