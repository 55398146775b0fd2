"""The page of Microsoft's agents playground in a browser: what a person does there and what it shows. It knows no bot.

`page_at` opens it at one of its conversations; whatever left this machine is in `hosts`, what it complained of in
`complaints`.
"""

import importlib.util
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Browser, ConsoleMessage, Locator, Page

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 10_000  # milliseconds for any one thing to appear
LOOPBACK = {"127.0.0.1", "localhost"}
# Its fonts come from Microsoft, which the page is kept from (demo/loopback_only.js); the favicon is not there.
_EXPECTED = ("cdn.office.net", "favicon.ico")
_CARD = ".ac-adaptiveCard"
_MESSAGE = "xpath=ancestor::div[div[@aria-label='Message header']][1]"


class PlaygroundPage:
    """One page. Buttons and inputs are named as a person reads them, and sought on the newest card."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("console", self._note_line)
        page.on("response", lambda answer: self.hosts.add(urlsplit(answer.url).hostname or ""))

    @property
    def card(self) -> "Locator":
        """The newest card."""
        return self.page.locator(_CARD).last

    @property
    def newest(self) -> "Locator":
        """The newest card's whole message: who sent it, the card, and the line under it after a press."""
        return self.card.locator(_MESSAGE)

    async def say(self, text: str) -> None:
        """Type a message of any number of lines and send it."""
        await self.page.locator("[data-lexical-editor]").fill(text)
        await self.page.get_by_label("Send Message").click()

    async def press(self, title: str) -> None:
        """Press a button of the newest card; of a row, the seventh and further ones are in a menu."""
        button = self.card.get_by_role("button", name=title, exact=True)
        menus = self.card.get_by_role("button", name="More options")
        await button.or_(menus).first.wait_for()
        if await button.count():
            await button.first.click()
            return
        for menu in await menus.all():
            await menu.click()
            item = self.page.get_by_role("menuitem", name=title, exact=True)
            if await item.count():
                await item.click()
                return
            await self.page.keyboard.press("Escape")
        raise AssertionError(f"no button {title!r}")

    async def press_on(self, words: str, title: str) -> None:
        """Press a button of the newest card that shows these words."""
        card = self.page.locator(_CARD).filter(has_text=words).last
        await card.get_by_role("button", name=title, exact=True).click()

    async def fill(self, label: str, text: str) -> None:
        """Type into an input of the newest card."""
        await self.card.get_by_label(label).fill(text)

    async def choose(self, label: str, title: str) -> None:
        """Choose from a compact choice of the newest card."""
        await self.card.get_by_role("combobox", name=label).click()
        await self.page.get_by_role("option", name=title, exact=True).click()

    async def go_to(self, conversation: str) -> None:
        """Open another conversation, named as the list on the left names it."""
        await self.page.get_by_role("treeitem", name=conversation).click()

    async def texts(self) -> list[str]:
        """Every message that is shown, oldest first, without its header."""
        headers = self.page.get_by_label("Message header", exact=True)
        bodies = headers.locator("xpath=following-sibling::div[1]")
        return [text.strip() for text in await bodies.all_inner_texts()]

    async def shows(self, *texts: str) -> None:
        """Waits until the newest card shows all of these."""
        from playwright.async_api import expect

        for text in texts:
            await expect(self.newest).to_contain_text(text, timeout=PATIENCE)

    async def hears(self, text: str) -> None:
        """Waits until a message shows this."""
        from playwright.async_api import expect

        bodies = self.page.get_by_label("Message header", exact=True).locator("xpath=following-sibling::div[1]")
        await expect(bodies.filter(has_text=text).last).to_be_visible(timeout=PATIENCE)

    async def photograph(self, path: Path) -> None:
        """Save what the window shows, without the log beside it, as PNG."""
        hide = self.page.get_by_title("Hide log panel")
        if await hide.count():
            await hide.click()
        await self.card.scroll_into_view_if_needed()
        await self.page.screenshot(path=path)

    def is_fine(self) -> None:
        """Nothing was complained of, and nothing left this machine."""
        assert not self.complaints, self.complaints
        assert self.hosts <= LOOPBACK

    def _note_line(self, line: "ConsoleMessage") -> None:
        where = f"{line.text} {line.location.get('url', '')}"
        if line.type == "error" and not any(known in where for known in _EXPECTED):
            self.complaints.append(f"console: {where}")


@asynccontextmanager
async def chromium() -> AsyncIterator["Browser"]:
    """Headless Chromium. Skips the test without it; `AFTERNOTE_REQUIRE_BROWSER=1` (CI) makes that a failure."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not executable or not importlib.util.find_spec("playwright"):
        refuse = pytest.fail if os.environ.get("AFTERNOTE_REQUIRE_BROWSER") == "1" else pytest.skip
        refuse("needs Chromium and the playwright package")
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield launched
        await launched.close()


@asynccontextmanager
async def page_at(browser: "Browser", url: str, width: int = 1280, height: int = 900) -> AsyncIterator[PlaygroundPage]:
    """The page in a window of its own, at the 1:1 chat with the bot, which is told that it was installed."""
    context = await browser.new_context(viewport={"width": width, "height": height}, locale="en-US")
    context.set_default_timeout(PATIENCE)
    page = PlaygroundPage(await context.new_page())
    await page.page.goto(url)
    await page.page.locator("[data-lexical-editor]").wait_for()
    yield page
    await context.close()
