"""What a kind of FHIR server honours. Data: servers that all speak R4 differ in what they do with a note.

`generic` and `us-core` are tested against a server of that behaviour. `epic` and `oracle` are written from the
vendors' public documents and were never run against their products.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Encounters = Literal["off", "use", "require"]


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of server.

    `conditional_create`: If-None-Exist is honoured, else look before each POST.
    `search`: how a note is looked up; "patient" lists the patient's clinical notes and compares identifiers here.
    `keeps_identifier`: a look-up that finds nothing proves that nothing is there.
    `attachments`: how many are kept, the first ones. `kinds`: which files it takes.
    `keeps_bytes`: the text comes back as it was sent. `updates`: the note an amendment is about can be marked.
    `day_periods`, `provenance`: whether it takes a Period without a time of day, and a Provenance.
    `lists_clients`: Patients can be searched by the system of an identifier alone.
    """

    name: str
    conditional_create: bool = True
    search: Literal["identifier", "patient"] = "identifier"
    keeps_identifier: bool = True
    attachments: int = 20
    kinds: tuple[str, ...] = ("txt", "pdf", "json", "md", "docx")
    encounter: Encounters = "use"
    author: Literal["display", "reference"] = "display"
    keeps_bytes: bool = True
    updates: bool = True
    day_periods: bool = True
    provenance: bool = True
    lists_clients: bool = True


_ALL = (
    Profile("generic"),
    Profile("us-core", conditional_create=False, search="patient", lists_clients=False),
    Profile(
        "epic",
        conditional_create=False,
        search="patient",
        keeps_identifier=False,
        attachments=1,
        kinds=("txt",),
        encounter="require",
        author="reference",
        keeps_bytes=False,
        updates=False,
        provenance=False,
        lists_clients=False,
    ),
    Profile(
        "oracle",
        conditional_create=False,
        search="patient",
        keeps_identifier=False,
        attachments=1,
        kinds=("txt", "pdf"),
        encounter="require",
        author="reference",
        keeps_bytes=False,
        updates=False,
        day_periods=False,
        provenance=False,
        lists_clients=False,
    ),
)
PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in _ALL}
