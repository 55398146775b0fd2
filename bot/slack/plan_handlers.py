"""Treatment plans in Slack: `/note plan`, the plan's dialogs, and confirming the goals of a draft.

Dialogs are opened before anything is looked up. The plan stands below, what is changed is pushed on top of it.
"""

# slack_sdk and slack_bolt leave type parameters open in their signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import re
from collections.abc import Mapping

from slack_bolt.async_app import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import plan_words, words
from bot.cards.elements import Form
from bot.cards.forms import loading_form, message_form
from bot.cards.plan_forms import (
    close_form,
    goal_form,
    objective_form,
    plan_client_form,
    plan_details_form,
    plan_form,
    plan_start_form,
    typed_day,
    typed_diagnoses,
    typed_wording,
)
from bot.cards.plan_screens import goals_form, ticked_goals
from bot.domain.errors import NotAllowed, NotFound, Stale, UserMistake
from bot.domain.people import Person
from bot.domain.plan import Goal, Plan, PlanId, Status
from bot.domain.policy import ActKind, allow
from bot.slack.front import VIA, Front, explain, fill, open_loading, refuse_in
from bot.slack.inbound import Payload, Pressed, Sender, Submitted, parse_pressed, parse_submitted
from bot.slack.render import Block, render_form
from bot.workflows.confirm_goals import confirm_goals
from bot.workflows.desk import open_note
from bot.workflows.goals_of_note import with_suggestion
from bot.workflows.plan import (
    Change,
    OpenedPlan,
    change_plan,
    check_past,
    open_plan,
    open_plan_by_id,
    start_plan,
)

COMMAND = re.compile(r"plan(?:\s+(?P<code>\S+))?", re.IGNORECASE)
ACTIONS = re.compile(r"^(plan_.+|confirm_goals)$")
FORMS = re.compile(r"^(plan_.+|goals)$")
# Where in a dialog a mistake is shown; anything else stands at its first input.
_INPUT_OF = {
    "bad_date": "start",
    "review_before_start": "review_due",
    "long_diagnosis": "diagnosis",
    "long_frequency": "frequency",
    "long_measure": "measure",
    "long_baseline": "baseline",
    "long_target": "target",
    "needs_status": "status",
    "closed_before_opened": "closed",
    "closed_in_future": "closed",
}


async def on_plan(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext, code: str
) -> None:
    """`/note plan JD-014` opens the client's plan; without a code a form asks for it."""
    try:
        _, person = front.sender(body)
    except UserMistake as mistake:
        await ack(text=words.sentence(mistake), response_type="ephemeral")
        return
    await ack()
    opening = _open_plan(front, client, str(body["trigger_id"]), person, code)
    front.later.run(opening, lambda: explain(context, client, None, words.TOO_LATE))


async def on_action(
    front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient, context: AsyncBoltContext
) -> None:
    """A button of the plan's dialog, or “Confirm goals” of a card."""
    pressed = parse_pressed(body)
    await ack()
    channel = pressed.card[0] if pressed.card else None
    try:
        sender, person = front.sender(body)
    except UserMistake as mistake:
        front.later.run(explain(context, client, channel, words.sentence(mistake)))
        return
    if pressed.action == "confirm_goals":
        opening = _open_goals(front, client, pressed, person, sender)
    elif pressed.action.startswith("plan_reopen"):
        opening = _reopen(front, client, body["view"], pressed, person)
    else:
        opening = _push(front, client, pressed, person)
    front.later.run(opening, lambda: explain(context, client, channel, words.TROUBLE))


async def on_submit(front: Front, ack: AsyncAck, body: Payload, client: AsyncWebClient) -> None:
    """A dialog is sent. On any mistake it stays open with what was typed."""
    sent = parse_submitted(body)
    try:
        sender, person = front.sender(body)
        if sent.form == "goals":
            await confirm_goals(front.desk, person, sent.note_id, sent.version, ticked_goals(dict(sent.values)), VIA)
            await ack()
            front.refresh(sent.note_id, None, sender)
        elif sent.form in ("plan_client", "plan_start"):
            await ack(response_action="update", view=render_form(await _first(front, person, sent)))
        else:
            changed = await _change(front, person, sent)
            await ack()
            below = render_form(_form_of(front, person, changed))
            front.later.run(client.views_update(view_id=str(body["view"]["root_view_id"]), view=below))
    except UserMistake as mistake:
        await _refuse(ack, sent, mistake)


async def _open_plan(front: Front, client: AsyncWebClient, trigger_id: str, person: Person | None, code: str) -> None:
    if not code:
        await client.views_open(trigger_id=trigger_id, view=render_form(plan_client_form()))
        return
    view_id, view_hash = await open_loading(client, trigger_id, plan_words.PLAN_TITLE)
    try:
        form = _form_of(front, person, await open_plan(front.desk, person, code))
    except NotAllowed as mistake:
        form = message_form(plan_words.PLAN_TITLE, words.sentence(mistake))
    except UserMistake as mistake:
        form = plan_client_form(words.sentence(mistake))
    await fill(client, view_id, view_hash, form)


async def _open_goals(
    front: Front, client: AsyncWebClient, pressed: Pressed, person: Person | None, sender: Sender
) -> None:
    view_id, view_hash = await open_loading(client, pressed.trigger_id, plan_words.GOALS_TITLE)
    try:
        opened = await open_note(front.desk, pressed.note_id)
        allow(person, ActKind.CHANGE, opened.note)
        if opened.note.locked:
            raise Stale("not_draft", words.NO_LONGER_DRAFT)
    except UserMistake as mistake:
        await refuse_in(client, view_id, view_hash, plan_words.GOALS_TITLE, mistake)
        if not isinstance(mistake, NotAllowed):
            front.refresh(pressed.note_id, pressed.card, sender)
        return
    await fill(client, view_id, view_hash, goals_form(with_suggestion(opened.note, opened.plan), opened.plan))


async def _push(front: Front, client: AsyncWebClient, pressed: Pressed, person: Person | None) -> None:
    """On top of the plan, the dialog for one thing to change."""
    loading = render_form(loading_form(plan_words.PLAN_TITLE))
    answer = await client.views_push(trigger_id=pressed.trigger_id, view=loading)
    view: Block = answer.get("view") or {}
    try:
        opened = await open_plan_by_id(front.desk, person, PlanId(pressed.note_id), change=True)
        form = _item_form(front, person, pressed.action, opened)
    except UserMistake as mistake:
        await refuse_in(client, str(view["id"]), str(view["hash"]), plan_words.PLAN_TITLE, mistake)
        return
    await fill(client, str(view["id"]), str(view["hash"]), form)


async def _reopen(front: Front, client: AsyncWebClient, view: Payload, pressed: Pressed, person: Person | None) -> None:
    """Open a closed goal again, at once."""
    item_id = pressed.action.partition(".")[2]
    version = str(view.get("private_metadata", "")).rpartition(":")[2]
    try:
        seen = int(version) if version.isdigit() else 0
        opened = await change_plan(
            front.desk, person, PlanId(pressed.note_id), seen, lambda plan: plan.reopened(item_id), VIA
        )
    except Stale:
        opened = await open_plan_by_id(front.desk, person, PlanId(pressed.note_id))
    except UserMistake as mistake:
        await refuse_in(client, str(view["id"]), str(view["hash"]), plan_words.PLAN_TITLE, mistake)
        return
    await fill(client, str(view["id"]), str(view["hash"]), _form_of(front, person, opened))


def _item_form(front: Front, person: Person | None, action: str, opened: OpenedPlan) -> Form:
    name, _, item_id = action.partition(".")
    plan = _there(opened)
    if name == "plan_details":
        return plan_details_form(opened.id, plan)
    if name == "plan_goal":
        return goal_form(opened.id, plan)
    item = plan.find(item_id)
    if item is None:
        raise NotFound("no_such_goal", "That goal is not in this plan any more.")
    match name, item:
        case "plan_change", Goal():
            return goal_form(opened.id, plan, item)
        case "plan_change", _:
            return objective_form(opened.id, plan, "", item)
        case "plan_objective", Goal():
            return objective_form(opened.id, plan, item.id)
        case "plan_close", Goal():
            return close_form(opened.id, plan, item, front.desk.today(person))
        case _:
            raise UserMistake("unknown_action", words.TROUBLE)


def _form_of(front: Front, person: Person | None, opened: OpenedPlan) -> Form:
    today = front.desk.today(person)
    if opened.plan is not None:
        return plan_form(opened.id, opened.plan, today, opened.may_change)
    if not opened.may_change:
        return message_form(plan_words.PLAN_TITLE, plan_words.NO_PLAN_YET)
    return plan_start_form(opened.client_code, today)


async def _first(front: Front, person: Person | None, sent: Submitted) -> Form:
    """A client was named, or a first plan filled in: what stands in the same dialog next."""
    values = sent.values
    if sent.form == "plan_client":
        return _form_of(front, person, await open_plan(front.desk, person, values.get("client", "")))
    started = await start_plan(
        front.desk,
        person,
        values.get("client", ""),
        typed_day(values.get("start", "")) or front.desk.today(person),
        typed_day(values.get("review_due", "")),
        typed_diagnoses(values.get("diagnosis", "")),
        values.get("frequency", ""),
        VIA,
    )
    return _form_of(front, person, started)


async def _change(front: Front, person: Person | None, sent: Submitted) -> OpenedPlan:
    plan_id, _, item_id = sent.note_id.partition(".")
    change = _change_of(front, person, sent.form, item_id, sent.values)
    return await change_plan(front.desk, person, PlanId(plan_id), sent.version, change, VIA)


def _change_of(front: Front, person: Person | None, form: str, item_id: str, values: Mapping[str, str]) -> Change:
    today = front.desk.today(person)
    ended = typed_day(values.get("closed", ""))
    closed = check_past(front.desk, person, ended) if ended else None
    status = Status(values.get("status") or Status.OPEN)

    def change(plan: Plan) -> Plan:
        match form:
            case "plan_details":
                start, review = typed_day(values.get("start", "")), typed_day(values.get("review_due", ""))
                charted = typed_diagnoses(values.get("diagnosis", ""))
                return plan.described(start or plan.start, review, charted, values.get("frequency", ""))
            case "plan_goal":
                return plan.goal_added(typed_wording(values), today)
            case "plan_objective":
                return plan.objective_added(item_id, typed_wording(values), today)
            case "plan_close":
                return plan.closed(item_id, status, closed or today)
            case "plan_change":
                changed = plan.reworded(item_id, typed_wording(values), today)
                if "status" not in values:
                    return changed
                return (
                    changed.reopened(item_id)
                    if status is Status.OPEN
                    else changed.closed(item_id, status, closed or today)
                )
            case _:
                raise UserMistake("unknown_form", words.TROUBLE)

    return change


def _there(opened: OpenedPlan) -> Plan:
    if opened.plan is None:
        raise NotFound("plan_not_found", plan_words.NO_PLAN_YET)
    return opened.plan


async def _refuse(ack: AsyncAck, sent: Submitted, mistake: UserMistake) -> None:
    """At the input it is about, so that what is typed stays."""
    sentence = words.sentence(mistake)
    if not sent.values:
        await ack(response_action="update", view=render_form(message_form(plan_words.PLAN_TITLE, sentence)))
        return
    wanted = _INPUT_OF.get(mistake.code, "")
    await ack(response_action="errors", errors={wanted if wanted in sent.values else next(iter(sent.values)): sentence})
