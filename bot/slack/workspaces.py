"""Which practice a request is for: the one whose workspace it comes from. A workspace of nobody gets one kind answer.

Also what Slack says of the app itself there: its tokens were revoked, it was taken out.
"""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from slack_bolt.async_app import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError

from bot.acts.front import Front
from bot.cards import words
from bot.cards.forms import message_form
from bot.cards.install_words import TITLE
from bot.installations import Installations
from bot.slack.inbound import Payload, parse_sender
from bot.slack.render import render_form
from bot.slack.tokens import InstalledTokens, Tokens

_log = logging.getLogger("afternote.slack")


@dataclass(frozen=True, slots=True)
class Workspaces:
    """The fronts by workspace, and the tokens: without one, its workspace is not served."""

    fronts: Mapping[str, Front]
    tokens: Tokens

    async def front(self, body: Payload) -> Front | None:
        """The front of the practice whose workspace this comes from."""
        team = parse_sender(body).team_id
        found = self.fronts.get(team)
        return found if found and await self.tokens.current(team) else None


@dataclass(frozen=True, slots=True)
class Revocations:
    """Tokens that Slack says are good for nothing are deleted, and their workspace is not served any more."""

    store: Installations
    tokens: InstalledTokens

    async def on_event(self, body: Payload) -> None:
        """`tokens_revoked` or `app_uninstalled`. One that comes late speaks of an installation before the present."""
        event = body["event"]
        team, at = str(body.get("team_id") or ""), body.get("event_time")
        if event.get("type") == "tokens_revoked":
            if not (event.get("tokens") or {}).get("bot"):
                return  # a person's token, of which we have none
            if await self.tokens.still_good(team):
                return  # an earlier one: it was exchanged, or the app was installed again
        when = datetime.fromtimestamp(int(at) + 1, UTC) if isinstance(at, int) else datetime.now(UTC)
        gone = await self.store.revoke(team, when, str(event.get("type") or ""))
        self.tokens.forget(team)
        if gone:
            _log.warning("slack workspace %s: %s; its tokens are deleted", team, event.get("type"))


async def refuse_command(ack: AsyncAck) -> None:
    """`/note` in a workspace of nobody."""
    await ack(text=words.NOT_ON_ROSTER, response_type="ephemeral")


async def refuse_press(ack: AsyncAck, context: AsyncBoltContext) -> None:
    """A button or a shortcut there: said where it was pressed, which needs no token."""
    await ack()
    if context.response_url and context.respond:
        try:
            await context.respond(text=words.NOT_ON_ROSTER, response_type="ephemeral", replace_original=False)
        except (SlackApiError, OSError) as error:
            _log.warning("could not explain: %s", type(error).__name__)


async def refuse_view(ack: AsyncAck) -> None:
    """A dialog that was sent there."""
    await ack(response_action="update", view=render_form(message_form(TITLE, words.NOT_ON_ROSTER)))


async def refuse_lookup(ack: AsyncAck) -> None:
    """A type-ahead there."""
    await ack(options=[])
