"""Cards that appear or change later than the act that caused them: Slack's Web API as our `Chat`."""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import logging
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards.elements import Card
from bot.domain.errors import Permanent, Temporary
from bot.ports import Place, Posted
from bot.slack.charts import sent

_log = logging.getLogger("afternote.slack")
_GONE = frozenset({"message_not_found", "channel_not_found", "is_inactive", "cant_update_message"})
_PASSING = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})


class SlackChat:
    """Posts into direct conversations, and channels that it is in. The client carries token, session and retries."""

    def __init__(self, client: AsyncWebClient, workspace: str) -> None:
        self._client, self._workspace = client, workspace
        self._conversations: dict[str, str] = {}

    async def post(self, place: Place, card: Card) -> Posted:
        """Post a card. Raises Temporary when Slack is busy or unreachable, Permanent when it refuses."""
        try:
            channel = place.channel or await self._conversation(place.user)
            answer = await sent(
                card,
                lambda blocks: self._client.chat_postMessage(
                    channel=channel, text=card.notice, blocks=blocks, unfurl_links=False, unfurl_media=False
                ),
            )
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            raise _translated(error) from None
        return Posted("slack", self._workspace, channel, str(answer["ts"]))

    async def update(self, posted: Posted, card: Card) -> bool:
        """Replace a card; False when somebody deleted it."""
        try:
            await sent(
                card,
                lambda blocks: self._client.chat_update(
                    channel=posted.channel, ts=posted.ts, text=card.notice, blocks=blocks
                ),
            )
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            self._pass_if_gone(error)
            return False
        return True

    async def delete(self, posted: Posted) -> None:
        """Remove a card; harmless when it is gone."""
        try:
            await self._client.chat_delete(channel=posted.channel, ts=posted.ts)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            self._pass_if_gone(error)

    async def _conversation(self, user: str) -> str:
        if user not in self._conversations:
            answer = await self._client.conversations_open(users=user)
            channel: dict[str, Any] = answer.get("channel") or {}
            self._conversations[user] = str(channel["id"])
        return self._conversations[user]

    def _pass_if_gone(self, error: Exception) -> None:
        if isinstance(error, SlackApiError) and _code(error) in _GONE:
            _log.info("card is gone: %s", _code(error))
            return
        raise _translated(error) from None


def _code(error: SlackApiError) -> str:
    return str(error.response.get("error", "unknown")) if error.response else "unknown"


def _translated(error: Exception) -> Temporary | Permanent:
    """Slack's failure as ours, with a code only: its texts may quote the blocks."""
    if not isinstance(error, SlackApiError):
        return Temporary("slack_timeout" if isinstance(error, TimeoutError) else "slack_unreachable")
    status = getattr(error.response, "status_code", 0)
    if status == 429 or status >= 500 or _code(error) in _PASSING:
        headers = getattr(error.response, "headers", {}) or {}
        retry_after = str(headers.get("Retry-After", ""))
        return Temporary("slack_busy", float(retry_after) if retry_after.isdigit() else None)
    return Permanent(f"slack_{_code(error)}")
