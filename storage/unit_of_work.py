"""The practice-scoped unit of work over SQLite or PostgreSQL, and the database that opens it."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

from bot.day_ports import Appointments, Batches, Choices, Measures, Reminders
from bot.domain.errors import Temporary
from bot.domain.ids import PracticeId
from bot.ports import Audit, Calls, Cards, Conversations, Documents, Ledger, Notes, Plans, Seen, UnitOfWork
from bot.practice_ports import Examples, Formats, People, Reviews
from storage.appointments import SqlAppointments
from storage.audit import SqlAudit
from storage.batches import SqlBatches
from storage.calls import SqlCalls
from storage.choices import SqlChoices
from storage.conversations import SqlConversations
from storage.crypto import KeyRing
from storage.engine import POSTGRES_WRITERS, READERS, Lane, reading_engine, writing_engine
from storage.examples import SqlExamples
from storage.formats import SqlFormats
from storage.ledger import SqlLedger
from storage.lookups import fill_client_lookups
from storage.measures import SqlMeasures
from storage.notes import SqlNotes
from storage.people import SqlPeople
from storage.plans import SqlPlans
from storage.reminders import SqlReminders
from storage.repositories import SqlCards, SqlDocuments, SqlSeen
from storage.reviews import SqlReviews
from storage.transaction import Transaction, Vault


def _system_time() -> datetime:
    return datetime.now(UTC)


class SqlUnitOfWork:
    """See `bot.ports.UnitOfWork`. Its repositories share one transaction and cannot see another practice's rows."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self.notes: Notes = SqlNotes(transaction)
        self.cards: Cards = SqlCards(transaction)
        self.documents: Documents = SqlDocuments(transaction)
        self.ledger: Ledger = SqlLedger(transaction)
        self.audit: Audit = SqlAudit(transaction)
        self.seen: Seen = SqlSeen(transaction)
        self.calls: Calls = SqlCalls(transaction)
        self.plans: Plans = SqlPlans(transaction)
        self.conversations: Conversations = SqlConversations(transaction)
        self.formats: Formats = SqlFormats(transaction)
        self.examples: Examples = SqlExamples(transaction)
        self.reviews: Reviews = SqlReviews(transaction)
        self.people: People = SqlPeople(transaction)
        self.appointments: Appointments = SqlAppointments(transaction)
        self.batches: Batches = SqlBatches(transaction)
        self.choices: Choices = SqlChoices(transaction)
        self.reminders: Reminders = SqlReminders(transaction)
        self.measures: Measures = SqlMeasures(transaction)

    async def commit(self) -> None:
        """Make all of it lasting. The unit of work is over then."""
        await self._transaction.commit()


class SqlDatabase:
    """See `bot.ports.Database`. Belongs to the event loop it is first used in; the schema must be there (`migrate`)."""

    def __init__(self, url: str, ring: KeyRing, clock: Callable[[], datetime] = _system_time) -> None:
        writer, reader = writing_engine(url), reading_engine(url)
        self.ring = ring
        self.writers = Lane(writer, 1 if writer.dialect.name == "sqlite" else POSTGRES_WRITERS)
        self.readers = Lane(reader, READERS)
        self._vault = Vault(ring)
        self._clock = clock

    def __repr__(self) -> str:
        return f"SqlDatabase({self.writers.engine.url!r})"

    def writing(self, practice: PracticeId) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work that writes; on SQLite the only one at its time."""
        return self._unit(practice, self.writers, writes=True)

    def reading(self, practice: PracticeId) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work that sees one snapshot and takes no lock."""
        return self._unit(practice, self.readers, writes=False)

    async def scrub(self) -> None:
        """After a purge, on SQLite: leave no trace in the write-ahead log. Raises Temporary while somebody reads."""
        if self.writers.engine.dialect.name == "sqlite":
            async with self.writers.turn:
                await self.writers.run(self._truncate_log)

    async def fill_client_lookups(self, practice: PracticeId) -> int:
        """After an upgrade: let older notes be found by their client, the newest first. How many were filled in."""
        filled, _ = await self._fill(practice, 2000, 0)
        return filled

    async def fill_all_client_lookups(self, practice: PracticeId, at_once: int = 500) -> None:
        """Let every note be found by its client. Others write in between."""
        skip, looked = 0, at_once
        while looked == at_once:
            filled, without = await self._fill(practice, at_once, skip)
            skip, looked = skip + without, filled + without

    async def _fill(self, practice: PracticeId, most: int, skip: int) -> tuple[int, int]:
        async with self.transaction(practice) as transaction:
            filled, without = await fill_client_lookups(transaction, most, skip)
            if filled:
                await transaction.commit()
        return filled, without

    async def close(self) -> None:
        """End the threads and the connections. Units of work must be over."""
        self.readers.close()
        self.writers.close()

    @asynccontextmanager
    async def _unit(self, practice: PracticeId, lane: Lane, *, writes: bool) -> AsyncGenerator[UnitOfWork]:
        async with self._transaction(practice, lane, writes=writes) as transaction:
            yield SqlUnitOfWork(transaction)

    def transaction(self, practice: PracticeId) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that writes, for what of a practice is no part of its units of work."""
        return self._transaction(practice, self.writers, writes=True)

    @asynccontextmanager
    async def _transaction(self, practice: PracticeId, lane: Lane, *, writes: bool) -> AsyncGenerator[Transaction]:
        async with lane.turn:
            transaction = Transaction(practice, lane, self._vault, self._clock, writes=writes)
            try:
                yield transaction
            finally:
                await transaction.close()

    def _truncate_log(self) -> None:
        # Without SQLAlchemy's transaction: inside one, SQLite refuses.
        connection = self.writers.engine.raw_connection()
        try:
            busy = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            connection.close()
        if busy:
            raise Temporary("database_busy")
