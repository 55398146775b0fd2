"""Reviews: which dialog follows on which button, and what a press or a sent dialog decides. The same in every chat."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.acts.front import Front
from bot.acts.presses import Press
from bot.cards import review_words, words
from bot.cards.elements import Card, Form
from bot.cards.review_forms import (
    APPROVE,
    CHANGES,
    Look,
    comments_form,
    comments_in,
    reassign_form,
    review_form,
    review_message,
    snooze_form,
    supervisors_for,
)
from bot.cards.screens import Shown
from bot.domain.errors import UserMistake
from bot.domain.ids import NoteId, PersonId
from bot.domain.note import Note, State
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.domain.supervision import Mode
from bot.ports import Work
from bot.workflows.desk import Desk, open_note
from bot.workflows.review_note import (
    approve_review,
    open_review,
    reassign_review,
    request_changes,
    snooze_review,
    withdraw_review,
)

TITLES: Mapping[str, str] = {
    "review": review_words.REVIEW_TITLE,
    "review_reassign": review_words.REASSIGN_TITLE,
    "review_snooze": review_words.SNOOZE_TITLE,
    "review_comments": review_words.COMMENTS_TITLE,
}
"""The dialogs, by the button that opens them."""

FORMS = frozenset({"review", "review_reassign", "review_snooze"})
_MORNING = time(8)


def is_review(name: str) -> bool:
    """Whether a button or form is about a review."""
    return name == "review" or name.startswith("review_")


async def open_form(desk: Desk, person: Person | None, name: str, note_id: NoteId, via: str) -> Form:
    """What stands in the dialog that this button opens. Raises UserMistake when it may not, or not any more."""
    match name:
        case "review":
            note, look = await _looked_at(desk, person, note_id, via)
            return review_form(note, _shown(desk, person, note), look)
        case "review_reassign":
            note = (await open_note(desk, note_id)).note
            allow(person, ActKind.REASSIGN, note)
            return reassign_form(note, supervisors_for(note, desk.practice.people))
        case "review_snooze":
            note = (await open_note(desk, note_id)).note
            allow(person, ActKind.SNOOZE, note)
            return snooze_form(note)
        case "review_comments":
            note = (await open_note(desk, note_id)).note
            reader = allow(person, ActKind.VIEW, note)
            return comments_form(note, _shown(desk, reader, note))
        case _:
            raise UserMistake("unknown_action", words.TROUBLE)


async def open_message(desk: Desk, person: Person | None, note_id: NoteId, via: str) -> tuple[Note, Card]:
    """The note as a message for this supervisor's eyes only, where the dialog could not be opened."""
    note, look = await _looked_at(desk, person, note_id, via)
    return note, review_message(note, _shown(desk, person, note), look)


async def do_review_press(front: Front, person: Person | None, pressed: Press) -> None:
    """Do what a button without a dialog says: take a note back, or approve the version that a message showed."""
    desk, via, note_id = front.desk, front.platform, pressed.note_id
    match pressed.action:
        case "review_withdraw":
            await withdraw_review(desk, person, note_id, via)
        case "review_approve" if pressed.item.isdecimal():
            await approve_review(desk, person, note_id, int(pressed.item), (), via)
        case _:
            raise UserMistake("unknown_action", words.TROUBLE)
    await begin_reviewed(front.work, desk, note_id)


async def submit_review(
    desk: Desk, person: Person | None, form: str, note_id: NoteId, version: int, values: Mapping[str, str], via: str
) -> None:
    """Do what a sent dialog says. Raises UserMistake; what was typed is the caller's to keep on the screen."""
    match form:
        case "review":
            await _decide(desk, person, note_id, version, values, via)
        case "review_reassign":
            chosen = PersonId(values.get("supervisor", ""))
            if not chosen:
                raise UserMistake("needs_supervisor", review_words.NEEDS_SUPERVISOR)
            await reassign_review(desk, person, note_id, (chosen,), via)
        case "review_snooze":
            await snooze_review(desk, person, note_id, _hours(desk, person, values.get("until", "")), via)
        case _:
            raise UserMistake("unknown_form", words.TROUBLE)


async def begin_reviewed(work: Work, desk: Desk, note_id: NoteId) -> None:
    """Have filed what is approved by now, and every card shown as it is. Doing so twice is harmless."""
    if (await open_note(desk, note_id)).note.state is State.APPROVED:
        for target in desk.targets:
            await work.file(desk.id, note_id, target)
    await work.show(desk.id, note_id)


def hours_until_morning(now: datetime, timezone: str) -> int:
    """Whole hours until eight in the morning of the next day there; a night with a change of the clocks included."""
    local = now.astimezone(ZoneInfo(timezone))
    morning = datetime.combine(local.date() + timedelta(days=1), _MORNING, ZoneInfo(timezone))
    return math.ceil((morning.timestamp() - now.timestamp()) / 3600)


async def _decide(
    desk: Desk, person: Person | None, note_id: NoteId, version: int, values: Mapping[str, str], via: str
) -> None:
    comments = comments_in(values)
    chosen = values.get("decision", "")
    if chosen not in (APPROVE, CHANGES):
        raise UserMistake("needs_decision", review_words.NEEDS_DECISION)
    decide = approve_review if chosen == APPROVE else request_changes
    await decide(desk, person, note_id, version, comments, via)


def _hours(desk: Desk, person: Person | None, chosen: str) -> int:
    if chosen not in review_words.SNOOZES:
        raise UserMistake("unknown_snooze", words.TROUBLE)
    if chosen.isdecimal():
        return int(chosen)
    return hours_until_morning(desk.clock.now(), person.timezone if person else desk.practice.timezone)


async def _looked_at(desk: Desk, person: Person | None, note_id: NoteId, via: str) -> tuple[Note, Look]:
    note = (await open_review(desk, person, note_id, via)).note
    reviewer = allow(person, ActKind.REVIEW, note)
    mode = note.review.mode if note.review else Mode.APPROVE
    return note, Look(reviewer, review_words.attestation_of(mode), desk.gaps_of(note), desk.set_aside_of(note))


def _shown(desk: Desk, person: Person | None, note: Note) -> Shown:
    return replace(desk.shown(note), timezone=person.timezone if person else desk.practice.timezone)
