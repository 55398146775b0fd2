"""Deciding before signing, in Teams: on the card, and in the dialog that signing opens."""

import json

import pytest

from bot.cards import words
from demo.teams import TeamsDemo
from demo.teams_person import TeamsPerson, button_of, inputs_of, texts_of
from tests.slack.test_decisions import PRIVATE, WITH_PRIVATE


@pytest.fixture
async def rosa(product: TeamsDemo) -> TeamsPerson:
    """With a draft that has one point left to decide."""
    rosa = TeamsPerson(product.service, 4)
    await rosa.say(WITH_PRIVATE)
    await rosa.until_notice(words.DRAFT_NOTICE)
    return rosa


async def test_signing_asks_for_what_is_undecided_and_goes_on_in_the_same_dialog(product: TeamsDemo, rosa: TeamsPerson):
    task = await rosa.open("sign")
    assert PRIVATE in texts_of(task["value"]["card"]["content"])
    (name,) = inputs_of(task["value"]["card"]["content"])
    again = await rosa.submit(task)
    assert words.STILL_UNDECIDED in texts_of(again["value"]["card"]["content"])
    task = await rosa.submit(again, {name: "out"})
    assert button_of(task["value"]["card"]["content"], "submit")["data"]["form"] == "sign"
    assert PRIVATE not in json.dumps(task)
    assert await rosa.submit(task) is None
    await rosa.until_notice(words.RECEIPT_NOTICE, within=15)
    filed = next((product.folder / "filed-notes" / "JD-014").glob("*.txt")).read_text("utf-8")
    assert "supervisor" not in filed


async def test_an_unused_point_is_added_on_the_card(rosa: TeamsPerson):
    old = rosa.card()
    answer = await rosa.press("add_point")
    assert words.UNDECIDED_ONE not in texts_of(answer["value"])
    assert PRIVATE in texts_of(answer["value"])
    answer = await rosa.press("drop_point", card=old)
    assert PRIVATE in texts_of(answer["value"]), "too late: it is a sentence of the note by now"
