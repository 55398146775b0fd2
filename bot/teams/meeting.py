"""Drafts begun before the bot has a direct chat with somebody: what they are told, and what they find there later."""

import datetime as dt

from bot.cards import words
from bot.domain.people import Person
from bot.teams.activity import Activity
from bot.teams.chat import PLATFORM
from bot.teams.front import Teams

_BACK = dt.timedelta(days=365)
_MOST = 50


async def meet(teams: Teams, activity: Activity) -> None:
    """Remember where this person is reached; who is met for the first time finds the drafts that wait for them."""
    person = teams.actor(activity)
    if await teams.meet(activity) and person:
        await _show_waiting(teams, person)


async def pointer(teams: Teams, activity: Activity, *, again: bool = False) -> str:
    """Where the draft of a summary is that was sent from elsewhere. `again`: it was there already."""
    async with teams.front.desk.database.reading(teams.front.desk.id) as unit:
        reached = await unit.conversations.of_user(PLATFORM, activity.user_id.lower())
    if reached is None:
        return words.POINTER_UNMET
    return words.POINTER_AGAIN if again else words.POINTER


async def _show_waiting(teams: Teams, person: Person) -> None:
    """Post the cards that could not be posted, oldest first."""
    desk = teams.front.desk
    async with desk.database.reading(desk.id) as unit:
        notes = await unit.notes.of_clinician(person.id, desk.clock.now() - _BACK, _MOST)
        open_ones = [note.id for note in notes if not note.locked]
        waiting = [note_id for note_id in open_ones if not await unit.cards.of(note_id)]
    for note_id in reversed(waiting):
        await teams.front.work.show(desk.id, note_id)
