"""What every store of examples promises: the latest first, kept once, gone for good, and nobody else's."""

import datetime as dt
from dataclasses import replace

from bot.domain.ids import PersonId
from bot.ports import Database
from bot.practice_ports import Example
from tests.contract.unit_of_work_contract import NOON, OURS, THEIRS

GOOD = Example(
    "e1", "birp", "response", "[client] named two worries. “Not the end.” \ud83d", "Says how.", PersonId("miriam"), NOON
)


async def kept(database: Database, *examples: Example) -> None:
    async with database.writing(OURS) as unit:
        for example in examples:
            await unit.examples.add(example)
        await unit.commit()


class ExamplesContract:
    """A subclass gives `database`."""

    async def test_examples_of_a_format_come_the_latest_first(self, database: Database) -> None:
        later = replace(GOOD, id="e2", at=NOON + dt.timedelta(minutes=1))
        other = replace(GOOD, id="e3", format_id="soap", section="plan")
        await kept(database, GOOD, later, other)
        async with database.reading(OURS) as unit:
            assert await unit.examples.of_format("birp", 9) == [later, GOOD]
            assert await unit.examples.of_format("birp", 1) == [later]
            assert await unit.examples.of_format("soap", 9) == [other]
            assert await unit.examples.of_format("dap", 9) == []
            assert await unit.examples.get("e3") == other
            assert await unit.examples.get("e9") is None

    async def test_an_example_is_kept_once(self, database: Database) -> None:
        await kept(database, GOOD)
        await kept(database, replace(GOOD, text="sent again"), GOOD)
        async with database.reading(OURS) as unit:
            assert await unit.examples.of_format("birp", 9) == [GOOD]

    async def test_a_removed_example_is_gone_and_its_id_stays_used(self, database: Database) -> None:
        await kept(database, GOOD, replace(GOOD, id="e2"))
        for there in (True, False):
            async with database.writing(OURS) as unit:
                assert await unit.examples.remove("e1", NOON) is there
                assert await unit.examples.remove("e9", NOON) is False
                await unit.commit()
        await kept(database, GOOD)
        async with database.reading(OURS) as unit:
            assert [each.id for each in await unit.examples.of_format("birp", 9)] == ["e2"]
            assert await unit.examples.get("e1") is None

    async def test_another_practice_sees_no_example_and_removes_none(self, database: Database) -> None:
        await kept(database, GOOD)
        async with database.writing(THEIRS) as unit:
            assert await unit.examples.of_format("birp", 9) == []
            assert await unit.examples.get("e1") is None
            assert await unit.examples.remove("e1", NOON) is False
            await unit.commit()
        async with database.reading(OURS) as unit:
            assert await unit.examples.get("e1") == GOOD
