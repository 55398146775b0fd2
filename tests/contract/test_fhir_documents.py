"""FHIR documents of a note, an addendum, an amendment and a retraction pass two validators, and each can refuse.

The server's: Medplum's and Lantana's, as `tests/fhir_server` runs them on whatever it is sent. In Python:
`fhir_in_python`.
"""

import copy
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from adapters.fhir.resource import (
    CONTENT_TYPES,
    Attachment,
    document_reference,
    labels_of,
    provenance,
    relation_of,
    title_of,
    type_of,
)
from adapters.layout import Document
from adapters.registry import open_sink
from adapters.render import render_all
from bot.domain.ids import NoteId, PersonId, PracticeId
from bot.domain.links import Link, LinkKind
from bot.ports import FiledNote, Related
from tests.contract.fhir_in_python import problems
from tests.contract.note_sink_contract import StoppedClock
from tests.fhir_parts import running_fhir_server
from tests.unit.adapters.documents import SESSION, SIGNED_AT, of, signed_note

pytestmark = pytest.mark.asyncio(loop_scope="module")

Resource = dict[str, Any]
KINDS = (None, *LinkKind)
FIRST = NoteId("n0000000000000001")


class Server:
    """The FHIR server, spoken to directly."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base, self.session = base, session
        self.patient = self.practitioner = self.encounter = ""

    async def send(self, resource: Resource) -> tuple[int, Resource]:
        """Its status and what it said. A resource with an id is put."""
        put = "id" in resource
        url = f"{self.base}/{resource['resourceType']}" + (f"/{resource['id']}" if put else "")
        async with self.session.request("PUT" if put else "POST", url, json=resource) as answer:
            return answer.status, await answer.json(content_type=None)

    async def add(self, resource: Resource) -> str:
        status, made = await self.send(resource)
        assert status == 201, made
        return f"{made['resourceType']}/{made['id']}"

    async def read(self, reference: str) -> Resource:
        async with self.session.get(f"{self.base}/{reference}") as answer:
            assert answer.status == 200
            return await answer.json(content_type=None)

    async def search(self, kind: str, query: str) -> list[Resource]:
        async with self.session.get(f"{self.base}/{kind}?{query}") as answer:
            return [entry["resource"] for entry in (await answer.json(content_type=None))["entry"]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Server]:
    with running_fhir_server() as running:
        async with aiohttp.ClientSession() as session:
            server = Server(running.base, session)
            server.patient = await server.add({"resourceType": "Patient"})
            server.practitioner = await server.add({"resourceType": "Practitioner"})
            ambulatory = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
            visit = {"resourceType": "Encounter", "status": "finished", "class": ambulatory}
            server.encounter = await server.add({**visit, "subject": {"reference": server.patient}})
            yield server


def paper(kind: LinkKind | None) -> Document:
    """A signed note, or one that is `kind` to FIRST."""
    link = Link(kind, FIRST, "Wrong <date> & time.") if kind else None
    return of(replace(signed_note(), link=link))


def header(kind: LinkKind | None, related: str = "") -> FiledNote:
    """What a sink is told of it."""
    doc = paper(kind)
    return FiledNote(
        NoteId(f"n-{kind or 'note'}"),
        PracticeId("larkspur"),
        "JD-014",
        "soap",
        "2026-11-20",
        doc.version_hash,
        format_name="SOAP",
        loinc=doc.loinc,
        clinician_id=PersonId("delgado"),
        started_at=SIGNED_AT,
        minutes=53,
        client_flags=("part2",),
        related=Related(kind, FIRST, related) if kind else None,
    )


def filed(kind: LinkKind | None, server: Server, related: str = "") -> Resource:
    """What the adapter's builders make of it, with everything that they can be given."""
    note = header(kind, related)
    files = render_all(paper(kind), ("txt", "pdf"))
    return document_reference(
        note,
        [Attachment(CONTENT_TYPES[each], title_of(note), files[each], SIGNED_AT) for each in files],
        types=type_of(note.format_id, note.loinc),
        subject={"reference": server.patient},
        author={"reference": server.practitioner, "display": "Rosa Delgado, LPC-Associate"},
        encounter={"reference": server.encounter},
        custodian={"display": "Larkspur Street Counseling"},
        relates_to=[relation_of(note.related)] if note.related else [],
        labels=labels_of(note),
        doc_status="amended" if kind is LinkKind.AMENDMENT else "final",
        created=SIGNED_AT,
    )


def bundle(kind: LinkKind | None) -> Resource:
    return json.loads(render_all(paper(kind), ("fhir.json",))["fhir.json"])


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_sent_passes_both(server: Server, kind: LinkKind | None) -> None:
    original = await server.add(filed(None, server)) if kind else ""
    sent = filed(kind, server, original)
    assert problems(sent) == []
    reference = await server.add(sent)
    assert problems(await server.read(reference)) == []
    author = {"reference": server.practitioner}
    trace = provenance(reference, author=author, recorded=SIGNED_AT, labels=())
    assert problems(trace) == []
    await server.add(trace)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (None, "current"),
        (LinkKind.ADDENDUM, "current"),
        (LinkKind.AMENDMENT, "superseded"),
        (LinkKind.RETRACTION, "entered-in-error"),
    ],
)
async def test_what_the_adapter_leaves_on_the_server_passes_both(
    server: Server, tmp_path: Path, kind: LinkKind | None, status: str
) -> None:
    """The server refuses what its validators do not pass, so being there is to have passed."""
    code = f"JD-{kind or 'note'}"
    named = [{"system": "urn:example:clients", "value": code}]
    patient = await server.add({"resourceType": "Patient", "identifier": named})
    values = {"base_url": server.base, "auth": "none", "patient_system": "urn:example:clients", "provenance": True}
    values["practitioners"] = {"delgado": server.practitioner}
    sink = open_sink("ehr", "fhir", values, {}, tmp_path, StoppedClock())
    files = render_all(paper(kind), ("txt", "pdf"))
    first = replace(header(None), note_id=NoteId(f"first-{code}"), client_code=code)
    receipts = [await sink.put(first, files, "k1")]
    if kind:
        related = Related(kind, first.note_id, receipts[0].reference)
        later = replace(header(kind), note_id=NoteId(f"later-{code}"), client_code=code, related=related)
        receipts.append(await sink.put(later, files, "k2"))
    await sink.close()
    documents = [await server.read(receipt.reference) for receipt in receipts]
    traces = await server.search("Provenance", f"target={receipts[-1].reference}")
    assert [problems(each) for each in (*documents, *traces)] == [[]] * (len(documents) + 1)
    assert documents[0]["status"] == status
    assert {each["subject"]["reference"] for each in documents} == {patient}


@pytest.mark.parametrize("kind", LinkKind)
async def test_a_note_that_never_was_filed_there_is_named_by_its_identifier(server: Server, kind: LinkKind) -> None:
    sent = filed(kind, server)
    assert "reference" not in sent["relatesTo"][0]["target"]
    assert problems(sent) == []
    await server.add(sent)


@pytest.mark.parametrize("status", ["superseded", "entered-in-error"])
async def test_the_mark_on_the_first_document_passes_both(server: Server, status: str) -> None:
    marked = {**await server.read(await server.add(filed(None, server))), "status": status}
    assert problems(marked) == []
    code, _ = await server.send(marked)
    assert code == 200


@pytest.mark.parametrize("kind", KINDS)
async def test_the_bundle_passes_both(server: Server, kind: LinkKind | None) -> None:
    made = bundle(kind)
    assert problems(made) == []
    assert await server.add(made)
    for entry in made["entry"]:
        assert await server.add(entry["resource"])  # each is valid by itself, too


@pytest.mark.parametrize(
    "doc",
    [
        of(replace(signed_note(()), session=replace(SESSION, start=None, minutes=None))),
        replace(of(signed_note()), practice_name="<b>&\x00 Пр", clinician_line="\x1b<i>", client_flags=("part2",)),
        *(of(replace(signed_note(), format_id=each)) for each in ("progress", "intake", "group", "no_show")),
    ],
)
async def test_unusual_notes_pass_both(server: Server, doc: Document) -> None:
    made = json.loads(render_all(doc, ("fhir.json",))["fhir.json"])
    assert problems(made) == []
    assert await server.add(made)


def changed(resource: Resource, change: Callable[[Resource], object]) -> Resource:
    copied = copy.deepcopy(resource)
    change(copied)
    return copied


def _composition(made: Resource) -> Resource:
    return made["entry"][0]["resource"]


def _narrative(made: Resource) -> Resource:
    return _composition(made)["section"][0]["text"]


REFERENCES: Mapping[str, Callable[[Resource], object]] = {
    "no content": lambda each: each.pop("content"),
    "no status": lambda each: each.pop("status"),
    "a status that is none": lambda each: each.update(status="superceded"),
    "a docStatus that is none": lambda each: each.update(docStatus="signed"),
    "a relation that is none": lambda each: each["relatesTo"][0].update(code="amends"),
    "a date that is none": lambda each: each.update(date="yesterday"),
    "an element that is none": lambda each: each.update(summary="text"),
}
BUNDLES: Mapping[str, Callable[[Resource], object]] = {
    "a type that is none": lambda made: made.update(type="paper"),
    "no identifier": lambda made: made.pop("identifier"),
    "the Composition last": lambda made: made["entry"].reverse(),
    "a Composition without a title": lambda made: _composition(made).pop("title"),
    "an attester's mode that is none": lambda made: _composition(made)["attester"][0].update(mode="maybe"),
    "a narrative's status that is none": lambda made: _narrative(made).update(status="fine"),
    "broken in the DocumentReference": lambda made: made["entry"][1]["resource"].update(docStatus="signed"),
}
OURS_ONLY: Mapping[str, Callable[[Resource], object]] = {
    "a confidentiality that is none": lambda made: _composition(made).update(confidentiality="X"),
    "markup that is not closed": lambda made: _narrative(made).update(div="<p>text"),
    "a script": lambda made: _narrative(made).update(
        div='<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>'
    ),
}


@pytest.mark.parametrize("fault", REFERENCES)
async def test_both_refuse_a_broken_document(server: Server, fault: str) -> None:
    broken = changed(filed(LinkKind.AMENDMENT, server), REFERENCES[fault])
    assert problems(broken) != []
    await _refused(server, broken)


@pytest.mark.parametrize("fault", BUNDLES)
async def test_both_refuse_a_broken_bundle(server: Server, fault: str) -> None:
    broken = changed(bundle(None), BUNDLES[fault])
    assert problems(broken) != []
    await _refused(server, broken)


@pytest.mark.parametrize("fault", OURS_ONLY)
async def test_what_the_server_does_not_see_is_refused_in_python(fault: str) -> None:
    assert problems(changed(bundle(None), OURS_ONLY[fault])) != []


async def _refused(server: Server, broken: Resource) -> None:
    status, said = await server.send(broken)
    assert status == 400
    assert _errors(said)


def _errors(outcome: Resource) -> Sequence[Resource]:
    return [issue for issue in outcome["issue"] if issue["severity"] == "error"]
