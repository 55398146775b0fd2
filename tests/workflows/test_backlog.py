"""The backlog follows the notes: what is written, signed, given up or set aside, by whom and how often."""

import datetime as dt
from dataclasses import replace

import pytest

from bot.cards.backlog_screens import Counts, Line, backlog_card
from bot.cards.elements import Actions, Remark, Sentence
from bot.domain.appointments import Appointment
from bot.domain.errors import NotAllowed, NotFound, Stale
from bot.domain.ids import new_appointment_id
from bot.domain.note import Session, State
from bot.workflows.approve_note import approve_note
from bot.workflows.backlog import backlog, next_session, own_session, set_aside, take_up
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.list_session import list_unsigned
from bot.workflows.revise_note import describe_session, discard_note
from bot.workflows.start_draft import NewNote, start_draft
from tests.workflows.factories import NORA, ROSA, SUMMARY, TOBIAS, FixedClock, desk

DAY = dt.timedelta(days=1)


async def booked(at: Desk, code: str = "JD-014", ago: int = 3, hour: int = 10) -> Appointment:
    session = Session(at.today(ROSA) - ago * DAY, dt.time(hour), 50, "couple")
    found = Appointment(new_appointment_id(), ROSA.id, code, session, ROSA.timezone, origin="ics", key=f"{code}{hour}")
    async with at.database.writing(at.id) as unit:
        await unit.appointments.add(found, at.clock.now())
        await unit.commit()
    return found


async def states(at: Desk) -> list[tuple[str, State | None]]:
    found = await backlog(at, ROSA)
    assert found.total == len(found.items)
    return [(each.appointment.client_code, each.state) for each in found.items]


async def test_a_note_with_client_and_day_is_that_sessions_and_knows_its_time():
    at = desk()
    session = await booked(at)
    new = NewNote(SUMMARY, "slack:1", "slack", client_code="jd-014", session=Session(session.session.date))
    started = await start_draft(at, ROSA, new)
    note = (await open_note(at, started.note_id)).note
    assert note.session == replace(session.session)
    assert await states(at) == [("JD-014", State.DRAFTING)]
    await draft_note(at, note.id)
    await approve_note(at, ROSA, note.id, 1, "slack")
    assert await states(at) == []


async def test_a_note_for_nothing_that_was_booked_is_on_the_list_until_it_is_signed_or_given_up():
    clock = FixedClock()
    at = desk(clock)
    session = await booked(at)
    started = await start_draft(at, ROSA, NewNote(SUMMARY, "slack:1", "slack"))
    clock.move(minutes=1)
    assert await states(at) == [("JD-014", None), ("", State.DRAFTING)]
    await draft_note(at, started.note_id)
    await describe_session(at, ROSA, started.note_id, "JD-014", session.session.date, "slack")
    assert await states(at) == [("JD-014", State.DRAFT)]
    await describe_session(at, ROSA, started.note_id, "JD-020", None, "slack")
    assert sorted(await states(at), key=str) == [("JD-014", None), ("JD-020", State.DRAFT)]
    await discard_note(at, ROSA, started.note_id, "slack")
    assert await states(at) == [("JD-014", None)]


async def test_two_sessions_of_one_client_on_a_day_get_a_note_each():
    at = desk()
    first, second = await booked(at, hour=10), await booked(at, hour=15)
    for number, session in enumerate((second, first)):
        new = NewNote(
            f"{SUMMARY} {number}",
            f"slack:{number}",
            "slack",
            client_code="JD-014",
            session=Session(session.session.date),
            appointment=session.id,
        )
        note = (await open_note(at, (await start_draft(at, ROSA, new)).note_id)).note
        assert note.session.start == session.session.start
    assert await states(at) == [("JD-014", State.DRAFTING)] * 2


async def test_the_next_one_is_what_is_due_first_without_a_summary():
    at = desk()
    assert await next_session(at, ROSA) is None
    old = await booked(at, "JD-020", ago=9)
    await booked(at)
    found = await next_session(at, ROSA)
    assert found is not None
    assert (found.appointment.id, found.waiting) == (old.id, 2)


async def test_only_ones_own_sessions_are_set_aside_and_only_without_a_note():
    at = desk()
    session = await booked(at)
    for person, refused in ((TOBIAS, NotFound), (NORA, NotAllowed), (None, NotAllowed)):
        with pytest.raises(refused):
            await set_aside(at, person, session.id, "slack")
    await set_aside(at, ROSA, session.id, "slack")
    await set_aside(at, ROSA, session.id, "slack")
    assert await states(at) == []
    await take_up(at, ROSA, session.id, "slack")
    new = NewNote(SUMMARY, "slack:1", "slack", client_code="JD-014", session=session.session)
    await start_draft(at, ROSA, new)
    with pytest.raises(Stale):
        await own_session(at, ROSA, session.id)
    async with at.database.reading(at.id) as unit:
        acts = [act.act for act in await unit.audit.acts()]
    assert acts == ["session set aside", "session taken up", "started"]


async def test_a_sitting_counts_what_was_signed_since_midnight_of_whatever_day():
    clock = FixedClock()  # 14:02 in Chicago
    at = desk(clock)
    for code in ("JD-014", "JD-020"):
        session = await booked(at, code, ago=30)
        new = NewNote(SUMMARY, f"slack:{code}", "slack", client_code=code, session=session.session)
        started = await start_draft(at, ROSA, new)
        await draft_note(at, started.note_id)
        await approve_note(at, ROSA, started.note_id, 1, "slack")
    found = await backlog(at, ROSA)
    assert (found.today, found.signed, found.held) == (2, 0, 0)
    assert (await backlog(at, TOBIAS)).today == 0
    clock.move(hours=9)
    assert (await backlog(at, ROSA)).today == 2
    clock.move(hours=1)  # past midnight there
    assert (await backlog(at, ROSA)).today == 0


def test_the_card_says_each_thing_once_and_a_day_stands_once():
    def line(code: str, day: int, state: str = "", *, overdue: bool = True) -> Line:
        session = Session(dt.date(2026, 11, day), dt.time(10), 50)
        appointment = Appointment(new_appointment_id(), ROSA.id, code, session, ROSA.timezone)
        return Line(appointment, state, overdue)

    late = (line("JD-014", 16), line("MK-003", 19), line("JD-020", 16))
    card = backlog_card(late, Counts((("", 3),), 3, 0, 0, 2))
    texts = [part.text for part in card.elements if isinstance(part, Remark | Sentence)]
    assert texts == [
        "3 sessions wait for their notes, all of them overdue: 3 no summary yet.",
        "2 notes signed today.",
        "Mon 16 Nov: JD-014 10:00; JD-020 10:00",
        "Thu 19 Nov: MK-003 10:00",
    ]
    rows = [number for number, part in enumerate(card.elements) if isinstance(part, Actions)]
    assert rows == [3, 6, 7]  # the one to write for next stands above the list
    mixed = (line("JD-014", 16, "draft"), line("MK-003", 19, overdue=False))
    card = backlog_card(mixed, Counts((("", 1), ("draft", 1)), 1, 0, 0))
    assert Remark("Mon 16 Nov: JD-014 10:00 (draft waiting, overdue)") in card.elements
    assert Remark("Thu 19 Nov: MK-003 10:00") in card.elements


async def test_notes_of_before_there_were_lists_are_put_on_them_once():
    clock = FixedClock()
    at = desk(clock)
    started = [await start_draft(at, ROSA, NewNote(SUMMARY, f"slack:{n}", "slack", "dap")) for n in range(60)]
    await draft_note(at, started[0].note_id)
    await discard_note(at, ROSA, started[1].note_id, "slack")
    async with at.database.writing(at.id) as unit:  # as an earlier release left them
        for each in started:
            if found := await unit.appointments.of_note(each.note_id):
                await unit.appointments.remove(found.id)
        await unit.commit()
    clock.move(minutes=1)
    assert await states(at) == []
    assert [await list_unsigned(at), await list_unsigned(at)] == [59, 0]
    assert {each.state: each.count for each in (await backlog(at, ROSA)).standing} == {
        State.DRAFT: 1,
        State.DRAFTING: 58,
    }
