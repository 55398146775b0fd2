"""The review channel in Slack: what is posted there, and what an operator is told when nothing can be."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards.elements import Card, Sentence
from bot.domain.errors import Permanent
from bot.ports import Place
from bot.slack.app import web_client
from bot.slack.channel import look_at_channel
from bot.slack.chat import SlackChat
from demo.run import Demo

CHANNEL = "C0EXAMPLE10"
WAITS = Card("A note waits for review", (Sentence("JD-014 · SOAP"),))


@pytest.fixture
async def client(product: Demo) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield web_client(session, f"{product.workspace.url}/api/", product.workspace.app.bot_token)


async def test_a_card_is_posted_in_the_channel_and_changed_there(client: AsyncWebClient) -> None:
    chat = SlackChat(client, "T0EXAMPLE1")
    posted = await chat.post(Place("slack", "", CHANNEL), WAITS)
    assert posted.channel == CHANNEL
    assert await chat.update(posted, Card("A review is done", (Sentence("Approved."),)))
    with pytest.raises(Permanent, match="slack_channel_not_found"):
        await chat.post(Place("slack", "", "C0ELSEWHERE"), WAITS)


async def test_check_says_whether_the_bot_is_in_the_channel(client: AsyncWebClient) -> None:
    assert await look_at_channel(client, CHANNEL) == f"the bot is in {CHANNEL}"
    with pytest.raises(ValueError, match=r"no channel C0ELSEWHERE: .*slack_channel_id.*/invite"):
        await look_at_channel(client, "C0ELSEWHERE")


@pytest.mark.parametrize(
    ("error", "said"),
    [("missing_scope", "cannot be looked at without the scope channels:read"), ("", "is not in the review channel")],
)
async def test_check_says_what_slack_does_not_tell(error: str, said: str) -> None:
    class Slack(AsyncWebClient):
        async def conversations_info(self, **_: Any) -> Any:
            if error:
                raise SlackApiError(error, {"error": error})
            return {"channel": {"id": CHANNEL, "is_member": False}}

    try:
        told = await look_at_channel(Slack(), CHANNEL)
    except ValueError as problem:
        told = str(problem)
    assert said in told
    assert "/invite @Afternote" in told
