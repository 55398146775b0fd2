"""The worker's part of drafting: from the kept summary to a first version."""

import asyncio
import contextlib

from bot.domain.errors import Temporary
from bot.domain.ids import NoteId
from bot.domain.note import State
from bot.drafting.sorter import sort
from bot.workflows.desk import Desk
from bot.workflows.goals_of_note import with_suggestion
from bot.workflows.show_note import Screens

_PATIENCE = 0.3  # seconds before a person wants to see that something happens


async def draft_note(desk: Desk, note_id: NoteId) -> bool:
    """Draft the note unless that is done already; says whether this call did it. No transaction spans the drafting."""
    async with desk.database.reading(desk.id) as unit:
        note = await unit.notes.get(note_id)
        plan = await desk.plan_of(unit, note)
    if note.state is not State.DRAFTING:
        return False
    drafted = note.drafted(await asyncio.to_thread(sort, note.summary))
    drafted = await asyncio.to_thread(with_suggestion, drafted, plan)
    async with desk.database.writing(desk.id) as unit:
        await unit.notes.save(drafted, note)
        await unit.audit.append(desk.act(None, "drafted", drafted))
        await unit.commit()
    return True


async def draft_and_show(desk: Desk, screens: Screens, note_id: NoteId) -> None:
    """What the person sees of it: the draft, or a card that says “Drafting…” first when that takes a while.

    (A card posted at once would stay behind as “Drafting…” if this process died before it kept the card's address.)
    A chat that does not answer keeps nobody from drafting; the last showing raises Temporary or Permanent.
    """
    drafting = asyncio.create_task(draft_note(desk, note_id))
    _, unfinished = await asyncio.wait({drafting}, timeout=_PATIENCE)
    if unfinished:
        with contextlib.suppress(Temporary):
            await screens.show(note_id)
    await drafting
    await screens.show(note_id)
