"""Two practices on one installation, each in a Slack workspace of its own that installed the app."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from demo.several import BOTH, Several, install, several


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Several]:
    async with several(tmp_path / "home") as running:
        for tenancy in BOTH:
            assert (await install(running, tenancy))[0] == 200
        yield running
