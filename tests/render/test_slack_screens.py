"""Every screen as Block Kit: accepted by Slack's rules, and as it was when last looked at."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.cards import words
from bot.cards.elements import Card, Form, Remark
from bot.cards.forms import edit_form, section_texts
from bot.domain.edits import revise
from bot.domain.formats import arrange
from bot.slack.render import render_card, render_form
from demo import screens
from demo.blockkit import check_message, check_view

GOLDEN = Path(__file__).parent.parent / "golden" / "slack"
ALL: dict[str, Card | Form] = {**screens.cards(), **screens.dialogs()}


def rendered(screen: Card | Form) -> Any:
    return render_card(screen) if isinstance(screen, Card) else render_form(screen)


def problems(screen: Card | Form) -> list[str]:
    return check_message(rendered(screen)) if isinstance(screen, Card) else check_view(rendered(screen))


@pytest.mark.parametrize("name", ALL)
def test_a_screen_is_as_it_was_when_last_looked_at(name: str):
    golden = GOLDEN / f"{name}.json"
    now = json.dumps(rendered(ALL[name]), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("AFTERNOTE_WRITE_GOLDEN"):
        golden.write_text(now, "utf-8")
    assert now == golden.read_text("utf-8")


@pytest.mark.parametrize("name", ALL)
def test_slack_accepts_every_screen(name: str):
    assert problems(ALL[name]) == []


@pytest.mark.parametrize(("name", "screen"), screens.extremes().items())
def test_slack_accepts_what_is_very_long_or_nearly_empty(name: str, screen: Card | Form):
    assert problems(screen) == [], name


def test_a_card_with_too_many_parts_is_shortened_and_keeps_its_buttons():
    draft = screens.cards()["draft"]
    rows = tuple(Remark(f"part {number}") for number in range(60))
    blocks = render_card(Card("notice", (*rows, *draft.elements)))
    assert check_message(blocks) == []
    assert blocks[-2:] == render_card(draft)[-2:]
    assert words.SHORTENED in json.dumps(blocks)


@pytest.mark.parametrize("name", [name for name in ALL if isinstance(ALL[name], Card)])
def test_the_notice_of_a_card_holds_nothing_of_the_note(name: str):
    card = ALL[name]
    assert isinstance(card, Card)
    assert not [point for point in screens.note().points if point.text in card.notice]
    assert "JD-014" not in card.notice


@pytest.mark.parametrize("format_id", screens.FORMATS)
def test_an_untouched_edit_form_gives_the_same_note_back_however_long(format_id: str):
    fmt, note = screens.FORMATS[format_id], screens.huge()
    view = render_form(edit_form(note, fmt))
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    values = {block["block_id"]: block["element"].get("initial_value", "") for block in inputs}
    assert all(len(value) <= 3000 for value in values.values())
    texts = section_texts(values)
    assert texts == {section.spec.key: section.text for section in arrange(note.statements, fmt)}
    assert revise(note.statements, fmt, texts) == note.statements
