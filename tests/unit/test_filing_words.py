"""What is said of a note that is not filed: every reason, to everybody, with what to do, and nothing of the note."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards import filing_words as words
from bot.cards.elements import Actions, Button, Card, Confirm, Element, Remark, Sentence
from bot.cards.filing_screens import (
    Count,
    board_card,
    copy_elements,
    in_trouble,
    is_retried,
    notice_card,
    record_elements,
    status_line,
)
from bot.domain.filing import Filing, FilingState, Reason, Receipt, code_of
from demo.screens import note, signed

AT = dt.datetime(2026, 11, 23, 20, 2, tzinfo=dt.UTC)  # 14:02 in Chicago
ZONE = "America/Chicago"


def filing(state: FilingState, reason: Reason | None = None, **changes: object) -> Filing:
    code = code_of("fhir", reason, 401) if reason else ""
    made = Filing(note().id, "ehr", state, 1, AT + dt.timedelta(minutes=28), code, failing_since=AT if code else None)
    return replace(made, **changes)  # type: ignore[arg-type]


def said(elements: list[Element] | tuple[Element, ...]) -> str:
    return "\n".join(part.text for part in elements if isinstance(part, Sentence | Remark))


def buttons(elements: list[Element] | tuple[Element, ...]) -> list[str]:
    return [item.action for row in elements if isinstance(row, Actions) for item in row.items]


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_said_to_everybody_with_what_to_do(reason: Reason):
    code = code_of("fhir", reason, 401)
    assert reason in words.BY_REASON
    said_of = (words.wrong(code, "ehr"), words.for_clinician(code, "ehr"), words.for_administrator(code, "ehr"))
    assert len(set(said_of)) == 3
    for text in said_of:
        assert "{" not in text
    assert not said_of[0].endswith(".")
    for text in said_of[1:]:
        assert text[0].isupper() or text.startswith("ehr")
        assert text.endswith(".")
        assert len(text) < 300


def test_a_code_that_names_no_reason_counts_as_a_fault_of_ours():
    assert words.wrong("", "ehr") == words.wrong("fhir:new:1", "ehr") == "something went wrong on our side, with ehr"


def test_an_administrator_reads_the_names_of_the_settings():
    text = words.for_administrator("s3:not_allowed:403", "off-site")
    assert "AFTERNOTE_ADAPTER_OFF_SITE_…" in text
    assert "afternote check" in text
    assert "[adapter.off-site]" in words.for_administrator("s3:untrusted", "off-site")


def test_nobody_is_told_to_wait_for_what_does_not_come_by_itself():
    for reason in (Reason.UNREACHABLE, Reason.FULL):
        code = code_of("folder", reason)
        assert "Send again" in words.for_clinician(code, "ehr", given_up=True)
        assert "Send again" not in words.for_clinician(code, "ehr")


def test_one_failure_that_is_soon_tried_again_is_not_worth_a_word():
    soon = filing(FilingState.PENDING, Reason.BUSY, next_at=AT + dt.timedelta(seconds=20))
    assert not is_retried(soon)
    assert status_line(soon, ZONE) == words.FILING_NOW
    assert is_retried(replace(soon, attempts=2))
    assert is_retried(replace(soon, next_at=AT + dt.timedelta(minutes=2)))


def test_a_filing_that_goes_on_failing_says_since_when_and_when_next_in_the_persons_zone():
    line = status_line(filing(FilingState.PENDING, Reason.UNREACHABLE), ZONE)
    assert "since 14:02, next try 14:30" in line
    tomorrow = filing(FilingState.PENDING, Reason.UNREACHABLE, next_at=AT + dt.timedelta(hours=11))
    assert "since 23 Nov, 14:02, next try 24 Nov, 01:02" in status_line(tomorrow, ZONE)


def test_what_a_person_has_just_had_sent_again_counts_as_on_its_way():
    again = filing(FilingState.PENDING, None, failing_since=AT, attempts=0)
    assert not is_retried(again)
    assert not in_trouble(again, AT + dt.timedelta(days=1))


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        (FilingState.REFUSED, Reason.NOT_ALLOWED, ["filing_again"]),
        (FilingState.CONFLICT, Reason.OTHER_CONTENT, ["filing_again"]),
        (FilingState.UNKNOWN, Reason.LOST, ["filing_there", "filing_absent"]),
        (FilingState.PENDING, Reason.BUSY, []),
        (FilingState.SENDING, Reason.BUSY, []),
    ],
)
def test_the_clinician_gets_the_buttons_that_fit(state: FilingState, reason: Reason, expected: list[str]):
    troubled = filing(state, reason)
    elements = record_elements(signed(), [troubled], ZONE, administers=False)
    assert buttons(elements) == expected
    assert words.for_clinician(troubled.error_code, "ehr") in said(elements)
    assert words.for_administrator(troubled.error_code, "ehr") not in said(elements)
    to_both = said(record_elements(signed(), [troubled], ZONE, administers=True))
    assert words.for_clinician(troubled.error_code, "ehr") not in to_both, "nobody is sent to themselves"
    assert words.for_administrator(troubled.error_code, "ehr") in to_both


def test_before_a_note_is_sent_a_second_time_one_is_asked_whether_it_is_surely_not_there():
    elements = record_elements(signed(), [filing(FilingState.UNKNOWN, Reason.LOST)], ZONE, administers=False)
    (row,) = [element for element in elements if isinstance(element, Actions)]
    there, absent = row.items
    assert isinstance(there, Button)
    assert isinstance(absent, Button)
    assert there.confirm is None
    assert isinstance(absent.confirm, Confirm)
    assert "second copy" in absent.confirm.text
    assert words.CHECK_THE_CHART in said(elements)


def test_a_receipt_speaks_of_copies_only_where_there_are_any():
    stored = filing(FilingState.STORED, receipt=Receipt("r", "0" * 64, "stored", AT))
    copy = replace(stored, target="share")
    waits = replace(filing(FilingState.PENDING), target="archive")
    assert copy_elements(signed(), [stored], ZONE, administers=False) == []
    assert said(copy_elements(signed(), [stored, copy, waits], ZONE, administers=False)) == (
        "Also in share.\nNot yet in archive."
    )
    failing = replace(filing(FilingState.PENDING, Reason.FULL, attempts=3), target="archive")
    assert "Not in archive yet, because archive has no space left" in said(
        copy_elements(signed(), [stored, failing], ZONE, administers=False)
    )
    unknown = replace(filing(FilingState.UNKNOWN, Reason.LOST), target="archive")
    elements = copy_elements(signed(), [stored, unknown], ZONE, administers=False)
    (row,) = [element for element in elements if isinstance(element, Actions)]
    assert row.name == "filing-archive"


def test_an_administrator_reads_what_is_wrong_and_what_to_do_and_nothing_of_the_note():
    card = notice_card(signed(), "Rosa Delgado", [filing(FilingState.REFUSED, Reason.NOT_ALLOWED)], ZONE, AT)
    text = said(card.elements)
    for part in ("JD-014", "23 Nov 2026", note().id, "ehr", "14:02", "AFTERNOTE_ADAPTER_EHR_", "fhir:not_allowed:401"):
        assert part in text
    for statement in note().statements:
        assert statement.text not in text
    assert buttons(card.elements) == ["filing_again"]


def test_an_administrator_hears_of_a_failing_filing_after_an_hour_only():
    failing = filing(FilingState.PENDING, Reason.UNREACHABLE, attempts=9)
    assert not in_trouble(failing, AT + dt.timedelta(minutes=60))
    assert in_trouble(failing, AT + dt.timedelta(minutes=61))
    stored = filing(FilingState.STORED, receipt=Receipt("r", "0" * 64, "stored", AT), failing_since=AT)
    assert not in_trouble(stored, AT + dt.timedelta(days=1))


def test_an_administrators_card_ends_as_one_line():
    stored = filing(FilingState.STORED, receipt=Receipt("r", "0" * 64, "stored", AT))
    for filings in ([stored], [filing(FilingState.PENDING, failing_since=AT)]):
        card = notice_card(signed(), "Rosa Delgado", filings, ZONE, AT)
        assert len(card.elements) == 1
        assert buttons(card.elements) == []


def test_the_board_counts_by_place():
    card = board_card([Count("ehr", 17, AT, "fhir:not_allowed:401"), Count("share", 4, AT, "folder:full")], ZONE)
    text = said(card.elements)
    assert "ehr: 17 not there, since 23 Nov, 14:02, because ehr does not let Afternote in." in text
    assert "share: 4 not there" in text
    assert "afternote filings" in text
    assert board_card([], ZONE) == Card(words.BOARD_SOLVED_NOTICE, (Remark(words.BOARD_SOLVED),))


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_in_operations(reason: Reason):
    operations = Path(__file__).parents[2] / "docs" / "operations.md"
    assert f"\n| `{reason.value}` | " in operations.read_text("utf-8")
