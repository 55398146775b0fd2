"""One transaction in one practice, as the repositories use it.

Writes that have no answer wait (`later`) and go out in one hop with the next question (`now`) or the commit, in order;
so their refusals may surface there. The keys of the practice and of the notes at hand are unwrapped here, once.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import bindparam, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from bot.domain.errors import AfternoteError, NotFound, Temporary
from bot.domain.ids import NoteId, PracticeId
from storage.crypto import DataKey, KeyRing, bound_to
from storage.engine import Lane
from storage.models import notes, practice_keys

T = TypeVar("T")

_PRACTICE_KEY = select(practice_keys.c.wrapped_key).where(practice_keys.c.practice_id == bindparam("practice"))
_ADD_PRACTICE_KEY = text(
    "INSERT INTO practice_keys (practice_id, wrapped_key) VALUES (:practice, :wrapped) ON CONFLICT DO NOTHING"
)
_NOTE_KEY = select(notes.c.wrapped_key).where(
    notes.c.practice_id == bindparam("practice"), notes.c.id == bindparam("note")
)


class DatabaseRefused(AfternoteError):
    """The database refused a statement for good. The message is the driver's error code and nothing else."""


class Vault:
    """The ring, and the practices' keys that this process has already unwrapped."""

    def __init__(self, ring: KeyRing) -> None:
        self.ring = ring
        self.practice_keys: dict[PracticeId, DataKey] = {}


class Transaction:
    """Nothing happens before the first question; leaving without `commit` rolls back."""

    def __init__(
        self, practice: PracticeId, lane: Lane, vault: Vault, clock: Callable[[], datetime], *, writes: bool
    ) -> None:
        if not practice:
            raise ValueError("a unit of work needs a practice")
        self.practice = practice
        self.writes = writes
        self.clock = clock
        self.note_keys: dict[NoteId, DataKey] = {}
        self._lane = lane
        self._vault = vault
        self._new_practice_key: DataKey | None = None
        self._waiting: list[Callable[[Connection], object]] = []
        self._connection: Connection | None = None
        self._over = ""

    @property
    def ring(self) -> KeyRing:
        return self._vault.ring

    def later(self, work: Callable[[Connection], object]) -> None:
        """Write without waiting for an answer."""
        self._expect_writing()
        self._waiting.append(work)

    async def now(self, work: Callable[[Connection], T]) -> T:
        """Ask, after everything that waits has been written."""
        self._expect_open()
        return await self._lane.run(lambda: self._work(work))

    async def write_now(self, work: Callable[[Connection], T]) -> T:
        """Write and hear how it went."""
        self._expect_writing()
        return await self.now(work)

    async def commit(self) -> None:
        """Make it lasting. The unit of work is over then, also when this fails."""
        self._expect_writing()
        self._over = "committed"
        if self._connection is not None or self._waiting:
            await self._lane.run(self._commit)

    async def close(self) -> None:
        """Roll back what was not committed, and give the connection back."""
        self._over = self._over or "closed"
        if self._connection is not None:
            await self._lane.run(self._release)

    def practice_key(self, connection: Connection) -> DataKey:
        """The practice's own data key; made when there is none yet."""
        known = self._vault.practice_keys.get(self.practice) or self._new_practice_key
        return known if known is not None else self._stored_practice_key(connection)

    def note_key(self, connection: Connection, note_id: NoteId) -> DataKey:
        """The data key of a note. Raises NotFound when the practice has no such note, or it was purged."""
        if note_id not in self.note_keys:
            wrapped = connection.execute(_NOTE_KEY, {"practice": self.practice, "note": note_id}).scalar()
            if wrapped is None:
                raise no_such_note()
            self.note_keys[note_id] = DataKey.unwrapped(self.ring, wrapped, note_key_place(self.practice, note_id))
        return self.note_keys[note_id]

    def _stored_practice_key(self, connection: Connection) -> DataKey:
        asked, place = {"practice": self.practice}, practice_key_place(self.practice)
        wrapped = connection.execute(_PRACTICE_KEY, asked).scalar()
        if wrapped is not None:
            key = self._vault.practice_keys[self.practice] = DataKey.unwrapped(self.ring, wrapped, place)
            return key
        if not self.writes:
            return DataKey.new()  # nothing can have been sealed with the practice's own
        made = DataKey.new().wrapped_by(self.ring, place)
        connection.execute(_ADD_PRACTICE_KEY, {**asked, "wrapped": made})
        wrapped = connection.execute(_PRACTICE_KEY, asked).scalar_one()  # on PostgreSQL another writer's may have won
        self._new_practice_key = DataKey.unwrapped(self.ring, wrapped, place)
        return self._new_practice_key

    def _work(self, work: Callable[[Connection], T]) -> T:
        with in_our_words():
            connection = self._begun()
            self._write_waiting(connection)
            return work(connection)

    def _commit(self) -> None:
        try:
            with in_our_words():
                connection = self._begun()
                self._write_waiting(connection)
                connection.commit()
            if self._new_practice_key is not None:
                self._vault.practice_keys[self.practice] = self._new_practice_key
        finally:
            self._release()

    def _begun(self) -> Connection:
        if self._connection is None:
            self._connection = self._lane.engine.connect()
            self._connection.begin()
        return self._connection

    def _write_waiting(self, connection: Connection) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            for work in waiting:
                work(connection)
        except BaseException:
            self._over = "broken by a write that was refused"
            raise

    def _release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.rollback()
            finally:
                connection.close()

    def _expect_open(self) -> None:
        if self._over:
            raise RuntimeError(f"this unit of work is over: {self._over}")

    def _expect_writing(self) -> None:
        self._expect_open()
        if not self.writes:
            raise RuntimeError("this unit of work only reads")


def no_such_note() -> NotFound:
    """The same answer for a note that never was, was purged, or belongs to another practice."""
    return NotFound("note_not_found", "This note does not exist any more.")


def client_lookup(key: DataKey, code: str) -> bytes:
    """A digest by which the rows of one client are found; without the practice's key it tells nothing."""
    return key.mac(bound_to("client", code.upper()))


def note_key_place(practice: PracticeId, note_id: NoteId) -> bytes:
    """Where a note's wrapped key belongs (AAD)."""
    return bound_to(practice, note_id, "wrapped_key")


def practice_key_place(practice: PracticeId) -> bytes:
    """Where a practice's wrapped key belongs (AAD)."""
    return bound_to(practice, "practice_keys", "wrapped_key")


@contextmanager
def refused_as(error: Callable[[], AfternoteError]) -> Generator[None]:
    """Say in our own words that a constraint refused a row."""
    try:
        yield
    except IntegrityError:
        raise error() from None


@contextmanager
def in_our_words() -> Generator[None]:
    """Raise what a driver says as Temporary or DatabaseRefused: its own texts may quote a row and go no further."""
    try:
        yield
    except DBAPIError as error:
        raise _plain(error) from None


def _plain(error: DBAPIError) -> AfternoteError:
    # `sqlite_errorname` and `sqlstate` are codes; "SQLITE_ERROR" is a mistake in a statement, such as a missing table.
    code = str(getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or "")
    lasting = not isinstance(error, OperationalError | InterfaceError) or code == "SQLITE_ERROR"
    return DatabaseRefused(code) if lasting else Temporary(f"database_unavailable {code}".strip())
