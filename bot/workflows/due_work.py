"""What should be running, read from the notes' own states: the reconciler starts it when it is not."""

from collections.abc import Sequence

from bot.domain.ids import NoteId
from bot.domain.note import State
from bot.workflows.desk import Desk

_AT_ONCE = 500


async def due_work(desk: Desk) -> Sequence[tuple[str, NoteId]]:
    """(`draft` | `reword` | `show` | `file`, note) for every note that waits for a worker; filings when it is time."""
    due: list[tuple[str, NoteId]] = []
    now = desk.clock.now()
    async with desk.database.reading(desk.id) as unit:
        due += [("draft", note_id) for note_id in await unit.notes.in_states([State.DRAFTING], _AT_ONCE)]
        due += [("reword", note_id) for note_id in await unit.notes.waiting(_AT_ONCE)]
        for note_id in await unit.notes.in_states([State.DRAFT], _AT_ONCE):
            if not await unit.cards.of(note_id):
                due.append(("show", note_id))
        for note_id in await unit.notes.in_states([State.APPROVED, State.FILING], _AT_ONCE):
            filings = await unit.ledger.of(note_id)
            if not filings or filings[0].next_at <= now:
                due.append(("file", note_id))
    return due
