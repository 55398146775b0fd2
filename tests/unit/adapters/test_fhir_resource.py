"""A note as FHIR resources: what is sent, to the letter."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.fhir.resource import (
    Attachment,
    document_reference,
    labels_of,
    period_of,
    provenance,
    relation_of,
    title_of,
    type_of,
)
from bot.domain.ids import NoteId, PersonId, PracticeId
from bot.domain.links import LinkKind
from bot.ports import FiledNote, Related

SIGNED = datetime(2026, 11, 20, 21, 5, 30, tzinfo=UTC)
NOTE = FiledNote(
    NoteId("n0123456789abcdefg"),
    PracticeId("larkspur"),
    "JD-014",
    "soap",
    "2026-11-20",
    "ab" * 32,
    format_name="SOAP note",
    loinc="34904-3",
    clinician_id=PersonId("dana"),
    clinician="Dana Reyes, LCSW",
    started_at=datetime(2026, 11, 20, 15, 0, tzinfo=UTC),
    minutes=50,
    signed_at=SIGNED,
)


def document(note: FiledNote = NOTE, **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "types": type_of(note.format_id, note.loinc),
        "subject": {"reference": "Patient/1"},
        "author": {"display": note.clinician},
        "labels": labels_of(note),
        "created": SIGNED,
    }
    text = Attachment("text/plain; charset=utf-8", title_of(note), b"SUBJECTIVE\nSlept well.\n", SIGNED)
    return document_reference(note, [text], **{**given, **changes})


def codes(codings: list[dict[str, str]]) -> list[str]:
    return [coding["code"] for coding in codings]


def test_a_note_is_a_current_final_clinical_note() -> None:
    made = document()
    assert (made["resourceType"], made["status"], made["docStatus"]) == ("DocumentReference", "current", "final")
    assert codes(made["category"][0]["coding"]) == ["clinical-note"]
    assert made["identifier"] == [{"system": "urn:afternote:note", "value": NOTE.note_id}] == [made["masterIdentifier"]]
    assert made["date"] == "2026-11-20T21:05:30Z"
    assert made["context"] == {"period": {"start": "2026-11-20T15:00:00Z", "end": "2026-11-20T15:50:00Z"}}
    assert "id" not in made


def test_the_attachment_holds_the_bytes_and_no_client() -> None:
    attachment = document()["content"][0]["attachment"]
    assert base64.b64decode(attachment["data"]) == b"SUBJECTIVE\nSlept well.\n"
    assert attachment["size"] == 23
    assert attachment["title"] == "SOAP note, 2026-11-20"


@pytest.mark.parametrize(("flags", "expected"), [((), ["R", "MH"]), (("part2",), ["R", "MH", "SUD", "42CFRPart2"])])
def test_labels_stand_in_both_places(flags: tuple[str, ...], expected: list[str]) -> None:
    made = document(replace(NOTE, client_flags=flags))
    assert codes(made["meta"]["security"]) == expected
    assert [label["coding"][0]["code"] for label in made["securityLabel"]] == expected


@pytest.mark.parametrize(
    ("format_id", "loinc", "overrides", "expected"),
    [
        ("soap", "34904-3", {}, ["34904-3", "11506-3"]),
        ("soap", "", {}, ["34904-3", "11506-3"]),
        ("intake", "78306-8", {}, ["78306-8"]),
        ("soap", "34904-3", {"soap": "11510-5, 11506-3"}, ["11510-5", "11506-3"]),
        ("soap", "34904-3", {"dap": "11510-5"}, ["34904-3", "11506-3"]),
    ],
)
def test_the_type_is_the_practices_or_the_formats(
    format_id: str, loinc: str, overrides: dict[str, str], expected: list[str]
) -> None:
    assert [coding.code for coding in type_of(format_id, loinc, overrides)] == expected


@pytest.mark.parametrize(
    ("kind", "code"),
    [(LinkKind.ADDENDUM, "appends"), (LinkKind.AMENDMENT, "replaces"), (LinkKind.RETRACTION, "appends")],
)
def test_a_linked_note_names_the_note_it_is_about(kind: LinkKind, code: str) -> None:
    related = Related(kind, NoteId("n9"), "DocumentReference/7")
    assert document(relates_to=[relation_of(related)])["relatesTo"] == [
        {"code": code, "target": {"reference": "DocumentReference/7"}}
    ]
    never_filed = relation_of(replace(related, reference=""))
    assert never_filed.target["identifier"] == {"system": "urn:afternote:note", "value": "n9"}


def test_a_session_without_a_time_has_its_day_and_one_without_a_day_has_none() -> None:
    day = replace(NOTE, started_at=None)
    assert period_of(day) == {"start": "2026-11-20", "end": "2026-11-20"}
    assert period_of(replace(NOTE, minutes=None)) == {"start": "2026-11-20T15:00:00Z"}
    assert "context" not in document(replace(day, session_date="undated"))


def test_provenance_names_the_clinician_as_author_and_the_software_as_assembler() -> None:
    made: Any = provenance("DocumentReference/7", author={"reference": "Practitioner/3"}, recorded=SIGNED)
    assert made["target"] == [{"reference": "DocumentReference/7"}]
    assert [(codes(agent["type"]["coding"])[0], agent["who"]) for agent in made["agent"]] == [
        ("author", {"reference": "Practitioner/3"}),
        ("assembler", {"display": "Afternote"}),
    ]
    assert made["signature"][0]["who"] == {"reference": "Practitioner/3"}
