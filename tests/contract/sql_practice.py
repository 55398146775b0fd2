"""What the tests of the SQL sink share: a sink as the registry opens it, and what a practice's administrator does."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from adapters.registry import open_sink
from adapters.sql.sink import SqlSink
from bot.domain.ids import NoteId, PersonId
from bot.domain.links import LinkKind
from bot.ports import Related
from bot.settings import Secret
from tests.contract.note_sink_contract import NOTE, StoppedClock

HELD = {"note_pdf": "pdf", "note_json": "json", "note_text": "text"}
COLUMNS = {"id": "note_id", "code": "client_code", "day": "session_date", **HELD}
FULL_NOTE = replace(
    NOTE,
    format_name="SOAP",
    loinc="34904-3",
    clinician_id=PersonId("kim"),
    clinician="Kim Ito, LCSW",
    started_at=datetime(2026, 11, 20, 14, 0, tzinfo=UTC),
    minutes=53,
    signed_at=datetime(2026, 11, 20, 21, 4, 59, 250_000, tzinfo=UTC),
    related=Related(LinkKind.AMENDMENT, NoteId("n3333333333333333"), "notes/n3333333333333333"),
)


def opened(url: str, table: str = "notes", columns: Mapping[str, str] = COLUMNS, **more: object) -> SqlSink:
    """A sink as the registry opens it."""
    values = {"table": table, "columns": dict(columns), **more}
    sink = open_sink("chart", "sql", values, {"url": Secret(url)}, Path("/nowhere"), StoppedClock())
    assert isinstance(sink, SqlSink)
    return sink


def administer(address: str, *statements: str) -> list[Any]:
    """What the practice's own administrator does; the rows of the last statement."""
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in statements[:-1]:
            connection.execute(statement.encode())
        cursor = connection.execute(statements[-1].encode())
        return cursor.fetchall() if cursor.description else []


def table_sql(*more: str, key: str = "id varchar(18) PRIMARY KEY NOT NULL") -> str:
    documents = ("note_pdf bytea NOT NULL", "note_json bytea", "note_text bytea")
    return f"CREATE TABLE notes ({', '.join((key, 'code text', 'day date', *documents, *more))})"


def on_sqlite(file: Path, *statements: str) -> list[Any]:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        rows: list[Any] = []
        for statement in statements:
            rows = connection.execute(statement).fetchall()
        return rows
