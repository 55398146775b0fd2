"""Sends administrators the week's counts: once a week and person, whoever of several workers is first. Counts only."""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.cards import digest_words as words
from bot.cards.digest_screens import Line, digest_card
from bot.cards.elements import Card
from bot.domain.digest_times import DIGEST, due_week, week_before
from bot.domain.errors import AfternoteError, EffectError, Temporary, may_have_come
from bot.domain.ids import PersonId
from bot.domain.people import Person
from bot.domain.people_rules import administrators
from bot.domain.policy import ActKind, allow, may
from bot.domain.preferences import Preferences
from bot.logs import safe, where
from bot.ports import Act, Chat, Place
from bot.workflows.desk import Desk

_LEASE_SECONDS = 3600  # who is in no chat yet is tried again after this
_MOST = 100_000  # notes that are looked at
_log = logging.getLogger("afternote.digest")


async def keep_digesting(desk: Desk, chats: Mapping[str, Chat], holder: str, every: float) -> None:
    """Look every so many seconds, for as long as this runs."""
    while True:
        try:
            await send_digests(desk, chats, holder)
        except AfternoteError as error:
            _log.warning("the week's counts: %s", safe(error))
        except Exception as error:  # else nobody would hear of them until the next start
            _log.error("the week's counts: unexpected %s at %s", safe(error), where(error))
        await asyncio.sleep(every)


async def send_digests(desk: Desk, chats: Mapping[str, Chat], holder: str) -> int:
    """Send what is due by now; how many were sent. A week in which nothing waits and nothing was signed has none."""
    now = desk.clock.now()
    monday = due_week(desk.reviewing.calendar, desk.practice.timezone, now)
    waiting = await _waiting(desk, chats, monday) if monday else ()
    if not monday or not waiting:
        return 0
    card = await _card(desk, monday, now)
    sent = 0
    for person, places in waiting:
        sent += await _send(desk, chats, places, card, _Held(person.id, monday, holder))
    return sent


async def stop_digest(desk: Desk, actor: Person | None, via: str) -> str:
    """No more of them for this administrator; what to tell them. Raises NotAllowed."""
    person = allow(actor, ActKind.CHOOSE)
    async with desk.database.writing(desk.id) as unit:
        before = await unit.choices.of(person.id)
        if before.digest:
            await unit.choices.save(replace(before, digest=False), desk.clock.now())
            await unit.audit.append(Act(person.id, "settings chosen", None, 0, "", desk.clock.now(), via))
            await unit.commit()
    return words.OFF_SAID


@dataclass(frozen=True, slots=True)
class _Held:
    """The right to send one week's to one person."""

    person: PersonId
    monday: date
    holder: str


async def _waiting(desk: Desk, chats: Mapping[str, Chat], monday: date) -> Sequence[tuple[Person, Sequence[Place]]]:
    """Administrators who want it, are not away and did not get it yet, and where they are."""
    async with desk.database.reading(desk.id) as unit:
        chosen = {each.person_id: each for each in await unit.choices.all()}
        settled = set(await unit.reminders.settled(DIGEST, monday))
    found: list[tuple[Person, Sequence[Place]]] = []
    for person in administrators(desk.practice):
        wish = chosen.get(person.id, Preferences(person.id))
        places = [Place(each, person.user_on(each)) for each in chats if person.user_on(each)]
        away = wish.away_until and desk.today(person) <= wish.away_until
        if places and wish.digest and not away and (person.id, monday) not in settled:
            found.append((person, places))
    return [each for each in found if may(each[0], ActKind.MEASURE) is None]


async def _card(desk: Desk, monday: date, now: datetime) -> Card | None:
    """None when there is nothing to tell."""
    since, until = week_before(monday, desk.practice.timezone)
    async with desk.database.reading(desk.id) as unit:
        standing = await unit.appointments.standing(now)
        measures = await unit.measures.since(since, None, _MOST)
    waits, overdue, signed = Counter[PersonId](), Counter[PersonId](), Counter[PersonId]()
    for each in standing:
        waits[each.clinician] += each.count
        overdue[each.clinician] += each.overdue
    signed.update(measure.clinician for measure in measures if measure.signed_at < until)
    lines = [
        Line(person.name, waits[person.id], overdue[person.id], signed[person.id])
        for person in desk.practice.people
        if (person.active and person.writes) or waits[person.id] or signed[person.id]
    ]
    if not any(line.waiting or line.signed for line in lines):
        return None
    return digest_card(lines, monday - timedelta(days=7), monday - timedelta(days=1))


async def _send(desk: Desk, chats: Mapping[str, Chat], places: Sequence[Place], card: Card | None, held: _Held) -> bool:
    """Whether it was sent now. A chat that is busy is tried at the next look, one that does not take it in an hour.

    It counts as sent before it is: a worker that dies in between loses it, rather than have it come twice.
    """
    if not await _taken(desk, held):
        return False
    if card is None:
        return False
    try:
        if await _posted(chats, places, card, held.person):
            return True
        await _give_back(desk, held, at_once=False)
    except Temporary as error:
        _log.warning("the week's counts of %s: %s", held.person, error.code)
        if not may_have_come(error):
            await _give_back(desk, held, at_once=True)
    return False


async def _posted(chats: Mapping[str, Chat], places: Sequence[Place], card: Card, person: PersonId) -> bool:
    """In the first chat that takes it. Raises Temporary."""
    for place in places:
        try:
            await chats[place.platform].post(place, card)
        except Temporary:
            raise
        except EffectError as error:
            _log.warning("the week's counts of %s in %s: %s", person, place.platform, error.code)
            continue
        return True
    return False


async def _taken(desk: Desk, held: _Held) -> bool:
    """Whether it is ours, and told as sent."""
    now = desk.clock.now()
    async with desk.database.writing(desk.id) as unit:
        ours = await unit.reminders.claim(held.person, DIGEST, held.monday, held.holder, now, _LEASE_SECONDS)
        if ours:
            await unit.reminders.done(held.person, DIGEST, held.monday, held.holder, now)
            await unit.commit()
    return ours


async def _give_back(desk: Desk, held: _Held, *, at_once: bool) -> None:
    """It was not sent: to be tried at the next look, or once the hour is over."""
    now = desk.clock.now()
    async with desk.database.writing(desk.id) as unit:
        await unit.reminders.release(held.person, DIGEST, held.monday, held.holder)
        if not at_once:
            await unit.reminders.claim(held.person, DIGEST, held.monday, held.holder, now, _LEASE_SECONDS)
        await unit.commit()
