"""Statements on the way to an acknowledgement, compiled once and handed to the driver with no more ado.

SQLAlchemy keeps what it compiles too, but looks it up, binds it and wraps its answer anew each time; for a short
statement on SQLite that costs several times the CPU of the statement itself. On PostgreSQL, where a lost connection
must be noticed, the answer is still wrapped.
"""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sqlalchemy import ClauseElement, Dialect
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

Values = Mapping[str, Any]
_Compiled = tuple[str, Callable[[Values], Any]]


class Answer(Protocol):
    """From SQLAlchemy or straight from the driver."""

    def fetchone(self) -> Any: ...


class Prepared:
    """A Core statement that needs a value for each of its binds, by name (of a plain insert: for each column).

    Its answer comes as the driver gives it: for numbers, text and bytes the same as from `Connection.execute`.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}  # by dialect; two threads may compile the same, to the same end

    def run(self, connection: Connection, values: Values) -> Answer:
        """In a transaction that has begun. Raises what `Connection.execute` raises."""
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compiled(self._statement, dialect)
        words, bound = compiled
        if dialect.name == "sqlite":
            return _executed(connection.connection.cursor(), words, bound(values))
        return connection.exec_driver_sql(words, bound(values))


def _executed(cursor: DBAPICursor, words: str, values: Any) -> DBAPICursor:
    try:
        cursor.execute(words, values)
    except sqlite3.Error as error:
        raise DBAPIError.instance(words, None, error, sqlite3.Error, hide_parameters=True) from error
    return cursor


def _compiled(statement: ClauseElement, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError("not a statement with values")
    order = compiled.positiontup or list(compiled.binds)
    binds = [(name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in order]

    def by_name(values: Values) -> dict[str, Any]:
        return {name: values[name] if encode is None else encode(values[name]) for name, encode in binds}

    def by_position(values: Values) -> tuple[Any, ...]:
        return tuple([values[name] if encode is None else encode(values[name]) for name, encode in binds])

    return str(compiled), by_position if dialect.positional else by_name
