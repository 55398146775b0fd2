"""Gaps, withheld points and cloned sentences as Block Kit: accepted, complete, and as they were when last looked at."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.cards.decisions import undecided_elements
from bot.cards.elements import Card, Form
from bot.cards.gap_screens import (
    cloned_fields,
    diagnosis_elements,
    gap_answers,
    gap_elements,
    slots_asked,
)
from bot.cards.gap_words import WITHHELD_HINTS, WITHHELD_TITLES
from bot.domain.checks import RISK_WORDS, Cloned
from bot.domain.statements import Point, Slot
from bot.slack.render import render_card, render_form
from demo import screens
from demo.blockkit import check_message, check_view

GOLDEN = Path(__file__).parent.parent / "golden" / "slack"
APART, CLONED, GAPS, WITHHELD = screens.APART, screens.CLONED, screens.GAPS, screens.WITHHELD
ALL = screens.gap_examples()


def rendered(screen: Card | Form) -> Any:
    return render_card(screen) if isinstance(screen, Card) else render_form(screen)


@pytest.mark.parametrize("name", ALL)
def test_a_screen_is_as_it_was_when_last_looked_at(name: str):
    golden = GOLDEN / f"{name}.json"
    now = json.dumps(rendered(ALL[name]), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("AFTERNOTE_WRITE_GOLDEN"):
        golden.write_text(now, "utf-8")
    assert now == golden.read_text("utf-8")


@pytest.mark.parametrize("name", ALL)
def test_slack_accepts_it(name: str):
    screen = ALL[name]
    assert (check_message(rendered(screen)) if isinstance(screen, Card) else check_view(rendered(screen))) == []


def test_slack_accepts_twenty_thousand_characters_of_private_notes():
    long = screens.note(points=tuple(Point(n, "my own stuff " * 150) for n in range(10, 20)), statements=())
    withheld = dict.fromkeys(range(10, 20), "process")
    card = Card("Your draft note is ready.", tuple(undecided_elements(long, withheld)))
    assert check_message(rendered(card)) == []


def test_nothing_to_ask_and_nothing_apart_shows_nothing():
    assert (
        gap_elements((), APART.id)
        == undecided_elements(screens.note(), {})
        == cloned_fields(None)
        == diagnosis_elements(guessed=False)
        == []
    )
    assert cloned_fields(Cloned(12, of_client=2)) == []


def test_risk_words_are_not_among_what_can_be_skipped():
    (row,) = [block for block in rendered(ALL["gaps"]) if block["type"] == "actions"]
    (menu,) = [element for element in row["elements"] if "options" in element]
    assert [option["value"] for option in menu["options"]] == ["response"]


def test_each_kind_of_withheld_point_says_what_to_do_instead():
    text = json.dumps(rendered(ALL["withheld"]), ensure_ascii=False)
    for code in WITHHELD.values():
        assert WITHHELD_TITLES[code] in text
        assert WITHHELD_HINTS[code] in text
    assert "45 CFR 164.501" in text


def test_the_share_of_copied_sentences_is_said_with_the_day_of_the_other_note():
    text = json.dumps(rendered(ALL["sign_cloned"]), ensure_ascii=False)
    assert "7 of 12 sentences are almost the same as in this client's note of 12 Nov." in text
    assert "4 of 12 sentences are almost the same as in other clients' notes of the same day." in text


def test_what_is_typed_comes_back_by_check():
    typed = {"gap.response": "calm", f"gap.{RISK_WORDS}abuse": "asked", "gap.plan": "  ", "missing.risk": "x"}
    assert gap_answers(typed) == {"response": "calm", f"{RISK_WORDS}abuse": "asked"}
    assert slots_asked(GAPS) == {Slot.RISK, Slot.RESPONSE}
