"""Proof that the table takes a note's row once: a row is written twice in a transaction that is rolled back."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from adapters.problems import skew_problem
from adapters.sql.errors import of_statement
from adapters.sql.fields import FILE_OF, values_of
from adapters.sql.table import Table
from bot.domain.errors import Permanent
from bot.domain.ids import NoteId, PersonId, PracticeId
from bot.ports import FiledNote

_TIME = {
    "postgresql": "SELECT CURRENT_TIMESTAMP",
    "mysql": "SELECT UTC_TIMESTAMP()",
    "mariadb": "SELECT UTC_TIMESTAMP()",
    "mssql": "SELECT SYSUTCDATETIME()",
}


def problems_of(connection: Connection, table: Table, at: datetime) -> Sequence[str]:
    """What speaks against the table in use; empty when a row is taken, comes back, and is refused a second time."""
    try:
        row = _row(table, at)
        found = _tried(connection, table, row)
    except Permanent as error:
        return [f"A test row does not fit: {error.code}."]
    finally:
        connection.rollback()
    skew = skew_problem(_server_time(connection), "the database")
    return [*found, *([skew] if skew else [])]


def _tried(connection: Connection, table: Table, row: Mapping[str, object]) -> Sequence[str]:
    try:
        with connection.begin_nested():
            connection.execute(table.insert(row))
    except IntegrityError:
        # A row that is not there to be referred to: only a real client or clinician would pass.
        return [] if _needs_another(table) else ["The table refuses a test row by a constraint of its own."]
    except SQLAlchemyError as error:
        return [f"The table refuses a test row ({of_statement(error).code}): may this user INSERT into it?"]
    there = connection.execute(table.look_up(row[table.key.name])).mappings().one_or_none()
    changed = [c.name for c in table.columns if there is not None and not c.same(row[c.name], there[c.name])]
    if there is None or changed:
        return [f"A test row did not come back as it was written{': ' + ', '.join(changed) if changed else ''}."]
    try:
        with connection.begin_nested():
            connection.execute(table.insert(row))
    except IntegrityError:
        return []
    return ["The table took the same note twice: the unique constraint on the note's id is not enforced at once."]


def _row(table: Table, at: datetime) -> Mapping[str, object]:
    """Nobody's note: no column of it is empty unless it refers to another table."""
    note = FiledNote(
        NoteId(f"probe{secrets.token_hex(6)}"),
        PracticeId("probe"),
        "PROBE-0",
        "probe",
        at.date().isoformat(),
        "0" * 64,
        format_name="Probe",
        clinician_id=PersonId("probe"),
        clinician="Probe",
        session_kind="individual",
        started_at=at,
        minutes=1,
        signed_at=at,
        format_version=1,
    )
    files = {kind: b"{}" for kind in FILE_OF.values()}
    values = values_of(note, files, "probe", at, table.primary.field)
    return {
        column.name: column.written(None if column.name in table.guarded and column.nullable else values[column.field])
        for column in table.columns
    }


def _needs_another(table: Table) -> bool:
    return any(column.name in table.guarded and not column.nullable for column in table.columns)


def _server_time(connection: Connection) -> str:
    """The server's own time as an HTTP date; empty where it is this machine's (SQLite)."""
    if connection.dialect.name not in _TIME:
        return ""
    moment: object = connection.exec_driver_sql(_TIME[connection.dialect.name]).scalar_one()
    if not isinstance(moment, datetime):
        return ""
    return format_datetime(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))
