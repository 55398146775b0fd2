"""A practice's people in Slack: `/note people` and its dialogs, one in the place of the other."""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import re

from slack_bolt.async_app import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.acts.front import Front
from bot.acts.people import follow, people_for
from bot.cards import people_words, words
from bot.domain.errors import UserMistake
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.slack.front import actor, explain, fill, open_loading, refuse_in
from bot.slack.inbound import Payload, parse_submitted
from bot.slack.note_handlers import refuse
from bot.slack.render import render_form

FORMS = re.compile(r"^people_.+$")


async def on_people(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext
) -> None:
    """`/note people` opens the list, for administrators."""
    try:
        person = allow(actor(front, body), ActKind.PEOPLE)
    except UserMistake as mistake:
        await ack(text=words.sentence(mistake), response_type="ephemeral")
        return
    await ack()
    opening = _open(front, client, str(body["trigger_id"]), person)
    front.later.run(opening, lambda: explain(context, client, None, words.TOO_LATE))


async def on_submit(front: Front, ack: AsyncAck, body: Payload) -> None:
    """A dialog is sent. On any mistake it stays open with what was typed."""
    sent = parse_submitted(body)
    try:
        following = await follow(front, actor(front, body), sent)
    except UserMistake as mistake:
        await refuse(ack, sent, mistake, people_words.PEOPLE_TITLE)
        return
    await ack(response_action="update", view=render_form(following))


async def _open(front: Front, client: AsyncWebClient, trigger_id: str, person: Person) -> None:
    view_id, view_hash = await open_loading(client, trigger_id, people_words.PEOPLE_TITLE)
    try:
        form = await people_for(front.desk, person)
    except UserMistake as mistake:
        await refuse_in(client, view_id, view_hash, people_words.PEOPLE_TITLE, mistake)
        return
    await fill(client, view_id, view_hash, form)
