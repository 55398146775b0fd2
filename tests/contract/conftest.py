"""Fixtures of the sinks' tests that several modules need."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.contract.servers import postgres
from tests.contract.sql_practice import administer

_numbers = count(1)


@pytest.fixture(scope="session")
def practice_server() -> Iterator[str]:
    """PostgreSQL's superuser at a server for the practices' own databases."""
    with postgres() as address:
        yield address


@pytest.fixture
def address(practice_server: str) -> Iterator[str]:
    """A fresh PostgreSQL database of a practice."""
    name = f"practice_{next(_numbers)}"
    administer(practice_server, f"CREATE DATABASE {name}")
    yield make_url(practice_server).set(database=name).render_as_string(hide_password=False)
    administer(practice_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a practice's SQLite file may be made."""
    return tmp_path / "practice.db"
