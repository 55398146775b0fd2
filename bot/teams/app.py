"""POST /api/messages: who may speak to the bot, and the one answer each activity gets. Knows no screen, no workflow.

Until the token is known to be Microsoft's, a caller learns nothing: 400 to 415 speak of the request's form only, and
every refusal is the same empty 401.
"""

import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from bot.logs import safe
from bot.teams.activity import Activity, BadActivity, read_activity
from bot.teams.place import Place
from bot.teams.refusal import KeysUnreachable, Refused
from bot.teams.repeats import Repeats

_log = logging.getLogger("afternote.teams")
ROUTE = "/api/messages"
LARGEST_BODY = 1024 * 1024
RETRY_AFTER = "10"  # seconds


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to an activity: a JSON body or none, and its HTTP status."""

    body: Mapping[str, Any] | None = None
    status: int = 200


class Gate(Protocol):
    """Tells whether Microsoft's channel service sent this activity."""

    async def admit(self, activity: Activity, authorization: str) -> None:
        """Raises Refused, or KeysUnreachable when nobody can tell."""
        ...


Dispatch = Callable[[Activity], Awaitable[Reply]]
Count = Callable[[str, int, float], None]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Closed(Exception):
    """The request ends here with this status."""

    def __init__(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.headers = status, headers or {}


def _uncounted(route: str, status: int, seconds: float) -> None:
    """Counts nothing."""


def messages_endpoint(gate: Gate, place: Place, dispatch: Dispatch, count: Count = _uncounted) -> Handler:
    """The handler of `ROUTE`. `count` hears of every answer: route, status, seconds."""
    repeats = Repeats[Reply]()

    async def on_messages(request: web.Request) -> web.StreamResponse:
        began = time.perf_counter()
        try:
            activity = await _admitted(gate, place, request)
            answer = _rendered(await _dispatched(repeats, dispatch, activity))
        except _Closed as closed:
            answer = web.Response(status=closed.status, headers=closed.headers)
        count(ROUTE, answer.status, time.perf_counter() - began)
        return answer

    return on_messages


async def _admitted(gate: Gate, place: Place, request: web.Request) -> Activity:
    """The activity, if Microsoft sent it for the practice's tenant."""
    activity = await _read(request)
    try:
        await gate.admit(activity, request.headers.get("Authorization", ""))
        place.check(activity)
    except Refused as refused:
        _log.warning("teams request refused: %s", refused.code)
        raise _Closed(401) from None
    except KeysUnreachable:
        _log.warning("teams request not checked: Microsoft's signing keys are out of reach")
        raise _Closed(503, {"Retry-After": RETRY_AFTER}) from None
    return activity


async def _read(request: web.Request) -> Activity:
    if request.content_type != "application/json":
        raise _Closed(415)
    try:
        return read_activity(await _body(request))
    except BadActivity as bad:
        _log.warning("teams request not read: %s", bad.code)
        raise _Closed(400) from None


async def _body(request: web.Request) -> bytes:
    """The body, of at most 1 MiB whatever its headers say of it."""
    if (request.content_length or 0) > LARGEST_BODY:
        raise _Closed(413)
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
    same = (activity.conversation_id, activity.id, activity.type, activity.name, activity.user_id)
    try:
        return await (repeats.once(same, lambda: dispatch(activity)) if activity.id else dispatch(activity))
    except Exception as error:
        _log.error("teams %s %s failed: %s", activity.type, activity.id, safe(error))
        raise _Closed(500) from None


def _rendered(reply: Reply) -> web.Response:
    if reply.body is None:
        return web.Response(status=reply.status)
    text = json.dumps(reply.body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(status=reply.status, text=text, content_type="application/json")
