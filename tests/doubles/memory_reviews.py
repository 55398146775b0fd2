"""Rounds of review in memory."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.domain.ids import NoteId, PersonId
from bot.practice_ports import ReviewRow

Rows = dict[tuple[NoteId, int], ReviewRow]


class MemoryReviews:
    """See `bot.practice_ports.Reviews`."""

    def __init__(self, reads: Callable[[], Rows], changes: Callable[[NoteId], Rows]) -> None:
        self._reads, self._changes = reads, changes

    async def put(self, row: ReviewRow) -> None:
        self._changes(row.note_id)[row.note_id, row.round] = row

    async def of(self, note_id: NoteId) -> Sequence[ReviewRow]:
        return sorted((row for row in self._reads().values() if row.note_id == note_id), key=lambda row: row.round)

    async def waiting(self, supervisor: PersonId | None, limit: int) -> Sequence[ReviewRow]:
        waits = [row for row in self._undecided() if supervisor is None or supervisor in row.supervisors]
        return sorted(waits, key=lambda row: (row.due_at, row.note_id))[:limit]

    async def due(self, at: datetime, limit: int) -> Sequence[ReviewRow]:
        due = [(row.next_at, row.note_id, row) for row in self._undecided() if row.next_at and row.next_at <= at]
        return [row for _, _, row in sorted(due, key=lambda each: each[:2])][:limit]

    async def since(self, at: datetime, limit: int) -> Sequence[ReviewRow]:
        asked = [row for row in self._reads().values() if row.asked_at >= at]
        return sorted(asked, key=lambda row: (row.asked_at, row.note_id, row.round), reverse=True)[:limit]

    def _undecided(self) -> list[ReviewRow]:
        return [row for row in self._reads().values() if row.outcome is None]
