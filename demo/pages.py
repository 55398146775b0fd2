"""The page's side of the workspace: the stream of changes, what a person does, notes folder, the page's own files."""

import asyncio
import contextlib
import mimetypes
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from demo.client import Client, refusal
from demo.modal import ModalClient
from demo.workspace import Workspace

PAGE = Path(__file__).parent / "page"
POLL = 0.5
TYPES = {".md": "text/markdown", ".jsonl": "application/x-ndjson", ".js": "text/javascript", ".mjs": "text/javascript"}
# Markup in the notes folder is shown, never run. Not for PDF: browsers do not show it inside a sandbox.
MARKUP = {".html", ".htm", ".xhtml", ".xml", ".svg"}
LOCKED = {"Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"}
OWN = {"Content-Security-Policy": "frame-ancestors 'none'"}
FRESH = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}


class Pages:
    """The handlers of `/client/…` and of the page's files."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.client, self.modals = Client(workspace), ModalClient(workspace)

    def routes(self) -> list[web.RouteDef]:
        posts = {
            "message": self._message,
            "command": self._command,
            "action": self._action,
            "suggest": self._suggest,
            "submit": self._submit,
            "close": self._close,
            "shortcut": self._shortcut,
            "home": self._home,
            "samples": self._samples,
        }
        return [
            web.get("/client/stream", self._stream),
            web.get("/client/people", self._people),
            web.get("/client/files", self._list_files),
            web.get("/client/files/{path:.+}", self._file),
            *(web.post(f"/client/{name}", _json_handler(handler)) for name, handler in posts.items()),
            web.get("/", self._page),
            web.get("/page/{path:.+}", self._page),
            web.get("/{path:.+}", self._page),
        ]

    async def watch_files(self) -> None:
        """Tell the page when something in the notes folder changes, until cancelled."""
        before = self._stamps()
        while True:
            await asyncio.sleep(POLL)
            now = self._stamps()
            if now != before:
                before = now
                self.workspace.files_changed()

    async def _message(self, body: dict[str, Any]) -> dict[str, Any]:
        return await self.client.say(body["user"], body["channel"], body.get("text", ""), body.get("files"))

    async def _command(self, body: dict[str, Any]) -> dict[str, Any]:
        return await self.client.command(body["user"], body["channel"], body["command"], body.get("text", ""))

    async def _action(self, body: dict[str, Any]) -> dict[str, Any]:
        where = body["user"], body["container"], body.get("block_id"), body["action_id"]
        return await self.client.action(*where, body.get("action"), body.get("state"))

    async def _suggest(self, body: dict[str, Any]) -> dict[str, Any]:
        where = body["user"], body["container"], body.get("block_id"), body["action_id"]
        return await self.client.suggest(*where, body.get("value", ""))

    async def _submit(self, body: dict[str, Any]) -> dict[str, Any]:
        return await self.modals.submit(body["user"], body["view_id"], body.get("state"))

    async def _close(self, body: dict[str, Any]) -> dict[str, Any]:
        return await self.modals.close(body["user"], body["view_id"], bool(body.get("all")))

    async def _shortcut(self, body: dict[str, Any]) -> dict[str, Any]:
        return await self.client.shortcut(body["user"], body["callback_id"], body.get("channel"), body.get("ts"))

    async def _home(self, body: dict[str, Any]) -> dict[str, Any]:
        return await self.client.home(body["user"])

    async def _samples(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.workspace.on_samples is None:
            return refusal("no_samples")
        await self.workspace.on_samples(body["user"])
        return {"ok": True}

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        user = request.query.get("user", "")
        if user not in self.workspace.people:
            return web.json_response(refusal("user_not_found"), status=404)
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        queue = self.workspace.watch(user)
        sender = asyncio.get_running_loop().create_task(self._send(socket, user, queue))
        try:
            async for frame in socket:
                if frame.type is WSMsgType.ERROR:
                    break
        finally:
            self.workspace.unwatch(queue)
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await sender
        return socket

    async def _send(self, socket: web.WebSocketResponse, user: str, queue: asyncio.Queue[dict[str, Any]]) -> None:
        for news in self._so_far(user):
            await socket.send_json(news)
        while True:
            await socket.send_json(await queue.get())

    def _so_far(self, user: str) -> list[dict[str, Any]]:
        history = [
            {"type": "message", "channel": channel.id, "message": message.as_page()}
            for channel in self.workspace.conversations_of(user)
            for message in self.workspace.messages.seen_by(user, channel.id)
        ]
        views, home = self.workspace.views_news(user), self.workspace.home_news(user)
        return [self._hello(user), *history, views, home]

    def _hello(self, user: str) -> dict[str, Any]:
        workspace, app = self.workspace, self.workspace.app
        people = [_human(person) for person in workspace.people.values()]
        channels = [{"id": c.id, "name": c.name, "kind": c.kind} for c in workspace.conversations_of(user)]
        return {
            "type": "hello",
            "team": {"id": workspace.team_id, "name": workspace.team_name},
            "me": _human(workspace.people[user]),
            "people": people,
            "bot": {"id": app.bot_user_id, "name": app.name, "app_id": app.app_id},
            "commands": [
                {"command": c.command, "description": c.description, "usage_hint": c.usage_hint} for c in app.commands
            ],
            "shortcuts": [
                {"callback_id": s.callback_id, "name": s.name, "type": s.type, "description": s.description}
                for s in app.shortcuts
            ],
            "channels": channels,
            "samples": workspace.on_samples is not None,
            "folder": workspace.notes_folder.name if workspace.notes_folder else None,
            "filed": workspace.filed_page,
        }

    async def _people(self, request: web.Request) -> web.Response:
        people = [_human(person) for person in self.workspace.people.values()]
        return web.json_response({"ok": True, "people": people})

    async def _list_files(self, request: web.Request) -> web.Response:
        folder = self.workspace.notes_folder
        newest = sorted(self._stamps().items(), key=lambda each: each[1], reverse=True)
        files = [
            {
                "path": path,
                "size": size,
                "modified": datetime.fromtimestamp(modified / 1e9, UTC).isoformat(timespec="milliseconds"),
            }
            for path, (modified, size) in newest
        ]
        return web.json_response({"ok": True, "folder": folder.name if folder else None, "files": files})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        found = inside(self.workspace.notes_folder, request.match_info["path"])
        return _not_found() if found is None else web.FileResponse(found, headers=_typed(found))

    async def _page(self, request: web.Request) -> web.StreamResponse:
        found = inside(PAGE, request.match_info.get("path") or "index.html")
        return _not_found() if found is None else web.FileResponse(found, headers={**_typed(found), **OWN})

    def _stamps(self) -> dict[str, tuple[int, int]]:
        return stamps(self.workspace.notes_folder)


def stamps(folder: Path | None) -> dict[str, tuple[int, int]]:
    """Change time (ns) and size of every file that is not hidden, by its path in the folder."""
    if folder is None or not folder.is_dir():
        return {}
    found: dict[str, tuple[int, int]] = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        # A file may vanish between listing and looking.
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and not any(part.startswith(".") for part in name.parts):
                stat = path.stat()
                found[name.as_posix()] = (stat.st_mtime_ns, stat.st_size)
    return found


def inside(folder: Path | None, name: str) -> Path | None:
    """The file of this name, unless it lies outside the folder, is hidden or is not there."""
    if folder is None or "\0" in name or any(part.startswith(".") for part in name.split("/")):
        return None
    found = (folder / name).resolve()
    return found if found.is_relative_to(folder.resolve()) and found.is_file() else None


def _json_handler(handler: Any) -> Any:
    async def handle(request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            return web.json_response(refusal("not_json"), status=415)
        try:
            body = await request.json()
        except ValueError:
            return web.json_response(refusal("not_json"), status=400)
        try:
            return web.json_response(await handler(body))
        except (KeyError, TypeError, AttributeError) as error:
            return web.json_response(refusal("invalid_request", detail=str(error)), status=400)

    return handle


def _human(person: Any) -> dict[str, str]:
    return {"id": person.id, "name": person.name, "real_name": person.real_name, "title": person.title}


def _typed(path: Path) -> dict[str, str]:
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if kind.startswith("text/") or kind == "application/json" else ""
    return {"Content-Type": kind + charset, **FRESH, **(LOCKED if path.suffix.lower() in MARKUP else {})}


def _not_found() -> web.Response:
    return web.json_response(refusal("not_found"), status=404)
