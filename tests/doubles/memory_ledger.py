"""The ledger in memory. See `bot.ports.Ledger`."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.errors import NotFound
from bot.domain.filing import Filing, FilingState, Receipt, is_ahead, not_again
from bot.domain.ids import NoteId
from bot.domain.note import Note

_AT_REST = (FilingState.PENDING, FilingState.REFUSED)
_Place = tuple[NoteId, str]


@dataclass(frozen=True)
class Lease:
    holder: str = ""
    until: datetime | None = None

    def ran_out(self, at: datetime) -> bool:
        return self.until is not None and not is_ahead(self.until, at)


class _Rows(Protocol):
    @property
    def notes(self) -> Mapping[NoteId, Note]: ...
    @property
    def filings(self) -> dict[_Place, Filing]: ...
    @property
    def leases(self) -> dict[_Place, Lease]: ...


class MemoryLedger:
    """`reads` and `changes` give the rows, or refuse."""

    def __init__(self, reads: Callable[[], _Rows], changes: Callable[[], _Rows]) -> None:
        self._reads = reads
        self._changes = changes

    async def open(self, note_id: NoteId, targets: Sequence[str], at: datetime) -> None:
        store = self._changes()
        if note_id not in store.notes:
            raise NotFound("note_not_found", "This note does not exist any more.")
        for target in targets:
            store.filings.setdefault((note_id, target), Filing(note_id, target, FilingState.PENDING, 0, at))
            store.leases.setdefault((note_id, target), Lease())

    async def lead(self, note_id: NoteId, target: str, at: datetime) -> None:
        await self.open(note_id, [target], at)
        store = self._changes()
        led = store.filings.pop((note_id, target))
        others = dict(store.filings)
        store.filings.clear()
        store.filings[note_id, target] = replace(led, next_at=at) if led.state in _AT_REST else led
        store.filings.update(others)

    async def lease(self, note_id: NoteId, target: str, holder: str, at: datetime, seconds: int) -> Filing | None:
        filing, lease = self._row(note_id, target)
        mine = filing.state is FilingState.SENDING and lease.holder == holder
        if filing.state not in _AT_REST and not mine and not self._ran_out(filing, at):
            return None
        maybe_sent = filing.maybe_sent or self._ran_out(filing, at)
        taken = replace(filing, state=FilingState.SENDING, maybe_sent=maybe_sent)
        return self._put(taken, Lease(holder, at + timedelta(seconds=seconds)))

    async def failed(
        self,
        note_id: NoteId,
        target: str,
        holder: str,
        state: FilingState,
        code: str,
        at: datetime,
        next_at: datetime,
        *,
        maybe_sent: bool = False,
    ) -> bool:
        filing, lease = self._row(note_id, target)
        if filing.state is not FilingState.SENDING or lease.holder != holder:
            return False
        lost = filing.maybe_sent or maybe_sent or state is FilingState.UNKNOWN
        since = filing.failing_since or at
        self._put(
            replace(
                filing,
                state=state,
                attempts=filing.attempts + 1,
                next_at=next_at,
                error_code=code,
                maybe_sent=lost,
                failing_since=since,
            )
        )
        return True

    async def put_off(self, note_id: NoteId, target: str, next_at: datetime) -> None:
        filing, _ = self._row(note_id, target)
        if filing.state in _AT_REST:
            self._put(replace(filing, next_at=next_at))

    async def stored(self, note_id: NoteId, target: str, receipt: Receipt) -> bool:
        filing, _ = self._row(note_id, target)
        if filing.receipt:
            return False
        kept = replace(filing, state=FilingState.STORED, receipt=receipt, error_code="")
        self._put(replace(kept, maybe_sent=False, failing_since=None))
        return True

    async def again(self, note_id: NoteId, target: str, at: datetime, *, absent: bool) -> Filing:
        filing, _ = self._row(note_id, target)
        lost = self._ran_out(filing, at)
        if filing.state in (FilingState.STORED, FilingState.SENDING) and not lost:
            raise not_again(filing.state)
        maybe_sent = not absent and (filing.maybe_sent or lost)
        asked = replace(filing, state=FilingState.PENDING, attempts=0, next_at=at, error_code="")
        return self._put(replace(asked, maybe_sent=maybe_sent))

    async def of(self, note_id: NoteId) -> Sequence[Filing]:
        return [filing for (note, _), filing in self._reads().filings.items() if note == note_id]

    async def due(self, at: datetime, limit: int) -> Sequence[tuple[NoteId, str]]:
        store = self._reads()
        found = [
            filing
            for filing in store.filings.values()
            if filing.note_id in store.notes
            and ((filing.state in _AT_REST and not is_ahead(filing.next_at, at)) or self._ran_out(filing, at))
        ]
        of_target: dict[str, int] = {}
        due: list[_Place] = []
        for filing in sorted(found, key=_by_time):
            of_target[filing.target] = of_target.get(filing.target, 0) + 1
            due += [(filing.note_id, filing.target)] if of_target[filing.target] <= limit else []
        return due

    async def counts(self) -> Mapping[tuple[str, FilingState], int]:
        waiting = [filing for filing in self._reads().filings.values() if filing.state is not FilingState.STORED]
        return Counter((filing.target, filing.state) for filing in waiting)

    async def listed(self, states: Sequence[FilingState], target: str, limit: int) -> Sequence[Filing]:
        found = [
            filing
            for filing in self._reads().filings.values()
            if filing.state in (states or FilingState) and target in ("", filing.target)
        ]
        return sorted(found, key=_by_time)[:limit]

    def _row(self, note_id: NoteId, target: str) -> tuple[Filing, Lease]:
        store = self._changes()
        if (note_id, target) not in store.filings:
            raise NotFound("note_not_found", "This note does not exist any more.")
        return store.filings[note_id, target], store.leases[note_id, target]

    def _put(self, filing: Filing, lease: Lease | None = None) -> Filing:
        store = self._changes()
        store.filings[filing.note_id, filing.target] = filing
        store.leases[filing.note_id, filing.target] = lease or Lease()
        return filing

    def _ran_out(self, filing: Filing, at: datetime) -> bool:
        lease = self._reads().leases[filing.note_id, filing.target]
        return filing.state is FilingState.SENDING and lease.ran_out(at)


def _by_time(filing: Filing) -> tuple[datetime, NoteId]:
    return filing.next_at, filing.note_id
