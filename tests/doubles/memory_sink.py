"""A NoteSink that keeps notes in memory, and fails on demand."""

import hashlib
from collections.abc import Mapping, Sequence

from bot.domain.errors import Conflict, EffectError
from bot.ports import Clock, FiledNote, Receipt


class MemorySink:
    """`stored`: key → files. Each error handed to `fail_with` is raised once, in order.

    With `after=True` the note is stored first: the answer is lost, as on a broken connection.
    """

    def __init__(self, clock: Clock) -> None:
        self.stored: dict[str, Mapping[str, bytes]] = {}
        self.notes: dict[str, FiledNote] = {}
        self.puts = 0
        self.problems: list[str] = []
        self._clock = clock
        self._faults: list[tuple[EffectError, bool]] = []

    def fail_with(self, *errors: EffectError, after: bool = False) -> None:
        """Raise these, one a put."""
        self._faults += [(error, after) for error in errors]

    async def check(self) -> Sequence[str]:
        return tuple(self.problems)

    async def close(self) -> None:
        """Nothing to let go of."""

    async def put(self, note: FiledNote, files: Mapping[str, bytes], key: str) -> Receipt:
        self.puts += 1
        fault, after = self._faults.pop(0) if self._faults else (None, False)
        if fault and not after:
            raise fault
        outcome = "already" if key in self.stored else "stored"
        if self.stored.setdefault(key, dict(files)) != dict(files):
            raise Conflict("memory_other_content", key)
        self.notes.setdefault(key, note)
        if fault:
            raise fault
        primary = next(iter(files.values()), b"")
        return Receipt(f"memory/{note.note_id}", hashlib.sha256(primary).hexdigest(), outcome, self._clock.now())
