"""Threads for calls that block and may hang: a file on a dead share, a library without async. One set a sink.

The standard executors will not do: the process waits for their threads when it ends, and a share that hangs would in
time hold every thread of the loop's own. These are daemons, few, and each call has a time limit.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

_T = TypeVar("_T")


class OwnThreads:
    """At most `most` calls at a time, each given up after `seconds`. Use it on one loop.

    A call that was given up goes on in its thread and keeps its place until it returns: a hanging share never holds
    more than `most` threads.
    """

    def __init__(self, name: str, *, most: int = 8, seconds: float = 20.0) -> None:
        self._name, self._seconds = name, seconds
        self._free = asyncio.Semaphore(most)

    async def run(self, work: Callable[[], _T]) -> _T:
        """What `work` returns or raises. TimeoutError: no place or no answer in time; it may still come to pass."""
        async with asyncio.timeout(self._seconds):
            await self._free.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_T] = loop.create_future()

        def finish(result: _T | None, error: BaseException | None) -> None:
            self._free.release()
            if answer.done():
                return
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(result)  # type: ignore[arg-type]

        def call() -> None:
            result, error = None, None
            try:
                result = work()
            except BaseException as caught:
                error = caught
            with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
                loop.call_soon_threadsafe(finish, result, error)

        try:
            threading.Thread(target=call, name=self._name, daemon=True).start()
        except RuntimeError:  # the machine has no more threads
            self._free.release()
            raise TimeoutError from None
        async with asyncio.timeout(self._seconds):
            return await answer
