"""Cards with charts over the stand-in for Slack: drawn there, and as text where Slack refuses to draw."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards.elements import Card, Sentence
from bot.domain.errors import Permanent, Temporary
from bot.ports import Place
from bot.slack.app import web_client
from bot.slack.charts import sent
from bot.slack.chat import SlackChat
from demo.chart_examples import chart_cards
from demo.driver import Person
from demo.run import Demo
from tests.slack.conftest import DELGADO

FIGURES = chart_cards()["charts"]
HERS = Place("slack", DELGADO, "")


@pytest.fixture
async def client(product: Demo) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield web_client(session, f"{product.workspace.url}/api/", product.workspace.app.bot_token)


def shown(rosa: Person) -> list[dict[str, Any]]:
    return rosa.messages()[-1].blocks or []


def drawn(rosa: Person) -> list[str]:
    return [block["title"] for block in shown(rosa) if block["type"] == "data_visualization"]


async def test_charts_are_drawn_in_a_message(client: AsyncWebClient, rosa: Person) -> None:
    await SlackChat(client, "T0EXAMPLE1").post(HERS, FIGURES)
    assert drawn(rosa) == ["Unsigned notes over 8 weeks", "Summary to signature, by week"]


async def test_a_workspace_that_refuses_charts_gets_the_figures_as_text(
    client: AsyncWebClient, rosa: Person, product: Demo
) -> None:
    chat = SlackChat(client, "T0EXAMPLE1")
    product.workspace.faults.add("chat.postMessage", "error", "invalid_blocks")
    posted = await chat.post(HERS, FIGURES)
    before = len(rosa.messages())
    assert drawn(rosa) == []
    assert "Nov 23 ▇▇ 3" in json.dumps(shown(rosa), ensure_ascii=False).replace("\u00a0", " ")
    product.workspace.faults.add("chat.update", "error", "invalid_blocks")
    assert await chat.update(posted, FIGURES)
    assert drawn(rosa) == []
    assert await chat.update(posted, FIGURES)
    assert len(drawn(rosa)) == 2
    assert len(rosa.messages()) == before, "no message twice"


async def test_what_is_refused_for_other_reasons_is_not_sent_again(client: AsyncWebClient, product: Demo) -> None:
    chat, faults = SlackChat(client, "T0EXAMPLE1"), product.workspace.faults
    plain = Card("Nothing drawn", (Sentence("Nothing drawn."),))
    for card, code in ((FIGURES, "missing_scope"), (plain, "invalid_blocks")):
        faults.add("chat.postMessage", "error", code)
        with pytest.raises(Permanent, match=code):
            await chat.post(HERS, card)
    faults.add("chat.postMessage", "error", "invalid_blocks", times=2)
    with pytest.raises(Permanent, match="invalid_blocks"):
        await chat.post(HERS, FIGURES)


async def test_a_busy_slack_is_asked_later_and_not_taken_for_one_without_charts(
    client: AsyncWebClient, product: Demo
) -> None:
    client.retry_handlers.clear()
    product.workspace.faults.add("chat.postMessage", "ratelimited", 7)
    with pytest.raises(Temporary) as busy:
        await SlackChat(client, "T0EXAMPLE1").post(HERS, FIGURES)
    assert busy.value.retry_after == 7


async def test_only_the_charts_are_exchanged_for_text() -> None:
    seen: list[list[dict[str, Any]]] = []

    async def send(blocks: list[dict[str, Any]]) -> str:
        seen.append(blocks)
        if len(seen) == 1:
            raise SlackApiError("refused", {"ok": False, "error": "invalid_blocks"})
        return "posted"

    assert await sent(FIGURES, send) == "posted"
    first, second = (
        [block for block in blocks if block["type"] in ("header", "context", "section")] for blocks in seen
    )
    assert first == second
    assert len(seen[0]) == len(seen[1])
