"""Microsoft's signing keys: renewed every day beside what goes on, and good for 36 hours while that fails.

Anybody can make up a key id: an unknown one leads to a fetch every twenty minutes at most. That costs Microsoft little,
and shuts out a new key for no longer; the SDK's own hour would.
"""

import asyncio
import json
import logging
import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, cast

import aiohttp

from bot.addresses import is_here
from bot.teams.refusal import KeysUnreachable, Refused

_log = logging.getLogger("afternote.teams")
K = TypeVar("K")
_HOUR = 3_600.0  # seconds, as all of these
_AGEING, _OLD, _TOO_OLD = 20 * _HOUR, 24 * _HOUR, 36 * _HOUR
_BETWEEN_LOOKS = _HOUR / 3  # for a key that is not known
_AFTER_FAILURE = 5.0  # in which nobody tries again
_AT_LEISURE = 60.0  # the same while the keys at hand are good
_PATIENCE = aiohttp.ClientTimeout(total=8)


class SigningKeys(Generic[K]):
    """The keys behind one OpenID metadata address, each as `parse` makes it; what `parse` answers None for is left out.

    `local`: keys come from this machine and from nowhere else; otherwise over https only.
    """

    def __init__(
        self,
        url: str,
        parse: Callable[[Mapping[str, Any]], K | None],
        *,
        local: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url, self._parse, self._local, self._clock = url, parse, local, clock
        self._keys: dict[str, K] = {}
        self._fetched = self._failed = -math.inf
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, key_id: str) -> K:
        """The key of this id. Raises Refused when there is none, KeysUnreachable when that cannot be known."""
        age = self._clock() - self._fetched
        failing = self._failed > self._fetched
        if key_id not in self._keys:
            if age >= _BETWEEN_LOOKS:
                await self._refresh()
        elif age >= _TOO_OLD or (age >= _OLD and not failing):
            await self._refreshed_or_still_good(age)
        elif age >= _AGEING:
            self._refresh_at_leisure()
        if key_id not in self._keys:
            raise Refused("unknown_key")
        return self._keys[key_id]

    async def _refreshed_or_still_good(self, age: float) -> None:
        try:
            await self._refresh()
        except KeysUnreachable:
            if age >= _TOO_OLD:
                raise

    def _refresh_at_leisure(self) -> None:
        if self._fetching is None and self._clock() - self._failed >= _AT_LEISURE:
            self._start()

    async def _refresh(self) -> None:
        """One fetch for all who wait; it goes on when one of them goes away."""
        if self._fetching is None and self._clock() - self._failed < _AFTER_FAILURE:
            raise KeysUnreachable
        await asyncio.shield(self._fetching or self._start())

    def _start(self) -> asyncio.Task[None]:
        self._fetching = asyncio.ensure_future(self._fetch())
        self._fetching.add_done_callback(self._ended)
        return self._fetching

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._fetching = None
        if task.cancelled() or not task.exception():
            return
        self._failed = self._clock()
        if self._keys:
            hours = (self._failed - self._fetched) / _HOUR
            _log.warning("Microsoft's signing keys cannot be fetched; those at hand are %.0f hours old", hours)

    async def _fetch(self) -> None:
        try:
            async with aiohttp.ClientSession(timeout=_PATIENCE, trust_env=not self._local) as session:
                metadata = await self._read(session, self._url)
                found = await self._read(session, str(metadata.get("jwks_uri")))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            raise KeysUnreachable from None
        keys = {str(key.get("kid")): parsed for key in _objects(found.get("keys")) if (parsed := self._parse(key))}
        if not keys:
            raise KeysUnreachable
        self._keys, self._fetched = keys, self._clock()

    async def _read(self, session: aiohttp.ClientSession, url: str) -> Mapping[str, Any]:
        """The JSON object at `url`. Raises ValueError for an address not to be trusted, and for another answer."""
        if not (is_here(url) if self._local else url.startswith("https://")):
            raise ValueError
        async with session.get(url, allow_redirects=not self._local, raise_for_status=True) as answer:
            value: object = json.loads(await answer.read())
        return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _objects(value: object) -> list[Mapping[str, Any]]:
    parts = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("Mapping[str, Any]", part) for part in parts if isinstance(part, dict)]
