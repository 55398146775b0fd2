"""`afternote demo --storage fhir`: a FHIR server with the demo's people on it, and a practice file that files there."""

import datetime as dt
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aiohttp import ClientSession, ClientTimeout

from bot.domain.errors import UserMistake
from bot.domain.people import Practice
from bot.practice_file import PracticeFile, load_practice
from demo.fhir_server import fhir_server
from demo.home import free_port, own_practice_file

CLIENTS = "https://larkspur.example/client-code"
PEOPLE = "https://larkspur.example/staff"
_FILE = "practice-fhir.toml"
_VISITS = 10  # clients that had a visit yesterday, as far as the server knows
_PATIENCE = ClientTimeout(total=30)
_ADAPTER = """\
[adapter]
record = "fhir"                    # the record: a FHIR server on this machine, for as long as the demo runs
copies = ["folder"]

[adapter.fhir]
base_url = "http://127.0.0.1:{port}/fhir"
patient_system = "{clients}"
auth = "none"
provenance = true
suggest_clients = true             # codes of that server are offered while one is typed
practitioners = {{ {practitioners} }}
"""


@dataclass(frozen=True, slots=True)
class FhirStorage:
    """`base`: the server's address."""

    base: str
    practice_file: Path


@asynccontextmanager
async def fhir_storage(folder: Path) -> AsyncGenerator[FhirStorage]:
    """Start the server and make the practice's people known to it. Raises UserMistake when it cannot start.

    The practice file is written once, with a free port in it; from then on the server takes the port it names.
    """
    practice = load_practice(own_practice_file(folder)).practice
    path = own_practice_file(folder, _FILE, adapter=_adapter(practice, free_port()))
    read = load_practice(path)
    async with fhir_server(_port(read)) as base:
        await seed(base, read.practice)
        yield FhirStorage(base, path)


async def seed(base: str, practice: Practice) -> None:
    """A Patient for each client, a Practitioner for each clinician, an Encounter for a few: codes, no client's name."""
    async with ClientSession(timeout=_PATIENCE) as session:

        async def post(resource: dict[str, Any]) -> str:
            async with session.post(f"{base}/{resource['resourceType']}", json=resource) as answer:
                if answer.status not in (200, 201):
                    raise UserMistake("no_fhir_server", "The FHIR server of the demo did not take the demo's people.")
                return f"{resource['resourceType']}/{(await answer.json(content_type=None))['id']}"

        for person in practice.people:
            if person.writes:
                await post(_practitioner(person.id, person.name))
        patients = {client.code: await post(_patient(client.code)) for client in practice.clients}
        for visit in _visits(practice, patients):
            await post(visit)


def _adapter(practice: Practice, port: int) -> str:
    clinicians = [person.id for person in practice.people if person.writes]
    practitioners = ", ".join(f'{person} = "{PEOPLE}|{person}"' for person in clinicians)
    return _ADAPTER.format(port=port, clients=CLIENTS, practitioners=practitioners)


def _port(practice: PracticeFile) -> int:
    """The port of the server in the practice file. Raises UserMistake for a server that is not the demo's."""
    target = next((target for target in practice.targets if target.kind == "fhir"), None)
    address = urlsplit(str(target.settings.get("base_url", "")) if target else "")
    if address.hostname != "127.0.0.1" or not address.port:
        raise UserMistake(
            "not_the_demos",
            f"{_FILE} does not file on this machine. Remove it and start the demo again: it is made anew.",
        )
    return address.port


def _practitioner(person: str, name: str) -> dict[str, Any]:
    return {
        "resourceType": "Practitioner",
        "identifier": [{"system": PEOPLE, "value": person}],
        "name": [{"text": name}],
    }


def _patient(code: str) -> dict[str, Any]:
    return {"resourceType": "Patient", "identifier": [{"system": CLIENTS, "value": code}], "active": True}


def _visits(practice: Practice, patients: dict[str, str]) -> Iterator[dict[str, Any]]:
    zone = ZoneInfo(practice.timezone)
    yesterday = dt.datetime.now(zone).date() - dt.timedelta(days=1)
    for hour, client in enumerate(practice.clients[:_VISITS], start=9):
        start = dt.datetime.combine(yesterday, dt.time(hour), zone)
        act = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB", "display": "ambulatory"}
        yield {
            "resourceType": "Encounter",
            "status": "finished",
            "class": act,
            "subject": {"reference": patients[client.code]},
            "period": {"start": start.isoformat(), "end": (start + dt.timedelta(minutes=50)).isoformat()},
        }
