"""A simulated year in three zones, two workers and a downtime: each reminder once, at its local time, no days off."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.domain.appointments import Appointment
from bot.domain.errors import Temporary, UserMistake
from bot.domain.ids import new_appointment_id
from bot.domain.note import Session
from bot.domain.people import Account
from bot.domain.preferences import Preferences
from bot.domain.review_times import Calendar, ReviewRules
from bot.workflows.desk import Desk
from bot.workflows.remind_day import choose_reminders, remind_all, snooze
from tests.workflows.factories import ROSA, FixedClock, RecordingChat, desk

START = dt.datetime(2026, 1, 1, 6, tzinfo=dt.UTC)
ZONES = {"chicago": "America/Chicago", "phoenix": "America/Phoenix", "berlin": "Europe/Berlin"}
HOLIDAY = dt.date(2026, 11, 26)
TICK = dt.timedelta(minutes=30)
DOWN = (dt.datetime(2026, 5, 6, 21, tzinfo=dt.UTC), dt.datetime(2026, 5, 7, 0, 10, tzinfo=dt.UTC))


def staffed(clock: FixedClock) -> Desk:
    people = [
        replace(ROSA, id=name, name=name, timezone=zone, accounts=(Account("slack", f"U{name}"),))
        for name, zone in ZONES.items()
    ]
    at = desk(clock, people)
    return replace(at, reviewing=ReviewRules(calendar=Calendar(holidays=frozenset({HOLIDAY}))))


async def waits_for(at: Desk, *people: str) -> None:
    async with at.database.writing(at.id) as unit:
        for name in people:
            session = Session(dt.date(2025, 12, 30), dt.time(9), 50)
            listed = Appointment(new_appointment_id(), name, "JD-014", session, ZONES[name])  # type: ignore[arg-type]
            await unit.appointments.add(listed, START)
        await unit.commit()


async def test_a_year_in_three_zones_with_two_workers(record_property: Callable[[str, object], None]) -> None:
    clock = FixedClock(START)
    at = staffed(clock)
    await waits_for(at, *ZONES)
    chat = RecordingChat()
    sent: list[tuple[str, dt.datetime]] = []
    while clock.at < START + dt.timedelta(days=365):
        if not DOWN[0] <= clock.at < DOWN[1]:
            before = set(chat.cards)
            await asyncio.gather(*(remind_all(at, {"slack": chat}, worker) for worker in ("w1", "w2")))
            sent += [(posted.channel.removeprefix("D-U"), clock.at) for posted in chat.cards if posted not in before]
        clock.at += TICK
    for name, zone in ZONES.items():
        local = [moment.astimezone(ZoneInfo(zone)) for who, moment in sent if who == name]
        days = [moment.date() for moment in local]
        assert max(Counter(days).values()) == 1
        assert all(day.weekday() < 5 and day != HOLIDAY for day in days)
        late = [moment for moment in local if moment.time() != dt.time(17, 30)]
        expected = [
            day
            for day in (dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(365))
            if day.weekday() < 5 and day != HOLIDAY
        ]
        missed = sorted(set(expected) - set(days))
        record_property(f"table: {zone}", f"{len(days)} sent, late {[str(each) for each in late]}, missed {missed}")
        assert len(late) <= 1
        assert all(moment.time() < dt.time(20) for moment in late)
        assert len(missed) <= 1


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
