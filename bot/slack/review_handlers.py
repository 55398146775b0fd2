"""Reviews in Slack: the dialogs of their cards, and a message for one supervisor where a dialog cannot be opened.

That message is seen by nobody else, is not kept by Slack, and is taken away by whatever is done with it.
"""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import re

import aiohttp
from slack_bolt.async_app import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.acts import reviews
from bot.acts.front import Front
from bot.cards import review_words, words
from bot.cards.review_forms import review_pointer
from bot.domain.errors import Stale, UserMistake
from bot.domain.ids import NoteId
from bot.domain.people import Person
from bot.slack.front import actor, explain, fill, open_loading, refuse_in, show_only, take_away
from bot.slack.inbound import Payload, Pressed, parse_pressed
from bot.slack.render import fits_message

ACTIONS = re.compile(r"^(review|review_(reassign|snooze|comments|approve))$")


async def on_action(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext
) -> None:
    """A button of a review. Who may not, or is late, is told why."""
    pressed = parse_pressed(body)
    channel = pressed.card[0] if pressed.card else None
    try:
        person = actor(front, body)
        if pressed.press.action == "review_approve":
            await reviews.do_review_press(front, person, pressed.press)
    except UserMistake as mistake:
        await ack()
        front.later.run(_refused(body, context, client, channel, words.sentence(mistake)))
        return
    await ack()
    if pressed.press.action == "review_approve":
        front.later.run(take_away(context, review_words.DONE_APPROVED))
        return
    opening = _open(front, client, context, pressed, person, apart=_is_apart(body))
    front.later.run(opening, lambda: explain(context, client, channel, words.TROUBLE))


async def _open(
    front: Front,
    client: AsyncWebClient,
    context: AsyncBoltContext,
    pressed: Pressed,
    person: Person | None,
    apart: bool,
) -> None:
    """The dialog; `apart`: it was asked for from a message of one's own, which is taken away once the dialog is there.

    A trigger lives three seconds: what cannot be opened any more is shown as a message.
    """
    name, note_id = pressed.press.action, pressed.press.note_id
    channel = pressed.card[0] if pressed.card else None
    try:
        view_id, view_hash = await open_loading(client, pressed.trigger_id, reviews.TITLES[name])
    except (SlackApiError, aiohttp.ClientError, TimeoutError):
        if name == "review" and not apart:
            await _show_message(front, client, context, person, note_id, channel)
        else:
            await explain(context, client, channel, words.TOO_LATE)
        return
    try:
        form = await reviews.open_form(front.desk, person, name, note_id, front.platform)
    except UserMistake as mistake:
        await refuse_in(client, view_id, view_hash, reviews.TITLES[name], mistake)
        if isinstance(mistake, Stale):  # its card may be as late as the press
            front.refresh(note_id, person)
        return
    await fill(client, view_id, view_hash, form)
    if apart:
        await take_away(context)


async def _show_message(
    front: Front,
    client: AsyncWebClient,
    context: AsyncBoltContext,
    person: Person | None,
    note_id: NoteId,
    channel: str | None,
) -> None:
    """The note for this supervisor alone. One that is too long for a message can only be opened."""
    try:
        note, card = await reviews.open_message(front.desk, person, note_id, front.platform)
    except UserMistake as mistake:
        await explain(context, client, channel, words.sentence(mistake))
        return
    await show_only(context, client, channel, card if fits_message(card) else review_pointer(note))


async def _refused(
    body: Payload, context: AsyncBoltContext, client: AsyncWebClient, channel: str | None, sentence: str
) -> None:
    if _is_apart(body):
        await take_away(context, sentence)
    else:
        await explain(context, client, channel, sentence)


def _is_apart(body: Payload) -> bool:
    """Whether the button stands in a message that only this person sees."""
    container = body.get("container") or {}
    return container.get("is_ephemeral") is True
