"""Which token answers for which workspace. Never asks Slack on the way of a request."""

# slack_sdk leaves type parameters open in its signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import UserMistake


@dataclass(frozen=True, slots=True)
class Installation:
    """The bot in one workspace, as Slack named it when we asked once, at start."""

    team_id: str
    bot_token: str
    bot_user_id: str
    bot_id: str

    def __repr__(self) -> str:
        return f"Installation(team_id={self.team_id!r})"


async def look_up(client: AsyncWebClient, bot_token: str) -> Installation:
    """Ask Slack whom this token belongs to. Raises UserMistake when Slack refuses it or does not answer."""
    try:
        answer = await client.auth_test(token=bot_token)
    except SlackApiError as error:
        code = error.response.get("error")
        raise UserMistake("slack_refused", f"Slack refuses SLACK_BOT_TOKEN ({code}). Copy it again.") from None
    except (aiohttp.ClientError, TimeoutError):
        sentence = f"Slack does not answer at {client.base_url}. Check the network and SLACK_API_URL."
        raise UserMistake("slack_unreachable", sentence) from None
    return Installation(str(answer["team_id"]), bot_token, str(answer["user_id"]), str(answer.get("bot_id") or ""))


async def check_app_token(client: AsyncWebClient, app_token: str) -> None:
    """Raises UserMistake when Slack refuses the token of Socket Mode."""
    try:
        await client.apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        code = error.response.get("error")
        raise UserMistake("slack_refused", f"Slack refuses SLACK_APP_TOKEN ({code}). Copy it again.") from None


def authorize_for(installation: Installation) -> Callable[..., Awaitable[AuthorizeResult]]:
    """Bolt's `authorize` for a single workspace: a look-up in memory.

    Another workspace gets no token; the handlers refuse it in words, which Bolt's own refusal could not.
    """

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        ours = team_id == installation.team_id
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=installation.bot_user_id if ours else None,
            bot_id=installation.bot_id if ours else None,
            bot_token=installation.bot_token if ours else None,
        )

    return authorize
