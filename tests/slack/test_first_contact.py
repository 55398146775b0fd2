"""The first three questions in Slack: after the draft's card, once, answered in one form or skipped."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards import first_words, words
from demo.driver import Person
from demo.run import Demo, demo
from tests.slack.conftest import DELGADO
from tests.slack.test_main_job import SUMMARY, card, posted


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Demo]:
    async with demo(tmp_path / "home", remind_every=3600) as running:
        yield running


@pytest.fixture
def rosa(product: Demo) -> Person:
    return Person(product.workspace, DELGADO)


async def test_after_the_draft_and_never_again(product: Demo, rosa: Person):
    await rosa.say(rosa.dm(), SUMMARY)
    await rosa.until(lambda: posted(rosa) and card(rosa).text == first_words.NOTICE)
    assert [message.text for message in posted(rosa)][-2:] == [words.DRAFT_NOTICE, first_words.NOTICE]
    await rosa.click(card(rosa), "day_open_first")
    await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] == "day_first")
    answer = await rosa.submit(rosa.view(), {"remind_at": "21:00"})
    assert "remind_at" in json.dumps(answer)
    await rosa.submit(rosa.view(), {"remind_at": "16:45"})
    assert first_words.SAVED.format(typed="/note settings") in json.dumps(rosa.view().definition)
    await rosa.close(everything=True)
    await rosa.command("/note", "backlog")
    await rosa.until(lambda: card(rosa).text != first_words.NOTICE)
    assert [message.text for message in posted(rosa)].count(first_words.NOTICE) == 1


async def test_a_command_is_answered_first_and_skip_is_one_press(product: Demo, rosa: Person):
    await rosa.command("/note", "backlog")
    await rosa.until(lambda: posted(rosa) and card(rosa).text == first_words.NOTICE)
    assert len(posted(rosa)) == 2
    await rosa.click(card(rosa), "day_first_skip")
    await rosa.until(lambda: card(rosa).text == first_words.SKIPPED_NOTICE)


async def test_who_opens_settings_by_themselves_is_not_asked_and_can_save(product: Demo, rosa: Person):
    await rosa.command("/note", "settings")
    await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] == "day_settings")
    await rosa.submit(rosa.view(), {"before": "12"})
    assert rosa.view().definition["callback_id"] != "day_settings"
    assert first_words.NOTICE not in [message.text for message in posted(rosa)]
