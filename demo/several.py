"""Several workspaces behind one address, as Slack is, and a practice in each: for tests of a shared installation.

The practices are alike in all that two could have in common: people's ids, their users' ids, client codes.
"""

import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from bot.domain.ids import PracticeId
from bot.settings import Settings
from bot.wiring import Running, running
from demo import webapi
from demo.cast import App, Channel, Human
from demo.errors import Refused
from demo.home import PACE, free_port
from demo.server import authorize_page, serve
from demo.workspace import Workspace

EXAMPLE_TEAM, EXAMPLE_TENANT = "T0EXAMPLE1", "00000000-0000-4000-8000-0000000000aa"


@dataclass(frozen=True, slots=True)
class Tenancy:
    """One practice and where it is in the chats."""

    id: str
    name: str
    team: str
    tenant: str


LARKSPUR = Tenancy("larkspur", "Larkspur Street Counseling", EXAMPLE_TEAM, EXAMPLE_TENANT)
JUNIPER = Tenancy("juniper", "Juniper Lane Therapy", "T0EXAMPLE2", "00000000-0000-4000-8000-0000000000bb")
BOTH = (LARKSPUR, JUNIPER)
_NAMES = ("Miriam Weiss", "Tobias Lindgren", "Chidinma Okafor", "Rosa Delgado", "Nora Brandt", "Samuel Hayes")
PEOPLE = [Human(f"U0EXAMPLE0{number}", name.split()[0].lower(), name) for number, name in enumerate(_NAMES, 1)]


@dataclass(frozen=True, slots=True)
class Several:
    """What was started. `workspaces`: by the practice's id."""

    folder: Path
    workspaces: Mapping[str, Workspace]
    application: Running

    def workspace(self, tenancy: Tenancy) -> Workspace:
        """The practice's workspace."""
        return self.workspaces[tenancy.id]

    def hosted(self, tenancy: Tenancy) -> Any:
        """The practice as it is served."""
        return self.application.practices[PracticeId(tenancy.id)]


def practice_files(folder: Path, tenancies: Sequence[Tenancy] = BOTH, changes: Mapping[str, str] | None = None) -> Path:
    """A folder with a practice.toml a tenancy, alike but for ids and names. `changes`: other texts, in all of them."""
    path = folder / "practices"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    example = (files("demo") / "practice.toml").read_text("utf-8")
    for tenancy in tenancies:
        own = {
            LARKSPUR.id: tenancy.id,
            LARKSPUR.name: tenancy.name,
            EXAMPLE_TEAM: tenancy.team,
            EXAMPLE_TENANT: tenancy.tenant,
            **(changes or {}),
        }
        text = example
        for old, new in own.items():
            text = text.replace(f'"{old}"', f'"{new}"') if old.isidentifier() else text.replace(old, new)
        (path / f"{tenancy.id}.toml").write_text(text, "utf-8")
    return path


@asynccontextmanager
async def several(
    folder: Path,
    tenancies: Sequence[Tenancy] = BOTH,
    *,
    rotating: bool = False,
    practices: Path | None = None,
    **settings: str,
) -> AsyncGenerator[Several]:
    """Start workspaces and application; nobody has installed the app yet. `rotating`: its tokens expire."""
    async with AsyncExitStack() as stack:
        app = _app(rotating)
        workspaces = {each.id: _workspace(each, app) for each in tenancies}
        for workspace in workspaces.values():
            stack.push_async_callback((await serve(workspace)).stop)
        api_url = await _front(stack, list(workspaces.values()))
        environment = {
            "AFTERNOTE_HOME": str(folder),
            "AFTERNOTE_PRACTICE_FILE": str(practices or practice_files(folder, tenancies)),
            "AFTERNOTE_HOST": "127.0.0.1",
            "AFTERNOTE_PORT": str(free_port()),
            "SLACK_CLIENT_ID": app.client_id,
            "SLACK_CLIENT_SECRET": app.client_secret,
            "SLACK_SIGNING_SECRET": app.signing_secret,
            "SLACK_API_URL": api_url,
        } | settings
        application = await stack.enter_async_context(running(Settings.load(environment), pace=PACE, remind_every=0))
        for workspace in workspaces.values():
            workspace.request_url = application.url
        yield Several(folder, workspaces, application)


async def install(product: Several, tenancy: Tenancy, **asked: str) -> tuple[int, str]:
    """Install the app in a workspace, as a browser does. The last page's status and text."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        first = {"team": tenancy.team}
        async with browser.get(f"{product.application.url}/slack/install", params=first, allow_redirects=False) as page:
            there = page.headers["Location"]
        async with browser.get(there, params=asked, allow_redirects=False) as page:
            back = page.headers["Location"]
        async with browser.get(back) as page:
            return page.status, await page.text()


def _app(rotating: bool) -> App:
    return App.from_manifest(
        Path(__file__).parent.parent / "manifest.json",
        app_id="A0AFTERNOTE",
        bot_user_id="U0AFTERNOTE",
        bot_id="B0AFTERNOTE",
        bot_token="",
        signing_secret=secrets.token_hex(16),
        client_secret=secrets.token_hex(16),
        token_rotation=rotating,
    )


def _workspace(tenancy: Tenancy, app: App) -> Workspace:
    own = replace(app, bot_token=f"xoxb-{secrets.token_hex(16)}")  # which nobody has: the app is not installed
    channels = [Channel("C0GENERAL01", "general"), Channel("C0EXAMPLE10", "note-review")]
    return Workspace(tenancy.team, tenancy.name, PEOPLE, channels, own)


async def _front(stack: AsyncExitStack, workspaces: Sequence[Workspace]) -> str:
    """One address for the Web API and for the page on which an installation is allowed."""

    async def api(request: web.Request) -> web.StreamResponse:
        return await webapi.call(await _meant(workspaces, request), request)

    async def authorize(request: web.Request) -> web.StreamResponse:
        team = request.query.get("team", "")
        workspace = next((each for each in workspaces if each.team_id == team), workspaces[0])
        return authorize_page(workspace, request)

    application = web.Application()
    calls = [web.post("/api/{method}", api), web.get("/api/{method}", api)]
    application.add_routes([*calls, web.get("/oauth/v2/authorize", authorize)])
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = urlsplit(f"http://127.0.0.1:{runner.addresses[0][1]}")
    return f"{address.geturl()}/api/"


async def _meant(workspaces: Sequence[Workspace], request: web.Request) -> Workspace:
    """The workspace of the token, the code or the refresh token; the first one for what nobody gave out."""
    try:
        arguments = webapi.read_arguments(request, await request.read())
    except Refused:
        arguments = {}
    token = webapi.bearer(request, arguments)
    code, refresh = str(arguments.get("code")), str(arguments.get("refresh_token"))
    for workspace in workspaces:
        tokens = workspace.tokens
        if token in tokens.issued or code in tokens.codes or refresh in tokens.refresh:
            return workspace
    return workspaces[0]
