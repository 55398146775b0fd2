"""A practice's house style in Teams: the same sentences, the same dialog, the same refusal."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards import house_words, words
from demo.teams import TeamsDemo, teams_demo
from demo.teams_person import TeamsPerson, button_of, inputs_of, texts_of
from tests.slack.test_house_style import with_house_style
from tests.slack.test_main_job import SUMMARY


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[TeamsDemo]:
    with_house_style(tmp_path / "home")
    async with teams_demo(tmp_path / "home") as running:
        yield running


@pytest.fixture
async def rosa(product: TeamsDemo) -> TeamsPerson:
    rosa = TeamsPerson(product.service, 4)
    await rosa.say(f"soap JD-014 yesterday 10:00 50min: {SUMMARY}")
    await rosa.until_notice(words.DRAFT_NOTICE)
    return rosa


async def test_from_a_banned_phrase_to_the_receipt(product: TeamsDemo, rosa: TeamsPerson):
    assert "does not write “tearful”" in " ".join(texts_of(rosa.card()))
    task = await rosa.open("sign")
    names = inputs_of(task["value"]["card"]["content"])
    (statement,) = [name for name in names if name.startswith("statement.")]
    again = await rosa.submit(task)
    assert house_words.STILL_BANNED in texts_of(again["value"]["card"]["content"])
    given = {statement: "Patient wept, then was calmer.", "applies.slot.assessment": "no"}
    task = await rosa.submit(again, given)
    assert button_of(task["value"]["card"]["content"], "submit")["data"]["form"] == "sign"
    assert await rosa.submit(task) is None
    await rosa.until_notice(words.RECEIPT_NOTICE, within=15)
    filed = next((product.folder / "filed-notes" / "JD-014").glob("*.txt")).read_text("utf-8")
    assert "Patient wept, then was calmer." in filed
