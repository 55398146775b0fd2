"""Finds by client what was written before notes could be found by client: a bounded number at a time."""

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Connection

from bot.domain.ids import NoteId, PracticeId
from storage.models import notes
from storage.notes import SqlNotes
from storage.transaction import Transaction, client_lookup

_WITHOUT = (
    select(notes.c.id)
    .where(
        notes.c.practice_id == bindparam("practice"),
        notes.c.client_lookup.is_(None),
        notes.c.wrapped_key.is_not(None),
    )
    .order_by(notes.c.created_at.desc(), notes.c.id)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_FILL = update(notes).where(notes.c.practice_id == bindparam("practice"), notes.c.id == bindparam("note"))


async def fill_client_lookups(transaction: Transaction, most: int = 2000, skip: int = 0) -> tuple[int, int]:
    """Give the newest notes without one, but for `skip`, their client's digest. Content and revision stay as they are.

    How many got one, and how many have no client.
    """
    return await transaction.write_now(lambda connection: _fill(connection, transaction, most, skip))


def _fill(connection: Connection, transaction: Transaction, most: int, skip: int) -> tuple[int, int]:
    practice: PracticeId = transaction.practice
    found = connection.execute(_WITHOUT, {"practice": practice, "most": most, "skip": skip}).scalars().all()
    repository, filled = SqlNotes(transaction), 0
    for note_id in found:
        code = repository.code_of(connection, NoteId(note_id))
        if code:
            lookup = client_lookup(transaction.practice_key(connection), code)
            connection.execute(_FILL.values(client_lookup=lookup), {"practice": practice, "note": note_id})
            filled += 1
    return filled, len(found) - filled
