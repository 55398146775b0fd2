"""The whole product through Microsoft's own local client: its requests signed, its connector written to, files on disk.

That client has no dialogs, so forms stand on cards of their own.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards import words
from demo.playground import GROUP, PERSONAL, Playground
from demo.teams import TeamsDemo, teams_demo
from demo.teams_person import inputs_of
from tests.node_parts import node, node_module
from tests.teams.playground_driver import PlaygroundDriver, Shown
from tests.teams.test_main_job import CANARY, SUMMARY


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[TeamsDemo]:
    async with teams_demo(tmp_path / "home", dialogs=False) as running:
        yield running


@pytest.fixture
async def page(product: TeamsDemo, tmp_path: Path) -> AsyncIterator[PlaygroundDriver]:
    node()
    modules = node_module("@microsoft/m365agentsplayground").parents[1]
    async with (
        Playground(modules, product.service.relay_url, 0, tmp_path / "client") as client,
        PlaygroundDriver(client.url) as driver,
    ):
        yield driver


def titled(name: str) -> object:
    return lambda shown: bool(shown.card) and shown.words[0].endswith(name)


def input_named(shown: Shown, beginning: str) -> tuple[str, str]:
    """The id and the value of the first input whose id begins so."""
    return next((name, value) for name, value in inputs_of(shown.card or {}).items() if name.startswith(beginning))


async def test_the_main_job_from_a_message_to_files_on_disk(product: TeamsDemo, page: PlaygroundDriver):
    await page.install(PERSONAL)
    await page.wait_for(PERSONAL, lambda shown: words.GREETING in shown.words)
    await page.say(PERSONAL, f"soap JD-014 yesterday 10:00 50min: {SUMMARY}")
    await page.wait_for_typing(PERSONAL)
    card = await page.wait_for(PERSONAL, titled("SOAP"))
    for name in ("BIRP", "DAP", "SOAP"):
        answer = await page.press(card, name)
        assert answer.kind == "card"
        card = await page.wait_for(PERSONAL, titled(name))
        assert "Exposure step 2 next week." in card.words

    answer = await page.press(card, words.EDIT)
    assert answer.value == words.FORM_BELOW
    form = await page.wait_for(PERSONAL, lambda shown: words.EDIT_SUBMIT in shown.titles)
    plan, text = input_named(form, "section.plan.")
    await page.press(form, words.EDIT_SUBMIT, {plan: text + "\nCall the school on Monday."})
    await page.wait_for(PERSONAL, lambda shown: "Call the school on Monday." in shown.words)
    await page.wait_for(PERSONAL, lambda shown: shown.id == form.id and words.FORM_SAVED in shown.words)

    card = await page.wait_for(PERSONAL, lambda shown: words.SIGN in shown.titles)
    await page.press(card, words.SIGN)
    form = await page.wait_for(PERSONAL, lambda shown: words.SIGN_SUBMIT in shown.titles)
    assert words.ATTESTATION in form.words
    await page.press(form, words.SIGN_SUBMIT)
    receipt = await page.wait_for(PERSONAL, lambda shown: "filed" in shown.words[0], timeout=15)
    assert receipt.id == card.id
    standing = [word for shown in page.messages(PERSONAL) if shown.by_bot for word in shown.words]
    assert CANARY not in str(standing)
    filed = {path.suffix: path for path in (product.folder / "filed-notes" / "JD-014").iterdir()}
    assert {".pdf", ".docx", ".md", ".txt", ".json"} <= set(filed)
    assert "Call the school on Monday." in filed[".txt"].read_text("utf-8")
    assert filed[".pdf"].read_bytes().startswith(b"%PDF")


async def test_in_the_group_chat_it_says_where_to_write(page: PlaygroundDriver):
    await page.say(GROUP, SUMMARY, mention=True)
    answer = await page.wait_for(GROUP, lambda shown: True)
    assert answer.words == [words.ONLY_IN_DIRECT]
