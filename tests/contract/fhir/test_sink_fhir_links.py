"""Addendum, amendment and retraction on a FHIR server, also when the second step does not come off."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.errors import Permanent, Temporary
from bot.domain.ids import NoteId
from bot.domain.links import LinkKind
from bot.ports import FiledNote, Receipt, Related
from tests.contract.note_sink_contract import FILES, NOTE
from tests.fhir_parts import FhirServer, Opens

NEW_FILES = {kind: data + b" Amended." for kind, data in FILES.items()}
MARKS = [(LinkKind.AMENDMENT, "superseded"), (LinkKind.RETRACTION, "entered-in-error")]


def about(kind: LinkKind, original: Receipt | None) -> FiledNote:
    reference = original.reference if original else ""
    return replace(NOTE, note_id=NoteId("n2222222222222222"), related=Related(kind, NOTE.note_id, reference))


async def original(opens: Opens) -> Receipt:
    return await opens().put(NOTE, FILES, "k1")


def status(server: FhirServer, receipt: Receipt) -> str:
    return server.get(receipt.reference)["status"]


@pytest.mark.parametrize(
    ("kind", "code", "doc_status", "left"),
    [
        (LinkKind.ADDENDUM, "appends", "final", "current"),
        (LinkKind.AMENDMENT, "replaces", "amended", "superseded"),
        (LinkKind.RETRACTION, "appends", "final", "entered-in-error"),
    ],
)
@pytest.mark.parametrize("profile", ["generic", "us-core"])
async def test_a_linked_note_is_a_document_of_its_own(
    opens: Opens, server: FhirServer, kind: LinkKind, code: str, doc_status: str, left: str, profile: str
) -> None:
    first = await original(opens)
    receipt = await opens(profile=profile).put(about(kind, first), NEW_FILES, "k2")
    document = server.get(receipt.reference)
    assert document["relatesTo"] == [{"code": code, "target": {"reference": first.reference}}]
    assert (document["status"], document["docStatus"]) == ("current", doc_status)
    assert status(server, first) == left
    assert len(server.all("DocumentReference")) == 2


async def test_a_chart_can_tell_an_amendment_by_its_title(opens: Opens, server: FhirServer) -> None:
    first = await original(opens)
    receipt = await opens().put(about(LinkKind.AMENDMENT, first), NEW_FILES, "k2")
    titles = [server.get(one.reference)["content"][0]["attachment"]["title"] for one in (first, receipt)]
    assert titles == ["SOAP, 2026-11-20", "Amended SOAP, 2026-11-20"]


async def test_only_the_status_of_the_marked_note_changes(opens: Opens, server: FhirServer) -> None:
    first = await original(opens)
    before = server.get(first.reference)
    await opens().put(about(LinkKind.AMENDMENT, first), NEW_FILES, "k2")
    after = server.get(first.reference)
    assert _content(after) == {**_content(before), "status": "superseded"}


@pytest.mark.parametrize(("kind", "left"), MARKS)
@pytest.mark.parametrize("fault", [{"fail": "drop"}, {"fail": 503}, {"fail": 500}, {"fail": 429, "retryAfter": "7"}])
async def test_a_mark_that_does_not_come_off_is_finished_by_the_retry(
    opens: Opens, server: FhirServer, kind: LinkKind, left: str, fault: dict[str, Any]
) -> None:
    first, sink = await original(opens), opens()
    server.fail(*([{"on": "PUT", **fault}] * 4))
    with pytest.raises(Temporary):
        await sink.put(about(kind, first), NEW_FILES, "k2")
    assert status(server, first) == "current"
    server.fail()
    again = await sink.put(about(kind, first), NEW_FILES, "k2")
    assert (again.outcome, status(server, first)) == ("already", left)
    assert len(server.all("DocumentReference")) == 2


@pytest.mark.parametrize(("kind", "left"), MARKS)
async def test_a_mark_whose_answer_is_lost_is_read_again(
    opens: Opens, server: FhirServer, kind: LinkKind, left: str
) -> None:
    first = await original(opens)
    server.fail({"on": "PUT", "fail": "lost"})
    assert (await opens().put(about(kind, first), NEW_FILES, "k2")).outcome == "stored"
    assert status(server, first) == left


async def test_somebody_faster_is_read_again_and_kept(opens: Opens, server: FhirServer) -> None:
    first = await original(opens)
    server.fail({"on": "PUT", "fail": "touched"})
    await opens().put(about(LinkKind.AMENDMENT, first), NEW_FILES, "k2")
    document = server.get(first.reference)
    assert (document["status"], document["description"]) == ("superseded", "touched")


@pytest.mark.parametrize("kind", [LinkKind.AMENDMENT, LinkKind.RETRACTION])
async def test_a_note_entered_in_error_stays_so(opens: Opens, server: FhirServer, kind: LinkKind) -> None:
    first = await original(opens)
    await opens().put(about(LinkKind.RETRACTION, first), NEW_FILES, "k2")
    later = replace(about(kind, first), note_id=NoteId("n3"))
    await opens().put(later, NEW_FILES, "k3")
    assert status(server, first) == "entered-in-error"


async def test_a_superseded_note_can_be_retracted(opens: Opens, server: FhirServer) -> None:
    first = await original(opens)
    await opens().put(about(LinkKind.AMENDMENT, first), NEW_FILES, "k2")
    await opens().put(replace(about(LinkKind.RETRACTION, first), note_id=NoteId("n3")), NEW_FILES, "k3")
    assert status(server, first) == "entered-in-error"


@pytest.mark.parametrize("kind", list(LinkKind))
@pytest.mark.parametrize("elsewhere", ["", "JD-014/2026-11-20_soap_n1"])
async def test_a_note_that_never_was_there_is_named_by_its_identifier(
    opens: Opens, server: FhirServer, kind: LinkKind, elsewhere: str
) -> None:
    note = replace(about(kind, None), related=Related(kind, NOTE.note_id, elsewhere))
    receipt = await opens().put(note, NEW_FILES, "k2")
    (relation,) = server.get(receipt.reference)["relatesTo"]
    assert relation["target"]["identifier"] == {"system": "urn:afternote:note", "value": NOTE.note_id}
    assert "reference" not in relation["target"]


async def test_a_note_that_is_there_without_our_receipt_is_marked_too(opens: Opens, server: FhirServer) -> None:
    first = await original(opens)
    await opens().put(about(LinkKind.AMENDMENT, None), NEW_FILES, "k2")
    assert status(server, first) == "superseded"


async def test_a_put_of_the_old_note_after_its_amendment_finds_it_filed(opens: Opens, server: FhirServer) -> None:
    first = await original(opens)
    await opens().put(about(LinkKind.AMENDMENT, first), NEW_FILES, "k2")
    assert (await original(opens)).outcome == "already"
    assert status(server, first) == "superseded"


@pytest.mark.parametrize(("fault", "code"), [(405, "refused"), (403, "not_allowed")])
async def test_a_server_that_forbids_the_mark_is_for_a_person(
    opens: Opens, server: FhirServer, fault: int, code: str
) -> None:
    first = await original(opens)
    server.fail({"on": "PUT", "fail": fault})
    with pytest.raises(Permanent, match=f"^fhir:{code}:mark$"):
        await opens().put(about(LinkKind.AMENDMENT, first), NEW_FILES, "k2")
    assert len(server.all("DocumentReference")) == 2


async def test_every_put_names_the_version_it_changes(opens: Opens, server: FhirServer) -> None:
    first = await original(opens)
    await opens().put(about(LinkKind.AMENDMENT, first), NEW_FILES, "k2")
    (put,) = [one for one in server.log() if one["method"] == "PUT"]
    assert put["ifMatch"] == f'W/"{first.version}"'
    assert put["url"] == f"/fhir/{first.reference}"


@pytest.mark.parametrize("kind", [LinkKind.AMENDMENT, LinkKind.RETRACTION])
async def test_another_document_at_the_address_of_our_receipt_is_left_alone(
    opens: Opens, server: FhirServer, kind: LinkKind
) -> None:
    """A server that was set up anew may have given the same id to somebody else's document."""
    server.patient("MR-002")
    other = await opens().put(replace(NOTE, note_id=NoteId("n9"), client_code="MR-002"), FILES, "k9")
    receipt = await opens().put(about(kind, other), NEW_FILES, "k2")
    assert status(server, other) == "current"
    (relation,) = server.get(receipt.reference)["relatesTo"]
    assert relation["target"]["identifier"]["value"] == NOTE.note_id


@pytest.mark.parametrize("kind", list(LinkKind))
async def test_a_note_that_the_server_has_no_more_is_named_by_its_identifier(
    opens: Opens, server: FhirServer, kind: LinkKind
) -> None:
    first = await original(opens)
    server.reset()
    server.patient(NOTE.client_code)
    receipt = await opens().put(about(kind, first), NEW_FILES, "k2")
    (relation,) = server.get(receipt.reference)["relatesTo"]
    assert relation["target"]["identifier"]["value"] == NOTE.note_id


async def test_a_note_that_moved_on_the_server_is_found_again(opens: Opens, server: FhirServer) -> None:
    first = await original(opens)
    server.reset()
    server.patient(NOTE.client_code)
    moved = await original(opens)
    receipt = await opens().put(about(LinkKind.AMENDMENT, first), NEW_FILES, "k2")
    assert server.get(receipt.reference)["relatesTo"][0]["target"] == {"reference": moved.reference}
    assert status(server, moved) == "superseded"


async def test_a_version_that_only_the_etag_tells_will_do(opens: Opens, server: FhirServer) -> None:
    server.behave(noVersion=True)
    first = await original(opens)
    await opens().put(about(LinkKind.AMENDMENT, first), NEW_FILES, "k2")
    assert status(server, first) == "superseded"
    (put,) = [one for one in server.log() if one["method"] == "PUT"]
    assert put["ifMatch"] == f'W/"{first.version}"'


def _content(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "meta"}
