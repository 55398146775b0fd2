"""A practice with nobody on its roster: who brings the bot is handed to the roster as its first administrator."""

from pathlib import Path

import pytest

from bot.acts import first_person as acts
from bot.cards import install_words as words
from bot.domain.ids import PersonId
from bot.domain.people import Account, Person, Role
from bot.settings import Settings
from bot.teams.app import ROUTE
from bot.wiring import running
from bot.workflows.desk import Desk
from demo.bot_service import BotService
from demo.home import free_port
from demo.several import JUNIPER, LARKSPUR, install, practice_files, several

INSTALLER = "U0EXAMPLE01"


class Roster:
    """Takes the first administrator of each practice, as the real one does."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Account, str, str]] = []

    async def first(self, desk: Desk, account: Account, name: str, via: str) -> Person | None:
        self.asked.append((desk.id, account, name, via))
        if desk.practice.people:
            return None
        return Person(PersonId("first"), name, "", frozenset({Role.ADMINISTRATOR}), accounts=(account,))


@pytest.fixture
def roster(monkeypatch: pytest.MonkeyPatch) -> Roster:
    made = Roster()
    monkeypatch.setattr(acts, "first_administrator", made.first)
    return made


def without_people(folder: Path) -> None:
    for file in folder.glob("*.toml"):
        text = file.read_text("utf-8")
        nobody = text[: text.index("# People")] + text[text.index("# Formats") : text.index("# Caseload")]
        file.write_text(nobody, "utf-8")


async def test_who_installs_in_slack_is_the_first_and_hears_so(tmp_path: Path, roster: Roster):
    practices = practice_files(tmp_path / "home")
    without_people(practices)
    async with several(tmp_path / "home", practices=practices) as product:
        status, page = await install(product, JUNIPER)
    assert (status, words.DONE_ADMINISTRATOR in page) == (200, True)
    assert roster.asked == [(JUNIPER.id, Account("slack", INSTALLER), words.FIRST_NAME, "slack")]


async def test_who_installs_for_people_who_are_there_already_is_nobody_new(tmp_path: Path, roster: Roster):
    async with several(tmp_path / "home") as product:
        status, page = await install(product, LARKSPUR)
    assert (status, words.DONE_ADMINISTRATOR in page) == (200, False)


async def test_who_adds_the_bot_in_teams_first_is_the_first(tmp_path: Path, roster: Roster):
    practices = practice_files(tmp_path / "home", (LARKSPUR,))
    without_people(practices)
    async with BotService() as service:
        environment = {
            **service.settings(),
            "AFTERNOTE_HOME": str(tmp_path / "home"),
            "AFTERNOTE_PRACTICE_FILE": str(practices / "larkspur.toml"),
            "AFTERNOTE_PORT": str(free_port()),
        }
        async with running(Settings.load(environment)) as application:
            service.bot_url = f"{application.url}{ROUTE}"
            arrived = service.activity("installationUpdate", person=3, action="add")
            assert (await service.post(arrived))[0] == 200
    account = Account("teams", "00000000-0000-4000-8000-000000000003")
    assert roster.asked == [(LARKSPUR.id, account, "Person 3", "teams")]
