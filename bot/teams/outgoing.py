"""How our calls to Teams go out: in order within a conversation, few at a time, at a pace Teams takes, tried again.

Microsoft allows an app 50 calls a second in a tenant. We stay below: other processes of ours may call too.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from weakref import WeakValueDictionary

from bot.domain.errors import Temporary

T = TypeVar("T")

LONGEST_WAIT = 5.0  # seconds; who is told to wait longer gives up, and durable work comes back later
_WAITS = (0.5, 1.5)  # seconds before each further try, unless Teams names its own
_AT_A_TIME = 8
_PER_SECOND = 40.0
_AT_ONCE = 10  # may leave together before the pace holds them


class Outgoing:
    """The calls for one tenant. Bound to the loop it is used in."""

    def __init__(
        self, waits: Sequence[float] = _WAITS, per_second: float = _PER_SECOND, at_a_time: int = _AT_A_TIME
    ) -> None:
        self._waits = waits
        self._pace = _Pace(per_second)
        self._places = asyncio.Semaphore(at_a_time)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def once(self, conversation_id: str, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call in its turn, with one try."""
        async with self._turns.setdefault(conversation_id, asyncio.Lock()):
            return await self._tried(call)

    async def patiently(self, conversation_id: str, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call in its turn; while Teams is busy, again after a short wait. Raises what the last try raised."""
        async with self._turns.setdefault(conversation_id, asyncio.Lock()):
            for wait in self._waits:
                try:
                    return await self._tried(call)
                except Temporary as error:
                    pause = _pause(error, wait)
                await asyncio.sleep(pause)
            return await self._tried(call)

    async def _tried(self, call: Callable[[], Awaitable[T]]) -> T:
        async with self._places:
            await self._pace.next()
            return await call()


class _Pace:
    """Lets a few calls start at once, and then at most `per_second`."""

    def __init__(self, per_second: float) -> None:
        self._apart = 1 / per_second
        self._free_at = 0.0

    async def next(self) -> None:
        """Return when the next call may start."""
        now = asyncio.get_running_loop().time()
        self._free_at = max(self._free_at, now - self._apart * _AT_ONCE) + self._apart
        await asyncio.sleep(max(0.0, self._free_at - now))


def _pause(error: Temporary, wait: float) -> float:
    """Seconds until the next try. Raises the error again when this is not the time for one.

    After a time-out the message may have arrived: trying at once would only post it twice sooner.
    """
    pause = error.retry_after or wait * random.uniform(0.75, 1.25)  # noqa: S311 - spreads retries, guards nothing
    if error.code == "teams_timeout" or pause > LONGEST_WAIT:
        raise error
    return pause
