"""What a review's dialogs come to, without a chat: the morning after, comments, and who co-signed on paper."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.fhir.resource import provenance
from adapters.render_text import render_text
from bot.acts.reviews import hours_until_morning
from bot.cards.review_forms import comments_in
from bot.domain.review import Comment
from bot.ports import Countersigned
from tests.unit.adapters.documents import document

ZONE = "America/Chicago"


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 11, 24, 23, 0, tzinfo=UTC), 15),  # 17:00 there
        (datetime(2026, 11, 24, 5, 30, tzinfo=UTC), 9),  # 23:30 of the day before
        (datetime(2026, 10, 31, 22, 0, tzinfo=UTC), 16),  # the clocks go back that night
        (datetime(2026, 3, 7, 23, 0, tzinfo=UTC), 14),  # and forward
    ],
)
def test_tomorrow_morning_is_eight_where_the_supervisor_is(now: datetime, hours: int):
    assert hours_until_morning(now, ZONE) == hours


def test_only_what_was_written_is_a_comment():
    typed = {"comment.plan": " Which? ", "comment.subjective": "  ", "comment": "Good.", "decision": "changes"}
    assert comments_in(typed) == (Comment("plan", "Which?"), Comment("", "Good."))


def test_a_document_says_who_co_signed_and_who_reviewed():
    paper = document()
    author, supervisor = paper.signatures
    assert "Co-signed by Miriam Weiss, PsyD (supervisor) on" in render_text(paper).decode()
    reviewed = replace(paper, signatures=(author, replace(supervisor, role="reviewer")))
    assert "Reviewed by Miriam Weiss, PsyD (supervisor) on" in render_text(reviewed).decode()


@pytest.mark.parametrize("role", ["supervisor", "reviewer"])
def test_a_provenance_carries_both_signatures(role: str):
    at = datetime(2026, 11, 23, 20, 2, tzinfo=UTC)
    other = Countersigned("Miriam Weiss, PsyD", role, at.replace(hour=23))
    made = provenance("DocumentReference/1", author={"reference": "Practitioner/1"}, recorded=at, countersigned=other)
    first, second = made["signature"]  # type: ignore[misc]
    assert first["who"] == {"reference": "Practitioner/1"}
    assert second["who"]["display"] == "Miriam Weiss, PsyD"
    validation = {"code": "1.2.840.10065.1.12.1.6", "display": "Validation Signature"}
    assert second["type"] == [{"system": "urn:iso-astm:E1762-95:2013", **validation}]
    assert made["recorded"] == second["when"] == "2026-11-23T23:02:00Z"
