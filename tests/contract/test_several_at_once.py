"""One delivery of several summaries that comes in two processes at once: one batch, one overview, one card."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.workflows.approve_note import approve_note
from bot.workflows.desk import Desk
from bot.workflows.draft_note import draft_note
from bot.workflows.several import look_at, start_batch
from bot.workflows.show_note import Screens
from bot.workflows.show_several import Renewed
from storage.crypto import KeyRing, new_key_ring
from storage.migrate import upgrade
from storage.unit_of_work import SqlDatabase
from tests.contract.servers import postgres
from tests.contract.sql_practice import administer
from tests.workflows.factories import ROSA, FixedClock, RecordingChat, desk
from tests.workflows.test_backlog import booked, states

TIMES = 4
TEXT = "\n---\n".join(f"JD-{number:03} 2026-11-20\nct number {number} slept better" for number in range(20))


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with postgres() as address:
        administer(address, "CREATE DATABASE several")
        url = make_url(address).set(database="several").render_as_string(hide_password=False)
        upgrade(url)
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
async def desks(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[list[Desk]]:
    """The same practice twice, as two processes have it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'afternote.db'}"
        upgrade(url)
    else:
        url = request.getfixturevalue("postgres_url")
    ring = KeyRing.parse(new_key_ring())
    databases = [SqlDatabase(url, ring) for _ in range(2)]
    yield [replace(desk(FixedClock()), database=database) for database in databases]
    for database in databases:
        await database.close()


async def test_one_batch_one_overview_one_card(desks: list[Desk]):
    chat = RecordingChat()
    both = [Screens(at, {"slack": chat}, _renewed=Renewed(every=0.0)) for at in desks]
    await booked(desks[0], "JD-001", ago=3)
    sent = [start_batch(at, ROSA, [TEXT], "slack:several:b1", "slack") for at in desks * TIMES]
    started = await asyncio.gather(*sent)
    assert [each.again for each in started].count(False) == 1
    assert len({each.batch_id for each in started}) == 1
    assert {each.notes for each in started} == {started[0].notes}
    notes, batch_id = started[0].notes, started[0].batch_id
    assert batch_id
    done = await asyncio.gather(*(draft_note(at, note_id) for note_id in notes for at in desks))
    assert done.count(True) == len(notes)
    await asyncio.gather(*(screens.show(note_id) for note_id in notes for screens in both))
    assert [card.notice for card in chat.cards.values()] == ["20 summaries: 20 drafts are ready"]
    looked = await look_at(desks[0], ROSA, batch_id)
    await asyncio.gather(*(screens.show(looked.note_id) for screens in both))
    assert len(chat.cards) == 2
    await approve_note(desks[0], ROSA, looked.note_id, 1, "slack")
    await asyncio.gather(*(screens.show(looked.note_id) for screens in both), return_exceptions=True)
    await both[1].show(looked.note_id)
    assert len(chat.cards) == 3
    assert len(await states(desks[1])) == len(notes) - 1
    async with desks[1].database.reading(desks[1].id) as unit:
        assert await unit.audit.verify() is None
        assert (await unit.batches.get(batch_id)).current == 2
