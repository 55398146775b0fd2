"""The worker's part of drafting: from the kept summary to a first version."""

from bot.domain.ids import NoteId
from bot.domain.note import State
from bot.drafting.sorter import sort
from bot.workflows.desk import Desk


async def draft_note(desk: Desk, note_id: NoteId) -> bool:
    """Draft the note unless that is done already; says whether this call did it. No transaction spans the drafting."""
    async with desk.database.reading(desk.id) as unit:
        note = await unit.notes.get(note_id)
    if note.state is not State.DRAFTING:
        return False
    drafted = note.drafted(sort(note.summary))
    async with desk.database.writing(desk.id) as unit:
        await unit.notes.save(drafted, note)
        await unit.audit.append(desk.act(None, "drafted", drafted))
        await unit.commit()
    return True
