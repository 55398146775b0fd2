"""Sends commands, interactions and events to the app as Slack does: signed, with a deadline, events retried.

Without a Request URL everything goes over Socket Mode.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import aiohttp

from demo.cast import App, Timing
from demo.faults import Faults
from demo.sockets import Sockets

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
Kind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back. `problem` is Slack's retry reason, empty when the app answered 200 in time."""

    status: int = 0
    body: str = ""
    problem: str = ""
    retry: bool = True

    @property
    def ok(self) -> bool:
        return not self.problem


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's v0 request signature."""
    signed = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return "v0=" + signed.hexdigest()


def request_url(given: str) -> str:
    """A full Request URL; an address without a path means the app's usual `/slack/events`."""
    return given.rstrip("/") + "/slack/events" if urlsplit(given).path in ("", "/") else given


class Delivery:
    """The way from the workspace to the app. `record` gets every body that the app answers with."""

    def __init__(self, app: App, timing: Timing, faults: Faults, record: Callable[[str, bytes], None]) -> None:
        self.request_url: str | None = None
        self.sockets = Sockets(app.app_id)
        self._app, self._timing, self._faults, self._record = app, timing, faults, record
        self._session: aiohttp.ClientSession | None = None
        self._background: set[asyncio.Task[Any]] = set()

    async def command(self, form: dict[str, str]) -> Outcome:
        """A slash command; the answer's body is what the person sees."""
        return await self._send("slash_commands", form, urlencode(form).encode(), FORM)

    async def interaction(self, payload: dict[str, Any]) -> Outcome:
        """A click, submission, shortcut or type-ahead query."""
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return await self._send("interactive", payload, body, FORM)

    async def event(self, body: dict[str, Any], seen: Callable[[Outcome], None] | None = None) -> Outcome:
        """An event; returns after the first try, further tries go on by themselves and are told to `seen`."""
        fault = self._faults.take("event")
        if fault is not None and fault.kind == "duplicate":
            again = {"event_id": f"{body['event_id']}2"} if fault.value == "new_id" else {}
            await self._try_event({**body, **again}, 0, "")
        outcome = await self._try_event(body, 0, "")
        if seen is not None:
            seen(outcome)
        if not outcome.ok and outcome.retry:
            self.spawn(self._retry_event(body, outcome, seen))
        return outcome

    async def verify_url(self) -> bool:
        """Slack's check of a new Request URL: the app has to send the challenge back."""
        challenge = hashlib.sha256(str(time.time_ns()).encode()).hexdigest()
        body = {"token": self._app.verification_token, "challenge": challenge, "type": "url_verification"}
        outcome = await self._post(json.dumps(body).encode(), JSON, {})
        return outcome.ok and challenge in outcome.body

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something beside the caller until it ends or the workspace stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def stop(self) -> None:
        """Give up what is still being retried and close connections."""
        for task in list(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self.sockets.disconnect("link_disabled")
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _retry_event(self, body: dict[str, Any], last: Outcome, seen: Callable[[Outcome], None] | None) -> None:
        for number, wait in enumerate(self._timing.retries, 1):
            await asyncio.sleep(wait)
            last = await self._try_event(body, number, last.problem)
            if seen is not None:
                seen(last)
            if last.ok or not last.retry:
                return

    async def _try_event(self, body: dict[str, Any], number: int, reason: str) -> Outcome:
        headers = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason} if number else {}
        socket_fields = {"retry_attempt": number, "retry_reason": reason}
        return await self._send("events_api", body, json.dumps(body).encode(), JSON, headers, **socket_fields)

    async def _send(
        self,
        kind: Kind,
        payload: dict[str, Any],
        body: bytes,
        content_type: str,
        headers: dict[str, str] | None = None,
        **socket_fields: Any,
    ) -> Outcome:
        if self.request_url is None and self.sockets.connected:
            return await self._over_socket(kind, payload, socket_fields)
        return await self._post(body, content_type, headers or {})

    async def _over_socket(self, kind: Kind, payload: dict[str, Any], fields: dict[str, Any]) -> Outcome:
        try:
            async with asyncio.timeout(self._timing.ack):
                reply = await self.sockets.send(kind, payload, accepts_response_payload=kind != "events_api", **fields)
        except TimeoutError:
            return Outcome(problem="timeout")
        except ConnectionError:
            return Outcome(problem="connection_failed")
        answer = reply.get("payload", "")
        body = answer if isinstance(answer, str) else json.dumps(answer)
        self._record("ack", body.encode())
        return Outcome(200, body)

    async def _post(self, body: bytes, content_type: str, headers: dict[str, str]) -> Outcome:
        if self.request_url is None:
            return Outcome(problem="connection_failed")
        session = self._session = self._session or aiohttp.ClientSession()
        timestamp = str(int(time.time()))
        signed = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._app.signing_secret, timestamp, body),
            **headers,
        }
        try:
            async with (
                asyncio.timeout(self._timing.ack),
                session.post(request_url(self.request_url), data=body, headers=signed, allow_redirects=False) as reply,
            ):
                answer = await reply.read()
        except TimeoutError:
            return Outcome(problem="http_timeout")
        except aiohttp.ClientError:
            return Outcome(problem="connection_failed")
        self._record("ack", answer)
        problem = "" if reply.status == 200 else "http_error"
        retry = reply.headers.get("X-Slack-No-Retry") != "1"
        return Outcome(reply.status, answer.decode("utf-8", "replace"), problem, retry)
