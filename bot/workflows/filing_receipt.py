"""What a receipt makes of a note, and of those that waited for it."""

from collections.abc import Awaitable, Callable, Sequence

from bot.domain.after_filing import signed_among
from bot.domain.filing import Filing, FilingState, Receipt
from bot.domain.ids import NoteId, PersonId, PracticeId
from bot.domain.note import Note, State
from bot.ports import UnitOfWork
from bot.workflows.desk import Desk

Begin = Callable[[PracticeId, NoteId, str], Awaitable[None]]
"""Has a note filed at a place: `bot.ports.Work.file`."""


async def receipt_kept(
    desk: Desk,
    unit: UnitOfWork,
    note: Note,
    target: str,
    receipt: Receipt,
    actor: PersonId | None = None,
    via: str = "",
) -> bool:
    """Keep the proof; the record's makes the note a filed one. False when there was one already."""
    if not await unit.ledger.stored(note.id, target, receipt):
        return False
    record = (await unit.ledger.of(note.id))[0].target
    if target != record:
        await unit.audit.append(desk.act(actor, f"copied ({target})", note, via))
        return True
    await note_filed(desk, unit, note, actor, via)
    return True


async def note_filed(desk: Desk, unit: UnitOfWork, note: Note, actor: PersonId | None = None, via: str = "") -> None:
    """The record has the note."""
    if note.state in (State.APPROVED, State.FILING):
        await unit.notes.save(note.filing().filed(), note)
    await unit.audit.append(desk.act(actor, "filed", note, via))


async def begin_waiting(desk: Desk, note_id: NoteId, target: str, begin: Begin) -> None:
    """Begin to file at this place what waited for the note to be there."""
    async with desk.database.reading(desk.id) as unit:
        linked = signed_among(await unit.notes.linked_to(note_id))
        if not linked or not is_stored_at(await unit.ledger.of(note_id), target):
            return
        waiting = [note.id for note in linked if not is_stored_at(await unit.ledger.of(note.id), target)]
    for waits in waiting:
        await begin(desk.id, waits, target)


def is_stored_at(rows: Sequence[Filing], target: str) -> bool:
    """Whether the note of these rows is there."""
    return any(row.target == target and row.state is FilingState.STORED for row in rows)
