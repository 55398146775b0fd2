"""Rounds of review of one practice, as they are found, counted and reminded of. Ids, times and codes only: no text."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Connection

from bot.domain.ids import NoteId, PersonId
from bot.domain.review import Outcome
from bot.domain.supervision import Mode
from bot.practice_ports import ReviewRow
from storage.models import UtcTime, reviews
from storage.transaction import Transaction, no_such_note, refused_as

_OURS = reviews.c.practice_id == bindparam("practice")
_OF = select(reviews).where(_OURS, reviews.c.note_id == bindparam("note")).order_by(reviews.c.round)
_WAITS = (  # the range is for SQLite, which else reads the whole history rather than the partial index
    reviews.c.next_at.is_not(None),
    text("next_at > '0001-01-01'"),
)
_WAITING = select(reviews).where(_OURS, *_WAITS).order_by(reviews.c.due_at, reviews.c.note_id)
_DUE = (
    select(reviews)
    .where(_OURS, reviews.c.next_at.is_not(None), reviews.c.next_at <= bindparam("at", type_=UtcTime))
    .order_by(reviews.c.next_at, reviews.c.note_id)
    .limit(bindparam("most"))
)
_SINCE = (
    select(reviews)
    .where(_OURS, reviews.c.asked_at >= bindparam("at", type_=UtcTime))
    .order_by(reviews.c.asked_at.desc(), reviews.c.note_id.desc(), reviews.c.round.desc())
    .limit(bindparam("most"))
)
_KEY = ("practice_id", "note_id", "round")


class SqlReviews:
    """See `bot.practice_ports.Reviews`. What is waited for is what has a `next_at`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice

    async def put(self, row: ReviewRow) -> None:
        if (row.outcome is None) != (row.next_at is not None):
            raise ValueError("an undecided round has a time to look at it again, a decided one has none")
        values = {"practice_id": self._practice, **_values(row)}
        await self._transaction.write_now(lambda connection: _put(connection, values))

    async def of(self, note_id: NoteId) -> Sequence[ReviewRow]:
        return await self._read(_OF, note=note_id)

    async def waiting(self, supervisor: PersonId | None, limit: int) -> Sequence[ReviewRow]:
        waits = await self._read(_WAITING)
        return [row for row in waits if supervisor is None or supervisor in row.supervisors][:limit]

    async def due(self, at: datetime, limit: int) -> Sequence[ReviewRow]:
        return await self._read(_DUE, at=at, most=limit)

    async def since(self, at: datetime, limit: int) -> Sequence[ReviewRow]:
        return await self._read(_SINCE, at=at, most=limit)

    async def _read(self, query: Select[Any], **asked: Any) -> list[ReviewRow]:
        values = {"practice": self._practice, **asked}
        return await self._transaction.now(
            lambda connection: [_row(found) for found in connection.execute(query, values)]
        )


def _put(connection: Connection, values: dict[str, Any]) -> None:
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgres_insert
    statement = insert(reviews).values(**values)
    changes = {name: value for name, value in values.items() if name not in _KEY}
    with refused_as(no_such_note):
        connection.execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_=changes))


def _values(row: ReviewRow) -> dict[str, Any]:
    return {
        "note_id": row.note_id,
        "round": row.round,
        "clinician_id": row.clinician,
        "supervisors": json.dumps(row.supervisors),
        "mode": row.mode.value,
        "asked_at": row.asked_at,
        "due_at": row.due_at,
        "next_at": row.next_at,
        "stage": row.stage,
        "outcome": row.outcome.value if row.outcome else "",
        "decided_by": row.decided_by or "",
        "decided_at": row.decided_at,
        "changed": row.changed,
        "findings": json.dumps(row.findings),
    }


def _row(row: Row[Any]) -> ReviewRow:
    return ReviewRow(
        note_id=NoteId(row.note_id),
        round=row.round,
        clinician=PersonId(row.clinician_id),
        supervisors=tuple(PersonId(person) for person in json.loads(row.supervisors)),
        mode=Mode(row.mode),
        asked_at=row.asked_at,
        due_at=row.due_at,
        next_at=row.next_at,
        stage=row.stage,
        outcome=Outcome(row.outcome) if row.outcome else None,
        decided_by=PersonId(row.decided_by) if row.decided_by else None,
        decided_at=row.decided_at,
        changed=row.changed,
        findings=tuple(json.loads(row.findings)),
    )
