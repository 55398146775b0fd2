"""Which typed lines are words of a day, and which are summaries: a summary is never taken for a word."""

import json
from pathlib import Path

import pytest

from bot.acts.features import FEATURES, command_in

SUMMARIES = Path("demo/summaries.jsonl")


@pytest.mark.parametrize(
    ("typed", "word", "rest"),
    [
        ("backlog", "backlog", ""),
        (" Backlog ", "backlog", ""),
        ("home", "home", ""),
        ("stats", "stats", ""),
        ("stats 90", "stats", "90"),
        ("reminders", "reminders", ""),
        ("reminders off", "reminders", "off"),
        ("reminders 17:30", "reminders", "17:30"),
        ("reminders soon", "reminders", "soon"),
        ("reminders at 5:30 pm", "reminders", "at 5:30 pm"),
        ("reminders 17:30+02:00", "reminders", "17:30+02:00"),
        ("sessions", "sessions", ""),
        ("settings", "settings", ""),
    ],
)
def test_words_of_a_day(typed: str, word: str, rest: str) -> None:
    assert command_in(typed) == (word, rest)


@pytest.mark.parametrize(
    "typed",
    [
        "home visit JD-014: ct calmer, reviewed safety plan, denied SI",
        "Home: parents present, reviewed chores chart",
        "sessions reviewed with ct, progress on goal 2",
        "stats were shared with the family, ct proud",
        "reminders 3 given in session, ct used two",
        "reminders for medication discussed, ct took all doses",
        "backlog of grief, ct tearful",
        "home\nct calmer today",
        "stats 2 weeks ago",
        "",
    ],
)
def test_a_summary_is_no_word(typed: str) -> None:
    assert command_in(typed) is None


def test_no_example_summary_is_a_word() -> None:
    for line in SUMMARIES.read_text("utf-8").splitlines():
        text = json.loads(line)["text"]
        assert command_in(text) is None
        for word in (word for feature in FEATURES for word in feature.commands):
            assert command_in(f"{word} {text}") is None
