"""People whom an administrator set, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.errors import Stale
from bot.domain.ids import PersonId
from bot.domain.roster import CHANGED, Member

_Kept = dict[PersonId, Member]


class MemoryPeople:
    """See `bot.practice_ports.People`. `reads` and `changes` give the people of the unit's store, or refuse."""

    def __init__(self, reads: Callable[[], _Kept], changes: Callable[[], _Kept]) -> None:
        self._reads, self._changes = reads, changes

    async def all(self) -> Sequence[Member]:
        return [member for _, member in sorted(self._reads().items())]

    async def save(self, member: Member, seen: int, by: PersonId | None, at: datetime) -> None:
        kept = self._changes()
        known = kept.get(member.person.id)
        if (known.revision if known else 0) != seen:
            raise Stale("stale_person", CHANGED)
        kept[member.person.id] = replace(member, revision=seen + 1)

    async def revision(self) -> int:
        return sum(member.revision for member in self._reads().values())
