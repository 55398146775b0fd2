"""The contract on SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.ids import PracticeId
from storage.crypto import KeyRing, new_key_ring
from storage.migrate import migrate
from storage.unit_of_work import SqlDatabase
from tests.contract.storage_intruder import change_audit_row
from tests.contract.unit_of_work_contract import UnitOfWorkContract


class TestSqlite(UnitOfWorkContract):
    @pytest.fixture
    async def database(self, tmp_path: Path) -> AsyncIterator[SqlDatabase]:
        url = f"sqlite:///{tmp_path / 'afternote.db'}"
        await migrate(url)
        database = SqlDatabase(url, KeyRing.parse(new_key_ring()))
        yield database
        await database.close()

    async def change_an_audit_row(self, database: SqlDatabase, practice: PracticeId, seq: int) -> None:
        change_audit_row(database, practice, seq)
