"""Whether the bot can post in a channel, as far as Slack tells a bot that may only write."""

# slack_sdk leaves type parameters open in its signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

INVITE = "Type /invite @Afternote in the review channel, then cards appear there."
NOT_IN = "The bot is not in the review channel {channel}. " + INVITE
NO_SUCH = (
    "Slack shows the bot no channel {channel}: check [review] slack_channel_id; of a private channel it is a member "
    "first. " + INVITE
)
NOT_ASKED = "{channel}; whether the bot is in it cannot be looked at without the scope channels:read. " + INVITE


async def look_at_channel(client: AsyncWebClient, channel: str) -> str:
    """What is to be said of the review channel. Raises ValueError with what to do when nothing can be posted there."""
    try:
        answer = await client.conversations_info(channel=channel)
    except SlackApiError as error:
        code = str(error.response.get("error", "unknown"))
        if code == "missing_scope":
            return NOT_ASKED.format(channel=channel)
        raise ValueError(f"{NO_SUCH.format(channel=channel)} ({code})") from None
    found: dict[str, Any] = answer.get("channel") or {}
    if not found.get("is_member"):
        raise ValueError(NOT_IN.format(channel=channel))
    return f"the bot is in {channel}"
