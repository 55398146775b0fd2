"""The clinician's own changes to a draft: edited sections, added details, whose session it was, discarding it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.domain import edits
from bot.domain.errors import UserMistake
from bot.domain.ids import NoteId
from bot.domain.links import LinkKind
from bot.domain.note import OPEN, Note
from bot.domain.people import Person
from bot.domain.policy import ActKind
from bot.domain.statements import Slot, Statement, own_words
from bot.drafting.gaps import answered
from bot.drafting.guards import check_client_code
from bot.workflows.change_note import change_note
from bot.workflows.desk import Desk
from bot.workflows.goals_of_note import plan_of_client, with_suggestion


async def revise_note(
    desk: Desk,
    actor: Person | None,
    note_id: NoteId,
    seen_version: int,
    texts: Mapping[str, str],
    via: str,
    reason: str | None = None,
) -> Note:
    """Take over edited sections (section key → text), and the `reason` of an amendment where the form asked for it.

    Raises Stale when the draft moved on since `seen_version`.
    """

    def change(note: Note) -> Note:
        fmt = desk.formats[note.format_id]
        revised = edits.revise(note.statements, fmt, texts)
        why = _reason(note, revised, reason)
        same_form = set(texts) == {section.key for section in fmt.sections}
        same = revised == note.statements and (note.link is None or why in (None, note.link.reason))
        if same_form and same and note.state in OPEN:
            return note  # what is typed stands in the note already, by whichever save came first
        return note.revised(revised, seen_version, why)

    return await change_note(desk, actor, note_id, ActKind.CHANGE, "revised", change, via)


def _reason(note: Note, statements: Sequence[Statement], typed: str | None) -> str | None:
    """Why there is this amendment or retraction, as it reads now; a retraction says nothing else."""
    if note.link is None or note.link.kind is LinkKind.ADDENDUM:
        return None
    if note.link.kind is LinkKind.RETRACTION:
        return "\n".join(statement.text for statement in statements)
    return None if typed is None else typed.strip()


async def add_details(
    desk: Desk,
    actor: Person | None,
    note_id: NoteId,
    seen_version: int,
    answers: Mapping[Slot, str],
    places: Mapping[int, Slot | None],
    via: str,
    gap_answers: Mapping[str, str] | None = None,
) -> Note:
    """Answers become the clinician's own statements; a point gets the slot chosen for it, or None to leave it out.

    `gap_answers`: check id → what was typed to its question.
    """

    def change(note: Note) -> Note:
        points = {point.number: point.text for point in note.unused()}
        own = [own_words(text.strip(), slot) for slot, text in answers.items() if text.strip()]
        placed = [
            replace(own_words(points[number], slot), sources=(number,))
            for number, slot in places.items()
            if slot is not None and number in points
        ]
        left_out = tuple(number for number, slot in places.items() if slot is None and number in points)
        asked = answered(note, desk.profile_for(note), gap_answers or {})
        statements: tuple[Statement, ...] = (*note.statements, *placed, *own, *asked.statements)
        return note.completed(statements, left_out, seen_version, asked.session, asked.settled)

    return await change_note(desk, actor, note_id, ActKind.CHANGE, "details added", change, via)


async def describe_session(
    desk: Desk, actor: Person | None, note_id: NoteId, client_code: str | None, day: dt.date | None, via: str
) -> Note:
    """Say whose session it was, or when; None leaves that part as it is. A client brings the plan's goals along."""
    code = check_client_code(client_code) if client_code else None
    if day:
        check_day(desk, actor, day)
    plan = await plan_of_client(desk, actor, code) if code else None

    def change(note: Note) -> Note:
        session = replace(note.session, date=day) if day else note.session
        described = note.described(code or note.client_code, session)
        return with_suggestion(described, plan) if described.client_code != note.client_code else described

    return await change_note(desk, actor, note_id, ActKind.CHANGE, "described", change, via)


async def discard_note(desk: Desk, actor: Person | None, note_id: NoteId, via: str) -> Note:
    """Give a draft up. Nothing of it is filed."""
    return await change_note(desk, actor, note_id, ActKind.DISCARD, "discarded", lambda note: note.discarded(), via)


def check_day(desk: Desk, actor: Person | None, day: dt.date) -> None:
    """A session's day in the clinician's own zone is today or earlier. Raises UserMistake."""
    zone = ZoneInfo(actor.timezone if actor else desk.practice.timezone)
    if day > desk.clock.now().astimezone(zone).date():
        raise UserMistake("future_date", "That date is still to come. Please give the day the session took place.")
