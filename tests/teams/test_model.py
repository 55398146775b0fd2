"""Drafting by a model in Teams, over HTTP: what the person sees meanwhile, and that they need not wait."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards import words
from demo.model_server import Behaviour, ModelServer
from demo.teams import TeamsDemo, teams_demo
from demo.teams_person import TeamsPerson, card_of, texts_of
from tests.slack.test_model import TYPED

AT_ONCE = 3.0  # seconds; a model may take minutes


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as running:
        yield running


@pytest.fixture
async def product(tmp_path: Path, server: ModelServer) -> AsyncIterator[TeamsDemo]:
    settings = {"OPENAI_BASE_URL": server.url, "AFTERNOTE_MODEL": "stand-in"}
    async with teams_demo(tmp_path / "home", **settings) as running:
        yield running


@pytest.fixture
def rosa(product: TeamsDemo) -> TeamsPerson:
    return TeamsPerson(product.service, 4)


def shown(rosa: TeamsPerson) -> list[tuple[str, str, str]]:
    """What the bot did in the chat, in order: what, where, and what a notification says of it."""
    return [
        (sent.act, sent.activity_id, sent.activity.get("summary", ""))
        for sent in rosa.service.sent
        if sent.conversation == rosa.chat and card_of(sent.activity)
    ]


async def test_while_a_slow_model_works_its_card_says_so_and_becomes_the_draft(rosa: TeamsPerson, server: ModelServer):
    server.tell(Behaviour(slow_seconds=AT_ONCE + 2))
    await rosa.say(TYPED)
    await rosa.until(lambda: any(s.activity["type"] == "typing" for s in rosa.service.sent), within=AT_ONCE)
    card = await rosa.until_notice(words.DRAFTING_NOTICE, within=AT_ONCE)
    assert "Denied" not in str(texts_of(card))
    card = await rosa.until_notice(words.DRAFT_NOTICE, within=20)
    assert words.MODELLED in str(texts_of(card))
    (first, *later) = shown(rosa)
    assert first[0] == "send"
    assert first[2] == words.DRAFTING_NOTICE
    assert [(act, at) for act, at, _ in later] == [("update", first[1])] * len(later)
    assert later[-1][2] == words.DRAFT_NOTICE
    assert len(server.requests) == 1


async def test_nobody_has_to_wait_for_a_slow_model(rosa: TeamsPerson, server: ModelServer):
    server.tell(Behaviour(slow_seconds=30))
    await rosa.say(TYPED)
    waiting = await rosa.until_notice(words.DRAFTING_NOTICE, within=AT_ONCE)
    answer = await rosa.press("sort_now")
    assert words.CHOSE_SORTER in str(texts_of(answer["value"]))
    card = await rosa.until_notice(words.DRAFT_NOTICE)
    assert words.CHOSE_SORTER in str(texts_of(card))
    assert {(act, at) for act, at, _ in shown(rosa)[1:]} == {("update", shown(rosa)[0][1])}
    await rosa.until(lambda: server.given_up == 1)
    answer = await rosa.press("sort_now", card=waiting)
    assert words.CHOSE_SORTER in str(texts_of(answer["value"])), "a second click shows the draft that is there"
