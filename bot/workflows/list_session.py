"""Keeps a clinician's list of sessions in line with their notes: each note is about one session, signed or waiting.

A note that fits a session on the list is about that one; any other puts its own session on the list.
"""

from dataclasses import replace

from bot.domain.appointments import Appointment, Attendance
from bot.domain.errors import NotFound
from bot.domain.ids import AppointmentId, new_appointment_id
from bot.domain.note import Note, Session, State
from bot.domain.policy import SIGNED
from bot.ports import UnitOfWork
from bot.workflows.desk import Desk

_MOST, _AT_ONCE = 10_000, 50
OF_NOTE = "note"  # the origin of a session that its note put on the list


async def keep_listed(desk: Desk, unit: UnitOfWork, note: Note) -> Appointment | None:
    """The session that the note is about, as it stands after this change of the note. Of what follows a note: None."""
    if note.link:
        return None
    now = await unit.appointments.of_note(note.id)
    if note.state is State.DISCARDED:
        if now:
            await _leave(unit, now)
        return None
    if now and now.origin != OF_NOTE and fits(now, note):
        return await _settled(unit, note, now)
    found = await find_session(unit, note)
    if now and (found or now.origin != OF_NOTE):
        await _leave(unit, now)
        now = None
    if found:
        return await _settled(unit, note, found)
    own = _own(desk, note, now)
    if now is None:
        await unit.appointments.add(own, note.created_at)
    elif own != now:
        await unit.appointments.save(own, now)
    return own


async def list_unsigned(desk: Desk) -> int:
    """Put notes that were begun before there were lists on their clinicians’ lists; how many. Safe to repeat."""
    listed = 0
    for person in desk.practice.people:
        async with desk.database.reading(desk.id) as unit:
            waiting = [note_id for note_id, _ in await unit.notes.unsigned(person.id, _MOST)]
            absent = [note_id for note_id in waiting if await unit.appointments.of_note(note_id) is None]
        for first in range(0, len(absent), _AT_ONCE):
            async with desk.database.writing(desk.id) as unit:
                for note_id in absent[first : first + _AT_ONCE]:
                    listed += await keep_listed(desk, unit, await unit.notes.get(note_id)) is not None
                await unit.commit()
    return listed


async def take_session(desk: Desk, unit: UnitOfWork, note: Note, found: Appointment | None) -> None:
    """A note that was just begun is about the session that was found for it, else it puts its own on the list."""
    if found:
        await _settled(unit, note, found)
    else:
        await unit.appointments.add(_own(desk, note, None), note.created_at)


async def find_session(unit: UnitOfWork, note: Note, chosen: AppointmentId | None = None) -> Appointment | None:
    """The session on the list that a note fits, if it has no other note: the one chosen, else by client and day."""
    if chosen:
        try:
            wanted = await unit.appointments.get(chosen)
        except NotFound:
            wanted = None
        if wanted and wanted.clinician_id == note.clinician_id and _is_free(wanted, note) and fits(wanted, note):
            return wanted
    if not note.client_code or note.session.date is None:
        return None
    of_day = await unit.appointments.on_day(note.clinician_id, note.client_code, note.session.date)
    free = [each for each in of_day if each.origin != OF_NOTE and _is_free(each, note) and fits(each, note)]
    return free[0] if free else None


def fits(appointment: Appointment, note: Note) -> bool:
    """Whether a note may be about this session: nothing that both say differs."""
    code, session, has = note.client_code, note.session, appointment.session
    same_client = not code or code.upper() == appointment.client_code.upper()
    same_day = session.date in (None, has.date)
    return same_client and same_day and (session.start is None or has.start in (None, session.start))


def filled(note: Note, appointment: Appointment) -> Note:
    """A note that is not drafted yet, with what its session's calendar knows and its clinician did not type."""
    typed, known = note.session, appointment.session
    session = Session(
        date=typed.date or known.date,
        start=typed.start or known.start,
        minutes=typed.minutes or known.minutes,
        kind=known.kind if typed.kind == "individual" else typed.kind,
        modality=typed.modality or known.modality,
    )
    return replace(note, client_code=note.client_code or appointment.client_code, session=session)


def _is_free(appointment: Appointment, note: Note) -> bool:
    return appointment.note_id in (None, note.id) and appointment.attendance is not Attendance.CANCELLED


async def _settled(unit: UnitOfWork, note: Note, appointment: Appointment) -> Appointment:
    at = note.standing[-1].at if note.state in SIGNED and note.standing else None
    settled = replace(appointment, note_id=note.id, settled_at=at)
    if settled != appointment:
        await unit.appointments.save(settled, appointment)
    return settled


async def _leave(unit: UnitOfWork, appointment: Appointment) -> None:
    """Without its note a session waits for another; one that only its note spoke of is gone."""
    if appointment.origin == OF_NOTE:
        await unit.appointments.remove(appointment.id)
    else:
        await unit.appointments.save(replace(appointment, note_id=None, settled_at=None), appointment)


def _own(desk: Desk, note: Note, now: Appointment | None) -> Appointment:
    person = desk.practice.person(note.clinician_id)
    return Appointment(
        id=now.id if now else new_appointment_id(),
        clinician_id=note.clinician_id,
        client_code=note.client_code,
        session=note.session,
        timezone=person.timezone if person else desk.practice.timezone,
        attendance=Attendance.NO_SHOW if note.session.kind == "no_show" else Attendance.HELD,
        origin=OF_NOTE,
        note_id=note.id,
        due_at=desk.due_of(note.clinician_id, note.client_code, note.session),
        settled_at=note.standing[-1].at if note.state in SIGNED and note.standing else None,
    )
