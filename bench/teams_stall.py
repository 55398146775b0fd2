"""Five proactive sends at once in a fresh process, and how long they hold its event loop up: `ours` or `sdk`.

Settings come from the environment, as for the product; the figures go to standard output as one JSON object, in
milliseconds. What is not measured is not imported: an import at first use would be a stall.
"""

import argparse
import asyncio
import gc
import importlib
import json
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bot.settings import Settings
from bot.teams.botframework import Connector, Identity, Services

SENDS = 5
_TICK = 0.001  # seconds
_LOOK = 0.5  # seconds in which nothing is done, to see what the machine itself does to the ticker
Send = Callable[[str], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Watched:
    """What a while on the loop was like: its longest gap and its length in ms, and what it imported."""

    stall: float
    took: float
    imported: int


async def _watched(work: Coroutine[Any, Any, object]) -> Watched:
    """Do `work` beside a ticker."""
    known, gaps = set(sys.modules), [0.0]
    ticker = asyncio.create_task(_tick(gaps))
    await asyncio.sleep(0.05)
    gaps[0], began = 0.0, time.perf_counter()
    await work
    took = time.perf_counter() - began
    await asyncio.sleep(2 * _TICK)  # a gap that has not ended yet
    ticker.cancel()
    return Watched(gaps[0] * 1000, took * 1000, len(set(sys.modules) - known))


async def _tick(longest: list[float]) -> None:
    last = time.perf_counter()
    while True:
        await asyncio.sleep(_TICK)
        now = time.perf_counter()
        longest[0] = max(longest[0], now - last)
        last = now


async def _all_at_once(send: Send) -> None:
    await asyncio.gather(*(send(f"a:chat-{number}") for number in range(1, SENDS + 1)))


@asynccontextmanager
async def _ours(identity: Identity, services: Services, service_url: str) -> AsyncGenerator[Send]:
    connector = Connector(identity, services)
    try:
        yield lambda chat: connector.send(service_url, chat, {"type": "message", "text": "Constant"})
    finally:
        await connector.close()


async def _measured(kind: str, service_url: str) -> dict[str, dict[str, float]]:
    settings = Settings.load()
    named, password = settings.teams_services, settings.teams_app_password
    if named is None or password is None:
        raise RuntimeError("the stand-in is not named in the environment")
    tenant = settings.teams_tenant_id
    identity = Identity(settings.teams_app_id, password.reveal(), tenant, settings.teams_app_type)
    services = Services(named.metadata_url, named.issuer, named.login_url, named.scope)
    sending = _ours if kind == "ours" else importlib.import_module("bench.teams_sdk").sdk
    gc.collect()
    idle = await _watched(asyncio.sleep(_LOOK))
    async with sending(identity, services, service_url) as send:
        cold = await _watched(_all_at_once(send))
        warm = await _watched(_all_at_once(send))
    whiles = {"idle": idle, "cold": cold, "warm": warm}
    return {
        name: {"stall": round(seen.stall, 2), "took": round(seen.took, 1), "imported": seen.imported}
        for name, seen in whiles.items()
    }


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["ours", "sdk"])
    parser.add_argument("service_url")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(_measured(options.kind, options.service_url))))


if __name__ == "__main__":
    main()
