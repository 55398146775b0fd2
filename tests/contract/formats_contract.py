"""What every store of formats promises, inherited by the tests of each implementation."""

import datetime as dt
from dataclasses import replace

import pytest

from bot.domain.errors import Stale
from bot.ports import Database
from bot.practice_ports import FormatVersion
from tests.contract.unit_of_work_contract import NASTY, NOON, OURS, THEIRS

SOAP = FormatVersion("soap", 1, f'{{"name":"SOAP {NASTY[:40]}"}}'.replace("\x00", ""), "a" * 64, NOON)


async def add(database: Database, *versions: FormatVersion) -> None:
    async with database.writing(OURS) as unit:
        for version in versions:
            await unit.formats.add(version)
        await unit.commit()


class FormatsContract:
    """A subclass gives the fixture `database`."""

    async def test_definitions_come_back_in_order_and_stay_in_their_practice(self, database: Database) -> None:
        second = replace(SOAP, version=2, definition="{}", sha256="b" * 64)
        await add(database, replace(SOAP, format_id="zebra"), second, SOAP)
        async with database.reading(OURS) as unit:
            assert list(await unit.formats.known()) == [SOAP, second, replace(SOAP, format_id="zebra")]
        async with database.reading(THEIRS) as unit:
            assert list(await unit.formats.known()) == []

    async def test_the_same_twice_is_harmless_and_a_number_has_one_definition(self, database: Database) -> None:
        await add(database, SOAP)
        await add(database, replace(SOAP, first_seen=NOON + dt.timedelta(days=1)))
        with pytest.raises(Stale):
            await add(database, replace(SOAP, sha256="b" * 64, definition="{}"))
        async with database.reading(OURS) as unit:
            assert list(await unit.formats.known()) == [SOAP]

    async def test_nothing_is_kept_without_a_commit(self, database: Database) -> None:
        async with database.writing(OURS) as unit:
            await unit.formats.add(SOAP)
        async with database.reading(OURS) as unit:
            assert list(await unit.formats.known()) == []
