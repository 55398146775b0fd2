"""Treatment plans in Slack: `/note plan` and the plan's dialogs.

Dialogs are opened before anything is looked up. The plan stands below, what is changed is pushed on top of it.
"""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import re

from slack_bolt.async_app import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.acts.front import Front
from bot.acts.plans import FIRST_FORMS, change_as_sent, form_for, form_of, name_client, plan_for, reopen_goal
from bot.cards import plan_words, words
from bot.cards.forms import loading_form
from bot.cards.plan_forms import plan_client_form
from bot.domain.errors import UserMistake
from bot.domain.people import Person
from bot.domain.plan import PlanId
from bot.slack.front import actor, explain, fill, open_loading, refuse_in
from bot.slack.inbound import Payload, Pressed, parse_pressed, parse_submitted
from bot.slack.note_handlers import refuse
from bot.slack.render import Block, render_form

ACTIONS = re.compile(r"^plan_.+$")
FORMS = re.compile(r"^plan_.+$")


async def on_plan(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext, code: str
) -> None:
    """`/note plan JD-014` opens the client's plan; without a code a form asks for it."""
    try:
        person = actor(front, body)
    except UserMistake as mistake:
        await ack(text=words.sentence(mistake), response_type="ephemeral")
        return
    await ack()
    opening = _open_plan(front, client, str(body["trigger_id"]), person, code)
    front.later.run(opening, lambda: explain(context, client, None, words.TOO_LATE))


async def on_action(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext
) -> None:
    """A button of the plan's dialog."""
    pressed = parse_pressed(body)
    await ack()
    channel = pressed.card[0] if pressed.card else None
    try:
        person = actor(front, body)
    except UserMistake as mistake:
        front.later.run(explain(context, client, channel, words.sentence(mistake)))
        return
    if pressed.press.action.startswith("plan_reopen"):
        opening = _reopen(front, client, body["view"], pressed, person)
    else:
        opening = _push(front, client, pressed, person)
    front.later.run(opening, lambda: explain(context, client, channel, words.TROUBLE))


async def on_submit(front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient) -> None:
    """A dialog is sent. On any mistake it stays open with what was typed."""
    sent = parse_submitted(body)
    try:
        person = actor(front, body)
        if sent.form in FIRST_FORMS:
            following = await name_client(front.desk, person, sent, front.platform)
            await ack(response_action="update", view=render_form(following))
            return
        changed = await change_as_sent(front.desk, person, sent, front.platform)
    except UserMistake as mistake:
        await refuse(ack, sent, mistake, plan_words.PLAN_TITLE)
        return
    await ack()
    below = render_form(form_of(front.desk, person, changed))
    front.later.run(client.views_update(view_id=str(body["view"]["root_view_id"]), view=below))


async def _open_plan(front: Front, client: AsyncWebClient, trigger_id: str, person: Person | None, code: str) -> None:
    if not code:
        await client.views_open(trigger_id=trigger_id, view=render_form(plan_client_form()))
        return
    view_id, view_hash = await open_loading(client, trigger_id, plan_words.PLAN_TITLE)
    await fill(client, view_id, view_hash, await plan_for(front.desk, person, code, front.platform))


async def _push(front: Front, client: AsyncWebClient, pressed: Pressed, person: Person | None) -> None:
    """On top of the plan, the dialog for one thing to change."""
    loading = render_form(loading_form(plan_words.PLAN_TITLE))
    answer = await client.views_push(trigger_id=pressed.trigger_id, view=loading)
    view: Block = answer.get("view") or {}
    try:
        plan_id = PlanId(pressed.press.note_id)
        form = await form_for(front.desk, person, plan_id, pressed.press.action, front.platform)
    except UserMistake as mistake:
        await refuse_in(client, str(view["id"]), str(view["hash"]), plan_words.PLAN_TITLE, mistake)
        return
    await fill(client, str(view["id"]), str(view["hash"]), form)


async def _reopen(front: Front, client: AsyncWebClient, view: Payload, pressed: Pressed, person: Person | None) -> None:
    """Open a closed goal again, at once."""
    plan_id, action = PlanId(pressed.press.note_id), pressed.press.action
    version = str(view.get("private_metadata", "")).rpartition(":")[2]
    seen = int(version) if version.isdigit() else 0
    try:
        opened = await reopen_goal(front.desk, person, plan_id, action, seen, front.platform)
    except UserMistake as mistake:
        await refuse_in(client, str(view["id"]), str(view["hash"]), plan_words.PLAN_TITLE, mistake)
        return
    await fill(client, str(view["id"]), str(view["hash"]), form_of(front.desk, person, opened))
