"""A receiver of signed events, as a practice would write one: it verifies with the `standardwebhooks` library and
keeps an event by its id, the first time only.
"""

from typing import Any

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError


class WebhookReceiver:
    """An aiohttp application. `kept`: webhook-id → event; `seen`: the headers of all that came."""

    def __init__(self, secret: str) -> None:
        self._webhook = Webhook(secret)
        self.kept: dict[str, dict[str, Any]] = {}
        self.seen: list[dict[str, str]] = []
        self.app = web.Application(client_max_size=64 << 20)
        self.app.router.add_post("/in", self._take)

    async def _take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append(headers)
        try:
            event = self._webhook.verify(await request.read(), headers)
        except WebhookVerificationError:
            return web.Response(status=401)
        if event["type"] != "afternote.check":
            self.kept.setdefault(headers["webhook-id"], event)
        return web.Response(status=204)
