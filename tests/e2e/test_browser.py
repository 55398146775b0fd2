"""A clinician's whole evening in a real browser: the demo's page, the real application behind it, files on disk.

`AFTERNOTE_REQUIRE_BROWSER=1` (CI) makes a missing browser a failure instead of a skip.
"""

import hashlib
import importlib.util
import io
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import docx
import pypdf
import pytest
import pytest_asyncio

from bot.cards import words
from bot.cards.house_words import SETTLE_TITLE
from demo.driver import Person
from demo.run import Demo, demo

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DELGADO, LINDGREN = "U0EXAMPLE04", "U0EXAMPLE02"
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

SUMMARY = """\
- ct reports sleeping 6h most nights, up from 4; still wakes at 3am before work days
- hw: filled in the thought record 4/7 days
- mood anxious but brighter, good eye contact, PHQ-9 11 (was 15)
- reviewed thought record, practiced paced breathing, rehearsed the call to her manager
- ct said breathing "takes the edge off", SUDS 60 -> 35
- denies SI, HI not asked
- I think avoidance is what keeps the anxiety going
- plan: exposure step 2 (call manager Thurs), next session in a week"""
TOLD = (
    "sleeping 6h most nights",
    "thought record 4/7 days",
    "paced breathing",
    "takes the edge off",
    "step 2 (call manager Thurs)",
)
CHANGED = "Client reports sleeping 7h most nights since Monday."
ADDED = "Call her PCP about sleep, with her consent."
FOLLOWING = ("view", "addendum", "amend", "retract")
GOAL = "Goal 2: make phone calls at work without a day of worry."


class Screen:
    """One page, watched: what it logged, what it asked for and what the server pushed to it."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.pushed: list[dict[str, Any]] = []
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on(
            "console", lambda line: self.complaints.append(line.text) if line.type in ("error", "warning") else None
        )
        page.on("requestfailed", lambda request: self._note_failure(request.url, request.failure))
        page.on("request", lambda request: self._note_host(request.url))
        page.on("websocket", self._note_socket)

    @property
    def composer(self) -> "Locator":
        return self.page.get_by_test_id("composer")

    @property
    def modal(self) -> "Locator":
        return self.page.get_by_test_id("modal")

    @property
    def card(self) -> "Locator":
        """The latest message that the bot posted for everybody to keep."""
        return self.page.locator('[data-testid="message"].from-bot:not(.ephemeral)').last

    def act(self, action: str) -> "Locator":
        return self.card.locator(f'[data-action-id="{action}"]')

    async def send(self, text: str) -> None:
        await self.composer.fill(text)
        await self.page.get_by_test_id("send").click()

    def is_fine(self) -> None:
        """Nothing was logged as an error, and nothing left this machine."""
        assert self.complaints == []
        assert self.hosts <= LOOPBACK

    def _note_line(self, line: Any) -> None:
        if line.type in ("error", "warning"):
            self.complaints.append(f"console: {line.text}")

    def _note_host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss"):
            self.hosts.add(parts.hostname or "")

    def _note_failure(self, url: str, failure: str | None) -> None:
        # A viewer that is closed while its file loads gives the file up.
        if "ERR_ABORTED" not in (failure or ""):
            self.complaints.append(f"request failed: {url} {failure}")

    def _note_socket(self, socket: Any) -> None:
        self._note_host(socket.url)
        socket.on("framereceived", lambda frame: self.pushed.append(json.loads(frame)))


@pytest_asyncio.fixture(loop_scope="module")
async def product(tmp_path: Path) -> AsyncIterator[Demo]:
    async with demo(tmp_path / "home") as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator["Browser"]:
    executable = _chromium()
    if not executable or not importlib.util.find_spec("playwright"):
        refuse = pytest.fail if os.environ.get("AFTERNOTE_REQUIRE_BROWSER") == "1" else pytest.skip
        refuse("needs Chromium and the playwright package")
    from playwright.async_api import async_playwright, expect

    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def screen(browser: "Browser", product: Demo) -> AsyncIterator[Screen]:
    """Rosa Delgado at the page; whatever a test does, it must leave no complaint."""
    context = await browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-US")
    context.set_default_timeout(PATIENCE)
    watched = Screen(await context.new_page())
    await watched.page.goto(product.url)
    await _sits(watched, DELGADO)
    yield watched
    await context.close()
    watched.is_fine()


async def test_from_a_few_lines_to_a_signed_note_on_disk(screen: Screen, product: Demo) -> None:
    await screen.send(f"/note soap {SUMMARY}")
    await _drafted(screen, "SOAP")
    pushed = [frame["message"]["text"] for frame in screen.pushed if frame.get("type") == "message"]
    assert words.DRAFT_NOTICE in pushed
    for action, name in (("format_birp", "BIRP"), ("format_dap", "DAP")):
        await screen.act(action).click()
        await _drafted(screen, name)
        await _contains(screen.card, *TOLD)
    await _choose_format(screen, "GIRP")
    await screen.act("format_soap").click()
    await _drafted(screen, "SOAP")

    await _edit(screen)
    await _add_a_goal(screen)
    await _ask_why(screen)
    day = await _say_whose_and_when(screen)
    await _sign(screen)

    note = _filed(product.folder / "filed-notes", day)
    await _receipt_without_clinical_text(screen, note)
    await _read_in_the_panel(screen, note)


async def test_a_message_with_a_headline_then_a_change_of_mind(screen: Screen, product: Demo) -> None:
    await screen.send(f"birp JD-014 yesterday 10:00 50min\n{SUMMARY}")
    await _drafted(screen, "BIRP")
    day = _yesterday()
    await _contains(screen.card, f"JD-014 · {day.day} {day:%b %Y}, 10:00 · 50 min", "Behavior", *TOLD)

    await screen.act("discard").click()
    await screen.page.get_by_test_id("confirm-cancel").click()
    await _contains(screen.card, *TOLD)
    await screen.act("discard").click()
    await _contains(screen.page.get_by_test_id("confirm"), words.DISCARD_TITLE, words.DISCARD_TEXT)
    await screen.page.get_by_test_id("confirm-ok").click()

    await _contains(screen.card, words.DISCARDED)
    text = await screen.card.inner_text()
    assert not [told for told in TOLD if told in text]
    assert await screen.card.locator("[data-action-id]").count() == 0
    assert _documents(product.folder / "filed-notes") == []


async def test_another_person_with_samples_and_no_mouse(screen: Screen, product: Demo) -> None:
    from playwright.async_api import expect

    await screen.page.get_by_test_id("person-switch").click()
    await screen.page.get_by_test_id(f"person-{LINDGREN}").click()
    await _sits(screen, LINDGREN)
    await screen.page.get_by_test_id("sample").click()
    sign = screen.page.locator('[data-action-id="sign"]')
    await expect(sign).to_have_count(3)

    press = screen.page.keyboard.press
    await screen.composer.focus()
    await screen.page.keyboard.type("/no")
    await press("Enter")  # takes the suggested command
    await expect(screen.composer).to_have_value("/note ")
    await screen.page.keyboard.type("help")
    await press("Enter")
    await _contains(screen.page.get_by_test_id("conversation"), words.HELP_TITLE)

    await screen.act("edit").focus()
    await press("Enter")
    section = screen.modal.locator("textarea").first
    await expect(section).to_be_focused()
    kept = await section.input_value()
    await screen.page.keyboard.type("Typed and not meant. ")
    await press("Escape")
    await expect(screen.page.get_by_test_id("modal-discard")).to_be_visible()
    await press("Escape")  # back to what was typed
    await expect(section).to_be_focused()
    assert "Typed and not meant." in await section.input_value()
    await press("Escape")
    await press("Tab")
    await press("Enter")  # “Close anyway”
    await expect(screen.modal).to_have_count(0)
    assert "Typed and not meant." not in await screen.card.inner_text()
    await _contains(screen.card, kept.splitlines()[0])

    await screen.act("sign").focus()
    await press("Enter")
    await expect(screen.modal).to_contain_text(SETTLE_TITLE)
    for answer, typed in enumerate(("From 2:00 to 2:50 PM.", "About the same as last week.")):
        await screen.modal.locator("textarea").nth(answer).focus()
        await screen.page.keyboard.type(typed)
    await press("Control+Enter")
    await _contains(screen.modal, words.ATTESTATION, "Tobias Lindgren, LCSW")
    await press("Control+Enter")
    await expect(screen.modal).to_have_count(0)
    await expect(sign).to_have_count(2)
    await expect(screen.page.get_by_test_id("file").first).to_be_visible()
    assert len([path for path in _documents(product.folder / "filed-notes") if path.suffix == ".pdf"]) == 1


async def test_a_draft_that_changed_elsewhere_keeps_what_is_typed(screen: Screen, product: Demo) -> None:
    from playwright.async_api import expect

    rosa = Person(product.workspace, DELGADO)
    await screen.send(f"soap JD-014 yesterday 50min\n{SUMMARY}")
    await _drafted(screen, "SOAP")
    await screen.act("edit").click()
    plan = screen.modal.get_by_label("Plan")
    await plan.fill(ADDED)
    await rosa.click(rosa.messages()[-1], "format_dap")  # the same person, on the phone
    await _drafted(screen, "DAP")

    await screen.page.get_by_test_id("modal-submit").click()
    await _contains(screen.modal, words.CHANGED_ELSEWHERE)
    await screen.modal.locator('[data-action-id="save_draft"]').click()
    await expect(screen.modal.locator('[data-block-id="notice"]')).to_contain_text(words.CHANGED_ELSEWHERE)
    await expect(plan).to_have_value(ADDED)
    await screen.page.get_by_test_id("modal-close").click()
    await screen.page.get_by_test_id("modal-keep").click()
    await expect(plan).to_have_value(ADDED)
    await screen.page.get_by_test_id("modal-close").click()
    await screen.page.get_by_test_id("modal-discard-yes").click()
    await expect(screen.modal).to_have_count(0)
    assert ADDED not in await screen.card.inner_text()


def _chromium() -> str | None:
    return "/usr/bin/chromium" if Path("/usr/bin/chromium").exists() else shutil.which("chromium")


async def _sits(screen: Screen, user: str) -> None:
    from playwright.async_api import expect

    await expect(screen.page.locator(f'[data-testid="person-switch"][data-user="{user}"]')).to_be_visible()
    await expect(screen.composer).to_be_visible()


async def _contains(where: "Locator", *texts: str) -> None:
    from playwright.async_api import expect

    for text in texts:
        await expect(where).to_contain_text(text)


async def _drafted(screen: Screen, format_name: str) -> None:
    """The latest card is a draft in this format."""
    from playwright.async_api import expect

    await expect(screen.card.get_by_role("heading").first).to_have_text(re.compile(rf"· {format_name}$"))
    await expect(screen.act("sign")).to_be_visible()


async def _choose_format(screen: Screen, name: str) -> None:
    await screen.act("format_menu").click()
    await screen.page.get_by_role("option", name=name, exact=True).click()
    await _drafted(screen, name)
    await _contains(screen.card, "Goal", *TOLD)


async def _edit(screen: Screen) -> None:
    """Change a sentence and keep it with “Save draft”; add one in another section and save."""
    from playwright.async_api import expect

    await screen.act("edit").click()
    subjective, plan = screen.modal.get_by_label("Subjective"), screen.modal.get_by_label("Plan")
    text = await subjective.input_value()
    first = text.splitlines()[0]
    assert "6h most nights" in first
    await subjective.fill(text.replace(first, CHANGED))
    await screen.modal.locator('[data-action-id="save_draft"]').click()
    await _contains(screen.modal, words.SAVED.partition("{")[0])
    await _contains(screen.card, CHANGED)
    assert CHANGED in await subjective.input_value()
    await screen.page.get_by_test_id("modal-close").click()  # saved: closes without a question
    await expect(screen.modal).to_have_count(0)
    await screen.act("edit").click()
    await plan.fill(f"{await plan.input_value()}\n{ADDED}")
    await screen.page.get_by_test_id("modal-submit").click()
    await expect(screen.modal).to_have_count(0)
    await _contains(screen.card, CHANGED, ADDED, "takes the edge off")
    assert first not in await screen.card.locator(".block-rich_text").first.inner_text()


async def _add_a_goal(screen: Screen) -> None:
    from playwright.async_api import expect

    await screen.act("details").click()
    await screen.modal.locator('[data-block-id="gap.goal_named"] textarea').fill(GOAL)
    await screen.page.get_by_test_id("modal-submit").click()
    await expect(screen.modal).to_have_count(0)
    await _contains(screen.card, GOAL)


async def _ask_why(screen: Screen) -> None:
    """Each sentence beside what was typed, or as the clinician's own."""
    from playwright.async_api import expect

    await screen.act("why").click()
    await _contains(screen.modal, "denies SI, HI not asked", ADDED, words.WHY_OWN)
    await screen.page.get_by_test_id("modal-close").click()
    await expect(screen.modal).to_have_count(0)


async def _say_whose_and_when(screen: Screen) -> datetime:
    """The card asks for what the command left out."""
    from playwright.async_api import expect

    day = _yesterday()
    await screen.act("pick_client").click()
    await screen.page.get_by_test_id("picker-search").fill("jd")
    await expect(screen.page.get_by_role("option", name="JD-014")).to_be_visible()
    await screen.page.get_by_role("option", name="JD-014").click()
    await _contains(screen.card.get_by_role("heading").first, "JD-014")
    await screen.act("pick_date").fill(f"{day:%Y-%m-%d}")
    await screen.act("pick_date").blur()
    await _contains(screen.card.get_by_role("heading").first, f"{day.day} {day:%b %Y}")
    return day


async def _sign(screen: Screen) -> None:
    from playwright.async_api import expect

    await screen.act("sign").click()
    await _contains(screen.modal, words.ATTESTATION, "Rosa Delgado, LPC-Associate")
    await screen.page.get_by_test_id("modal-submit").click()
    await expect(screen.modal).to_have_count(0)
    await _contains(screen.card, "JD-014", "SHA-256")


def _documents(folder: Path) -> list[Path]:
    """What a person finds in the folder; hidden files are the adapter's own."""
    return [path for path in folder.rglob("*.*") if path.is_file() and not path.name.startswith(".")]


def _filed(folder: Path, day: datetime) -> dict[str, Path]:
    """The one note on disk, suffix → file, each document with the sentences that were edited and signed."""
    files = {path.name.partition(".")[2]: path for path in _documents(folder)}
    assert files.keys() == {"pdf", "docx", "md", "txt", "json", "receipt.json"}
    assert {path.parent.name for path in files.values()} == {"JD-014"}
    assert all(path.name.startswith(f"{day:%Y-%m-%d}_soap_") for path in files.values())
    texts = {kind: files[kind].read_text("utf-8") for kind in ("md", "txt")}
    texts["pdf"] = "\n".join(page.extract_text() for page in pypdf.PdfReader(files["pdf"]).pages)
    document = docx.Document(io.BytesIO(files["docx"].read_bytes()))
    texts["docx"] = "\n".join(paragraph.text for paragraph in document.paragraphs)
    texts["json"] = json.dumps(json.loads(files["json"].read_text("utf-8")), ensure_ascii=False)
    for kind, text in texts.items():
        flat = " ".join(text.split())
        for sentence in (CHANGED, ADDED, GOAL, "Rosa Delgado", words.ATTESTATION):
            assert sentence in flat, (kind, sentence)
        assert "sleeping 6h" not in flat, kind
    return files


async def _receipt_without_clinical_text(screen: Screen, files: dict[str, Path]) -> None:
    digests = {kind: hashlib.sha256(path.read_bytes()).hexdigest() for kind, path in files.items()}
    card = await screen.card.inner_text()
    shown = re.search(r"SHA-256 ([0-9a-f]{12,64})", card)
    assert shown is not None
    assert digests["pdf"].startswith(shown[1])
    sidecar = json.loads(files["receipt.json"].read_text("utf-8"))
    assert {kind: each["sha256"] for kind, each in sidecar["files"].items()} == {
        kind: digest for kind, digest in digests.items() if kind != "receipt.json"
    }
    said = await screen.page.get_by_test_id("conversation").inner_text()
    assert not [text for text in (*TOLD, CHANGED, ADDED, GOAL) if text in said]
    acts = screen.card.locator("[data-action-id]")
    assert [await act.get_attribute("data-action-id") for act in await acts.all()] == list(FOLLOWING)


async def _read_in_the_panel(screen: Screen, files: dict[str, Path]) -> None:
    from playwright.async_api import expect

    panel, viewer = screen.page.get_by_test_id("files-panel"), screen.page.get_by_test_id("viewer")
    chips = panel.get_by_test_id("file")
    await expect(chips).to_have_count(len(files))
    await panel.locator(f'[data-path="JD-014/{files["pdf"].name}"]').click()
    await expect(viewer.locator("iframe")).to_have_attribute("src", re.compile(re.escape(files["pdf"].name)))
    await screen.page.get_by_test_id("file-back").click()
    await panel.locator(f'[data-path="JD-014/{files["txt"].name}"]').click()
    await _contains(viewer, CHANGED, ADDED)


def _yesterday() -> datetime:
    """As the clinicians of the demo's practice see it."""
    return datetime.now(ZoneInfo("America/Chicago")) - timedelta(days=1)
