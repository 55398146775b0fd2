"""The backlog follows the notes: what is written, signed, given up or set aside, by whom and how often."""

import datetime as dt
from dataclasses import replace

import pytest

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
