"""Reminds clinicians of what waits: once a day and person, whoever of several workers is first. Counts only."""

import asyncio
import logging
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.calendars.moments import parse_clock
from bot.cards import reminder_words as words
from bot.cards.reminder_screens import reminder_card
from bot.day_ports import Standing
from bot.domain.errors import AfternoteError, EffectError, UserMistake, may_have_come
from bot.domain.ids import PersonId
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.domain.preferences import Preferences
from bot.domain.reminder_times import DAY, due, is_off, quiet_hours, snoozed
from bot.logs import safe, where
from bot.ports import Act, Chat, Place, UnitOfWork
from bot.workflows.desk import Desk

_LEASE_SECONDS = 120
_SNOOZE = timedelta(hours=1)
_KEPT = timedelta(days=30)
_log = logging.getLogger("afternote.reminders")


async def keep_reminding(desk: Desk, chats: Mapping[str, Chat], holder: str, every: float) -> None:
    """Look every so many seconds, for as long as this runs, and once a day forget what was sent long ago."""
    forgotten: date | None = None
    while True:
        try:
            await remind_all(desk, chats, holder)
            if forgotten != (today := desk.clock.now().date()):
                await forget_old(desk)
                forgotten = today
        except AfternoteError as error:
            _log.warning("reminders: %s", safe(error))
        except Exception as error:  # else nobody would be reminded until the next start
            _log.error("reminders: unexpected %s at %s", safe(error), where(error))
        await asyncio.sleep(every)


async def forget_old(desk: Desk) -> None:
    """Drop what was sent more than a month ago."""
    async with desk.database.writing(desk.id) as unit:
        await unit.reminders.forget((desk.clock.now() - _KEPT).date())
        await unit.commit()


async def remind_all(desk: Desk, chats: Mapping[str, Chat], holder: str) -> int:
    """Send what is due by now; how many were sent. What fails for one person keeps nobody else waiting."""
    now = desk.clock.now()
    async with desk.database.reading(desk.id) as unit:
        chosen = {each.person_id: each for each in await unit.choices.all()}
        settled = await _settled(unit, chosen.values(), (now - timedelta(days=2)).date())
    sent = 0
    for person in desk.practice.people:
        place = _place(person, chats)
        if not (person.active and person.writes and place):
            continue
        own = chosen.get(person.id, Preferences(person.id))
        try:
            day, kinds = due(own, desk.reviewing.calendar, person.timezone, now)
            if owed := tuple(kind for kind in kinds if (kind, person.id, day) not in settled):
                sent += await _remind(desk, chats[place.platform], place, _Owed(person.id, owed, day, holder), now)
        except AfternoteError as error:
            _log.warning("reminder of %s: %s", person.id, safe(error))
        except Exception as error:  # nobody after them would be reminded
            _log.error("reminder of %s: unexpected %s at %s", person.id, safe(error), where(error))
    return sent


@dataclass(frozen=True, slots=True)
class _Owed:
    """What one message to a person settles on their day, and which worker is about to send it."""

    person: PersonId
    kinds: Sequence[str]
    day: date
    holder: str


async def _settled(
    unit: UnitOfWork, chosen: Iterable[Preferences], since: date
) -> Container[tuple[str, PersonId, date]]:
    """(kind, person, day) of what was sent."""
    kinds = {DAY, *(snoozed(each.snoozed_until) for each in chosen if each.snoozed_until)}
    return {(kind, *row) for kind in kinds for row in await unit.reminders.settled(kind, since)}


async def _remind(desk: Desk, chat: Chat, place: Place, owed: _Owed, now: datetime) -> bool:
    standing = await _taken(desk, owed, now)
    count, overdue = sum(each.count for each in standing), sum(each.overdue for each in standing)
    if not count:
        return False
    try:
        await chat.post(place, reminder_card(count, overdue))
    except EffectError as error:
        _log.warning("reminder of %s: %s", owed.person, error.code)
        if not may_have_come(error):
            await _give_back(desk, owed)
        return False
    return True


async def _taken(desk: Desk, owed: _Owed, now: datetime) -> Sequence[Standing]:
    """What waits for this person, with the reminder told as sent; nothing when another worker has it.

    It counts as sent before it is: a worker that dies in between loses a reminder, rather than have one come twice.
    """
    async with desk.database.writing(desk.id) as unit:
        for kind in owed.kinds:
            if not await unit.reminders.claim(owed.person, kind, owed.day, owed.holder, now, _LEASE_SECONDS):
                return ()
            await unit.reminders.done(owed.person, kind, owed.day, owed.holder, now)
        standing = await unit.appointments.standing(now, owed.person)
        await unit.commit()
    return standing


async def _give_back(desk: Desk, owed: _Owed) -> None:
    """It was not sent, and is tried again at the next look."""
    async with desk.database.writing(desk.id) as unit:
        for kind in owed.kinds:
            await unit.reminders.release(owed.person, kind, owed.day, owed.holder)
        await unit.commit()


async def snooze(desk: Desk, actor: Person | None, via: str) -> str:
    """Remind again in an hour, if that is today and not in quiet hours; what to tell the person."""
    person = allow(actor, ActKind.CHOOSE)
    until, zone = desk.clock.now() + _SNOOZE, ZoneInfo(person.timezone)
    local = until.astimezone(zone)
    if not person.writes:
        return words.WRITES_NONE
    chosen = await _chosen(desk, person)
    if not chosen.remind:
        return words.OFF_NOW.format(at=f"{chosen.remind_at:%H:%M}")
    if is_off(chosen, desk.reviewing.calendar, desk.today(person)):
        return words.OFF_TODAY
    quiet = quiet_hours(chosen, desk.reviewing.calendar)
    if local.date() != desk.today(person) or quiet.quiet_at(local.time()):
        return words.NOT_LATER
    await _choose(desk, person, via, snoozed_until=until)
    return words.PUT_OFF.format(at=f"{local:%H:%M}")


async def leave_today(desk: Desk, actor: Person | None, via: str) -> str:
    """No more reminders today; what to tell the person."""
    person = allow(actor, ActKind.CHOOSE)
    today, away = desk.today(person), (await _chosen(desk, person)).away_until
    await _choose(desk, person, via, away_until=max(today, away or today))
    return words.LEFT_TODAY


async def choose_reminders(desk: Desk, actor: Person | None, via: str, typed: str) -> str:
    """`on`, `off`, or a time such as 17:30 or 5:30 pm; what to tell the person. Raises UserMistake."""
    person = allow(actor, ActKind.CHOOSE)
    if not person.writes:
        return words.WRITES_NONE
    if typed.casefold() == "off":
        await _choose(desk, person, via, remind=False)
        return words.OFF_SAID
    chosen = await _chosen(desk, person)
    at = chosen.remind_at
    if typed.casefold() not in ("", "on"):
        at = _time(typed)
    quiet = quiet_hours(chosen, desk.reviewing.calendar)
    if quiet.quiet_at(at):
        begins, ends = quiet.quiet_from, quiet.quiet_until
        raise UserMistake(
            "quiet_time", words.QUIET.format(at=f"{at:%H:%M}", begins=f"{begins:%H:%M}", ends=f"{ends:%H:%M}")
        )
    if typed:
        away = None if chosen.away_until == desk.today(person) else chosen.away_until  # “Not today” is over by this
        await _choose(desk, person, via, remind=True, remind_at=at, away_until=away)
    elif not chosen.remind:
        return words.OFF_NOW.format(at=f"{at:%H:%M}")
    return words.ON_SAID.format(at=f"{at:%H:%M}")


async def _chosen(desk: Desk, person: Person) -> Preferences:
    async with desk.database.reading(desk.id) as unit:
        return await unit.choices.of(person.id)


async def _choose(desk: Desk, person: Person, via: str, **changes: object) -> None:
    async with desk.database.writing(desk.id) as unit:
        before = await unit.choices.of(person.id)
        after = replace(before, **changes)  # pyright: ignore[reportArgumentType]
        if after != before:
            await unit.choices.save(after, desk.clock.now())
            await unit.audit.append(Act(person.id, "reminders chosen", None, 0, "", desk.clock.now(), via))
            await unit.commit()


def _time(typed: str) -> time:
    clock = parse_clock(typed.casefold().removeprefix("at "))
    if clock is None or clock[1] is not None:  # a distance from UTC: their zone is on the roster
        raise UserMistake("bad_time", words.NO_TIME)
    return clock[0]


def _place(person: Person, chats: Mapping[str, Chat]) -> Place | None:
    platform = next((each for each in chats if person.user_on(each)), None)
    return Place(platform, person.user_on(platform)) if platform else None
