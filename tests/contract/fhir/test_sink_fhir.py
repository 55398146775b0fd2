"""Filing on a FHIR R4 server: the contract every sink keeps, and what the document says."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.errors import Conflict, Permanent
from bot.domain.ids import PersonId
from bot.ports import ClientDirectory, FiledNote, NoteSink
from tests.contract.note_sink_contract import FILES, NOTE, NOW, NoteSinkContract
from tests.fhir_parts import CLIENTS, FhirServer, Opens, attachments

TYPES = {"txt": "text/plain; charset=utf-8", "pdf": "application/pdf", "json": "application/json"}
SESSION = replace(
    NOTE,
    format_name="SOAP note",
    loinc="34904-3",
    clinician_id=PersonId("dana"),
    clinician="Dana Reyes, LCSW",
    started_at=datetime(2026, 11, 20, 15, 0, tzinfo=UTC),
    minutes=50,
    signed_at=NOW,
)
NPI = "http://hl7.org/fhir/sid/us-npi"


class TestFhirSink(NoteSinkContract):
    @pytest.fixture
    def sink(self, opens: Opens, server: FhirServer) -> NoteSink:
        self.server = server
        return opens(files=["pdf", "json", "txt"])

    async def held(self, sink: NoteSink, note: FiledNote, key: str) -> Mapping[str, bytes]:
        found = [one for one in self.server.all("DocumentReference") if one["identifier"][0]["value"] == note.note_id]
        assert len(found) == 1
        by_type = attachments(found[0])
        return {kind: by_type[TYPES[kind]] for kind in FILES}


class TestUsCoreSink(TestFhirSink):
    """The same where nothing but US Core is counted on: looked up by patient, no conditional create."""

    @pytest.fixture
    def sink(self, opens: Opens, server: FhirServer) -> NoteSink:
        self.server = server
        server.behave(document={"conditionalCreate": False}, noConditions=True)
        return opens(files=["pdf", "json", "txt"], profile="us-core")


async def filed(opens: Opens, server: FhirServer, note: FiledNote = SESSION, **changes: Any) -> dict[str, Any]:
    """The one document that a put leaves."""
    receipt = await opens(**changes).put(note, FILES, "k1")
    (document,) = server.all("DocumentReference")
    assert receipt.reference == f"DocumentReference/{document['id']}"
    assert receipt.version == document["meta"]["versionId"]
    assert receipt.verified
    return document


async def test_text_comes_first_then_the_pdf(opens: Opens, server: FhirServer) -> None:
    document = await filed(opens, server)
    assert list(attachments(document).items()) == [(TYPES["txt"], FILES["txt"]), (TYPES["pdf"], FILES["pdf"])]
    assert {content["attachment"]["title"] for content in document["content"]} == {"SOAP note, 2026-11-20"}


async def test_the_client_is_the_patient_with_that_code(opens: Opens, server: FhirServer) -> None:
    server.patient("JD-0145")
    right = server.patient("MR-002")
    document = await filed(opens, server, replace(SESSION, client_code="mr-002"))
    assert document["subject"] == {"reference": right}


@pytest.mark.parametrize(
    ("code", "there", "reason"), [("X-1", 0, "no_client"), ("X-1", 2, "several_clients"), ("", 0, "no_client")]
)
async def test_a_code_that_is_not_one_patients_is_for_a_person(
    opens: Opens, server: FhirServer, code: str, there: int, reason: str
) -> None:
    for _ in range(there):
        server.patient(code)
    with pytest.raises(Permanent, match=f"^fhir:{reason}$"):
        await opens().put(replace(NOTE, client_code=code), FILES, "k1")
    assert server.all("DocumentReference") == []


async def test_a_record_that_was_given_up_does_not_count(opens: Opens, server: FhirServer) -> None:
    server.patient("MR-002", active=False)
    right = server.patient("MR-002", active=True)
    document = await filed(opens, server, replace(SESSION, client_code="MR-002"))
    assert document["subject"] == {"reference": right}


@pytest.mark.parametrize("merged", [True, False])
async def test_a_record_that_is_somebody_elses_by_now_is_never_used(
    opens: Opens, server: FhirServer, merged: bool
) -> None:
    """Merged into another record, or known by this code in former times only."""
    right = server.patient("ZZ-1")
    link = [{"type": "replaced-by", "other": {"reference": right}}]
    if merged:
        server.patient("MR-002", active=False, link=link)
    else:
        old = {"system": CLIENTS, "value": "MR-002", "use": "old"}
        server.add({"resourceType": "Patient", "identifier": [old]})
    with pytest.raises(Permanent, match=r"^fhir:no_client$"):
        await opens().put(replace(NOTE, client_code="MR-002"), FILES, "k1")
    assert list(await opens(suggest_clients=True).find_clients("MR", 5)) == []


async def test_a_server_may_take_the_clients_identifier_alone(opens: Opens, server: FhirServer) -> None:
    document = await filed(opens, server, replace(SESSION, client_code="NN-1"), subject="identifier")
    assert document["subject"]["identifier"] == {"system": CLIENTS, "value": "NN-1"}
    again = await opens(subject="identifier").put(replace(SESSION, client_code="NN-1"), FILES, "k1")
    assert again.outcome == "already"


async def test_the_same_note_of_another_client_is_a_conflict(opens: Opens, server: FhirServer) -> None:
    server.patient("MR-002")
    first = await opens().put(NOTE, FILES, "k1")
    with pytest.raises(Conflict) as raised:
        await opens().put(replace(NOTE, client_code="MR-002"), FILES, "k1")
    assert raised.value.reference == first.reference


@pytest.mark.parametrize("mapped", ["reference", "identifier"])
async def test_the_clinician_is_the_mapped_practitioner(opens: Opens, server: FhirServer, mapped: str) -> None:
    dana = server.add({"resourceType": "Practitioner", "identifier": [{"system": NPI, "value": "1234567893"}]})
    known = dana if mapped == "reference" else f"{NPI}|1234567893"
    document = await filed(opens, server, practitioners={"dana": known})
    assert document["author"] == [{"reference": dana, "display": "Dana Reyes, LCSW"}]


async def test_without_a_mapping_the_clinician_is_named(opens: Opens, server: FhirServer) -> None:
    assert (await filed(opens, server))["author"] == [{"display": "Dana Reyes, LCSW"}]


async def test_a_mapping_to_nobody_is_for_a_person(opens: Opens, server: FhirServer) -> None:
    with pytest.raises(Permanent, match=r"^fhir:no_clinician$"):
        await opens(practitioners={"dana": f"{NPI}|0000000000"}).put(SESSION, FILES, "k1")


def visit(server: FhirServer, start: str, end: str = "", status: str = "finished", patient: str = "") -> str:
    period = {"start": start} | ({"end": end} if end else {})
    coding = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    subject = patient or f"Patient/{server.all('Patient')[0]['id']}"
    resource = {"resourceType": "Encounter", "status": status, "class": coding, "period": period}
    return server.add({**resource, "subject": {"reference": subject}})


@pytest.mark.parametrize(
    ("visits", "linked"),
    [
        ([("2026-11-20T15:05:00Z", "2026-11-20T15:55:00Z")], True),
        ([("2026-11-20T10:05:00-05:00", "2026-11-20T10:55:00-05:00")], True),
        ([("2026-11-20", "2026-11-20")], True),
        ([("2026-11-20T14:00:00Z", "")], True),
        ([("2026-11-20T08:00:00Z", "2026-11-20T08:50:00Z")], False),
        ([("2026-11-13T15:00:00Z", "2026-11-13T15:50:00Z")], False),
        ([], False),
        ([("2026-11-20T15:00:00Z", "2026-11-20T15:50:00Z")] * 2, False),
    ],
)
@pytest.mark.parametrize("needs", ["use", "require"])
async def test_the_visit_is_linked_when_exactly_one_fits(
    opens: Opens, server: FhirServer, visits: list[tuple[str, str]], linked: bool, needs: str
) -> None:
    made = [visit(server, *times) for times in visits]
    visit(server, "2026-11-20T15:00:00Z", "2026-11-20T15:50:00Z", status="cancelled")
    visit(server, "2026-11-20T15:00:00Z", "2026-11-20T15:50:00Z", patient=server.patient("ZZ-9"))
    if needs == "require" and not linked:
        with pytest.raises(Permanent, match=r"^fhir:no_session"):
            await opens(encounter=needs).put(SESSION, FILES, "k1")
        return
    document = await filed(opens, server, encounter=needs)
    assert document["context"].get("encounter") == ([{"reference": made[0]}] if linked else None)


async def test_of_a_session_without_a_time_the_day_decides(opens: Opens, server: FhirServer) -> None:
    made = visit(server, "2026-11-20T15:00:00-05:00", "2026-11-20T15:50:00-05:00")
    document = await filed(opens, server, replace(SESSION, started_at=None))
    assert document["context"]["encounter"] == [{"reference": made}]


@pytest.mark.parametrize("status", [400, 403, 404, 501])
async def test_a_server_without_visits_gets_the_note_all_the_same(
    opens: Opens, server: FhirServer, status: int
) -> None:
    server.fail(None, status)
    assert "encounter" not in (await filed(opens, server))["context"]


async def test_of_two_sessions_one_after_the_other_the_right_visit_is_linked(opens: Opens, server: FhirServer) -> None:
    visit(server, "2026-11-20T14:10:00Z", "2026-11-20T15:00:00Z")
    made = visit(server, "2026-11-20T15:00:00Z", "2026-11-20T15:50:00Z")
    visit(server, "2026-11-20T15:50:00Z", "2026-11-20T16:40:00Z")
    document = await filed(opens, server, encounter="require")
    assert document["context"]["encounter"] == [{"reference": made}]


async def test_the_day_is_that_of_the_sessions_own_time_zone(opens: Opens, server: FhirServer) -> None:
    """Servers write a visit of the evening in New York as one of the next day."""
    visit(server, "2026-11-20T00:00:00Z", "2026-11-20T00:50:00Z")
    made = visit(server, "2026-11-21T00:00:00Z", "2026-11-21T00:50:00Z")
    note = replace(SESSION, started_at=None, timezone="America/New_York")
    document = await filed(opens, server, note, encounter="require")
    assert document["context"]["encounter"] == [{"reference": made}]


async def test_labels_and_types_arrive(opens: Opens, server: FhirServer) -> None:
    note = replace(SESSION, client_flags=("part2",))
    document = await filed(opens, server, note, types={"soap": "11510-5 11506-3"})
    assert [label["coding"][0]["code"] for label in document["securityLabel"]] == ["R", "MH", "SUD", "42CFRPart2"]
    assert [coding["code"] for coding in document["type"]["coding"]] == ["11510-5", "11506-3"]


async def test_provenance_is_recorded_once(opens: Opens, server: FhirServer) -> None:
    document = await filed(opens, server, provenance=True)
    await opens(provenance=True).put(SESSION, FILES, "k1")
    (made,) = server.all("Provenance")
    assert made["target"] == [{"reference": f"DocumentReference/{document['id']}"}]
    assert [agent["who"] for agent in made["agent"]] == [{"display": "Dana Reyes, LCSW"}, {"display": "Afternote"}]


async def test_every_post_says_unless_it_exists(opens: Opens, server: FhirServer) -> None:
    await opens(note_system="https://practice.example/n&ötes|x", provenance=True).put(SESSION, FILES, "k1")
    document, made = server.all("DocumentReference")[0], server.all("Provenance")[0]
    said = [one["ifNoneExist"] for one in server.log() if one["method"] == "POST" and one.get("ifNoneExist")]
    assert said == [
        f"identifier=https%3A%2F%2Fpractice.example%2Fn%26%C3%B6tes%5C%7Cx%7C{SESSION.note_id}",
        f"target=DocumentReference%2F{document['id']}",
    ]
    assert made["target"][0]["reference"].endswith(document["id"])


@pytest.mark.parametrize("twice", [False, True])
async def test_a_note_that_somebody_else_put_there_twice_is_a_conflict(
    opens: Opens, server: FhirServer, twice: bool
) -> None:
    await opens().put(NOTE, FILES, "k1")
    (document,) = server.all("DocumentReference")
    server.add({name: value for name, value in document.items() if name not in ("id", "meta")})
    with pytest.raises(Conflict, match=r"^fhir:other_content:several$"):
        await opens(profile="us-core" if twice else "generic").put(NOTE, FILES, "k1")


@pytest.mark.parametrize(("change", "code"), [({"pdf": bytes(100)}, "too_large"), ({}, "not_rendered:pdf")])
async def test_what_cannot_be_sent_is_not(
    opens: Opens, server: FhirServer, change: dict[str, bytes], code: str
) -> None:
    with pytest.raises(Permanent, match=f"^fhir:{code}$"):
        await opens(largest_attachment=99).put(NOTE, {"txt": b"x", **change}, "k1")
    assert [one for one in server.log() if "DocumentReference" in one["url"]] == []


async def test_two_sinks_at_once_leave_one_document(opens: Opens, server: FhirServer) -> None:
    sinks = opens(), opens(profile="us-core")
    receipts = await asyncio.gather(*(sink.put(NOTE, FILES, "k1") for sink in sinks))
    assert sorted(one.outcome for one in receipts) == ["already", "stored"]
    assert len(server.all("DocumentReference")) == 1


@pytest.mark.parametrize(
    ("typed", "profile", "expected"),
    [
        ("JD", "generic", ["JD-014", "JD-015"]),
        ("jd-015", "generic", ["JD-015"]),
        ("JD", "us-core", []),
        ("jd-015", "us-core", ["JD-015"]),
        (" ", "generic", []),
    ],
)
async def test_codes_are_suggested_and_nothing_else_of_a_client(
    opens: Opens, server: FhirServer, typed: str, profile: str, expected: list[str]
) -> None:
    server.patient("JD-015", name=[{"family": "Doe"}])
    server.patient("MR-002")
    sink = opens(suggest_clients=True, profile=profile)
    assert isinstance(sink, ClientDirectory)
    assert list(await sink.find_clients(typed, 5)) == expected
    assert len(await sink.find_clients(typed, 1)) <= 1
    assert list(await opens(profile=profile).find_clients(typed, 5)) == []
