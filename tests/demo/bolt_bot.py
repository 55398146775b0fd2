"""A tiny real Bolt app and a workspace to install it in, for the tests of the stand-in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from demo.cast import App, Channel, Command, Human, Shortcut, Timing
from demo.server import serve
from demo.workspace import Workspace

DANA, RUTH = "U0DANA", "U0RUTH"
NO_RETRIES = Timing(retries=())


def workspace(timing: Timing | None = None, **settings: Any) -> Workspace:
    """Two people, one channel, an app with a command and two shortcuts."""
    app_settings = {name: settings.pop(name) for name in ("token_rotation", "events") if name in settings}
    app = App(
        app_id="A0NOTE",
        bot_user_id="U0BOT",
        bot_id="B0BOT",
        bot_token="xoxb-test",
        signing_secret="shh",
        commands=(Command("/note", "Draft a note", "soap …"),),
        shortcuts=(Shortcut("from_message", "Make a note", "message"), Shortcut("new", "New note", "global")),
        **app_settings,
    )
    people = [Human(DANA, "dana", "Dana Ito", "LCSW"), Human(RUTH, "ruth", "Ruth Adler", "Supervisor")]
    return Workspace("T0", "Rowan House", people, [Channel("C0", "reviews")], app, timing=timing, **settings)


@dataclass
class Bot:
    """A workspace, a Bolt app installed in it, and what the app has received."""

    workspace: Workspace
    app: AsyncApp
    client: AsyncWebClient
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    status: list[int] = field(default_factory=list)


@asynccontextmanager
async def installed(space: Workspace, over_http: bool = True) -> AsyncIterator[Bot]:
    """The workspace served and a Bolt app listening for it; `status` entries of the bot are answered before Bolt."""
    running = await serve(space)
    client = AsyncWebClient(token=space.app.bot_token, base_url=f"{space.url}/api/")
    app = AsyncApp(client=client, signing_secret=space.app.signing_secret, process_before_response=True)
    bot = Bot(space, app, client)

    async def events(request: web.Request) -> web.StreamResponse:
        bot.headers.append(dict(request.headers))
        if bot.status:
            return web.Response(status=bot.status.pop(0))
        asked = await to_bolt_request(request)
        bot.bodies.append(dict(asked.body))
        return await to_aiohttp_response(await app.async_dispatch(asked))

    server = web.Application()
    server.add_routes([web.post("/slack/events", events)])
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    if over_http:
        space.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield bot
    finally:
        await running.stop()
        await runner.cleanup()
        await asyncio.sleep(0)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def button(action_id: str, text: str = "Press", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def text_input(block_id: str = "words", **element: Any) -> dict[str, Any]:
    typed = {"type": "plain_text_input", "action_id": "typed", "multiline": True, **element}
    return {"type": "input", "block_id": block_id, "label": plain("Words"), "element": typed}


def modal(*blocks: dict[str, Any], title: str = "Edit", **more: Any) -> dict[str, Any]:
    shape = {"type": "modal", "callback_id": "edit", "title": plain(title), "submit": plain("Save")}
    return {**shape, "blocks": list(blocks), **more}
