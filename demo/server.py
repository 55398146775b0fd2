"""The stand-in's one HTTP server: Web API, response URLs, OAuth, Socket Mode, and the browser page. Loopback only."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from demo import webapi
from demo.errors import Refused
from demo.methods_chat import respond
from demo.pages import Pages
from demo.workspace import Workspace

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
BODY = 4 * 1024 * 1024
PLAIN = {"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff"}


@dataclass(slots=True)
class Running:
    """A workspace that is being served."""

    url: str
    workspace: Workspace
    _runner: web.AppRunner
    _files: asyncio.Task[None]

    async def stop(self) -> None:
        """Stop serving and give up what is still under way."""
        self._files.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._files
        await self.workspace.stop()
        await self._runner.cleanup()


async def serve(
    workspace: Workspace, host: str = "127.0.0.1", port: int = 0, more: Sequence[web.RouteDef] = ()
) -> Running:
    """Serve the workspace; port 0 takes a free one. The Web API is at `{url}/api/`. `more`: other pages beside it."""
    pages = Pages(workspace)
    runner = web.AppRunner(application(workspace, pages, more), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    bound = runner.addresses[0][1]
    workspace.url = f"http://{f'[{host}]' if ':' in host else host}:{bound}"
    watching = asyncio.get_running_loop().create_task(pages.watch_files())
    return Running(workspace.url, workspace, runner, watching)


def application(workspace: Workspace, pages: Pages, more: Sequence[web.RouteDef] = ()) -> web.Application:
    """Every route; the page's catch-all comes last."""
    app = web.Application(middlewares=[only_loopback], client_max_size=BODY)

    async def answer_url(request: web.Request) -> web.Response:
        return await _respond(workspace, request)

    async def authorize(request: web.Request) -> web.Response:
        return authorize_page(workspace, request)

    async def upload(request: web.Request) -> web.Response:
        return await _upload(workspace, request)

    async def download(request: web.Request) -> web.Response:
        file_id = request.match_info["file_id"]
        if file_id in workspace.shared and webapi.bearer(request, {}) != workspace.app.bot_token:
            raise web.HTTPFound("/")  # as Slack: to the page where people log in
        _, content = workspace.uploads.get(file_id, ("", None))
        return web.Response(status=404) if content is None else web.Response(body=content, headers=PLAIN)

    app.add_routes(webapi.routes(workspace))
    app.add_routes(
        [
            web.post("/response/{token}", answer_url),
            web.get("/oauth/v2/authorize", authorize),
            web.post("/upload/{file_id}", upload),
            web.get("/files/{file_id}/download", download),
            web.get("/link/", workspace.delivery.sockets.handle),
            *more,
            *pages.routes(),
        ]
    )
    return app


@web.middleware
async def only_loopback(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse what a foreign web page could send here: other host names (DNS rebinding) and other origins."""
    origin = request.headers.get("Origin")
    if not _is_loopback(f"//{request.host}") or (origin is not None and not _is_same(origin, request.host)):
        return web.json_response({"ok": False, "error": "forbidden"}, status=403)
    return await handler(request)


def _is_loopback(address: str) -> bool:
    try:
        return urlsplit(address).hostname in LOOPBACK
    except ValueError:
        return False


def _is_same(origin: str, host: str) -> bool:
    return _is_loopback(origin) and urlsplit(origin).netloc == host


async def _upload(workspace: Workspace, request: web.Request) -> web.Response:
    file_id = request.match_info["file_id"]
    if file_id not in workspace.uploads:
        return web.Response(status=404)
    content = await request.read()
    workspace.record("upload", content)
    workspace.uploads[file_id] = (workspace.uploads[file_id][0], content)
    return web.Response(text=f"OK - {len(content)}")


async def _respond(workspace: Workspace, request: web.Request) -> web.Response:
    raw = await request.read()
    workspace.record("response_url", raw)
    fault = workspace.faults.take("response_url")
    if fault is not None and fault.kind == "status":
        return web.Response(status=int(fault.value))
    try:
        url = workspace.response_urls.use(request.match_info["token"])
        body = json.loads(raw)
        if not isinstance(body, dict):
            raise Refused("invalid_payload")
        respond(workspace, url, body)
    except ValueError:
        return web.Response(status=400, text="invalid_payload")
    except Refused as refused:
        return web.json_response(refused.answer(), status=404 if refused.code.endswith("_url") else 400)
    return web.Response(text="ok")


def _usual_redirect(workspace: Workspace) -> str:
    address = urlsplit(workspace.request_url or "")
    return f"{address.scheme}://{address.netloc}/slack/oauth_redirect"


def authorize_page(workspace: Workspace, request: web.Request) -> web.Response:
    """The consent page's outcome: the person always agrees."""
    redirect_uri = request.query.get("redirect_uri") or _usual_redirect(workspace)
    if request.query.get("client_id") != workspace.app.client_id or not _is_loopback(redirect_uri):
        return web.Response(status=400, text="invalid_client_id or redirect_uri")
    if request.query.get("cancel"):
        code = {"error": "access_denied"}
    else:
        code = {"code": workspace.tokens.new_code(redirect_uri)}
    separator = "&" if urlsplit(redirect_uri).query else "?"
    back = {**code, "state": request.query.get("state", "")}
    raise web.HTTPFound(f"{redirect_uri}{separator}{urlencode(back)}")
