"""What happens while nobody acts on a review: a reminder, the next supervisor is asked too, administrators are told.

A stage is committed here and shown by whoever shows the note: twice is harmless, and what was due during a downtime
comes as one.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.ids import PersonId
from bot.domain.note import Note, State
from bot.domain.people import Person, Role
from bot.domain.review_times import Stage, step, steps
from bot.ports import UnitOfWork
from bot.practice_ports import ReviewRow
from bot.workflows.desk import Desk
from bot.workflows.review_rounds import able, row_of, stage_at

_ACTS = {Stage.REMIND: "review reminded", Stage.ESCALATE: "review escalated", Stage.ADMINISTRATOR: "review escalated"}


async def remind_review(desk: Desk, seen: ReviewRow) -> bool:
    """Do what is due of a round by now; says whether there was anything. `seen`: as it was read. Raises NotFound."""
    now = desk.clock.now()
    if not needs_look(desk, seen, now):
        return False
    async with desk.database.writing(desk.id) as unit:
        note = await unit.notes.get(seen.note_id)
        if note.state is not State.IN_REVIEW:
            return False
        row = await row_of(desk, unit, note)
        if not needs_look(desk, row, now):
            return False
        note, row = await _given(desk, unit, note, row)
        note, row = await _gone_on(desk, unit, note, row, now)
        await unit.reviews.put(replace(row, next_at=next_look(desk, row, now)))
        await unit.commit()
    return True


def needs_look(desk: Desk, row: ReviewRow, now: datetime) -> bool:
    """Whether something is to be done about a round: it is time, or nobody is left who could act."""
    if row.outcome is not None or row.next_at is None:
        return False
    return row.next_at <= now or (not able(desk, row.clinician, row.supervisors) and not is_stuck(desk, row))


def is_stuck(desk: Desk, row: ReviewRow) -> bool:
    """Whether nobody else can be asked, and administrators know."""
    return tells_administrators(desk, row) and not _present(desk, row)


def tells_administrators(desk: Desk, row: ReviewRow) -> bool:
    """Whether the round has come so far that administrators are told of it."""
    return row.outcome is None and row.stage >= len(steps(desk.reviewing))


def next_look(desk: Desk, row: ReviewRow, now: datetime) -> datetime:
    """When the round is looked at again: its next stage, or the end of somebody's quiet hours who is to be reminded.

    A stage is put off to the first moment at which one whom it is for may be written to.
    """
    calendar, nominal = desk.reviewing.calendar, max(stage_at(desk, row), now)
    zones = [person.timezone for person in receivers(desk, row, step(desk.reviewing, row.stage).stage)]
    following = min((calendar.next_open(nominal, zone) for zone in zones), default=nominal)
    waking = [calendar.next_open(now, person.timezone) for person in asked(desk, row)] if row.stage else []
    return min([following, *(moment for moment in waking if moment > now)])


def asked(desk: Desk, row: ReviewRow) -> Sequence[Person]:
    """The supervisors of a round who can act on it at present."""
    people = (desk.practice.person(person_id) for person_id in able(desk, row.clinician, row.supervisors))
    return [person for person in people if person is not None]


def administrators(desk: Desk, row: ReviewRow) -> Sequence[Person]:
    """Whom to tell that nobody acts; of their own notes administrators hear on their cards."""
    people = desk.practice.people
    return [p for p in people if p.active and Role.ADMINISTRATOR in p.roles and p.id != row.clinician]


def receivers(desk: Desk, row: ReviewRow, stage: Stage) -> Sequence[Person]:
    """Whom a stage is for."""
    if stage is Stage.ADMINISTRATOR:
        return administrators(desk, row)
    following = desk.practice.person(after) if stage is Stage.ESCALATE and (after := _next(desk, row)) else None
    return [following] if following else asked(desk, row)


async def _given(desk: Desk, unit: UnitOfWork, note: Note, row: ReviewRow) -> tuple[Note, ReviewRow]:
    """Where nobody who is asked can act any more, the clinician's present supervisors are, else the next in line."""
    if able(desk, row.clinician, row.supervisors):
        return note, row
    others = _present(desk, row)
    if not others:
        return note, replace(row, stage=max(row.stage, len(steps(desk.reviewing))))
    given = note.reassigned(others)
    await unit.notes.save(given, note)
    await unit.audit.append(desk.act(None, "review reassigned", given))
    return given, replace(row, supervisors=others)


async def _gone_on(desk: Desk, unit: UnitOfWork, note: Note, row: ReviewRow, now: datetime) -> tuple[Note, ReviewRow]:
    """All stages that are due by now, as one: what the last one is stands in the audit log."""
    done: list[Stage] = []
    while row.next_at is not None and row.next_at <= now and stage_at(desk, row) <= now:
        done.append(step(desk.reviewing, row.stage).stage)
        if done[-1] is Stage.ESCALATE and (following := _next(desk, row)):
            added = note.reassigned((*row.supervisors, following))
            await unit.notes.save(added, note)
            note, row = added, replace(row, supervisors=added.reviews[-1].supervisors)
        row = replace(row, stage=row.stage + 1)
    if done:
        await unit.audit.append(desk.act(None, _ACTS[max(done, key=list(Stage).index)], note))
    return note, row


def _next(desk: Desk, row: ReviewRow) -> PersonId | None:
    """The next in line who is not asked yet."""
    line = able(desk, row.clinician, desk.reviewing.escalate_to)
    return next((person for person in line if person not in row.supervisors), None)


def _present(desk: Desk, row: ReviewRow) -> tuple[PersonId, ...]:
    author = desk.practice.person(row.clinician)
    named = author.supervision.supervisors if author and author.supervision else ()
    return able(desk, row.clinician, named) or able(desk, row.clinician, desk.reviewing.escalate_to)
