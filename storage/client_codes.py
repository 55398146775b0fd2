"""The client codes that clinicians of one practice wrote for, sealed: what the type-ahead offers."""

from collections.abc import Sequence

from sqlalchemy import bindparam, case, delete, select, text, update
from sqlalchemy.engine import Connection

from bot.domain.ids import PersonId
from bot.domain.note import Note, State
from storage.crypto import bound_to
from storage.models import UtcTime, clients
from storage.prepared import Prepared
from storage.transaction import Transaction

_USE_CODE = Prepared(
    text(
        "INSERT INTO clients (practice_id, clinician_id, code_lookup, code, uses, last_used)"
        " VALUES (:practice, :clinician, :lookup, :code, 1, :at)"
        " ON CONFLICT (practice_id, clinician_id, code_lookup) DO UPDATE SET uses = clients.uses + 1, last_used ="
        " CASE WHEN excluded.last_used > clients.last_used THEN excluded.last_used ELSE clients.last_used END"
    ).bindparams(bindparam("at", type_=UtcTime))
)
_THIS_CODE = (
    clients.c.practice_id == bindparam("practice"),
    clients.c.clinician_id == bindparam("clinician"),
    clients.c.code_lookup == bindparam("lookup"),
)
_UNUSE_CODE = update(clients).where(*_THIS_CODE).values(uses=clients.c.uses - 1)
_DROP_CODE = delete(clients).where(*_THIS_CODE, clients.c.uses <= 0)
_CODES = (
    select(clients.c.code)
    .where(clients.c.practice_id == bindparam("practice"), clients.c.clinician_id == bindparam("clinician"))
    .order_by(
        case((clients.c.code_lookup == bindparam("whole"), 0), else_=1),
        clients.c.last_used.desc(),
        clients.c.code_lookup,
    )
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_NEWEST_CODES, _ALL_CODES = 60, 1_000_000  # a caseload; each code that is looked at has to be opened


class ClientCodes:
    """Counted with each change of a note, in its transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice

    def like(self, connection: Connection, clinician: PersonId, prefix: str, limit: int) -> Sequence[str]:
        """See `bot.ports.Notes.client_codes`."""
        newest = self._among(connection, clinician, prefix, _NEWEST_CODES, 0)
        found = newest or self._among(connection, clinician, prefix, _ALL_CODES, _NEWEST_CODES)
        return found[:limit]

    def follow(self, connection: Connection, note: Note, seen: Note | None) -> None:
        """A note was stored that was `seen` before."""
        before, after = _used(seen), _used(note)
        if before != after and before:
            self._unuse(connection, note.clinician_id, before)
        if before != after and after:
            self._use(connection, note, after)

    def forget(self, connection: Connection, note: Note) -> None:
        """A note is purged."""
        if code := _used(note):
            self._unuse(connection, note.clinician_id, code)

    def _use(self, connection: Connection, note: Note, code: str) -> None:
        key = self._transaction.practice_key(connection)
        sealed = key.seal(code.encode("utf-8", "surrogatepass"), self._place(note.clinician_id))
        used = {**self._asked(connection, note.clinician_id, code), "code": sealed, "at": note.created_at}
        _USE_CODE.run(connection, used)

    def _unuse(self, connection: Connection, clinician: PersonId, code: str) -> None:
        used = self._asked(connection, clinician, code)
        connection.execute(_UNUSE_CODE, used)
        connection.execute(_DROP_CODE, used)

    def _among(self, connection: Connection, clinician: PersonId, prefix: str, most: int, skip: int) -> list[str]:
        key, place = self._transaction.practice_key(connection), self._place(clinician)
        asked = {"practice": self._practice, "clinician": clinician, "most": most, "skip": skip}
        sealed = connection.execute(_CODES, {**asked, "whole": self._lookup(connection, clinician, prefix)})
        codes = (key.open(each, place).decode("utf-8", "surrogatepass") for each in sealed.scalars())
        return [code for code in codes if code.casefold().startswith(prefix.casefold())]

    def _asked(self, connection: Connection, clinician: PersonId, code: str) -> dict[str, object]:
        lookup = self._lookup(connection, clinician, code)
        return {"practice": self._practice, "clinician": clinician, "lookup": lookup}

    def _lookup(self, connection: Connection, clinician: PersonId, code: str) -> bytes:
        return self._transaction.practice_key(connection).mac(bound_to("code", clinician, code))

    def _place(self, clinician: PersonId) -> bytes:
        return bound_to(self._practice, clinician, "clients", "code")


def _used(note: Note | None) -> str:
    # A discarded note leaves no trace in the type-ahead: its code may have been a slip.
    return "" if note is None or note.state is State.DISCARDED else note.client_code
