"""The whole product over the local stand-in for Slack: real Bolt, real database, real engine, signed requests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from demo.driver import Person
from demo.run import Demo, demo

DELGADO, LINDGREN, WEISS, BRANDT = "U0EXAMPLE04", "U0EXAMPLE02", "U0EXAMPLE01", "U0EXAMPLE05"


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Demo]:
    async with demo(tmp_path / "home") as running:
        yield running


@pytest.fixture
def rosa(product: Demo) -> Person:
    """A clinician of the example practice."""
    return Person(product.workspace, DELGADO)
