"""The one aiohttp server: Slack's requests, health, metrics. Serves on the address it is given and nowhere else."""

import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

_log = logging.getLogger("afternote.server")
_LARGEST_BODY = 1024 * 1024


@dataclass(slots=True)
class Counters:
    """Counts for `/metrics`: by route and status only."""

    requests: dict[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    seconds: float = 0.0

    def count(self, route: str, status: int, seconds: float) -> None:
        """One more answer on this route."""
        self.requests[route, status] = self.requests.get((route, status), 0) + 1
        self.seconds += seconds

    def as_text(self) -> str:
        """Prometheus' text format."""
        lines = ["# TYPE afternote_requests_total counter"]
        for (route, status), count in sorted(self.requests.items()):
            lines.append(f'afternote_requests_total{{route="{route}",status="{status}"}} {count}')
        lines += [
            "# TYPE afternote_request_seconds_total counter",
            f"afternote_request_seconds_total {self.seconds:.6f}",
        ]
        return "\n".join(lines) + "\n"


Ready = Callable[[], Awaitable[list[str]]]


def build_server(slack: AsyncApp | None, ready: Ready) -> web.Application:
    """The routes of DESIGN §7. `ready` names what is not; an empty list is ready."""
    counters = Counters()
    app = web.Application(client_max_size=_LARGEST_BODY)

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def readyz(_: web.Request) -> web.Response:
        problems = await ready()
        for problem in problems:
            _log.warning("not ready: %s", problem)
        return web.json_response({"ok": not problems, "problems": len(problems)}, status=503 if problems else 200)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(text=counters.as_text())

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    if slack:
        app.router.add_post("/slack/events", _slack_events(slack, counters))
    return app


def _slack_events(slack: AsyncApp, counters: Counters) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def events(request: web.Request) -> web.StreamResponse:
        began = time.perf_counter()
        answer = await _answered(slack, request)
        counters.count("/slack/events", answer.status, time.perf_counter() - began)
        return answer

    return events


async def _answered(slack: AsyncApp, request: web.Request) -> web.StreamResponse:
    """Bolt's answer. Bolt takes the timestamp for a number before it looks at the signature: what is none ends here."""
    stamp = request.headers.get("X-Slack-Request-Timestamp", "0")
    answer = web.Response(status=401)
    if stamp.isascii() and stamp.isdigit() and len(stamp) <= 12:
        try:
            bolt_request = await to_bolt_request(request)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            bolt_request = None  # Bolt reads the body before its signature; what it cannot read is nobody's
        if bolt_request:
            answer = await to_aiohttp_response(await slack.async_dispatch(bolt_request))
    if answer.status == 401:
        _log.warning("slack request refused: %s", secrets.token_hex(4))
    return answer


async def serve(app: web.Application, host: str, port: int) -> web.AppRunner:
    """Start serving; `await runner.cleanup()` stops. Raises OSError when the address is taken."""
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner
