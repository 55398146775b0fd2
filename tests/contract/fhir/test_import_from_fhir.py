"""`afternote sessions import fhir`: a FHIR server's Appointments on the clinicians' lists, by the command itself."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from bot.cli import app
from demo.home import own_practice_file
from tests.fhir_parts import CLIENTS, FhirServer

ADAPTER = """\
[adapter]
record = "fhir"
copies = ["folder"]

[adapter.fhir]
base_url = "{base}"
patient_system = "{system}"
auth = "none"
import_sessions = {wanted}
practitioners = {{ delgado = "{who}" }}
"""


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["sessions", "import", "fhir", *arguments])
    return result.exit_code, " ".join(result.output.split())


class Place:
    def __init__(self, server: FhirServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.server, self.folder = server, folder
        self.who, self.client = server.add({"resourceType": "Practitioner"}), server.patient("MK-003")
        monkeypatch.setenv("AFTERNOTE_HOME", str(folder))
        self.wants("true")
        monkeypatch.setenv("AFTERNOTE_PRACTICE_FILE", str(folder / "practice-true.toml"))

    def wants(self, wanted: str) -> Path:
        base = urlsplit(self.server.base).geturl()
        adapter = ADAPTER.format(base=base, system=CLIENTS, wanted=wanted, who=self.who)
        return own_practice_file(self.folder, f"practice-{wanted}.toml", adapter=adapter)

    def book(self, start: str, end: str, status: str = "booked") -> None:
        people = [{"actor": {"reference": one}, "status": "accepted"} for one in (self.client, self.who)]
        made = {"resourceType": "Appointment", "status": status, "start": start, "end": end, "participant": people}
        self.server.add(made)


@pytest.fixture
def place(server: FhirServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(server, tmp_path, monkeypatch)


def test_they_come_once_and_only_of_the_days_asked_for(place: Place) -> None:
    place.book("2026-11-20T15:00:00Z", "2026-11-20T15:50:00Z")
    place.book("2026-11-20T17:00:00Z", "2026-11-20T17:50:00Z", "noshow")
    place.book("2026-10-20T15:00:00Z", "2026-10-20T15:50:00Z")
    days = "--since", "2026-11-01", "--until", "2026-12-01"
    code, said = run(*days, "--dry-run")
    assert (code, "2 rows: 1 new, 1 no-show" in said, "Nothing was kept" in said) == (0, True, True), said
    code, said = run(*days)
    assert (code, "2 rows: 1 new, 1 no-show" in said) == (0, True), said
    code, said = run(*days)
    assert (code, "2 rows: 2 same" in said) == (0, True), said


def test_mistakes_are_named_and_change_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("--since", "yesterday")[0] == 2
    assert run("--since", "2026-11-02", "--until", "2026-11-01")[0] == 2
    place.server.fail(500, 500, 500, 500)
    code, said = run("--since", "2026-11-01", "--until", "2026-12-01")
    assert (code, "nothing was changed" in said) == (2, True), said
    monkeypatch.setenv("AFTERNOTE_PRACTICE_FILE", str(place.wants("false")))
    code, said = run()
    assert (code, "import_sessions = true" in said) == (2, True), said
