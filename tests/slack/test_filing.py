"""A note that is not filed, in Slack: its clinician and an administrator see it and answer, by signed requests."""

import json
from typing import Any

import pytest

from bot.cards import filing_words, words
from bot.domain.filing import FilingState
from demo.driver import Person
from demo.run import Demo
from tests.e2e.stuck import end_as, filing_of, take_away
from tests.slack.conftest import BRANDT, LINDGREN
from tests.slack.test_main_job import CANARY, card, dialog, draft, posted, text_of

LOST, OTHER = "fhir:lost", "fhir:other_content"


@pytest.fixture
def nora(product: Demo) -> Person:
    """The practice's administrator, who writes no notes."""
    return Person(product.workspace, BRANDT)


async def stuck(product: Demo, rosa: Person, state: FilingState, code: str) -> tuple[str, Any]:
    """A signed note in this state; its id, and where the storage was moved to."""
    await draft(rosa)
    away = take_away(product.folder)
    await rosa.submit(await dialog(rosa, "sign", "sign"))
    note_id = await end_as(product.application, state, code)
    await rosa.until(lambda: card(rosa).text == filing_words.TROUBLE_NOTICE, within=15)
    return note_id, away


async def told(nora: Person) -> Any:
    await nora.until(lambda: posted(nora) and posted(nora)[-1].text == filing_words.NOTICE, within=15)
    return posted(nora)[-1]


async def test_the_clinician_looked_and_the_note_is_there(product: Demo, rosa: Person, nora: Person):
    note_id, _ = await stuck(product, rosa, FilingState.UNKNOWN, LOST)
    question = card(rosa)
    assert filing_words.CHECK_THE_CHART in text_of(question)
    assert CANARY not in text_of(question)
    notice = await told(nora)
    await rosa.click(question, "filing_there")
    await rosa.until(lambda: card(rosa).text == words.RECEIPT_NOTICE, within=15)
    assert filing_words.CONFIRMED in text_of(card(rosa))
    await nora.until(lambda: posted(nora)[-1].text == filing_words.NOTICE_SOLVED_NOTICE, within=15)
    assert len(posted(nora)) == 1
    await nora.click(notice, "filing_absent")  # late, on the card as it was
    await nora.until(lambda: nora.ephemerals(nora.dm()))
    assert "settled already" in nora.ephemerals(nora.dm())[-1].text
    assert (await filing_of(product.application, note_id)).state is FilingState.STORED


async def test_an_administrator_has_a_note_sent_again(product: Demo, rosa: Person, nora: Person):
    note_id, away = await stuck(product, rosa, FilingState.CONFLICT, OTHER)
    notice = await told(nora)
    assert CANARY not in text_of(notice)
    assert filing_words.for_administrator(OTHER, "folder") in text_of(notice)
    assert filing_words.for_clinician(OTHER, "folder") in text_of(card(rosa))
    away.rename(product.folder / "filed-notes")
    await nora.click(notice, "filing_again")
    await rosa.until(lambda: card(rosa).text == words.RECEIPT_NOTICE, within=15)
    await nora.until(lambda: posted(nora)[-1].text == filing_words.NOTICE_SOLVED_NOTICE, within=15)
    await nora.click(notice, "filing_again")
    await nora.until(lambda: nora.ephemerals(nora.dm()))
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        acts = [
            (act.actor, act.via) for act in await unit.audit.acts() if act.note_id == note_id and "again" in act.act
        ]
    assert acts == [("brandt", "slack")]
    assert len(list((product.folder / "filed-notes" / "JD-014").glob("*.receipt.json"))) == 1


async def test_a_note_that_is_not_there_is_sent_again(product: Demo, rosa: Person):
    _, away = await stuck(product, rosa, FilingState.UNKNOWN, LOST)
    (ask,) = [item for block in card(rosa).blocks for item in block.get("elements", []) if "confirm" in item]
    assert ask["action_id"] == "filing_absent"
    assert ask["confirm"]["text"]["text"] == filing_words.ABSENT_TEXT
    away.rename(product.folder / "filed-notes")
    old = card(rosa)
    await rosa.click(old, "filing_absent")
    await rosa.until(lambda: card(rosa).text == words.RECEIPT_NOTICE, within=15)
    await rosa.click(old, "filing_absent")
    await rosa.until(lambda: rosa.ephemerals(rosa.dm()))
    assert len(list((product.folder / "filed-notes" / "JD-014").glob("*.receipt.json"))) == 1


async def test_a_colleague_answers_nothing_and_sees_nothing(product: Demo, rosa: Person):
    note_id, _ = await stuck(product, rosa, FilingState.UNKNOWN, LOST)
    tobias = Person(product.workspace, LINDGREN)
    for action in ("filing_there", "filing_absent", "filing_again"):
        await tobias.click(card(rosa), action, f"filing-folder:{note_id}")
    await tobias.until(lambda: tobias.ephemerals(rosa.dm()))
    assert filing_words.NOT_YOURS_TO_ANSWER in json.dumps([m.text for m in tobias.ephemerals(rosa.dm())])
    assert (await filing_of(product.application, note_id)).state is FilingState.UNKNOWN
    assert [message for message in posted(tobias) if "JD-014" in text_of(message)] == []
