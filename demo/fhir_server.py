"""A FHIR R4 server for `afternote demo --storage fhir`: Medplum's router on Node, memory only, this machine only.

It is the server that the tests file to (`tests/fhir_server`); nothing of it is part of the product.
"""

import asyncio
import contextlib
import re
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.domain.errors import UserMistake

FOLDER = Path(__file__).parent.parent / "tests" / "fhir_server"
_PATIENCE = 30.0  # seconds: reading the FHIR definitions takes a few on a busy machine


def lacking(folder: Path = FOLDER, path: str | None = None) -> str:
    """What is missing to start it, as a sentence that says what to do; empty when nothing is.

    `path`: where to look for Node; the environment's when left out.
    """
    if not (folder / "server.cjs").is_file():
        return "The FHIR server of the demo comes with the source: run this in a checkout of Afternote."
    if not shutil.which("node", path=path):
        return (
            "The FHIR server of the demo needs Node 20 or newer. Install it (https://nodejs.org), then run: make node"
        )
    if not (folder / "node_modules" / "@medplum" / "fhir-router").is_dir():
        return "The FHIR server of the demo needs its packages. Run: make node"
    return ""


@asynccontextmanager
async def fhir_server(port: int = 0) -> AsyncGenerator[str]:
    """Its base address, while it runs. Port 0 takes a free one. Raises UserMistake when it cannot start."""
    if sentence := lacking():
        raise UserMistake("no_fhir_server", sentence)
    process = await asyncio.create_subprocess_exec(
        *("node", str(FOLDER / "server.cjs"), "--port", str(port), "--with-parent"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{await _port(process, port)}/fhir"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


async def _port(process: asyncio.subprocess.Process, asked: int) -> int:
    """The port it listens on, once it does."""
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _PATIENCE) if process.stdout else b""
    except TimeoutError:
        line = b""
    said = re.fullmatch(rb"listening (\d+)\s*", line)
    if said is None:
        taken = f" Is port {asked} taken?" if asked else ""
        why = f"The FHIR server of the demo did not start.{taken} This shows why: node tests/fhir_server/server.cjs"
        raise UserMistake("no_fhir_server", why)
    return int(said[1])
