"""A simulated year in three zones, two workers and a downtime: each reminder once, at its local time, no days off."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cards import reminder_words as words
from bot.cards.elements import Card
from bot.domain.appointments import Appointment
from bot.domain.errors import Temporary, UserMistake
from bot.domain.ids import PersonId, new_appointment_id
from bot.domain.note import Session
from bot.domain.people import Account, Role
from bot.domain.preferences import Preferences
from bot.domain.reminder_times import DAY
from bot.domain.review_times import Calendar, ReviewRules
from bot.ports import Place, Posted
from bot.workflows.desk import Desk
from bot.workflows.remind_day import choose_reminders, forget_old, leave_today, remind_all, snooze
from storage.crypto import KeyRing, new_key_ring
from storage.migrate import migrate
from storage.unit_of_work import SqlDatabase
from tests.workflows.factories import ROSA, FixedClock, RecordingChat, desk

START = dt.datetime(2026, 1, 1, 6, tzinfo=dt.UTC)
ZONES = {"chicago": "America/Chicago", "phoenix": "America/Phoenix", "berlin": "Europe/Berlin"}
HOLIDAY = dt.date(2026, 11, 26)
TICK = dt.timedelta(minutes=30)
JULY = (dt.date(2026, 7, 6), dt.date(2026, 7, 19))
QUIET = (dt.time(17), dt.time(18))
EVERYBODY = {**ZONES, "own": "America/Chicago"}
DOWN = (dt.datetime(2026, 5, 6, 21, tzinfo=dt.UTC), dt.datetime(2026, 5, 7, 0, 10, tzinfo=dt.UTC))


def staffed(clock: FixedClock) -> Desk:
    people = [
        replace(ROSA, id=name, name=name, timezone=zone, accounts=(Account("slack", f"U{name}"),))
        for name, zone in EVERYBODY.items()
    ]
    at = desk(clock, people)
    return replace(at, reviewing=ReviewRules(calendar=Calendar(holidays=frozenset({HOLIDAY}))))


async def waits_for(at: Desk, *people: str) -> None:
    async with at.database.writing(at.id) as unit:
        for name in people:
            session = Session(dt.date(2025, 12, 30), dt.time(9), 50)
            listed = Appointment(new_appointment_id(), name, "JD-014", session, EVERYBODY[name])  # type: ignore[arg-type]
            await unit.appointments.add(listed, START)
        await unit.commit()


def local_days(*, off: Callable[[dt.date], bool]) -> list[dt.date]:
    return [day for day in (dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(365)) if not off(day)]


def weekend(day: dt.date) -> bool:
    return day.weekday() > 4 or day == HOLIDAY


EXPECTED: dict[str, list[dt.datetime]] = {
    **{name: [dt.datetime.combine(day, dt.time(17, 30)) for day in local_days(off=weekend)] for name in ZONES},
    # Works from Tuesday to Saturday, is never written to from 17:00 until 18:00, and was away for two weeks in July.
    "own": [
        dt.datetime.combine(day, dt.time(18))
        for day in local_days(off=lambda day: day.weekday() in (6, 0) or day == HOLIDAY or JULY[0] <= day <= JULY[1])
    ],
}
DOWN_DAY = dt.date(2026, 5, 6)


def after_downtime(name: str) -> list[dt.datetime]:
    """What is expected, with that day's reminder when the worker was back: at 19:30 in Chicago, at 17:30 in Phoenix."""
    moved = {"chicago": dt.time(19, 30), "own": dt.time(19, 30)}.get(name)
    return [
        dt.datetime.combine(each.date(), moved) if moved and each.date() == DOWN_DAY else each
        for each in EXPECTED[name]
    ]


async def chooses(at: Desk) -> None:
    async with at.database.writing(at.id) as unit:
        own = Preferences(PersonId("own"), working_days=frozenset({1, 2, 3, 4, 5}), quiet=QUIET)
        await unit.choices.save(own, START)
        await unit.commit()


async def goes_away(at: Desk, until: dt.date) -> None:
    async with at.database.writing(at.id) as unit:
        await unit.choices.save(replace(await unit.choices.of(PersonId("own")), away_until=until), START)
        await unit.commit()


async def test_a_year_in_three_zones_with_two_workers(record_property: Callable[[str, object], None]) -> None:
    clock = FixedClock(START)
    at = staffed(clock)
    await waits_for(at, *EVERYBODY)
    await chooses(at)
    chat = RecordingChat()
    sent: dict[str, list[dt.datetime]] = {name: [] for name in EVERYBODY}
    while clock.at < START + dt.timedelta(days=365):
        if clock.at.astimezone(ZoneInfo(EVERYBODY["own"])).date() == JULY[0]:
            await goes_away(at, JULY[1])
        if not DOWN[0] <= clock.at < DOWN[1]:
            before = set(chat.cards)
            await asyncio.gather(*(remind_all(at, {"slack": chat}, worker) for worker in ("w1", "w2")))
            for posted in set(chat.cards) - before:
                name = posted.channel.removeprefix("D-U")
                sent[name].append(clock.at.astimezone(ZoneInfo(EVERYBODY[name])).replace(tzinfo=None))
        clock.at += TICK
    for name, zone in EVERYBODY.items():
        usual = Counter(f"{moment:%H:%M}" for moment in sent[name])
        record_property(f"table: {name}, {zone}", f"{len(sent[name])} sent, at {dict(usual)}")
        assert sent[name] == after_downtime(name)


async def test_two_workers_on_one_database_send_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'afternote.db'}"
    await migrate(url)
    database = SqlDatabase(url, KeyRing.parse(new_key_ring()))
    clock = FixedClock(dt.datetime(2026, 10, 30, 21, tzinfo=dt.UTC))  # the clocks change on November 1st
    at = replace(staffed(clock), database=database)
    await waits_for(at, "chicago")
    chat = RecordingChat()
    sent: list[str] = []
    while clock.at < dt.datetime(2026, 11, 4, tzinfo=dt.UTC):
        before = len(chat.cards)
        await asyncio.gather(*(remind_all(at, {"slack": chat}, f"w{n}") for n in range(4)))
        sent += [f"{clock.at.astimezone(ZoneInfo('America/Chicago')):%d %H:%M}"] * (len(chat.cards) - before)
        clock.at += TICK
    assert sent == ["30 17:30", "02 17:30", "03 17:30"]


async def test_what_was_missed_comes_late_that_day_but_not_in_quiet_hours() -> None:
    clock = FixedClock(dt.datetime(2026, 6, 3, 0, 30, tzinfo=dt.UTC))  # 19:30 in Chicago, on a Tuesday
    at = staffed(clock)
    await waits_for(at, "chicago")
    chat = RecordingChat()
    assert await remind_all(at, {"slack": chat}, "w1") == 1
    clock.at = dt.datetime(2026, 6, 4, 1, 30, tzinfo=dt.UTC)  # 20:30 the next day
    assert await remind_all(at, {"slack": chat}, "w1") == 0


async def test_nothing_is_said_when_nothing_waits_and_a_chat_that_fails_is_tried_again() -> None:
    clock = FixedClock(dt.datetime(2026, 6, 3, 22, 31, tzinfo=dt.UTC))
    at = staffed(clock)
    chat = RecordingChat()
    assert await remind_all(at, {"slack": chat}, "w1") == 0
    assert not chat.cards
    clock.move(days=1)
    await waits_for(at, "chicago")
    chat.broken = Temporary("slack_busy")
    assert await remind_all(at, {"slack": chat}, "w1") == 0
    chat.broken = None
    assert await remind_all(at, {"slack": chat}, "w2") == 1
    (card,) = chat.cards.values()
    assert card.notice == "1 session waits for its note."
    assert "JD-014" not in repr(card)


async def test_it_is_put_off_once_turned_off_and_moved_but_never_into_quiet_hours() -> None:
    clock = FixedClock(dt.datetime(2026, 6, 3, 22, 31, tzinfo=dt.UTC))
    at = staffed(clock)
    await waits_for(at, "chicago")
    chat = RecordingChat()
    person = at.practice.people[0]
    await remind_all(at, {"slack": chat}, "w1")
    assert "18:31" in await snooze(at, person, "slack")
    assert await remind_all(at, {"slack": chat}, "w1") == 0
    clock.move(minutes=61)
    assert [await remind_all(at, {"slack": chat}, worker) for worker in ("w1", "w2")] == [1, 0]
    with pytest.raises(UserMistake):
        await choose_reminders(at, person, "slack", "22:00")
    with pytest.raises(UserMistake):
        await choose_reminders(at, person, "slack", "soon")
    await choose_reminders(at, person, "slack", "off")
    clock.move(days=1)
    assert await remind_all(at, {"slack": chat}, "w1") == 0
    assert "7:45" in await choose_reminders(at, person, "slack", "7:45")
    async with at.database.reading(at.id) as unit:
        chosen = await unit.choices.of(person.id)
        assert chosen == Preferences(
            person.id, remind_at=dt.time(7, 45), snoozed_until=chosen.snoozed_until, revision=chosen.revision
        )
        assert {act.act for act in await unit.audit.acts()} == {"reminders chosen"}


async def test_it_can_be_put_off_again_and_an_old_card_takes_no_reminder_away() -> None:
    clock = FixedClock(dt.datetime(2026, 6, 3, 15, 0, tzinfo=dt.UTC))  # 10:00 in Chicago
    at = staffed(clock)
    await waits_for(at, "chicago")
    chat = RecordingChat()
    person = at.practice.people[0]
    assert "11:00" in await snooze(at, person, "slack")  # on yesterday's card
    for moment, expected in (("11:00", 1), ("11:01", 0), ("17:29", 0), ("17:30", 1), ("17:31", 0)):
        clock.at = in_chicago(moment)
        assert (moment, await remind_all(at, {"slack": chat}, "w1")) == (moment, expected)
    for moment, again in (("17:35", "18:35"), ("18:36", "19:36")):
        clock.at = in_chicago(moment)
        assert again in await snooze(at, person, "slack")
        assert await remind_all(at, {"slack": chat}, "w1") == 0
        clock.at = in_chicago(again)
        assert [await remind_all(at, {"slack": chat}, worker) for worker in ("w1", "w2")] == [1, 0]


def in_chicago(moment: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2026-06-03T{moment}").replace(tzinfo=ZoneInfo("America/Chicago"))


async def test_one_that_was_put_off_past_its_time_comes_once() -> None:
    clock = FixedClock(in_chicago("17:00"))
    at = staffed(clock)
    await waits_for(at, "chicago")
    chat = RecordingChat()
    await snooze(at, at.practice.people[0], "slack")
    clock.at = in_chicago("17:45")
    assert await remind_all(at, {"slack": chat}, "w1") == 0
    clock.at = in_chicago("18:00")
    assert [await remind_all(at, {"slack": chat}, "w1") for _ in range(2)] == [1, 0]


async def test_not_today_is_until_the_next_working_day() -> None:
    clock = FixedClock(in_chicago("12:00"))
    at = staffed(clock)
    await waits_for(at, "chicago")
    chat = RecordingChat()
    assert "next working day" in await leave_today(at, at.practice.people[0], "slack")
    clock.at = in_chicago("17:31")
    assert await remind_all(at, {"slack": chat}, "w1") == 0
    clock.move(days=1)
    assert await remind_all(at, {"slack": chat}, "w1") == 1


class OnesOwnChat(RecordingChat):
    """Fails for one person with an error nobody foresaw."""

    async def post(self, place: Place, card: Card) -> Posted:
        if place.user == "Uchicago":
            raise ZeroDivisionError
        return await super().post(place, card)


async def test_what_fails_for_one_keeps_nobody_else_waiting(caplog: pytest.LogCaptureFixture) -> None:
    clock = FixedClock(dt.datetime(2026, 6, 4, 0, 31, tzinfo=dt.UTC))  # 19:31 in Chicago, 17:31 in Phoenix
    at = staffed(clock)
    await waits_for(at, "chicago", "phoenix")
    assert await remind_all(at, {"slack": OnesOwnChat()}, "w1") == 1
    assert "chicago" in caplog.text
    assert "JD-014" not in caplog.text


async def test_a_worker_that_died_after_sending_leaves_nothing_to_send_twice() -> None:
    clock = FixedClock(in_chicago("17:31"))
    at = staffed(clock)
    await waits_for(at, "chicago")
    with pytest.raises(asyncio.CancelledError):
        await remind_all(at, {"slack": DiesAfterPosting()}, "w1")
    clock.move(minutes=10)
    assert await remind_all(at, {"slack": RecordingChat()}, "w2") == 0


class DiesAfterPosting(RecordingChat):
    async def post(self, place: Place, card: Card) -> Posted:
        await super().post(place, card)
        raise asyncio.CancelledError


async def test_a_chat_that_did_not_answer_may_have_shown_it_and_is_not_asked_again() -> None:
    clock = FixedClock(in_chicago("17:31"))
    at = staffed(clock)
    await waits_for(at, "chicago")
    chat = RecordingChat()
    chat.broken = Temporary("slack_timeout")
    assert await remind_all(at, {"slack": chat}, "w1") == 0
    chat.broken = None
    assert await remind_all(at, {"slack": chat}, "w1") == 0
    assert not chat.cards


async def test_nothing_is_put_off_that_would_not_be_sent() -> None:
    clock = FixedClock(in_chicago("12:00"))
    at = staffed(clock)
    person = at.practice.people[0]
    assert "no notes" in await snooze(at, replace(person, roles=frozenset({Role.ADMINISTRATOR})), "slack")
    await leave_today(at, person, "slack")
    assert await snooze(at, person, "slack") == words.OFF_TODAY
    await choose_reminders(at, person, "slack", "at 16:45")  # said after “Not today”: they want one
    assert "13:00" in await snooze(at, person, "slack")
    await choose_reminders(at, person, "slack", "off")
    assert "not reminded" in await snooze(at, person, "slack")


async def test_one_workers_downtime_is_made_up_for_by_the_other_at_the_minute() -> None:
    clock = FixedClock(in_chicago("17:20"))
    at = staffed(clock)
    await waits_for(at, "chicago")
    chat, sent = RecordingChat(), list[str]()
    for minute in range(20, 60):
        clock.at = in_chicago(f"17:{minute}")
        for worker in ("w1", "w2") if minute not in range(29, 40) else ("w2",):
            if await remind_all(at, {"slack": chat}, worker):
                sent.append(f"{minute} {worker}")
    assert sent == ["30 w2"]


async def test_times_as_they_are_typed_ones_own_quiet_hours_and_who_writes_no_notes() -> None:
    clock = FixedClock(in_chicago("12:00"))
    at = staffed(clock)
    person = next(each for each in at.practice.people if each.id == "own")
    await chooses(at)
    assert "16:45" in await choose_reminders(at, person, "slack", "4:45 pm")
    for typed, code in (("17:30", "quiet_time"), ("17:30Z", "bad_time"), ("25:00", "bad_time"), ("5", "bad_time")):
        with pytest.raises(UserMistake) as told:
            await choose_reminders(at, person, "slack", typed)
        assert (typed, told.value.code) == (typed, code)
    assert "21:00" in await choose_reminders(at, person, "slack", "21:00")  # the practice's quiet hours are not theirs
    clock.at = in_chicago("16:10")
    assert "quiet" in await snooze(at, person, "slack")
    administrator = replace(person, roles=frozenset({Role.ADMINISTRATOR}))
    assert "write no notes" in await choose_reminders(at, administrator, "slack", "on")


async def test_what_was_sent_long_ago_is_forgotten() -> None:
    clock = FixedClock(in_chicago("17:31"))
    at = staffed(clock)
    await waits_for(at, "chicago")
    await remind_all(at, {"slack": RecordingChat()}, "w1")
    for days, kept in ((29, 2), (2, 0)):
        clock.move(days=days)
        await forget_old(at)
        async with at.database.reading(at.id) as unit:
            assert len(await unit.reminders.settled(DAY, dt.date(2026, 1, 1))) == kept
