"""Treatment plans: which dialog follows on which button, and what a sent dialog changes in the plan."""

import re
from collections.abc import Mapping

from bot.acts.sent_forms import Sent
from bot.cards import plan_words, words
from bot.cards.elements import Form
from bot.cards.forms import message_form
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
from bot.domain.errors import NotAllowed, NotFound, Stale, UserMistake
from bot.domain.people import Person
from bot.domain.plan import Goal, Plan, PlanId, Status
from bot.workflows.desk import Desk
from bot.workflows.plan import (
    Change,
    OpenedPlan,
    change_plan,
    check_past,
    open_plan,
    open_plan_by_id,
    start_plan,
)

_COMMAND = re.compile(r"plan(?:\s+(?P<code>\S+))?", re.IGNORECASE)
_NAMED = re.compile(r"plan\s+[A-Z][a-z]+")
FIRST_FORMS = frozenset({"plan_client", "plan_start"})  # they name a client; what follows stands in their place


def command_code(text: str) -> str | None:
    """The client code after the word that opens a plan, empty when it stands alone; None for anything else.

    A code has a figure in it, so “plan unchanged” is a summary; “plan Johnson” names somebody, and is to be put right.
    """
    command = _COMMAND.fullmatch(text)
    if command is None:
        return None
    code = command["code"] or ""
    return code if not code or re.search(r"\d", code) or _NAMED.fullmatch(text) else None


async def plan_for(desk: Desk, person: Person | None, code: str, via: str) -> Form:
    """A client's plan, or the form that asks for a client's code (with what was wrong with this one)."""
    if not code:
        return plan_client_form()
    try:
        return form_of(desk, person, await open_plan(desk, person, code, via))
    except NotAllowed as mistake:
        return message_form(plan_words.PLAN_TITLE, words.sentence(mistake))
    except UserMistake as mistake:
        return plan_client_form(words.sentence(mistake))


def form_of(desk: Desk, person: Person | None, opened: OpenedPlan) -> Form:
    """The plan as it stands; the form to start one where there is none yet."""
    today = desk.today(person)
    if opened.plan is not None:
        return plan_form(opened.id, opened.plan, today, opened.may_change)
    if not opened.may_change:
        return message_form(plan_words.PLAN_TITLE, plan_words.NO_PLAN_YET)
    return plan_start_form(opened.client_code, today)


async def form_for(desk: Desk, person: Person | None, plan_id: PlanId, action: str, via: str) -> Form:
    """What a button of the plan opens: a form for one thing to change. Raises UserMistake."""
    opened = await open_plan_by_id(desk, person, plan_id, via, change=True)
    plan = _there(opened)
    name, _, item_id = action.partition(".")
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
            return close_form(opened.id, plan, item, desk.today(person))
        case _:
            raise UserMistake("unknown_action", words.TROUBLE)


async def reopen_goal(
    desk: Desk, person: Person | None, plan_id: PlanId, action: str, version: int, via: str
) -> OpenedPlan:
    """Open a closed goal again, at once; a plan that moved on since `version` is only shown as it stands."""
    item_id = action.partition(".")[2]
    try:
        return await change_plan(desk, person, plan_id, version, lambda plan: plan.reopened(item_id), via)
    except Stale:
        return await open_plan_by_id(desk, person, plan_id, via)


async def name_client(desk: Desk, person: Person | None, sent: Sent, via: str) -> Form:
    """A client was named, or a first plan filled in: what stands in the same dialog next."""
    values = sent.values
    if sent.form == "plan_client":
        return form_of(desk, person, await open_plan(desk, person, values.get("client", ""), via))
    started = await start_plan(
        desk,
        person,
        values.get("client", ""),
        typed_day(values.get("start", "")) or desk.today(person),
        typed_day(values.get("review_due", "")),
        typed_diagnoses(values.get("diagnosis", "")),
        values.get("frequency", ""),
        via,
    )
    return form_of(desk, person, started)


async def change_as_sent(desk: Desk, person: Person | None, sent: Sent, via: str) -> OpenedPlan:
    """Change the one thing that the form is about."""
    plan_id, _, item_id = sent.note_id.partition(".")
    change = _change(desk, person, sent.form, item_id, sent.values)
    return await change_plan(desk, person, PlanId(plan_id), sent.version, change, via)


def _change(desk: Desk, person: Person | None, form: str, item_id: str, values: Mapping[str, str]) -> Change:
    today = desk.today(person)
    ended = typed_day(values.get("closed", ""))
    closed = check_past(desk, person, ended) if ended else None
    status = _status(values.get("status", ""))

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


def _status(chosen: str) -> Status:
    try:
        return Status(chosen or Status.OPEN)
    except ValueError:
        raise UserMistake("needs_status", words.TROUBLE) from None


def _there(opened: OpenedPlan) -> Plan:
    if opened.plan is None:
        raise NotFound("plan_not_found", plan_words.NO_PLAN_YET)
    return opened.plan
