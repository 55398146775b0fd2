"""A bot for trying out the playground: an echo and a card, behind the product's real boundary and connector.

`stage` puts up the whole chain: playground → signing proxy → token check → bot → connector → playground.
"""

import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.teams.activity import Activity
from bot.teams.app import ROUTE, Reply, messages_endpoint
from bot.teams.botframework import Connector, Gate, Identity, Services
from bot.teams.place import Place
from demo.bot_service import BotService
from demo.playground import PACKAGE, Playground

NODE_MODULES = Path(__file__).parents[1] / "node" / "node_modules"
MARKUP = "**not bold** <b>not bold</b> &amp; [no](link)"
_CARD = "application/vnd.microsoft.card.adaptive"
_SAID = "application/vnd.microsoft.activity.message"
_ERROR = "application/vnd.microsoft.error"


@dataclass(slots=True)
class Stage:
    """The chain, running."""

    playground: Playground
    service: BotService
    bot: "SmallBot"


class SmallBot:
    """Answers "card" with a card and everything else with itself; remembers what it heard."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.heard: list[Activity] = []

    def last(self, wanted: Callable[[Activity], bool]) -> Activity:
        """The newest activity that `wanted` accepts. Raises StopIteration."""
        return next(activity for activity in reversed(self.heard) if wanted(activity))

    async def dispatch(self, activity: Activity) -> Reply:
        """The answer to an activity."""
        self.heard.append(activity)
        if activity.type == "invoke":
            return await self._on_press(activity)
        if activity.type == "message":
            await self._on_message(activity)
        return Reply()

    async def _on_message(self, activity: Activity) -> None:
        if activity.text.endswith("card"):
            await self.send(activity, _card_message("First", f"in {activity.conversation_type}"))
        else:
            text = f"pressed {activity.value['action']}" if activity.value else f"you said: {activity.text}"
            await self.send(activity, {"type": "message", "text": text, "textFormat": "plain"})

    async def _on_press(self, activity: Activity) -> Reply:
        action = activity.value["action"]
        if action["verb"] == "say":
            return _answer(200, _SAID, "Said, and nothing else.")
        if action["verb"] == "fail":
            return _answer(400, _ERROR, {"code": "stale", "message": "This card is old."})
        if action["verb"] == "break":
            raise RuntimeError("on purpose")
        typed = f"{action['data'].get('why', 'nothing')} / {action['data'].get('format')}"
        if action["verb"] != "update":
            return _answer(200, _CARD, _card("Replaced", typed))
        # The update and the answer overtake each other: they have to be the same card.
        message = _card_message("Updated", typed)
        where = (activity.service_url, activity.conversation_id, activity.reply_to)
        await self.connector.update(*where, message)
        return _answer(200, _CARD, message["attachments"][0]["content"])

    async def send(self, activity: Activity, message: dict[str, Any]) -> str:
        """Send where the activity came from."""
        return await self.connector.send(activity.service_url, activity.conversation_id, message)


@contextlib.asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    """The chain on free ports of this machine; `folder` takes the playground's settings."""
    _require_playground()
    async with BotService() as service:
        settings = service.settings()
        identity = Identity(service.app_id, settings["MicrosoftAppPassword"], service.tenant_id, "SingleTenant")
        services = Services(
            settings["TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL"],
            settings["TO_BOT_FROM_CHANNEL_TOKEN_ISSUER"],
            settings["TO_CHANNEL_FROM_BOT_LOGIN_URL"],
            settings["TO_CHANNEL_FROM_BOT_OAUTH_SCOPE"],
        )
        connector = Connector(identity, services)
        bot = SmallBot(connector)
        place = Place(service.tenant_id, local=True)
        runner = await _serve(messages_endpoint(Gate(identity, services), place, bot.dispatch))
        service.bot_url = f"http://127.0.0.1:{runner.addresses[0][1]}{ROUTE}"
        try:
            async with Playground(NODE_MODULES, service.relay_url, 0, folder) as playground:
                yield Stage(playground, service, bot)
        finally:
            await runner.cleanup()
            await connector.close()


async def _serve(handler: Callable[[web.Request], Any]) -> web.AppRunner:
    app = web.Application()
    app.router.add_post(ROUTE, handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


def _require_playground() -> None:
    """Skips the test without node or the package; `AFTERNOTE_REQUIRE_NODE=1` (CI) makes that a failure."""
    if shutil.which("node") and (NODE_MODULES / PACKAGE).is_dir():
        return
    refuse = pytest.fail if os.environ.get("AFTERNOTE_REQUIRE_NODE") == "1" else pytest.skip
    refuse(f"needs node and `npm ci --prefix tests/node`, which brings {PACKAGE}")


def _answer(status: int, kind: str, value: Any) -> Reply:
    return Reply({"statusCode": status, "type": kind, "value": value})


def _card_message(heading: str, typed: str) -> dict[str, Any]:
    content = _card(heading, typed)
    return {"type": "message", "summary": "A card", "attachments": [{"contentType": _CARD, "content": content}]}


def _card(heading: str, typed: str) -> dict[str, Any]:
    choices = [{"title": name.upper(), "value": name} for name in ("soap", "dap", "birp")]
    return {
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": [
            {"type": "TextBlock", "text": heading, "weight": "Bolder", "wrap": True},
            {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": MARKUP}]},
            {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": typed}]},
            {"type": "Input.Text", "id": "why", "label": "Why", "isMultiline": True},
            {"type": "Input.ChoiceSet", "id": "format", "label": "Format", "choices": choices, "value": "soap"},
        ],
        "actions": [
            *(_execute(title, title.split()[0].lower()) for title in ("Replace", "Update", "Say so", "Fail", "Break")),
            {"type": "Action.Submit", "title": "Submit", "data": {"action": "submit", "note": "n1"}},
            {
                "type": "Action.Submit",
                "title": "Dialog",
                "data": {"msteams": {"type": "task/fetch"}, "action": "dialog", "note": "n1"},
            },
        ],
    }


def _execute(title: str, verb: str) -> dict[str, Any]:
    data = {"action": verb, "note": "n1"}
    fallback = {"type": "Action.Submit", "title": title, "data": data}
    return {"type": "Action.Execute", "title": title, "verb": verb, "data": data, "fallback": fallback}
