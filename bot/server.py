"""The one aiohttp server: what chats deliver, health, metrics. Serves on the address it is given and nowhere else."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web

_log = logging.getLogger("afternote.server")
_LARGEST_BODY = 1024 * 1024


@dataclass(slots=True)
class Counters:
    """Counts of requests for `/metrics`: by route and status only."""

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
Waiting = Callable[[], Awaitable[Mapping[tuple[str, str, str], int]]]
"""How many notes are not filed: (practice, "" where there is only one; target; state) → count."""


Endpoint = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a chat delivers, or a browser comes: `POST path` unless another method is given."""

    path: str
    answer: Endpoint
    method: str = "POST"


async def _none_waits() -> Mapping[tuple[str, str, str], int]:
    return {}


def build_server(routes: Sequence[Route], ready: Ready, waiting: Waiting = _none_waits) -> web.Application:
    """The chats' routes and those of DESIGN §7. `ready` names what is not; an empty list is ready."""
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
        return web.Response(text=counters.as_text() + _waiting_as_text(await waiting()))

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    for route in routes:
        app.router.add_route(route.method, route.path, _counted(route, counters))
    return app


def _waiting_as_text(waiting: Mapping[tuple[str, str, str], int]) -> str:
    lines = ["# TYPE afternote_filings_waiting gauge"]
    for (practice, target, state), count in sorted(waiting.items()):
        whose = f'practice="{practice}",' if practice else ""
        lines.append(f'afternote_filings_waiting{{{whose}target="{target}",state="{state}"}} {count}')
    return "\n".join(lines) + "\n" if waiting else ""


def _counted(route: Route, counters: Counters) -> Endpoint:
    async def answer(request: web.Request) -> web.StreamResponse:
        began = time.perf_counter()
        response = await route.answer(request)
        counters.count(route.path, response.status, time.perf_counter() - began)
        return response

    return answer


async def serve(app: web.Application, host: str, port: int) -> web.AppRunner:
    """Start serving; `await runner.cleanup()` stops. Raises OSError when the address is taken.

    Bodies stay as they were sent: whoever packs 1 MiB into 1 KB gets nothing unpacked.
    """
    runner = web.AppRunner(app, access_log=None, handle_signals=False, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner
