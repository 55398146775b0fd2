"""Several summaries that were sent at once, of one practice: ids, positions and codes. Their text is in their notes."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, text, update

from bot.day_ports import Batch, BatchNote
from bot.domain.errors import NotFound, Stale
from bot.domain.ids import BatchId, NoteId, PersonId
from bot.domain.note import State
from storage.models import batches, notes
from storage.transaction import Transaction, refused_as

_OURS = batches.c.practice_id == bindparam("practice")
_ADD = insert(batches)
_GET = select(batches).where(_OURS, batches.c.id == bindparam("batch"))
_GET_LOCKED = _GET.with_for_update()
_BY_SOURCE = select(batches.c.id).where(_OURS, batches.c.source == bindparam("source"), text("source <> ''"))
_OPEN = (
    select(batches)
    .where(_OURS, text("closed = 0"))  # word for word as in the partial index
    .order_by(batches.c.created_at, batches.c.id)
    .limit(bindparam("most"))
)
_SAVE = update(batches).where(_OURS, batches.c.id == bindparam("batch"))
_NOTES = (
    select(notes.c.id, notes.c.batch_position, notes.c.state)
    .where(
        notes.c.practice_id == bindparam("practice"),
        notes.c.batch == bindparam("batch"),
        text("batch <> ''"),
        notes.c.wrapped_key.is_not(None),
    )
    .order_by(notes.c.batch_position)
)


class SqlBatches:
    """See `bot.day_ports.Batches`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice

    async def add(self, batch: Batch) -> None:
        ids = {"practice_id": self._practice, "id": batch.id}

        def write(connection: Any) -> None:
            with refused_as(lambda: Stale("already_started", "These summaries were started already.")):
                connection.execute(_ADD, {**ids, **_values(batch)})

        await self._transaction.write_now(write)

    async def save(self, batch: Batch, seen: Batch) -> None:
        asked = {"practice": self._practice, "batch": batch.id}

        def write(connection: Any) -> None:
            row = connection.execute(_GET_LOCKED, asked).one_or_none()
            if row is None or _row(row) != seen:
                raise Stale("stale_batch", "These summaries moved on meanwhile.")
            connection.execute(_SAVE.values(**_values(batch)), asked)

        await self._transaction.write_now(write)

    async def get(self, batch_id: BatchId) -> Batch:
        asked = {"practice": self._practice, "batch": batch_id}
        row = await self._transaction.now(lambda connection: connection.execute(_GET, asked).one_or_none())
        if row is None:
            raise NotFound("batch_not_found", "I can't find these summaries any more.")
        return _row(row)

    async def by_source(self, source: str) -> BatchId | None:
        asked = {"practice": self._practice, "source": source}
        found = await self._transaction.now(lambda connection: connection.execute(_BY_SOURCE, asked).scalar())
        return BatchId(found) if found is not None else None

    async def open_ones(self, limit: int) -> Sequence[Batch]:
        asked = {"practice": self._practice, "most": limit}
        rows = await self._transaction.now(lambda connection: connection.execute(_OPEN, asked).all())
        return [_row(row) for row in rows]

    async def notes_of(self, batch_id: BatchId) -> Sequence[BatchNote]:
        asked = {"practice": self._practice, "batch": batch_id}
        rows = await self._transaction.now(lambda connection: connection.execute(_NOTES, asked).all())
        return [BatchNote(NoteId(row.id), row.batch_position, State(row.state)) for row in rows]


def _values(batch: Batch) -> dict[str, Any]:
    return {
        "clinician_id": batch.clinician_id,
        "created_at": batch.created_at,
        "total": batch.total,
        "source": batch.source,
        "current": batch.current,
        "doubts": json.dumps(dict(batch.doubts or {})),
        "overview": json.dumps(batch.overview) if batch.overview else "",
        "review": json.dumps(batch.review) if batch.review else "",
        "closed": int(batch.closed),
    }


def _row(row: Row[Any]) -> Batch:
    doubts = {int(position): code for position, code in json.loads(row.doubts).items()}
    return Batch(
        id=BatchId(row.id),
        clinician_id=PersonId(row.clinician_id),
        created_at=row.created_at,
        total=row.total,
        source=row.source,
        current=row.current,
        doubts=doubts or None,
        overview=_address(row.overview),
        review=_address(row.review),
        closed=bool(row.closed),
    )


def _address(written: str) -> tuple[str, str, str, str] | None:
    if not written:
        return None
    platform, workspace, channel, ts = json.loads(written)
    return (platform, workspace, channel, ts)
