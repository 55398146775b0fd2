"""POST /api/messages: who may speak to the bot, and the one answer each activity gets. Knows no screen, no workflow.

Until the token is known to be Microsoft's, no body is read and a caller learns nothing: 413 and 415 speak of the
headers only, and every refusal is the same empty 401.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from bot.logs import safe
from bot.teams.activity import Activity, BadActivity, read_activity
from bot.teams.place import Place, Voucher
from bot.teams.refusal import KeysUnreachable, Refused
from bot.teams.repeats import Repeats

_log = logging.getLogger("afternote.teams")
ROUTE = "/api/messages"
LARGEST_BODY = 1024 * 1024
_SMALL_BODY = 64 * 1024  # read in place; a larger one would hold up everybody else
RETRY_AFTER = "10"  # seconds


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to an activity: a JSON body or none, and its HTTP status."""

    body: Mapping[str, Any] | None = None
    status: int = 200


class Gate(Protocol):
    """Tells whether Microsoft's channel service speaks."""

    async def admit(self, authorization: str) -> Voucher:
        """What the token vouches for. Raises Refused, or KeysUnreachable when nobody can tell."""
        ...


Dispatch = Callable[[Activity], Awaitable[Reply]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Closed(Exception):
    """The request ends here with this status."""

    def __init__(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.headers = status, headers or {}


def messages_endpoint(gate: Gate, place: Place, dispatch: Dispatch, repeats: Repeats[Reply] | None = None) -> Handler:
    """The handler of `ROUTE`. Who gives `repeats` closes it."""
    known = repeats or Repeats[Reply]()

    async def on_messages(request: web.Request) -> web.StreamResponse:
        try:
            activity = await _admitted(gate, place, request)
            return _rendered(await _dispatched(known, dispatch, activity))
        except _Closed as closed:
            return web.Response(status=closed.status, headers=closed.headers)

    return on_messages


async def _admitted(gate: Gate, place: Place, request: web.Request) -> Activity:
    """The activity, if Microsoft sent it for the practice's tenant."""
    _check_form(request)
    try:
        voucher = await gate.admit(request.headers.get("Authorization", ""))
        activity = await _read(request)
        voucher.check(activity)
        place.check(activity)
    except Refused as refused:
        _log.warning("teams request refused: %s", refused.code)
        raise _Closed(401) from None
    except KeysUnreachable:
        _log.warning("teams request not checked: Microsoft's signing keys are out of reach")
        raise _Closed(503, {"Retry-After": RETRY_AFTER}) from None
    return activity


def _check_form(request: web.Request) -> None:
    """Teams packs no body; what is packed stays so (see `bot.server.serve`)."""
    if request.content_type != "application/json" or "Content-Encoding" in request.headers:
        raise _Closed(415)
    if (request.content_length or 0) > LARGEST_BODY:
        raise _Closed(413)


async def _read(request: web.Request) -> Activity:
    try:
        body = await _body(request)
        return read_activity(body) if len(body) <= _SMALL_BODY else await asyncio.to_thread(read_activity, body)
    except BadActivity as bad:
        _log.warning("teams request not read: %s", bad.code)
        raise _Closed(400) from None


async def _body(request: web.Request) -> bytes:
    """The body, of at most 1 MiB whatever its headers say of it."""
    body = bytearray()
    try:
        while more := await request.content.readany():
            body += more
            if len(body) > LARGEST_BODY:
                raise _Closed(413)
    except web.RequestPayloadError:
        raise BadActivity("broken_off") from None
    return bytes(body)


async def _dispatched(repeats: Repeats[Reply], dispatch: Dispatch, activity: Activity) -> Reply:
    same = (activity.tenant_id, activity.conversation_id, activity.id, activity.type, activity.name, activity.user_id)
    try:
        if not activity.id or activity.type == "messageUpdate":  # each change of a message comes under the same id
            return await dispatch(activity)
        return await repeats.once(same, lambda: dispatch(activity))
    except Exception as error:
        _log.error("teams %s %s failed: %s", activity.type, activity.id, safe(error))
        raise _Closed(500) from None


def _rendered(reply: Reply) -> web.Response:
    if reply.body is None:
        return web.Response(status=reply.status)
    text = json.dumps(reply.body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(status=reply.status, text=text, content_type="application/json")
