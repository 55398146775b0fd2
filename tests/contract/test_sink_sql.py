"""The SQL sink: the contract on PostgreSQL and SQLite, and other people’s tables."""

# ruff: noqa: S608 - SQL made of our own ids, and files that nobody else waits for.

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from adapters.sql.fields import FIELDS
from adapters.sql.sink import SqlSink
from bot.domain.errors import Conflict, Permanent
from bot.domain.ids import NoteId
from bot.domain.links import LinkKind
from bot.ports import FiledNote, Related
from tests.contract.note_sink_contract import FILES, NOTE, NoteSinkContract
from tests.contract.sql_practice import COLUMNS, FULL_NOTE, administer, on_sqlite, opened, table_sql


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
