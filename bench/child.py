"""The servers that are measured, each in a process of its own: `python -m bench.child bare|product`.

`bare` is what a ratio is taken against: Bolt's AsyncApp on the product's own aiohttp server, with the same signature
check and an authorize in memory, and nothing behind it. Settings come from the environment, as for `afternote run`.
"""

import argparse
import asyncio
import contextlib
import cProfile
import json
import os
import re
import signal
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.ids import NoteId, PracticeId
from bot.jobs import Pace
from bot.logs import configure
from bot.practice_file import load_practice
from bot.server import Route, build_server, serve
from bot.settings import Settings
from bot.slack.app import COMMAND, answer, web_client
from bot.slack.install import Owner, authorize_for, one_token
from bot.wiring import running

BLOCKS = "BENCH_BLOCKS"  # a file with the blocks that the bare app answers a click with
PROFILE = "BENCH_PROFILE"  # where to leave cProfile's figures of the event loop's thread
POINTER = "Saved."


@contextlib.asynccontextmanager
async def bare(settings: Settings) -> AsyncGenerator[None]:
    """Acknowledges commands; answers a click with an update of the clicked message to constant blocks."""
    team = load_practice(settings.practice_file).practice.workspace_on("slack")
    token = settings.slack_bot_token.reveal() if settings.slack_bot_token else ""
    secret = settings.slack_signing_secret.reveal() if settings.slack_signing_secret else ""
    async with aiohttp.ClientSession() as session:
        app = AsyncApp(
            signing_secret=secret,
            client=web_client(session, settings.slack_api_url),
            authorize=authorize_for(one_token(Owner(team, "U0BENCHMARK", "B0BENCHMARK"), token)),
            process_before_response=True,
        )
        _listen(app, _constant_blocks())

        async def events(request: web.Request) -> web.StreamResponse:
            return await answer(app, request)

        server = build_server([Route("/slack/events", events)], _ready)
        runner = await serve(server, settings.host, settings.port)
        try:
            yield
        finally:
            await runner.cleanup()


def _listen(app: AsyncApp, blocks: list[dict[str, Any]]) -> None:
    under_way: set[asyncio.Task[object]] = set()

    @app.command(COMMAND)
    async def command(ack: AsyncAck) -> None:
        await ack(text=POINTER, response_type="ephemeral")

    @app.action(re.compile(".*"))
    async def action(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        place = body["container"]
        update = client.chat_update(channel=place["channel_id"], ts=place["message_ts"], text="Constant", blocks=blocks)
        task: asyncio.Task[object] = asyncio.create_task(update)  # pyright: ignore[reportArgumentType]
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    _ = (command, action)


def _constant_blocks() -> list[dict[str, Any]]:
    path = os.environ.get(BLOCKS)
    return json.loads(Path(path).read_text("utf-8")) if path else []


async def _ready() -> list[str]:
    return []


@contextlib.asynccontextmanager
async def product(settings: Settings, *, postponed: bool, lease: int, at_once: int) -> AsyncGenerator[None]:
    """The real application.

    `postponed`: drafts are not started, so that what a request costs can be told from what it causes.
    `lease`: seconds for which a crashed filing blocks the next one, and the longest wait between two tries, with the
    reconciler's clock scaled alike; 0 leaves the product's own times. `at_once`: runs of a kind at a time.
    """
    scaled: dict[str, Any] = {}
    if lease:
        pace = Pace(
            concurrency=at_once,
            reconcile_every=lease / 4,
            again_after=lease / 5,
            patience={"draft": lease, "file": lease / 2, "show": lease},
        )
        scaled = {"pace": pace, "lease_seconds": lease, "longest_wait": timedelta(seconds=lease)}
    async with running(settings, remind_every=0, **scaled) as application:
        if postponed:
            application.work.draft = _not_now  # type: ignore[method-assign]
        yield


async def _not_now(practice: PracticeId, note_id: NoteId) -> None:
    """Leaves the note for later."""


async def _serve(options: argparse.Namespace) -> None:
    settings = Settings.load()
    configure(settings.log_level)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    chosen = (
        bare(settings)
        if options.kind == "bare"
        else product(settings, postponed=options.postponed, lease=options.lease, at_once=options.at_once)
    )
    async with chosen:
        with cProfile.Profile() if PROFILE in os.environ else contextlib.nullcontext() as profile:
            await stopped.wait()
        if profile:
            profile.dump_stats(os.environ[PROFILE])


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["bare", "product"])
    parser.add_argument("--postponed", action="store_true")
    parser.add_argument("--lease", type=int, default=0)
    parser.add_argument("--at-once", type=int, default=Pace().concurrency)
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
