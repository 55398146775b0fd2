"""Key rotation: every secret that the ring seals is sealed again under its active key. Content is not touched."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Table, literal, select, tuple_, update
from sqlalchemy.engine import Connection

from bot.domain.ids import NoteId, PracticeId
from storage.crypto import KeyRing
from storage.installations import token_place
from storage.models import installations, notes, practice_keys
from storage.transaction import in_our_words, note_key_place, practice_key_place
from storage.unit_of_work import SqlDatabase

_BATCH = 500


@dataclass(frozen=True, slots=True)
class _Secrets:
    """A column that the ring sealed, and where its values belong (AAD)."""

    table: Table
    column: str
    place: Callable[[Row[Any]], bytes]


_ALL = (
    _Secrets(practice_keys, "wrapped_key", lambda row: practice_key_place(PracticeId(row.practice_id))),
    _Secrets(notes, "wrapped_key", lambda row: note_key_place(PracticeId(row.practice_id), NoteId(row.id))),
    _Secrets(installations, "bot_token", lambda row: token_place(row.team_id, row.practice_id, "bot_token")),
    _Secrets(installations, "refresh_token", lambda row: token_place(row.team_id, row.practice_id, "refresh_token")),
)


async def rewrap(database: SqlDatabase) -> int:
    """Bring every stored secret under the active key; how many were not. After that an old key may leave the ring."""
    return sum([await _rewrap(database, secrets) for secrets in _ALL])


async def _rewrap(database: SqlDatabase, secrets: _Secrets) -> int:
    # In small transactions, so that nobody waits for long.
    lane, changed, last = database.writers, 0, None

    def batch() -> tuple[int, Row[Any] | None]:
        with in_our_words(), lane.engine.begin() as connection:
            return _rewrap_batch(connection, database.ring, secrets, last)

    while True:
        async with lane.turn:
            count, last = await lane.run(batch)
        changed += count
        if last is None:
            return changed


def _rewrap_batch(
    connection: Connection, ring: KeyRing, secrets: _Secrets, last: Row[Any] | None
) -> tuple[int, Row[Any] | None]:
    column, keys = secrets.table.c[secrets.column], list(secrets.table.primary_key.columns)
    query = select(*keys, *(c for c in secrets.table.c if c.name == "practice_id" and c not in keys), column)
    query = query.where(column.is_not(None)).order_by(*keys).limit(_BATCH).with_for_update()
    if last is not None:
        query = query.where(tuple_(*keys) > tuple_(*(literal(last[i]) for i in range(len(keys)))))
    rows, changed = connection.execute(query).all(), 0
    for row in rows:
        sealed = row[-1]
        wrapped = ring.rewrap(sealed, secrets.place(row))
        if wrapped != sealed:
            this = [key == row[position] for position, key in enumerate(keys)]
            connection.execute(update(secrets.table).where(*this).values({column.name: wrapped}))
            changed += 1
    return changed, rows[-1] if len(rows) == _BATCH else None
