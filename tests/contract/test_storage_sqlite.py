"""The contract on SQLite, and what only a file can get wrong."""

import asyncio
import datetime as dt
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, bindparam, text

from bot.domain.ids import PracticeId
from storage.appointments import _BETWEEN as SESSIONS_BETWEEN
from storage.appointments import _MINE as SESSIONS_MINE
from storage.appointments import _OF_NOTE as SESSIONS_OF_NOTE
from storage.appointments import _SPANS_OPEN as SESSIONS_OPEN
from storage.appointments import _SPANS_SETTLED as SESSIONS_SETTLED
from storage.appointments import _STANDING as SESSIONS_STANDING
from storage.appointments import _WAITING as SESSIONS_WAITING
from storage.audit import _OF_NOTE as AUDIT_OF_NOTE
from storage.batches import _NOTES as BATCH_NOTES
from storage.client_codes import _CODES as CODES
from storage.crypto import KeyRing, new_key_ring
from storage.examples import _OF_FORMAT as EXAMPLES_OF_FORMAT
from storage.ledger import _DUE as DUE
from storage.migrate import migrate
from storage.models import UtcTime
from storage.notes import _BY_SOURCE as BY_SOURCE
from storage.notes import _RECENT as NOTES_RECENT
from storage.notes import _UNSIGNED as NOTES_UNSIGNED
from storage.repositories import _REVIEW_CARDS as REVIEW_CARDS
from storage.reviews import _DUE as REVIEWS_DUE
from storage.reviews import _OF as REVIEWS_OF
from storage.reviews import _SINCE as REVIEWS_SINCE
from storage.reviews import _WAITING as REVIEWS_WAITING
from storage.unit_of_work import SqlDatabase
from tests.contract.audit_contract import AuditContract
from tests.contract.day_contract import DayContract
from tests.contract.examples_contract import ExamplesContract
from tests.contract.formats_contract import FormatsContract
from tests.contract.installations_contract import InstallationsContract
from tests.contract.isolation_contract import IsolationContract
from tests.contract.ledger_contract import LedgerContract
from tests.contract.storage_intruder import change_audit_row
from tests.contract.storage_safety_contract import CANARY, StorageSafetyContract, write_everything
from tests.contract.unit_of_work_contract import NOON, OURS, ROSA, UnitOfWorkContract, act_on, note_of, stored


@pytest.fixture
def ring() -> str:
    return new_key_ring()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'afternote.db'}"


@pytest.fixture
async def database(url: str, ring: str) -> AsyncIterator[SqlDatabase]:
    await migrate(url)
    database = SqlDatabase(url, KeyRing.parse(ring))
    yield database
    await database.close()


def expect_sealed_files(folder: Path) -> None:
    """Every file of the database is private and holds nothing of what `write_everything` wrote."""
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == ["afternote.db", "afternote.db-shm", "afternote.db-wal"]
    for file in files:
        assert CANARY.encode() not in file.read_bytes()
        assert b"1987" not in file.read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def held(folder: Path, secret: bytes) -> bool:
    return any(secret in file.read_bytes() for file in folder.iterdir())


class TestSqlite(UnitOfWorkContract, LedgerContract, AuditContract, FormatsContract, ExamplesContract, DayContract):
    async def change_an_audit_row(self, database: SqlDatabase, practice: PracticeId, seq: int) -> None:
        change_audit_row(database, practice, seq)


class TestSqliteInstallations(InstallationsContract):
    pass


class TestSqliteIsolation(IsolationContract):
    pass


class TestSqliteSafety(StorageSafetyContract):
    async def test_no_file_holds_clinical_text_in_clear(self, database: SqlDatabase, tmp_path: Path) -> None:
        await write_everything(database)
        expect_sealed_files(tmp_path)

    async def test_a_purged_key_is_in_no_file(self, database: SqlDatabase, tmp_path: Path) -> None:
        note = await stored(database, note_of())
        with database.readers.engine.connect() as connection:
            wrapped = connection.execute(text("SELECT wrapped_key FROM notes")).scalar_one()
            connection.rollback()

        assert held(tmp_path, wrapped)
        async with database.writing(OURS) as unit:
            await unit.notes.purge(note.id)
            await unit.commit()
        await database.scrub()
        assert not held(tmp_path, wrapped)

    @pytest.mark.parametrize(
        ("statement", "index"),
        [
            (BY_SOURCE, "uq_notes_source"),
            (AUDIT_OF_NOTE, "ix_audit_note"),
            (DUE, "ix_filings_due"),
            (REVIEW_CARDS, "sqlite_autoindex_cards_1 (practice_id=? AND note_id=?)"),
            (REVIEWS_WAITING, "ix_reviews_next (practice_id=? AND next_at>?)"),
            (REVIEWS_DUE, "ix_reviews_next (practice_id=? AND next_at>? AND next_at<?)"),
            (REVIEWS_SINCE, "ix_reviews_asked (practice_id=? AND asked_at>?)"),
            (REVIEWS_OF, "SEARCH reviews USING PRIMARY KEY (practice_id=? AND note_id=?)"),
            (SESSIONS_WAITING, "ix_appointments_waiting (practice_id=? AND clinician_id=? AND due_at>?"),
            (SESSIONS_STANDING, "ix_appointments_waiting (practice_id=?"),
            (SESSIONS_STANDING.where(SESSIONS_MINE), "ix_appointments_waiting (practice_id=? AND clinician_id=?"),
            (SESSIONS_OPEN.where(SESSIONS_MINE), "ix_appointments_waiting (practice_id=? AND clinician_id=?"),
            (SESSIONS_BETWEEN, "ix_appointments_starts (practice_id=? AND clinician_id=? AND starts_at>?"),
            (SESSIONS_OF_NOTE, "ix_appointments_note (practice_id=? AND note_id=?)"),
            (SESSIONS_SETTLED, "ix_appointments_settled (practice_id=? AND settled_at>?"),
            (NOTES_UNSIGNED, "ix_notes_unsigned (practice_id=? AND clinician_id=?)"),
            (CODES, "SEARCH clients USING PRIMARY KEY (practice_id=? AND clinician_id=?)"),
            (NOTES_RECENT, "ix_notes_clinician (practice_id=? AND clinician_id=?)"),
            (BATCH_NOTES, "ix_notes_batch (practice_id=? AND batch=?)"),
            (EXAMPLES_OF_FORMAT, "ix_examples_format (practice_id=? AND format_id=?)"),
        ],
    )
    async def test_a_lookup_uses_its_index(self, database: SqlDatabase, statement: Select[Any], index: str) -> None:
        with database.readers.engine.connect() as connection:
            given = {name: value for name, value in statement.compile().params.items() if value is None}
            whole = statement.params(given).compile(connection.engine, compile_kwargs={"render_postcompile": True})
            asked = str(whole)
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", ("",) * asked.count("?")).all()
            connection.rollback()
        assert index in str(plan)

    async def test_the_type_ahead_opens_no_code_of_years_ago_while_a_later_one_fits(
        self, database: SqlDatabase
    ) -> None:
        for number in range(62):
            at = NOON + dt.timedelta(minutes=number)
            await stored(database, note_of(client_code=f"JD-{number:03}", created_at=at))
        with database.writers.engine.begin() as connection:
            unreadable = text("UPDATE clients SET code = x'00' WHERE last_used < :at").bindparams(
                bindparam("at", NOON + dt.timedelta(minutes=2), type_=UtcTime)
            )
            assert connection.execute(unreadable).rowcount == 2
        async with database.reading(OURS) as unit:
            assert await unit.notes.client_codes(ROSA, "jd", 20) == [f"JD-{number:03}" for number in range(61, 41, -1)]

    async def test_connections_are_durable_and_strict(self, database: SqlDatabase) -> None:
        expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "temp_store": 2}
        for lane in (database.writers, database.readers):
            with lane.engine.connect() as connection:
                found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in expected}
                connection.rollback()
            assert found == expected

    async def test_two_connections_of_writers_share_one_chain(self, database: SqlDatabase, url: str, ring: str) -> None:
        other = SqlDatabase(url, KeyRing.parse(ring))

        async def append(to: SqlDatabase) -> None:
            async with to.writing(OURS) as unit:
                await unit.audit.append(act_on(note_of()))
                await unit.commit()

        await asyncio.gather(*(append(to) for _ in range(20) for to in (database, other)))
        async with other.reading(OURS) as unit:
            assert len(await unit.audit.acts()) == 40
            assert await unit.audit.verify() is None
        await other.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/db"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="database"):
        SqlDatabase(url, KeyRing.parse(new_key_ring()))


def test_several_processes_may_migrate_at_once(url: str) -> None:
    script = f"from storage.migrate import upgrade; upgrade({url!r})"
    running = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(3)]
    assert [process.wait(30) for process in running] == [0, 0, 0]
