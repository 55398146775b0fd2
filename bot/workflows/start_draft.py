"""A summary arrives: keep it, durably, before anybody is told so."""

from dataclasses import dataclass

from bot.domain.errors import Stale
from bot.domain.ids import AppointmentId, NoteId, new_note_id
from bot.domain.note import Note, Session, State
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.drafting.guards import check_client_code, check_summary
from bot.workflows.desk import Desk
from bot.workflows.list_session import filled, find_session, take_session
from bot.workflows.revise_note import check_day


@dataclass(frozen=True, slots=True)
class NewNote:
    """What a clinician sent. `source` names the chat event, so a repeated delivery starts nothing new.

    `appointment`: the session on their list that it was written for, where that was chosen.
    """

    summary: str
    source: str
    via: str
    format_id: str | None = None
    client_code: str = ""
    session: Session = Session()
    files: tuple[str, ...] = ()
    appointment: AppointmentId | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """The note that stands for this summary; `again` when an earlier delivery had started it."""

    note_id: NoteId
    again: bool


async def start_draft(desk: Desk, actor: Person | None, new: NewNote) -> Started:
    """Persist the summary as a note that waits for its draft. Raises UserMistake with what to do instead."""
    clinician = allow(actor, ActKind.WRITE)
    check_summary(new.summary, new.files)
    if new.session.date:
        check_day(desk, actor, new.session.date)
    format_id = desk.format_for(clinician, new.format_id, new.session.kind)
    note = Note(
        id=new_note_id(),
        practice_id=desk.id,
        clinician_id=clinician.id,
        state=State.DRAFTING,
        format_id=format_id,
        summary=new.summary,
        created_at=desk.clock.now(),
        client_code=check_client_code(new.client_code) if new.client_code else "",
        session=new.session,
        source=new.source,
        format_version=desk.formats[format_id].version,
    )
    try:
        return await _keep(desk, note, new)
    except Stale:  # this delivery came before; looking first would cost every new summary a query
        async with desk.database.reading(desk.id) as unit:
            earlier = await unit.notes.by_source(new.source)
        if earlier is None:
            raise
        return Started(earlier, again=True)


async def _keep(desk: Desk, note: Note, new: NewNote) -> Started:
    async with desk.database.writing(desk.id) as unit:
        session = await find_session(unit, note, new.appointment)
        kept = filled(note, session) if session else note
        await unit.notes.add(kept)
        await take_session(desk, unit, kept, session)
        await unit.audit.append(desk.act(kept.clinician_id, "started", kept, new.via))
        await unit.commit()
    return Started(kept.id, again=False)
