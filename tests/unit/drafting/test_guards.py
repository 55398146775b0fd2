"""Guards: what is turned away, with which sentence, and what must not be."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import UserMistake
from bot.drafting import guards


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_summary"),
        (" \n\t", "empty_summary"),
        ("... -- !", "empty_summary"),
        ("🙂🙂", "emoji_only"),
        ("a" * 20_001, "too_long"),
        ("Therapist: How was the week?\nClient: Hard.\nTherapist: Say more.\nClient: I can't.", "transcript"),
        ("T: hi\nC: hello\nT: how are you\nC: fine", "transcript"),
        ("Therapist: how are you? Client: fine. Therapist: good. Client: yes.", "transcript"),
        ("[00:12:03] Speaker 1: hi\n[00:12:05] Speaker 2: yes\n[00:12:09] Speaker 1: ok", "transcript"),
        ("Speaker 1: hi\nSpeaker 2: yes\nSpeaker 1: ok", "transcript"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nhello", "transcript"),
        ("1\n00:00:01,000 --> 00:00:04,000\nHow are you", "transcript"),
    ],
)
def test_turned_away(text: str, code: str) -> None:
    with pytest.raises(UserMistake) as mistake:
        guards.check_summary(text)
    assert mistake.value.code == code
    assert mistake.value.sentence.endswith((".", "!"))


@pytest.mark.parametrize(
    "text",
    [
        "Ct ok",
        "👍 good session, denied SI",
        "S: sad\nO: flat\nA: same\nP: weekly",
        "Mom: slept well\nDad: no\nPlan: weekly\nhw: log",
        "Mostly guilt work.\nC: if I'd checked it\nT: what would you tell a friend\nC: that it's not on him\n"
        "Stuck point loosening, belief went from 90 to 60 percent, worksheets done, two of them this week.\n"
        "PCL-5 41 today.\nNext: challenging questions worksheet on the same stuck point.",
        "2:50 called Dr. Weiss\n3:10 mom came\n3:30 left",
        "a" * 20_000,
    ],
)
def test_let_through(text: str) -> None:
    guards.check_summary(text)


@pytest.mark.parametrize("file", ["audio/mpeg", "video/mp4", "session.M4A", "Voice memo 3.wav", "call.vtt"])
def test_recordings_are_never_taken(file: str) -> None:
    with pytest.raises(UserMistake) as mistake:
        guards.check_summary("Ct well", [file])
    assert mistake.value.code == "recording"


def test_other_files_pass() -> None:
    guards.check_summary("Ct well", ["image/png", "plan.pdf", "text/plain"])


@pytest.mark.parametrize(
    ("typed", "code"),
    [("JD-014", "JD-014"), (" ab12 ", "AB12"), ("C-1029", "C-1029"), ("4711", "4711"), ("jd-014", "JD-014")],
)
def test_client_codes(typed: str, code: str) -> None:
    assert guards.check_client_code(typed) == code


@pytest.mark.parametrize(
    "typed", ["John Doe", "Doe, Jane", "Jonathan", "José", "mary ann", "Anne-Marie", "Jane2", "O'Neil"]
)
def test_names_are_no_codes(typed: str) -> None:
    with pytest.raises(UserMistake) as mistake:
        guards.check_client_code(typed)
    assert mistake.value.code == "legal_name"
    assert "JD-014" in mistake.value.sentence


@pytest.mark.parametrize("typed", ["", "JD", "<b>1</b>", "A" * 12 + "12345", "12 34", "é1"])
def test_bad_codes(typed: str) -> None:
    with pytest.raises(UserMistake) as mistake:
        guards.check_client_code(typed)
    assert mistake.value.code == "bad_code"


@given(st.text(max_size=200))
def test_only_mistakes_are_raised(text: str) -> None:
    for check in (guards.check_summary, guards.check_client_code):
        with contextlib.suppress(UserMistake):
            check(text)


def test_blank_lines_between_the_turns_hide_no_transcript() -> None:
    turns = ["Therapist: how was it?", "Client: hard.", "Therapist: tell me.", "Client: I cried."] * 3
    with pytest.raises(UserMistake, match="transcript"):
        guards.check_summary("\n \n\t\n".join(turns))
