"""One FHIR server for all these tests, emptied before each; a client JD-014 is there."""

import io
import logging
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from adapters.fhir.sink import FhirSink
from adapters.registry import open_sink
from bot.logs import PINNED, configure
from bot.settings import Secret
from tests.contract.note_sink_contract import NOTE, StoppedClock
from tests.fhir_parts import CLIENTS, FhirServer, Opens, running_fhir_server


@pytest.fixture(scope="session")
def one_server() -> Iterator[FhirServer]:
    with running_fhir_server() as server:
        yield server


@pytest.fixture
def server(one_server: FhirServer) -> FhirServer:
    one_server.reset()
    one_server.patient(NOTE.client_code)
    return one_server


@pytest.fixture
async def opens(server: FhirServer, tmp_path: Path) -> AsyncIterator[Opens]:
    """Opens sinks of this server, and closes them at the end."""
    async with AsyncExitStack() as open_ones:

        def opened(secrets: Mapping[str, str] | None = None, **changes: Any) -> FhirSink:
            values = {"base_url": server.base, "auth": "none", "patient_system": CLIENTS, "timeout_seconds": 10}
            hidden = {key: Secret(text) for key, text in (secrets or {}).items()}
            sink = open_sink("ehr", "fhir", values | changes, hidden, tmp_path, StoppedClock())
            assert isinstance(sink, FhirSink)
            open_ones.push_async_callback(sink.close)
            return sink

        yield opened


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The product's own log at DEBUG, as `bot.logs` writes it; afterwards the process's logging is as it was."""
    for owner, hook in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(owner, hook, getattr(owner, hook))  # put back after `configure` has set its own
    loggers = [logging.getLogger(name) for name in ("", *PINNED)]
    before = [(one, one.level, one.handlers[:], one.filters[:], one.propagate) for one in loggers]
    written = io.StringIO()
    configure("DEBUG", stream=written)
    yield written
    logging.captureWarnings(False)
    for one, level, handlers, filters, propagate in before:
        one.setLevel(level)
        one.handlers[:], one.filters[:], one.propagate = handlers, filters, propagate
