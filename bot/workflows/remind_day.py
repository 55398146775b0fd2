"""Reminds clinicians of what waits: once a day and person, whoever of several workers is first. Counts only."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.cards import reminder_words as words
from bot.cards.reminder_screens import reminder_card
from bot.day_ports import Standing
from bot.domain.errors import AfternoteError, EffectError, UserMistake
from bot.domain.ids import PersonId
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.domain.preferences import Preferences
from bot.domain.reminder_times import Kind, due
from bot.logs import safe, where
from bot.ports import Act, Chat, Place
from bot.workflows.desk import Desk

_LEASE_SECONDS = 120
_SNOOZE = timedelta(hours=1)
_log = logging.getLogger("afternote.reminders")


async def keep_reminding(desk: Desk, chats: Mapping[str, Chat], holder: str, every: float) -> None:
    """Look every so many seconds, for as long as this runs."""
    while True:
        try:
            await remind_all(desk, chats, holder)
        except AfternoteError as error:
            _log.warning("reminders: %s", safe(error))
        except Exception as error:  # else nobody would be reminded until the next start
            _log.error("reminders: unexpected %s at %s", safe(error), where(error))
        await asyncio.sleep(every)


async def remind_all(desk: Desk, chats: Mapping[str, Chat], holder: str) -> int:
    """Send what is due by now; how many were sent."""
    now = desk.clock.now()
    async with desk.database.reading(desk.id) as unit:
        chosen = {each.person_id: each for each in await unit.choices.all()}
        since = (now - timedelta(days=2)).date()
        settled = {(kind, *row) for kind in Kind for row in await unit.reminders.settled(kind, since)}
    sent = 0
    for person in desk.practice.people:
        place = _place(person, chats)
        if not (person.active and person.writes and place):
            continue
        found = due(chosen.get(person.id, Preferences(person.id)), desk.reviewing.calendar, person.timezone, now)
        if found and (found[0], person.id, found[1]) not in settled:
            sent += await _remind(desk, chats[place.platform], place, person, found[0], now, holder)
    return sent


async def _remind(desk: Desk, chat: Chat, place: Place, person: Person, kind: Kind, now: datetime, holder: str) -> bool:
    held = _Held(person.id, kind, now.astimezone(ZoneInfo(person.timezone)).date(), holder)
    standing = await _claimed(desk, held, now)
    if standing is None:
        return False
    count, overdue = sum(each.count for each in standing), sum(each.overdue for each in standing)
    try:
        if count:
            await chat.post(place, reminder_card(count, overdue))
    except EffectError as error:
        _log.warning("reminder of %s: %s", person.id, error.code)
        await _let_go(desk, held, None)
        return False
    await _let_go(desk, held, now)
    return bool(count)


@dataclass(frozen=True, slots=True)
class _Held:
    """The right to send one reminder."""

    person: PersonId
    kind: Kind
    day: date
    holder: str


async def _claimed(desk: Desk, held: _Held, now: datetime) -> Sequence[Standing] | None:
    """What waits for this person, once the reminder is ours to send; None when it is not."""
    async with desk.database.writing(desk.id) as unit:
        if not await unit.reminders.claim(held.person, held.kind, held.day, held.holder, now, _LEASE_SECONDS):
            return None
        standing = await unit.appointments.standing(now, held.person)
        await unit.commit()
    return standing


async def _let_go(desk: Desk, held: _Held, done_at: datetime | None) -> None:
    """It is done, or, without a time, to be tried again."""
    async with desk.database.writing(desk.id) as unit:
        if done_at:
            await unit.reminders.done(held.person, held.kind, held.day, held.holder, done_at)
        else:
            await unit.reminders.release(held.person, held.kind, held.day, held.holder)
        await unit.commit()


async def snooze(desk: Desk, actor: Person | None, via: str) -> str:
    """Remind again in an hour, if that is today and not in quiet hours; what to tell the person."""
    person = allow(actor, ActKind.CHOOSE)
    until, zone = desk.clock.now() + _SNOOZE, ZoneInfo(person.timezone)
    local = until.astimezone(zone)
    if local.date() != desk.today(person) or desk.reviewing.calendar.quiet_at(local.time()):
        return words.NOT_LATER
    await _choose(desk, person, via, snoozed_until=until)
    return words.PUT_OFF.format(at=f"{local:%H:%M}")


async def choose_reminders(desk: Desk, actor: Person | None, via: str, typed: str) -> str:
    """`on`, `off`, or a time such as 17:30; what to tell the person. Raises UserMistake."""
    person = allow(actor, ActKind.CHOOSE)
    if typed.casefold() == "off":
        await _choose(desk, person, via, remind=False)
        return words.OFF_SAID
    async with desk.database.reading(desk.id) as unit:
        at = (await unit.choices.of(person.id)).remind_at
    if typed.casefold() not in ("", "on"):
        at = _time(typed)
    calendar = desk.reviewing.calendar
    if calendar.quiet_at(at):
        begins, ends = calendar.quiet_from, calendar.quiet_until
        raise UserMistake(
            "quiet_time", words.QUIET.format(at=f"{at:%H:%M}", begins=f"{begins:%H:%M}", ends=f"{ends:%H:%M}")
        )
    if typed:
        await _choose(desk, person, via, remind=True, remind_at=at)
    return words.ON_SAID.format(at=f"{at:%H:%M}")


async def _choose(desk: Desk, person: Person, via: str, **changes: object) -> None:
    async with desk.database.writing(desk.id) as unit:
        before = await unit.choices.of(person.id)
        after = replace(before, **changes)  # pyright: ignore[reportArgumentType]
        if after != before:
            await unit.choices.save(after, desk.clock.now())
            await unit.audit.append(Act(person.id, "reminders chosen", None, 0, "", desk.clock.now(), via))
            await unit.commit()


def _time(typed: str) -> time:
    try:
        return time.fromisoformat(typed.zfill(5))
    except ValueError:
        raise UserMistake("bad_time", words.NO_TIME) from None


def _place(person: Person, chats: Mapping[str, Chat]) -> Place | None:
    platform = next((each for each in chats if person.user_on(each)), None)
    return Place(platform, person.user_on(platform)) if platform else None
