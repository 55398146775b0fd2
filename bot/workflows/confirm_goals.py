"""The clinician says which goals of the plan the session addressed. Before that, the note claims none."""

from collections.abc import Sequence

from bot.domain.errors import Stale, UserMistake
from bot.domain.ids import NoteId
from bot.domain.note import Note
from bot.domain.people import Person
from bot.domain.plan import goal_statements, worded_anew
from bot.domain.policy import ActKind, allow
from bot.workflows.desk import Desk


async def confirm_goals(
    desk: Desk, actor: Person | None, note_id: NoteId, seen_version: int, goal_ids: Sequence[str], via: str
) -> Note:
    """Name these goals and objectives in the note, each in a sentence of its own; none is an answer too.

    What an earlier answer named is replaced. Raises Stale when the note or the plan moved on, UserMistake when there
    is no plan.
    """
    async with desk.database.writing(desk.id) as unit:
        before = await unit.notes.get(note_id)
        person = allow(actor, ActKind.CHANGE, before)
        plan = await desk.plan_of(unit, before)
        if plan is None:
            raise UserMistake("no_plan", "There is no treatment plan for this client. Open the plan to start one.")
        if set(goal_ids) - {item.id for item, _ in plan.open_items()}:
            raise Stale("stale_plan", "The plan changed while this form was open. Close it and open it again.")
        chosen = tuple(item.id for item, _ in plan.open_items() if item.id in goal_ids)
        named = goal_statements(plan, [each for each in chosen if not worded_anew(before, each)])
        note = before.goals_confirmed(chosen, named)
        if note != before:
            before.seen_at(seen_version)
            await unit.notes.save(note, before)
            await unit.audit.append(desk.act(person.id, "goals confirmed", note, via))
            await unit.commit()
    return note
