"""The practice's examples. Text and reason are sealed with the practice's own key; nothing names a note or a client."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, text, update
from sqlalchemy.engine import Connection

from bot.domain.ids import PersonId
from bot.practice_ports import Example
from storage.crypto import bound_to
from storage.models import examples
from storage.transaction import Transaction

_ADD = text(
    'INSERT INTO examples (practice_id, id, format_id, "by", at, content)'
    " VALUES (:practice, :id, :format, :by, :at, :content) ON CONFLICT DO NOTHING"
).bindparams(bindparam("at", type_=examples.c.at.type))
_OURS = (examples.c.practice_id == bindparam("practice"), examples.c.removed_at.is_(None))
_OF_FORMAT = (
    select(examples)
    .where(*_OURS, examples.c.format_id == bindparam("format"))
    .order_by(examples.c.at.desc(), examples.c.id)
    .limit(bindparam("limit"))
)
_GET = select(examples).where(*_OURS, examples.c.id == bindparam("example"))
_REMOVE = update(examples).where(*_OURS, examples.c.id == bindparam("example"))
_GONE = b""


class SqlExamples:
    """See `bot.practice_ports.Examples`. What was removed leaves a row without text, so that its id stays used."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice

    async def add(self, example: Example) -> None:
        self._transaction.later(lambda connection: connection.execute(_ADD, self._values(connection, example)))

    async def of_format(self, format_id: str, limit: int) -> Sequence[Example]:
        asked = {"practice": self._practice, "format": format_id, "limit": limit}

        def read(connection: Connection) -> Sequence[Example]:
            rows = connection.execute(_OF_FORMAT, asked).all()  # all, or one that does not open leaves a cursor behind
            return [self._opened(connection, row) for row in rows]

        return await self._transaction.now(read)

    async def get(self, example_id: str) -> Example | None:
        asked = {"practice": self._practice, "example": example_id}

        def read(connection: Connection) -> Example | None:
            row = connection.execute(_GET, asked).one_or_none()
            return self._opened(connection, row) if row is not None else None

        return await self._transaction.now(read)

    async def remove(self, example_id: str, at: datetime) -> bool:
        asked = {"practice": self._practice, "example": example_id}
        values = {"content": _GONE, "removed_at": at}
        return await self._transaction.write_now(
            lambda connection: connection.execute(_REMOVE, {**asked, **values}).rowcount == 1
        )

    def _values(self, connection: Connection, example: Example) -> dict[str, Any]:
        content = {"section": example.section, "text": example.text, "why": example.why}
        plain = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
        place = self._place(example.id, example.format_id, example.by)
        return {
            "practice": self._practice,
            "id": example.id,
            "format": example.format_id,
            "by": example.by,
            "at": example.at,
            "content": self._transaction.practice_key(connection).seal(plain, place),
        }

    def _opened(self, connection: Connection, row: Row[Any]) -> Example:
        place = self._place(row.id, row.format_id, row.by)
        plain = self._transaction.practice_key(connection).open(bytes(row.content), place)
        content = json.loads(plain.decode("utf-8", "surrogatepass"))
        return Example(row.id, row.format_id, by=PersonId(row.by), at=row.at, **content)

    def _place(self, example_id: str, format_id: str, by: str) -> bytes:
        return bound_to(self._practice, "examples", example_id, "content", format_id, by)
