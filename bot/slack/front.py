"""How Slack's dialogs are opened and filled, and how one person is told something."""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import contextlib
import logging

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.acts.front import Front
from bot.cards import words
from bot.cards.elements import Card, Form
from bot.cards.forms import loading_form, message_form
from bot.domain.errors import NotAllowed, UserMistake
from bot.domain.people import Person
from bot.slack.charts import sent
from bot.slack.inbound import Payload, parse_sender
from bot.slack.render import Block, render_card, render_form

_log = logging.getLogger("afternote.slack")
_CLOSED = frozenset({"not_found", "hash_conflict"})


def actor(front: Front, body: Payload) -> Person | None:
    """The person of ours who acted. Raises NotAllowed for another workspace."""
    sender = parse_sender(body)
    return front.person(sender.team_id, sender.user_id)


def greet(front: Front, body: Payload) -> None:
    """Ask who is new the first questions, after what they came for."""
    with contextlib.suppress(NotAllowed):
        front.greet(actor(front, body))


async def open_loading(client: AsyncWebClient, trigger_id: str, title: str) -> tuple[str, str]:
    """Open a dialog before anything is looked up; Slack gives three seconds. Returns its id and hash."""
    answer = await client.views_open(trigger_id=trigger_id, view=render_form(loading_form(title)))
    view: Block = answer.get("view") or {}
    return str(view["id"]), str(view["hash"])


async def fill(client: AsyncWebClient, view_id: str, view_hash: str, form: Form) -> None:
    """Put the real content in a dialog that was opened as `loading`; one that is closed or replaced is left alone."""
    try:
        await client.views_update(view_id=view_id, hash=view_hash, view=render_form(form))
    except SlackApiError as error:
        if error.response.get("error") not in _CLOSED:
            raise


async def refuse_in(client: AsyncWebClient, view_id: str, view_hash: str, title: str, mistake: UserMistake) -> None:
    """Say in the dialog why it cannot open."""
    await fill(client, view_id, view_hash, message_form(title, words.sentence(mistake)))


async def explain(context: AsyncBoltContext, client: AsyncWebClient, channel: str | None, sentence: str) -> None:
    """Tell one person something, for their eyes only: where they pressed, else in our direct message."""
    user = context.user_id or ""
    try:
        if context.response_url and context.respond:
            answer = await context.respond(text=sentence, response_type="ephemeral", replace_original=False)
            if answer.status_code == 200:
                return
        if channel:
            await client.chat_postEphemeral(channel=channel, user=user, text=sentence)
        else:
            await client.chat_postMessage(channel=user, text=sentence)
    except SlackApiError as error:
        _log.warning("could not explain: %s", error.response.get("error"))


async def show_only(context: AsyncBoltContext, client: AsyncWebClient, channel: str | None, card: Card) -> None:
    """Show a card to the one person who pressed, where they pressed. Slack keeps no such message."""
    blocks, user = render_card(card), context.user_id or ""
    if context.response_url and context.respond:
        answer = await context.respond(
            text=card.notice, blocks=blocks, response_type="ephemeral", replace_original=False
        )
        if answer.status_code == 200:
            return
    await sent(
        card,
        lambda shown: client.chat_postEphemeral(channel=channel or user, user=user, text=card.notice, blocks=shown),
    )


async def take_away(context: AsyncBoltContext, sentence: str = "") -> None:
    """Take the message whose button was pressed away, or put a sentence in its place."""
    if not context.respond:
        return
    if sentence:
        await context.respond(text=sentence, replace_original=True)
    else:
        await context.respond(delete_original=True)
