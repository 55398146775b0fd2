"""Teams delivers again what was not answered in time: the work is done once, and every delivery gets its answer.

In memory, for minutes, one process: answers may be clinical and are gone when their time is over, whether or not
anything comes again. What must hold over a restart is the workflows' own (versions, effects' keys).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
MINUTES = 5
MOST = 500
Key = tuple[str, ...]


class Repeats(Generic[T]):
    """Deliveries under way and lately answered, by whatever tells one activity from another.

    An answer is kept for `seconds`, and `most` of them. Bound to the loop it is used in.
    """

    def __init__(self, seconds: float = MINUTES * 60, most: int = MOST) -> None:
        self._seconds, self._most = seconds, most
        self._known: dict[Key, asyncio.Task[T]] = {}
        self._ends: dict[Key, asyncio.TimerHandle] = {}  # of those that are answered, the oldest first

    async def once(self, key: Key, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` returns, called for the first delivery only; it goes on when whoever waits goes away.

        Work that failed is forgotten, so that the next delivery tries again. Raises what `work` raises.
        """
        task = self._known.get(key)
        if task is None:
            task = self._known[key] = asyncio.ensure_future(_run(work))
            task.add_done_callback(lambda ended: self._ended(key, ended))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Forget all answers, and give up the work that nobody waits for any more."""
        for key in list(self._ends):
            self._forget(key)
        under_way = list(self._known.values())
        for task in under_way:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way)

    def _ended(self, key: Key, task: asyncio.Task[T]) -> None:
        if task.cancelled() or task.exception() is not None:
            del self._known[key]
            return
        self._ends[key] = asyncio.get_running_loop().call_later(self._seconds, self._forget, key)
        if len(self._ends) > self._most:
            self._forget(next(iter(self._ends)))

    def _forget(self, key: Key) -> None:
        self._ends.pop(key).cancel()
        del self._known[key]


async def _run(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
