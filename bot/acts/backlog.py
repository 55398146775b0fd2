"""`backlog` in every chat: what waits for a note, writing the next one, no-shows, and what follows on signing."""

from dataclasses import replace

from bot.acts.day import Doing, Feature, Opens, Sends, Typed
from bot.acts.front import Front
from bot.acts.presses import Press, note_in
from bot.acts.sent_forms import Sent, new_note_in
from bot.cards import backlog_words as words
from bot.cards.backlog_screens import (
    Counts,
    Line,
    backlog_card,
    is_overdue,
    next_form,
    set_aside_card,
    write_form,
)
from bot.cards.elements import Card, Form
from bot.cards.forms import new_note_form
from bot.domain.appointments import Appointment
from bot.domain.errors import UserMistake
from bot.domain.ids import AppointmentId, NoteId, new_note_id
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.workflows.backlog import backlog, next_session, own_session, set_aside, take_up
from bot.workflows.desk import open_note
from bot.workflows.start_draft import NewNote, start_draft


async def show_backlog(doing: Doing, _: str = "") -> Card:
    """What waits. Raises NotAllowed."""
    found = await backlog(doing.desk, doing.person)
    lines = [
        Line(each.appointment, each.state.value if each.state else "", is_overdue(each.appointment, found.now))
        for each in found.items
    ]
    states = sorted((each.state.value if each.state else "", each.count) for each in found.standing)
    return backlog_card(lines, Counts(tuple(states), found.overdue, found.signed, found.held, found.today))


async def after_signing(front: Front, person: Person | None, note_id: NoteId) -> Form | None:
    """What stands in the signing dialog's place once the note is signed; None when nothing is left to write.

    After one of several that were sent at once the next of those comes, below its card.
    """
    if person is None or not person.writes or (await open_note(front.desk, note_id)).note.batch:
        return None
    found = await next_session(front.desk, person)
    return next_form(found.appointment, found.waiting) if found else None


async def _open(doing: Doing, pressed: Press) -> Form:
    return await _write(doing, AppointmentId(pressed.note_id))


async def _write(doing: Doing, appointment_id: AppointmentId) -> Form:
    appointment = await own_session(doing.desk, doing.person, appointment_id)
    return _form(doing, appointment)


def _form(doing: Doing, appointment: Appointment) -> Form:
    clinician, session = allow(doing.person, ActKind.WRITE), appointment.session
    format_id = doing.desk.format_for(clinician, None, session.kind)
    form = new_note_form(doing.desk.offered, format_id, appointment.client_code, session)
    return write_form(form, appointment, new_note_id())


async def _written(doing: Doing, sent: Sent) -> None:
    new = new_note_in(doing.desk, sent, doing.person, doing.via)
    started = await start_draft(doing.desk, doing.person, replace(new, appointment=_of(sent), source=_source(doing)))
    if not started.again:
        await doing.front.work.draft(doing.desk.id, started.note_id)


async def _as_opened(doing: Doing, sent: Sent) -> Form:
    return await _write(doing, _of(sent))


async def _next(doing: Doing, sent: Sent) -> Form | str:
    """The session that was named, or what is next by now when it has its note meanwhile."""
    try:
        return await _write(doing, _of(sent))
    except UserMistake:
        found = await next_session(doing.desk, doing.person)
    return _form(doing, found.appointment) if found else words.DONE


async def _next_again(doing: Doing, _: Sent) -> Form:
    found = await next_session(doing.desk, doing.person)
    if found is None:
        raise UserMistake("nothing_waits", words.DONE)
    return next_form(found.appointment, found.waiting)


async def _no_show(doing: Doing, pressed: Press) -> Card:
    """The brief note: its clinician says by this press that nobody came."""
    appointment = await own_session(doing.desk, doing.person, AppointmentId(pressed.note_id))
    session = replace(appointment.session, kind="no_show")
    new = NewNote(
        summary=words.NO_SHOW_SUMMARY,
        source=_source(doing),
        via=doing.via,
        client_code=appointment.client_code,
        session=session,
        appointment=appointment.id,
    )
    started = await start_draft(doing.desk, doing.person, new)
    await doing.front.work.draft(doing.desk.id, started.note_id)
    return await show_backlog(doing)


async def _set_aside(doing: Doing, pressed: Press) -> Card:
    return set_aside_card(await set_aside(doing.desk, doing.person, AppointmentId(pressed.note_id), doing.via))


async def _take_up(doing: Doing, pressed: Press) -> Card:
    await take_up(doing.desk, doing.person, AppointmentId(pressed.note_id), doing.via)
    return await show_backlog(doing)


async def _back(doing: Doing, _: Press) -> Card:
    return await show_backlog(doing)


def _of(sent: Sent) -> AppointmentId:
    return AppointmentId(note_in(sent.note_id))


def _source(doing: Doing) -> str:
    return doing.delivery or f"{doing.via}:{new_note_id()}"


FEATURE = Feature(
    commands={"backlog": Typed(show_backlog)},
    opens={"day_open_write": Opens(words.FORM_TITLE, _open)},
    presses={"day_no_show": _no_show, "day_set_aside": _set_aside, "day_take_up": _take_up, "day_backlog": _back},
    forms={
        "day_write": Sends(words.FORM_TITLE, _written, _as_opened),
        "day_next": Sends(words.SIGNED_TITLE, _next, _next_again),
    },
)
