"""The week's counts: once a week and administrator, by two workers, also when nothing ran at the minute."""

import asyncio
import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.day_ports import Measure
from bot.domain.appointments import Appointment
from bot.domain.errors import NotAllowed, Permanent, Temporary
from bot.domain.ids import new_appointment_id
from bot.domain.note import Session
from bot.domain.people import Account, Role
from bot.domain.review_times import Calendar, ReviewRules
from bot.workflows.desk import Desk
from bot.workflows.digest import send_digests, stop_digest
from bot.workflows.settings import change_settings, own_settings
from bot.workflows.start_draft import NewNote, start_draft
from tests.workflows.factories import (
    ASSOCIATE,
    CANARY,
    MIRIAM,
    NORA,
    ROSA,
    SUMMARY,
    TOBIAS,
    FixedClock,
    RecordingChat,
    desk,
    person,
)

CHICAGO = ZoneInfo("America/Chicago")
MONDAY = dt.datetime(2026, 11, 23, 8, tzinfo=CHICAGO)
OLGA = person("olga", Role.ADMINISTRATOR, Role.CLINICIAN)
CODE = "JD-014"


def practice(clock: FixedClock, holidays: frozenset[dt.date] = frozenset()) -> Desk:
    at = desk(clock, (ROSA, TOBIAS, NORA, OLGA, ASSOCIATE, MIRIAM))
    return replace(at, reviewing=ReviewRules(calendar=Calendar(holidays=holidays)))


async def lived_in(at: Desk) -> None:
    """Two sessions of Rosa's wait, one of them overdue; Tobias signed one last week and one today."""
    notes = [(await start_draft(at, TOBIAS, NewNote(SUMMARY, f"slack:{n}", "slack"))).note_id for n in range(2)]
    async with at.database.writing(at.id) as unit:
        for day, due in ((2, dt.timedelta(days=1)), (3, dt.timedelta(days=360))):
            session = Session(dt.date(2026, 1, day), dt.time(9), 50)
            begun = dt.datetime(2026, 1, day, 15, tzinfo=dt.UTC)
            listed = Appointment(new_appointment_id(), ROSA.id, CODE, session, "America/Chicago", due_at=begun + due)
            await unit.appointments.add(listed, begun)
        for note_id, signed in zip(notes, (MONDAY - dt.timedelta(days=3), MONDAY), strict=True):
            await unit.measures.put(Measure(note_id, TOBIAS.id, signed, signed, True, 0))
        await unit.commit()


def clock_at(local: dt.datetime) -> FixedClock:
    return FixedClock(local.astimezone(dt.UTC))


async def test_both_administrators_once_a_week_for_a_quarter_with_two_workers() -> None:
    clock, chat = clock_at(dt.datetime(2026, 9, 28, 0, tzinfo=CHICAGO)), RecordingChat()
    at = practice(clock)
    await lived_in(at)
    sent: list[dt.datetime] = []
    down = (dt.datetime(2026, 10, 12, 0, tzinfo=CHICAGO), dt.datetime(2026, 10, 13, 9, 30, tzinfo=CHICAGO))
    while clock.at < dt.datetime(2026, 12, 21, 0, tzinfo=CHICAGO):
        if not down[0] <= clock.at < down[1]:
            count = await asyncio.gather(*(send_digests(at, {"slack": chat}, worker) for worker in ("w1", "w2")))
            sent += [clock.at.astimezone(CHICAGO)] * sum(count)
        clock.move(minutes=30)
    mondays = [dt.datetime(2026, 9, 28, 8, tzinfo=CHICAGO) + dt.timedelta(weeks=week) for week in range(12)]
    expected = [dt.datetime(2026, 10, 13, 9, 30, tzinfo=CHICAGO) if each.day == 12 else each for each in mondays]
    assert sent[::2] == expected
    assert sent[::2] == sent[1::2]
    assert {posted.channel for posted in chat.cards} == {"D-Unora", "D-Uolga"}


async def test_counts_by_clinician_and_nothing_of_a_client() -> None:
    clock, chat = clock_at(MONDAY), RecordingChat()
    at = practice(clock)
    await lived_in(at)
    assert await send_digests(at, {"slack": chat}, "w1") == 2
    card = next(iter(chat.cards.values()))
    assert card.notice == "The week's counts: 2 waiting for a note, 1 overdue, 1 signed last week."
    assert "Rosa: 2 waiting, 1 overdue, 0 signed" in repr(card)
    assert "Tobias: 0 waiting, 0 overdue, 1 signed" in repr(card)
    assert CODE not in repr(card)
    assert CANARY not in repr(card)
    assert not any(name in card.notice for name in ("Rosa", "Tobias"))


async def test_not_before_eight_not_on_a_holiday_and_not_when_there_is_nothing() -> None:
    clock, chat = clock_at(MONDAY - dt.timedelta(minutes=1)), RecordingChat()
    at = practice(clock)
    assert await send_digests(at, {"slack": chat}, "w1") == 0
    clock.move(minutes=1)
    assert await send_digests(at, {"slack": chat}, "w1") == 0
    assert not chat.cards
    closed = practice(clock, frozenset({MONDAY.date()}))
    await lived_in(closed)
    assert await send_digests(closed, {"slack": chat}, "w1") == 0
    clock.move(days=1)
    assert await send_digests(closed, {"slack": chat}, "w1") == 2


async def test_a_chat_that_fails_is_tried_again_and_who_wants_none_gets_none() -> None:
    clock, chat = clock_at(MONDAY), RecordingChat(broken=Temporary("slack_busy"))
    at = practice(clock)
    await lived_in(at)
    await stop_digest(at, OLGA, "slack")
    assert await send_digests(at, {"slack": chat}, "w1") == 0
    chat.broken = None
    assert await send_digests(at, {"slack": chat}, "w2") == 1
    assert {posted.channel for posted in chat.cards} == {"D-Unora"}
    held = await own_settings(at, OLGA)
    back = replace(held.as_wanted(at.reviewing.calendar), digest=True)
    await change_settings(at, OLGA, back, 0, held.chosen.revision, "slack")
    assert await send_digests(at, {"slack": chat}, "w1") == 1
    with pytest.raises(NotAllowed):
        await stop_digest(at, None, "slack")


async def test_who_is_out_of_reach_in_one_chat_is_sent_it_in_the_other_and_else_hourly() -> None:
    clock = clock_at(MONDAY)
    both = replace(NORA, accounts=(Account("slack", "Unora"), Account("teams", "Tnora")))
    at, slack, teams = desk(clock, (ROSA, TOBIAS, both)), RecordingChat(broken=Permanent("gone")), RecordingChat()
    await lived_in(at)
    teams.broken = Permanent("teams_unmet")
    assert [await send_digests(at, {"slack": slack, "teams": teams}, worker) for worker in ("w1", "w2")] == [0, 0]
    teams.broken = None
    assert await send_digests(at, {"slack": slack, "teams": teams}, "w1") == 0
    clock.move(minutes=61)
    assert [await send_digests(at, {"slack": slack, "teams": teams}, worker) for worker in ("w1", "w2")] == [1, 0]
    assert len(teams.cards) == 1
