"""A workspace installs the app by OAuth, against the local stand-in: what is kept, what is refused, what is said.

The table of refusals is printed.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.cards import install_words as words
from bot.installations import Installation
from bot.slack.oauth import COOKIE, INSTALL, REDIRECT, SCOPES
from demo.driver import Person
from demo.several import BOTH, JUNIPER, LARKSPUR, Several, Tenancy, install, practice_files, several
from storage.installations import Installations
from tests.slack.test_main_job import card, posted, text_of

ROSA, INSTALLER = "U0EXAMPLE04", "U0EXAMPLE01"
ELSEWHERE = Tenancy("elsewhere", "Nobody's", "T0NOBODYS1", "00000000-0000-4000-8000-0000000000cc")
TABLE = "Who may install the app"
Tell = Callable[[str, int, int], None]


@pytest.fixture
def tell(record_property: Callable[[str, Any], None]) -> Tell:
    def line(case: str, expected: int, got: int) -> None:
        record_property(f"table: {TABLE}", f"{case:<52} expected {expected} got {got}")

    return line


@pytest.fixture
async def empty(tmp_path: Path):
    """Both practices are served, nobody has installed the app; a third workspace is nobody's."""
    practices = practice_files(tmp_path / "home", BOTH)
    async with several(tmp_path / "home", (*BOTH, ELSEWHERE), practices=practices) as running:
        yield running


class Browser:
    """A browser that an installer uses, going step by step."""

    def __init__(self, product: Several) -> None:
        self.base = product.application.url
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def location(self, url: str, **asked: str) -> str:
        async with self.session.get(url, params=asked, allow_redirects=False) as page:
            assert page.status == 302
            return page.headers["Location"]

    async def begin(self, tenancy: Tenancy = LARKSPUR, **asked: str) -> str:
        """The address with which Slack sends the browser back."""
        there = await self.location(f"{self.base}{INSTALL}", team=tenancy.team)
        return await self.location(there, **asked)

    async def open(self, url: str) -> tuple[int, str]:
        async with self.session.get(url) as page:
            return page.status, await page.text()


async def installed(product: Several, tenancy: Tenancy) -> Installation | None:
    return await Installations(product.hosted(tenancy).desk.database).find(tenancy.team)


def stored(folder: Path) -> bytes:
    """Everything that the database has on disk."""
    return b"".join(path.read_bytes() for path in folder.rglob("afternote.db*"))


async def write(
    product: Several, tenancy: Tenancy, summary: str = "Client slept 4 hours and practiced breathing."
) -> Person:
    person = Person(product.workspace(tenancy), ROSA)
    await person.command("/note", f"soap JD-014 today 50min {summary}")
    return person


async def test_an_installation_is_sealed_and_serves_at_once(empty: Several, tmp_path: Path):
    assert await installed(empty, LARKSPUR) is None
    status, page = await install(empty, LARKSPUR)
    assert status == 200
    assert LARKSPUR.name in page
    kept = await installed(empty, LARKSPUR)
    assert kept is not None
    assert (kept.practice_id, kept.installer_user_id, kept.bot_id) == (LARKSPUR.id, INSTALLER, "B0AFTERNOTE")
    assert set(kept.scopes) == set(SCOPES)
    assert kept.bot_token.encode() not in stored(tmp_path)
    rosa = await write(empty, LARKSPUR)
    await rosa.until(lambda: posted(rosa) and "JD-014" in text_of(card(rosa)))
    asked = [sent.method for sent in empty.workspace(LARKSPUR).sent]
    assert asked.count("auth.test") == 1  # when it was installed; a request never asks whose token it has
    told = Person(empty.workspace(LARKSPUR), INSTALLER)
    await told.until(lambda: words.DONE in [message.text for message in told.messages(told.dm())])


def test_the_manifest_asks_for_the_same_and_comes_back_here() -> None:
    manifest = json.loads(Path("manifest.json").read_text("utf-8"))
    assert set(SCOPES) == set(manifest["oauth_config"]["scopes"]["bot"])
    assert [urlsplit(url).path for url in manifest["oauth_config"]["redirect_urls"]] == [REDIRECT]
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert {"tokens_revoked", "app_uninstalled"} <= set(events)
    # Slack never turns rotation off again, and a token that was copied for SLACK_BOT_TOKEN would live for 12 hours.
    assert manifest["settings"]["token_rotation_enabled"] is False


async def test_only_the_least_is_asked_for_and_the_state_is_no_bare_value(empty: Several):
    async with Browser(empty) as browser:
        there = await browser.location(f"{browser.base}{INSTALL}")
        asked = parse_qs(urlsplit(there).query)
        assert asked["scope"] == [",".join(SCOPES)]
        assert len(asked["state"][0]) >= 32
        async with browser.session.get(f"{browser.base}{INSTALL}", allow_redirects=False) as page:
            cookie = page.headers["Set-Cookie"]
        assert all(part in cookie for part in (f"{COOKIE}=", "HttpOnly", "SameSite=Lax", "Max-Age=600"))


async def test_pages_carry_nothing_from_elsewhere_and_are_not_kept(empty: Several):
    async with Browser(empty) as browser, browser.session.get(f"{browser.base}{REDIRECT}?state=<script>") as page:
        text = await page.text()
        assert page.status == 400
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert "script" not in text


async def denied(browser: Browser) -> tuple[int, str]:
    return await browser.open(await browser.begin(cancel="1"))


async def nothing_given(browser: Browser) -> tuple[int, str]:
    return await browser.open(f"{browser.base}{REDIRECT}")


async def no_code(browser: Browser) -> tuple[int, str]:
    return await browser.open(re.sub(r"code=[^&]*&", "", await browser.begin()))


async def no_state(browser: Browser) -> tuple[int, str]:
    return await browser.open((await browser.begin()).partition("&state=")[0])


async def another_state(browser: Browser) -> tuple[int, str]:
    return await browser.open((await browser.begin()).partition("&state=")[0] + "&state=guessed")


async def another_browser(browser: Browser) -> tuple[int, str]:
    back = await browser.begin()
    browser.session.cookie_jar.clear()
    return await browser.open(back)


async def replayed(browser: Browser) -> tuple[int, str]:
    back = await browser.begin()
    cookies = {cookie.key: cookie.value for cookie in browser.session.cookie_jar}
    assert (await browser.open(back))[0] == 200
    async with browser.session.get(back, cookies=cookies) as page:
        return page.status, await page.text()


async def invented_code(browser: Browser) -> tuple[int, str]:
    return await browser.open(re.sub(r"code=[^&]*", "code=invented", await browser.begin()))


async def foreign(browser: Browser) -> tuple[int, str]:
    return await browser.open(await browser.begin(ELSEWHERE))


REFUSED = {
    "the person does not allow it": (denied, 403, words.DENIED),
    "nothing is given": (nothing_given, 400, words.BROKEN),
    "no code": (no_code, 400, words.BROKEN),
    "no state": (no_state, 400, words.BROKEN),
    "a state that was not given out": (another_state, 400, words.OTHER_BROWSER),
    "begun in another browser": (another_browser, 400, words.OTHER_BROWSER),
    "the same answer twice": (replayed, 400, words.USED),
    "a code that Slack does not know": (invented_code, 400, words.REFUSED),
    "a workspace that no practice names": (foreign, 403, words.UNKNOWN_WORKSPACE),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_everything_else_is_refused_in_words(
    empty: Several, case: str, tell: Tell, caplog: pytest.LogCaptureFixture
):
    go, expected, title = REFUSED[case]
    async with Browser(empty) as browser:
        status, page = await go(browser)
    tell(case, expected, status)
    assert status == expected
    assert title in page
    if go is not replayed:
        assert await installed(empty, LARKSPUR) is None
    for tokens in (workspace.tokens for workspace in empty.workspaces.values()):
        assert not any(value and (value in caplog.text or value in page) for value in tokens.issued)
    assert "state=" not in caplog.text


async def test_a_workspace_of_nobody_is_told_what_to_write_and_its_token_is_given_back(empty: Several):
    async with Browser(empty) as browser:
        _, page = await foreign(browser)
    assert f"team_id = &quot;{ELSEWHERE.team}&quot;" in page
    tokens = empty.workspace(ELSEWHERE).tokens
    assert [token.revoked for token in tokens.issued.values() if token.kind == "bot"] == [True, True]
    assert await Installations(empty.hosted(LARKSPUR).desk.database).find(ELSEWHERE.team) is None


async def test_ten_minutes_are_enough_and_eleven_are_not(empty: Several, monkeypatch: pytest.MonkeyPatch, tell: Tell):
    from datetime import UTC, datetime, timedelta

    from bot.wiring import SystemClock

    async with Browser(empty) as browser:
        back = await browser.begin()
        late = datetime.now(UTC) + timedelta(minutes=10, seconds=5)
        monkeypatch.setattr(SystemClock, "now", lambda _: late)
        status, page = await browser.open(back)
    tell("eleven minutes after it was begun", 400, status)
    assert (status, words.LATE in page) == (400, True)
    assert await installed(empty, LARKSPUR) is None


async def test_while_slack_is_away_nothing_is_installed(empty: Several, tell: Tell):
    async with Browser(empty) as browser:
        back = await browser.begin()
        for workspace in empty.workspaces.values():
            for _ in range(4):
                workspace.faults.add("oauth.v2.access", "lost")
        status, page = await browser.open(back)
    tell("Slack does not answer", 502, status)
    assert (status, words.AWAY in page) == (502, True)


async def test_who_begins_and_begins_fills_no_table(empty: Several, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.slack.oauth._MOST_BEGUN", 3)
    async with aiohttp.ClientSession() as session:
        statuses = []
        for _ in range(5):
            async with session.get(f"{empty.application.url}{INSTALL}", allow_redirects=False) as page:
                statuses.append(page.status)
    assert statuses == [302, 302, 302, 503, 503]


async def test_who_installed_it_stands_in_the_practices_own_audit_log(empty: Several):
    for _ in range(2):
        await install(empty, LARKSPUR)
    hosted, other = empty.hosted(LARKSPUR), empty.hosted(JUNIPER)
    async with hosted.desk.database.reading(hosted.id) as unit:
        acts = [(act.actor, act.act, act.via) for act in await unit.audit.acts()]
    assert acts == [
        ("weiss", f"app installed: {LARKSPUR.team}, by {INSTALLER}", "slack"),
        ("weiss", f"app installed again: {LARKSPUR.team}, by {INSTALLER}", "slack"),
    ]
    async with other.desk.database.reading(other.id) as unit:
        assert await unit.audit.acts() == []


async def test_installing_again_replaces_what_was_there(empty: Several):
    await install(empty, JUNIPER)
    first = await installed(empty, JUNIPER)
    await install(empty, JUNIPER)
    second = await installed(empty, JUNIPER)
    assert first
    assert second
    assert first.bot_token != second.bot_token
    rosa = await write(empty, JUNIPER)
    await rosa.until(lambda: posted(rosa) and "JD-014" in text_of(card(rosa)))
