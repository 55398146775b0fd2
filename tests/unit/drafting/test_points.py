"""Splitting: what ends a point, what does not, and that nothing typed is lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.drafting.points import split_points


def texts(summary: str) -> list[str]:
    return [point.text for point in split_points(summary)]


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("Ct slept well. Denied SI.", ["Ct slept well.", "Denied SI."]),
        ("- one\n* two\n• three\n1. four\na) five\n–  six", ["one", "two", "three", "four", "five", "six"]),
        ("-tight\n•tight too", ["tight", "tight too"]),
        ("• one • two • three", ["one", "two", "three"]),
        ("1) one 2) two 3) three", ["one", "two", "three"]),
        ("mood low; sleep poor -- appetite ok -> plan", ["mood low; sleep poor -- appetite ok -> plan"]),
        ("Called Dr. Amaral re: dosing. Agreed.", ["Called Dr. Amaral re: dosing.", "Agreed."]),
        ("Saw Jay, 50 min. Talked work.", ["Saw Jay, 50 min.", "Talked work."]),
        ("approx. 14 sets, e.g. taps vs. tones", ["approx. 14 sets, e.g. taps vs. tones"]),
        ("Phone coaching given. Nxt Thurs 4p.", ["Phone coaching given.", "Nxt Thurs 4p."]),
        ("slept 6.5 h, BAC 0.00 today", ["slept 6.5 h, BAC 0.00 today"]),
        ('He laughed and said "that was it?" Then left.', ['He laughed and said "that was it?"', "Then left."]),
        ('Said "I froze. I did." and wept.', ['Said "I froze. I did." and wept.']),
        ("Plan: weekly. hw: log", ["Plan: weekly.", "hw: log"]),
        ("D.W. came late. K.O. - silent.", ["D.W. came late.", "K.O. - silent."]),
        ("ok so she forgot. we made a list.", ["ok so she forgot.", "we made a list."]),
        ("slept badly.Denied SI.", ["slept badly.", "Denied SI."]),
        ("me siento mal。今日は休み。", ["me siento mal。", "今日は休み。"]),
        ("one\r\ntwo\rthree", ["one", "two", "three"]),
        ("----\nreal\n***", ["real"]),
        ("🙂", ["🙂"]),
        ("שלום. מה שלומך? טוב", ["שלום.", "מה שלומך?", "טוב"]),
        ("a\x0bb\x1cc", ["a\x0bb\x1cc"]),
        ("", []),
        (" \n\t", []),
    ],
)
def test_splits(summary: str, expected: list[str]) -> None:
    assert texts(summary) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "ct reports sleeping 6h, reviewed thought record, denied SI, plan: exposure step 2",
            ["ct reports sleeping 6h", "reviewed thought record", "denied SI", "plan: exposure step 2"],
        ),
        ("slept ok; plan: walk daily", ["slept ok", "plan: walk daily"]),
        ("mood low - hw: log", ["mood low", "hw: log"]),
        (
            "pt late, mood low, practiced grounding, denies SI",
            ["pt late", "mood low", "practiced grounding", "denies SI"],
        ),
        (
            "ct said work is bad, and home too, taught STOP, will use it 2x",
            ["ct said work is bad, and home too", "taught STOP", "will use it 2x"],
        ),
        ("talked school, risk: none, next: Tues 3", ["talked school", "risk: none", "next: Tues 3"]),
        (
            "- client tearful, explored loss of job, denied SI/HI.",
            ["client tearful", "explored loss of job", "denied SI/HI."],
        ),
        ("reviewed log, extended window, did stimulus control", None),
        ("I did C-SSRS, validated, worked on reasons for living", None),
        ("ct sad, ct angry, ct quiet", None),
        ("denied SI, denied HI, no plan", None),
        ("Plan: IOP eval, message Dr. Amaral, see him 2x next wk", None),
        ("Goal 1 (sleep) met, goal 2 partly - garage untouched", None),
        ('said "i will, reviewed it, denied it, plan: none"', None),
        ("worked on values: friendship + cooking; picked one", None),
        ("ct came (late, reviewed bus app, denied delay) and sat down", None),
    ],
)
def test_run_on_lines(line: str, expected: list[str] | None) -> None:
    assert texts(line) == (expected or [line])


def test_points_are_numbered_from_one() -> None:
    assert [point.number for point in split_points("x\ny\nz")] == [1, 2, 3]


@given(st.text(max_size=300))
def test_never_raises_and_every_point_was_typed(summary: str) -> None:
    at = 0
    for point in split_points(summary):
        assert point.text == point.text.strip() != ""
        at = summary.index(point.text, at) + len(point.text)


@given(
    st.lists(
        st.sampled_from(["Ct denied SI.", "hw: log", "saw Dr. Lee", "- bullet", "PHQ-9 14", '"ok."', "50 min."]),
        max_size=12,
    )
)
def test_loses_no_letter_or_digit(lines: list[str]) -> None:
    for glue in ("\n", " "):
        summary = glue.join(lines)
        kept = "".join(texts(summary))
        assert re.sub(r"\W", "", kept) == re.sub(r"\W", "", summary)
