"""The SQL sink where databases refuse, lock, stop, lose answers and quote; its settings."""

# ruff: noqa: ASYNC220, ASYNC240 - processes and files that nobody else waits for.

import asyncio
import logging
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from adapters.registry import open_sink
from adapters.sql.connect import parsed
from adapters.sql.fields import FILE_OF
from bot.domain.errors import EffectError, Permanent, Temporary
from bot.domain.ids import NoteId
from bot.settings import Secret
from tests.contract.note_sink_contract import FILES, NOTE, OWN_WAIT, StoppedClock
from tests.contract.sql_practice import COLUMNS, administer, on_sqlite, opened, table_sql
from tests.doubles import canary
from tests.doubles.canary import captured_logs


async def test_rights_and_credentials(address: str, practice_server: str) -> None:
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
    practice_server: str, change: dict[str, str], kind: type[EffectError], code: str
) -> None:
    sink = opened(make_url(practice_server).set(**change).render_as_string(hide_password=False))
    with pytest.raises(kind) as refused:
        await sink.put(NOTE, FILES, "k1")
    assert refused.value.code == code
    assert code in (await sink.check())[0]
    assert next(iter(change.values())) not in str(await sink.check())


async def test_a_wrong_password_is_permanent(address: str, practice_server: str) -> None:
    ((hba,),) = administer(practice_server, "SHOW hba_file")
    rules = Path(hba).read_text()
    administer(address, table_sql(), "CREATE ROLE guarded LOGIN PASSWORD 'right'")
    try:
        Path(hba).write_text(f"local all guarded scram-sha-256\n{rules}")
        administer(practice_server, "SELECT pg_reload_conf()")
        await asyncio.sleep(0.3)
        wrong = make_url(address).set(username="guarded", password="wrong").render_as_string(hide_password=False)
        with pytest.raises(Permanent) as refused:
            await opened(wrong).put(NOTE, FILES, "k1")
        assert refused.value.code == "sql:not_allowed"
    finally:
        Path(hba).write_text(rules)
        administer(practice_server, "SELECT pg_reload_conf()", "DROP ROLE guarded")


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
        async with asyncio.timeout(OWN_WAIT):
            with pytest.raises(Temporary):
                await sink.put(NOTE, FILES, "k1")


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
        async with asyncio.timeout(OWN_WAIT):
            with pytest.raises(Temporary) as slow:
                await sink.put(NOTE, FILES, "k1")
        assert slow.value.code == "sql:timeout"
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


async def test_a_connection_that_breaks_again_while_it_is_looked_is_temporary_and_check_says_so(address: str) -> None:
    """A policy, which the superuser is not subject to, ends every connection that reads the table."""
    administer(
        address,
        table_sql(),
        "CREATE FUNCTION ends() RETURNS boolean LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN true; END $$",
        f"INSERT INTO notes (id, note_pdf) VALUES ('{NOTE.note_id}', '')",  # noqa: S608 - an id of ours
        "CREATE ROLE watched LOGIN",
        "GRANT SELECT, INSERT ON notes TO watched",
        "ALTER TABLE notes ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY reading ON notes FOR SELECT USING (ends())",
        "CREATE POLICY writing ON notes FOR INSERT WITH CHECK (true)",
    )
    sink = opened(make_url(address).set(username="watched").render_as_string(hide_password=False))
    try:
        with pytest.raises(Temporary) as broke:
            await sink.put(NOTE, FILES, "k1")
        assert broke.value.code == "sql:unreachable"
        assert "sql:unreachable" in (await sink.check())[0]
    finally:
        await sink.close()
        administer(address, "DROP OWNED BY watched", "DROP ROLE watched")


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
    """A way to PostgreSQL that hands the first COMMIT on, waits until it is answered, and cuts instead of answering."""

    def __init__(self, url: Any) -> None:
        folder = url.query["host"]
        self._target = f"{folder}/.s.PGSQL.5432"
        self._folder = TemporaryDirectory(prefix="afternote-way-")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{self._folder.name}/.s.PGSQL.5432")
        self._listener.listen()
        self.cut = 0
        self._unanswered: socket.socket | None = None
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
                    self._unanswered = server
                server.sendall(data)
        server.close()

    def _back(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if server is self._unanswered:
                    break
                client.sendall(data)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        client.close()


PUT_ONE = """
import asyncio, sys
from tests.contract.note_sink_contract import FILES, NOTE
from tests.contract.sql_practice import opened
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
    assert parsed("postgresql://u@/d?hostaddr=10.0.0.7").query["sslmode"] == "verify-full"
    assert "sslmode" not in parsed("postgresql://u@127.0.0.1/d").query


@pytest.mark.parametrize("driver", ["mysql+pymysql", "mariadb+pymysql", "mssql+pyodbc"])
def test_other_databases_elsewhere_must_be_told_how_to_encrypt(driver: str) -> None:
    with pytest.raises(ValueError, match="must say how the connection is encrypted"):
        parsed(f"{driver}://u:p@db.example.org/d?driver=x")
    for encrypted in ("ssl_ca=/ca.pem&Encrypt=yes", "odbc_connect=Encrypt%3Dyes&ssl_disabled=true"):
        assert parsed(f"{driver}://u:p@db.example.org/d?{encrypted}").host == "db.example.org"
    assert parsed(f"{driver}://u:p@localhost/d").host == "localhost"


def test_every_document_field_has_a_file() -> None:
    assert {"text", "markdown", "json", "pdf", "docx", "fhir_json"} == set(FILE_OF)
