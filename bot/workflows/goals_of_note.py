"""What a treatment plan means to one note: its goals for the draft, a suggestion, and its history once signed."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.ids import NoteId
from bot.domain.links import LinkKind
from bot.domain.note import Note
from bot.domain.people import Person
from bot.domain.plan import Addressed, Plan, goal_statements, standing
from bot.domain.plan_policy import may_read_plan
from bot.drafting.goals import named_goals, suggest_goals
from bot.ports import UnitOfWork
from bot.workflows.desk import Desk


def goals_for(plan: Plan | None) -> tuple[str, ...]:
    """The open goals and objectives as a draft may name them: `Goal 1: …`, `Goal 1, objective 1a: …`."""
    if plan is None:
        return ()
    return tuple(statement.text for statement in goal_statements(plan, [item.id for item, _ in plan.open_items()]))


def with_suggestion(note: Note, plan: Plan | None) -> Note:
    """The note with the goals its points may have addressed. Nothing is claimed by that; a decision is left alone."""
    if plan is None or note.goals is not None:
        return note
    return replace(note, suggested_goals=suggest_goals(note.points, plan))


async def plan_of_client(desk: Desk, actor: Person | None, client_code: str) -> Plan | None:
    """The client's plan, if this person may read it."""
    async with desk.database.reading(desk.id) as unit:
        plan = await unit.plans.get(client_code)
    return plan if may_read_plan(desk.practice, actor, client_code, plan) else None


async def note_signed(desk: Desk, unit: UnitOfWork, note: Note) -> None:
    """Put down in the plan what the signed note addressed: what was confirmed and still stands in it, else what it
    names by number. Harmless when it is there already; part of the transaction that signs.

    A session counts once: an amendment counts in the place of its note, also for goals that are over since; a
    retraction takes its note out, and an addendum changes nothing.
    """
    plan = await desk.plan_of(unit, note)
    if plan is None or note.session.date is None or (note.link and note.link.kind is LinkKind.ADDENDUM):
        return
    signed = plan.without(note.link.of) if note.link else plan
    if note.link is None or note.link.kind is LinkKind.AMENDMENT:
        named = standing(note) if note.goals is not None else named_goals([s.text for s in note.statements], plan)
        ids = _of_plan([*named, *(_over_since(note.link.of, plan) if note.link else ())], plan)
        signed = signed.signed(Addressed(note.id, note.session.date, ids))
    if signed != plan:
        await unit.plans.save(signed, plan)


def _over_since(note_id: NoteId, plan: Plan) -> Sequence[str]:
    """What a note counted for and no note can name any more."""
    still_open = {item.id for item, _ in plan.open_items()}
    return [
        each for entry in plan.addressed if entry.note_id == note_id for each in entry.ids if each not in still_open
    ]


def _of_plan(ids: Sequence[str], plan: Plan) -> tuple[str, ...]:
    return tuple(item.id for item, _ in plan.items() if item.id in ids)
