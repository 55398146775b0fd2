"""Microsoft's signing keys: fetched without holding anything up, kept for a day, looked for again after a rotation.

A forged key id costs Microsoft nothing: an unknown one leads to a fetch once an hour, however often it comes.
"""

import asyncio
import json
import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, cast

import aiohttp

from bot.addresses import is_here
from bot.teams.refusal import KeysUnreachable, Refused

K = TypeVar("K")
_DAY, _HOUR = 86_400.0, 3_600.0
_AFTER_FAILURE = 5.0  # seconds in which nobody tries again
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
        if age >= _DAY or (key_id not in self._keys and age >= _HOUR):
            await self._refresh()
        if key_id not in self._keys:
            raise Refused("unknown_key")
        return self._keys[key_id]

    async def _refresh(self) -> None:
        """One fetch for all who wait; it goes on when one of them goes away."""
        if self._fetching is None:
            if self._clock() - self._failed < _AFTER_FAILURE:
                raise KeysUnreachable
            self._fetching = asyncio.ensure_future(self._fetch())
            self._fetching.add_done_callback(self._ended)
        await asyncio.shield(self._fetching)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._fetching = None
        if not task.cancelled() and task.exception():
            self._failed = self._clock()

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
