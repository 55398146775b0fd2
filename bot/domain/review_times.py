"""When a review is due, and when to remind of it, add somebody, or tell an administrator. Pure: no clock in here.

Hours are counted on working days; days and hours are those of a time zone, its changes of clocks included.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.ids import PersonId
from bot.domain.note import Session

_LONGEST_OFF = 60  # days without a working day in a row, at most; more is a mistake in the practice's file
_SOONEST = 1 / 12  # of the usual time until something happens, however near the payer's deadline is
_DAILY = 24.0  # hours on working days from one reminder to the next once everything else was done


@dataclass(frozen=True, slots=True)
class Calendar:
    """When people work. `working_days`: 0 is Monday. Quiet from `quiet_from` until `quiet_until`, over midnight too.

    The same time twice: never quiet.
    """

    working_days: frozenset[int] = frozenset(range(5))
    holidays: frozenset[dt.date] = frozenset()
    quiet_from: dt.time = dt.time(20)
    quiet_until: dt.time = dt.time(7)

    def works_on(self, day: dt.date) -> bool:
        """Whether this is a working day."""
        return day.weekday() in self.working_days and day not in self.holidays

    def quiet_at(self, local: dt.time) -> bool:
        """Whether this time of day is in the quiet hours."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= local < self.quiet_until
        return local >= self.quiet_from or local < self.quiet_until

    def is_open(self, at: datetime, timezone: str) -> bool:
        """Whether somebody in this zone may be written to at this moment."""
        local = at.astimezone(ZoneInfo(timezone))
        return self.works_on(local.date()) and not self.quiet_at(local.time())

    def next_open(self, at: datetime, timezone: str) -> datetime:
        """The first moment from `at` on at which somebody in this zone may be written to."""
        zone = ZoneInfo(timezone)
        day = at.astimezone(zone).date()
        for ahead in range(_LONGEST_OFF + 1):
            for moment in self._openings(day + timedelta(days=ahead), zone):
                candidate = max(moment, at)
                if self.is_open(candidate, timezone):
                    return candidate
        return at

    def after(self, at: datetime, hours: float, timezone: str) -> datetime:
        """`hours` later, of which only those on working days count."""
        zone, left, now = ZoneInfo(timezone), timedelta(hours=hours), at.astimezone(dt.UTC)
        off = 0
        while off <= _LONGEST_OFF:
            day = now.astimezone(zone).date()
            midnight = _instant(day + timedelta(days=1), dt.time(), zone)
            if not self.works_on(day):
                now, off = midnight, off + 1
                continue
            off = 0
            if now + left <= midnight:
                return now + left
            left, now = left - (midnight - now), midnight
        return at + timedelta(hours=hours)

    def days_after(self, day: dt.date, count: int) -> dt.date:
        """The working day that is `count` working days after this day."""
        for _ in range(_LONGEST_OFF * (count + 1)):
            if count <= 0:
                break
            day += timedelta(days=1)
            count -= self.works_on(day)
        return day

    def _openings(self, day: dt.date, zone: ZoneInfo) -> Sequence[datetime]:
        """When a quiet time may end on this day; where clocks are put back, the same hour comes twice."""
        ends = [_instant(day, time, zone) for time in (dt.time(), self.quiet_until, self.quiet_until.replace(fold=1))]
        return sorted([*ends, *_put_forward(ends[2], ends[1], zone)])


@dataclass(frozen=True, slots=True)
class SignBy:
    """Until when a payer wants a session's note signed. 0: no such deadline."""

    hours: int = 0
    business_days: int = 0
    crisis_hours: int = 0


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """A practice's own: where reviews are announced, what of a note stands there, and what happens when nobody acts.

    `channels`: chat → id of its review channel. Hours are those on working days since a review was asked for.
    """

    channels: Mapping[str, str] = field(default_factory=dict[str, str])
    card_shows: tuple[str, ...] = ("client_code", "format", "clinician", "status", "age")
    escalate_to: tuple[PersonId, ...] = ()
    due_within_hours: int = 48
    remind_after_hours: tuple[int, ...] = (24, 48)
    escalate_after_hours: int = 72
    administrator_after_hours: int = 96
    calendar: Calendar = Calendar()
    sign_by: Mapping[str, SignBy] = field(default_factory=dict[str, SignBy])


class Stage(StrEnum):
    """What happens while nobody acts: a reminder, the next supervisor is asked too, administrators are told."""

    REMIND = "remind"
    ESCALATE = "escalate"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Step:
    """A stage, and after how many hours on working days."""

    stage: Stage
    hours: float


def steps(rules: ReviewRules) -> tuple[Step, ...]:
    """What happens in which order. Those whom to ask next share the time until the administrators are told."""
    first, last = rules.escalate_after_hours, max(rules.administrator_after_hours, rules.escalate_after_hours)
    others = len(rules.escalate_to)
    asked = [Step(Stage.ESCALATE, first + (last - first) * number / others) for number in range(others)]
    reminders = [Step(Stage.REMIND, hours) for hours in rules.remind_after_hours]
    told = Step(Stage.ADMINISTRATOR, last)
    return (*sorted([*reminders, *asked], key=lambda step: step.hours), told)


def step(rules: ReviewRules, number: int) -> Step:
    """What comes after `number` steps; after all of them a reminder every working day."""
    planned = steps(rules)
    if number < len(planned):
        return planned[number]
    return Step(Stage.REMIND, planned[-1].hours + _DAILY * (number - len(planned) + 1))


def due_at(rules: ReviewRules, asked_at: datetime, timezone: str, payer_until: datetime | None) -> datetime:
    """Until when a review is asked for: the practice's own time, or the payer's when that comes first, if not over."""
    own = rules.calendar.after(asked_at, rules.due_within_hours, timezone)
    return min(own, payer_until) if payer_until and payer_until > asked_at else own


def step_at(rules: ReviewRules, number: int, asked_at: datetime, due: datetime, timezone: str) -> datetime:
    """When the step after `number` steps is. Where the payer leaves less time than usual, all comes sooner."""
    usual = rules.calendar.after(asked_at, rules.due_within_hours, timezone) - asked_at
    share = max(_SOONEST, min(1.0, (due - asked_at) / usual)) if usual else 1.0
    return rules.calendar.after(asked_at, step(rules, number).hours * share, timezone)


def payer_until(by: SignBy, session: Session, calendar: Calendar, timezone: str) -> datetime | None:
    """Until when the payer wants the note of a session signed; None without a deadline, or a date."""
    if session.date is None:
        return None
    zone = ZoneInfo(timezone)
    held = _instant(session.date, session.start or dt.time(23, 59), zone)
    hours = by.crisis_hours if session.kind == "crisis" and by.crisis_hours else by.hours
    if hours:
        return held + timedelta(hours=hours)
    if not by.business_days:
        return None
    return _instant(calendar.days_after(session.date, by.business_days), dt.time(23, 59), zone)


def _instant(day: dt.date, time: dt.time, zone: ZoneInfo) -> datetime:
    """This time of this day, in UTC; one that the change of clocks leaves out is the one an hour later."""
    return datetime.combine(day, time, zone).astimezone(dt.UTC)


def _put_forward(earliest: datetime, latest: datetime, zone: ZoneInfo) -> Sequence[datetime]:
    """The moment at which clocks jump over an hour in between: whatever was to happen then happens at once."""
    if earliest >= latest:
        return ()
    before = earliest.astimezone(zone).utcoffset()
    while latest - earliest > timedelta(seconds=1):
        middle = earliest + (latest - earliest) / 2
        if middle.astimezone(zone).utcoffset() == before:
            earliest = middle
        else:
            latest = middle
    return (latest.replace(microsecond=0),)
