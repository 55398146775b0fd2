"""The practice's examples in memory."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.practice_ports import Example

_Kept = dict[str, Example | None]


class MemoryExamples:
    """See `bot.practice_ports.Examples`. `reads` and `changes` give the examples of the unit's store, or refuse.

    Of what was removed only the id is kept.
    """

    def __init__(self, reads: Callable[[], _Kept], changes: Callable[[], _Kept]) -> None:
        self._reads, self._changes = reads, changes

    async def add(self, example: Example) -> None:
        self._changes().setdefault(example.id, example)

    async def of_format(self, format_id: str, limit: int) -> Sequence[Example]:
        found = [each for each in self._reads().values() if each and each.format_id == format_id]
        return sorted(found, key=lambda each: (-each.at.timestamp(), each.id))[:limit]

    async def get(self, example_id: str) -> Example | None:
        return self._reads().get(example_id)

    async def remove(self, example_id: str, at: datetime) -> bool:
        kept = self._changes()
        if kept.get(example_id) is None:
            return False
        kept[example_id] = None
        return True
