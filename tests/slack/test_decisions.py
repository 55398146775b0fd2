"""Deciding before signing, in Slack: on the card, in the dialog, twice, and by the wrong person."""

import json
from typing import Any

from bot.cards import words
from demo.driver import Person
from demo.run import Demo
from tests.slack.test_main_job import SUMMARY, card, dialog, draft, posted, text_of

PRIVATE = "note to self: ask my supervisor whether I am too strict with her"
WITH_PRIVATE = f"soap JD-014 yesterday 10:00 50min: {SUMMARY}\n- {PRIVATE}"


def blocks_of(seen: Any, prefix: str) -> list[str]:
    return [block["block_id"] for block in seen.blocks if block.get("block_id", "").startswith(prefix)]


async def test_an_unused_point_is_left_out_on_the_card(product: Demo, rosa: Person):
    await draft(rosa, WITH_PRIVATE)
    assert words.UNDECIDED_ONE in text_of(card(rosa))
    (block,) = blocks_of(card(rosa), "point-")
    old = card(rosa)
    await rosa.click(old, "drop_point", block)
    await rosa.until(lambda: words.UNDECIDED_ONE not in text_of(card(rosa)))
    await rosa.click(old, "drop_point", block)  # a second click on the old card
    assert PRIVATE not in text_of(card(rosa))


async def test_signing_asks_for_what_is_undecided_and_goes_on_in_the_same_dialog(product: Demo, rosa: Person):
    await draft(rosa, WITH_PRIVATE)
    form = await dialog(rosa, "sign", "decide")
    assert PRIVATE in json.dumps(form.definition)
    (name,) = [block["block_id"] for block in form.definition["blocks"] if block["type"] == "input"]
    await rosa.submit(form)
    assert rosa.view().errors == {name: words.STILL_UNDECIDED}
    await rosa.submit(rosa.view(), {name: "out"})
    assert rosa.view().definition["callback_id"] == "sign"
    await rosa.submit(rosa.view())
    await rosa.until(lambda: card(rosa).text == words.RECEIPT_NOTICE, within=15)
    filed = next((product.folder / "filed-notes" / "JD-014").glob("*.txt")).read_text("utf-8")
    assert "supervisor" not in filed


async def test_a_point_is_added_from_the_card(product: Demo, rosa: Person):
    await draft(rosa, WITH_PRIVATE)
    (block,) = blocks_of(card(rosa), "point-")
    await rosa.click(card(rosa), "add_point", block)
    await rosa.until(lambda: words.UNDECIDED_ONE not in text_of(card(rosa)))
    assert PRIVATE in text_of(card(rosa))


async def test_somebody_else_decides_nothing(product: Demo, rosa: Person):
    await draft(rosa, WITH_PRIVATE)
    (block,) = blocks_of(card(rosa), "point-")
    tobias = Person(product.workspace, "U0EXAMPLE02")
    await tobias.click(card(rosa), "drop_point", block)
    await tobias.until(lambda: tobias.ephemerals(rosa.dm()))
    assert tobias.ephemerals(rosa.dm())[-1].text == words.NOT_YOURS
    assert words.UNDECIDED_ONE in text_of(posted(rosa)[-1])


async def test_usage_is_for_administrators(product: Demo, rosa: Person):
    await rosa.command("/note", "usage")
    assert "administrator" in rosa.ephemerals()[-1].text
    nora = Person(product.workspace, "U0EXAMPLE05")
    await nora.command("/note", "usage")
    assert "No note was drafted by the language model" in json.dumps(nora.ephemerals()[-1].blocks)
