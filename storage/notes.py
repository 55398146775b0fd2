"""Notes of one practice, their versions and signatures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, text, update
from sqlalchemy.engine import Connection

from bot.domain.errors import Stale
from bot.domain.ids import NoteId, PersonId
from bot.domain.note import Note, Signature, State
from storage.client_codes import ClientCodes
from storage.crypto import DataKey
from storage.mapping import note_values, opened_note, signature_of, signature_values, version_values
from storage.models import UtcTime, appointments, documents, filings, notes, reviews, signatures, versions
from storage.prepared import Prepared
from storage.transaction import Transaction, client_lookup, no_such_note, note_key_place, refused_as

_THIS_NOTE = (notes.c.practice_id == bindparam("practice"), notes.c.id == bindparam("note"))

_ADD = Prepared(insert(notes))
_ADD_VERSION = insert(versions)
_ADD_SIGNATURE = insert(signatures)
_GET = select(notes).where(*_THIS_NOTE, notes.c.wrapped_key.is_not(None))
_GET_LOCKED = _GET.with_for_update()  # nothing to do on SQLite: a writer is alone there
_GET_ALL = select(notes).where(
    notes.c.practice_id == bindparam("practice"),
    notes.c.id.in_(bindparam("notes", expanding=True)),
    notes.c.wrapped_key.is_not(None),
)
_SIGNATURES = (
    select(signatures)
    .where(signatures.c.practice_id == bindparam("practice"), signatures.c.note_id == bindparam("note"))
    .order_by(signatures.c.position)
)
_SIGNATURES_OF_ALL = (
    select(signatures)
    .where(
        signatures.c.practice_id == bindparam("practice"),
        signatures.c.note_id.in_(bindparam("notes", expanding=True)),
    )
    .order_by(signatures.c.position)
)
_SAVE = update(notes).where(*_THIS_NOTE, notes.c.revision == bindparam("seen_revision"))
_BY_SOURCE = select(notes.c.id).where(
    notes.c.practice_id == bindparam("practice"),
    notes.c.source == bindparam("source"),
    text("source <> ''"),  # word for word as in the partial index, or the index is not used
)
_IN_STATES = (
    select(notes.c.id)
    .where(
        notes.c.practice_id == bindparam("practice"),
        notes.c.state.in_(bindparam("states", expanding=True)),
        notes.c.wrapped_key.is_not(None),
    )
    .order_by(notes.c.created_at, notes.c.id)
    .limit(bindparam("most"))
)
_WAITING = (
    select(notes.c.id)
    .where(
        notes.c.practice_id == bindparam("practice"),
        text("waiting <> ''"),  # word for word as in the partial index
        notes.c.wrapped_key.is_not(None),
    )
    .order_by(notes.c.created_at)
    .limit(bindparam("most"))
)
_OF_CLIENT = (
    select(notes.c.id)
    .where(
        notes.c.practice_id == bindparam("practice"),
        notes.c.client_lookup == bindparam("lookup"),
        notes.c.wrapped_key.is_not(None),
    )
    .order_by(notes.c.created_at.desc())
    .limit(bindparam("most"))
)
_IDS_OF_CLIENT = (
    select(notes.c.id)
    .where(
        notes.c.practice_id == bindparam("practice"),
        notes.c.client_lookup == bindparam("lookup"),
        notes.c.wrapped_key.is_not(None),
    )
    .order_by(notes.c.created_at, notes.c.id)
)
_OF_CLINICIAN = (
    select(notes.c.id)
    .where(
        notes.c.practice_id == bindparam("practice"),
        notes.c.clinician_id == bindparam("clinician"),
        notes.c.created_at >= bindparam("since", type_=UtcTime),
        notes.c.wrapped_key.is_not(None),
    )
    .order_by(notes.c.created_at.desc())
    .limit(bindparam("most"))
)
_UNSIGNED = (
    select(notes.c.id, notes.c.state)
    .where(
        notes.c.practice_id == bindparam("practice"),
        notes.c.clinician_id == bindparam("clinician"),
        text("state IN ('drafting', 'draft', 'in_review', 'changes_requested')"),  # as in the partial index
        notes.c.wrapped_key.is_not(None),
    )
    .order_by(notes.c.created_at, notes.c.id)
    .limit(bindparam("most"))
)
_RECENT = (
    select(notes.c.id)
    .where(
        notes.c.practice_id == bindparam("practice"),
        notes.c.clinician_id == bindparam("clinician"),
        notes.c.state == bindparam("state"),
        notes.c.wrapped_key.is_not(None),
    )
    .order_by(notes.c.created_at.desc())
    .limit(bindparam("most"))
)
_LINKED_TO = (
    select(notes)
    .where(
        notes.c.practice_id == bindparam("practice"),
        notes.c.link_of == bindparam("note"),
        text("link_of <> ''"),  # word for word as in the partial index
        notes.c.wrapped_key.is_not(None),
    )
    .order_by(notes.c.created_at, notes.c.id)
)
_SHRED = (
    update(notes)
    .where(*_THIS_NOTE)
    .values(wrapped_key=None, client_lookup=None, content=b"", revision=notes.c.revision + 1)
)
_DROP_DOCUMENTS = delete(documents).where(
    documents.c.practice_id == bindparam("practice"), documents.c.note_id == bindparam("note")
)
_DROP_REFERENCE = (
    update(filings)
    .where(filings.c.practice_id == bindparam("practice"), filings.c.note_id == bindparam("note"))
    .values(receipt_reference=None)
)


_DROP_APPOINTMENT = delete(appointments).where(
    appointments.c.practice_id == bindparam("practice"), appointments.c.note_id == bindparam("note")
)
_END_REVIEW = (  # nobody is reminded of what cannot be read any more
    update(reviews)
    .where(reviews.c.practice_id == bindparam("practice"), reviews.c.note_id == bindparam("note"))
    .values(next_at=None)
)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A note as this transaction found it."""

    note: Note
    revision: int


class SqlNotes:
    """See `bot.ports.Notes`. A writer that has read a note holds it until its transaction ends."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice
        self._stored: dict[NoteId, _Stored] = {}
        self._codes = ClientCodes(transaction)

    async def add(self, note: Note) -> None:
        """Raises Stale (by the commit at the latest) when its source already started a note."""
        self._expect_ours(note)
        self._transaction.later(lambda connection: self._add(connection, note))

    async def get(self, note_id: NoteId) -> Note:
        stored = await self._transaction.now(lambda connection: self._load(connection, note_id))
        return stored.note

    async def save(self, note: Note, seen: Note) -> None:
        self._expect_ours(note)
        if note.id != seen.id:
            raise ValueError("a note can only be replaced by its own next value")
        await self._transaction.write_now(lambda connection: self._save(connection, note, seen))

    async def by_source(self, source: str) -> NoteId | None:
        asked = {"practice": self._practice, "source": source}
        found = await self._transaction.now(lambda connection: connection.execute(_BY_SOURCE, asked).scalar())
        return NoteId(found) if found is not None else None

    async def in_states(self, states: Sequence[State], limit: int) -> Sequence[NoteId]:
        asked = {"practice": self._practice, "states": [state.value for state in states], "most": limit}
        found = await self._transaction.now(lambda connection: connection.execute(_IN_STATES, asked).scalars().all())
        return [NoteId(note_id) for note_id in found]

    async def client_codes(self, clinician: PersonId, prefix: str, limit: int) -> Sequence[str]:
        return await self._transaction.now(lambda connection: self._codes.like(connection, clinician, prefix, limit))

    async def waiting(self, limit: int) -> Sequence[NoteId]:
        asked = {"practice": self._practice, "most": limit}
        found = await self._transaction.now(lambda connection: connection.execute(_WAITING, asked).scalars().all())
        return [NoteId(note_id) for note_id in found]

    async def of_client(self, client_code: str, limit: int) -> Sequence[Note]:
        def read(connection: Connection) -> Sequence[Note]:
            asked = {"practice": self._practice, "lookup": self._client(connection, client_code), "most": limit}
            return self._open_all(connection, connection.execute(_OF_CLIENT, asked).scalars().all())

        return await self._transaction.now(read)

    async def linked_to(self, note_id: NoteId) -> Sequence[Note]:
        """Holds none of them: two who sign about one note each hold their own, and then wait for that note."""

        def read(connection: Connection) -> Sequence[Note]:
            asked = {"practice": self._practice, "note": note_id}
            return [self._opened(connection, row)[0] for row in connection.execute(_LINKED_TO, asked).all()]

        return await self._transaction.now(read)

    async def of_clinician(self, clinician: PersonId, since: datetime, limit: int) -> Sequence[Note]:
        asked = {"practice": self._practice, "clinician": clinician, "since": since, "most": limit}
        return await self._transaction.now(
            lambda connection: self._open_all(connection, connection.execute(_OF_CLINICIAN, asked).scalars().all())
        )

    async def unsigned(self, clinician: PersonId, limit: int) -> Sequence[tuple[NoteId, State]]:
        asked = {"practice": self._practice, "clinician": clinician, "most": limit}
        rows = await self._transaction.now(lambda connection: connection.execute(_UNSIGNED, asked).all())
        return [(NoteId(row.id), State(row.state)) for row in rows]

    async def recent(self, clinician: PersonId, state: State, limit: int) -> Sequence[Note]:
        asked = {"practice": self._practice, "clinician": clinician, "state": state.value, "most": limit}
        return await self._transaction.now(
            lambda connection: self._open_all(connection, connection.execute(_RECENT, asked).scalars().all())
        )

    async def ids_of_client(self, client_code: str) -> Sequence[NoteId]:
        def read(connection: Connection) -> Sequence[NoteId]:
            asked = {"practice": self._practice, "lookup": self._client(connection, client_code)}
            return [NoteId(found) for found in connection.execute(_IDS_OF_CLIENT, asked).scalars()]

        return await self._transaction.now(read)

    async def purge(self, note_id: NoteId) -> None:
        """Shred the note for good: its key goes, and with it every version, document and receipt. Raises NotFound.

        Hashes, signatures and the audit log stay: they prove that a note existed, and tell nothing of it.
        """
        await self._transaction.write_now(lambda connection: self._purge(connection, note_id))

    def code_of(self, connection: Connection, note_id: NoteId) -> str:
        """The client code of a note, empty when it has none."""
        return self._load(connection, note_id).note.client_code

    def _add(self, connection: Connection, note: Note) -> None:
        at = self._transaction.clock()
        key = DataKey.new()
        wrapped = key.wrapped_by(self._transaction.ring, note_key_place(self._practice, note.id))
        with refused_as(lambda: Stale("already_started", "This note was started already.")):
            ids = {"practice_id": self._practice, "id": note.id, "wrapped_key": wrapped}
            client = {"client_lookup": self._client(connection, note.client_code)}
            _ADD.run(connection, {**ids, **client, **note_values(note, 0, key, at)})
        self._transaction.note_keys[note.id] = key
        self._append(connection, note, None, key, at)
        self._stored[note.id] = _Stored(note, 0)

    def _load(self, connection: Connection, note_id: NoteId) -> _Stored:
        if note_id not in self._stored:
            asked = {"practice": self._practice, "note": note_id}
            row = connection.execute(_GET_LOCKED if self._transaction.writes else _GET, asked).one_or_none()
            if row is None:
                raise no_such_note()
            self._keep(row, *self._opened(connection, row))
        return self._stored[note_id]

    def _opened(self, connection: Connection, row: Row[Any]) -> tuple[Note, DataKey]:
        asked = {"practice": self._practice, "note": row.id}
        return self._opened_with(row, [signature_of(found) for found in connection.execute(_SIGNATURES, asked)])

    def _opened_with(self, row: Row[Any], signed: Sequence[Signature]) -> tuple[Note, DataKey]:
        key = DataKey.unwrapped(self._transaction.ring, row.wrapped_key, note_key_place(self._practice, row.id))
        return opened_note(row, signed, key), key

    def _keep(self, row: Row[Any], note: Note, key: DataKey) -> None:
        self._transaction.note_keys[note.id] = key
        self._stored[note.id] = _Stored(note, row.revision)

    def _save(self, connection: Connection, note: Note, seen: Note) -> None:
        stored = self._load(connection, note.id)
        if stored.note != seen:
            raise _changed()
        if note.signatures[: len(seen.signatures)] != seen.signatures:
            raise ValueError("a signature is never taken back or changed")
        at, key, revision = self._transaction.clock(), self._transaction.note_keys[note.id], stored.revision + 1
        client = {"client_lookup": self._client(connection, note.client_code)}
        values = {**note_values(note, revision, key, at), **client}
        asked = {"practice": self._practice, "note": note.id, "seen_revision": stored.revision}
        if connection.execute(_SAVE, {**values, **asked}).rowcount != 1:
            raise _changed()
        self._append(connection, note, seen, key, at)
        self._stored[note.id] = _Stored(note, revision)

    def _append(self, connection: Connection, note: Note, seen: Note | None, key: DataKey, at: datetime) -> None:
        if note.version > (seen.version if seen else 0):
            connection.execute(_ADD_VERSION, version_values(note, key, at))
        for position in range(len(seen.signatures) if seen else 0, len(note.signatures)):
            connection.execute(_ADD_SIGNATURE, signature_values(note, position))
        self._codes.follow(connection, note, seen)

    def _open_all(self, connection: Connection, note_ids: Sequence[str]) -> Sequence[Note]:
        if not self._transaction.writes:  # a writer holds each note that it reads
            self._load_all(connection, [each for each in note_ids if each not in self._stored])
        return [self._load(connection, NoteId(note_id)).note for note_id in note_ids]

    def _load_all(self, connection: Connection, note_ids: Sequence[str]) -> None:
        """Read several in two questions."""
        if not note_ids:
            return
        asked = {"practice": self._practice, "notes": note_ids}
        signed: dict[str, list[Signature]] = {}
        for found in connection.execute(_SIGNATURES_OF_ALL, asked):
            signed.setdefault(found.note_id, []).append(signature_of(found))
        for row in connection.execute(_GET_ALL, asked):
            self._keep(row, *self._opened_with(row, signed.get(row.id, ())))

    def _client(self, connection: Connection, code: str) -> bytes | None:
        return client_lookup(self._transaction.practice_key(connection), code) if code else None

    def _purge(self, connection: Connection, note_id: NoteId) -> None:
        note = self._load(connection, note_id).note
        asked = {"practice": self._practice, "note": note_id}
        self._codes.forget(connection, note)
        for statement in (_DROP_DOCUMENTS, _DROP_REFERENCE, _END_REVIEW, _DROP_APPOINTMENT, _SHRED):
            connection.execute(statement, asked)
        del self._stored[note_id], self._transaction.note_keys[note_id]

    def _expect_ours(self, note: Note) -> None:
        if note.practice_id != self._practice:
            raise no_such_note()


def _changed() -> Stale:
    return Stale("stale_note", "This note changed meanwhile.")
