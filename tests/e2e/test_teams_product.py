"""The clinician's whole job in Microsoft's own local client in a browser, from a typed summary to the PDF on disk."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards import words
from demo.playground import Playground
from demo.teams import TeamsDemo, teams_demo
from tests.e2e.playground_page import PlaygroundPage, chromium, page_at
from tests.node_parts import node, node_module
from tests.teams.test_main_job import CANARY, SUMMARY

pytestmark = pytest.mark.browser


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[TeamsDemo]:
    async with teams_demo(tmp_path / "home", dialogs=False) as running:
        yield running


@pytest.fixture
async def page(product: TeamsDemo, tmp_path: Path) -> AsyncIterator[PlaygroundPage]:
    node()
    modules = node_module("@microsoft/m365agentsplayground").parents[1]
    async with (
        chromium() as browser,
        Playground(modules, product.service.relay_url, 0, tmp_path / "client") as client,
        page_at(browser, client.url) as opened,
    ):
        yield opened
        opened.is_fine()


async def test_from_a_typed_summary_to_the_pdf(product: TeamsDemo, page: PlaygroundPage, tmp_path: Path):
    pictures = Path(os.environ.get("AFTERNOTE_PICTURES", tmp_path))
    await page.shows(words.GREETING)
    await page.photograph(pictures / "welcome.png")
    await page.say(f"soap JD-014 yesterday 10:00 50min: {SUMMARY}")
    await page.shows("SOAP", "Exposure step 2 next week.")
    await page.photograph(pictures / "draft.png")
    await page.press("BIRP")
    await page.shows("Behavior", "50 min · BIRP")
    await page.press("SOAP")
    await page.shows("Subjective", "50 min · SOAP")
    await page.press(words.EDIT)
    await page.shows(words.EDIT_HINT)
    await page.fill("Plan", "Exposure step 2 next week.\nCall the school on Monday.")
    await page.photograph(pictures / "edit.png")
    await page.press(words.EDIT_SUBMIT)
    await page.shows(words.FORM_SAVED)
    await page.hears("Call the school on Monday.")
    await page.press_on("SOAP", words.SIGN)
    await page.shows(words.ATTESTATION)
    await page.photograph(pictures / "sign.png")
    await page.press(words.SIGN_SUBMIT)
    await page.hears("file SHA-256")
    await page.photograph(pictures / "receipt.png")
    shown = await page.texts()
    assert not [text for text in shown[2:] if CANARY in text]
    filed = {path.suffix: path for path in (product.folder / "filed-notes" / "JD-014").iterdir()}
    assert filed[".pdf"].read_bytes().startswith(b"%PDF")
    assert "Call the school on Monday." in filed[".txt"].read_text("utf-8")
