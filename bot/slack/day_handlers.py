"""A clinician's day in Slack: words after `/note`, buttons and forms of `bot/acts/day.py`, and where they answer.

A card that a command shows is a message in the direct conversation, so that its buttons can replace it.
"""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import logging
import re

from slack_bolt.async_app import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.acts import day, features
from bot.acts.front import Front
from bot.acts.home import home_card
from bot.cards import words
from bot.cards.elements import Card, Form
from bot.cards.forms import message_form
from bot.domain.errors import UserMistake
from bot.slack import charts
from bot.slack.front import actor, explain, fill, open_loading, refuse_in
from bot.slack.inbound import Payload, Pressed, parse_pressed, parse_sender, parse_submitted
from bot.slack.note_handlers import refuse
from bot.slack.render import render_card, render_form

_log = logging.getLogger("afternote.slack")
ACTIONS = re.compile(f"^{day.PREFIX}")
FORMS = ACTIONS


async def on_command(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext, word: str, rest: str
) -> None:
    """A word of a day after `/note`."""
    try:
        doing = day.Doing(front, actor(front, body), f"slack:command:{body['trigger_id']}")
        shown = await features.command(doing, word, rest)
    except UserMistake as mistake:
        await ack(text=words.sentence(mistake), response_type="ephemeral")
        return
    if isinstance(shown, Form):
        await ack()
        opening = client.views_open(trigger_id=str(body["trigger_id"]), view=render_form(shown))
        front.later.run(opening, lambda: explain(context, client, None, words.TOO_LATE))
        return
    await ack(text=words.DAY_POINTER, response_type="ephemeral")
    user = parse_sender(body).user_id
    front.later.run(say_card(client, user, shown), lambda: explain(context, client, None, words.TROUBLE))


async def on_action(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext
) -> None:
    """A button, menu or picker of a day, on a card, in a dialog or on Home."""
    pressed = parse_pressed(body)
    channel = pressed.card[0] if pressed.card else None
    if pressed.press.action.startswith(day.OPENING):
        await ack()
        front.later.run(
            _open(front, client, context, body, pressed), lambda: explain(context, client, channel, words.TROUBLE)
        )
        return
    try:
        doing = day.Doing(front, actor(front, body), f"slack:action:{body.get('trigger_id', '')}")
        answer = await features.press(doing, pressed.press)
    except UserMistake as mistake:
        await ack()
        front.later.run(explain(context, client, channel, words.sentence(mistake)))
        return
    await ack()
    if (body.get("view") or {}).get("type") == "home":
        front.later.run(publish_home(doing, client, parse_sender(body).user_id))
    if isinstance(answer, str):
        front.later.run(explain(context, client, channel, answer))
    elif answer is not None:
        front.later.run(_show(client, body, pressed, answer), lambda: explain(context, client, channel, words.TROUBLE))


async def on_submit(front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient) -> None:
    """A form of a day is sent. On any mistake it stays open with what was typed."""
    sent = parse_submitted(body)
    try:
        sends = features.sending(sent.form)
        answer = await sends.take(day.Doing(front, actor(front, body), sent.delivery), sent)
    except UserMistake as mistake:
        await refuse(ack, sent, mistake, words.NOT_SAVED_TITLE)
        return
    if isinstance(answer, Form):
        await ack(response_action="update", view=render_form(answer))
    elif isinstance(answer, str):
        await ack(response_action="update", view=render_form(message_form(sends.title, answer)))
    else:
        await ack()
    if isinstance(answer, Card):
        front.later.run(say_card(client, parse_sender(body).user_id, answer))


async def publish_home(doing: day.Doing, client: AsyncWebClient, user: str) -> None:
    """Home as it is now, for one person; Slack keeps what was published last."""
    view = {"type": "home", "blocks": render_card(await home_card(doing), charts=False)}
    await client.views_publish(user_id=user, view=view)


async def say_card(client: AsyncWebClient, channel: str, card: Card) -> None:
    """Post a card in a direct conversation."""
    await charts.sent(card, lambda blocks: client.chat_postMessage(channel=channel, text=card.notice, blocks=blocks))


async def _show(client: AsyncWebClient, body: Payload, pressed: Pressed, card: Card) -> None:
    """In the place of the message that was pressed; where that cannot be changed, a message of its own."""
    if pressed.card is not None:
        channel, ts = pressed.card
        try:
            await charts.sent(
                card, lambda blocks: client.chat_update(channel=channel, ts=ts, text=card.notice, blocks=blocks)
            )
            return
        except SlackApiError as error:
            _log.info("a card of a day is posted anew: %s", error.response.get("error"))
    await say_card(client, parse_sender(body).user_id, card)


async def _open(
    front: Front, client: AsyncWebClient, context: AsyncBoltContext, body: Payload, pressed: Pressed
) -> None:
    """In a dialog the form takes that one's place."""
    channel = pressed.card[0] if pressed.card else None
    try:
        opens = features.opening(pressed.press.action)
    except UserMistake as mistake:
        await explain(context, client, channel, words.sentence(mistake))
        return
    try:
        view = body.get("view") or {}
        if view.get("type") == "modal":
            view_id, view_hash = str(view["id"]), str(view["hash"])
        else:
            view_id, view_hash = await open_loading(client, pressed.trigger_id, opens.title)
    except SlackApiError:
        await explain(context, client, channel, words.TOO_LATE)
        return
    try:
        form = await opens.build(day.Doing(front, actor(front, body), f"slack:view:{view_id}"), pressed.press)
    except UserMistake as mistake:
        await refuse_in(client, view_id, view_hash, opens.title, mistake)
        return
    await fill(client, view_id, view_hash, form)
