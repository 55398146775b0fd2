"""What the language model took and cost, for administrators: figures and note ids, never text."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.domain.usage import Prices, Usage
from bot.workflows.desk import Desk


@dataclass(frozen=True, slots=True)
class Count:
    """Usage by note since `since`, the latest first. `prices` is None when no price is set."""

    since: datetime
    notes: tuple[Usage, ...]
    prices: Prices | None


async def count_usage(desk: Desk, actor: Person | None, days: int) -> Count:
    """What was used in the last `days`. Raises NotAllowed for anybody but an administrator."""
    allow(actor, ActKind.COUNT)
    prices = desk.writer.prices if desk.writer else Prices()
    return await usage_since(desk, desk.clock.now() - timedelta(days=days), prices)


async def usage_since(desk: Desk, since: datetime, prices: Prices) -> Count:
    """The same for whoever runs the program on its own machine."""
    async with desk.database.reading(desk.id) as unit:
        notes = await unit.calls.usage(since)
    return Count(since, tuple(notes), prices if prices.known else None)
