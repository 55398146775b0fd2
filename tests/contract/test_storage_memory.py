"""The test double keeps the contract, or tests that use it prove nothing."""

from dataclasses import replace

import pytest

from bot.domain.ids import PracticeId
from tests.contract.audit_contract import AuditContract
from tests.contract.day_contract import DayContract
from tests.contract.examples_contract import ExamplesContract
from tests.contract.formats_contract import FormatsContract
from tests.contract.ledger_contract import LedgerContract
from tests.contract.unit_of_work_contract import UnitOfWorkContract
from tests.doubles.memory_uow import MemoryDatabase


class TestMemory(UnitOfWorkContract, LedgerContract, AuditContract, FormatsContract, ExamplesContract, DayContract):
    @pytest.fixture
    def database(self) -> MemoryDatabase:
        return MemoryDatabase()

    async def change_an_audit_row(self, database: MemoryDatabase, practice: PracticeId, seq: int) -> None:
        rows = database.stores[practice].audit
        rows[seq - 1] = replace(rows[seq - 1], act="nothing")
