"""Writes on the way to an acknowledgement, compiled once and handed to the driver with no more ado.

SQLAlchemy keeps what it compiles too, but looks it up and binds it anew each time, which for a short statement costs
more CPU than the database itself. Reads gain nothing this way: SQLAlchemy keeps the shape of their answer as well.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ClauseElement, CursorResult, Dialect
from sqlalchemy.engine import Connection
from sqlalchemy.sql.compiler import SQLCompiler

Values = Mapping[str, Any]
_Compiled = tuple[str, Callable[[Values], Any]]


class Prepared:
    """A Core statement that writes one row and returns none. It needs a value for each of its binds by name; those of
    a plain insert are all columns of the table.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}  # by dialect; two threads may compile the same, to the same end

    def run(self, connection: Connection, values: Values) -> CursorResult[Any]:
        """Like `connection.execute`, its errors included."""
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compiled(self._statement, dialect)
        words, bound = compiled
        return connection.exec_driver_sql(words, bound(values))


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
