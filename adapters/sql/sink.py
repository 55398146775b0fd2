"""Files a note as one row of the practice's own table. INSERT and SELECT only: nothing is created, altered, updated.

What keeps a note from being there twice is a unique constraint of theirs on the note's id, which must exist. So every
try begins with a look and is harmless; an addendum, amendment or retraction is a row of its own.
"""

import hashlib
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from adapters.about import REQUIRED, Ability, About, Setting
from adapters.own_threads import OwnThreads
from adapters.problems import problem_of
from adapters.render import KINDS
from adapters.settings import SinkSettings
from adapters.sql.columns import as_bytes
from adapters.sql.connect import POOL, engine_of, limit_statements, parsed
from adapters.sql.errors import KIND, of_connection, of_statement, was_lost
from adapters.sql.fields import FIELDS, FILE_OF, Value, kinds_mapped, values_of
from adapters.sql.probe import problems_of
from adapters.sql.table import Table, reflect
from bot.domain.errors import Conflict, EffectError, Permanent, Temporary
from bot.domain.filing import Reason, code_of, reason_in
from bot.ports import Clock, FiledNote, Receipt

_T = TypeVar("_T")


class SqlSink:
    """A NoteSink on a table. The receipt's reference is `table/note id`, its SHA-256 that of the first document mapped.

    `columns`: their column → our field, in order. `seconds`: the time limit of one put.
    """

    ABOUT = About(
        "A table of a database that the practice has: PostgreSQL, SQLite; MySQL and SQL Server with their driver.",
        (
            Setting("table", "the table, with its schema: records.notes", REQUIRED),
            Setting("columns", f"their column = our field; our fields: {', '.join(FIELDS)}", {}),
            Setting("timeout_seconds", "how long one note may take", 20),
            Setting("url", "postgresql://user:password@host/database or sqlite:////path/notes.db", secret=True),
        ),
        (Ability.REFUSES_OVERWRITE, Ability.READS_BACK),
        takes=kinds_mapped,
    )

    def __init__(
        self, url: URL, table: str, columns: Mapping[str, str], home: Path, clock: Clock, seconds: float = 20.0
    ) -> None:
        self._name, self._columns, self._clock = table, dict(columns), clock
        self._limit = 0.8 * seconds  # the database's own, so that it answers before it is given up
        self._engine = engine_of(url, home, self._limit)
        self._threads = OwnThreads("afternote-sql", most=POOL, seconds=seconds)
        self._table: Table | None = None

    @classmethod
    def from_settings(cls, settings: SinkSettings, home: Path, clock: Clock) -> "SqlSink":
        """Touches no network. Raises ValueError naming the key."""
        secret, columns = settings.secret("url"), settings.table("columns")
        if secret is None:
            raise settings.problem("url", "must be set: the address of the practice's database")
        if problem := _map_problem(columns):
            raise settings.problem("columns", problem)
        try:
            url = parsed(secret.reveal())
            return cls(url, settings.text("table"), columns, home, clock, settings.seconds("timeout_seconds"))
        except ValueError as error:
            raise (error if str(error).startswith("[") else settings.problem("url", str(error))) from None

    async def check(self) -> Sequence[str]:
        """Whether rows can be written: the columns, the unique key, and a row that is tried twice and rolled back."""
        try:
            return await self._bounded(lambda held: self._within(held, self._problems))
        except EffectError as error:
            return [_sentence(error)]

    async def put(self, note: FiledNote, files: Mapping[str, bytes], key: str) -> Receipt:
        """Insert the note's row unless it is there. See NoteSink."""
        lacking = [field for field in self._columns.values() if field in FILE_OF and FILE_OF[field] not in files]
        if lacking:
            raise Permanent(code_of(KIND, Reason.NOT_RENDERED, lacking[0]))
        values = values_of(note, files, key, self._clock.now(), self._primary)
        try:
            return await self._bounded(lambda held: self._within(held, lambda c: self._put(c, values)))
        except _Lost:
            return await self._bounded(lambda held: self._within(held, lambda c: self._after_loss(c, values)))

    async def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    @property
    def _primary(self) -> str:
        return next(field for field in self._columns.values() if field in FILE_OF)

    async def _bounded(self, work: Callable[["_Held"], _T]) -> _T:
        """In a thread, with a time limit, after which the connection is cut: the next try looks what came of it."""
        held = _Held()
        try:
            return await self._threads.run(lambda: work(held))
        except TimeoutError:
            held.cut()
            raise Temporary(code_of(KIND, Reason.TIMEOUT)) from None

    def _within(self, held: "_Held", work: Callable[[Connection], _T]) -> _T:
        """`work` with a connection. Raises EffectError, or _Lost when the connection broke under it."""
        try:
            with self._connected(held) as connection:
                return work(connection)
        except SQLAlchemyError as error:
            if was_lost(error):
                raise _Lost from None
            self._table = None  # perhaps it was changed; look at it again next time
            raise of_statement(error) from None
        finally:
            held.connection = None

    def _connected(self, held: "_Held") -> Connection:
        """A connection that answers. One that broke while nobody used it is replaced: nothing was sent on it."""
        for _ in range(2):
            try:
                connection = self._engine.connect()
            except SQLAlchemyError as error:
                raise of_connection(error) from None
            try:
                held.connection = connection.connection.dbapi_connection
                limit_statements(connection, self._limit)
                return connection
            except SQLAlchemyError as error:
                connection.close()
                if held.given_up or not was_lost(error):
                    raise of_statement(error) from None
        raise Temporary(code_of(KIND, Reason.UNREACHABLE))

    def _put(self, connection: Connection, values: Mapping[str, Value]) -> Receipt:
        table = self._known_table(connection)
        row = {column.name: column.written(values[column.field]) for column in table.columns}
        if found := self._found(connection, table, row, "already"):
            return found
        try:
            inserted = connection.execute(table.insert(row))
        except IntegrityError as error:
            connection.rollback()
            if found := self._found(connection, table, row, "already"):
                return found
            raise of_statement(error) from None
        self._require_kept(connection, table, row, inserted.rowcount)
        connection.commit()
        found = self._found(connection, table, row, "stored")
        if found is None:
            raise Temporary(code_of(KIND, Reason.NOT_KEPT))
        return found

    def _after_loss(self, connection: Connection, values: Mapping[str, Value]) -> Receipt:
        """The answer was lost: there, or surely absent as far as this database knows. Another try is harmless."""
        table = self._known_table(connection)
        row = {column.name: column.written(values[column.field]) for column in table.columns}
        if found := self._found(connection, table, row, "stored"):
            return found
        raise Temporary(code_of(KIND, Reason.TIMEOUT))

    def _known_table(self, connection: Connection) -> Table:
        if self._table is None:
            table = reflect(connection, self._name, self._columns)
            if table is None:
                raise Permanent(code_of(KIND, Reason.NO_PLACE))
            if table.problems:
                raise Permanent(code_of(KIND, Reason.REFUSED, "table"))
            self._table = table
        return self._table

    def _found(self, connection: Connection, table: Table, row: Mapping[str, object], outcome: str) -> Receipt | None:
        """The receipt of the row that is there, None when none is. Raises Conflict when it is another note's."""
        there = connection.execute(table.look_up(row[table.key.name])).mappings().one_or_none()
        if there is None:
            return None
        reference = f"{self._name}/{row[table.key.name]}"
        telling = [column for column in table.columns if column.tells_identity]
        if any(not column.same(row[column.name], there[column.name]) for column in telling):
            raise Conflict(code_of(KIND, Reason.OTHER_CONTENT), reference)
        digest = hashlib.sha256(as_bytes(there[table.primary.name])).hexdigest()
        return Receipt(reference, digest, outcome, self._clock.now())

    def _require_kept(self, connection: Connection, table: Table, row: Mapping[str, object], count: int) -> None:
        """Before anything counts: the row is as it was written, not shortened, not swallowed by a trigger."""
        there = connection.execute(table.look_up(row[table.key.name])).mappings().one_or_none()
        if count == 0 or there is None or any(not c.same(row[c.name], there[c.name]) for c in table.columns):
            connection.rollback()
            raise Permanent(code_of(KIND, Reason.NOT_KEPT))

    def _problems(self, connection: Connection) -> Sequence[str]:
        table = reflect(connection, self._name, self._columns)
        if table is None:
            return [f"There is no table {self._name} in this database, or this user may not see it."]
        return table.problems or problems_of(connection, table, self._clock.now())


class _Lost(Temporary):
    """The connection broke; what was sent may have been carried out. Trying again is harmless."""

    def __init__(self) -> None:
        super().__init__(code_of(KIND, Reason.UNREACHABLE))


class _Held:
    """The driver's connection that a thread is at work with, unless nobody waits for it any more."""

    connection: Any = None
    given_up = False

    def cut(self) -> None:
        """End it from outside, where the driver shows its socket: the thread gets an error and is free again."""
        self.given_up = True
        with suppress(Exception), socket.socket(fileno=os.dup(self.connection.fileno())) as copy:
            copy.shutdown(socket.SHUT_RDWR)


def _map_problem(columns: Mapping[str, str]) -> str:
    fields = list(columns.values())
    unknown = [field for field in fields if field not in FIELDS]
    if unknown:
        return f"{unknown[0]} is no field of ours; choose from {', '.join(FIELDS)}"
    if fields.count("note_id") != 1:
        return "exactly one column must hold note_id"
    documents = [field for field in fields if field in FILE_OF]
    if not documents:
        return f"no column holds the note itself; map one of {', '.join(FILE_OF)}"
    unrendered = [field for field in documents if FILE_OF[field] not in KINDS]
    return f"{unrendered[0]} is not rendered by this version" if unrendered else ""


def _sentence(error: EffectError) -> str:
    if reason_in(error.code) is Reason.NO_PLACE:
        return f"There is no such database, table or column ({error.code})."
    if reason_in(error.code) is Reason.AWAY:
        return f"The database’s file is not there, and it is never created here ({error.code})."
    return problem_of(error, "The database")
