"""What every store of a clinician's day promises: sessions, batches, choices, reminders, measures."""

import asyncio
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from bot.day_ports import Batch, BatchNote, Listed, Measure, Span, Standing
from bot.domain.appointments import Appointment, Attendance
from bot.domain.errors import NotFound, Stale
from bot.domain.ids import BatchId, NoteId, new_appointment_id
from bot.domain.note import Session, State
from bot.domain.preferences import Preferences
from bot.ports import Database
from tests.contract.unit_of_work_contract import (
    NASTY,
    NOON,
    OMAR,
    OURS,
    ROSA,
    THEIRS,
    drafted,
    note_of,
    saved,
    signed,
    stored,
)

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TODAY = NOON.date()


def session_of(day: dt.date = TODAY, hour: int = 9, **changes: Any) -> Appointment:
    """A session of Rosa's, in UTC to keep the arithmetic easy, due two days later."""
    session = Session(day, dt.time(hour), 50)
    begins = dt.datetime.combine(day, dt.time(hour), dt.UTC)
    fresh = Appointment(new_appointment_id(), ROSA, "JD-014", session, "UTC", due_at=begins + 2 * DAY)
    return replace(fresh, **changes)


def booked(key: str, **changes: Any) -> Appointment:
    return session_of(origin="ics", key=key, **changes)


async def listed(database: Database, *appointments: Appointment) -> None:
    async with database.writing(OURS) as unit:
        for appointment in appointments:
            await unit.appointments.add(appointment, NOON)
        await unit.commit()


async def changed(database: Database, appointment: Appointment, seen: Appointment) -> Appointment:
    async with database.writing(OURS) as unit:
        await unit.appointments.save(appointment, seen)
        await unit.commit()
    return appointment


class DayContract:
    """A subclass gives the fixture `database`."""

    async def test_a_session_comes_back_as_it_was(self, database: Database) -> None:
        rich = booked(
            NASTY,
            client_code="ÅÄ-1",
            session=Session(TODAY, dt.time(9, 5), None, "couple", "telehealth"),
            timezone="America/Denver",
            attendance=Attendance.NO_SHOW,
            place=NASTY,
            wanted=False,
            settled_at=NOON,
        )
        bare = session_of(client_code="", session=Session(), due_at=None)
        await listed(database, rich, bare)
        async with database.reading(OURS) as unit:
            assert await unit.appointments.get(rich.id) == rich
            assert await unit.appointments.get(bare.id) == bare
        async with database.reading(THEIRS) as unit:
            with pytest.raises(NotFound):
                await unit.appointments.get(rich.id)

    async def test_a_session_is_found_by_its_key_else_by_client_and_time(self, database: Database) -> None:
        one, other = booked("uid-1"), session_of(hour=11)
        await listed(database, one, other)
        moved = booked("uid-1", day=TODAY + DAY)
        from_elsewhere = session_of(origin="csv", key="row-7", client_code="jd-014")
        later = session_of(origin="csv", key="row-8", hour=12)
        strange = booked("uid-2", hour=13)
        async with database.reading(OURS) as unit:
            assert list(await unit.appointments.known([moved, from_elsewhere, later, strange])) == [
                one,
                one,
                None,
                None,
            ]
            assert list(await unit.appointments.on_day(ROSA, "jd-014", TODAY)) == [one, other]
            assert list(await unit.appointments.on_day(OMAR, "JD-014", TODAY)) == []
            assert list(await unit.appointments.known([])) == []

    async def test_a_key_and_a_note_have_one_session(self, database: Database) -> None:
        note = await stored(database, note_of())
        await listed(database, booked("uid-1", note_id=note.id))
        for taken in (booked("uid-1", hour=15), session_of(hour=16, note_id=note.id)):
            with pytest.raises(Stale):
                await listed(database, taken)
        await listed(database, session_of(), session_of())  # without a key, twice is two
        async with database.reading(OURS) as unit:
            found = await unit.appointments.of_note(note.id)
            assert found is not None
            assert found.key == "uid-1"
            assert await unit.appointments.of_note(NoteId("nobody's")) is None

    async def test_a_stale_session_is_not_saved_and_a_removed_one_is_gone(self, database: Database) -> None:
        one = session_of()
        await listed(database, one)
        held = await changed(database, replace(one, attendance=Attendance.HELD), one)
        with pytest.raises(Stale):
            await changed(database, replace(one, wanted=False), one)
        async with database.writing(OURS) as unit:
            await unit.appointments.remove(held.id)
            await unit.appointments.remove(held.id)
            await unit.commit()
        with pytest.raises(NotFound):
            await changed(database, one, held)

    async def test_the_backlog_is_what_has_begun_and_is_not_signed_what_is_due_first_first(
        self, database: Database
    ) -> None:
        note = await stored(database, note_of())
        soon = session_of(TODAY - DAY, note_id=note.id, due_at=NOON + HOUR)
        overdue = session_of(TODAY - 5 * DAY)
        open_end = session_of(TODAY - 9 * DAY, due_at=None)
        no_date = session_of(client_code="", session=Session(), due_at=None)
        others = [
            session_of(TODAY + DAY),
            session_of(TODAY - 2 * DAY, attendance=Attendance.CANCELLED),
            session_of(TODAY - 2 * DAY, wanted=False),
            session_of(TODAY - 2 * DAY, settled_at=NOON),
            session_of(TODAY - 2 * DAY, clinician_id=OMAR),
        ]
        await listed(database, soon, overdue, open_end, no_date, *others)
        until = NOON + HOUR / 2
        async with database.reading(OURS) as unit:
            found = list(await unit.appointments.waiting(ROSA, until, 9))
            assert found == [Listed(overdue), Listed(soon, State.DRAFTING), Listed(open_end), Listed(no_date)]
            assert list(await unit.appointments.waiting(ROSA, until, 2, 1)) == found[1:3]
            standing = {(each.clinician, each.state): each for each in await unit.appointments.standing(until)}
            assert standing == {
                (ROSA, None): Standing(ROSA, None, 3, 1),
                (ROSA, State.DRAFTING): Standing(ROSA, State.DRAFTING, 1, 0),
                (OMAR, None): Standing(OMAR, None, 1, 1),
            }
            assert list(await unit.appointments.standing(until, OMAR)) == [Standing(OMAR, None, 1, 1)]
            assert len(await unit.appointments.between(ROSA, NOON - 3 * DAY, NOON, 99)) == 4

    async def test_spans_tell_how_a_backlog_was(self, database: Database) -> None:
        waits = session_of(TODAY - 5 * DAY)
        settled = session_of(TODAY - 6 * DAY, settled_at=NOON - DAY)
        before = session_of(TODAY - 9 * DAY, settled_at=NOON - 8 * DAY)
        await listed(database, waits, settled, before, session_of(TODAY + DAY), session_of(clinician_id=OMAR))
        async with database.reading(OURS) as unit:
            found = await unit.appointments.spans(ROSA, NOON - 3 * DAY, NOON)
            assert set(found) == {
                Span(ROSA, waits.starts_at or NOON, waits.due_at, None),
                Span(ROSA, settled.starts_at or NOON, settled.due_at, NOON - DAY),
            }
            assert len(await unit.appointments.spans(None, NOON - 3 * DAY, NOON)) == 3

    async def test_notes_of_one_clinician_are_found_by_how_far_they_are(self, database: Database) -> None:
        fresh = await stored(database, note_of())
        draft = await saved(database, drafted(later := await stored(database, note_of(created_at=NOON + HOUR))), later)
        other = await stored(database, note_of(clinician_id=OMAR))
        await saved(database, signed(drafted(other)), other)
        async with database.reading(OURS) as unit:
            assert list(await unit.notes.unsigned(ROSA, 9)) == [(fresh.id, State.DRAFTING), (draft.id, State.DRAFT)]
            assert list(await unit.notes.unsigned(OMAR, 9)) == []
            assert [note.id for note in await unit.notes.recent(OMAR, State.APPROVED, 9)] == [other.id]
            assert list(await unit.notes.recent(ROSA, State.APPROVED, 9)) == []

    async def test_a_batch_knows_its_notes(self, database: Database) -> None:
        batch = Batch(BatchId("b1"), ROSA, NOON, 2, "slack:E1", doubts={2: "several_fit"})
        async with database.writing(OURS) as unit:
            await unit.batches.add(batch)
            await unit.commit()
        first = await stored(database, note_of(batch=batch.id, position=1))
        second = await stored(database, note_of(batch=batch.id, position=2))
        draft = await saved(database, drafted(second), second)
        async with database.reading(OURS) as unit:
            assert await unit.batches.get(batch.id) == batch
            assert (await unit.notes.get(draft.id)).position == 2
            assert list(await unit.batches.notes_of(batch.id)) == [
                BatchNote(first.id, 1, State.DRAFTING),
                BatchNote(second.id, 2, State.DRAFT),
            ]
            assert await unit.batches.by_source("slack:E1") == batch.id
            assert await unit.batches.by_source("") is None
            assert list(await unit.batches.open_ones(9)) == [batch]
        moved = replace(batch, current=1, overview=("slack", "T1", "D1", "1.2"), closed=True, doubts=None)
        async with database.writing(OURS) as unit:
            await unit.batches.save(moved, batch)
            await unit.commit()
        async with database.reading(OURS) as unit:
            assert await unit.batches.get(batch.id) == moved
            assert list(await unit.batches.open_ones(9)) == []
        with pytest.raises(Stale):
            async with database.writing(OURS) as unit:
                await unit.batches.save(replace(moved, current=2), batch)
        with pytest.raises(Stale):
            async with database.writing(OURS) as unit:
                await unit.batches.add(replace(batch, id=BatchId("b2")))

    async def test_choices_are_kept_and_a_stale_one_is_refused(self, database: Database) -> None:
        chosen = Preferences(
            ROSA,
            remind_at=dt.time(18, 15),
            working_days=frozenset({0, 2}),
            quiet=(dt.time(20), dt.time(7)),
            away_until=TODAY,
            snoozed_until=NOON,
            voice="patient",
            minutes_before=17,
            calendar_url="https://calendar.example/secret.ics",
            calendar_etag='"7"',
            calendar_seen=NOON,
            met=True,
            digest=False,
        )
        async with database.writing(OURS) as unit:
            assert await unit.choices.of(ROSA) == Preferences(ROSA)
            await unit.choices.save(chosen, NOON)
            await unit.commit()
        async with database.reading(OURS) as unit:
            assert await unit.choices.of(ROSA) == replace(chosen, revision=1)
            assert list(await unit.choices.all()) == [replace(chosen, revision=1)]
            assert await unit.choices.of(OMAR) == Preferences(OMAR)
        for stale in (chosen, replace(chosen, revision=7)):
            with pytest.raises(Stale):
                async with database.writing(OURS) as unit:
                    await unit.choices.save(stale, NOON)

    async def test_a_reminder_is_claimed_by_one_and_done_once(self, database: Database) -> None:
        async def claim(holder: str, at: dt.datetime = NOON) -> bool:
            async with database.writing(OURS) as unit:
                won = await unit.reminders.claim(ROSA, "day", TODAY, holder, at, 60)
                await unit.commit()
            return won

        assert sorted(await asyncio.gather(*(claim(f"w{n}") for n in range(4)))) == [False, False, False, True]
        assert not await claim("w9", NOON + dt.timedelta(seconds=59))
        assert await claim("w9", NOON + dt.timedelta(seconds=60))
        async with database.writing(OURS) as unit:
            await unit.reminders.release(ROSA, "day", TODAY, "w0")  # not w0's any more
            assert not await unit.reminders.claim(ROSA, "day", TODAY, "w1", NOON + HOUR / 60, 60)
            await unit.reminders.release(ROSA, "day", TODAY, "w9")
            assert await unit.reminders.claim(ROSA, "day", TODAY, "w1", NOON, 60)
            assert not await unit.reminders.done(ROSA, "day", TODAY, "w9", NOON)
            assert await unit.reminders.done(ROSA, "day", TODAY, "w1", NOON)
            assert not await unit.reminders.claim(ROSA, "day", TODAY, "w2", NOON + DAY, 60)
            assert await unit.reminders.claim(ROSA, "digest", TODAY, "w2", NOON, 60)
            assert list(await unit.reminders.settled("day", TODAY)) == [(ROSA, TODAY)]
            assert list(await unit.reminders.settled("day", TODAY + DAY)) == []
            await unit.reminders.release(ROSA, "day", TODAY, "w2")  # not w2's
            assert not await unit.reminders.claim(ROSA, "day", TODAY, "w2", NOON + DAY, 60)
            await unit.reminders.release(ROSA, "day", TODAY, "w1")
            assert await unit.reminders.claim(ROSA, "day", TODAY, "w2", NOON, 60)
            assert await unit.reminders.done(ROSA, "day", TODAY, "w2", NOON)
            await unit.reminders.forget(TODAY + DAY)
            assert list(await unit.reminders.settled("day", TODAY)) == []
            await unit.commit()

    async def test_a_note_is_measured_once_the_last_signing_counts(self, database: Database) -> None:
        note = await stored(database, note_of())
        first = Measure(note.id, ROSA, NOON, NOON + HOUR, same_day=True, changed=125)
        again = replace(first, signed_at=NOON + DAY, same_day=False, changed=300, late=True)
        for measure in (first, again):
            async with database.writing(OURS) as unit:
                await unit.measures.put(measure)
                await unit.commit()
        async with database.reading(OURS) as unit:
            assert list(await unit.measures.since(NOON, ROSA, 9)) == [again]
            assert list(await unit.measures.since(NOON, None, 9)) == [again]
            assert list(await unit.measures.since(NOON, OMAR, 9)) == []
            assert list(await unit.measures.since(NOON + 2 * DAY, None, 9)) == []
