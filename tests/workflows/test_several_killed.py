"""A hundred summaries at once while the product is killed twice in the middle: a hundred drafts, none twice."""

import asyncio
from pathlib import Path

from bench.stage import Server, Stage, stage
from bot.domain.ids import BatchId
from bot.domain.note import State
from bot.domain.people import Person
from bot.workflows.desk import Desk
from bot.workflows.several import start_batch
from demo.cast import Timing

_MANY = 100
_LONGEST = 120.0


def summaries() -> str:
    return "\n---\n".join(
        f"JD-{number:03} 2026-11-20\n- ct number {number} slept 6h\n- reviewed thought record\n- plan: next week"
        for number in range(_MANY)
    )


async def drafted(desk: Desk, batch_id: BatchId) -> int:
    async with desk.database.reading(desk.id) as unit:
        return sum(each.state is State.DRAFT for each in await unit.batches.notes_of(batch_id))


async def until(desk: Desk, batch_id: BatchId, count: int) -> None:
    async with asyncio.timeout(_LONGEST):
        while await drafted(desk, batch_id) < count:  # noqa: ASYNC110 - another process drafts
            await asyncio.sleep(0.01)


def overviews(where: Stage) -> list[str]:
    return [each.text for each in where.workspace.messages.everything() if "drafts are ready" in each.text]


async def test_a_hundred_at_once_survive_two_kills(tmp_path: Path):
    async with stage(tmp_path / "home", Timing(retries=(0.2,))) as where:
        server = Server(where, "product", "--lease", "4")
        async with where.desk() as desk:
            person = clinician(desk, where)
            started = await start_batch(desk, person, [summaries()], "slack:several:b1", "slack")
            assert started.batch_id
            for count in (20, 55):
                await server.start()
                await until(desk, started.batch_id, count)
                server.kill()
                assert await drafted(desk, started.batch_id) < _MANY
            await server.start()
            await until(desk, started.batch_id, _MANY)
            async with asyncio.timeout(_LONGEST):
                while f"{_MANY} drafts are ready" not in " ".join(overviews(where)):  # noqa: ASYNC110 - see above
                    await asyncio.sleep(0.05)
            again = await start_batch(desk, person, [summaries()], "slack:several:b1", "slack")
            await server.stop()
            async with desk.database.reading(desk.id) as unit:
                acts = [(act.act, act.note_id) for act in await unit.audit.acts()]
                notes = [await unit.notes.get(note_id) for note_id in started.notes]
    assert again.again
    assert [act for act, _ in acts].count("drafted") == _MANY
    assert len({note_id for act, note_id in acts if act == "drafted"}) == _MANY
    assert {note.version for note in notes} == {1}
    assert sorted(note.position for note in notes) == list(range(1, _MANY + 1))


def clinician(desk: Desk, where: Stage) -> Person:
    found = desk.practice.by_user("slack", where.clinicians[0])
    assert found
    return found
