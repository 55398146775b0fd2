"""A signed note whose filing a person has to answer, in a running product: the storage is away meanwhile."""

import asyncio
from pathlib import Path

from bot.domain.filing import Filing, FilingState
from bot.domain.ids import NoteId
from bot.domain.note import State
from bot.wiring import Running


async def signed_note(application: Running) -> NoteId:
    """The one note that is signed and not filed."""
    desk = application.desk
    async with asyncio.timeout(10):
        while True:
            async with desk.database.reading(desk.id) as unit:
                found = await unit.notes.in_states([State.APPROVED, State.FILING], 5)
            if found:
                return found[0]
            await asyncio.sleep(0.02)


async def end_as(application: Running, state: FilingState, code: str) -> NoteId:
    """Have the note's filing end in this state, as a worker would have left it, and its cards shown."""
    desk, note_id = application.desk, await signed_note(application)
    target = desk.targets[0]
    async with asyncio.timeout(20):
        while True:
            async with desk.database.writing(desk.id) as unit:
                now = desk.clock.now()
                if await unit.ledger.lease(note_id, target, "test", now, 60):
                    note = await unit.notes.get(note_id)
                    await unit.ledger.failed(note_id, target, "test", state, code, now, now.replace(year=now.year + 1))
                    if note.state is State.APPROVED:
                        await unit.notes.save(note.filing(), note)
                    await unit.commit()
                    break
            await asyncio.sleep(0.02)
    await application.work.show(desk.id, note_id)
    await application.work.idle(20)  # a run that found it unanswered must be over before somebody answers
    return note_id


async def filing_of(application: Running, note_id: NoteId) -> Filing:
    """How the record's filing stands."""
    desk = application.desk
    async with desk.database.reading(desk.id) as unit:
        return (await unit.ledger.of(note_id))[0]


def take_away(folder: Path) -> Path:
    """The storage as if it were not mounted; move it back to have it again."""
    away = folder / "elsewhere"
    (folder / "filed-notes").rename(away)
    return away
