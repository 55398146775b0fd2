"""Microsoft's own local Teams client in a real browser: typing, pressing, reading, through the real token check."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from demo.playground import GROUP
from tests.e2e.playground_page import PlaygroundPage, chromium, page_at
from tests.teams.playground_bot import MARKUP, Stage, stage

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DELGADO = "00000000-0000-4000-8000-000000000004"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator["Browser"]:
    async with chromium() as launched:
        yield launched


@pytest_asyncio.fixture(loop_scope="module")
async def chain(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path / "playground") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: "Browser", chain: Stage) -> AsyncIterator[PlaygroundPage]:
    """Rosa Delgado at the page; whatever a test does, it must leave no complaint."""
    async with page_at(browser, chain.playground.url) as opened:
        yield opened
        opened.is_fine()


async def test_a_message_is_typed_and_answered(page: PlaygroundPage, chain: Stage) -> None:
    await page.say("first line\nsecond line")
    await page.hears("you said: first line")
    heard = chain.bot.last(lambda one: one.type == "message")
    assert (heard.text, heard.user_id, heard.personal) == ("first line\nsecond line", DELGADO, True)
    assert [one.type for one in chain.bot.heard][:2] == ["installationUpdate", "conversationUpdate"]
    assert len(await page.texts()) == 2


async def test_a_card_is_filled_in_and_pressed(page: PlaygroundPage, chain: Stage, tmp_path: Path) -> None:
    await page.say("card")
    await page.shows("First", MARKUP)
    await page.fill("Why", "because\nof that")
    await page.choose("Format", "DAP")
    await page.press("Replace")
    await page.shows("Replaced", "/ dap", "because")
    assert chain.bot.last(lambda one: one.type == "invoke").value["action"]["data"]["why"] == "because\nof that"

    picture = tmp_path / "card.png"
    await page.photograph(picture)
    assert picture.stat().st_size > 10_000


async def test_what_is_typed_is_lost_when_the_answer_is_no_card(page: PlaygroundPage) -> None:
    """An error has to come back as the card with the text in it: the page draws the old card anew, empty."""
    await page.say("card")
    await page.shows("First")
    await page.fill("Why", "long thoughts")
    await page.press("Fail")
    await page.shows("This card is old.")
    await page.press("Replace")
    await page.shows("nothing / soap")


async def test_a_dialogs_button_does_nothing(page: PlaygroundPage, chain: Stage) -> None:
    """The page stumbles over it: forms have to be inline here."""
    await page.say("card")
    await page.shows("First")
    before = len(chain.bot.heard)
    await page.press("Dialog")
    await page.press("Submit")
    await page.hears("pressed submit")
    assert [one.value.get("action") for one in chain.bot.heard[before:]] == ["submit"]
    assert page.complaints == ["page error: Cannot add property msTeams, object is not extensible"]
    page.complaints.clear()


async def test_an_update_by_the_bot_is_drawn(page: PlaygroundPage) -> None:
    await page.say("card")
    await page.press("Say so")
    await page.shows("Said, and nothing else.")
    await page.press("Update")
    await page.shows("Updated", "nothing / soap")


async def test_the_bot_speaks_in_the_group_chat(page: PlaygroundPage, chain: Stage) -> None:
    await page.say("hello")
    await page.hears("you said: hello")
    url = f"{chain.playground.url}/_connector"
    await chain.bot.connector.send(url, GROUP, {"type": "message", "text": "Let us speak in our 1:1 chat."})
    await page.go_to("Hallway")
    await page.hears("Let us speak in our 1:1 chat.")
    assert not [text for text in await page.texts() if "hello" in text]
