"""An HTTP proxy on this machine that stands before a real server and does to its answers what networks do.

    async with FaultProxy("127.0.0.1", server_port) as proxy:
        proxy.next(Fault("lost"), method="PUT")   # the next PUT arrives, its answer does not
        proxy.always(Fault("answer", status=503, headers={"Retry-After": "7"}, quote=True))
        ... proxy.url, proxy.seen ...

One request a connection. What it does not disturb it passes on as it is.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal

_LIMIT = 64 << 20


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request, after `delay` seconds.

    - `pass`: nothing but the delay;
    - `drop`: the connection ends before the server hears of it;
    - `lost`: the server carries it out, the connection ends without an answer;
    - `cut`: as `lost`, but half of the answer arrives;
    - `garbage`: bytes that are no HTTP, and the server hears nothing;
    - `answer`: `status`, `headers` and `body`, and the server hears nothing; with `quote` the body ends with the
      request's own body, as error pages of careless servers do.
    """

    kind: Literal["pass", "drop", "lost", "cut", "garbage", "answer"]
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    quote: bool = False
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived. Header names are in small letters."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class FaultProxy:
    """Passes requests on to `host:port` unless a fault was ordered. `seen`: every request, disturbed or not."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._queue: deque[tuple[str, Fault]] = deque()
        self._standing: tuple[str, Fault] | None = None
        self.seen: list[Request] = []
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def next(self, *faults: Fault, method: str = "") -> None:
        """One fault for each of the next requests, of this method only when one is given."""
        self._queue.extend((method, fault) for fault in faults)

    def always(self, fault: Fault | None, method: str = "") -> None:
        """A fault for every request from now on; None: no more."""
        self._standing = (method, fault) if fault else None

    async def __aenter__(self) -> "FaultProxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LIMIT)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None):
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                request = await _request(reader, writer)
                self.seen.append(request)
                await self._disturbed(self._fault_for(request.method), request, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    def _fault_for(self, method: str) -> Fault:
        if self._queue and self._queue[0][0] in ("", method):
            return self._queue.popleft()[1]
        if self._standing and self._standing[0] in ("", method):
            return self._standing[1]
        return Fault("pass")

    async def _disturbed(self, fault: Fault, request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(fault.delay)
        if fault.kind in ("pass", "lost", "cut"):
            answer = await self._forwarded(request)
            share = {"pass": len(answer), "lost": 0, "cut": len(answer) // 2}[fault.kind]
            writer.write(answer[:share])
        elif fault.kind == "garbage":
            writer.write(b"\x00\xff this is no HTTP " + (request.body if fault.quote else b"") + b"\r\n\r\n")
        elif fault.kind == "answer":
            body = fault.body + (request.body if fault.quote else b"")
            headers = {"Content-Length": str(len(body)), "Connection": "close", **fault.headers}
            lines = [f"HTTP/1.1 {fault.status} Fault", *(f"{name}: {value}" for name, value in headers.items())]
            writer.write("\r\n".join([*lines, "", ""]).encode() + (b"" if request.method == "HEAD" else body))
        await writer.drain()

    async def _forwarded(self, request: Request) -> bytes:
        reader, writer = await asyncio.open_connection(self._host, self._port, limit=_LIMIT)
        skipped = ("connection", "expect", "content-length", "transfer-encoding")
        kept = {name: value for name, value in request.headers.items() if name not in skipped}
        headers = {**kept, "connection": "close"}
        if request.body or request.method in ("PUT", "POST"):
            headers["content-length"] = str(len(request.body))
        lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items()), "", ""]
        try:
            writer.write("\r\n".join(lines).encode("latin-1") + request.body)
            await writer.drain()
            return await reader.read(-1)
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return Request(method, target, headers, await _chunks(reader))
    return Request(method, target, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    whole = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        whole += await reader.readexactly(size)
        await reader.readline()
    while (await reader.readline()).strip():
        pass  # trailers
    return whole
