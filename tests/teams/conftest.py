"""The Teams endpoint over real HTTP: Microsoft's real token check, with keys of the local stand-in."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.server import serve
from bot.teams.activity import Activity
from bot.teams.app import ROUTE, Reply, messages_endpoint
from bot.teams.botframework import Connector, Gate, Identity, Services
from bot.teams.place import Place
from demo.bot_service import PASSWORD, BotService
from demo.teams import TeamsDemo, teams_demo
from demo.teams_person import TeamsPerson

Tell = Callable[[str, str, str, object, object], None]


class HandClock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Endpoint:
    """The bot's HTTP boundary with nothing behind it: what got through is in `seen`, the answer is `reply`."""

    service: BotService
    url: str = ""
    clock: HandClock = field(default_factory=HandClock)
    seen: list[Activity] = field(default_factory=list)
    reply: Reply = field(default_factory=Reply)
    error: Exception | None = None

    async def dispatch(self, activity: Activity) -> Reply:
        self.seen.append(activity)
        if self.error:
            raise self.error
        return self.reply


def identity_of(service: BotService) -> Identity:
    return Identity(service.app_id, PASSWORD, service.tenant_id, "SingleTenant")


def services_of(service: BotService) -> Services:
    env = service.settings()
    return Services(
        env["TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL"],
        env["TO_BOT_FROM_CHANNEL_TOKEN_ISSUER"],
        env["TO_CHANNEL_FROM_BOT_LOGIN_URL"],
        env["TO_CHANNEL_FROM_BOT_OAUTH_SCOPE"],
    )


@pytest.fixture
async def service() -> AsyncIterator[BotService]:
    async with BotService() as running:
        yield running


@pytest.fixture
async def endpoint(service: BotService) -> AsyncIterator[Endpoint]:
    made = Endpoint(service)
    gate = Gate(identity_of(service), services_of(service), clock=made.clock)
    app = web.Application()
    place = Place(service.tenant_id, local=True)
    app.router.add_post(ROUTE, messages_endpoint(gate, place, made.dispatch))
    runner = await serve(app, "127.0.0.1", 0)
    made.url = service.bot_url = f"http://127.0.0.1:{runner.addresses[0][1]}{ROUTE}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def connector(service: BotService) -> AsyncIterator[Connector]:
    made = Connector(identity_of(service), services_of(service), patience=1.0)
    yield made
    await made.close()


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[TeamsDemo]:
    """The whole product behind the stand-in for Microsoft's service."""
    async with teams_demo(tmp_path / "home") as running:
        yield running


@pytest.fixture
def rosa(product: TeamsDemo) -> TeamsPerson:
    """A clinician of the example practice."""
    return TeamsPerson(product.service, 4)


@pytest.fixture
def tell(record_property: Callable[[str, Any], None]) -> Tell:
    """Writes one line of a table that the terminal report prints: table, case, what came of it, expected, got."""

    def line(table: str, case: str, outcome: str, expected: object, got: object) -> None:
        record_property(f"table: {table}", f"{case:<44} {outcome:<12} expected {expected!s:<4} got {got!s:<4}")

    return line
