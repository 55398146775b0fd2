"""What `check` says: a sentence for every reason, a clock's error in minutes, and kinds of content."""

from datetime import UTC, datetime

import pytest

from adapters.media_types import media_type
from adapters.problems import problem_of, skew_problem
from bot.domain.errors import Permanent
from bot.domain.filing import Reason, code_of

NOW = datetime(2026, 11, 20, 21, 5, tzinfo=UTC)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence_with_its_code(reason: Reason) -> None:
    words = problem_of(Permanent(code_of("s3", reason, 403)), "The bucket notes")
    assert words.startswith("The bucket notes ")
    assert words.endswith(f"(s3:{reason.value}:403)")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("webdav:no_place:302", "sends us to another address, which is not followed"),
        ("webhook:no_place:404", "does not exist"),
        ("webdav:refused:405", "does not understand what was asked. Is it the right address?"),
        ("sftp:refused", "refuses what was asked"),
        ("webdav:broken:501", "answers with an error of its own"),
    ],
)
def test_a_redirect_and_a_place_of_another_kind_are_told_apart(code: str, words: str) -> None:
    assert words in problem_of(Permanent(code), "The place")


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("Fri, 20 Nov 2026 21:04:00 GMT", ""),
        ("Fri, 20 Nov 2026 21:02:00 GMT", "This machine’s clock is 3 minutes ahead of that of the store."),
        ("Fri, 20 Nov 2026 21:09:00 GMT", "This machine’s clock is 4 minutes behind that of the store."),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_clocks_may_differ_by_less_than_two_minutes(date: str, words: str) -> None:
    assert skew_problem(date, "the store", NOW).startswith(words)
    assert bool(skew_problem(date, "the store", NOW)) is bool(words)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("JD-014/2026_soap_n1.pdf", "application/pdf"),
        ("fhir.json", "application/fhir+json"),
        ("a/b.receipt.json", "application/json"),
        ("txt", "text/plain; charset=utf-8"),
        ("odd", "application/octet-stream"),
    ],
)
def test_media_types(name: str, kind: str) -> None:
    assert media_type(name) == kind
