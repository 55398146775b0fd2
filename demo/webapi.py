"""Slack's Web API over HTTP: bodies, tokens, rate limits, faults and the answer's shape. The methods are elsewhere."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from demo.errors import Refused
from demo.faults import Fault
from demo.methods_chat import CHAT
from demo.methods_files import FILES
from demo.methods_team import TEAM
from demo.methods_views import VIEWS
from demo.workspace import Workspace

Arguments = dict[str, Any]
Method = Callable[[Workspace, Arguments], Awaitable[dict[str, Any]]]
METHODS: dict[str, Method] = {**CHAT, **VIEWS, **TEAM, **FILES}
WITHOUT_TOKEN = {"oauth.v2.access", "apps.uninstall", "api.test"}
STRUCTURED = {"blocks", "attachments", "view", "metadata", "files"}
FORMATS = {"blocks": "invalid_blocks_format", "attachments": "invalid_attachments", "view": "invalid_arguments"}


def routes(workspace: Workspace) -> list[web.RouteDef]:
    """Everything under `/api/`."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await call(workspace, request)

    return [web.post("/api/{method}", handle), web.get("/api/{method}", handle)]


async def call(workspace: Workspace, request: web.Request) -> web.StreamResponse:
    """One call of a method in this workspace."""
    method, raw = request.match_info["method"], await request.read()
    workspace.record(method, raw or request.query_string.encode())
    fault = workspace.faults.take(method)
    early = await _fault_before(fault)
    if early is not None:
        return early
    answer = await _answer(workspace, request, method, raw)
    if fault is not None and fault.kind == "lost":
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    return answer


async def _answer(workspace: Workspace, request: web.Request, method: str, raw: bytes) -> web.Response:
    try:
        arguments = read_arguments(request, raw)
        if method not in METHODS:
            raise Refused("unknown_method", req_method=method)
        if method not in WITHOUT_TOKEN:
            kind = "app" if method == "apps.connections.open" else "bot"
            workspace.tokens.check(bearer(request, arguments), kind)
        wait = workspace.rates.wait(method, str(arguments.get("channel", "")))
        if wait is not None:
            return too_many(wait)
        done = await METHODS[method](workspace, arguments)
    except Refused as refused:
        return web.json_response(refused.answer())
    return web.json_response({"ok": True, **done})


async def _fault_before(fault: Fault | None) -> web.Response | None:
    if fault is None:
        return None
    if fault.kind == "slow":
        await asyncio.sleep(float(fault.value))
    if fault.kind == "status":
        return web.Response(status=int(fault.value), text="upstream connect error")
    if fault.kind == "error":
        return web.json_response({"ok": False, "error": str(fault.value)})
    return too_many(int(fault.value)) if fault.kind == "ratelimited" else None


def too_many(wait: int) -> web.Response:
    """Slack's answer to a caller that is over the limit."""
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(wait)})


def bearer(request: web.Request, arguments: Arguments) -> str | None:
    """The token of a call."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else arguments.get("token")


def read_arguments(request: web.Request, raw: bytes) -> Arguments:
    """The call's arguments, whether they came as a query, a form or JSON."""
    arguments: Arguments = dict(request.query)
    if request.content_type == "application/json":
        arguments |= _json_body(raw)
    elif request.content_type == "application/x-www-form-urlencoded":
        arguments |= _form_body(raw)
    elif raw:
        raise Refused("invalid_form_data")
    for name in STRUCTURED & arguments.keys():
        arguments[name] = _structured(name, arguments[name])
    return arguments | _basic(request.headers.get("Authorization", ""))


def _basic(header: str) -> Arguments:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        login, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        raise Refused("bad_client_secret") from None
    return {"client_id": login, "client_secret": password}


def _json_body(raw: bytes) -> Arguments:
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        raise Refused("invalid_json") from None
    if not isinstance(body, dict):
        raise Refused("json_not_object")
    return body


def _form_body(raw: bytes) -> Arguments:
    return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))


def _structured(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise Refused(FORMATS.get(name, "invalid_arguments")) from None
