"""What the product is compared with in Teams, each in a process of its own: `python -m bench.teams_servers bare|gate`.

`bare` reads the JSON of a request and answers a constant: what aiohttp and this machine can do. `gate` is the product's
own boundary in front of the same answer: the shape of the activity, Microsoft's token, the tenant, repeats.
"""

import argparse
import asyncio
import json
import os
import signal
from pathlib import Path

from aiohttp import web

from bot.logs import configure
from bot.server import serve
from bot.settings import Settings
from bot.teams.activity import Activity
from bot.teams.app import ROUTE, Handler, Reply, messages_endpoint
from bot.teams.botframework import Gate, Identity, Services
from bot.teams.place import Place

ANSWER = "BENCH_ANSWER"  # a file with the JSON that is answered


def _bare(answer: bytes) -> Handler:
    async def on_messages(request: web.Request) -> web.StreamResponse:
        await request.json()
        return web.Response(body=answer, content_type="application/json")

    return on_messages


def _gate(answer: bytes, settings: Settings) -> Handler:
    named = settings.teams_services
    if named is None:
        raise RuntimeError("the stand-in is not named in the environment")
    tenant = settings.teams_tenant_id
    services = Services(named.metadata_url, named.issuer, named.login_url, named.scope)
    gate, reply = Gate(Identity(settings.teams_app_id, tenant_id=tenant), services), Reply(json.loads(answer))

    async def dispatch(_: Activity) -> Reply:
        return reply

    return messages_endpoint(gate, Place(tenant, services.local), dispatch)


async def _healthz(_: web.Request) -> web.Response:
    return web.json_response({"ok": True})


async def _serve(kind: str, answer: bytes) -> None:
    settings = Settings.load()
    configure(settings.log_level)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    app = web.Application()
    app.router.add_get("/healthz", _healthz)
    app.router.add_post(ROUTE, _bare(answer) if kind == "bare" else _gate(answer, settings))
    runner = await serve(app, settings.host, settings.port)
    await stopped.wait()
    await runner.cleanup()


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["bare", "gate"])
    asyncio.run(_serve(parser.parse_args().kind, Path(os.environ[ANSWER]).read_bytes()))


if __name__ == "__main__":
    main()
