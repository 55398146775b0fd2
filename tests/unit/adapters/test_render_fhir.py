"""The FHIR Bundle: complete, the same every time, nothing that anybody typed is markup in it."""

import base64
import json
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from adapters.layout import Document
from adapters.render import render_all
from adapters.render_fhir import render_fhir
from bot.domain.ids import NoteId
from bot.domain.links import Link, LinkKind
from bot.domain.statements import Slot
from tests.unit.adapters.documents import SESSION, SIGNED_AT, document, of, signed_note

NASTY = "<script>alert('1')</script> & \"q\" nul\x00 esc\x1b ]]> {{x}} \ud7ff￾"
FILES = {"txt": "Пациентка.\n".encode(), "pdf": b"%PDF-1.7 \x00\xff"}


def bundle(doc: Document) -> dict[str, Any]:
    return json.loads(render_fhir(doc, FILES))


def resources(doc: Document) -> tuple[dict[str, Any], dict[str, Any]]:
    composition, reference = (entry["resource"] for entry in bundle(doc)["entry"])
    assert (composition["resourceType"], reference["resourceType"]) == ("Composition", "DocumentReference")
    return composition, reference


def linked(kind: LinkKind, reason: str = "") -> Document:
    return of(replace(signed_note(), link=Link(kind, NoteId("n0000000000000001"), reason)))


def test_equal_documents_give_equal_bytes_and_another_version_other_addresses() -> None:
    assert render_fhir(document(), FILES) == render_fhir(document(), FILES)
    other = replace(document(), version_hash="cd" * 32)
    urls = [{entry["fullUrl"] for entry in bundle(doc)["entry"]} for doc in (document(), other)]
    assert not urls[0] & urls[1]


def test_text_and_pdf_are_in_it_byte_for_byte() -> None:
    files = render_all(document(), ("fhir.json", "txt", "pdf"))
    reference = json.loads(files["fhir.json"])["entry"][1]["resource"]
    held = {content["attachment"]["contentType"]: content["attachment"] for content in reference["content"]}
    assert list(held) == ["text/plain; charset=utf-8", "application/pdf"]
    for attachment, kind in zip(held.values(), ("txt", "pdf"), strict=True):
        assert base64.b64decode(attachment["data"]) == files[kind]
        assert attachment["size"] == len(files[kind])


def test_files_of_before_are_taken_as_they_are_into_the_bundle_too() -> None:
    made = {"txt": b"as it was sent", "pdf": b"%PDF as it was sent"}
    files = render_all(of(signed_note()), ("txt", "pdf", "fhir.json"), made)
    assert {kind: files[kind] for kind in made} == made
    held = json.dumps(json.loads(files["fhir.json"]))
    assert all(base64.b64encode(data).decode() in held for data in made.values())


def test_the_bundle_alone_can_be_asked_for() -> None:
    assert list(render_all(document(), ("fhir.json",))) == ["fhir.json"]


def test_sections_carry_their_codes_and_an_empty_one_says_so() -> None:
    composition, _ = resources(document(((Slot.REPORT, "Slept well."),)))
    codes = [section["code"]["coding"][0]["code"] for section in composition["section"] if "code" in section]
    assert codes == ["61150-9", "61149-1", "51848-0", "18776-5"]
    assert "Slept well." in composition["section"][0]["text"]["div"]
    assert "Nothing recorded." in composition["section"][1]["text"]["div"]


def test_what_people_typed_is_never_markup() -> None:
    doc = replace(document(((Slot.REPORT, NASTY),)), practice_name="Larkspur <b>&", client_code="J&<D-1")
    composition, _ = resources(doc)
    for narrative in (composition["text"], *(section["text"] for section in composition["section"])):
        tree = ElementTree.fromstring(narrative["div"])  # noqa: S314 - made by us a line ago
        assert {element.tag.rpartition("}")[2] for element in tree.iter()} <= {"div", "p", "br"}
    assert "<script" not in json.dumps(composition)
    shown = "".join(ElementTree.fromstring(composition["section"][0]["text"]["div"]).itertext())  # noqa: S314
    assert "<script>alert('1')</script> & \"q\" nul␀ esc␛" in shown


def test_the_client_is_a_code_and_nobodys_name() -> None:
    for resource in resources(document()):
        subject = resource["subject"]
        assert subject["identifier"]["value"] == "JD-014"
        assert subject.keys() == {"type", "identifier"}


@pytest.mark.parametrize(
    ("kind", "code", "status", "words"),
    [
        (LinkKind.ADDENDUM, "appends", "final", "This adds to the note below"),
        (LinkKind.AMENDMENT, "replaces", "amended", "This takes the place of the note below"),
        (LinkKind.RETRACTION, "appends", "final", "The note below was entered in error."),
    ],
)
def test_a_linked_document_names_the_note_it_is_about(kind: LinkKind, code: str, status: str, words: str) -> None:
    composition, reference = resources(linked(kind, "wrong <date>"))
    (one,), (other,) = composition["relatesTo"], reference["relatesTo"]
    assert (one["code"], other["code"]) == (code, code)
    assert one["targetIdentifier"] == other["target"]["identifier"]
    assert one["targetIdentifier"]["value"] == "n0000000000000001"
    assert (composition["status"], reference["docStatus"]) == (status, status)
    assert words in composition["text"]["div"]
    assert "Note: n0000000000000001" in composition["text"]["div"]
    assert "Reason: wrong &lt;date&gt;" in composition["text"]["div"]


def test_a_note_alone_relates_to_nothing() -> None:
    assert not [resource for resource in resources(document()) if "relatesTo" in resource]


def test_a_late_entry_is_marked() -> None:
    composition, reference = resources(of(signed_note(signed_at=SIGNED_AT + timedelta(days=9))))
    assert "Late entry. Date of service November 20, 2026; signed November 29, 2026" in composition["text"]["div"]
    assert reference["description"] == "SOAP note, late entry"
    assert "late entry" not in resources(document())[1]["description"]


def test_labels_say_restricted_and_mental_health_and_part2_where_the_client_is() -> None:
    def labels(doc: Document) -> list[str]:
        return [label["coding"][0]["code"] for label in resources(doc)[1]["securityLabel"]]

    assert labels(document()) == ["R", "MH"]
    assert labels(replace(document(), client_flags=("part2", "minor"))) == ["R", "MH", "SUD", "42CFRPart2"]
    assert [label["code"] for label in bundle(document())["meta"]["security"]] == ["R", "MH"]


def test_the_sessions_time_is_a_moment_and_a_day_alone_is_a_day() -> None:
    assert resources(document())[1]["context"]["period"] == {
        "start": "2026-11-20T20:00:00Z",
        "end": "2026-11-20T20:53:00Z",
    }
    for start, minutes, date in (("", 53, True), ("", None, False)):
        session = replace(SESSION, start=start or None, minutes=minutes, date=SESSION.date if date else None)
        reference = resources(replace(document(), session=session))[1]
        day = {"start": "2026-11-20", "end": "2026-11-20"}
        assert reference.get("context") == ({"period": day} if date else None)


def test_no_element_is_empty() -> None:
    bare = replace(document(), client_code="", clinician_line="", signatures=(), session=replace(SESSION, date=None))

    def walk(value: Any) -> None:
        assert value not in ("", [], {}, None)
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(each)

    walk(bundle(bare))
    walk(bundle(document()))


def test_it_adds_less_than_five_milliseconds() -> None:
    doc = document()
    files = render_all(doc, ("txt", "pdf"))
    times = []
    for _ in range(9):
        began = time.process_time()
        render_fhir(doc, files)
        times.append(time.process_time() - began)
    assert sorted(times)[4] < 0.005
