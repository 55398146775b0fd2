"""Filing on a FHIR R4 server: the contract, then what only such a server does."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.fhir.sink import FhirSink
from adapters.registry import open_sink
from bot.domain.errors import Conflict, EffectError, Permanent, Temporary, Unknown
from bot.domain.ids import NoteId, PersonId
from bot.domain.links import LinkKind
from bot.ports import ClientDirectory, FiledNote, NoteSink, Related
from bot.settings import Secret
from tests.contract.note_sink_contract import FILES, NOTE, NOW, NoteSinkContract, StoppedClock
from tests.fhir_parts import CLIENTS, FhirServer, running_fhir_server

KINDS = {"text/plain; charset=utf-8": "txt", "application/pdf": "pdf", "application/json": "json"}
Opens = Callable[..., FhirSink]


@pytest.fixture(scope="module")
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
    """A sink of this server, with these settings; closed at the end."""
    async with AsyncExitStack() as open_ones:

        def opened(secrets: Mapping[str, str] | None = None, **changes: Any) -> FhirSink:
            values = {"base_url": server.base, "auth": "none", "patient_system": CLIENTS, "timeout_seconds": 10}
            values |= {"files": ["pdf", "json", "txt"]} | changes
            hidden = {key: Secret(text) for key, text in (secrets or {}).items()}
            sink = open_sink("ehr", "fhir", values, hidden, tmp_path, StoppedClock())
            assert isinstance(sink, FhirSink)
            open_ones.push_async_callback(sink.close)
            return sink

        yield opened


def attachments(document: Mapping[str, Any]) -> dict[str, bytes]:
    inner = [content["attachment"] for content in document["content"]]
    return {KINDS[one["contentType"]]: base64.b64decode(one["data"]) for one in inner}


class TestFhirSink(NoteSinkContract):
    @pytest.fixture
    def sink(self, opens: Opens, server: FhirServer) -> NoteSink:
        self.server = server
        return opens()

    async def held(self, sink: NoteSink, note: FiledNote, key: str) -> Mapping[str, bytes]:
        found = [one for one in self.server.all("DocumentReference") if one["identifier"][0]["value"] == note.note_id]
        assert len(found) == 1
        return attachments(found[0])
