"""Which token answers for which workspace. Never asks Slack on the way of a request."""

# slack_sdk leaves type parameters open in its signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import Temporary, UserMistake
from bot.domain.ids import PracticeId
from bot.installations import Installation
from bot.slack.tokens import InstalledTokens, OneToken, Tokens, code_of

_REFUSED_TOKENS = frozenset({"token_revoked", "token_expired", "invalid_auth", "account_inactive", "not_authed"})


@dataclass(frozen=True, slots=True)
class Owner:
    """The workspace that a bot token belongs to, and the bot there."""

    team_id: str
    bot_user_id: str
    bot_id: str


async def look_up(client: AsyncWebClient, bot_token: str) -> Owner:
    """Ask Slack whom this token belongs to. Raises UserMistake when Slack refuses it or does not answer."""
    try:
        answer = await client.auth_test(token=bot_token)
    except SlackApiError as error:
        code = error.response.get("error")
        raise UserMistake("slack_refused", f"Slack refuses SLACK_BOT_TOKEN ({code}). Copy it again.") from None
    except (aiohttp.ClientError, TimeoutError):
        sentence = f"Slack does not answer at {client.base_url}. Check the network and SLACK_API_URL."
        raise UserMistake("slack_unreachable", sentence) from None
    return Owner(str(answer["team_id"]), str(answer["user_id"]), str(answer.get("bot_id") or ""))


async def check_app_token(client: AsyncWebClient, app_token: str) -> None:
    """Raises UserMistake when Slack refuses the token of Socket Mode."""
    try:
        await client.apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        code = error.response.get("error")
        raise UserMistake("slack_refused", f"Slack refuses SLACK_APP_TOKEN ({code}). Copy it again.") from None


def one_token(owner: Owner, bot_token: str) -> OneToken:
    """SLACK_BOT_TOKEN as an installation; nothing of it is stored."""
    long_ago = datetime.fromtimestamp(0, UTC)
    return OneToken(Installation(owner.team_id, PracticeId(""), bot_token, owner.bot_user_id, owner.bot_id, long_ago))


def authorize_for(tokens: Tokens) -> Callable[..., Awaitable[AuthorizeResult]]:
    """Bolt's `authorize`: a look-up in memory.

    A workspace that is not served gets no token; it is refused in words, which Bolt's own refusal could not.
    """

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        found = await tokens.current(team_id or "")
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=found.bot_user_id if found else None,
            bot_id=found.bot_id if found else None,
            bot_token=found.bot_token if found else None,
        )

    return authorize


class InstalledClient(AsyncWebClient):
    """Slack's Web API in one workspace, with the token that it has at the time of each call.

    Raises Temporary while there is none: what is to be said waits until somebody installs the app again.
    """

    def __init__(self, tokens: InstalledTokens, team_id: str, like: AsyncWebClient) -> None:
        super().__init__(
            base_url=like.base_url,
            session=like.session,
            timeout=like.timeout,
            retry_handlers=like.retry_handlers,
        )
        self._tokens, self._team_id = tokens, team_id

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        """One call; again with a newer token when Slack refuses the one at hand."""
        found = await self._tokens.current(self._team_id)
        if found is None:
            raise Temporary("slack_not_installed")
        try:
            return await self._called(api_method, found.bot_token, arguments)
        except SlackApiError as error:
            if code_of(error) not in _REFUSED_TOKENS:
                raise
        newer = await self._tokens.after_refusal(self._team_id, found.bot_token)
        try:
            return await self._called(api_method, newer, arguments)
        except SlackApiError as error:
            if code_of(error) not in _REFUSED_TOKENS:
                raise
            raise Temporary("slack_not_installed") from None

    async def _called(self, api_method: str, token: str, arguments: Mapping[str, Any]) -> AsyncSlackResponse:
        self.token = token  # read before the call waits for anything
        return await super().api_call(api_method, **arguments)
