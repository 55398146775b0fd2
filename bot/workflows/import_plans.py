"""Plans from a file into the practice: all or none. What stands there already is updated, never lost."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.errors import UserMistake
from bot.domain.ids import NoteId
from bot.domain.plan import Goal, Objective, Plan
from bot.ports import Act
from bot.workflows.desk import Desk


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one plan: `added`, `changed` or `unchanged`. `kept`: open goals that the file does not name."""

    client_code: str
    outcome: str
    kept: tuple[str, ...] = ()


async def import_plans(desk: Desk, plans: Sequence[Plan], via: str) -> tuple[Imported, ...]:
    """Store every plan, in one transaction. Doing it again changes nothing."""
    day, results = desk.today(None), list[Imported]()
    async with desk.database.writing(desk.id) as unit:
        for plan in plans:
            seen = await unit.plans.get(plan.client_code)
            merged = _merged(seen, plan, day)
            outcome = "added" if seen is None else "unchanged" if merged == seen else "changed"
            if merged != seen:
                await unit.plans.save(merged, seen)
                plan_id = NoteId(await unit.plans.id_of(plan.client_code))
                act = f"plan imported ({outcome})"
                await unit.audit.append(Act(None, act, plan_id, merged.version, "", desk.clock.now(), via))
            results.append(Imported(plan.client_code, outcome, _kept(merged, plan)))
        await unit.commit()
    return tuple(results)


def _merged(seen: Plan | None, plan: Plan, day: dt.date) -> Plan:
    try:
        return updated(seen, plan, day) if seen else replace(plan, version=1)
    except UserMistake as mistake:
        raise UserMistake(mistake.code, f"{plan.client_code}: {mistake.sentence} Nothing was imported.") from None


def updated(old: Plan, new: Plan, day: dt.date) -> Plan:
    """The stored plan with what the file says: other wordings, new goals, what was closed. History stays."""
    plan = replace(old, clinician_id=new.clinician_id).described(
        new.start, new.review_due, new.diagnosis, new.frequency
    )
    for goal in new.goals:
        plan = _goal(plan, goal, day)
    changed = replace(plan, version=old.version) != old
    return replace(plan, version=old.version + 1) if changed else old


def _goal(plan: Plan, goal: Goal, day: dt.date) -> Plan:
    if plan.find(goal.id) is None:
        plan = plan.goal_added(goal.wording, goal.opened, goal.id)
    else:
        plan = plan.reworded(goal.id, goal.wording, day)
    for objective in goal.objectives:
        if plan.find(objective.id) is None:
            plan = plan.objective_added(goal.id, objective.wording, objective.opened, objective.id)
        else:
            plan = plan.reworded(objective.id, objective.wording, day)
        plan = _closed(plan, objective)
    return _closed(plan, goal)


def _closed(plan: Plan, item: Objective) -> Plan:
    """As the file says; a file that says nothing of the status leaves what was closed in the chat closed."""
    return plan.closed(item.id, item.status, item.closed) if item.closed else plan


def _kept(merged: Plan, new: Plan) -> tuple[str, ...]:
    named = {item.id for item, _ in new.items()}
    return tuple(item.id for item, _ in merged.open_items() if item.id not in named)
