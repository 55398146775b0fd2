"""The FHIR server as the demo starts it, for tests; where it cannot start they are skipped, or fail in CI."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from demo.fhir_server import fhir_server, lacking
from tests.node_parts import refuse


def needs_fhir_server() -> None:
    """Skip or fail where it cannot be started."""
    if sentence := lacking():
        refuse(sentence)


@asynccontextmanager
async def fhir_base() -> AsyncIterator[str]:
    """Its base address, while it runs."""
    needs_fhir_server()
    async with fhir_server() as base:
        yield base
