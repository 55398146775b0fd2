"""The FHIR R4 server of the tests: Medplum's router, validator and search behind a small HTTP server.

`make node` installs it. Where it is missing a test is skipped with the reason; `AFTERNOTE_REQUIRE_NODE=1` (CI) makes
that a failure.
"""

import http.client
import json
import re
import subprocess
from base64 import b64decode
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from adapters.fhir.sink import FhirSink
from demo.fhir_server import FOLDER, lacking
from tests.node_parts import refuse

_ENDS_WITHIN = 60
CLIENTS = "urn:oid:1.2.36.146.595.217.0.1"


class Opens(Protocol):
    """Opens a sink of the test's server; `changes` are settings of `[adapter.ehr]`."""

    def __call__(self, secrets: Mapping[str, str] | None = None, **changes: Any) -> FhirSink: ...


@dataclass(frozen=True, slots=True)
class FhirServer:
    """A running one. Looks and faults go by its test routes, not by FHIR."""

    root: str

    @property
    def base(self) -> str:
        return f"{self.root}/fhir"

    def reset(self) -> None:
        """Empty it (a search costs a millisecond a resource) and let it behave."""
        self._post("/_test/reset", {})

    def fail(self, *faults: Any) -> None:
        """What happens to the next requests, one each; see server.cjs."""
        self._post("/_test/fail", list(faults))

    def behave(self, **odd: Any) -> None:
        """How it differs from a good server, until the next reset; see server.cjs."""
        self._post("/_test/odd", odd)

    def log(self) -> Sequence[dict[str, Any]]:
        """Every request so far: method, url, code, ifNoneExist."""
        return self._call("/_test/log")

    def add(self, resource: dict[str, Any]) -> str:
        """Put a resource there as somebody else would; its `Type/id`."""
        made = self._post(f"/fhir/{resource['resourceType']}", resource)
        return f"{made['resourceType']}/{made['id']}"

    def put(self, resource: dict[str, Any]) -> None:
        """Change a resource there as somebody else would."""
        body = json.dumps(resource).encode()
        self._call(f"/fhir/{resource['resourceType']}/{resource['id']}", body, "PUT")

    def get(self, path: str) -> dict[str, Any]:
        return self._call(f"/fhir/{path}")

    def all(self, kind: str) -> Sequence[dict[str, Any]]:
        """Every resource of a type."""
        return [entry["resource"] for entry in self.get(f"{kind}?_count=1000").get("entry", [])]

    def patient(self, code: str, **more: Any) -> str:
        return self.add({"resourceType": "Patient", "identifier": [{"system": CLIENTS, "value": code}], **more})

    def _post(self, path: str, body: Any) -> Any:
        return self._call(path, json.dumps(body).encode())

    def _call(self, path: str, body: bytes | None = None, method: str = "POST") -> Any:
        connection = http.client.HTTPConnection(self.root.removeprefix("http://"), timeout=20)
        try:
            headers = {"Content-Type": "application/fhir+json"}
            connection.request(method if body else "GET", path, body, headers)
            answer = connection.getresponse()
            said = json.load(answer)
        finally:
            connection.close()
        assert answer.status < 300, said
        return said


def attachments(document: Mapping[str, Any]) -> dict[str, bytes]:
    """A document's files by content type."""
    inner = [content["attachment"] for content in document["content"]]
    return {one["contentType"]: b64decode(one["data"]) for one in inner}


@contextmanager
def running_fhir_server() -> Generator[FhirServer]:
    """Start it, and end it by its own process. Skips where Node or the packages are missing."""
    needs_fhir_server()
    command = ["node", "server.cjs", "--port", "0"]
    process = subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        match = re.match(r"listening (\d+)", process.stdout.readline())
        if not match:
            raise RuntimeError("the FHIR server did not start: run `node server.cjs` in tests/fhir_server")
        yield FhirServer(f"http://127.0.0.1:{match[1]}")
    finally:
        process.terminate()
        process.wait(timeout=_ENDS_WITHIN)
        process.stdout.close()


def needs_fhir_server() -> None:
    """Skip where it cannot be started, or fail in CI."""
    if sentence := lacking():
        refuse(sentence)
