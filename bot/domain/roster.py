"""A practice's people from two sources: its file, and what an administrator set since, in the chat or a terminal.

Somebody who was set is taken from there as a whole, with their supervision; the file speaks for everybody else.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.people import Person, Practice
from bot.domain.supervision import Supervision

CHANGED = (
    "Somebody changed this person while your form was open, so nothing was overwritten. Copy what you typed, close "
    "this, and open the person again."
)

OWN_CHANGED = (
    "An administrator changed your entry while this was open, so nothing was overwritten. Copy what you typed, close "
    "this, and open your settings again."
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody as an administrator set them. `revision` counts from 1; `supervision` is of their own notes."""

    person: Person
    supervision: Supervision | None = None
    revision: int = 0


def merged(filed: Practice, members: Sequence[Member], day: dt.date) -> Practice:
    """The practice of its file with what was set since, and the supervision in force on this day."""
    by_id = {member.person.id: member for member in members}
    people = [by_id.pop(person.id).person if person.id in by_id else person for person in filed.people]
    people += [member.person for member in by_id.values()]
    set_ids = {member.person.id for member in members}
    supervision = [each for each in filed.supervision if each.clinician not in set_ids]
    supervision += [member.supervision for member in members if member.supervision]
    return replace(filed, people=tuple(people), supervision=tuple(supervision)).on(day)
