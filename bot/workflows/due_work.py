"""What should be running, read from the notes' own states and the ledger: the reconciler starts it when it is not."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.domain.ids import NoteId
from bot.domain.note import OPEN, State
from bot.ports import UnitOfWork
from bot.workflows.desk import Desk

_AT_ONCE = 500


class Due(NamedTuple):
    """`draft`, `reword`, `show` or `file` of a note; filing has a target."""

    kind: str
    note_id: NoteId
    target: str = ""


async def due_work(desk: Desk) -> Sequence[Due]:
    """Everything that waits for a worker; filings when it is time."""
    due: list[Due] = []
    now = desk.clock.now()
    async with desk.database.reading(desk.id) as unit:
        due += [Due("draft", note_id) for note_id in await unit.notes.in_states([State.DRAFTING], _AT_ONCE)]
        due += [Due("reword", note_id) for note_id in await unit.notes.waiting(_AT_ONCE)]
        of_batches = await _of_batches(unit)
        for note_id in await unit.notes.in_states(OPEN, _AT_ONCE):
            if note_id not in of_batches and not await unit.cards.of(note_id):
                due.append(Due("show", note_id))
        due += await _without_rows(desk, unit)
        due += [Due("file", note_id, target) for note_id, target in await unit.ledger.due(now, _AT_ONCE)]
    return due


async def _of_batches(unit: UnitOfWork) -> set[NoteId]:
    """Notes that came several at once and have no cards of their own while nobody looks at them."""
    batches = await unit.batches.open_ones(_AT_ONCE)
    return {each.note_id for batch in batches for each in await unit.batches.notes_of(batch.id)}


async def _without_rows(desk: Desk, unit: UnitOfWork) -> Sequence[Due]:
    """Signed notes that no row of the ledger speaks of. Signing opens the rows, so there should be none."""
    signed = await unit.notes.in_states([State.APPROVED], _AT_ONCE)
    lonely = [note_id for note_id in signed if not await unit.ledger.of(note_id)]
    return [Due("file", note_id, target) for note_id in lonely for target in desk.targets]
