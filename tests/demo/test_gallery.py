"""The page of all screens: complete, safe to open, and nothing on it clipped, empty or wider than its pane.

`AFTERNOTE_REQUIRE_BROWSER=1` and `AFTERNOTE_REQUIRE_NODE=1` (CI) make what is missing a failure instead of a skip.
"""

import importlib.util
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from bot.cards.elements import Card, Form
from bot.cli import app
from bot.teams.pages import pages
from bot.teams.render import render_card
from demo import gallery, screens

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

NO_RENDERER = b"globalThis.AdaptiveCards = {};"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PATIENCE = 20_000  # milliseconds


class Parts(HTMLParser):
    """What a browser would see: every element with its attributes, and the text of each script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self._script = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._script = dict(attrs).get("type") or "" if tag == "script" else ""

    def handle_data(self, data: str) -> None:
        if self._script:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._script = ""


@pytest.fixture(scope="module")
def shown() -> list[gallery.Screen]:
    return gallery.all_screens()


@pytest.fixture(scope="module")
def parts(shown: list[gallery.Screen]) -> Parts:
    return Parts(gallery.gallery_page(shown, NO_RENDERER))


def test_every_screen_stands_once_under_each_platform(parts: Parts) -> None:
    panes = [(a["data-screen"], a["data-platform"]) for tag, a in parts.elements if tag == "figure"]
    names = [*gallery.names(screens.examples()), *gallery.LONGEST]
    assert sorted(panes) == sorted((name, platform) for name in names for platform in ("slack", "teams"))


def test_every_screen_has_its_data_and_its_place_in_the_list(parts: Parts) -> None:
    names = [*gallery.names(screens.examples()), *gallery.LONGEST]
    data = json.loads(parts.scripts["application/json"])
    links = [a["href"] for tag, a in parts.elements if tag == "a"]
    assert sorted(each["name"] for each in data["screens"]) == sorted(names)
    assert all(each["slack"] and each["teams"] for each in data["screens"])
    assert all(links.count(f"#screen-{name}") == 2 for name in names)  # in the list, and at its heading


def test_what_teams_says_in_its_own_words_stands_beside_what_slack_says(shown: list[gallery.Screen]) -> None:
    examples = screens.examples()
    own = [name for name in examples if name not in gallery.names(examples)]
    named = {screen.name: screen for screen in shown}
    assert own
    for name in own:
        card = examples[name]
        assert isinstance(card, Card)
        assert named[name.removesuffix(gallery.IN_TEAMS)].teams == (render_card(card),)


def test_each_page_of_a_long_dialog_is_there(shown: list[gallery.Screen]) -> None:
    every: dict[str, Card | Form] = {**screens.examples(), **screens.extremes()}
    forms = {each.name: form for each in shown if isinstance(form := every[each.name], Form)}
    counts = {each.name: len(each.teams) for each in shown if each.name in forms}
    assert counts == {name: len(pages(form)) for name, form in forms.items()}
    assert max(counts.values()) > 1


NASTY = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>"


def test_what_is_written_in_a_note_cannot_become_markup(shown: list[gallery.Screen], parts: Parts) -> None:
    first = shown[0]
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": NASTY}}]
    nasty = replace(first, said=NASTY, slack=blocks, teams=({**first.teams[0], "speak": NASTY},))
    hostile = Parts(gallery.gallery_page([nasty, *shown[1:]], NO_RENDERER))
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in parts.elements]
    data = json.loads(hostile.scripts["application/json"])
    assert data["screens"][0]["slack"] == blocks
    assert data["screens"][0]["title"] == data["screens"][0]["teams"][0]["speak"] == NASTY


def test_no_module_is_left_to_be_loaded_from_a_file() -> None:
    found = gallery.modules("gallery.js")
    assert {"blocks.js", "modal.js", "message.js", "teams.js"} <= found.keys()
    for name, source in found.items():
        wanted = re.findall(r"\bfrom\s*[\"']([^\"']+)|\bimport\s*\(?\s*[\"']([^\"']+)", source)
        assert {a or b for a, b in wanted} <= found.keys(), name
    assert "WebSocket" not in "".join(found.values())


def test_the_page_asks_nobody_for_anything(parts: Parts) -> None:
    loaded = [a.get("src") or a.get("href") or "" for tag, a in parts.elements if tag in ("script", "link", "img")]
    assert all(not url or url.startswith("data:") for url in loaded)
    policy = next(a["content"] or "" for tag, a in parts.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"https?:|\*|connect-src", policy)


def test_the_command_says_how_many_screens_and_where(tmp_path: Path, shown: list[gallery.Screen]) -> None:
    renderer, out = tmp_path / "adaptivecards.min.js", tmp_path / "page.html"
    renderer.write_bytes(NO_RENDERER)
    done = CliRunner().invoke(app, ["gallery", "--out", str(out), "--renderer", str(renderer), "--no-open"])
    assert done.exit_code == 0, done.output
    assert f"{len(shown)} screens are in" in done.output
    assert out.read_text("utf-8").startswith("<!doctype html>")


def test_without_the_renderer_the_command_names_the_one_that_installs_it(tmp_path: Path) -> None:
    out, nowhere = tmp_path / "page.html", tmp_path / "nowhere.js"
    done = CliRunner().invoke(app, ["gallery", "--out", str(out), "--renderer", str(nowhere), "--no-open"])
    assert done.exit_code == 2
    said = " ".join(done.output.split())
    assert gallery.INSTALL in said
    assert "--renderer" in said
    assert not out.exists()


def test_a_folder_that_is_not_there_is_said_and_not_traced(tmp_path: Path) -> None:
    renderer = tmp_path / "adaptivecards.min.js"
    renderer.write_bytes(NO_RENDERER)
    out = str(tmp_path / "no" / "page.html")
    done = CliRunner().invoke(app, ["gallery", "--out", out, "--renderer", str(renderer), "--no-open"])
    assert done.exit_code == 2
    assert "No such file or directory" in " ".join(done.output.split())


# In the browser. Each finding is "screen platform: what", so that a failure names the screens to look at.
AUDIT = """() => {
  const found = [];
  const shows = (node) => node.checkVisibility({ visibilityProperty: true });
  const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  const own = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
  for (const pane of document.querySelectorAll(".pane")) {
    const { screen, platform } = pane.dataset;
    const say = (what, node) => found.push(`${screen} ${platform}: ${what} ${node.className}`);
    const stage = pane.querySelector(".stage");
    const edge = stage.getBoundingClientRect();
    if (edge.height < 60 || !stage.innerText.trim()) say("empty", stage);
    for (const node of stage.querySelectorAll(".problem")) say(`refused: ${node.textContent}`, node);
    const blocks = ".block, .ac-richTextBlock, .ac-actionSet, .ac-input-container, .ac-columnSet, .ac-textBlock";
    for (const node of [...stage.querySelectorAll(blocks)].filter(shows)) {
      const said = node.matches("hr") || node.innerText.trim() || node.querySelector("input, textarea, select");
      if (!said || (node.offsetHeight < 8 && !node.matches("hr"))) say("empty", node);
    }
    for (const node of [...stage.querySelectorAll("*")].filter(shows)) {
      const field = node.matches("input:not([type=checkbox], [type=radio]), textarea, select");
      const box = node.getBoundingClientRect();
      if (field && ID.test(node.value ?? "")) continue; // somebody's id in Entra has no shorter form, and is scrolled
      if (box.width && (box.right > edge.right + 1 || box.left < edge.left - 1)) say("overflows", node);
      const style = getComputedStyle(node);
      if (!(field || own(node) || (style.overflowX !== "visible" && node.innerText?.trim()))) continue;
      if (style.display === "inline") continue;
      const cuts = !node.matches("select") && (field || style.overflowY !== "visible");
      const tall = cuts && node.scrollHeight > node.clientHeight + 1;
      if (node.scrollWidth > node.clientWidth + 1 || tall) say("clipped", node);
    }
  }
  return found;
}"""
# Every question that a button asks before it acts, shown at once.
ASK = """() => {
  const buttons = [...document.querySelectorAll('.pane[data-platform="teams"] .ac-pushButton.style-destructive')];
  const before = document.querySelectorAll(".toast").length;
  for (const button of buttons.filter((button) => button.checkVisibility())) button.click();
  return [buttons.length, document.querySelectorAll(".toast").length - before];
}"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    if not gallery.RENDERER.is_file():
        refuse = pytest.fail if os.environ.get("AFTERNOTE_REQUIRE_NODE") == "1" else pytest.skip
        refuse(f"needs Microsoft's card renderer: {gallery.INSTALL}")
    out = tmp_path_factory.mktemp("gallery") / "gallery.html"
    gallery.write_gallery(out)
    return out.as_uri()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator["Browser"]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not executable or not importlib.util.find_spec("playwright"):
        refuse = pytest.fail if os.environ.get("AFTERNOTE_REQUIRE_BROWSER") == "1" else pytest.skip
        refuse("needs Chromium and the playwright package")
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: "Browser", written: str) -> AsyncIterator["Page"]:
    """The page, drawn, in a light window of a desk; nothing may be logged and nothing asked of anybody."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light", locale="en-US")
    context.set_default_timeout(PATIENCE)
    opened = await context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text))
    opened.on("request", lambda request: asked.append(request.url.partition(":")[0]))
    await opened.goto(written)
    await opened.wait_for_selector("html[data-drawn]", state="attached")
    yield opened
    await context.close()
    assert complaints == []
    assert set(asked) <= {"file", "data"}


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["desktop", "phone", "window of a phone"])
async def test_nothing_is_clipped_or_empty_or_wider_than_its_pane(page: "Page", theme: str, width: str) -> None:
    await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    if width == "phone":
        await page.locator("#phone").click()
        assert await page.locator(".pane").first.evaluate("node => node.offsetWidth") == 375
    if width == "window of a phone":
        await page.set_viewport_size({"width": 375, "height": 780})
    assert await page.evaluate(AUDIT) == []
    buttons, acted = await page.evaluate(ASK)
    assert buttons > acted == 0  # each has asked first
    assert await page.evaluate(AUDIT) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("fault", "finding"),
    [
        ('[data-screen="draft"] .button { width: 40px }', "draft slack: clipped button-text"),
        ('[data-screen="edit"] textarea { height: 30px; min-height: 0 }', "edit teams: clipped ac-input"),
        ('[data-screen="plan"] .ac-pushButton { min-width: 900px }', "plan teams: overflows ac-pushButton"),
        ('[data-screen="sign"] .ac-textRun { display: none }', "sign teams: empty ac-richTextBlock"),
        ('[data-screen="help"] .row { display: none }', "help slack: empty stage"),
    ],
)
async def test_a_fault_would_be_found(page: "Page", fault: str, finding: str) -> None:
    await page.add_style_tag(content=fault)
    assert any(found.startswith(finding) for found in await page.evaluate(AUDIT))


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
async def test_both_platforms_turn_dark_and_light_again(page: "Page") -> None:
    async def colours() -> Any:
        return await page.evaluate(
            """() => [".pane[data-platform=slack] .card", ".pane[data-platform=teams] .ac-adaptiveCard"].map((which) =>
              getComputedStyle(document.querySelector(which)).backgroundColor)"""
        )

    light = await colours()
    await page.locator("#dark").click()
    dark = await colours()
    assert all(a != b for a, b in zip(light, dark, strict=True))
    assert await page.locator("#dark").get_attribute("aria-pressed") == "true"
    await page.locator("#dark").click()
    assert await colours() == light


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
async def test_a_word_finds_the_screens_that_say_it(page: "Page") -> None:
    await page.locator("#find").fill("weekly")  # stands in a field of one dialog, and is text of others
    names = await page.locator(".screen:visible").evaluate_all("all => all.map((node) => node.id)")
    listed = await page.locator("#contents li:visible a").evaluate_all("all => all.map((a) => a.hash.slice(1))")
    assert {"screen-plan", "screen-plan_details"} <= set(names)
    assert "screen-draft" not in names
    assert listed == names
    assert str(len(names)) in await page.locator("#count").inner_text()
    await page.locator("#find").fill("no such words anywhere")
    assert await page.locator("#nothing").is_visible()
    await page.locator("#find").fill("")
    assert await page.locator(".screen:visible").count() == await page.locator(".screen").count()


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
async def test_buttons_of_either_platform_only_say_that_nothing_is_sent(page: "Page") -> None:
    for pane in ('[data-screen="draft"][data-platform="slack"]', '[data-screen="draft"][data-platform="teams"]'):
        await page.locator(f"{pane} button").filter(has_text="DAP").click()
        await page.locator(".toast").filter(has_text="nothing was sent").wait_for()
        await page.locator(".toast button").click()
    await page.locator('[data-screen="draft"][data-platform="slack"] button').filter(has_text="Discard").click()
    assert await page.get_by_test_id("confirm").is_visible()


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
async def test_charts_are_drawn_on_both_sides_and_say_their_figures(page: "Page") -> None:
    for platform in ("slack", "teams"):
        pictures = page.locator(f'#screen-charts [data-platform="{platform}"] svg[role="img"]')
        labels = [await picture.get_attribute("aria-label") for picture in await pictures.all()]
        assert [label and label.partition(".")[0] for label in labels] == ["Line chart", "Bar chart"]
        assert "Summary to signature, by week" in str(labels[1])
        assert "Nov 23 0.6" in str(labels[1])
        assert await pictures.nth(0).locator(".dot").count() == await pictures.nth(1).locator(".bar").count() == 8
    older = page.locator('#screen-charts [data-platform="teams"] details').first
    await older.locator("summary").click()
    assert "▇▇▇ 4" in (await older.inner_text()).replace("\u00a0", " ")
    assert await page.evaluate(AUDIT) == []
