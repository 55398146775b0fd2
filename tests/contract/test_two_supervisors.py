"""Two supervisors at the same moment, 200 times: one decision each time, and the other hears whose it was."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.domain.ids import NoteId
from bot.domain.note import Note, State, signatures_complete
from bot.executors import AloneOnSqlite, AlreadyRunning
from bot.workflows.desk import Desk, open_note
from storage.crypto import KeyRing, new_key_ring
from storage.migrate import migrate, upgrade
from storage.unit_of_work import SqlDatabase
from tests.contract.reviewing import AUTHOR, SECOND, desk_on, pressed
from tests.contract.servers import postgres
from tests.contract.sql_practice import administer
from tests.workflows.factories import MIRIAM
from tests.workflows.group_practice import DRAFT
from tests.workflows.test_review import acts_of, signed

TIMES = 200
DECISIONS = ("co-signed", "changes requested")


async def submitted(at: Desk, number: int) -> Note:
    """A note of the associate in review; put there without a drafter, for there are many."""
    now = at.clock.now() + timedelta(seconds=number)
    begun = Note(NoteId(f"note{number}"), at.id, AUTHOR.id, State.DRAFTING, "soap", "Typed.", now, "JD-014")
    async with at.database.writing(at.id) as unit:
        await unit.notes.add(begun)
        await unit.notes.save(begun.drafted(DRAFT), begun)
        await unit.commit()
    return await signed(at, begun.id, AUTHOR)


async def check_decided_once(at: Desk, note_id: NoteId, answers: Sequence[str]) -> None:
    opened = await open_note(at, note_id)
    note = opened.note
    decided = [answer for answer in answers if answer.startswith("decided")]
    assert len(decided) == 1, answers
    assert decided == [f"decided {note.state}"]
    assert note.review
    by = {MIRIAM.id: MIRIAM, SECOND.id: SECOND}[note.review.by or AUTHOR.id]
    told = next(answer for answer in answers if answer not in decided)
    assert told.startswith(f"{by.name} "), told
    assert sum(act in DECISIONS for act in await acts_of(at, note_id)) == 1
    assert signatures_complete(note) == bool(opened.filings) == (note.state is State.APPROVED)
    assert [row.outcome for row in opened.rounds] == [note.review.outcome]


@pytest.fixture
async def on_sqlite(tmp_path: Path) -> AsyncIterator[Desk]:
    url = f"sqlite:///{tmp_path / 'afternote.db'}"
    await migrate(url)
    database = SqlDatabase(url, KeyRing.parse(new_key_ring()))
    yield desk_on(database)
    await database.close()


async def test_at_once_on_sqlite_where_a_second_process_is_refused(on_sqlite: Desk, tmp_path: Path) -> None:
    for number in range(TIMES):
        note = await submitted(on_sqlite, number)
        ways = [(MIRIAM, number % 3 > 0), (SECOND, (number + 1) % 3 > 0)]
        done = await asyncio.gather(
            *(pressed(on_sqlite, person, note.id, note.version, approves=yes) for person, yes in ways)
        )
        answers = [each if isinstance(each, str) else f"decided {each.state}" for each in done]
        await check_decided_once(on_sqlite, note.id, answers)
    async with on_sqlite.database.reading(on_sqlite.id) as unit:
        assert await unit.audit.verify() is None
    first, second = (AloneOnSqlite(tmp_path / "afternote-work.db") for _ in range(2))
    first.hold()
    with pytest.raises(AlreadyRunning):
        second.hold()
    first.release()


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with postgres() as address:
        administer(address, "CREATE DATABASE reviewing")
        url = make_url(address).set(database="reviewing").render_as_string(hide_password=False)
        upgrade(url)
        yield url


async def test_at_once_in_two_processes_on_postgresql(postgres_url: str) -> None:
    keys = new_key_ring()
    database = SqlDatabase(postgres_url, KeyRing.parse(keys))
    at = desk_on(database)
    notes = [await submitted(at, number) for number in range(TIMES)]
    ids, version = [note.id for note in notes], str(notes[0].version)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    both = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.contract.reviewing", postgres_url, keys, person.id, version, *ids),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
        )
        for person in (MIRIAM, SECOND)
    ]
    try:
        assert [await line(each) for each in both] == ["ready", "ready"]
        for note_id in ids:
            for each in both:
                assert each.stdin
                each.stdin.write(b"go\n")
            answers = await asyncio.gather(*(line(each) for each in both))
            await check_decided_once(at, note_id, answers)
        assert [await each.wait() for each in both] == [0, 0]
    finally:
        for each in both:
            if each.returncode is None:
                each.kill()
                await each.wait()
    async with database.reading(at.id) as unit:
        assert await unit.audit.verify() is None
    await database.close()


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout
    return (await process.stdout.readline()).decode().strip()
