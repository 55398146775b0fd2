"""The chats of one practice, put together from their concrete parts. Microsoft's SDK is loaded only when it is used."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import aiohttp
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.acts.front import Front
from bot.domain.errors import UserMistake
from bot.domain.people import Practice
from bot.ports import Chat, Clock, Database
from bot.practice_file import PracticeFile
from bot.server import Route
from bot.settings import Secret, Settings
from bot.slack.app import answer, build_app, web_client
from bot.slack.chat import SlackChat
from bot.slack.install import Installation, check_app_token, look_up
from bot.teams.app import ROUTE, Gate, Reply, messages_endpoint
from bot.teams.chat import TeamsChat
from bot.teams.dispatch import dispatcher
from bot.teams.front import Teams
from bot.teams.place import Place
from bot.teams.repeats import Repeats

if TYPE_CHECKING:
    from bot.teams.botframework import Identity, Services


class Connected(Protocol):
    """One chat that is served: where its cards go, what it delivers to us, and over which way."""

    @property
    def platform(self) -> str: ...

    @property
    def workspace(self) -> str: ...

    @property
    def chat(self) -> Chat: ...

    def routes(self, front: Front) -> Sequence[Route]:
        """Where this chat delivers over HTTP."""
        ...

    async def listen(self, front: Front, stack: AsyncExitStack) -> None:
        """Open a connection of our own, for a chat that delivers over one; it ends with `stack`."""
        ...


async def connect(
    settings: Settings, file: PracticeFile, database: Database, clock: Clock, stack: AsyncExitStack
) -> Sequence[Connected]:
    """Every chat that is configured. Raises UserMistake when one refuses or belongs to somebody else."""
    chats: list[Connected] = []
    if settings.slack_bot_token:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        chats.append(await _connect_slack(settings, file.practice, session))
    if settings.teams_on:
        chats.append(_connect_teams(settings, file, database, clock, stack))
    return chats


@dataclass(slots=True)
class _Slack:
    """Slack, over HTTP or Socket Mode."""

    settings: Settings
    installation: Installation
    client: AsyncWebClient
    bolt_client: AsyncWebClient
    chat: Chat
    platform: str = "slack"
    _app: AsyncApp | None = None

    @property
    def workspace(self) -> str:
        return self.installation.team_id

    def app(self, front: Front) -> AsyncApp:
        """Bolt's app, built once."""
        secret = (self.settings.slack_signing_secret or Secret("")).reveal()
        self._app = self._app or build_app(front, self.bolt_client, self.installation, secret)
        return self._app

    def routes(self, front: Front) -> Sequence[Route]:
        if not self.settings.slack_signing_secret:
            return ()
        app = self.app(front)

        async def events(request: web.Request) -> web.StreamResponse:
            return await answer(app, request)

        return (Route("/slack/events", events),)

    async def listen(self, front: Front, stack: AsyncExitStack) -> None:
        if self.settings.slack_mode != "socket":
            return
        app, token = self.app(front), (self.settings.slack_app_token or Secret("")).reveal()
        await check_app_token(app.client, token)  # the handler itself would try a wrong one for ever
        handler = AsyncSocketModeHandler(app, token, web_client=app.client)
        await handler.connect_async()
        stack.push_async_callback(handler.close_async)


async def _connect_slack(settings: Settings, practice: Practice, session: aiohttp.ClientSession) -> Connected:
    token = (settings.slack_bot_token or Secret("")).reveal()
    client = web_client(session, settings.slack_api_url, token)
    installation = await look_up(client, token)
    named = practice.workspace_on("slack")
    if named and named != installation.team_id:
        raise UserMistake(
            "wrong_workspace",
            f"practice.toml [chat.slack] team_id is {named}, but SLACK_BOT_TOKEN belongs to {installation.team_id}.",
        )
    bolt_client = web_client(session, settings.slack_api_url)
    return _Slack(settings, installation, client, bolt_client, SlackChat(client, installation.team_id))


@dataclass(frozen=True, slots=True)
class _Teams:
    """Microsoft Teams, which delivers over HTTP only."""

    gate: Gate
    place: Place
    chat: TeamsChat
    workspace: str
    repeats: Repeats[Reply]
    platform: str = "teams"

    def routes(self, front: Front) -> Sequence[Route]:
        dispatch = dispatcher(Teams(front, self.chat))
        return (Route(ROUTE, messages_endpoint(self.gate, self.place, dispatch, repeats=self.repeats)),)

    async def listen(self, front: Front, stack: AsyncExitStack) -> None:
        """Nothing: Teams comes to us."""


def _connect_teams(
    settings: Settings, file: PracticeFile, database: Database, clock: Clock, stack: AsyncExitStack
) -> Connected:
    from bot.teams.botframework import Connector
    from bot.teams.botframework import Gate as TokenGate

    tenant = tenant_of(settings, file.practice)
    identity, services = microsoft(settings, tenant)
    connector = Connector(identity, services)
    stack.push_async_callback(connector.close)
    chat = TeamsChat(connector, database, file.practice.id, tenant, clock, dialogs=file.teams_dialogs)
    repeats = Repeats[Reply]()
    stack.push_async_callback(repeats.close)
    return _Teams(TokenGate(identity, services), Place(tenant, services.local), chat, tenant, repeats)


def tenant_of(settings: Settings, practice: Practice) -> str:
    """The only tenant that is served. Raises UserMistake when none is named, or two."""
    tenant = practice.workspace_on("teams")
    if not tenant:
        raise UserMistake(
            "no_tenant", "practice.toml [chat.teams] tenant_id is missing: it names the only tenant that is served."
        )
    if settings.teams_tenant_id and settings.teams_tenant_id.lower() != tenant:
        raise UserMistake(
            "wrong_tenant",
            f"practice.toml [chat.teams] tenant_id is {tenant}, but MicrosoftAppTenantId is another.",
        )
    return tenant


def microsoft(settings: Settings, tenant: str) -> "tuple[Identity, Services]":
    """Who the bot is for Microsoft, and where Microsoft is."""
    from bot.teams.botframework import PUBLIC, Identity, Services

    password = (settings.teams_app_password or Secret("")).reveal()
    identity = Identity(settings.teams_app_id, password, tenant, settings.teams_app_type)
    own = settings.teams_services
    return identity, Services(own.metadata_url, own.issuer, own.login_url, own.scope) if own else PUBLIC
