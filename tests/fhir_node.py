"""The FHIR server for tests, started as the demo starts it, or the reason why it is not there.

Where Node or the packages are missing a test is skipped; `AFTERNOTE_REQUIRE_NODE=1` (CI) makes that a failure.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from demo.fhir_server import fhir_server, lacking


def needs_fhir_server() -> None:
    """Skip or fail where it cannot be started."""
    if sentence := lacking():
        refuse = pytest.fail if os.environ.get("AFTERNOTE_REQUIRE_NODE") == "1" else pytest.skip
        refuse(sentence)


@asynccontextmanager
async def fhir_base() -> AsyncIterator[str]:
    """Its base address, while it runs."""
    needs_fhir_server()
    async with fhir_server() as base:
        yield base
