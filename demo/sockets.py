"""Socket Mode: the app's web sockets, one envelope to one of them at random, and the acknowledgements."""

import asyncio
import contextlib
import json
import random
import secrets
import uuid
from typing import Any

from aiohttp import WSMsgType, web

MOST_CONNECTIONS = 10


class Sockets:
    """The app's open Socket Mode connections."""

    def __init__(self, app_id: str) -> None:
        self._app_id = app_id
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._awaited: dict[str, asyncio.Future[dict[str, Any]]] = {}

    @property
    def connected(self) -> int:
        return len(self._open)

    def ticket(self) -> str:
        """The single-use right to connect that `apps.connections.open` hands out."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it closes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or len(self._open) >= MOST_CONNECTIONS:
            return web.Response(status=403)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        self._open.append(socket)
        try:
            await socket.send_json(self._hello())
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._acknowledged(frame.data)
        finally:
            self._open.remove(socket)
        return socket

    async def send(self, kind: str, payload: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Send one envelope and wait for its acknowledgement. Raises ConnectionError when nothing is connected."""
        if not self._open:
            raise ConnectionError
        envelope_id = str(uuid.uuid4())
        acknowledged = asyncio.get_running_loop().create_future()
        self._awaited[envelope_id] = acknowledged
        envelope = {"envelope_id": envelope_id, "type": kind, "payload": payload, **fields}
        try:
            # Slack picks one of the app's connections at random; nothing here is a secret.
            await random.choice(self._open).send_json(envelope)  # noqa: S311
            return await acknowledged
        finally:
            self._awaited.pop(envelope_id, None)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to reconnect, as Slack does now and then, and close them."""
        for socket in list(self._open):
            # It may be closing already.
            with contextlib.suppress(ConnectionError):
                await socket.send_json({"type": "disconnect", "reason": reason})
            await socket.close()

    def _hello(self) -> dict[str, Any]:
        info = {"host": "local", "approximate_connection_time": 18060}
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "connection_info": {"app_id": self._app_id},
            "debug_info": info,
        }

    def _acknowledged(self, data: Any) -> None:
        try:
            reply = json.loads(data)
        except ValueError:
            return
        awaited = self._awaited.get(reply.get("envelope_id", ""))
        if awaited is not None and not awaited.done():
            awaited.set_result(reply)
