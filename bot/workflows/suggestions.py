"""Client codes that the record itself knows, offered while somebody types: quickly or not at all."""

import asyncio
import logging
from collections.abc import Sequence

from bot.domain.errors import EffectError
from bot.ports import ClientDirectory

PATIENCE = 0.3  # seconds that a list of suggestions may wait for the record
_AT_ONCE = 8
_log = logging.getLogger("afternote.suggestions")


class Suggestions:
    """Asks the record for client codes. Late or failed: nothing, and one line in the log until it works again.

    A late question runs on unheard: it may be fetching the token that the next one needs.
    """

    def __init__(self, directory: ClientDirectory, patience: float = PATIENCE) -> None:
        self._directory, self._patience = directory, patience
        self._running: set[asyncio.Task[Sequence[str]]] = set()
        self._failing = False

    async def like(self, typed: str, limit: int) -> Sequence[str]:
        """Codes that start with what was typed, at most `limit`; none when the record is slow or does not answer."""
        if len(self._running) >= _AT_ONCE:
            return self._failed("busy")
        task = asyncio.ensure_future(self._ask(typed, limit))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        done, _ = await asyncio.wait({task}, timeout=self._patience)
        return task.result() if done else self._failed("late")

    async def close(self) -> None:
        """Give up what is still asked."""
        for task in tuple(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _ask(self, typed: str, limit: int) -> Sequence[str]:
        try:
            found = await self._directory.find_clients(typed, limit)
        except EffectError as error:
            return self._failed(error.code)
        except Exception as error:
            return self._failed(f"unexpected_{type(error).__name__}")
        self._failing = False
        return found[:limit]

    def _failed(self, code: str) -> Sequence[str]:
        if not self._failing:
            _log.warning("client codes of the record are not suggested: %s", code)
        self._failing = True
        return ()
