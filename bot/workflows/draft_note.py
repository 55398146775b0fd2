"""The worker's part of drafting: from the kept summary to a first version."""

import contextlib

from bot.domain.errors import Temporary
from bot.domain.ids import NoteId
from bot.domain.note import State
from bot.drafting.sorter import sort
from bot.workflows.desk import Desk
from bot.workflows.show_note import Screens


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


async def draft_and_show(desk: Desk, screens: Screens, note_id: NoteId) -> None:
    """What the person sees of it: a card that says “Drafting…”, then the draft in its place.

    A chat that does not answer keeps nobody from drafting; the last showing raises Temporary or Permanent.
    """
    with contextlib.suppress(Temporary):
        await screens.show(note_id)
    await draft_note(desk, note_id)
    await screens.show(note_id)
