"""The practice's table as it is: reflected, held against the column map, never created and never altered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.exc import NoSuchTableError

from adapters.sql.columns import Column
from adapters.sql.fields import FILE_OF


@dataclass(frozen=True, slots=True)
class Table:
    """What a row is written to. `clause` names table and columns; `guarded`: columns with a foreign key."""

    clause: sa.TableClause
    columns: tuple[Column, ...]
    problems: tuple[str, ...]
    guarded: frozenset[str]

    @property
    def key(self) -> Column:
        """The column that holds the note's id."""
        return next(column for column in self.columns if column.field == "note_id")

    @property
    def primary(self) -> Column:
        """The first document column: the receipt's SHA-256 is of what is in it."""
        return next(column for column in self.columns if column.field in FILE_OF)

    def insert(self, row: Mapping[str, object]) -> sa.Insert:
        """Writes one row."""
        return self.clause.insert().values(dict(row))

    def look_up(self, note_id: object) -> sa.Select[Any]:
        """Reads the mapped columns of one note's row."""
        return sa.select(*self.clause.c).where(self.clause.c[self.key.name] == note_id)


def reflect(connection: sa.Connection, name: str, wanted: Mapping[str, str]) -> Table | None:
    """The table `[schema.]name` with the columns in `wanted` (theirs → ours), and all that is wrong with it.

    None when there is no such table. A column that is missing is a problem, and not among `columns`.
    """
    schema, _, table = name.rpartition(".")
    inspector = sa.inspect(connection)
    try:
        reflected = {column["name"]: column for column in inspector.get_columns(table, schema or None)}
    except NoSuchTableError:
        return None
    columns = tuple(
        Column(theirs, ours, _plain(reflected[theirs]["type"]), reflected[theirs]["nullable"])
        for theirs, ours in wanted.items()
        if theirs in reflected
    )
    problems = (
        *(f"Column {theirs} is not in {name}." for theirs in wanted if theirs not in reflected),
        *(f"Column {column.name} {column.problem()}." for column in columns if column.problem()),
        *_without_value(inspector, table, schema, reflected, wanted),
        *_not_unique(inspector, table, schema, columns),
        *_no_bytes(columns),
    )
    clause = sa.table(table, *(sa.column(c.name, c.type) for c in columns), schema=schema or None)
    return Table(clause, columns, problems, _guarded(inspector, table, schema))


def _plain(kind: Any) -> sa.types.TypeEngine[Any]:
    """What a domain (a type with a rule) is made of; any other type as it is."""
    return kind.data_type if isinstance(kind, DOMAIN) else kind


def _without_value(
    inspector: sa.Inspector,
    table: str,
    schema: str,
    reflected: Mapping[str, ReflectedColumn],
    wanted: Mapping[str, str],
) -> Sequence[str]:
    """Columns that an INSERT of ours would leave empty although they must not be."""
    key = inspector.get_pk_constraint(table, schema or None)["constrained_columns"]
    return [
        f"Column {name} must have a value and nothing of ours is mapped to it: map it, or give it a default."
        for name, column in reflected.items()
        if name not in wanted
        and not (column["nullable"] or column.get("default") is not None)
        and not (column.get("identity") or column.get("computed") or column.get("autoincrement") is True)
        and not (key == [name] and inspector.dialect.name == "sqlite" and isinstance(column["type"], sa.INTEGER))
    ]


def _not_unique(inspector: sa.Inspector, table: str, schema: str, columns: Sequence[Column]) -> Sequence[str]:
    """Nothing but the database itself can keep a note from being there twice."""
    name = next((column.name for column in columns if column.field == "note_id"), "")
    keys = [
        inspector.get_pk_constraint(table, schema or None)["constrained_columns"],
        *(constraint["column_names"] for constraint in inspector.get_unique_constraints(table, schema or None)),
        *(index["column_names"] for index in inspector.get_indexes(table, schema or None) if _covers_all(index)),
    ]
    if not name or [name] in keys:
        return []
    return [f"Column {name} holds the note's id and is not unique by itself: add a unique constraint on {name} alone."]


def _covers_all(index: Any) -> bool:
    """A unique index over every row; a partial one lets the others be there twice."""
    options = index.get("dialect_options", {})
    return bool(index["unique"]) and not any(str(name).endswith("_where") for name in options)


def _no_bytes(columns: Sequence[Column]) -> Sequence[str]:
    """The receipt's SHA-256 is of the first document, so that one must come back as it went in."""
    first = next((column for column in columns if column.field in FILE_OF), None)
    if first is None or first.keeps_bytes:
        return []
    return [f"Column {first.name} rearranges JSON, so its SHA-256 proves nothing: map a text or binary column first."]


def _guarded(inspector: sa.Inspector, table: str, schema: str) -> frozenset[str]:
    keys = inspector.get_foreign_keys(table, schema or None)
    return frozenset(column for key in keys for column in key["constrained_columns"])
