"""Which processes work on a database: exactly one on SQLite, any number on PostgreSQL, each known to be alive or not.

Both hold a lock in the database for as long as the process lives; a process that is killed loses it at once.
"""

import sqlite3
import uuid
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError


class Presence(Protocol):
    """This process's claim to be working. All methods block; call them in a thread."""

    name: str

    def hold(self) -> None:
        """Claim, or claim again after the connection was lost. Raises AlreadyRunning."""
        ...

    def take_over(self, name: str) -> bool:
        """Whether the executor of this name is dead; when it is, it is ours until `hand_back`."""
        ...

    def hand_back(self, name: str) -> None: ...

    def release(self) -> None: ...


class AlreadyRunning(Exception):
    """Another process works on this SQLite database; the message says which file."""


class AloneOnSqlite:
    """An exclusive lock on a small file beside the database."""

    name = "local"

    def __init__(self, database: Path) -> None:
        self._file = database.with_name(f"{database.name}.lock")
        self._held: sqlite3.Connection | None = None

    def hold(self) -> None:
        if self._held:
            return
        connection = sqlite3.connect(self._file, timeout=0.5, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            connection.close()
            raise AlreadyRunning(f"Another process of Afternote already works with {self._file.parent}.") from None
        self._held = connection

    def take_over(self, name: str) -> bool:
        return False  # there is no other; the engine itself recovers what we left

    def hand_back(self, name: str) -> None:
        return

    def release(self) -> None:
        if self._held:
            self._held.close()
            self._held = None


class AmongOthersOnPostgres:
    """A session-level advisory lock on the executor's name."""

    def __init__(self, engine: sa.Engine) -> None:
        self.name = f"executor-{uuid.uuid4().hex}"
        self._engine = engine
        self._held: sa.Connection | None = None

    def hold(self) -> None:
        if self._held and self._answers(self._held):
            return
        self.release()
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._held = connection
        self.take_over(self.name)

    def take_over(self, name: str) -> bool:
        return bool(self._held and self._held.scalar(_call("pg_try_advisory_lock"), {"name": name}))

    def hand_back(self, name: str) -> None:
        if self._held:
            self._held.scalar(_call("pg_advisory_unlock"), {"name": name})

    def release(self) -> None:
        if self._held:
            if self._answers(self._held):
                self.hand_back(self.name)  # at once; the server notices a closed session a little later
            self._held.invalidate()  # closes the session, and with it every lock
            self._held.close()
            self._held = None

    def _answers(self, connection: sa.Connection) -> bool:
        try:
            return connection.scalar(sa.text("SELECT 1")) == 1
        except SQLAlchemyError:
            return False


def _call(function: str) -> sa.TextClause:
    return sa.text(f"SELECT {function}(hashtextextended(:name, 0))")
