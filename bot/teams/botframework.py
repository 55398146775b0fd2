"""Microsoft's SDK, and nobody else knows it: is a token Microsoft's, and how to send. Decision 0017 has the reasons.

Its faults end here: whatever it raises becomes one of our own errors without its text, no call of it holds up the loop,
and no setting of it turns the token check off.
"""

# The SDK has no types.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeArgument=false, reportIncompatibleMethodOverride=false

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import aiohttp
import msal
import requests
from botframework.connector.auth import (
    AppCredentials,
    AuthenticationConstants,
    JwtTokenExtractor,
    ManagedIdentityAppCredentials,
    MicrosoftAppCredentials,
    VerifyOptions,
)
from botframework.connector.bot_framework_sdk_client_async import BotFrameworkConnectorConfiguration
from jwt.algorithms import RSAAlgorithm
from msrest.async_client import ServiceClientAsync
from msrest.pipeline import AsyncHTTPPolicy, AsyncHTTPSender, AsyncPipeline, Request, Response
from yarl import URL

from bot.addresses import is_here
from bot.domain.errors import EffectError, Permanent, Temporary
from bot.teams.answers import Answer, begun, check, named, not_signed_in, seconds
from bot.teams.place import CHANNEL, Voucher, trusted
from bot.teams.refusal import KeysUnreachable, Refused
from bot.teams.signing_keys import SigningKeys
from bot.teams.wire import (
    CONVERSATIONS,
    channel_post,
    direct_conversation,
    message_path,
    messages_path,
    needed,
    written,
)

PATIENCE = 10.0  # seconds for one call, its token included
_TOKEN_PATIENCE = 8.0  # seconds for each request of the sign-in
_TOKEN_KEPT = 240.0  # seconds; what the SDK hands out is good for 300 at least
_CLOCK_TOLERANCE = 300  # seconds, as Microsoft has it


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is for Microsoft. Without an app id there is no bot: the SDK would let everybody in."""

    app_id: str
    password: str = field(default="", repr=False)
    tenant_id: str = ""
    app_type: str = "MultiTenant"

    def __post_init__(self) -> None:
        if not self.app_id:
            raise ValueError("an app id is needed: without one, no token could be checked")


@dataclass(frozen=True, slots=True)
class Services:
    """Microsoft's services, or stand-ins for them: those are taken from this machine only, all of them or none."""

    metadata_url: str
    issuer: str
    login_url: str
    scope: str

    def __post_init__(self) -> None:
        microsoft = (self.metadata_url, self.issuer, self.login_url, self.scope) == _MICROSOFT
        if not microsoft and not (is_here(self.metadata_url) and is_here(self.login_url)):
            raise ValueError("stand-ins for Microsoft's services must be on this machine")

    @property
    def local(self) -> bool:
        """Whether these are stand-ins."""
        return self.metadata_url != _MICROSOFT[0]


_MICROSOFT = (
    str(AuthenticationConstants.TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL),
    str(AuthenticationConstants.TO_BOT_FROM_CHANNEL_TOKEN_ISSUER),
    str(AuthenticationConstants.TO_CHANNEL_FROM_BOT_LOGIN_URL_PREFIX),
    str(AuthenticationConstants.TO_CHANNEL_FROM_BOT_OAUTH_SCOPE),
)
PUBLIC = Services(*_MICROSOFT)


@dataclass(frozen=True, slots=True)
class _Key:
    """A signing key as the SDK wants it."""

    public_key: Any
    endorsements: list[str]


def _parse_key(key: Mapping[str, Any]) -> _Key | None:
    """None for a key of another kind, or for one that may not speak for Teams: the SDK would let it."""
    endorsements = key.get("endorsements")
    if key.get("kty") != "RSA" or not isinstance(endorsements, list):
        return None
    try:
        return _Key(RSAAlgorithm.from_jwk(json.dumps(key)), [str(name) for name in endorsements])
    except Exception:  # whatever is wrong with one key, the others are still good
        return None


class _Metadata:
    """In place of the SDK's own: that one blocks the loop, and fails at a key id it has not seen."""

    def __init__(self, keys: SigningKeys[_Key]) -> None:
        self._keys = keys

    async def get(self, key_id: object) -> _Key:
        """The key a token names. Raises Refused also for a key that does not vouch for Teams."""
        if not isinstance(key_id, str):
            raise Refused("no_key_id")
        key = await self._keys.find(key_id)
        if CHANNEL not in key.endorsements:
            raise Refused("not_endorsed")
        return key


class Gate:
    """Tells whether Microsoft's channel service speaks to this bot."""

    def __init__(
        self, identity: Identity, services: Services = PUBLIC, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app_id = identity.app_id.lower()
        options = VerifyOptions([services.issuer], None, _CLOCK_TOLERANCE, False)
        self._extractor = JwtTokenExtractor(options, services.metadata_url, ["RS256"])
        keys = SigningKeys(services.metadata_url, _parse_key, local=services.local, clock=clock)
        self._extractor.open_id_metadata = _Metadata(keys)

    async def admit(self, authorization: str) -> Voucher:
        """What a right token vouches for; it is looked at before any body is.

        Raises Refused for every other one, KeysUnreachable when there are no keys to check it with.
        """
        claims = await self._claims(authorization)
        audience = claims.get("aud")
        if not isinstance(audience, str) or audience.lower() != self._app_id:
            raise Refused("wrong_audience")
        if not isinstance(claims.get("exp"), int | float):
            raise Refused("no_expiry")
        service_url = claims.get("serviceurl")
        if not isinstance(service_url, str) or not service_url:
            raise Refused("no_service_url")
        return Voucher(service_url)

    async def _claims(self, authorization: str) -> Mapping[str, Any]:
        """What a token says whose signature, issuer and times are good."""
        try:
            found = await self._extractor.get_identity_from_auth_header(authorization, CHANNEL, [CHANNEL])
        except (Refused, KeysUnreachable):
            raise
        except Exception as error:  # its text may quote the token
            raise Refused(type(error).__name__) from None
        if not found:
            raise Refused("wrong_issuer" if authorization.startswith("Bearer ") else "no_token")
        return cast("Mapping[str, Any]", found.claims)


class _Session(requests.Session):
    """The sign-in's HTTP: with a time-out, which neither SDK nor msal have, and plain http to a stand-in here.

    Errors are read here: msal and the SDK make texts of them, and a busy Microsoft looks like a wrong secret.
    """

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._local, self.trust_env = services.local, not services.local

    def request(self, method: str, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """One request; msal asks for https addresses only, also of this machine."""
        kwargs["timeout"] = _TOKEN_PATIENCE
        address = url.decode() if isinstance(url, bytes) else url
        if self._local:
            address = "http://" + address.removeprefix("https://")
        answer = super().request(method, address, *args, **kwargs)
        if answer.status_code >= 400:
            raise not_signed_in(answer.status_code, answer.content, answer.headers.get("Retry-After"))
        return answer


class Tokens:
    """The bot's token for the connector: one for all, fetched in a thread, kept while it is good."""

    def __init__(self, identity: Identity, services: Services) -> None:
        self._identity, self._services = identity, services
        self._session = _Session(services)
        self._credentials: AppCredentials | None = None
        self._token, self._until = "", 0.0
        self._refused, self._twice = "", False  # the token last refused; was the one before it, too
        self._fetching: asyncio.Task[str] | None = None

    async def token(self) -> str:
        """A token good for a minute at least. Raises Temporary or Permanent."""
        if time.monotonic() < self._until:
            return self._token
        if self._fetching is None:
            self._fetching = asyncio.ensure_future(self._renew())
            self._fetching.add_done_callback(self._ended)
        return await asyncio.shield(self._fetching)

    def tried(self, token: str, *, taken: bool) -> bool:
        """Note whether the connector took this token, and sign in again if not.

        Whether the one before it was refused, too: then signing in does not help.
        """
        if taken:
            self._refused, self._twice = "", False
        elif token == self._token != self._refused:
            self._refused, self._twice = token, bool(self._refused)
            self._credentials, self._until = None, 0.0
        return self._twice and token == self._refused

    def close(self) -> None:
        """End the connections of the sign-in."""
        self._session.close()

    async def _renew(self) -> str:
        self._token = await asyncio.to_thread(self._fetch)
        self._until = time.monotonic() + _TOKEN_KEPT
        return self._token

    def _ended(self, task: asyncio.Task[str]) -> None:
        self._fetching = None
        if not task.cancelled():
            task.exception()  # whoever waited has it; nobody may have

    def _fetch(self) -> str:
        try:
            self._credentials = self._credentials or _credentials(self._identity, self._services, self._session)
            return str(self._credentials.get_access_token())
        except Exception as error:  # with Microsoft's own text; KeyError is how a managed identity fails
            self._credentials = None  # msal would answer from memory for a minute
            if isinstance(error, EffectError):
                raise
            unreachable = isinstance(error, requests.RequestException)
            raise Temporary(f"teams_login_{'unreachable' if unreachable else type(error).__name__}") from None


def _credentials(identity: Identity, services: Services, session: _Session) -> AppCredentials:
    """The SDK's credentials with a client of ours: its own has no time-out. Blocks; may raise anything."""
    if identity.app_type == "UserAssignedMSI" and not services.local:
        managed = ManagedIdentityAppCredentials(identity.app_id, services.scope)
        managed.app = msal.ManagedIdentityClient(
            msal.UserAssignedManagedIdentity(client_id=identity.app_id), http_client=session
        )
        return managed
    tenant = identity.tenant_id if identity.app_type == "SingleTenant" else ""
    known = MicrosoftAppCredentials(identity.app_id, identity.password, tenant, services.scope)
    known.app = msal.ConfidentialClientApplication(
        identity.app_id,
        client_credential=identity.password,
        authority="https://" + services.login_url.removeprefix("http://") if services.local else known.oauth_endpoint,
        validate_authority=not services.local,
        http_client=session,
    )
    return known


class _Signed(AsyncHTTPPolicy):
    """Adds the token; the SDK's way of doing so blocks the loop."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens

    async def send(self, request: Request, **kwargs: Any) -> Response:
        """With the header that shows who sends."""
        token = await self._tokens.token()
        request.http_request.headers["Authorization"] = f"Bearer {token}"
        following = cast("AsyncHTTPSender", self.next)
        response = await following.send(request, **kwargs)
        answer = cast("Answer", response.http_response)
        answer.twice_refused = self._tokens.tried(token, taken=answer.status != 401)
        return response


class _Sender(AsyncHTTPSender):
    """Sends over one aiohttp session. The SDK's sender is a thread that no time-out ends, and tries again by itself."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __aexit__(self, *_: object) -> None:
        """The session is the connector's to close."""

    async def send(self, request: Request, **config: Any) -> Response:
        """One attempt."""
        if self._session.closed:  # while a token was fetched
            raise Temporary("teams_closed")
        http = request.http_request
        async with self._session.request(
            http.method, URL(http.url, encoded=True), data=http.data, headers=http.headers, allow_redirects=False
        ) as answer:
            body = await answer.read()
            return Response(request, Answer(answer.status, body, seconds(answer.headers.get("Retry-After"))))


class Connector:
    """Sends to Teams. One attempt a call, ten seconds at most; whoever calls tries again after Temporary."""

    def __init__(self, identity: Identity, services: Services = PUBLIC, *, patience: float = PATIENCE) -> None:
        self._services, self._patience = services, patience
        self._tokens = Tokens(identity, services)
        self._session: aiohttp.ClientSession | None = None
        self._clients: dict[str, ServiceClientAsync] = {}
        self._closed = False

    async def close(self) -> None:
        """End all connections. Whoever still sends is refused with Temporary `teams_closed`."""
        self._closed = True
        self._clients.clear()
        self._tokens.close()
        if self._session:
            await self._session.close()
            self._session = None

    async def sign_in(self) -> None:
        """Whether Microsoft takes the bot's id and secret. Raises Temporary or Permanent."""
        self._check_open()
        await self._tokens.token()

    async def send(self, service_url: str, conversation_id: str, activity: Mapping[str, Any]) -> str:
        """Post a message and return its id, "" when Teams gives none: it stands, but cannot be changed.

        Raises Temporary or Permanent. `teams_gone`: nobody is there.
        """
        return named(await self._call("post", service_url, messages_path(conversation_id), activity))

    async def update(
        self, service_url: str, conversation_id: str, activity_id: str, activity: Mapping[str, Any]
    ) -> None:
        """Replace a message. Raises as `send` does, and Permanent `teams_no_id` for one that has no id."""
        body = {**activity, "id": activity_id}
        await self._call("put", service_url, message_path(conversation_id, activity_id), body)

    async def delete(self, service_url: str, conversation_id: str, activity_id: str) -> None:
        """Take a message away. Raises as `update` does."""
        await self._call("delete", service_url, message_path(conversation_id, activity_id), None)

    async def open_conversation(self, service_url: str, tenant_id: str, bot_id: str, user_id: str) -> str:
        """The id of the 1:1 chat with this person, who has the app installed. Raises as `send` does."""
        body = direct_conversation(tenant_id, bot_id, user_id)
        return needed(named(await self._call("post", service_url, CONVERSATIONS, body)))

    async def begin_thread(
        self, service_url: str, tenant_id: str, bot_id: str, channel_id: str, activity: Mapping[str, Any]
    ) -> tuple[str, str]:
        """Post in a channel of a team that has the app: the new thread's id and the message's. Fails as `send`."""
        body = channel_post(tenant_id, bot_id, channel_id, activity)
        thread, message = begun(await self._call("post", service_url, CONVERSATIONS, body))
        return needed(thread), message

    async def _call(self, method: str, service_url: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        self._check_open()
        try:
            async with asyncio.timeout(self._patience):
                client = self._client(service_url)
                request = getattr(client, method)(path, headers={"Accept": "application/json"})
                if body is not None:
                    request.data = written(body)
                    request.headers["Content-Type"] = "application/json; charset=utf-8"
                answer = cast("Answer", await client.async_send(request))
        except TimeoutError:
            raise Temporary("teams_timeout") from None
        except (aiohttp.ClientError, OSError):
            raise Temporary("teams_unreachable") from None
        check(answer, new_token=answer.twice_refused)
        return answer

    def _check_open(self) -> None:
        if self._closed:
            raise Temporary("teams_closed")

    def _client(self, service_url: str) -> ServiceClientAsync:
        """The SDK's client for this address, made once: each one costs it some milliseconds."""
        if not trusted(service_url, local=self._services.local):
            raise Permanent("teams_foreign_service_url")
        if service_url not in self._clients:
            self._clients[service_url] = self._new_client(service_url)
        return self._clients[service_url]

    def _new_client(self, service_url: str) -> ServiceClientAsync:
        if self._session is None:
            patience = aiohttp.ClientTimeout(total=self._patience)
            self._session = aiohttp.ClientSession(timeout=patience, trust_env=not self._services.local)
        signed = _Signed(self._tokens)
        config = BotFrameworkConnectorConfiguration(signed, service_url)
        client = ServiceClientAsync(config)
        config.pipeline = AsyncPipeline([config.user_agent_policy, signed], _Sender(self._session))
        return client
