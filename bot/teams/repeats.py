"""Teams delivers again what was not answered in time: the work is done once, and every delivery gets its answer.

In memory, for minutes, one process. What must hold over a restart is the workflows' own (versions, effects' keys).
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
MINUTES = 5
MOST = 500


@dataclass(frozen=True, slots=True)
class _Once(Generic[T]):
    began: float
    task: asyncio.Task[T]


class Repeats(Generic[T]):
    """Deliveries under way and lately answered, by whatever tells one activity from another."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[tuple[str, ...], _Once[T]] = OrderedDict()

    async def once(self, key: tuple[str, ...], work: Callable[[], Awaitable[T]]) -> T:
        """What `work` returns, called for the first delivery only; it goes on when whoever waits goes away.

        Work that failed is forgotten, so that the next delivery tries again. Raises what `work` raises.
        """
        self._forget_old()
        known = self._known.get(key)
        if known is None:
            known = _Once(self._clock(), asyncio.ensure_future(_run(work)))
            self._known[key] = known
            known.task.add_done_callback(lambda task: self._ended(key, task))
        return await asyncio.shield(known.task)

    def _ended(self, key: tuple[str, ...], task: asyncio.Task[T]) -> None:
        failed = task.cancelled() or task.exception() is not None
        known = self._known.get(key)
        if failed and known and known.task is task:
            del self._known[key]

    def _forget_old(self) -> None:
        oldest = self._clock() - MINUTES * 60
        while self._known:
            first = next(iter(self._known.values()))
            if len(self._known) <= MOST and first.began > oldest:
                return
            self._known.popitem(last=False)


async def _run(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
