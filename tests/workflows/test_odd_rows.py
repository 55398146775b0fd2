"""Odd rows of a calendar, from its file to the list: the fate of each is printed, and that of a second import."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards import sessions_words as words
from bot.workflows.desk import Desk
from bot.workflows.import_sessions import Fate, ImportReport, RowFate, import_sessions
from bot.workflows.read_sessions import read_file
from storage.crypto import KeyRing, new_key_ring
from storage.migrate import migrate
from storage.unit_of_work import SqlDatabase
from tests.workflows.factories import ROSA, desk

HEADER = "session_id,client_code,date,start,stop,timezone,status\n"
FIRST = """\
O-1,JD-014,2026-10-19,09:00,09:50,America/Chicago,
O-2,JD-020,2026-10-19,09:30,10:20,America/Chicago,
O-3,JD-021,2026-10-19,11:00,,America/Chicago,
O-4,JD-022,2026-10-20,09:00,09:50,America/Chicago,
O-5,JD-022,2026-10-20,15:00,15:50,America/Chicago,
O-6,JD-023,2026-11-01,01:30,02:20,America/Chicago,
O-7,JD-024,2026-10-21,14:00,14:50,America/Denver,
O-8,JD-025,2026-10-22,09:00,09:50,America/Chicago,
O-9,JD-026,2026-10-22,10:00,10:50,America/Chicago,
"""
SECOND = FIRST.replace("2026-10-22,09:00,09:50,America/Chicago,", "2026-10-23,12:00,12:50,America/Chicago,").replace(
    "2026-10-22,10:00,10:50,America/Chicago,", "2026-10-22,10:00,10:50,America/Chicago,cancelled"
)


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    url = f"sqlite:///{tmp_path / 'afternote.db'}"
    await migrate(url)
    made = replace(desk(), database=SqlDatabase(url, KeyRing.parse(new_key_ring())))
    yield made
    await made.database.close()


async def put(at: Desk, table: str) -> ImportReport:
    kind, rows = read_file(at, (HEADER + table).splitlines(keepends=True), "odd.csv", "America/Chicago")
    return await import_sessions(at, ROSA, rows, kind, "slack")


def told(report: ImportReport, name: str, record: Callable[[str, object], None]) -> dict[int, RowFate]:
    for row in report.fates:
        record(f"{name} {row.line}", f"{row.fate} {row.about} {row.sentence}")
        print(f"{name} import, row {row.line}: {row.fate}, {row.about}. {row.sentence}")  # noqa: T201
    return {row.line: row for row in report.fates}


async def test_each_odd_row_is_told(at: Desk, record_property: Callable[[str, object], None]) -> None:
    first = await put(at, FIRST)
    rows = told(first, "first", record_property)
    assert first.counts == {Fate.NEW: 9}, "two of one client on a day are two"
    said = {line: row.sentence for line, row in rows.items()}
    assert said == {
        3: f"{words.SENTENCES['new']} {words.OVERLAPS}",
        4: f"{words.SENTENCES['new']} {words.ODD['no_end']}",
        7: f"{words.SENTENCES['new']} {words.ODD['clock_change']}",
        8: f"{words.SENTENCES['new']} {words.ODD['other_zone']}",
    }
    second = await put(at, SECOND)
    rows = told(second, "second", record_property)
    assert second.counts == {Fate.SAME: 7, Fate.MOVED: 1, Fate.CANCELLED: 1}
    assert {line: row.fate for line, row in rows.items()} == {9: Fate.MOVED, 10: Fate.CANCELLED}
    again = await put(at, SECOND)
    assert again.counts == {Fate.SAME: 9}
