"""What reaches the Request URL: forged, stale, repeated, foreign, faulty; and the same product over Socket Mode."""

import asyncio
import io
import json
import time
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.cards import words
from bot.domain.errors import UserMistake
from demo.delivery import signature
from demo.driver import Person
from demo.run import Demo, demo
from tests.slack.test_main_job import CANARY, SUMMARY, card, dialog, draft, posted, ready

FORM = "application/x-www-form-urlencoded"


def command(product: Demo, **changes: str) -> bytes:
    form = {
        "command": "/note",
        "text": "soap " + SUMMARY,
        "team_id": product.workspace.team_id,
        "user_id": "U0EXAMPLE04",
        "channel_id": "C0GENERAL01",
        "trigger_id": "1.2.3",
        "api_app_id": "A0AFTERNOTE",
        "response_url": "http://127.0.0.1:9/none",
    }
    return urlencode(form | changes).encode()


async def post(product: Demo, body: bytes, content_type: str = FORM, **headers: str) -> int:
    url = f"{product.application.url}/slack/events"
    async with aiohttp.ClientSession() as session:
        answer = await session.post(url, data=io.BytesIO(body), headers={"Content-Type": content_type, **headers})
        return answer.status


def signed(product: Demo, body: bytes, at: float | None = None, secret: str | None = None) -> dict[str, str]:
    timestamp = str(int(at or time.time()))
    key = secret or product.workspace.app.signing_secret
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature(key, timestamp, body)}


async def notes(product: Demo) -> int:
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        return len([act for act in await unit.audit.acts() if act.act == "started"])


async def test_forged_stale_and_unsigned_requests_are_refused_and_nothing_of_them_is_logged(
    product: Demo, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
):
    body = command(product)
    table = {
        "unsigned": {},
        "forged": signed(product, body, secret="guessed"),
        "stale": signed(product, body, at=time.time() - 600),
        "from the future": signed(product, body, at=time.time() + 600),
        "another body's": signed(product, body + b"x"),
        "junk": {"X-Slack-Request-Timestamp": "abc", "X-Slack-Signature": "v0=00"},
    }
    answers = {name: await post(product, body, **headers) for name, headers in table.items()}
    assert answers == dict.fromkeys(table, 401)
    for broken in (b"{bad", b"payload=nojson", b"payload=[1]", b"[1]", b"[" * 5000, b"\xff", b'{"team":5,"user":"a"}'):
        for content_type in (FORM, "application/json", "application/json; charset=nonsense"):
            assert await post(product, broken, content_type, **signed(product, broken, secret="guessed")) == 401
    assert await notes(product) == 0
    assert CANARY not in "".join(capfd.readouterr()) + caplog.text


async def test_a_good_signature_passes(product: Demo):
    body = command(product)
    assert await post(product, body, **signed(product, body)) == 200
    assert await notes(product) == 1


async def test_another_workspace_and_a_stranger_write_nothing(product: Demo):
    for changes in ({"team_id": "T0SOMEWHERE"}, {"user_id": "U0STRANGER1"}):
        body = command(product, **changes)
        assert await post(product, body, **signed(product, body)) == 200
    assert await notes(product) == 0


@pytest.mark.parametrize("body", [b"", b"{", b"payload=%7B", b"payload=null", b"[]", b"\xff\xfe"])
async def test_signed_nonsense_does_no_work_and_does_not_stop_the_server(product: Demo, body: bytes):
    for content_type in (FORM, "application/json"):
        status = await post(product, body, content_type, **signed(product, body))
        assert status in (200, 401, 404, 500)
    assert await notes(product) == 0
    good = command(product)
    assert await post(product, good, **signed(product, good)) == 200


async def test_more_than_a_megabyte_is_refused(product: Demo):
    body = command(product, text="x" * (1024 * 1024 + 1))
    assert await post(product, body, **signed(product, body)) == 413


async def test_a_message_delivered_again_under_another_event_id_is_one_note(product: Demo, rosa: Person):
    product.workspace.faults.add("event", "duplicate", "new_id")
    await rosa.say(rosa.dm(), SUMMARY)
    await ready(rosa)
    await product.application.work.idle()
    assert await notes(product) == 1
    assert len(posted(rosa)) == 2  # what Rosa wrote, and one card


async def test_eight_deliveries_at_once_are_one_note(product: Demo):
    body = command(product)
    statuses = await asyncio.gather(*(post(product, body, **signed(product, body)) for _ in range(8)))
    assert set(statuses) == {200}
    assert await notes(product) == 1


async def test_a_double_click_on_sign_signs_once(product: Demo, rosa: Person):
    await draft(rosa)
    form = await dialog(rosa, "sign", "sign")
    await asyncio.gather(*(rosa.submit(form) for _ in range(3)), return_exceptions=True)
    await rosa.until(lambda: card(rosa).text == words.RECEIPT_NOTICE, within=15)
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        acts = [act.act for act in await unit.audit.acts()]
    assert acts.count("signed") == acts.count("filed") == 1


async def test_slack_that_is_busy_or_broken_for_a_while_delays_a_card_and_loses_none(product: Demo, rosa: Person):
    product.workspace.faults.add("chat.postMessage", "ratelimited", 1, times=2)
    product.workspace.faults.add("chat.update", "status", 500, times=2)
    await rosa.command("/note", "soap " + SUMMARY)
    await rosa.until(lambda: posted(rosa) and card(rosa).text == words.DRAFT_NOTICE, within=20)
    await product.application.work.idle()
    assert len(posted(rosa)) == 1


async def test_a_storage_that_is_down_files_by_itself_when_it_is_back(product: Demo, rosa: Person):
    await draft(rosa)
    away = product.folder / "elsewhere"
    (product.folder / "filed-notes").rename(away)
    await rosa.submit(await dialog(rosa, "sign", "sign"))
    await rosa.until(lambda: card(rosa).text == words.RETRY_NOTICE, within=15)
    away.rename(product.folder / "filed-notes")
    await rosa.until(lambda: card(rosa).text == words.RECEIPT_NOTICE, within=30)


async def test_the_whole_thing_over_socket_mode(tmp_path: Path):
    async with demo(tmp_path, SLACK_APP_TOKEN="xapp-1-local", SLACK_SIGNING_SECRET="") as running:
        rosa = Person(running.workspace, "U0EXAMPLE04")
        await draft(rosa)
        await rosa.click(card(rosa), "format_dap")
        await rosa.until(lambda: "DAP" in json.dumps(card(rosa).blocks[0]))


async def test_after_a_restart_the_work_goes_on(tmp_path: Path):
    async with demo(tmp_path) as first:
        rosa = Person(first.workspace, "U0EXAMPLE04")
        first.workspace.faults.add("chat.postMessage", "status", 503, times=1000)
        await rosa.command("/note", "soap " + SUMMARY)
        assert await notes(first) == 1
    async with demo(tmp_path) as second:
        await ready(Person(second.workspace, "U0EXAMPLE04"))


async def test_drafts_of_an_earlier_demo_stand_in_the_next_one(tmp_path: Path):
    async with demo(tmp_path) as first:
        await draft(Person(first.workspace, "U0EXAMPLE04"))
        await first.application.work.idle()
    async with demo(tmp_path) as second:
        rosa = Person(second.workspace, "U0EXAMPLE04")
        await ready(rosa)
        await rosa.click(card(rosa), "format_dap")
        await rosa.until(lambda: "DAP" in json.dumps(card(rosa).blocks[0]))


async def test_a_draft_that_slack_did_not_take_is_shown_when_slack_is_back(product: Demo, rosa: Person):
    product.workspace.faults.add("chat.postMessage", "status", 503, times=1000)
    await rosa.command("/note", "soap " + SUMMARY)
    await product.application.work.idle(60)
    assert not posted(rosa)
    product.workspace.faults.clear()
    await rosa.until(lambda: posted(rosa) and card(rosa).text == words.DRAFT_NOTICE, within=45)


async def test_a_wrong_app_token_is_said_at_once(tmp_path: Path):
    with pytest.raises(UserMistake) as refused:
        async with demo(tmp_path, SLACK_APP_TOKEN="xapp-1-wrong", SLACK_SIGNING_SECRET=""):
            pass
    assert "SLACK_APP_TOKEN" in refused.value.sentence
