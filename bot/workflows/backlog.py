"""A clinician's backlog: sessions whose note is not signed, what is due first first, and what they say of one."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.day_ports import Listed, Standing
from bot.domain.appointments import Appointment, Attendance
from bot.domain.errors import NotFound, Stale
from bot.domain.ids import AppointmentId
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.ports import Act, UnitOfWork
from bot.workflows.desk import Desk

_SHOWN = 25
_DAYS_BACK = 14
_MOST_A_DAY = 1000


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits. `standing`: counts by state of all of it. `signed` of `held` sessions of the last two weeks.

    `today`: how many notes were signed since midnight where they are, of whatever day: what a sitting came to.
    """

    items: tuple[Listed, ...]
    standing: tuple[Standing, ...]
    signed: int
    held: int
    now: datetime
    timezone: str
    today: int = 0

    @property
    def total(self) -> int:
        """How many wait."""
        return sum(each.count for each in self.standing)

    @property
    def overdue(self) -> int:
        """How many of them are past the payer's deadline."""
        return sum(each.overdue for each in self.standing)


@dataclass(frozen=True, slots=True)
class Next:
    """The session to write for next, and how many wait in all for a summary."""

    appointment: Appointment
    waiting: int


async def backlog(desk: Desk, actor: Person | None) -> Backlog:
    """One's own. Raises NotAllowed for who writes no notes."""
    person, now = allow(actor, ActKind.LIST), desk.clock.now()
    async with desk.database.reading(desk.id) as unit:
        items = await unit.appointments.waiting(person.id, now, _SHOWN)
        standing = await unit.appointments.standing(now, person.id)
        done = await unit.measures.since(_midnight(desk, person), person.id, _MOST_A_DAY)
        recent = await unit.appointments.between(person.id, now - timedelta(days=_DAYS_BACK), now, 1000)
    held = [each.appointment for each in recent if _counts(each.appointment)]
    signed = sum(each.settled_at is not None for each in held)
    return Backlog(tuple(items), tuple(standing), signed, len(held), now, person.timezone, len(done))


async def next_session(desk: Desk, actor: Person | None) -> Next | None:
    """The one to write for next: without a summary, and due first. Raises NotAllowed."""
    person, now = allow(actor, ActKind.LIST), desk.clock.now()
    async with desk.database.reading(desk.id) as unit:
        standing = await unit.appointments.standing(now, person.id)
        waiting = sum(each.count for each in standing if each.state is None)
        begun = sum(each.count for each in standing if each.state is not None)
        items = await unit.appointments.waiting(person.id, now, begun + 1) if waiting else ()  # one is not begun
    first = next((each.appointment for each in items if each.state is None), None)
    return Next(first, waiting) if first else None


async def own_session(desk: Desk, actor: Person | None, appointment_id: AppointmentId) -> Appointment:
    """A session of one's own that waits for its note. Raises NotFound, NotAllowed; Stale when it has one."""
    person = allow(actor, ActKind.LIST)
    async with desk.database.reading(desk.id) as unit:
        return await _own(unit, person, appointment_id)


async def set_aside(desk: Desk, actor: Person | None, appointment_id: AppointmentId, via: str) -> Appointment:
    """Its clinician says that a session needs no note. Harmless when they did; raises as `own_session`."""
    return await _said(desk, actor, appointment_id, "session set aside", via, wanted=False)


async def take_up(desk: Desk, actor: Person | None, appointment_id: AppointmentId, via: str) -> Appointment:
    """It needs a note after all."""
    return await _said(desk, actor, appointment_id, "session taken up", via, wanted=True)


async def _said(
    desk: Desk, actor: Person | None, appointment_id: AppointmentId, act: str, via: str, *, wanted: bool
) -> Appointment:
    person = allow(actor, ActKind.LIST)
    async with desk.database.writing(desk.id) as unit:
        before = await _own(unit, person, appointment_id)
        if before.wanted == wanted:
            return before
        after = replace(before, wanted=wanted)
        await unit.appointments.save(after, before)
        await unit.audit.append(Act(person.id, act, None, 0, "", desk.clock.now(), via))
        await unit.commit()
    return after


async def _own(unit: UnitOfWork, person: Person, appointment_id: AppointmentId) -> Appointment:
    found = await unit.appointments.get(appointment_id)
    if found.clinician_id != person.id:
        raise NotFound("session_not_found", "I can't find that session among yours. Type backlog to see what waits.")
    if found.note_id is not None:
        raise Stale("session_has_note", "This session has its note already. Type backlog to see what is left.")
    return found


def _midnight(desk: Desk, person: Person) -> datetime:
    return datetime.combine(desk.today(person), time(), ZoneInfo(person.timezone)).astimezone(UTC)


def _counts(appointment: Appointment) -> bool:
    return appointment.wanted and appointment.attendance is not Attendance.CANCELLED
