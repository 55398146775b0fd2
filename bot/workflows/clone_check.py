"""Compares a draft with earlier notes before it is signed. It informs; it never keeps anybody from signing."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.domain.after_filing import is_signed, kind_of
from bot.domain.checks import Cloned
from bot.domain.links import LinkKind
from bot.domain.note import Note, State
from bot.drafting.clones import Earlier, cloned
from bot.ports import UnitOfWork
from bot.workflows.desk import Desk

EARLIER_NOTES = 12
SAME_DAY_NOTES = 60


async def clone_check(desk: Desk, note: Note) -> Cloned | None:
    """What to tell before signing, when much of the note stands in earlier notes; else None."""
    async with desk.database.reading(desk.id) as unit:
        of_client = await _of_client(unit, note)
        of_others = await _of_others(desk, unit, note)
    group = note.session.kind == "group" or note.format_id == "group"
    found = await asyncio.to_thread(cloned, note.statements, _earlier(of_client), _earlier(of_others), group)
    return found if found.much_of_client or found.much_of_others else None


async def _of_client(unit: UnitOfWork, note: Note) -> list[Note]:
    if not note.client_code:
        return []
    notes = await unit.notes.of_client(note.client_code, EARLIER_NOTES + 1)
    return _counting(notes, note)[:EARLIER_NOTES]


async def _of_others(desk: Desk, unit: UnitOfWork, note: Note) -> list[Note]:
    day = note.session.date
    if day is None:
        return []
    person = desk.practice.person(note.clinician_id)
    since = dt.datetime.combine(day, dt.time(), ZoneInfo(person.timezone if person else desk.practice.timezone))
    notes = await unit.notes.of_clinician(note.clinician_id, since.astimezone(dt.UTC), SAME_DAY_NOTES)
    others = [other for other in _counting(notes, note) if other.session.date == day]
    return [other for other in others if other.client_code != note.client_code]


def _counting(notes: Sequence[Note], note: Note) -> list[Note]:
    """What may be told of: not a note that was retracted, whose words are to be written anew where they belong."""
    passed_over = {
        note.id,
        *(n.link.of for n in notes if n.link and is_signed(n) and kind_of(n) is LinkKind.RETRACTION),
    }
    return [n for n in notes if n.id not in passed_over and n.state not in (State.DISCARDED, State.DRAFTING)]


def _earlier(notes: Sequence[Note]) -> list[Earlier]:
    return [Earlier(note.statements, note.session.date) for note in notes]
