"""The SQL sink: the contract on PostgreSQL and SQLite, other people’s tables, lost answers, errors that quote."""

# ruff: noqa: S608, ASYNC220, ASYNC240 - SQL made of our own ids, and processes and files that nobody else waits for.

import asyncio
import logging
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from adapters.registry import open_sink
from adapters.sql.connect import parsed
from adapters.sql.fields import FIELDS, FILE_OF
from adapters.sql.sink import SqlSink
from bot.domain.errors import Conflict, EffectError, Permanent, Temporary
from bot.domain.ids import NoteId, PersonId
from bot.domain.links import LinkKind
from bot.ports import FiledNote, Related
from bot.settings import Secret
from tests.contract.note_sink_contract import FILES, NOTE, NoteSinkContract, StoppedClock
from tests.contract.servers import postgres
from tests.doubles import canary
from tests.doubles.canary import captured_logs

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
_numbers = count(1)


def opened(url: str, table: str = "notes", columns: Mapping[str, str] = COLUMNS, **more: object) -> SqlSink:
    """A sink as the registry opens it."""
    values = {"table": table, "columns": dict(columns), **more}
    sink = open_sink("chart", "sql", values, {"url": Secret(url)}, Path("/nowhere"), StoppedClock())
    assert isinstance(sink, SqlSink)
    return sink


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as address:
        yield address


@pytest.fixture
def address(server: str) -> Iterator[str]:
    """A fresh PostgreSQL database."""
    name = f"practice_{next(_numbers)}"
    administer(server, f"CREATE DATABASE {name}")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")


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


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "practice.db"


def on_sqlite(file: Path, *statements: str) -> list[Any]:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        rows: list[Any] = []
        for statement in statements:
            rows = connection.execute(statement).fetchall()
        return rows


class TestSqlOnPostgres(NoteSinkContract):
    @pytest.fixture
    async def sink(self, address: str) -> Any:
        self.address = address
        administer(address, table_sql())
        sink = opened(address)
        yield sink
        await sink.close()

    async def held(self, sink: SqlSink, note: FiledNote, key: str) -> Mapping[str, bytes]:
        query = f"SELECT note_pdf, note_json, note_text FROM notes WHERE id = '{note.note_id}'"
        ((pdf, as_json, text),) = administer(self.address, query)
        return {"pdf": pdf, "json": as_json, "txt": text}


class TestSqlOnSqlite(NoteSinkContract):
    @pytest.fixture
    async def sink(self, file: Path) -> Any:
        self.file = file
        on_sqlite(file, table_sql().replace("bytea", "BLOB"))
        sink = opened(f"sqlite:///{file}")
        yield sink
        await sink.close()

    async def held(self, sink: SqlSink, note: FiledNote, key: str) -> Mapping[str, bytes]:
        ((pdf, as_json, text),) = on_sqlite(
            self.file, f"SELECT note_pdf, note_json, note_text FROM notes WHERE id = '{note.note_id}'"
        )
        return {"pdf": pdf, "json": as_json, "txt": text}


EVERY_FIELD = {f"c_{field}": field for field in FIELDS if field not in ("fhir_json",)}


@pytest.mark.parametrize("moment", ["timestamptz", "timestamp", "text"])
async def test_every_field_arrives_in_a_column_of_its_kind(address: str, moment: str) -> None:
    kinds = {"session_date": "date", "minutes": "smallint", "pdf": "bytea", "docx": "bytea", "json": "jsonb"}
    kinds |= dict.fromkeys(("started_at", "signed_at", "filed_at"), moment)
    rows = ", ".join(f"{name} {kinds.get(field, 'text')} NOT NULL" for name, field in EVERY_FIELD.items())
    relaxed = [f"ALTER TABLE notes ALTER {name} DROP NOT NULL" for name in EVERY_FIELD if name != "c_note_id"]
    administer(address, f"CREATE TABLE notes (row_id serial PRIMARY KEY, {rows}, UNIQUE (c_note_id))", *relaxed)
    sink = opened(address, columns=EVERY_FIELD)
    files = {**FILES, "md": b"# Note", "docx": b"PK\x03\x04"}
    assert list(await sink.check()) == []
    receipt = await sink.put(FULL_NOTE, files, "k9")
    ((*row,),) = administer(address, f"SELECT {', '.join(EVERY_FIELD)} FROM notes")
    told = dict(zip(EVERY_FIELD.values(), row, strict=True))
    assert told["session_date"] == date(2026, 11, 20)
    assert told["minutes"] == 53
    assert told["json"] == {"note": 1}
    assert told["text"].encode() == FILES["txt"]
    assert told["sha256"] == receipt.sha256
    assert (told["document_kind"], told["related_note_id"]) == ("amendment", "n3333333333333333")
    expected = {
        "timestamptz": FULL_NOTE.signed_at,
        "timestamp": datetime(2026, 11, 20, 21, 4, 59, 250_000),  # noqa: DTZ001 - a column without time zone
        "text": "2026-11-20T21:04:59+00:00",
    }
    assert told["signed_at"] == expected[moment]
    assert (await sink.put(FULL_NOTE, files, "k9")).outcome == "already"
    assert administer(address, "SELECT count(*) FROM notes") == [(1,)]
    await sink.close()


async def test_an_amendment_is_a_row_of_its_own_and_nothing_is_updated(file: Path) -> None:
    on_sqlite(file, table_sql("kind text", "about text").replace("bytea", "BLOB"))
    sink = opened(f"sqlite:///{file}", columns={**COLUMNS, "kind": "document_kind", "about": "related_note_id"})
    first = await sink.put(NOTE, FILES, "k1")
    before = on_sqlite(file, "SELECT * FROM notes")
    related = Related(LinkKind.RETRACTION, NOTE.note_id, first.reference)
    await sink.put(replace(NOTE, note_id=NoteId("n2222222222222222"), related=related), FILES, "k2")
    after = on_sqlite(file, "SELECT * FROM notes ORDER BY kind DESC")
    assert after[1] == before[0] or after[0] == before[0]
    assert ("retraction", NOTE.note_id) in [row[-2:] for row in after]
    assert first.reference == f"notes/{NOTE.note_id}"
    await sink.close()


async def test_the_table_and_the_rights_of_the_documents_do(address: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "storage-sftp-smb-sql.md").read_text("utf-8")
    of_sql = page[page.index("## sql") :]
    table, rights = re.findall(r"```sql\n(.*?)```", of_sql, re.DOTALL)
    (settings,) = re.findall(r"```toml\n(.*?)```", of_sql, re.DOTALL)
    chosen = tomllib.loads(settings)["adapter"]["chart"]
    administer(address, "CREATE SCHEMA records", table, *filter(None, map(str.strip, rights.split(";"))))
    try:
        clerk = make_url(address).set(username="filing_clerk").render_as_string(hide_password=False)
        sink = opened(clerk, chosen["table"], chosen["columns"])
        assert list(await sink.check()) == []
        receipt = await sink.put(FULL_NOTE, FILES, "k1")
        assert (receipt.outcome, receipt.reference) == ("stored", f"records.notes/{NOTE.note_id}")
        assert (await sink.put(FULL_NOTE, FILES, "k1")).outcome == "already"
        await sink.close()
    finally:
        administer(address, "DROP OWNED BY filing_clerk", "DROP ROLE filing_clerk")


async def test_what_the_practice_puts_right_in_its_own_columns_is_no_conflict(file: Path) -> None:
    on_sqlite(file, table_sql().replace("bytea", "BLOB"))
    sink = opened(f"sqlite:///{file}")
    await sink.put(NOTE, FILES, "k1")
    on_sqlite(file, "UPDATE notes SET code = 'JD-14'")
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "already"
    on_sqlite(file, "UPDATE notes SET note_text = x'00'")
    with pytest.raises(Conflict) as other:
        await sink.put(NOTE, FILES, "k1")
    assert other.value.code == "sql:other_content"
    await sink.close()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (table_sql(key="id varchar(18) NOT NULL"), "not unique by itself"),
        (table_sql("UNIQUE (id, day)", key="id varchar(18) NOT NULL"), "not unique by itself"),
        (table_sql(key="id varchar(18) UNIQUE"), "may be NULL"),
        (table_sql(key="id varchar(12) PRIMARY KEY"), "takes 12 characters, note_id needs 17"),
        (table_sql(key="id integer PRIMARY KEY"), "id is a INTEGER, which cannot hold text"),
        (table_sql(key="id uuid PRIMARY KEY"), "cannot hold text"),
        (table_sql("owner text NOT NULL"), "Column owner must have a value"),
        (table_sql().replace("day date", "day integer"), "cannot hold a date"),
        (table_sql().replace("day date", "day timestamptz"), "would move the date"),
        (table_sql().replace("day date", "day date NOT NULL"), "allow NULL"),
        (table_sql().replace("day date", "dey date"), "Column day is not in notes"),
        (table_sql().replace("note_pdf bytea", "note_pdf text"), "note_pdf is a TEXT"),
        (table_sql().replace("note_text bytea", "note_text char(900)"), "padded with blanks"),
        (table_sql("CHECK (code <> 'PROBE-0')"), "refuses a test row"),
        (table_sql(key="id varchar(18) UNIQUE DEFERRABLE INITIALLY DEFERRED NOT NULL"), "took the same note twice"),
        ("CREATE TABLE other (id integer)", "There is no table notes"),
    ],
)
async def test_check_names_what_is_wrong_with_a_table(address: str, sql: str, said: str) -> None:
    administer(address, sql)
    sink = opened(address)
    (problem,) = await sink.check()
    assert said in problem
    assert [row for row in administer(address, "SELECT tablename FROM pg_tables WHERE tablename = 'notes'")] == (
        [] if "TABLE other" in sql else [("notes",)]
    )
    await sink.close()


async def test_a_partial_unique_index_is_not_enough_and_a_whole_one_is(address: str) -> None:
    administer(
        address, table_sql(key="id varchar(18) NOT NULL"), "CREATE UNIQUE INDEX p ON notes (id) WHERE day > 'now'"
    )
    sink = opened(address)
    assert "not unique by itself" in (await sink.check())[0]
    with pytest.raises(Permanent) as refused:
        await sink.put(NOTE, FILES, "k1")
    assert refused.value.code == "sql:refused:table"
    administer(address, "CREATE UNIQUE INDEX q ON notes (id)")
    assert list(await sink.check()) == []
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
    await sink.close()


async def test_check_leaves_no_row_and_no_schema_is_touched(address: str) -> None:
    administer(address, "CREATE SCHEMA records", table_sql().replace("notes", "records.notes"))
    catalogue = "SELECT count(*) FROM pg_class"
    before = administer(address, catalogue)
    sink = opened(address, "records.notes")
    assert list(await sink.check()) == []
    assert administer(address, "SELECT count(*) FROM records.notes") == [(0,)]
    receipt = await sink.put(NOTE, FILES, "k1")
    assert receipt.reference == f"records.notes/{NOTE.note_id}"
    assert administer(address, catalogue) == before
    await sink.close()


async def test_a_row_that_refers_to_their_clients_is_not_held_against_the_probe(address: str) -> None:
    administer(
        address,
        "CREATE TABLE clients (code text PRIMARY KEY)",
        "INSERT INTO clients VALUES ('JD-014')",
        table_sql("FOREIGN KEY (code) REFERENCES clients"),
    )
    sink = opened(address)
    assert list(await sink.check()) == []
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
    with pytest.raises(Permanent) as refused:
        await sink.put(replace(NOTE, note_id=NoteId("n2222222222222222"), client_code="XX-999"), FILES, "k2")
    assert refused.value.code == "sql:refused:23503"
    await sink.close()


async def test_a_value_that_is_shortened_is_rolled_back_before_it_counts(file: Path) -> None:
    shorten = "CREATE TRIGGER t AFTER INSERT ON notes BEGIN UPDATE notes SET note_text = x'41' WHERE id = NEW.id; END"
    on_sqlite(file, table_sql().replace("bytea", "BLOB"), shorten)
    sink = opened(f"sqlite:///{file}")
    assert "did not come back" in (await sink.check())[0]
    with pytest.raises(Permanent) as refused:
        await sink.put(NOTE, FILES, "k1")
    assert refused.value.code == "sql:not_kept"
    assert on_sqlite(file, "SELECT count(*) FROM notes") == [(0,)]
    await sink.close()


async def test_a_domain_is_what_it_is_made_of(address: str) -> None:
    domain = "CREATE DOMAIN code AS varchar(8) CHECK (VALUE LIKE '%-%')"
    administer(address, domain, table_sql().replace("code text", "code code"))
    sink = opened(address)
    assert list(await sink.check()) == []
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
    await sink.close()


async def test_a_client_code_that_does_not_fit_is_not_shortened(address: str) -> None:
    administer(address, table_sql().replace("code text", "code varchar(4)"))
    sink = opened(address)
    with pytest.raises(Permanent) as refused:
        await sink.put(NOTE, FILES, "k1")
    assert refused.value.code == "sql:too_large:client_code"
    await sink.close()


async def test_a_null_byte_does_not_go_into_text(address: str) -> None:
    administer(address, table_sql().replace("note_text bytea", "note_text text"))
    sink = opened(address)
    with pytest.raises(Permanent) as refused:
        await sink.put(NOTE, {**FILES, "txt": b"a\x00b"}, "k1")
    assert refused.value.code.startswith("sql:refused")
    await sink.close()


async def test_a_file_that_was_not_rendered_is_named(file: Path) -> None:
    on_sqlite(file, table_sql().replace("bytea", "BLOB"))
    with pytest.raises(Permanent) as refused:
        await opened(f"sqlite:///{file}").put(NOTE, {"pdf": b"", "txt": b""}, "k1")
    assert refused.value.code == "sql:not_rendered:json"


async def test_rights_and_credentials(address: str, server: str) -> None:
    administer(address, table_sql(), "CREATE ROLE filer LOGIN PASSWORD 'secret'", "GRANT SELECT ON notes TO filer")
    try:
        as_filer = make_url(address).set(username="filer", password="secret").render_as_string(hide_password=False)
        sink = opened(as_filer)
        assert "42501" in (await sink.check())[0]
        with pytest.raises(Permanent) as refused:
            await sink.put(NOTE, FILES, "k1")
        assert refused.value.code == "sql:not_allowed:42501"
        administer(address, "GRANT INSERT ON notes TO filer")
        assert list(await sink.check()) == []
        assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
        await sink.close()
    finally:
        administer(address, "DROP OWNED BY filer", "DROP ROLE filer")


@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        ({"username": "nobody_known"}, Permanent, "sql:not_allowed"),
        ({"database": "no_such_database"}, Permanent, "sql:no_place"),
    ],
)
async def test_a_connection_that_is_refused(
    server: str, change: dict[str, str], kind: type[EffectError], code: str
) -> None:
    sink = opened(make_url(server).set(**change).render_as_string(hide_password=False))
    with pytest.raises(kind) as refused:
        await sink.put(NOTE, FILES, "k1")
    assert refused.value.code == code
    assert code in (await sink.check())[0]
    assert next(iter(change.values())) not in str(await sink.check())


async def test_a_wrong_password_is_permanent(address: str, server: str) -> None:
    ((hba,),) = administer(server, "SHOW hba_file")
    rules = Path(hba).read_text()
    administer(address, table_sql(), "CREATE ROLE guarded LOGIN PASSWORD 'right'")
    try:
        Path(hba).write_text(f"local all guarded scram-sha-256\n{rules}")
        administer(server, "SELECT pg_reload_conf()")
        await asyncio.sleep(0.3)
        wrong = make_url(address).set(username="guarded", password="wrong").render_as_string(hide_password=False)
        with pytest.raises(Permanent) as refused:
            await opened(wrong).put(NOTE, FILES, "k1")
        assert refused.value.code == "sql:not_allowed"
    finally:
        Path(hba).write_text(rules)
        administer(server, "SELECT pg_reload_conf()", "DROP ROLE guarded")


async def test_a_server_that_is_down_is_temporary() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://someone@127.0.0.1:{taken.getsockname()[1]}/practice"
        sink = opened(url)
        with pytest.raises(Temporary) as down:
            await sink.put(NOTE, FILES, "k1")
        assert down.value.code == "sql:unreachable"
        assert "cannot be reached" in (await sink.check())[0]


async def test_a_server_that_accepts_and_says_nothing_is_given_up() -> None:
    with closing(socket.socket()) as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        sink = opened(f"postgresql://someone@127.0.0.1:{deaf.getsockname()[1]}/practice", timeout_seconds=2)
        begun = time.monotonic()
        with pytest.raises(Temporary):
            await sink.put(NOTE, FILES, "k1")
        assert time.monotonic() - begun < 4


async def test_a_server_that_stands_still_midway_is_given_up_and_the_next_try_completes(address: str) -> None:
    administer(address, table_sql())
    sink = opened(address, timeout_seconds=2)
    other = replace(NOTE, note_id=NoteId("n2222222222222222"))
    await sink.put(other, FILES, "k0")
    ((pid,),) = administer(
        address,
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'",
    )
    os.kill(pid, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        with pytest.raises(Temporary) as slow:
            await sink.put(NOTE, FILES, "k1")
        assert slow.value.code == "sql:timeout"
        assert time.monotonic() - begun < 4
        assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
    finally:
        os.kill(pid, signal.SIGCONT)
    await sink.close()
    assert administer(address, "SELECT count(*) FROM notes") == [(2,)]


async def test_a_lock_is_waited_for_and_then_temporary(address: str) -> None:
    administer(address, table_sql())
    sink = opened(address, timeout_seconds=1)
    with psycopg.connect(address) as holder:
        holder.execute("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Temporary) as busy:
            await sink.put(NOTE, FILES, "k1")
    assert busy.value.code == "sql:timeout:57014"
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
    await sink.close()


async def test_a_locked_sqlite_file_is_temporary(file: Path) -> None:
    on_sqlite(file, table_sql().replace("bytea", "BLOB"))
    sink = opened(f"sqlite:///{file}", timeout_seconds=1)
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Temporary) as busy:
            await sink.put(NOTE, FILES, "k1")
    assert busy.value.code == "sql:busy:5"
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
    await sink.close()


async def test_a_full_sqlite_file_is_temporary(file: Path) -> None:
    on_sqlite(file, table_sql().replace("bytea", "BLOB"))
    sink = opened(f"sqlite:///{file}")
    with sink._engine.connect() as connection:  # as a full disk is: the pages of the file are limited
        connection.exec_driver_sql("PRAGMA max_page_count = 8")
    with pytest.raises(Temporary) as full:
        await sink.put(NOTE, {**FILES, "pdf": b"x" * 200_000}, "k1")
    assert full.value.code == "sql:full:13"
    await sink.close()


async def test_an_sqlite_file_that_is_not_there_is_never_created(file: Path) -> None:
    sink = opened(f"sqlite:///{file}")
    with pytest.raises(Temporary) as away:
        await sink.put(NOTE, FILES, "k1")
    assert away.value.code == "sql:away"
    assert "never created here" in (await sink.check())[0]
    assert not file.exists()


async def test_a_commit_that_the_server_dropped_is_tried_again(address: str) -> None:
    administer(
        address,
        table_sql(),
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER t AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        " EXECUTE FUNCTION die()",
    )
    sink = opened(address)
    with pytest.raises(Temporary) as dropped:
        await sink.put(NOTE, FILES, "k1")
    assert dropped.value.code == "sql:timeout"
    administer(address, "DROP TRIGGER t ON notes")
    assert (await sink.put(replace(NOTE, maybe_sent=True), FILES, "k1")).outcome == "stored"
    await sink.close()


async def test_a_commit_whose_answer_was_lost_is_found(address: str) -> None:
    administer(address, table_sql())
    with CommitsUnanswered(make_url(address)) as way:
        sink = opened(way.address)
        receipt = await sink.put(NOTE, FILES, "k1")
        await sink.close()
    assert way.cut == 1
    assert receipt.outcome == "stored"
    assert administer(address, "SELECT count(*) FROM notes") == [(1,)]


class CommitsUnanswered:
    """A way to PostgreSQL that hands the first COMMIT on, waits until it is done, and cuts before the answer."""

    def __init__(self, url: Any) -> None:
        folder = url.query["host"]
        self._target = f"{folder}/.s.PGSQL.5432"
        self._folder = TemporaryDirectory(prefix="afternote-way-")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{self._folder.name}/.s.PGSQL.5432")
        self._listener.listen()
        self.cut = 0
        self.address = url.update_query_dict({"host": self._folder.name}).render_as_string(hide_password=False)

    def __enter__(self) -> "CommitsUnanswered":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._folder.cleanup()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._target)
                threading.Thread(target=self._there, args=(client, server), daemon=True).start()
                threading.Thread(target=self._back, args=(client, server), daemon=True).start()

    def _there(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if b"COMMIT" in data and not self.cut:
                    self.cut += 1
                    client.shutdown(socket.SHUT_WR)  # whatever comes back does not reach the client
                    server.sendall(data)
                    time.sleep(0.3)
                    client.close()
                    break
                server.sendall(data)
        server.close()

    def _back(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)


PUT_ONE = """
import asyncio, sys
from tests.contract.test_sink_sql import opened, NOTE, FILES
print("ready", flush=True)
asyncio.run(opened(sys.argv[1]).put(NOTE, {**FILES, "pdf": b"p" * 3_000_000}, "k1"))
"""


async def test_killed_at_any_moment_a_retry_completes(address: str) -> None:
    administer(address, table_sql())
    for _ in range(4):
        child = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", PUT_ONE, address], stdout=subprocess.PIPE, cwd=Path.cwd()
        )
        assert child.stdout is not None
        child.stdout.readline()
        await asyncio.sleep(random.uniform(0.0, 0.25))
        child.kill()
        child.wait()
        child.stdout.close()
    sink = opened(address)
    receipt = await sink.put(NOTE, {**FILES, "pdf": b"p" * 3_000_000}, "k1")
    assert receipt.outcome in ("stored", "already")
    assert administer(address, "SELECT count(*), max(length(note_pdf)) FROM notes") == [(1, 3_000_000)]
    await sink.close()


@pytest.mark.parametrize("place", ["postgres", "sqlite"])
async def test_what_the_database_quotes_of_the_note_stays_here(
    place: str, file: Path, request: pytest.FixtureRequest
) -> None:
    check = "CHECK (length(note_text) < 5)"
    if place == "postgres":
        url = request.getfixturevalue("address")
        administer(url, table_sql(check).replace("note_text bytea", "note_text text"))
    else:
        url = f"sqlite:///{file}"
        on_sqlite(file, table_sql(check).replace("bytea", "BLOB"))
    with captured_logs() as stream:
        sink = opened(url)
        with pytest.raises(EffectError) as refused:
            await sink.put(replace(NOTE, client_code=canary.CODE), canary.FILES, "k1")
        said = str(await sink.check())
        logging.getLogger("adapters").error("It failed.", exc_info=refused.value)
        await sink.close()
    assert "It failed." in stream.getvalue()
    assert canary.overheard(stream.getvalue(), said, repr(refused.value)) == []
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("values", "secrets", "said"),
    [
        ({"table": "notes", "columns": COLUMNS}, {}, "AFTERNOTE_ADAPTER_CHART_URL: must be set"),
        ({"columns": COLUMNS}, {"url": "sqlite:///a.db"}, "[adapter.chart] table: must be given"),
        ({"table": "notes"}, {"url": "sqlite:///a.db"}, "columns: exactly one column must hold note_id"),
        ({"table": "notes", "columns": {"a": "note_id"}}, {"url": "sqlite:///a.db"}, "no column holds the note itself"),
        (
            {"table": "notes", "columns": {**COLUMNS, "z": "diagnosis"}},
            {"url": "sqlite:///a.db"},
            "diagnosis is no field",
        ),
        ({"table": "notes", "columns": {**COLUMNS, "z": "note_id"}}, {"url": "sqlite:///a.db"}, "exactly one column"),
        ({"table": "notes", "columns": COLUMNS}, {"url": "sqlite://"}, "CHART_URL: must name a file"),
        ({"table": "notes", "columns": COLUMNS}, {"url": "p4ssw0rd"}, "CHART_URL: is not a database address"),
        ({"table": "notes", "columns": COLUMNS}, {"url": "oracle://u:p4ssw0rd@h/d"}, "nothing here speaks oracle"),
        ({"table": "notes", "columns": COLUMNS, "timeout_seconds": 0}, {"url": "sqlite:///a.db"}, "1 second or more"),
        ({"table": "notes", "columns": COLUMNS, "url": "x"}, {}, "a secret does not belong in this file"),
    ],
)
def test_wrong_settings_are_named(values: Mapping[str, object], secrets: Mapping[str, str], said: str) -> None:
    hidden = {key: Secret(value) for key, value in secrets.items()}
    with pytest.raises(ValueError, match=r".") as wrong:
        open_sink("chart", "sql", values, hidden, Path("/nowhere"), StoppedClock())
    assert said in str(wrong.value)
    assert "p4ssw0rd" not in str(wrong.value)


def test_postgres_elsewhere_is_spoken_to_over_tls_that_is_checked() -> None:
    assert parsed("postgresql://u@db.example.org/d").query["sslmode"] == "verify-full"
    assert parsed("postgresql://u@db.example.org/d?sslmode=require").query["sslmode"] == "require"
    assert "sslmode" not in parsed("postgresql://u@127.0.0.1/d").query


def test_every_document_field_has_a_file() -> None:
    assert {"text", "markdown", "json", "pdf", "docx", "fhir_json"} == set(FILE_OF)
