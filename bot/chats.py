"""The chats of all practices, put together from their concrete parts: in each chat one app, and a workspace a practice.

Microsoft's SDK is loaded only when it is used.
"""

import asyncio
from collections.abc import Mapping, Sequence
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
from bot.domain.ids import PracticeId
from bot.domain.people import Practice
from bot.installations import Installations
from bot.ports import Chat, Clock, Database
from bot.practice_file import PracticeFile
from bot.server import Route
from bot.settings import Secret, Settings
from bot.slack.app import answer, build_app, web_client
from bot.slack.chat import SlackChat
from bot.slack.install import InstalledClient, check_app_token, look_up, one_token
from bot.slack.oauth import INSTALL, REDIRECT, Installer
from bot.slack.tokens import InstalledTokens, OAuthClient, Tokens
from bot.slack.workspaces import Revocations, Workspaces
from bot.teams.app import ROUTE, Gate, Reply, messages_endpoint
from bot.teams.chat import TeamsChat
from bot.teams.dispatch import by_tenant, dispatcher
from bot.teams.front import Teams
from bot.teams.place import Place
from bot.teams.repeats import Repeats

if TYPE_CHECKING:
    from bot.teams.botframework import Identity, Services


class Connected(Protocol):
    """One chat that is served, of all practices that are in it."""

    @property
    def platform(self) -> str: ...

    @property
    def workspaces(self) -> Mapping[PracticeId, str]:
        """Where each practice is in this chat."""
        ...

    @property
    def chats(self) -> Mapping[PracticeId, Chat]:
        """Where each practice's cards go."""
        ...

    def routes(self, fronts: Mapping[str, Front]) -> Sequence[Route]:
        """Where this chat delivers over HTTP. `fronts`: by workspace."""
        ...

    async def listen(self, fronts: Mapping[str, Front], stack: AsyncExitStack) -> None:
        """Open a connection of our own, for a chat that delivers over one; it ends with `stack`."""
        ...


async def connect(
    settings: Settings,
    files: Sequence[PracticeFile],
    database: Database,
    store: Installations,
    clock: Clock,
    stack: AsyncExitStack,
) -> Sequence[Connected]:
    """Every chat that is configured. Raises UserMistake when one refuses or belongs to somebody else."""
    chats: list[Connected] = []
    if settings.slack_bot_token:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        chats.append(await _connect_slack(settings, files, session))
    elif settings.slack_oauth:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        chats.append(await _connect_installed(settings, files, store, clock, session, stack))
    if settings.teams_on:
        chats.append(_connect_teams(settings, files, database, clock, stack))
    return chats


@dataclass(slots=True)
class _Slack:
    """Slack, over HTTP or Socket Mode. `oauth` and `store`: of workspaces that install the app themselves."""

    settings: Settings
    bolt_client: AsyncWebClient
    tokens: Tokens
    workspaces: Mapping[PracticeId, str]
    chats: Mapping[PracticeId, Chat]
    clock: Clock | None = None
    oauth: OAuthClient | None = None
    store: Installations | None = None
    platform: str = "slack"
    _app: AsyncApp | None = None

    def app(self, fronts: Mapping[str, Front]) -> AsyncApp:
        """Bolt's app, built once."""
        secret = (self.settings.slack_signing_secret or Secret("")).reveal()
        tokens, store = self.tokens, self.store
        revocations = Revocations(store, tokens) if store and isinstance(tokens, InstalledTokens) else None
        self._app = self._app or build_app(Workspaces(fronts, self.tokens), self.bolt_client, secret, revocations)
        return self._app

    def routes(self, fronts: Mapping[str, Front]) -> Sequence[Route]:
        if not self.settings.slack_signing_secret:
            return ()
        app = self.app(fronts)

        async def events(request: web.Request) -> web.StreamResponse:
            return await answer(app, request)

        return (Route("/slack/events", events), *self._install_routes(fronts))

    def _install_routes(self, fronts: Mapping[str, Front]) -> Sequence[Route]:
        if not (self.oauth and self.store and self.clock and isinstance(self.tokens, InstalledTokens)):
            return ()
        installer = Installer(self.oauth, self.store, self.tokens, self.clock, fronts)
        return (Route(INSTALL, installer.begin, "GET"), Route(REDIRECT, installer.finish, "GET"))

    async def listen(self, fronts: Mapping[str, Front], stack: AsyncExitStack) -> None:
        if self.settings.slack_mode != "socket":
            return
        app, token = self.app(fronts), (self.settings.slack_app_token or Secret("")).reveal()
        await check_app_token(app.client, token)  # the handler itself would try a wrong one for ever
        handler = AsyncSocketModeHandler(app, token, web_client=app.client)
        await handler.connect_async()
        stack.push_async_callback(handler.close_async)


async def _connect_slack(
    settings: Settings, files: Sequence[PracticeFile], session: aiohttp.ClientSession
) -> Connected:
    """The one workspace of SLACK_BOT_TOKEN, and the practice that it belongs to."""
    token = (settings.slack_bot_token or Secret("")).reveal()
    client = web_client(session, settings.slack_api_url, token)
    owner = await look_up(client, token)
    practice = _owned(files, owner.team_id)
    bolt_client = web_client(session, settings.slack_api_url)
    return _Slack(
        settings,
        bolt_client,
        one_token(owner, token),
        {practice.id: owner.team_id},
        {practice.id: SlackChat(client, owner.team_id)},
    )


def _owned(files: Sequence[PracticeFile], team_id: str) -> Practice:
    """The practice in this workspace; the only one also when it names none. Raises UserMistake when there is none."""
    named = {file.practice.workspace_on("slack"): file.practice for file in files}
    if team_id in named:
        return named[team_id]
    if len(files) == 1 and "" in named:
        return named[""]
    if len(files) == 1:
        raise UserMistake(
            "wrong_workspace",
            f"{files[0].file_name} [chat.slack] team_id is {next(iter(named))}, but SLACK_BOT_TOKEN belongs to "
            f"{team_id}.",
        )
    raise UserMistake(
        "wrong_workspace", f"SLACK_BOT_TOKEN belongs to {team_id}, which no practice file names: [chat.slack] team_id."
    )


async def _connect_installed(
    settings: Settings,
    files: Sequence[PracticeFile],
    store: Installations,
    clock: Clock,
    session: aiohttp.ClientSession,
    stack: AsyncExitStack,
) -> Connected:
    """Every workspace that a practice names, once it has installed the app."""
    teams = {file.practice.id: file.practice.workspace_on("slack") for file in files}
    teams = {practice: team for practice, team in teams.items() if team}
    if not teams:
        raise UserMistake(
            "no_workspace",
            f"{files[0].file_name} [chat.slack] team_id is missing: with SLACK_CLIENT_ID, workspaces are served that "
            "a practice names.",
        )
    bolt_client = web_client(session, settings.slack_api_url)
    secret = (settings.slack_client_secret or Secret("")).reveal()
    oauth = OAuthClient(bolt_client, settings.slack_client_id, secret)
    tokens = InstalledTokens(store, oauth, {team: practice for practice, team in teams.items()}, clock)
    stack.push_async_callback(tokens.finish)
    stack.push_async_callback(ended, asyncio.create_task(tokens.keep_fresh()))
    chats = {practice: SlackChat(InstalledClient(tokens, team, bolt_client), team) for practice, team in teams.items()}
    return _Slack(settings, bolt_client, tokens, teams, chats, clock, oauth, store)


async def ended(task: "asyncio.Task[None]") -> None:
    """Cancel a task and wait until it is over."""
    task.cancel()
    await asyncio.wait({task})


@dataclass(frozen=True, slots=True)
class _Teams:
    """Microsoft Teams, which delivers over HTTP only. One registration of the bot for all tenants."""

    gate: Gate
    place: Place
    workspaces: Mapping[PracticeId, str]
    chats: Mapping[PracticeId, TeamsChat]
    repeats: Repeats[Reply]
    platform: str = "teams"

    def routes(self, fronts: Mapping[str, Front]) -> Sequence[Route]:
        teams = {tenant: Teams(front, self.chats[front.desk.id]) for tenant, front in fronts.items()}
        dispatch = by_tenant({tenant: dispatcher(of_practice) for tenant, of_practice in teams.items()})
        return (Route(ROUTE, messages_endpoint(self.gate, self.place, dispatch, repeats=self.repeats)),)

    async def listen(self, fronts: Mapping[str, Front], stack: AsyncExitStack) -> None:
        """Nothing: Teams comes to us."""


def _connect_teams(
    settings: Settings, files: Sequence[PracticeFile], database: Database, clock: Clock, stack: AsyncExitStack
) -> Connected:
    from bot.teams.botframework import Connector
    from bot.teams.botframework import Gate as TokenGate

    tenants = tenants_of(settings, files)
    identity, services = microsoft(settings, next(iter(tenants.values())))
    connector = Connector(identity, services)
    stack.push_async_callback(connector.close)
    chats = {
        file.practice.id: TeamsChat(
            connector, database, file.practice.id, tenants[file.practice.id], clock, dialogs=file.teams_dialogs
        )
        for file in files
        if file.practice.id in tenants
    }
    repeats = Repeats[Reply]()
    stack.push_async_callback(repeats.close)
    first, *others = tenants.values()
    place = Place(first, services.local, frozenset(others))
    return _Teams(TokenGate(identity, services), place, tenants, chats, repeats)


def tenants_of(settings: Settings, files: Sequence[PracticeFile]) -> Mapping[PracticeId, str]:
    """The tenants that are served, each a practice's. Raises UserMistake when none is named, or one that cannot be."""
    named = {file.practice.id: file.practice.workspace_on("teams") for file in files}
    tenants = {practice: tenant for practice, tenant in named.items() if tenant}
    if not tenants:
        raise UserMistake(
            "no_tenant",
            f"{files[0].file_name} [chat.teams] tenant_id is missing: it names the only tenant that is served.",
        )
    own = settings.teams_tenant_id.lower()
    if len(tenants) > 1 and (settings.teams_app_type != "MultiTenant" or own):
        raise UserMistake(
            "several_tenants",
            "The practice files name several tenants: that needs MicrosoftAppType MultiTenant, without "
            "MicrosoftAppTenantId.",
        )
    if own and own not in tenants.values():
        raise UserMistake(
            "wrong_tenant",
            f"{files[0].file_name} [chat.teams] tenant_id is {next(iter(tenants.values()))}, but MicrosoftAppTenantId "
            "is another.",
        )
    return tenants


def microsoft(settings: Settings, tenant: str) -> "tuple[Identity, Services]":
    """Who the bot is for Microsoft, and where Microsoft is."""
    from bot.teams.botframework import PUBLIC, Identity, Services

    password = (settings.teams_app_password or Secret("")).reveal()
    identity = Identity(settings.teams_app_id, password, tenant, settings.teams_app_type)
    own = settings.teams_services
    return identity, Services(own.metadata_url, own.issuer, own.login_url, own.scope) if own else PUBLIC
