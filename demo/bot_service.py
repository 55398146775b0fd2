"""A stand-in for Microsoft's channel service, on loopback: keys and tokens, a signing proxy, a connector that records.

Token checks stay on: the bot fetches these keys as it would fetch Microsoft's. What the bot sends is kept in memory
only. It is nobody's chat client: people come from tests, or from Microsoft's own local client through the proxy.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from types import TracebackType
from typing import Any, Literal

import aiohttp
from aiohttp import web

from demo.bot_tokens import SigningKey, key_set, signed
from demo.faults import Faults
from demo.server import only_loopback

Act = Literal["send", "update", "delete", "open"]
Json = dict[str, Any]
APP_ID = "00000000-0000-4000-8000-00000000b071"
TENANT = "00000000-0000-4000-8000-0000000000aa"  # the example practice's
PASSWORD = "not-a-secret"  # noqa: S105
BOT_URL = "http://127.0.0.1:3978/api/messages"
_HOUR = 3600
_BODY = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing the bot did through the connector. `activity` is what it sent, `{}` for a deletion; `size` in bytes."""

    act: Act
    conversation: str
    activity_id: str
    activity: Json
    at: datetime
    size: int = 0


class BotService:
    """Microsoft's side of Teams. Use it as a context manager, or `start` and `stop` it.

    `faults` takes "token", "metadata", "keys", "send", "update", "delete", "open" with demo.faults' kinds `status`,
    `ratelimited`, `slow`, `lost` and `error` (403 with this code). `keys` are those published, `sign_with` signs.
    Without `gives_ids`, what is posted gets no id. Into `closed_channels` nothing can be posted: the team has no such
    app.
    """

    def __init__(self, bot_url: str = BOT_URL, app_id: str = APP_ID, tenant_id: str = TENANT) -> None:
        self.bot_url, self.app_id, self.tenant_id = bot_url, app_id, tenant_id
        self.faults = Faults()
        self.keys = [SigningKey()]
        self.sign_with = self.keys[0]
        self.sent: list[Sent] = []
        self.shown: dict[tuple[str, str], Json] = {}
        self.fetches = {"metadata": 0, "keys": 0, "token": 0}
        self.url = ""
        self.gives_ids = True
        self.closed_channels: set[str] = set()
        self._threads = count(1)
        self._issued: set[str] = set()
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "BotService":
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        """Serve on 127.0.0.1; port 0 takes a free one. Raises OSError when the port is taken."""
        self._session = aiohttp.ClientSession()
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop serving."""
        if self._session:
            await self._session.close()
        if self._runner:
            await self._runner.cleanup()

    @property
    def service_url(self) -> str:
        """Where the bot finds the connector."""
        return f"{self.url}/teams/"

    @property
    def relay_url(self) -> str:
        """The signing proxy, for a client that does not sign (BOT_ENDPOINT of Microsoft's local client)."""
        return f"{self.url}/relay"

    def settings(self) -> dict[str, str]:
        """The environment variables with which the bot takes this for Microsoft."""
        return {
            "MicrosoftAppId": self.app_id,
            "MicrosoftAppPassword": PASSWORD,
            "MicrosoftAppTenantId": self.tenant_id,
            "MicrosoftAppType": "SingleTenant",
            "TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL": f"{self.url}/metadata",
            "TO_BOT_FROM_CHANNEL_TOKEN_ISSUER": self.url,
            "TO_BOT_FROM_EMULATOR_OPENID_METADATA_URL": f"{self.url}/metadata",
            "TO_CHANNEL_FROM_BOT_LOGIN_URL": f"{self.url}/login",
            "TO_CHANNEL_FROM_BOT_OAUTH_SCOPE": self.url,
        }

    def rotate(self, *, endorsements: tuple[str, ...] = ("msteams",), published: bool = True) -> SigningKey:
        """Sign with a new key from now on; the old ones stay published."""
        self.sign_with = SigningKey(endorsements=endorsements)
        if published:
            self.keys.append(self.sign_with)
        return self.sign_with

    def revoke_tokens(self) -> None:
        """Take none of the tokens that were handed out so far."""
        self._issued.clear()

    def sign(
        self,
        activity: Mapping[str, Any],
        *,
        key: SigningKey | None = None,
        alg: str = "RS256",
        kid: str | None = None,
        **claims: object,
    ) -> str:
        """The Authorization header for `activity`; good for an hour and for everything with the same serviceUrl.

        `claims` override iss, aud, nbf, exp, serviceurl or add to them; None leaves a claim out.
        """
        now = int(time.time())
        usual = {"iss": self.url, "aud": self.app_id, "nbf": now - 60, "exp": now + _HOUR}
        usual["serviceurl"] = activity.get("serviceUrl")
        wanted = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        return f"Bearer {signed(wanted, key or self.sign_with, alg, kid)}"

    def activity(self, kind: str = "message", *, person: int = 1, chat: str = "", **fields: object) -> Json:
        """An activity as Teams sends it, from person number `person` in the 1:1 chat with the bot (or in `chat`).

        `fields` replace or add top-level fields; None leaves one out.
        """
        aad, chat = f"00000000-0000-4000-8000-{person:012d}", chat or f"a:chat-{person}"
        usual: Json = {
            "type": kind,
            "id": secrets.token_hex(8),
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {"id": f"29:person-{person}", "name": f"Person {person}", "aadObjectId": aad},
            "recipient": {"id": f"28:{self.app_id}", "name": "Afternote"},
            "conversation": {"id": chat, "conversationType": "personal", "tenantId": self.tenant_id},
            "channelData": {"tenant": {"id": self.tenant_id}},
        }
        return {name: value for name, value in {**usual, **fields}.items() if value is not None}

    async def post(self, activity: Mapping[str, Any], authorization: str | None = None) -> tuple[int, Any]:
        """Sign and deliver `activity` to the bot. Returns its status and its JSON (None without a body)."""
        status, _, body = await self._deliver(json.dumps(activity).encode(), authorization or self.sign(activity))
        return status, json.loads(body) if body else None

    async def wait_for(self, wanted: Callable[[Sent], bool], timeout: float = 10.0) -> Sent:  # noqa: ASYNC109
        """The first thing the bot did, or does within `timeout` seconds, that `wanted` accepts. Raises TimeoutError."""
        async with asyncio.timeout(timeout), self._changed:
            while True:
                found = next((sent for sent in self.sent if wanted(sent)), None)
                if found:
                    return found
                await self._changed.wait()

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[only_loopback], client_max_size=_BODY)
        conversations = "/teams/v3/conversations"
        app.add_routes(
            [
                web.get("/metadata", self._on_metadata),
                web.get("/keys", self._on_keys),
                web.get("/login/v2.0/.well-known/openid-configuration", self._on_login),
                web.post("/login/oauth2/v2.0/token", self._on_token),
                web.post("/relay", self._on_relay),
                web.post(conversations, self._on_open),
                web.get(conversations + "/{conversation}/members", self._on_members),
                web.post(conversations + "/{conversation}/activities", self._on_send),
                web.post(conversations + "/{conversation}/activities/{activity}", self._on_send),
                web.put(conversations + "/{conversation}/activities/{activity}", self._on_update),
                web.delete(conversations + "/{conversation}/activities/{activity}", self._on_delete),
            ]
        )
        return app

    async def _on_metadata(self, request: web.Request) -> web.StreamResponse:
        self.fetches["metadata"] += 1
        return await self._answer("metadata", request, 200, {"issuer": self.url, "jwks_uri": f"{self.url}/keys"})

    async def _on_keys(self, request: web.Request) -> web.StreamResponse:
        self.fetches["keys"] += 1
        return await self._answer("keys", request, 200, key_set(self.keys))

    async def _on_login(self, _: web.Request) -> web.Response:
        """Where to sign in. Microsoft's library takes https addresses only; the bot knows that this one is not."""
        login = f"{self.url}/login".replace("http://", "https://")
        endpoints = {"token_endpoint": f"{login}/oauth2/v2.0/token", "authorization_endpoint": f"{login}/authorize"}
        return web.json_response({"issuer": login, **endpoints})

    async def _on_token(self, request: web.Request) -> web.StreamResponse:
        self.fetches["token"] += 1
        form = await request.post()
        given = (form.get("grant_type"), form.get("client_id"), form.get("client_secret"), form.get("scope"))
        if given != ("client_credentials", self.app_id, PASSWORD, f"{self.url}/.default"):
            return web.json_response({"error": "invalid_client"}, status=401)
        token = secrets.token_urlsafe(24)
        self._issued.add(f"Bearer {token}")
        answer = {"token_type": "Bearer", "expires_in": _HOUR, "access_token": token}
        return await self._answer("token", request, 200, answer)

    async def _on_relay(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            authorization = self.sign(json.loads(body))
        except (ValueError, AttributeError):
            return web.Response(status=400, text="an activity is a JSON object")
        status, kind, answer = await self._deliver(body, authorization)
        return web.Response(status=status, body=answer, headers={"Content-Type": kind} if answer else {})

    async def _deliver(self, body: bytes, authorization: str) -> tuple[int, str, bytes]:
        if self._session is None:
            raise RuntimeError("the service is not started")
        headers = {"Content-Type": "application/json; charset=utf-8", "Authorization": authorization}
        async with self._session.post(self.bot_url, data=body, headers=headers) as answer:
            return answer.status, answer.headers.get("Content-Type", ""), await answer.read()

    async def _on_open(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        channel = str(((body.get("channelData") or {}).get("channel") or {}).get("id", ""))
        if channel:
            return await self._on_thread(request, channel, body)
        member = str((body.get("members") or [{}])[0].get("id", ""))
        number = member.rpartition("-")[2].lstrip("0")
        chat = f"a:chat-{number if number.isdigit() else member}"
        return await self._done("open", request, chat, "", body, 201, {"id": chat})

    async def _on_thread(self, request: web.Request, channel: str, body: Json) -> web.StreamResponse:
        """A message in a channel begins a thread, whose id names it."""
        if channel in self.closed_channels:
            return _failed(403, "BotNotInConversationRoster")
        message = str(time.time_ns() // 1_000_000 + next(self._threads))
        thread = f"{channel};messageid={message}"
        answer = {"id": thread, "activityId": message}
        return await self._done("send", request, thread, message, body.get("activity") or {}, 201, answer)

    async def _on_members(self, request: web.Request) -> web.Response:
        number = request.match_info["conversation"].rpartition("-")[2]
        person = self.activity(person=int(number) if number.isdigit() else 1)["from"]
        return web.json_response([{**person, "tenantId": self.tenant_id}])

    async def _on_send(self, request: web.Request) -> web.StreamResponse:
        body, conversation, activity_id = await _json(request), request.match_info["conversation"], secrets.token_hex(8)
        answer = {"id": activity_id} if self.gives_ids else {}
        return await self._done("send", request, conversation, activity_id, body, 201, answer)

    async def _on_update(self, request: web.Request) -> web.StreamResponse:
        conversation, activity_id = request.match_info["conversation"], request.match_info["activity"]
        body = await _json(request)
        return await self._done("update", request, conversation, activity_id, body, 200, {"id": activity_id})

    async def _on_delete(self, request: web.Request) -> web.StreamResponse:
        conversation, activity_id = request.match_info["conversation"], request.match_info["activity"]
        return await self._done("delete", request, conversation, activity_id, {}, 200, None)

    async def _done(
        self, act: Act, request: web.Request, conversation: str, activity_id: str, body: Json, status: int, answer: Any
    ) -> web.StreamResponse:
        if request.headers.get("Authorization") not in self._issued:
            return _failed(401, "Unauthorized")
        if act in ("update", "delete") and (conversation, activity_id) not in self.shown:
            return _failed(404, "ActivityNotFoundInConversation")
        sent = Sent(act, conversation, activity_id, body, _now(), size=len(await request.read()))
        return await self._answer(act, request, status, answer, sent)

    async def _answer(
        self, name: str, request: web.Request, status: int, answer: Any, sent: Sent | None = None
    ) -> web.StreamResponse:
        """Do it and say so, unless a fault was arranged."""
        fault = self.faults.take(name)
        if fault and fault.kind == "slow":
            await asyncio.sleep(float(fault.value))
        if fault and fault.kind == "error":
            return _failed(403, str(fault.value))
        if fault and fault.kind in ("status", "ratelimited"):
            limited = fault.kind == "ratelimited"
            return _failed(429 if limited else int(fault.value), "Fault", str(fault.value) if limited else "")
        if sent:
            await self._record(sent)
        if fault and fault.kind == "lost" and request.transport:
            request.transport.abort()
        return web.Response(status=status) if answer is None else web.json_response(answer, status=status)

    async def _record(self, sent: Sent) -> None:
        where = (sent.conversation, sent.activity_id)
        if sent.act in ("send", "update"):
            self.shown[where] = sent.activity
        if sent.act == "delete":
            self.shown.pop(where, None)
        async with self._changed:
            self.sent.append(sent)
            self._changed.notify_all()


def _now() -> datetime:
    return datetime.now(UTC)


async def _json(request: web.Request) -> Json:
    body = json.loads(await request.read())
    if not isinstance(body, dict):
        raise web.HTTPBadRequest
    return body


def _failed(status: int, code: str, retry_after: str = "") -> web.Response:
    headers = {"Retry-After": retry_after} if retry_after else {}
    return web.json_response({"error": {"code": code, "message": code}}, status=status, headers=headers)
