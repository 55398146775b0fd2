"""The client of `bench ack`, in a process of its own: signed slash commands at fixed times, whatever comes back.

Open loop: the time of every request is settled beforehand and its latency counts from then, so that a server that
stalls is charged for everything that waited. Reads its orders as JSON from standard input, answers in JSON.
"""

import asyncio
import gc
import json
import secrets
import sys
import time
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

import aiohttp

from demo.delivery import FORM, signature


@dataclass(frozen=True, slots=True)
class Orders:
    """What to send, where, how often. `expected`: the text of an acknowledgement; anything else is an error."""

    url: str
    secret: str
    team: str
    people: list[str]
    text: str
    expected: str
    rate: float
    seconds: float
    warm_up: int = 50


async def shoot(orders: Orders) -> dict[str, object]:
    """Warm up one after another, then send at the rate. Returns latencies in milliseconds and counts."""
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        warm = [await _one(session, orders, number, time.perf_counter()) for number in range(orders.warm_up)]
        count = round(orders.rate * orders.seconds)
        gc.disable()
        start = time.perf_counter() + 0.2
        shots: list[asyncio.Task[float | None]] = []
        for number in range(count):
            at = start + number / orders.rate
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            shots.append(asyncio.create_task(_one(session, orders, number, at)))
        results = await asyncio.gather(*shots)
        elapsed = time.perf_counter() - start
    answered = [latency for latency in results if latency is not None]
    acknowledged = len(answered) + sum(latency is not None for latency in warm)
    return {
        "latencies": answered,
        "errors": count - len(answered),
        "sent": count,
        "acknowledged": acknowledged,
        "elapsed": elapsed,
    }


async def _one(session: aiohttp.ClientSession, orders: Orders, number: int, due: float) -> float | None:
    """Milliseconds from the time it was due until the answer was read; None when it was not an acknowledgement."""
    body = _form(orders, number)
    stamp = str(int(time.time()))
    headers = {
        "Content-Type": FORM,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature(orders.secret, stamp, body),
    }
    try:
        async with session.post(f"{orders.url}/slack/events", data=body, headers=headers) as reply:
            answer = await reply.json()
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None
    good = reply.status == 200 and answer.get("text") == orders.expected
    return (time.perf_counter() - due) * 1000 if good else None


def _form(orders: Orders, number: int) -> bytes:
    user = orders.people[number % len(orders.people)]
    form = {
        "token": "verification",
        "team_id": orders.team,
        "team_domain": "bench",
        "channel_id": f"D{user[1:]}",
        "channel_name": "directmessage",
        "user_id": user,
        "user_name": "clinician",
        "command": "/note",
        "text": orders.text,
        "api_app_id": "A0BENCHMARK",
        "is_enterprise_install": "false",
        "response_url": "http://127.0.0.1:9/response",
        "trigger_id": f"{number}.{secrets.token_hex(16)}",
    }
    return urlencode(form).encode()


async def in_own_process(orders: Orders) -> dict[str, object]:
    """Have another process shoot. Raises RuntimeError when it fails."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.shooter", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await process.communicate(json.dumps(asdict(orders)).encode())
    if process.returncode:
        raise RuntimeError("the client failed")
    return json.loads(answer)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(shoot(Orders(**json.load(sys.stdin))))))
