"""A calendar's rows on a clinician's list, in SQLite: what becomes of each, and that again changes nothing."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.appointments import Appointment, Attendance, RefusedRow, SessionRow
from bot.domain.errors import NotAllowed
from bot.domain.ids import PersonId
from bot.domain.note import Session
from bot.workflows.desk import Desk
from bot.workflows.import_sessions import BATCH, ImportReport, import_sessions
from bot.workflows.start_draft import NewNote, start_draft
from storage.crypto import KeyRing, new_key_ring
from storage.migrate import migrate
from storage.unit_of_work import SqlDatabase
from tests.workflows.factories import NORA, ROSA, TOBIAS, desk

CHICAGO = "America/Chicago"


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    url = f"sqlite:///{tmp_path / 'afternote.db'}"
    await migrate(url)
    made = replace(desk(), database=SqlDatabase(url, KeyRing.parse(new_key_ring())))
    yield made
    await made.database.close()


def row(key: str, time: str, code: str = "JD-014", day: int = 23, month: int = 11, **more: object) -> SessionRow:
    session = Session(dt.date(2026, month, day), dt.time.fromisoformat(time), 50)
    made = SessionRow(int(key) + 1, f"K-{key}", code, "", session, CHICAGO)
    return replace(made, **more)


async def put(at: Desk, *rows: SessionRow | RefusedRow, keep: bool = True) -> ImportReport:
    return await import_sessions(at, ROSA, iter(rows), "csv", "slack", keep=keep)


async def listed(at: Desk) -> list[Appointment]:
    since, until = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    async with at.database.reading(at.id) as unit:
        return [each.appointment for each in await unit.appointments.between(ROSA.id, since, until, 2000)]


async def test_what_becomes_of_each_row(at: Desk, record_property: Callable[[str, object], None]) -> None:
    first = (row("1", "09:00"), row("2", "11:00", "JD-020"), row("3", "14:00"), row("4", "16:00", "JD-020"))
    assert (await put(at, *first)).counts == {"new": 4}
    before = await listed(at)
    assert (await put(at, *first)).counts == {"same": 4}
    assert await listed(at) == before
    report = await put(
        at,
        row("1", "10:00"),
        row("2", "11:00", "JD-020", attendance=Attendance.CANCELLED),
        row("3", "14:00", attendance=Attendance.NO_SHOW),
        row("4", "16:00", "JD-020", attendance=Attendance.HELD),
        row("5", "10:30", "JD-020"),
        row("6", "08:00", clinician="tobias"),
        row("6", "08:00", "JD-020"),
        row("6", "08:00", "JD-020"),
        RefusedRow(9, "no_client", "It names no client."),
    )
    for one in report.fates:
        record_property(f"line {one.line}", f"{one.fate} {one.about} {one.sentence}")
    told = ["moved", "cancelled", "no_show", "held", "new", "elsewhere", "refused"]  # an ordinary one is only counted
    assert sorted(one.fate for one in report.fates) == sorted(told)
    assert [one.line for one in report.fates if one.overlaps] == [6]
    assert report.counts["same"] == 1
    assert [each.id for each in await listed(at) if each.key.endswith("K-1")] == [before[0].id]
    assert report.counts["new"] == 2
    assert len(await listed(at)) == 6


async def test_a_session_with_a_note_is_neither_moved_nor_cancelled(at: Desk) -> None:
    await put(at, row("1", "09:00"))
    new = NewNote("Ct slept better.", "s", "slack", "soap", "JD-014", replace(row("1", "09:00").session))
    await start_draft(at, ROSA, new)
    (before,) = await listed(at)
    assert before.note_id
    moved = await put(at, row("1", "12:00"))
    cancelled = await put(at, row("1", "09:00", attendance=Attendance.CANCELLED))
    assert (moved.counts, cancelled.counts) == ({"kept": 1}, {"kept": 1})
    assert await listed(at) == [before]


async def test_a_dry_run_keeps_nothing_and_a_long_file_is_put_down_once_a_transaction(at: Desk) -> None:
    rows = [row(str(n), f"{n % 24:02}:{n % 60:02}", f"JD-{n:04}", day=1 + n % 28) for n in range(BATCH + 1)]
    assert (await put(at, *rows, keep=False)).counts == {"new": BATCH + 1}
    assert await listed(at) == []
    await put(at, *rows)
    assert len(await listed(at)) == BATCH + 1
    async with at.database.reading(at.id) as unit:
        assert [act.act for act in await unit.audit.acts()] == ["sessions imported"] * 2


async def test_two_of_a_client_on_the_day_clocks_change_and_in_another_zone_stay_apart(at: Desk) -> None:
    rows = (
        row("1", "01:30", day=1),
        row("2", "03:30", day=1),
        row("3", "03:30", day=1, timezone="America/Denver"),
    )
    assert (await put(at, *rows)).counts == {"new": 3}
    assert (await put(at, *rows)).counts == {"same": 3}
    moments = [each.starts_at.strftime("%H:%M") for each in await listed(at) if each.starts_at]
    assert moments == ["06:30", "09:30", "10:30"]


async def test_only_who_makes_the_schedule_brings_in_others_sessions(at: Desk) -> None:
    with pytest.raises(NotAllowed):
        await import_sessions(at, TOBIAS, iter([row("1", "09:00")]), "csv", "slack", clinician=ROSA.id)
    report = await import_sessions(at, NORA, iter([row("1", "09:00")]), "csv", "slack", clinician=PersonId("rosa"))
    assert report.counts == {"new": 1}
    assert len(await listed(at)) == 1


async def test_the_same_number_in_two_peoples_calendars_is_two_sessions(at: Desk) -> None:
    await put(at, row("1", "09:00"))
    theirs = await import_sessions(at, TOBIAS, iter([row("1", "15:00", "AC-010")]), "csv", "slack")
    assert theirs.counts == {"new": 1}
    assert [(each.clinician_id, each.client_code) for each in await listed(at)] == [(ROSA.id, "JD-014")]


@pytest.mark.parametrize("turned", [False, True])
async def test_where_one_moved_away_another_may_be(at: Desk, turned: bool) -> None:
    await put(at, row("1", "09:00"))
    rows = (row("1", "10:00"), row("2", "09:00"))
    assert (await put(at, *(reversed(rows) if turned else rows))).counts == {"new": 1, "moved": 1}
    assert (await put(at, *rows)).counts == {"same": 2}
    assert len(await listed(at)) == 2


async def test_what_was_written_about_before_it_was_booked_is_told_when_the_calendar_cancels_it(at: Desk) -> None:
    session = row("1", "09:00").session
    await start_draft(at, ROSA, NewNote("Ct slept better.", "s", "slack", "soap", "JD-014", session))
    assert (await put(at, row("1", "09:00", attendance=Attendance.CANCELLED))).counts == {"kept": 1}
    assert [each.attendance for each in await listed(at)] == [Attendance.HELD]
