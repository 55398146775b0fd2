"""The audit log in pages, so that a long one is never in memory: everything that reads it goes through here."""

from collections.abc import AsyncGenerator, Sequence

from bot.domain.audit import ALL_ROWS, ChainRow, Wanted
from bot.ports import UnitOfWork
from bot.workflows.desk import Desk

PAGE = 1000
_BELOW_ALL = -(1 << 62)


async def pages(
    unit: UnitOfWork, wanted: Wanted = ALL_ROWS, after: int = _BELOW_ALL
) -> AsyncGenerator[Sequence[ChainRow]]:
    """Every row that is wanted, in order, of the snapshot that the unit of work sees."""
    while rows := await unit.audit.page(after, PAGE, wanted):
        yield rows
        after = rows[-1].seq


async def newest_rows(desk: Desk, count: int, wanted: Wanted = ALL_ROWS) -> AsyncGenerator[Sequence[ChainRow]]:
    """The last `count` rows that are wanted, in order; all of them when `count` is 0."""
    async with desk.database.reading(desk.id) as unit:
        if not count:
            async for rows in pages(unit, wanted):
                yield rows
        elif rows := await unit.audit.newest(count, wanted):
            yield rows


def actor_name(desk: Desk, row: ChainRow) -> str:
    """Who acted, as the roster calls them today; empty for work of the service's own and for who is not on it."""
    person = next((one for one in desk.practice.people if one.id == row.actor), None)
    return person.signature_line if person else ""
