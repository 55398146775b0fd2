"""Learning in Slack: `/note examples`, sharing a section as an example, `/note supervision`.

Dialogs are opened before anything is looked up; what is opened from a dialog is pushed on top of it.
"""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import re

from slack_bolt.async_app import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.acts import learning
from bot.acts.front import Front
from bot.cards import learning_words, words
from bot.cards.forms import loading_form
from bot.cards.learning_forms import REMOVE
from bot.domain.errors import UserMistake
from bot.domain.people import Person
from bot.slack.front import actor, explain, fill, open_loading, refuse_in
from bot.slack.inbound import Payload, Pressed, parse_pressed, parse_sender, parse_submitted
from bot.slack.note_handlers import refuse
from bot.slack.render import Block, render_card, render_form

ACTIONS = re.compile(f"^({'|'.join(sorted(learning.ACTIONS))})$")
FORMS = re.compile(f"^({'|'.join(sorted(learning.FORMS))})$")


async def on_examples(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext, typed: str
) -> None:
    """`/note examples birp` shows good sections; without a format a form asks for it."""
    try:
        person = actor(front, body)
    except UserMistake as mistake:
        await ack(text=words.sentence(mistake), response_type="ephemeral")
        return
    await ack()
    opening = _show_examples(front, client, str(body["trigger_id"]), person, typed)
    front.later.run(opening, lambda: explain(context, client, None, words.TOO_LATE))


async def on_supervision(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext
) -> None:
    """`/note supervision`: a message to the supervisor, since its buttons open reviews as those of other cards do."""
    try:
        card = await learning.supervision(front.desk, actor(front, body), front.platform)
    except UserMistake as mistake:
        await ack(text=words.sentence(mistake), response_type="ephemeral")
        return
    await ack(text=learning_words.SUPERVISION_POINTER, response_type="ephemeral")
    user = parse_sender(body).user_id
    posting = client.chat_postMessage(channel=user, text=card.notice, blocks=render_card(card))
    front.later.run(posting, lambda: explain(context, client, None, words.TROUBLE))


async def on_action(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext
) -> None:
    """The button to share a section, on a card or in a dialog; the button that takes an example away."""
    pressed = parse_pressed(body)
    channel = pressed.card[0] if pressed.card else None
    await ack()
    try:
        person = actor(front, body)
    except UserMistake as mistake:
        front.later.run(explain(context, client, channel, words.sentence(mistake)))
        return
    if pressed.press.action == REMOVE:
        done = _take_away(front, client, body["view"], pressed, person)
    else:
        done = _open_sharing(front, client, context, pressed, person)
    front.later.run(done, lambda: explain(context, client, channel, words.TROUBLE))


async def on_submit(front: Front, ack: AsyncAck, body: Payload) -> None:
    """A dialog is sent. On any mistake it stays open with what was typed."""
    sent = parse_submitted(body)
    try:
        following = await learning.send(front.desk, actor(front, body), sent, front.platform)
    except UserMistake as mistake:
        await refuse(ack, sent, mistake, learning_words.TEACH_TITLE)
        return
    await ack(response_action="update", view=render_form(following))


async def _show_examples(
    front: Front, client: AsyncWebClient, trigger_id: str, person: Person | None, typed: str
) -> None:
    title = learning_words.EXAMPLES_TITLE
    view_id, view_hash = await open_loading(client, trigger_id, title)
    try:
        form = await learning.examples_for(front.desk, person, typed)
    except UserMistake as mistake:
        await refuse_in(client, view_id, view_hash, title, mistake)
        return
    await fill(client, view_id, view_hash, form)


async def _open_sharing(
    front: Front, client: AsyncWebClient, context: AsyncBoltContext, pressed: Pressed, person: Person | None
) -> None:
    title = learning_words.TEACH_TITLE
    try:
        if pressed.card:
            view_id, view_hash = await open_loading(client, pressed.trigger_id, title)
        else:
            view_id, view_hash = await _push_loading(client, pressed.trigger_id, title)
    except SlackApiError:
        await explain(context, client, pressed.card[0] if pressed.card else None, words.TOO_LATE)
        return
    try:
        form = await learning.open_sharing(front.desk, person, pressed.press, front.platform)
    except UserMistake as mistake:
        await refuse_in(client, view_id, view_hash, title, mistake)
        return
    await fill(client, view_id, view_hash, form)


async def _push_loading(client: AsyncWebClient, trigger_id: str, title: str) -> tuple[str, str]:
    answer = await client.views_push(trigger_id=trigger_id, view=render_form(loading_form(title)))
    view: Block = answer.get("view") or {}
    return str(view["id"]), str(view["hash"])


async def _take_away(
    front: Front, client: AsyncWebClient, view: Payload, pressed: Pressed, person: Person | None
) -> None:
    view_id, view_hash = str(view["id"]), str(view["hash"])
    format_id = str(view.get("private_metadata", "")).partition(":")[0]
    try:
        form = await learning.take_away(front.desk, person, pressed.press, format_id, front.platform)
    except UserMistake as mistake:
        await refuse_in(client, view_id, view_hash, learning_words.EXAMPLES_TITLE, mistake)
        return
    await fill(client, view_id, view_hash, form)
