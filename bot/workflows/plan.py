"""A client's treatment plan: open, start, change. The client's own clinician changes it, a supervisor reads."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.errors import NotFound, UserMistake
from bot.domain.ids import NoteId
from bot.domain.people import Person
from bot.domain.plan import Diagnosis, Plan, PlanId
from bot.domain.plan_policy import allow_plan, may_change_plan
from bot.drafting.guards import check_client_code
from bot.ports import Act
from bot.workflows.desk import Desk

Change = Callable[[Plan], Plan]


@dataclass(frozen=True, slots=True)
class OpenedPlan:
    """A plan for showing. `plan` is None when the client has none yet; `id` is opaque."""

    id: PlanId
    client_code: str
    plan: Plan | None
    may_change: bool


async def open_plan(desk: Desk, actor: Person | None, client_code: str, via: str = "") -> OpenedPlan:
    """The client's plan as this person may see it; the audit log says who saw it.

    Raises UserMistake for what is no code, NotAllowed.
    """
    code = check_client_code(client_code)
    async with desk.database.writing(desk.id) as unit:
        plan, plan_id = await unit.plans.get(code), await unit.plans.id_of(code)
        reader = allow_plan(desk.practice, actor, code, plan)
        if plan is not None:
            await unit.audit.append(_act(desk, reader, "plan viewed", plan_id, plan, via))
            await unit.commit()
    return OpenedPlan(plan_id, code, plan, may_change_plan(desk.practice, actor, code, plan))


async def open_plan_by_id(
    desk: Desk, actor: Person | None, plan_id: PlanId, via: str = "", *, change: bool = False
) -> OpenedPlan:
    """The plan behind an opaque id; the audit log says who saw it.

    Raises NotFound, NotAllowed (also with `change`, for who may only read).
    """
    async with desk.database.writing(desk.id) as unit:
        plan = await unit.plans.by_id(plan_id)
        if plan is None:
            raise _no_such_plan()
        reader = allow_plan(desk.practice, actor, plan.client_code, plan, change=change)
        await unit.audit.append(_act(desk, reader, "plan viewed", plan_id, plan, via))
        await unit.commit()
    return OpenedPlan(plan_id, plan.client_code, plan, may_change_plan(desk.practice, actor, plan.client_code, plan))


async def start_plan(
    desk: Desk,
    actor: Person | None,
    client_code: str,
    start: dt.date,
    review_due: dt.date | None,
    diagnosis: Sequence[Diagnosis],
    frequency: str,
    via: str,
) -> OpenedPlan:
    """A first plan, without goals yet. Raises UserMistake when the client has one."""
    code = check_client_code(client_code)
    async with desk.database.writing(desk.id) as unit:
        there = await unit.plans.get(code)
        person = allow_plan(desk.practice, actor, code, there, change=True)
        if there is not None:
            raise UserMistake("plan_exists", f"{code} has a plan already. Close this and open it.")
        plan = Plan(code, person.id, start).described(start, review_due, diagnosis, frequency)
        await unit.plans.save(plan, None)
        plan_id = await unit.plans.id_of(code)
        await unit.audit.append(_act(desk, person, "plan started", plan_id, plan, via))
        await unit.commit()
    return OpenedPlan(plan_id, code, plan, may_change=True)


async def change_plan(
    desk: Desk, actor: Person | None, plan_id: PlanId, seen_version: int, change: Change, via: str
) -> OpenedPlan:
    """Apply a pure change to the version somebody saw. Raises Stale when it moved on, NotAllowed, UserMistake."""
    async with desk.database.writing(desk.id) as unit:
        plan = await unit.plans.by_id(plan_id)
        if plan is None:
            raise _no_such_plan()
        person = allow_plan(desk.practice, actor, plan.client_code, plan, change=True)
        changed = change(plan.seen_at(seen_version))
        if changed != plan:
            await unit.plans.save(changed, plan)
            await unit.audit.append(_act(desk, person, "plan changed", plan_id, changed, via))
            await unit.commit()
    return OpenedPlan(plan_id, plan.client_code, changed, may_change=True)


def check_past(desk: Desk, actor: Person | None, day: dt.date) -> dt.date:
    """A day on which something ended is today or earlier. Raises UserMistake."""
    if day > desk.today(actor):
        raise UserMistake("closed_in_future", "That date is still to come. Please give the day on which it ended.")
    return day


def _act(desk: Desk, person: Person, what: str, plan_id: PlanId, plan: Plan, via: str) -> Act:
    """Under the plan's opaque id, where other acts have a note's: a client code has no place in the log."""
    return Act(person.id, what, NoteId(plan_id), plan.version, "", desk.clock.now(), via)


def _no_such_plan() -> NotFound:
    return NotFound("plan_not_found", "I can't find that plan any more. Please open it again.")
