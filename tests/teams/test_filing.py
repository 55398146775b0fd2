"""A note that is not filed, in Teams: its clinician and an administrator see it and answer, by signed requests."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from bot.cards import filing_words, words
from bot.domain.filing import FilingState
from demo.teams import TeamsDemo
from demo.teams_person import TeamsPerson, button_of, texts_of
from tests.e2e.stuck import end_as, filing_of, take_away
from tests.teams.test_main_job import CANARY, draft

COLLEAGUE, ADMINISTRATOR = 2, 5
LOST, OTHER = "fhir:lost", "fhir:other_content"


@pytest.fixture
async def nora(product: TeamsDemo) -> TeamsPerson:
    """The practice's administrator, who has met the bot."""
    nora = TeamsPerson(product.service, ADMINISTRATOR)
    await nora.say("hi")
    await nora.until(nora.messages)
    return nora


async def stuck(product: TeamsDemo, rosa: TeamsPerson, state: FilingState, code: str) -> tuple[str, Any]:
    """A signed note in this state; its id, and where the storage was moved to."""
    await draft(rosa)
    away = take_away(product.folder)
    assert await rosa.submit(await rosa.open("sign")) is None
    note_id = await end_as(product.application, state, code)
    await rosa.until_notice(filing_words.TROUBLE_NOTICE, within=15)
    return note_id, away


def all_of(card: Mapping[str, Any]) -> str:
    return "\n".join(texts_of(dict(card)))


async def test_the_clinician_looked_and_the_note_is_there(product: TeamsDemo, rosa: TeamsPerson, nora: TeamsPerson):
    note_id, _ = await stuck(product, rosa, FilingState.UNKNOWN, LOST)
    assert filing_words.CHECK_THE_CHART in all_of(rosa.card())
    assert CANARY not in json.dumps(rosa.card())
    notice = await nora.until_notice(filing_words.NOTICE, within=15)
    answer = await rosa.press("filing_there")
    assert filing_words.CONFIRMED in all_of(answer["value"])
    await rosa.until_notice(words.RECEIPT_NOTICE, within=15)
    await nora.until_notice(filing_words.NOTICE_SOLVED_NOTICE, within=15)
    late = await nora.press("filing_absent", card=notice)
    assert "settled already" in late["value"]
    assert (await filing_of(product.application, note_id)).state is FilingState.STORED


async def test_an_administrator_has_a_note_sent_again(product: TeamsDemo, rosa: TeamsPerson, nora: TeamsPerson):
    _, away = await stuck(product, rosa, FilingState.CONFLICT, OTHER)
    notice = await nora.until_notice(filing_words.NOTICE, within=15)
    assert filing_words.for_administrator(OTHER, "folder") in all_of(notice)
    assert "JD-014" in all_of(notice)
    assert CANARY not in json.dumps(notice)
    away.rename(product.folder / "filed-notes")
    answer = await nora.press("filing_again", card=notice)
    assert "being sent again" in all_of(answer["value"]) or "Solved" in all_of(answer["value"])
    await rosa.until_notice(words.RECEIPT_NOTICE, within=15)
    await nora.until_notice(filing_words.NOTICE_SOLVED_NOTICE, within=15)
    twice = await nora.press("filing_again", card=notice)
    assert "settled already" in twice["value"]
    assert CANARY not in json.dumps(nora.messages())
    assert len(list((product.folder / "filed-notes" / "JD-014").glob("*.receipt.json"))) == 1


async def test_before_a_note_is_sent_again_one_is_asked_on_the_card(product: TeamsDemo, rosa: TeamsPerson):
    _, away = await stuck(product, rosa, FilingState.UNKNOWN, LOST)
    ask = button_of(rosa.card(), "filing-folder.filing_absent.ask")
    assert ask["type"] == "Action.ToggleVisibility"
    away.rename(product.folder / "filed-notes")
    await rosa.press("filing_absent")
    await rosa.until_notice(words.RECEIPT_NOTICE, within=15)


@pytest.mark.parametrize("number", [COLLEAGUE, ADMINISTRATOR + 72])
async def test_nobody_else_answers_or_sees_the_card(product: TeamsDemo, rosa: TeamsPerson, number: int):
    note_id, _ = await stuck(product, rosa, FilingState.UNKNOWN, LOST)
    other = TeamsPerson(product.service, number)
    await other.say("hi")
    await other.until(other.messages)
    at = next(ts for chat, ts in product.service.shown if chat == other.chat)
    for action in ("filing_there", "filing_absent", "filing_again"):
        data = {"action": action, "note": note_id, "item": "folder"}
        value = {"action": {"type": "Action.Execute", "verb": action, "data": data}}
        answer = await other.invoke("adaptiveCard/action", value, replyToId=at)
        assert note_id not in json.dumps(answer)
    assert (await filing_of(product.application, note_id)).state is FilingState.UNKNOWN
    assert note_id not in json.dumps(other.messages())
