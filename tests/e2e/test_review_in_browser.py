"""A note that two people sign, in a real browser: the associate, the channel, the supervisor, and the filed documents.

`AFTERNOTE_SCREENSHOTS=folder` keeps a picture of each step.
"""

import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pypdf
import pytest
import pytest_asyncio

from bot.cards import review_words, words
from bot.domain.supervision import Mode
from demo.home import own_practice_file
from demo.run import Demo, demo
from tests.contract.fhir_in_python import problems
from tests.e2e.playground_page import chromium
from tests.e2e.test_browser import PATIENCE, SUMMARY, TOLD, Screen

if TYPE_CHECKING:
    from playwright.async_api import Locator

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

HAYES, WEISS, CHANNEL = "U0EXAMPLE06", "U0EXAMPLE01", "C0EXAMPLE10"
ASKED = "Please say since when it is six hours."
ASKED_PLAN = "Which call, and what if it goes badly?"
WHOLE = "Clear and warm. Two small things."
SINCE, REHEARSED = "Six hours since the second week of November.", "If the call goes badly, she phones her sister."
THANKS = "Thank you, this reads well."
_FILES = 'files = ["pdf", "docx", "md", "txt", "json"]'


@pytest_asyncio.fixture(loop_scope="module")
async def product(tmp_path: Path) -> AsyncIterator[Demo]:
    """The demo, which also files a FHIR document here."""
    home = tmp_path / "home"
    practice = own_practice_file(home)
    practice.write_text(practice.read_text("utf-8").replace(_FILES, f'{_FILES[:-1]}, "fhir.json"]'), "utf-8")
    async with demo(home) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def screen(product: Demo) -> AsyncIterator[Screen]:
    """Whoever sits at the page; whatever happens, it must leave no complaint."""
    async with chromium() as browser:
        context = await browser.new_context(viewport={"width": 1400, "height": 1000}, locale="en-US")
        context.set_default_timeout(PATIENCE)
        watched = Screen(await context.new_page())
        await watched.page.goto(product.url)
        yield watched
        await context.close()
        watched.is_fine()


async def test_two_people_sign_one_note(screen: Screen, product: Demo) -> None:
    await _sit(screen, HAYES)
    await screen.send(f"soap HR-053 yesterday 10:00 50min\n{SUMMARY}")
    await _sign(screen)
    await _contains(screen.card, review_words.WITHDRAW, "Miriam Weiss")
    assert not await _of(screen.card, *TOLD)
    await _picture(screen, "1-author-in-review")

    await _sit(screen, WEISS)
    await _go(screen, CHANNEL)
    await _contains(screen.card, "HR-053 · SOAP", review_words.DISCUSS)
    assert not await _of(screen.card, *TOLD)
    await _picture(screen, "2-channel")
    await screen.act("review").click()
    await _contains(screen.modal, *TOLD, review_words.attestation_of(Mode.COSIGN), review_words.POINTS)
    await _picture(screen, "3-review")
    await screen.modal.get_by_label("Comment on Subjective").fill(ASKED)
    await screen.modal.get_by_label("Comment on Plan").fill(ASKED_PLAN)
    await screen.modal.get_by_label(review_words.COMMENT_WHOLE).fill(WHOLE)
    await _decide(screen, review_words.REQUEST_CHANGES)
    await _contains(screen.card, "Miriam Weiss asked for changes")
    assert not await _of(screen.page.get_by_test_id("conversation"), ASKED, *TOLD)
    await _picture(screen, "4-channel-changes-asked")

    await _sit(screen, HAYES)
    await _contains(screen.card, ASKED, ASKED_PLAN, WHOLE, *TOLD)
    await _picture(screen, "5-author-comments", screen.card)
    await screen.act("edit").click()
    await _contains(screen.modal, ASKED, ASKED_PLAN)
    await _picture(screen, "6-edit-with-comments", screen.modal)
    for section, added in (("Subjective", SINCE), ("Plan", REHEARSED)):
        box = screen.modal.get_by_label(section)
        await box.fill(f"{await box.input_value()}\n{added}")
    await screen.page.get_by_test_id("modal-submit").click()
    await _contains(screen.card, review_words.CHANGES_SINCE, SINCE, REHEARSED)
    await _picture(screen, "7-author-what-changed", screen.card)
    await _sign(screen)
    await _contains(screen.card, review_words.WITHDRAW)

    await _sit(screen, WEISS)
    await _contains(screen.card, review_words.FOR_YOU)
    await _picture(screen, "8-supervisor-direct")
    await screen.act("review").click()
    await _contains(screen.modal, review_words.CHANGED_SINCE, SINCE, REHEARSED, ASKED)
    await screen.modal.get_by_label(review_words.COMMENT_WHOLE).fill(THANKS)
    await _picture(screen, "9-review-again", screen.modal)
    await _decide(screen, review_words.COSIGN)
    await _contains(screen.card, "co-signed by Miriam Weiss")

    await _sit(screen, HAYES)
    await _contains(screen.card, "SHA-256", "co-signed by Miriam Weiss")
    await _picture(screen, "10-author-receipt")
    await screen.act("review_comments").click()
    await _contains(screen.modal, THANKS, WHOLE)
    await _picture(screen, "11-comments", screen.modal)
    await screen.page.get_by_test_id("modal-close").click()
    _documents_name_both(product.folder / "filed-notes")


def _documents_name_both(folder: Path) -> None:
    files = {path.name.partition(".")[2]: path for path in folder.rglob("*.*") if not path.name.startswith(".")}
    pdf = " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(files["pdf"]).pages).split())
    for said in ("Samuel Hayes, LMSW (clinician)", "co-signed by Miriam Weiss, PsyD", SINCE, words.ATTESTATION):
        assert said in pdf, said
    assert review_words.attestation_of(Mode.COSIGN) in pdf
    assert not [comment for comment in (ASKED, WHOLE, THANKS) if comment in pdf]
    bundle = json.loads(files["fhir.json"].read_text("utf-8"))
    assert problems(bundle) == []
    composition = bundle["entry"][0]["resource"]
    signed = [(each["mode"], each["party"]["display"].partition(",")[0]) for each in composition["attester"]]
    assert signed == [("legal", "Samuel Hayes"), ("professional", "Miriam Weiss")]


async def _sit(screen: Screen, user: str) -> None:
    """Somebody else sits down at the page, in the direct chat with the bot."""
    from playwright.async_api import expect

    switch = screen.page.get_by_test_id("person-switch")
    if await switch.get_attribute("data-user") != user:
        await switch.click()
        await screen.page.get_by_test_id(f"person-{user}").click()
    await expect(screen.page.locator(f'[data-testid="person-switch"][data-user="{user}"]')).to_be_visible()
    direct = screen.page.locator("#sidebar [data-channel]", has_text=re.compile("^Afternote"))
    await direct.first.click()


async def _go(screen: Screen, channel: str) -> None:
    await screen.page.locator(f'#sidebar [data-channel="{channel}"]').click()


async def _sign(screen: Screen) -> None:
    from playwright.async_api import expect

    await screen.act("sign").click()
    await _contains(screen.modal, words.ATTESTATION)
    await screen.page.get_by_test_id("modal-submit").click()
    await expect(screen.modal).to_have_count(0)


async def _decide(screen: Screen, decision: str) -> None:
    from playwright.async_api import expect

    await screen.modal.locator('[data-block-id="decision"] [data-action-id]').click()
    await screen.page.get_by_role("option", name=decision, exact=True).click()
    await screen.page.get_by_test_id("modal-submit").click()
    await expect(screen.modal).to_have_count(0)


async def _contains(where: "Locator", *texts: str) -> None:
    from playwright.async_api import expect

    for text in texts:
        await expect(where).to_contain_text(text)


async def _of(where: "Locator", *texts: str) -> list[str]:
    """Which of these texts stand there."""
    said = await where.inner_text()
    return [text for text in texts if text in said]


async def _picture(screen: Screen, name: str, of: "Locator | None" = None) -> None:
    folder = os.environ.get("AFTERNOTE_SCREENSHOTS")
    if not folder:
        return
    path = Path(folder) / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    taken = of or screen.page
    await taken.screenshot(path=path, animations="disabled")
