"""The audit log in memory: the real chain, without a seal; its signing key comes from the practice's id."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.audit import ALL_ROWS, ChainEnd, ChainRow, SignedHead, Wanted, digest_of
from bot.domain.audit_check import ChainCheck
from bot.domain.ids import NoteId, PersonId, PracticeId
from bot.ports import Act
from storage.crypto import DataKey
from storage.signing import public_key, sign


class MemoryAudit:
    """See `bot.ports.Audit`."""

    def __init__(
        self, practice: PracticeId, reads: Callable[[], list[ChainRow]], changes: Callable[[], list[ChainRow]]
    ) -> None:
        self._practice, self._reads, self._changes = practice, reads, changes
        self._key = DataKey(hashlib.sha256(practice.encode()).digest())

    async def append(self, act: Act) -> None:
        rows = self._changes()
        seq, previous = (rows[-1].seq, rows[-1].hash) if rows else (0, "")
        said = (act.actor, act.act, act.note_id, act.version, act.version_hash, act.at, act.via)
        row = ChainRow(seq + 1, *said, previous, "")
        rows.append(replace(row, hash=digest_of(self._practice, row)))

    async def acts(self, note_id: NoteId | None = None) -> Sequence[Act]:
        return [_act(row) for row in self._reads() if note_id in (None, row.note_id)]

    async def verify(self) -> str | None:
        check = ChainCheck(self._practice)
        for row in self._reads():
            check.feed(row)
        verdict = check.verdict(await self.end())
        return None if verdict.holds else f"The audit log was changed: row {verdict.findings[0].seq} does not hold."

    async def page(self, after: int, limit: int, wanted: Wanted = ALL_ROWS) -> Sequence[ChainRow]:
        return [row for row in self._reads() if row.seq > after and _is_wanted(row, wanted)][:limit]

    async def newest(self, limit: int, wanted: Wanted = ALL_ROWS) -> Sequence[ChainRow]:
        found = [row for row in self._reads() if _is_wanted(row, wanted)]
        return found[max(0, len(found) - limit) :]

    async def span(self, since: datetime | None, until: datetime | None) -> tuple[int, int]:
        found = [row.seq for row in self._reads() if _is_wanted(row, Wanted(since=since, until=until))]
        return (min(found), max(found)) if found else (0, 0)

    async def end(self) -> ChainEnd | None:
        rows = self._reads()
        return ChainEnd(rows[-1].seq, rows[-1].hash, sealed=True) if rows else None

    async def public_key(self) -> str:
        return public_key(self._key)

    async def sign(self, seq: int, chain: str, at: datetime) -> SignedHead:
        return sign(self._key, SignedHead(self._practice, seq, chain, at, ""))


def _is_wanted(row: ChainRow, wanted: Wanted) -> bool:
    return (
        (not wanted.note_id or row.note_id == wanted.note_id)
        and (not wanted.actor or row.actor == wanted.actor)
        and row.act.startswith(wanted.act)
        and (wanted.since is None or (row.at is not None and row.at >= wanted.since))
        and (wanted.until is None or (row.at is not None and row.at < wanted.until))
    )


def _act(row: ChainRow) -> Act:
    assert row.at is not None
    actor = PersonId(row.actor) if row.actor is not None else None
    note_id = NoteId(row.note_id) if row.note_id is not None else None
    return Act(actor, row.act, note_id, row.version, row.version_hash, row.at, row.via)
