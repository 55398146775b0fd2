"""The life of a workspace's token: rotated while people write, revoked, the app taken out and installed again."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cards import words
from bot.check import check_all
from bot.domain.note import State
from bot.installations import Installation
from bot.settings import Settings
from bot.wiring import SystemClock
from demo import payloads
from demo.driver import Person
from demo.methods_team import revoke_tokens, uninstall_app
from demo.several import JUNIPER, LARKSPUR, Several, Tenancy, install, several
from demo.tickets import ROTATED_FOR
from storage.installations import Installations
from tests.slack.test_main_job import card, posted, text_of

ROSA = "U0EXAMPLE04"
EVENT_OF: dict[Callable[..., object], str] = {revoke_tokens: "tokens_revoked", uninstall_app: "app_uninstalled"}


async def installed(product: Several, tenancy: Tenancy) -> Installation:
    found = await Installations(product.hosted(tenancy).desk.database).find(tenancy.team)
    assert found
    return found


async def acts(product: Several, tenancy: Tenancy) -> list[str]:
    hosted = product.hosted(tenancy)
    async with hosted.desk.database.reading(hosted.id) as unit:
        return [act.act for act in await unit.audit.acts()]


def exchanges(product: Several, tenancy: Tenancy) -> int:
    return sum(sent.method == "oauth.v2.access" for sent in product.workspace(tenancy).sent)


async def drafted(product: Several, tenancy: Tenancy, client: str) -> Person:
    person = Person(product.workspace(tenancy), ROSA)
    await person.command("/note", f"soap {client} today 50min Client slept 4 hours and practiced breathing.")
    await person.until(lambda: posted(person) and client in text_of(card(person)))
    return person


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Put the product's clock forward, in hours."""

    def put(hours: float) -> None:
        monkeypatch.setattr(SystemClock, "now", lambda _: datetime.now(UTC) + timedelta(hours=hours))

    return put


async def test_a_token_is_exchanged_before_it_expires_and_the_worker_uses_the_new_one(
    tmp_path: Path, later: Callable[[float], None]
):
    async with several(tmp_path / "home", rotating=True) as product:
        await install(product, LARKSPUR)
        first = await installed(product, LARKSPUR)
        assert first.expires_at
        rosa = await drafted(product, LARKSPUR, "JD-014")
        assert exchanges(product, LARKSPUR) == 1
        later(ROTATED_FOR / 3600 - 1)
        await rosa.command("/note", "soap RB-021 today 50min Client slept 4 hours and practiced breathing.")
        await rosa.until(lambda: "RB-021" in text_of(card(rosa)))
        second = await installed(product, LARKSPUR)
        assert exchanges(product, LARKSPUR) == 2
        assert second.bot_token != first.bot_token
        assert second.refreshing_until is None
        assert second.expires_at
        assert second.expires_at > first.expires_at
        await product.application.work.idle()
        assert exchanges(product, LARKSPUR) == 2


@pytest.mark.parametrize("take_out", [revoke_tokens, uninstall_app])
async def test_a_workspace_that_took_the_app_out_is_not_served_and_its_work_waits(
    product: Several, take_out: Callable[..., object], tmp_path: Path
):
    rosa = await drafted(product, LARKSPUR, "JD-014")
    other = await drafted(product, JUNIPER, "JD-014")
    workspace = product.workspace(LARKSPUR)
    await take_out(workspace)  # type: ignore[misc]
    async with asyncio.timeout(5):
        while (await installed(product, LARKSPUR)).serves:  # noqa: ASYNC110 - the event comes by itself
            await asyncio.sleep(0.02)
    kept = await installed(product, LARKSPUR)
    assert (kept.bot_token, kept.refresh_token, kept.serves) == ("", "", False)
    assert f"app taken away: {LARKSPUR.team} ({EVENT_OF[take_out]})" in await acts(product, LARKSPUR)

    before = len(posted(rosa))
    await rosa.command("/note", "soap MK-003 today 50min Client slept 4 hours.")
    assert rosa.ephemerals()[-1].text == words.NOT_ON_ROSTER
    assert len(posted(rosa)) == before
    assert (await installed(product, JUNIPER)).serves
    await other.command("/note", "soap MK-003 today 50min Client slept 4 hours.")
    await other.until(lambda: "MK-003" in text_of(card(other)))

    findings = {finding.what: finding for finding in await check_all(_settings(product))}
    assert not findings["larkspur: Slack installation"].ok
    assert "took the app out" in findings["larkspur: Slack installation"].state
    assert findings["juniper: Slack installation"].ok

    hosted = product.hosted(LARKSPUR)
    async with hosted.desk.database.reading(hosted.id) as unit:
        [note_id] = await unit.notes.in_states([State.DRAFT], 5)
    await product.application.work.show(hosted.id, note_id)
    status, _ = await install(product, LARKSPUR)
    assert status == 200
    await rosa.command("/note", "soap MK-003 today 50min Client slept 4 hours.")
    await rosa.until(lambda: "MK-003" in text_of(card(rosa)), within=15)


async def test_word_of_an_earlier_token_takes_nothing_away(product: Several):
    workspace = product.workspace(LARKSPUR)
    for tokens in ({"oauth": ["U0EXAMPLE04"], "bot": []}, {"oauth": [], "bot": [workspace.app.bot_user_id]}):
        inner = {"type": "tokens_revoked", "tokens": tokens, "event_ts": "1.1"}
        assert (await workspace.delivery.event(payloads.event(workspace, inner))).ok
    assert (await installed(product, LARKSPUR)).serves
    await drafted(product, LARKSPUR, "JD-014")


async def test_a_rotation_is_nobodys_act_and_no_row(tmp_path: Path, later: Callable[[float], None]):
    async with several(tmp_path / "home", rotating=True) as product:
        await install(product, LARKSPUR)
        first = await installed(product, LARKSPUR)
        later(ROTATED_FOR / 3600 - 1)
        await drafted(product, LARKSPUR, "JD-014")
        await product.application.work.idle()
        assert (await installed(product, LARKSPUR)).bot_token != first.bot_token
        assert [act for act in await acts(product, LARKSPUR) if "app" in act] == [
            f"app installed: {LARKSPUR.team}, by U0EXAMPLE01"
        ]


async def test_what_was_to_be_posted_meanwhile_comes_when_the_app_is_back(product: Several):
    rosa = await drafted(product, LARKSPUR, "JD-014")
    hosted = product.hosted(LARKSPUR)
    chat = hosted.screens.chats["slack"]
    shown = len(posted(rosa))
    for message in posted(rosa):
        product.workspace(LARKSPUR).remove(message)
    product.workspace(LARKSPUR).tokens.revoke()  # and no event says so: Slack refuses the token, that is all
    async with hosted.desk.database.reading(hosted.id) as unit:
        [note_id] = await unit.notes.in_states([State.DRAFT], 5)
    await product.application.work.show(hosted.id, note_id)
    await rosa.until(lambda: note_id in hosted.screens.behind)
    assert not posted(rosa)
    await install(product, LARKSPUR)
    await rosa.until(lambda: len(posted(rosa)) == shown, within=20)
    assert chat is hosted.screens.chats["slack"]


def _settings(product: Several) -> Settings:
    workspace = product.workspace(LARKSPUR)
    return Settings.load(
        {
            "AFTERNOTE_HOME": str(product.folder),
            "AFTERNOTE_PRACTICE_FILE": str(product.folder / "practices"),
            "SLACK_CLIENT_ID": workspace.app.client_id,
            "SLACK_CLIENT_SECRET": workspace.app.client_secret,
            "SLACK_SIGNING_SECRET": workspace.app.signing_secret,
        }
    )
