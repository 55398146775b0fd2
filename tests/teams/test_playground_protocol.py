"""What Microsoft's own local client sends and shows, by the driver, through the real token check and connector.

The recorded payloads are what the playground sends; `AFTERNOTE_WRITE_GOLDEN=1` writes them anew.
"""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
import pytest_asyncio

from bot.domain.errors import Permanent
from bot.teams.activity import Activity
from demo.playground import GROUP, PERSONAL, TEAM, Playground, command, configuration, teams_id
from tests.teams.playground_bot import MARKUP, NODE_MODULES, Stage, stage
from tests.teams.playground_driver import NotShown, PlaygroundDriver, Rejected

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAYLOADS = Path(__file__).parents[1] / "payloads" / "teams"
DELGADO, WEISS = "00000000-0000-4000-8000-000000000004", "00000000-0000-4000-8000-000000000001"
TENANT = "00000000-0000-4000-8000-0000000000aa"
REVIEWS = "19:larkspur-review-example@thread.tacv2"
TYPED = "Line one, **stars**, <b>tags</b>\n- line two &amp; “quotes”"
# What is another each time.
_FIXED = {
    "id": "3f0c4b1e-0000-4000-8000-000000000000",
    "timestamp": "2026-11-24T15:00:00.000Z",
    "localTimestamp": "2026-11-24T15:00:00.000+00:00",
    "localTimezone": "UTC",
    "serviceUrl": "http://127.0.0.1:56150/_connector",
    "replyToId": "1795550000000",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chain(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage(tmp_path_factory.mktemp("playground")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(chain: Stage) -> AsyncIterator[PlaygroundDriver]:
    async with PlaygroundDriver(chain.playground.url) as driver:
        yield driver


def recorded(name: str, activity: Activity) -> None:
    """Compares an activity with its recording: fields that are another each time have the recording's value."""
    fixed = {key: _FIXED.get(key, value) for key, value in activity.raw.items()}
    thread, found, _ = activity.conversation_id.partition(";messageid=")
    if found:
        fixed["conversation"] = {**fixed["conversation"], "id": f"{thread};messageid=1795550000000"}
    if fixed.get("entities"):
        fixed["entities"] = [
            {**entity, "timezone": "UTC"} if "timezone" in entity else entity for entity in fixed["entities"]
        ]
    path = PAYLOADS / f"{name}.json"
    if os.environ.get("AFTERNOTE_WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(fixed, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert fixed == json.loads(path.read_text(encoding="utf-8"))


async def card_in(page: PlaygroundDriver, conversation: str, mention: bool = False) -> Any:
    before = {one.id for one in page.messages(conversation)}
    await page.say(conversation, "card", mention)
    return await page.wait_for(conversation, lambda one: one.card is not None and one.id not in before)


async def test_the_bot_is_told_that_it_was_installed(page: PlaygroundDriver, chain: Stage) -> None:
    for conversation, name in ((PERSONAL, "personal"), (GROUP, "group"), (REVIEWS, "channel")):
        await page.install(conversation)
        await page.say(conversation, f"after {name}", mention=name != "personal")
        await page.wait_for(conversation, lambda one, name=name: f"after {name}" in one.text)
        here = [one for one in chain.bot.heard if one.conversation_id == conversation]
        recorded(f"installed_{name}", next(one for one in here if one.type == "installationUpdate"))
        recorded(f"members_added_{name}", next(one for one in here if one.type == "conversationUpdate"))


async def test_a_message_arrives_as_it_was_typed_and_from_the_practices_clinician(
    page: PlaygroundDriver, chain: Stage
) -> None:
    await page.say(PERSONAL, TYPED)
    echo = await page.wait_for(PERSONAL, lambda one: "Line one" in one.text)
    assert echo.text == f"you said: {TYPED}"
    heard = chain.bot.last(lambda one: one.type == "message")
    assert (heard.text, heard.user_id, heard.tenant_id) == (TYPED, DELGADO, TENANT)
    assert (heard.conversation_id, heard.personal) == (PERSONAL, True)
    assert heard.service_url == f"{chain.playground.url}/_connector"
    recorded("message_personal", heard)


async def test_a_pressed_button_brings_what_was_typed_and_replaces_the_card(
    page: PlaygroundDriver, chain: Stage
) -> None:
    card = await card_in(page, PERSONAL)
    assert card.titles == ["Replace", "Update", "Say so", "Fail", "Break", "Submit", "Dialog"]
    assert {"First", MARKUP, "Why"} <= set(card.words)
    answer = await page.press(card, "Replace", {"why": "because\nof that", "format": "dap"})
    assert answer.kind == "card"
    assert {"Replaced", "because\nof that / dap"} <= set(card.words)
    assert card.updates == 0
    heard = chain.bot.last(lambda one: one.type == "invoke")
    assert (heard.name, heard.user_id, heard.reply_to) == ("adaptiveCard/action", DELGADO, card.id)
    recorded("card_action", heard)


async def test_an_answer_of_text_or_an_error_stands_under_the_card(page: PlaygroundDriver) -> None:
    card = await card_in(page, PERSONAL)
    assert (await page.press(card, "Say so")).kind == "message"
    assert card.remark == "Said, and nothing else."
    answer = await page.press(card, "Fail")
    assert (answer.kind, answer.value["code"], card.remark) == ("error", "stale", "This card is old.")
    assert "First" in card.words
    with pytest.raises(Rejected, match="502 UserBotError"):
        await page.press(card, "Break")


async def test_the_bot_updates_a_card_that_is_shown(page: PlaygroundDriver) -> None:
    card = await card_in(page, PERSONAL)
    answer = await page.press(card, "Update")
    assert answer.kind == "card"
    await page.wait_for(PERSONAL, lambda one: one.id == card.id and one.updates == 1)


async def test_a_submit_is_a_message_with_a_value_and_a_dialog_is_not_sent(
    page: PlaygroundDriver, chain: Stage
) -> None:
    card = await card_in(page, PERSONAL)
    await page.press(card, "Submit", {"why": "so"})
    await page.wait_for(PERSONAL, lambda one: one.text == "pressed submit")
    heard = chain.bot.last(lambda one: one.type == "message")
    assert heard.value == {"action": "submit", "note": "n1", "why": "so", "format": "soap"}
    assert (heard.text, heard.reply_to, heard.user_id) == ("", card.id, DELGADO)
    recorded("card_submit", heard)
    with pytest.raises(NotShown, match="no dialogs"):
        await page.press(card, "Dialog")
    with pytest.raises(NotShown, match="no such button"):
        await page.press(card, "Submitt")


async def test_in_a_group_chat_only_mentions_are_heard_and_others_may_press(
    page: PlaygroundDriver, chain: Stage
) -> None:
    await page.say(GROUP, "not for the bot")
    card = await card_in(page, GROUP, mention=True)
    assert not [one for one in chain.bot.heard if "not for the bot" in one.text]
    heard = chain.bot.last(lambda one: one.type == "message")
    assert (heard.conversation_type, heard.personal, heard.user_id) == ("groupChat", False, DELGADO)
    assert heard.text == "<at>Afternote</at> card"
    recorded("message_group", heard)
    assert (await page.press(card, "Replace", person=teams_id("weiss"))).kind == "card"
    assert chain.bot.last(lambda one: one.type == "invoke").user_id == WEISS


@pytest.mark.parametrize(("channel", "name"), [(REVIEWS, "channel"), (TEAM, "general")])
async def test_in_a_channel_the_bot_answers_in_the_thread(
    page: PlaygroundDriver, chain: Stage, channel: str, name: str
) -> None:
    card = await card_in(page, channel, mention=True)
    heard = chain.bot.last(lambda one: one.type == "message")
    assert heard.conversation_id.startswith(f"{channel};messageid=")
    assert (heard.conversation_type, card.conversation) == ("channel", heard.conversation_id)
    recorded(f"message_{name}", heard)
    assert (await page.press(card, "Replace")).kind == "card"


async def test_what_the_bot_may_do_of_itself(page: PlaygroundDriver, chain: Stage) -> None:
    connector, url = chain.bot.connector, f"{chain.playground.url}/_connector"
    opened = await connector.open_conversation(url, TENANT, "28:bot", teams_id("delgado"))
    assert opened == PERSONAL
    sent = await connector.send(url, opened, {"type": "message", "text": "by the way", "textFormat": "plain"})
    assert (await page.wait_for(PERSONAL, lambda one: one.text == "by the way")).id == sent
    await connector.update(url, opened, sent, {"type": "message", "text": "never mind", "textFormat": "plain"})
    assert (await page.wait_for(PERSONAL, lambda one: one.text == "never mind")).id == sent
    assert await connector.open_conversation(url, TENANT, "28:bot", teams_id("weiss")) != PERSONAL
    with pytest.raises(Permanent, match="teams_501"):
        await connector.delete(url, opened, sent)


async def test_typing_is_shown(page: PlaygroundDriver, chain: Stage) -> None:
    url = f"{chain.playground.url}/_connector/v3/conversations/{PERSONAL}/activities"
    async with aiohttp.ClientSession() as session, session.post(url, json={"type": "typing"}) as answer:
        assert (answer.status, await answer.read()) == (202, b"")  # no id: it is no message
    await page.wait_for_typing(PERSONAL)


async def test_the_tokens_are_checked_on_the_way(chain: Stage, page: PlaygroundDriver) -> None:
    await page.say(PERSONAL, "signed on its way")
    await page.wait_for(PERSONAL, lambda one: one.text == "you said: signed on its way")
    async with aiohttp.ClientSession() as session:
        unsigned = chain.bot.last(lambda one: one.type == "message").raw
        async with session.post(chain.service.bot_url, json=unsigned) as answer:
            assert answer.status == 401
    assert chain.service.fetches["keys"] >= 1


async def test_a_time_out_tells_ids_only(page: PlaygroundDriver) -> None:
    card = await card_in(page, PERSONAL)
    with pytest.raises(TimeoutError, match=card.id) as caught:
        await page.wait_for(PERSONAL, lambda one: one.text == "never said", timeout=0.1)
    assert "card" not in str(caught.value)


async def test_it_listens_on_this_machine_only_and_writes_no_log(chain: Stage, tmp_path: Path) -> None:
    port = int(chain.playground.url.rpartition(":")[2])
    listening = [
        one.laddr.ip
        for child in psutil.Process().children(recursive=True)
        for one in child.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN and one.laddr.port == port
    ]
    assert listening == ["127.0.0.1"]
    async with Playground(NODE_MODULES, chain.service.relay_url, 0, tmp_path / "with space") as other:
        assert other.url != chain.playground.url
    assert [path.name for path in (tmp_path / "with space").rglob("*")] == [".m365agentsplayground.yml"]


async def test_it_reaches_nothing_but_this_machine(chain: Stage, tmp_path: Path) -> None:
    script = tmp_path / "agentsplayground.js"
    script.write_text('require("net").connect(443, "192.0.2.1").on("error", (error) => console.log(error.message));\n')
    preload = str(files("demo") / "loopback_only.js")
    node = await asyncio.create_subprocess_exec(
        "node", "--require", preload, str(script), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asyncio.wait_for(node.communicate(), 10)
    assert said.decode().strip() == "only this machine is reached from here"


async def test_a_taken_port_is_an_error(chain: Stage, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeError, match=str(port)):
            async with Playground(NODE_MODULES, chain.service.relay_url, port, tmp_path):
                pass


async def test_whoever_sits_at_it_is_a_choice(tmp_path: Path) -> None:
    told = configuration("weiss")
    assert told["currentUser"]["aadObjectId"] == WEISS
    assert len(told["users"]) == 5
    assert WEISS not in {user["aadObjectId"] for user in told["users"]}
    with pytest.raises(KeyError):
        configuration("nobody")
    line = command("http://127.0.0.1:3979/relay", tmp_path)
    assert "npx --yes @microsoft/m365agentsplayground@0.2.28 start" in line
    assert (tmp_path / ".m365agentsplayground.yml").is_file()
