"""Measures a note when it is signed for good: ids and times, no text. Part of the transaction that signs."""

from zoneinfo import ZoneInfo

from bot.day_ports import Measure
from bot.domain.note import Note, State
from bot.ports import UnitOfWork
from bot.workflows.desk import Desk
from bot.workflows.review_rounds import changed


async def measure_note(desk: Desk, unit: UnitOfWork, note: Note) -> None:
    """Keep what signing this note took. What follows a signed note is not measured: nothing was drafted there."""
    if note.link or note.state is not State.APPROVED:
        return
    person = desk.practice.person(note.clinician_id)
    zone = ZoneInfo(person.timezone if person else desk.practice.timezone)
    own = next(signature for signature in reversed(note.standing) if signature.person_id == note.clinician_id)
    due = desk.due_of(note.clinician_id, note.client_code, note.session)
    await unit.measures.put(
        Measure(
            note_id=note.id,
            clinician=note.clinician_id,
            started_at=note.created_at,
            signed_at=own.at,
            same_day=note.session.date == own.at.astimezone(zone).date(),
            changed=changed(note),
            late=due is not None and own.at > due,
        )
    )
