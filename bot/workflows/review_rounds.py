"""Rounds of review: who is asked, what the index keeps of a round, and when it is looked at again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.cards.review_told import NOBODY_REVIEWS
from bot.domain.checks import RISK_WORDS
from bot.domain.errors import UserMistake
from bot.domain.ids import PersonId
from bot.domain.note import Note
from bot.domain.people import Person, Role
from bot.domain.review import Outcome, Review
from bot.domain.review_times import due_at, step_at
from bot.domain.statements import Origin, names_goal
from bot.domain.supervision import Mode
from bot.ports import UnitOfWork
from bot.practice_ports import ReviewRow
from bot.workflows.desk import Desk
from bot.workflows.review_checks import checked

A_RISK = "risk_words"


def round_for(desk: Desk, author: Person, note: Note, at: datetime) -> Review | None:
    """The round that signing this note opens; None when nobody has to review it.

    A request for changes is answered by another round, whatever the practice's rule is by then. Raises UserMistake when
    somebody has to review it and nobody can.
    """
    asked = [review for review in note.reviews if review.outcome is Outcome.CHANGES]
    supervision = author.supervision
    if supervision is not None and supervision.reviews(note.id):
        mode, named = supervision.mode, supervision.supervisors
    elif asked:
        mode, named = asked[-1].mode, ()
    else:
        return None
    before = (*asked[-1].supervisors, *filter(None, [asked[-1].by])) if asked else ()
    supervisors = able(desk, author.id, (*before, *named)) or able(desk, author.id, desk.reviewing.escalate_to)
    if not supervisors:
        raise UserMistake("needs_supervisor", NOBODY_REVIEWS)
    return Review(mode, note.version, at, supervisors, note.statements)


def able(desk: Desk, author: PersonId, named: Sequence[PersonId]) -> tuple[PersonId, ...]:
    """Of those named, in their order, who can review this author's notes at present."""
    people = (desk.practice.person(person_id) for person_id in dict.fromkeys(named))
    return tuple(person.id for person in people if person and can_review(person) and person.id != author)


def can_review(person: Person) -> bool:
    """Whether somebody is a supervisor of this practice at present."""
    return person.active and Role.SUPERVISOR in person.roles


def opened_row(desk: Desk, note: Note, review: Review) -> ReviewRow:
    """What the index keeps of a round that was just opened."""
    until = desk.due_of(note.clinician_id, note.client_code, note.session)
    row = ReviewRow(
        note_id=note.id,
        round=len(note.reviews),
        clinician=note.clinician_id,
        supervisors=review.supervisors,
        mode=review.mode,
        asked_at=review.asked_at,
        due_at=due_at(desk.reviewing, review.asked_at, desk.practice.timezone, until),
        next_at=review.asked_at,
        changed=changed(note),
        findings=_kept(checked(desk, note).codes),
    )
    return replace(row, next_at=stage_at(desk, row))


def _kept(codes: Sequence[str]) -> tuple[str, ...]:
    """What the index keeps of what is open. Which risk was spoken of is the client's, and stands in the note only."""
    return tuple(dict.fromkeys(A_RISK if code.startswith(RISK_WORDS) else code for code in codes))


def stage_at(desk: Desk, row: ReviewRow) -> datetime:
    """When the round's next stage is, before anybody's quiet hours are looked at."""
    return step_at(desk.reviewing, row.stage, row.asked_at, row.due_at, desk.practice.timezone)


def closed_row(row: ReviewRow, review: Review) -> ReviewRow:
    """What the index keeps of a round once it is decided."""
    return replace(row, outcome=review.outcome, decided_by=review.by, decided_at=review.at, next_at=None)


async def row_of(desk: Desk, unit: UnitOfWork, note: Note) -> ReviewRow:
    """The index's row of the note's last round. The note is what counts: a row that is absent is made anew."""
    rows = await unit.reviews.of(note.id)
    if rows and rows[-1].round == len(note.reviews):
        return rows[-1]
    if note.review is None:
        raise ValueError("this note was never in review")
    return opened_row(desk, note, note.review)


def changed(note: Note) -> int:
    """The share of what stands in the note that its clinician worded, in thousandths. Goals of a plan do not count."""
    counted = [statement for statement in note.statements if not names_goal(statement)]
    own = sum(statement.origin is Origin.CLINICIAN for statement in counted)
    return round(1000 * own / len(counted)) if counted else 0


def cosigns(review: Review) -> bool:
    """Whether the supervisor signs the note, too."""
    return review.mode is Mode.COSIGN
