"""A signed note laid out: facts, prose, late entries."""

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from pypdf import PdfReader

from adapters.layout import paragraphs_of, session_line
from adapters.render import render_all
from bot.domain.note import Session
from bot.domain.statements import Slot, own_words
from tests.unit.adapters.documents import SIGNED_AT, document, of, signed_note


def test_facts_are_in_the_practices_time() -> None:
    assert document().facts() == (
        ("Client code", "JD-014"),
        ("Date of service", "November 20, 2026"),
        ("Time", "2:00 PM – 2:53 PM"),
        ("Minutes", "53"),
        ("Session", "Individual, telehealth"),
        ("Format", "SOAP, version 1"),
        ("Clinician", "Rosa Delgado, LPC-Associate"),
        ("Written", "November 20, 2026, 2:58 PM CST"),
    )


def test_what_is_not_known_is_not_shown() -> None:
    labels = [label for label, _ in of(replace(signed_note(), session=Session(), client_code="")).facts()]
    assert labels == ["Session", "Format", "Clinician", "Written"]


def test_session_line() -> None:
    session = Session(date(2026, 3, 1), time(23, 30), 60, "no_show", "phone")
    assert session_line(session) == "March 1, 2026 · 11:30 PM – 12:30 AM · 60 minutes · no show · phone"
    assert session_line(Session(kind="")) == ""


def test_statements_of_one_slot_run_on_and_others_start_a_paragraph() -> None:
    statements = [
        own_words("She slept well.", Slot.REPORT),
        own_words("“Six hours,” she said.”", Slot.REPORT),
        own_words("no full stop", Slot.REPORT),
        own_words("Next one.", Slot.REPORT),
        own_words("Typed\r\nin lines.", Slot.REPORT),
        own_words("After.", Slot.REPORT),
        own_words("Calm.", Slot.OBSERVATION),
        own_words(" \n", Slot.OBSERVATION),
    ]
    assert paragraphs_of(statements) == (
        "She slept well. “Six hours,” she said.” no full stop",
        "Next one.",
        "Typed\nin lines.",
        "After.",
        "Calm.",
    )


def test_an_item_of_a_typed_list_keeps_its_line() -> None:
    texts = (
        "She agreed to three things.",
        "- a walk.",
        "2) breathing.",
        "– a call.",
        "Then we ended.",
        "It went well.",
    )
    statements = [own_words(text, Slot.PLAN) for text in texts]
    assert paragraphs_of(statements) == (*texts[:4], "Then we ended. It went well.")


@pytest.mark.parametrize(("hours", "late"), [(71, False), (73, True)])
def test_a_note_signed_long_after_the_session_is_marked(hours: int, late: bool) -> None:
    ended = datetime(2026, 11, 20, 20, 53, tzinfo=UTC)
    assert bool(of(signed_note(signed_at=ended + timedelta(hours=hours))).late_entry) is late


def test_a_late_note_says_why_and_the_head_of_every_page_does_not() -> None:
    late = of(replace(signed_note(signed_at=SIGNED_AT + timedelta(days=5)), late_reason="Ill *for* a week."))
    assert late.late_told == f"{late.late_entry} Reason: Ill *for* a week."
    assert "Ill" not in late.mark
    files = render_all(late, ("txt", "md", "json", "docx", "pdf"))
    assert b"Reason: Ill *for* a week." in files["txt"]
    assert json.loads(files["json"])["late_reason"] == "Ill *for* a week."
    for page in (PdfReader(io.BytesIO(files["pdf"])).pages[0].extract_text(), files["md"].decode()):
        assert "Reason: Ill" in page
    on_time = of(replace(signed_note(), late_reason="Ill *for* a week."))
    assert (on_time.late_told, "late_reason" in json.loads(render_all(on_time, ("json",))["json"])) == ("", False)


def test_the_late_mark_names_both_dates() -> None:
    late = of(signed_note(signed_at=SIGNED_AT + timedelta(days=5))).late_entry
    assert late == "Late entry. Date of service November 20, 2026; signed November 25, 2026, 3:05 PM CST."


def test_signatures_carry_who_what_when_and_which_content() -> None:
    first, second = document().signatures
    assert (first.line, first.role) == ("Rosa Delgado, LPC-Associate", "clinician")
    assert first.signed_at == "November 20, 2026, 3:05 PM CST"
    assert first.version_hash == document().version_hash == second.version_hash
    assert document().stamped_at == second.at
