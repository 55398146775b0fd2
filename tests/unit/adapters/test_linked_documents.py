"""An addendum, an amendment and a retraction name the note they are about, wherever one looks."""

import io
import json
from dataclasses import replace
from datetime import timedelta
from importlib import resources

import jsonschema
import pytest
from pypdf import PdfReader

from adapters.layout import AMENDED_BY, DRAFTED_BY, Document
from adapters.render import render_all
from adapters.render_pdf import render_pdf
from bot.domain.ids import NoteId
from bot.domain.links import Link, LinkKind
from bot.domain.statements import Origin, Slot
from tests.unit.adapters.documents import SIGNED_AT, TYPICAL, linked, linked_note, of, signed_note
from tests.unit.adapters.reading import docx_text, text_of

REASON = "The GAD-7 score was typed wrong: 12, not 11."
HEADINGS = {
    LinkKind.ADDENDUM: "Addendum to SOAP note",
    LinkKind.AMENDMENT: "Amended SOAP note",
    LinkKind.RETRACTION: "Retraction of SOAP note (entered in error)",
}
SCHEMA = json.loads(resources.files("adapters").joinpath("note.schema.json").read_bytes())


@pytest.mark.parametrize("kind", ["txt", "md", "pdf", "docx"])
@pytest.mark.parametrize("link", LinkKind)
def test_every_file_says_what_it_is_and_about_which_note(link: LinkKind, kind: str) -> None:
    doc = linked(link, REASON)
    text = text_of(kind, render_all(doc, (kind,))[kind])
    heading = HEADINGS[link].upper() if kind == "txt" else HEADINGS[link]
    original = signed_note()
    assert heading in text
    for words in (
        *(original.id, "November 20, 2026", "Rosa Delgado, LPC-Associate (clinician), November 20, 2026, 3:05 PM CST"),
        *(
            "Miriam Weiss, PsyD (supervisor, co-signed), November 20, 2026, 6:05 PM CST",
            REASON,
            "November 29, 2026, 3:05 PM CST",
        ),
    ):
        assert words in text
    assert original.version_hash() in text.replace(" ", "")
    assert doc.version_hash in text.replace(" ", "")


def test_a_linked_document_is_never_a_late_entry() -> None:
    late = signed_note(signed_at=SIGNED_AT + timedelta(days=9))
    assert of(late).late_entry
    for link in LinkKind:
        doc = linked(link, REASON)
        assert doc.late_entry == ""
        assert "ate entry" not in docx_text(render_all(doc, ("docx",))["docx"])


def test_what_it_is_stands_at_the_foot_of_every_page() -> None:
    doc = linked(LinkKind.AMENDMENT, REASON, list(TYPICAL) * 30)
    pages = PdfReader(io.BytesIO(render_pdf(doc))).pages
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        text = " ".join(page.extract_text().split())
        assert f"Note {doc.note_id} · version 3 · SHA-256 {doc.short_hash}…" in text
        assert f"Page {number} of {len(pages)}" in text
        assert "Amended SOAP note · about note n0123456789abcdefg of November 20, 2026" in text


def test_a_late_entry_says_so_at_the_foot_of_every_page() -> None:
    doc = of(signed_note(list(TYPICAL) * 30, SIGNED_AT + timedelta(days=6)))
    mark = "Late entry · date of service November 20, 2026 · signed November 26, 2026, 3:05 PM CST"
    for page in PdfReader(io.BytesIO(render_pdf(doc))).pages:
        assert mark in " ".join(page.extract_text().split())
    assert docx_text(render_all(doc, ("docx",))["docx"]).count(mark) == 2  # of the first page and of the others


@pytest.mark.parametrize("link", LinkKind)
@pytest.mark.parametrize("reason", ["", REASON])
def test_the_json_of_a_linked_document_follows_the_schema(link: LinkKind, reason: str) -> None:
    note = json.loads(render_all(linked(link, reason), ("json",))["json"])
    jsonschema.validate(note, SCHEMA)
    original = signed_note()
    assert note["late_entry"] is False
    assert note.get("reason", "") == reason
    assert note["about"] == {
        "note": original.id,
        "kind": link,
        "version_sha256": original.version_hash(),
        "version": 3,
        "format": {"id": "soap", "name": "SOAP", "version": 1},
        "date_of_service": "2026-11-20",
        "signatures": [
            {"name": "Rosa Delgado, LPC-Associate", "role": "clinician", "at": "2026-11-20T21:05:00+00:00"},
            {"name": "Miriam Weiss, PsyD", "role": "supervisor", "at": "2026-11-21T00:05:00+00:00"},
        ],
    }


@pytest.mark.parametrize("change", [{"about": None}, {"about": {"note": "n1", "kind": "addition"}}])
def test_the_schema_refuses_what_is_not_so(change: dict[str, object]) -> None:
    note = json.loads(render_all(linked(LinkKind.ADDENDUM, REASON), ("json",))["json"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(note | change, SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({key: value for key, value in note.items() if key != "about"}, SCHEMA)


def test_a_note_that_cannot_be_read_any_more_is_named_by_its_id() -> None:
    doc = of(linked_note(LinkKind.RETRACTION, REASON))
    files = render_all(doc)
    assert doc.heading == "Retraction of note (entered in error)"
    for kind in ("txt", "md", "pdf", "docx"):
        assert "n0123456789abcdefg" in text_of(kind, files[kind])
    note = json.loads(files["json"])
    jsonschema.validate(note, SCHEMA)
    assert note["about"] == {"note": "n0123456789abcdefg", "kind": "retraction", "version_sha256": None}


@pytest.mark.parametrize(
    ("link", "about", "heading"),
    [
        (LinkKind.ADDENDUM, LinkKind.ADDENDUM, "Addendum to addendum"),
        (LinkKind.AMENDMENT, LinkKind.ADDENDUM, "Amended addendum"),
        (LinkKind.AMENDMENT, LinkKind.AMENDMENT, "Amended SOAP note"),
        (LinkKind.RETRACTION, LinkKind.AMENDMENT, "Retraction of amended SOAP note (entered in error)"),
    ],
)
def test_what_is_about_a_linked_note_calls_it_by_what_it_is(link: LinkKind, about: LinkKind, heading: str) -> None:
    second = linked_note(about)
    third = replace(linked_note(link), id=NoteId("nthird"), link=Link(link, second.id, REASON))
    assert of(third, about=second).heading == heading


def test_another_note_than_the_one_that_is_linked_is_refused() -> None:
    with pytest.raises(ValueError, match="another note"):
        of(linked_note(LinkKind.ADDENDUM), about=linked_note(LinkKind.ADDENDUM))


def test_an_addendum_shows_only_sections_it_fills_and_an_amendment_all() -> None:
    def titles(doc: Document) -> list[str]:
        return [section.title for section in doc.shown_sections()]

    assert titles(linked(LinkKind.ADDENDUM)) == ["Subjective"]
    assert titles(linked(LinkKind.RETRACTION, REASON, ())) == []
    assert titles(linked(LinkKind.AMENDMENT, REASON)) == ["Subjective", "Objective", "Assessment", "Plan"]
    assert titles(replace(linked(LinkKind.ADDENDUM), about=None)) == ["Subjective", "Objective", "Assessment", "Plan"]


def test_the_reason_keeps_the_clinicians_lines() -> None:
    doc = linked(LinkKind.AMENDMENT, "First *line*.\nSecond line.")
    files = render_all(doc)
    assert "Reason: First *line*.\nSecond line." in files["txt"].decode()
    assert "First \\*line\\*.\\\nSecond line." in files["md"].decode()
    assert json.loads(files["json"])["reason"] == "First *line*.\nSecond line."


TYPED = ((Slot.REPORT, "She called at 18:40."), (Slot.REPORT, "Второй абзац."), (Slot.REPORT, "- bring the diary"))


@pytest.mark.parametrize("link", [LinkKind.ADDENDUM, LinkKind.RETRACTION])
def test_what_was_typed_in_paragraphs_stays_in_paragraphs(link: LinkKind) -> None:
    doc = linked(link, REASON, TYPED)
    assert doc.shown_sections()[0].paragraphs == tuple(text for _, text in TYPED)
    assert "She called at 18:40.\nВторой абзац.\n- bring the diary\n" in render_all(doc, ("txt",))["txt"].decode()


@pytest.mark.parametrize(
    ("link", "origin", "said"),
    [
        (LinkKind.AMENDMENT, Origin.MODEL, f"{DRAFTED_BY[Origin.MODEL]} {AMENDED_BY}"),
        (LinkKind.AMENDMENT, Origin.SORTER, f"{DRAFTED_BY[Origin.SORTER]} {AMENDED_BY}"),
        (LinkKind.AMENDMENT, Origin.CLINICIAN, DRAFTED_BY[Origin.CLINICIAN]),
        (LinkKind.ADDENDUM, Origin.CLINICIAN, DRAFTED_BY[Origin.CLINICIAN]),
    ],
)
def test_who_worded_it(link: LinkKind, origin: Origin, said: str) -> None:
    doc = of(replace(linked_note(link, REASON), drafted_by=origin), about=signed_note())
    assert doc.drafted_by == said
    assert said in text_of("pdf", render_all(doc, ("pdf",))["pdf"])


@pytest.mark.parametrize("kind", ["txt", "md", "pdf", "docx"])
def test_a_retraction_says_its_reason_once(kind: str) -> None:
    doc = linked(
        LinkKind.RETRACTION,
        "Wrong client.\nSee MK-003.",
        [(Slot.REPORT, "Wrong client."), (Slot.REPORT, "See MK-003.")],
    )
    text = text_of(kind, render_all(doc, (kind,))[kind])
    assert (text.count("Wrong client."), text.count("See MK")) == (1, 1)
    assert json.loads(render_all(doc, ("json",))["json"])["reason"] == "Wrong client.\nSee MK-003."
    assert text_of(kind, render_all(linked(LinkKind.AMENDMENT, "Wrong."), (kind,))[kind]).count("Wrong.") == 1
