"""Asks who writes notes the first three questions, once ever, and never before what they came for."""

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import replace

from bot.cards.first_screens import first_card
from bot.domain.errors import AfternoteError, EffectError, Stale
from bot.domain.ids import NoteId
from bot.domain.note import State
from bot.domain.people import Person
from bot.logs import safe
from bot.ports import Act, Chat, Place, UnitOfWork
from bot.workflows.desk import Desk

_CAME_FOR = dt.timedelta(minutes=10)  # a note begun since then is what they came for: its card stands first
_MOST = 10
_log = logging.getLogger("afternote.settings")


async def ask_first(desk: Desk, chats: Mapping[str, Chat], person: Person | None, platform: str) -> bool:
    """Post the card with the questions; whether this call did. Nothing is raised: it is in nobody's way."""
    user = person.user_on(platform) if person and person.active and person.writes else ""
    if person is None or not user or platform not in chats:
        return False
    try:
        if await _is_waited_for(desk, person) or not await meet(desk, person, platform):
            return False
        await chats[platform].post(Place(platform, user), first_card(platform))
    except EffectError as error:
        _log.warning("first questions to %s: %s", person.id, error.code)
        await _take_back(desk, person, platform)
        return False
    except AfternoteError as error:
        _log.warning("first questions to %s: %s", person.id, safe(error))
        return False
    return True


async def ask_after_draft(desk: Desk, chats: Mapping[str, Chat], note_id: NoteId) -> bool:
    """The same once a note's card stands, in the chat where the note began."""
    try:
        async with desk.database.reading(desk.id) as unit:
            note = await unit.notes.get(note_id)
    except AfternoteError:
        return False
    return await ask_first(desk, chats, desk.practice.person(note.clinician_id), note.source.partition(":")[0])


async def meet(desk: Desk, person: Person, via: str) -> bool:
    """They are asked, or need not be, from now on; whether this call was the first to say so. Raises Temporary."""
    return await _set(desk, person, True, "first questions asked", via)


async def _take_back(desk: Desk, person: Person, via: str) -> None:
    """The chat did not take the card: somebody asks again when they come back."""
    try:
        await _set(desk, person, False, "first questions not asked", via)
    except AfternoteError as error:
        _log.warning("first questions to %s: %s", person.id, safe(error))


async def _set(desk: Desk, person: Person, met: bool, what: str, via: str) -> bool:
    async with desk.database.reading(desk.id) as unit:
        if (await unit.choices.of(person.id)).met == met:
            return False
    try:
        async with desk.database.writing(desk.id) as unit:
            chosen = await unit.choices.of(person.id)
            if chosen.met == met:
                return False
            await unit.choices.save(replace(chosen, met=met), desk.clock.now())
            await unit.audit.append(Act(None, f"{what}: {person.id}", None, 0, "", desk.clock.now(), via))
            await unit.commit()
    except Stale:  # somebody was first
        return False
    return True


async def _is_waited_for(desk: Desk, person: Person) -> bool:
    """Whether a note that they began a moment ago has no card yet; whoever posts that one asks then."""
    since = desk.clock.now() - _CAME_FOR
    async with desk.database.reading(desk.id) as unit:
        begun = await unit.notes.of_clinician(person.id, since, _MOST)
        return any([await _has_no_card(unit, note.id) for note in begun if note.state is not State.DISCARDED])


async def _has_no_card(unit: UnitOfWork, note_id: NoteId) -> bool:
    return not await unit.cards.of(note_id)
