"""The audit log to a file: rows in one piece of the chain, and the signature of the last one."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.audit import ChainRow, SignedHead
from bot.domain.audit_check import ChainCheck
from bot.domain.errors import UserMistake
from bot.ports import Act
from bot.workflows.audit_rows import actor_name, pages
from bot.workflows.desk import Desk


class RowsPlace(Protocol):
    """Where rows are written. Its method may be slow: it runs in a thread."""

    def write(self, rows: Iterable[tuple[ChainRow, str]]) -> None:
        """Rows, each with the name of who acted."""
        ...


@dataclass(frozen=True, slots=True)
class Exported:
    """Which rows are in the file. `head` is missing when the log does not hold: what is spoilt is not signed."""

    first: int
    last: int
    head: SignedHead | None


async def export_rows(
    desk: Desk, place: RowsPlace, since: datetime | None, until: datetime | None, via: str
) -> Exported:
    """Write every row from the first one of a time to the last one (`until` is too late), without a gap.

    That the log was exported stands in it before anything leaves. Raises UserMistake when there is no row.
    """
    async with desk.database.writing(desk.id) as unit:
        await unit.audit.append(Act(None, "audit log exported", None, 0, "", desk.clock.now(), via))
        await unit.commit()
    async with desk.database.reading(desk.id) as unit:
        first, last = await unit.audit.span(since, until)
        if not last:
            raise UserMistake("no_rows", "The audit log has no row of these days. Nothing was written.")
        check, ending = ChainCheck(desk.id), ""
        async for rows in pages(unit):
            for row in rows:
                check.feed(row)
            part = [(row, actor_name(desk, row)) for row in rows if first <= row.seq <= last]
            if part:
                await asyncio.to_thread(place.write, part)
                ending = part[-1][0].hash
        verdict = check.verdict(await unit.audit.end())
        head = await unit.audit.sign(last, ending, desk.clock.now()) if verdict.holds else None
    return Exported(first, last, head)
