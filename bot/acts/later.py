"""What happens right after the acknowledgement, in this process: opening dialogs, refreshing cards.

Nothing here may be needed for correctness: the note's state is committed before, and every card can be shown again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bot.logs import safe

_log = logging.getLogger("afternote.later")


class Later:
    """Keeps hold of tasks until they end, and never lets one fail in silence."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, object], otherwise: Callable[[], Awaitable[object]] | None = None) -> None:
        """Start `work`; when it fails, log its kind and try `otherwise` once."""
        task = asyncio.create_task(self._guarded(work, otherwise))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def run_last(self, work: Callable[[], Awaitable[object]]) -> None:
        """Start `work` once what is under way now has ended."""
        self.run(_after(set(self._tasks), work))

    async def finish(self, seconds: float = 5) -> None:
        """Wait for what is under way, then give up what still is: it must not outlive the database and the chat."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            _log.warning("left for later at the end: %d", len(late))
            await asyncio.wait(late)

    async def _guarded(
        self, work: Coroutine[Any, Any, object], otherwise: Callable[[], Awaitable[object]] | None
    ) -> None:
        try:
            await work
        except Exception as error:
            _log.warning("after the acknowledgement: %s", safe(error))
            if otherwise:
                await self._guarded(_call(otherwise), None)


async def _call(otherwise: Callable[[], Awaitable[object]]) -> None:
    await otherwise()


async def _after(tasks: set[asyncio.Task[None]], work: Callable[[], Awaitable[object]]) -> None:
    if tasks:
        await asyncio.wait(tasks)
    await work()
