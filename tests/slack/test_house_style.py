"""A practice's house style in Slack: on the card, before signing, and never around it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards import house_words, words
from demo.driver import Person
from demo.home import own_practice_file
from demo.run import Demo, demo
from tests.slack.conftest import DELGADO
from tests.slack.test_main_job import card, dialog, draft, initial, text_of

HOUSE = """
[voice]
person = "patient"
banned = [{ phrase = "tearful", why = "It says little.", instead = "what was seen" }]

[formats.required]
all = ["assessment"]
"""


def with_house_style(home: Path) -> None:
    file = own_practice_file(home)
    file.write_text(file.read_text("utf-8") + HOUSE, "utf-8")


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Demo]:
    with_house_style(tmp_path / "home")
    async with demo(tmp_path / "home") as running:
        yield running


@pytest.fixture
def rosa(product: Demo) -> Person:
    return Person(product.workspace, DELGADO)


async def test_from_a_banned_phrase_to_the_receipt(product: Demo, rosa: Person):
    await draft(rosa)
    assert "Patient reports sleep" in text_of(card(rosa))
    assert "does not write “tearful” in notes. It says little. Instead: what was seen." in text_of(card(rosa))
    form = await dialog(rosa, "sign", "settle")
    (statement,) = [name for name in initial(form) if name.startswith("statement.")]
    assert "earful" in initial(form)[statement]
    await rosa.submit(form)
    assert rosa.view().errors == {statement: house_words.STILL_BANNED}
    await rosa.submit(rosa.view(), {statement: "Patient wept, then was calmer.", "applies.slot.assessment": "no"})
    assert rosa.view().definition["callback_id"] == "sign"
    await rosa.submit(rosa.view())
    await rosa.until(lambda: card(rosa).text == words.RECEIPT_NOTICE, within=15)
    filed = next((product.folder / "filed-notes" / "JD-014").glob("*.txt")).read_text("utf-8")
    assert "Patient wept, then was calmer." in filed
    assert "earful" not in filed


async def test_the_button_on_the_card_opens_the_same_and_others_may_not(product: Demo, rosa: Person):
    await draft(rosa)
    tobias = Person(product.workspace, "U0EXAMPLE02")
    await tobias.click(card(rosa), "settle")
    await tobias.until(lambda: tobias.views() and words.NOT_YOURS in str(tobias.view().definition))
    form = await dialog(rosa, "settle", "settle")
    await rosa.submit(form, {"need.slot.assessment": "ready for the next step"})
    assert rosa.view().definition["callback_id"] == "settle"  # the phrase still stands
    assert [name.partition(".")[0] for name in initial(rosa.view())] == ["statement"]
    await rosa.until(lambda: "Ready for the next step." in text_of(card(rosa)))
