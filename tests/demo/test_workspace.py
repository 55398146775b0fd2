"""The stand-in driven end to end: a real Bolt app behind it, a person in front of it."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import ClientSession, FormData, ServerDisconnectedError
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from demo.cast import Timing
from demo.client import TROUBLE
from demo.delivery import signature
from demo.driver import Person
from demo.methods_team import uninstall_app
from tests.demo.bolt_bot import DANA, NO_RETRIES, RUTH, Bot, button, installed, modal, plain, text_input, workspace

CARD = [
    {"type": "section", "block_id": "s", "text": plain("A draft")},
    {
        "type": "actions",
        "block_id": "a",
        "elements": [button("approve", value="note-1"), {"type": "datepicker", "action_id": "day"}],
    },
]


@pytest.fixture
async def bot(request: pytest.FixtureRequest):
    patience = getattr(request, "param", 3.0)
    async with installed(workspace(Timing(ack=patience, retries=(0.0, 0.02, 0.04)))) as running:
        yield running


IMPATIENT = pytest.mark.parametrize("bot", [0.6], indirect=True)


@pytest.fixture
def dana(bot: Bot) -> Person:
    return Person(bot.workspace, DANA)


async def refused(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    return dict(caught.value.response.data)


async def opened(bot: Bot, person: Person, view: dict[str, Any]) -> None:
    """Let the app answer `/note` with a modal, and run the command."""

    async def on_note(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    bot.app.command("/note")(on_note)
    assert (await person.command("/note"))["ok"]


async def test_a_command_is_answered_to_the_person_alone(bot: Bot, dana: Person) -> None:
    @bot.app.command("/note")
    async def on_note(ack: Any, command: dict[str, Any]) -> None:
        await ack(f"Drafting {command['text']} in {command['channel_name']}")

    assert await dana.command("/note", "soap JD-014") == {"ok": True}
    assert [m.text for m in dana.ephemerals()] == ["Drafting soap JD-014 in directmessage"]
    assert bot.bodies[0]["team_id"] == "T0"
    assert bot.bodies[0]["response_url"].startswith(bot.workspace.url)


async def test_an_answer_in_channel_is_seen_by_everyone(bot: Bot, dana: Person) -> None:
    @bot.app.command("/note")
    async def on_note(ack: Any) -> None:
        await ack(text="Hello", response_type="in_channel")

    await dana.command("/note", channel="C0")
    assert Person(bot.workspace, RUTH).messages("C0")[0].text == "Hello"


async def test_an_undeclared_command_is_refused_by_the_client(bot: Bot, dana: Person) -> None:
    assert (await dana.command("/nope"))["reason"] == "unknown_command"
    assert dana.ephemerals()[0].text == "/nope is not a valid command."
    assert bot.bodies == []


@IMPATIENT
async def test_a_late_command_fails_as_slack_shows_it(bot: Bot, dana: Person) -> None:
    @bot.app.command("/note")
    async def on_note(ack: Any) -> None:
        await asyncio.sleep(1.0)
        await ack()

    assert (await dana.command("/note"))["ok"] is False
    assert dana.ephemerals()[0].text == '/note failed with the error "operation_timeout"'


async def test_a_command_answered_with_an_error_fails(bot: Bot, dana: Person) -> None:
    bot.status = [500]
    await dana.command("/note")
    assert dana.ephemerals()[0].text == '/note failed with the error "dispatch_failed"'


async def test_a_click_carries_value_message_and_state(bot: Bot, dana: Person) -> None:
    @bot.app.action("approve")
    async def on_approve(ack: Any) -> None:
        await ack()

    @bot.app.action("day")
    async def on_day(ack: Any) -> None:
        await ack()

    await bot.client.chat_postMessage(channel=DANA, text="A draft", blocks=CARD)
    [card] = dana.messages()
    assert (await dana.choose(card, "day", "2026-11-20"))["ok"]
    assert (await dana.click(card, "approve"))["ok"]
    body = bot.bodies[-1]
    assert body["actions"][0]["value"] == "note-1"
    assert body["container"] == {
        "type": "message",
        "message_ts": card.ts,
        "channel_id": dana.dm(),
        "is_ephemeral": False,
    }
    assert body["message"]["text"] == "A draft"
    assert body["state"]["values"] == {"a": {"day": {"type": "datepicker", "selected_date": "2026-11-20"}}}
    assert bot.bodies[0]["actions"][0]["selected_date"] == "2026-11-20"


async def test_a_stale_click_still_reaches_the_app(bot: Bot, dana: Person) -> None:
    @bot.app.action("approve")
    async def on_approve(ack: Any) -> None:
        await ack()

    posted = await bot.client.chat_postMessage(channel=DANA, text="A draft", blocks=CARD)
    [old] = dana.messages()
    await bot.client.chat_update(channel=dana.dm(), ts=str(posted["ts"]), text="Done", blocks=[])
    assert dana.messages()[0].blocks == []
    assert (await dana.click(old, "approve"))["ok"]
    assert bot.bodies[-1]["message"]["text"] == "Done"


async def test_a_click_that_fails_says_so(bot: Bot, dana: Person) -> None:
    await bot.client.chat_postMessage(channel=DANA, text="A draft", blocks=CARD)
    bot.status = [500]
    answer = await dana.click(dana.messages()[0], "approve")
    assert (answer["ok"], answer["error"]) == (False, TROUBLE)


async def test_a_modal_is_opened_filled_and_submitted(bot: Bot, dana: Person) -> None:
    seen: list[dict[str, Any]] = []

    @bot.app.view("edit")
    async def on_edit(ack: Any, view: dict[str, Any]) -> None:
        seen.append(view)
        await ack()

    await opened(bot, dana, modal(text_input(initial_value="as drafted"), private_metadata="n1"))
    await dana.submit()
    assert seen[0]["state"]["values"]["words"]["typed"] == {"type": "plain_text_input", "value": "as drafted"}
    assert seen[0]["private_metadata"] == "n1"
    assert dana.views() == []


async def test_typed_text_survives_an_update_by_block_and_action_id(bot: Bot, dana: Person) -> None:
    await opened(bot, dana, modal(text_input(initial_value="old")))
    dana.enter({"words": "typed"})
    first = dana.view()
    await bot.client.views_update(
        view_id=first.id, hash=first.hash, view=modal(text_input(initial_value="new"), text_input("other"))
    )
    now = dana.view()
    assert now.values["words"]["typed"]["value"] == "typed"
    assert now.values["other"]["typed"]["value"] is None
    assert now.hash != first.hash
    await bot.client.views_update(view_id=first.id, view=modal(text_input("renamed", initial_value="new")))
    assert dana.view().values == {"renamed": {"typed": {"type": "plain_text_input", "value": "new"}}}


async def test_an_old_hash_is_a_conflict(bot: Bot, dana: Person) -> None:
    await opened(bot, dana, modal(text_input()))
    view = dana.view()
    await bot.client.views_update(view_id=view.id, hash=view.hash, view=modal(text_input()))
    answer = await refused(bot.client.views_update(view_id=view.id, hash=view.hash, view=modal(text_input())))
    assert answer["error"] == "hash_conflict"


async def test_errors_are_shown_at_their_input_and_keep_the_view(bot: Bot, dana: Person) -> None:
    @bot.app.view("edit")
    async def on_edit(ack: Any) -> None:
        await ack(response_action="errors", errors={"words": "Someone else changed this note."})

    await opened(bot, dana, modal(text_input()))
    answer = await dana.submit(values={"words": "typed"})
    assert answer["errors"] == {"words": "Someone else changed this note."}
    assert dana.view().values["words"]["typed"]["value"] == "typed"


async def test_errors_at_no_input_are_trouble(bot: Bot, dana: Person) -> None:
    @bot.app.view("edit")
    async def on_edit(ack: Any) -> None:
        await ack(response_action="errors", errors={"nowhere": "?"})

    await opened(bot, dana, modal(text_input()))
    answer = await dana.submit(values={"words": "typed"})
    assert answer["reason"] == "invalid_response"
    assert dana.view().notice == TROUBLE


async def test_a_required_input_is_checked_before_sending(bot: Bot, dana: Person) -> None:
    await opened(bot, dana, modal(text_input()))
    before = len(bot.bodies)
    assert (await dana.submit())["errors"] == {"words": "Please complete this required field."}
    assert len(bot.bodies) == before


@pytest.mark.parametrize(("action", "left"), [("update", ["Second"]), ("push", ["Edit", "Second"]), ("clear", [])])
async def test_response_actions(bot: Bot, dana: Person, action: str, left: list[str]) -> None:
    @bot.app.view("edit")
    async def on_edit(ack: Any) -> None:
        more = {} if action == "clear" else {"view": modal(title="Second")}
        await ack(response_action=action, **more)

    await opened(bot, dana, modal(text_input()))
    assert (await dana.submit(values={"words": "x"}))["ok"]
    assert [view.definition["title"]["text"] for view in dana.views()] == left


@IMPATIENT
async def test_a_submission_that_times_out_keeps_the_text(bot: Bot, dana: Person) -> None:
    @bot.app.view("edit")
    async def on_edit(ack: Any) -> None:
        await asyncio.sleep(1.0)
        await ack()

    await opened(bot, dana, modal(text_input()))
    assert (await dana.submit(values={"words": "kept"}))["reason"] == "no_response"
    assert (dana.view().notice, dana.view().values["words"]["typed"]["value"]) == (TROUBLE, "kept")


async def test_a_stack_holds_three_views(bot: Bot, dana: Person) -> None:
    errors: list[str] = []

    @bot.app.action("deeper")
    async def on_deeper(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        try:
            await client.views_push(trigger_id=body["trigger_id"], view=modal(deeper))
        except SlackApiError as error:
            errors.append(error.response["error"])

    deeper = {"type": "actions", "elements": [button("deeper")]}
    await opened(bot, dana, modal(deeper))
    for _ in range(3):
        await dana.click(dana.view(), "deeper")
    first, second, third = dana.views()
    assert (second.previous_id, third.previous_id, third.root_id) == (first.id, second.id, first.id)
    assert errors == ["push_limit_reached"]


async def test_closing_tells_the_app_that_asked(bot: Bot, dana: Person) -> None:
    closed: list[bool] = []

    @bot.app.view_closed("edit")
    async def on_closed(ack: Any, body: dict[str, Any]) -> None:
        closed.append(body["is_cleared"])
        await ack()

    await opened(bot, dana, modal(text_input(), notify_on_close=True))
    await dana.close()
    assert (closed, dana.views()) == ([False], [])


async def test_a_trigger_is_used_once_and_expires(bot: Bot, dana: Person) -> None:
    triggers: list[str] = []

    @bot.app.command("/note")
    async def on_note(ack: Any, body: dict[str, Any]) -> None:
        triggers.append(body["trigger_id"])
        await ack()

    await dana.command("/note")
    await bot.client.views_open(trigger_id=triggers[0], view=modal())
    assert (await refused(bot.client.views_open(trigger_id=triggers[0], view=modal())))["error"] == (
        "exchanged_trigger_id"
    )
    assert (await refused(bot.client.views_open(trigger_id="1.2.3", view=modal())))["error"] == "invalid_trigger_id"


async def test_a_trigger_is_too_old_after_three_seconds() -> None:
    now = [0.0]
    async with installed(workspace(clock=lambda: now[0])) as bot:
        trigger = bot.workspace.triggers.issue(DANA)
        now[0] = 3.1
        answer = await refused(bot.client.views_open(trigger_id=trigger, view=modal()))
    assert answer["error"] == "expired_trigger_id"


async def test_a_response_url_works_five_times(bot: Bot, dana: Person) -> None:
    urls: list[str] = []

    @bot.app.action("approve")
    async def on_approve(ack: Any, body: dict[str, Any]) -> None:
        urls.append(body["response_url"])
        await ack()

    await bot.client.chat_postMessage(channel=DANA, text="A draft", blocks=CARD)
    await dana.click(dana.messages()[0], "approve")
    async with ClientSession() as session:
        status = []
        for number in range(6):
            async with session.post(urls[0], json={"text": f"n{number}", "replace_original": True}) as reply:
                status.append(reply.status)
    assert status == [200] * 5 + [404]
    [card] = dana.messages()
    assert (card.text, card.blocks) == ("n4", [])


async def test_a_response_url_ends_after_half_an_hour() -> None:
    now = [0.0]
    async with installed(workspace(clock=lambda: now[0])) as bot, ClientSession() as session:
        token = bot.workspace.response_urls.issue(f"D{DANA[1:]}", DANA)
        now[0] = 1801.0
        async with session.post(f"{bot.workspace.url}/response/{token}", json={"text": "late"}) as reply:
            assert reply.status == 404


async def test_an_event_is_retried_until_it_is_taken(bot: Bot, dana: Person) -> None:
    taken: list[str] = []

    @bot.app.event("message")
    async def on_message(event: dict[str, Any]) -> None:
        taken.append(event["text"])

    bot.status = [500, 500]
    await dana.say(dana.dm(), "saw JD today")
    assert dana.messages()[0].failed
    await dana.until(lambda: taken)
    await dana.until(lambda: not dana.messages()[0].failed)
    tries = [(h.get("X-Slack-Retry-Num"), h.get("X-Slack-Retry-Reason")) for h in bot.headers]
    assert tries == [(None, None), ("1", "http_error"), ("2", "http_error")]


async def test_an_event_is_given_up_after_three_retries(bot: Bot, dana: Person) -> None:
    bot.status = [500] * 9
    await dana.say(dana.dm(), "lost")
    await dana.until(lambda: len(bot.headers) == 4)
    await asyncio.sleep(0.1)
    assert len(bot.headers) == 4
    assert dana.messages()[0].failed


async def test_an_event_can_be_delivered_twice(bot: Bot, dana: Person) -> None:
    ids: list[str] = []

    @bot.app.event("message")
    async def on_message(body: dict[str, Any]) -> None:
        ids.append(body["event_id"])

    bot.workspace.faults.add("event", "duplicate")
    await dana.say(dana.dm(), "once")
    assert len(ids) == 2
    assert len(set(ids)) == 1


async def test_a_file_share_reaches_the_app(bot: Bot, dana: Person) -> None:
    events: list[dict[str, Any]] = []

    @bot.app.event({"type": "message", "subtype": "file_share"})
    async def on_file(event: dict[str, Any]) -> None:
        events.append(event)

    await dana.say(dana.dm(), "", files=[{"name": "session.m4a", "mimetype": "audio/mp4"}])
    assert events[0]["channel_type"] == "im"
    assert events[0]["files"][0]["mimetype"] == "audio/mp4"


async def test_only_subscribed_events_are_delivered() -> None:
    async with installed(workspace(NO_RETRIES, events=frozenset({"app_home_opened"}))) as bot:
        dana = Person(bot.workspace, DANA)
        await dana.say(dana.dm(), "hello")
        await dana.open_home()
    assert [body["event"]["type"] for body in bot.bodies] == ["app_home_opened"]


async def test_home_is_opened_and_published(bot: Bot, dana: Person) -> None:
    @bot.app.event("app_home_opened")
    async def on_home(event: dict[str, Any], client: AsyncWebClient) -> None:
        blocks = [{"type": "actions", "block_id": "h", "elements": [button("open")]}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @bot.app.action("open")
    async def on_open(ack: Any, body: dict[str, Any]) -> None:
        assert body["view"]["type"] == "home"
        await ack()

    await dana.open_home()
    home = dana.home()
    assert home is not None
    assert (await dana.click(home, "open"))["ok"]
    assert bot.bodies[-1]["container"] == {"type": "view", "view_id": home.id}


async def test_type_ahead_offers_what_the_app_answers(bot: Bot, dana: Person) -> None:
    @bot.app.options("client")
    async def on_client(ack: Any, payload: dict[str, Any]) -> None:
        await ack(options=[{"text": plain(f"{payload['value']}-014"), "value": "c14"}])

    select = {"type": "external_select", "action_id": "client", "min_query_length": 2}
    await opened(bot, dana, modal({"type": "input", "block_id": "who", "label": plain("Client"), "element": select}))
    assert (await dana.type_ahead(dana.view(), "client", "J"))["options"] == []
    assert (await dana.type_ahead(dana.view(), "client", "JD"))["options"][0]["value"] == "c14"
    assert (await dana.choose(dana.view(), "client", "c14")) == {"ok": True, "dispatched": False}
    assert dana.view().values["who"]["client"]["selected_option"]["text"]["text"] == "JD-014"


async def test_text_arrives_with_slacks_escapes(bot: Bot, dana: Person) -> None:
    @bot.app.event("message")
    async def on_message() -> None:
        pass

    await dana.say(dana.dm(), "PHQ-9 < 5 & better, <@U0RUTH>")
    event = bot.bodies[0]["event"]
    assert event["text"] == "PHQ-9 &lt; 5 &amp; better, <@U0RUTH>"
    assert event["blocks"][0]["elements"][0]["elements"][0]["text"].startswith("PHQ-9 < 5 &")


async def test_a_submission_answered_with_ok_keeps_the_view(bot: Bot, dana: Person) -> None:
    @bot.app.view("edit")
    async def on_edit(ack: Any) -> None:
        await ack("ok")

    await opened(bot, dana, modal(text_input()))
    assert (await dana.submit(values={"words": "x"}))["reason"] == "invalid_response"
    assert len(dana.views()) == 1


async def test_an_event_can_come_again_under_a_new_id(bot: Bot, dana: Person) -> None:
    ids: list[str] = []

    @bot.app.event("message")
    async def on_message(body: dict[str, Any]) -> None:
        ids.append(body["event_id"])

    bot.workspace.faults.add("event", "duplicate", "new_id")
    await dana.say(dana.dm(), "once")
    assert len(set(ids)) == 2


async def test_suggestions_that_are_none_are_refused(bot: Bot, dana: Person) -> None:
    @bot.app.options("client")
    async def on_client(ack: Any) -> None:
        await ack(options=[{"text": plain("x" * 76), "value": "v"}])

    select = {"type": "external_select", "action_id": "client", "min_query_length": 0}
    await opened(bot, dana, modal({"type": "input", "label": plain("Client"), "element": select}))
    answer = await dana.type_ahead(dana.view(), "client", "")
    assert answer["reason"] == "invalid_options"
    assert "less than 76 characters" in answer["messages"][0]


async def test_entries_are_checked_by_type(bot: Bot, dana: Person) -> None:
    element = {"type": "email_text_input", "action_id": "e"}
    await opened(bot, dana, modal({"type": "input", "block_id": "mail", "label": plain("Mail"), "element": element}))
    assert (await dana.submit(values={"mail": "nobody"}))["errors"] == {"mail": "Please enter an email address."}


async def test_typed_text_is_in_the_state_of_a_click(bot: Bot, dana: Person) -> None:
    @bot.app.action("keep")
    async def on_keep(ack: Any) -> None:
        await ack()

    await opened(bot, dana, modal(text_input(), {"type": "actions", "elements": [button("keep")]}))
    before = dana.view()
    dana.enter({"typed": "half a sentence"})
    await dana.click(before, "keep")
    assert bot.bodies[-1]["view"]["state"]["values"]["words"]["typed"]["value"] == "half a sentence"


async def test_shortcuts(bot: Bot, dana: Person) -> None:
    @bot.app.shortcut("from_message")
    async def on_message_shortcut(ack: Any, shortcut: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal(title=shortcut["message"]["text"]))
        await ack()

    @bot.app.shortcut("new")
    async def on_new(ack: Any, shortcut: dict[str, Any]) -> None:
        assert "channel" not in shortcut
        await ack()

    await dana.say("C0", "saw JD")
    assert (await dana.shortcut("from_message", dana.messages("C0")[0]))["ok"]
    assert dana.view().definition["title"]["text"] == "saw JD"
    assert (await dana.shortcut("new"))["ok"]


async def test_rate_limits_answer_429(bot: Bot) -> None:
    bot.workspace.rates.enabled = True
    bot.workspace.rates.per_minute[3] = 2
    for _ in range(2):
        await bot.client.team_info()
    with pytest.raises(SlackApiError) as caught:
        await bot.client.team_info()
    assert caught.value.response.status_code == 429
    assert 1 <= int(caught.value.response.headers["Retry-After"]) <= 60


async def test_injected_faults(bot: Bot) -> None:
    faults = bot.workspace.faults
    faults.add("chat.postMessage", "error", "internal_error")
    assert (await refused(bot.client.chat_postMessage(channel="C0", text="x")))["error"] == "internal_error"
    faults.add("chat.postMessage", "lost")
    headers = {"Authorization": f"Bearer {bot.workspace.app.bot_token}"}
    async with ClientSession() as session:
        call = {"channel": "C0", "text": "done all the same"}
        with pytest.raises(ServerDisconnectedError):
            await session.post(f"{bot.workspace.url}/api/chat.postMessage", json=call, headers=headers)
    assert Person(bot.workspace, DANA).messages("C0")[0].text == "done all the same"
    faults.add("*", "status", 503)
    async with ClientSession() as session, session.get(f"{bot.workspace.url}/api/api.test") as reply:
        assert reply.status == 503


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-forged", "invalid_auth"), ("xapp-1-local", "not_allowed_token_type")],
)
async def test_forged_tokens_are_refused(bot: Bot, token: str, error: str) -> None:
    client = AsyncWebClient(token=token, base_url=f"{bot.workspace.url}/api/")
    assert (await refused(client.auth_test()))["error"] == error


async def test_uninstalling_revokes_and_tells(bot: Bot, dana: Person) -> None:
    told: list[str] = []

    @bot.app.event("tokens_revoked")
    async def on_revoked() -> None:
        told.append("tokens_revoked")

    @bot.app.event("app_uninstalled")
    async def on_uninstalled() -> None:
        told.append("app_uninstalled")

    await uninstall_app(bot.workspace)
    async with asyncio.timeout(3):
        while len(told) < 2:  # noqa: ASYNC110  nothing a person sees changes
            await asyncio.sleep(0.01)
    assert sorted(told) == ["app_uninstalled", "tokens_revoked"]
    assert (await refused(bot.client.auth_test()))["error"] == "token_revoked"


async def test_a_forged_signature_is_refused_by_bolt(bot: Bot) -> None:
    body = b"command=%2Fnote"
    headers = {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": signature("wrong", "1", body)}
    async with ClientSession() as session:
        url = f"{bot.workspace.request_url}/slack/events"
        async with session.post(url, data=body, headers=headers) as reply:
            assert reply.status == 401


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("chat.postMessage", {"channel": "C9", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "C0"}, "no_text"),
        ("chat.update", {"channel": "C0", "ts": "1.1", "text": "x"}, "message_not_found"),
        ("chat.delete", {"channel": "C0", "ts": "1.1"}, "message_not_found"),
        ("chat.postEphemeral", {"channel": "C0", "user": "U9", "text": "x"}, "user_not_in_channel"),
        ("chat.postMessage", {"channel": "C0", "blocks": "[nonsense"}, "invalid_blocks_format"),
        ("views.open", {"view": modal()}, "invalid_arguments"),
        ("users.info", {"user": "U9"}, "user_not_found"),
        ("no.such", {}, "unknown_method"),
    ],
)
async def test_api_errors(bot: Bot, method: str, arguments: dict[str, Any], error: str) -> None:
    form = {name: each if isinstance(each, str) else json.dumps(each) for name, each in arguments.items()}
    assert (await refused(bot.client.api_call(method, params=form)))["error"] == error
    assert (await refused(bot.client.api_call(method, json=arguments)))["error"] == error


async def test_invalid_blocks_are_explained(bot: Bot) -> None:
    long = [{"type": "header", "text": plain("x" * 151)}]
    answer = await refused(bot.client.chat_postMessage(channel="C0", text="t", blocks=long))
    assert answer == {
        "ok": False,
        "error": "invalid_blocks",
        "response_metadata": {
            "messages": ["[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"]
        },
    }


async def test_only_own_messages_are_updated(bot: Bot, dana: Person) -> None:
    said = await dana.say("C0", "mine")
    answer = await refused(bot.client.chat_update(channel="C0", ts=said["ts"], text="yours"))
    assert answer["error"] == "cant_update_message"


async def test_an_update_without_blocks_keeps_them(bot: Bot, dana: Person) -> None:
    posted = await bot.client.chat_postMessage(channel="C0", text="A draft", blocks=CARD)
    await bot.client.chat_update(channel="C0", ts=str(posted["ts"]), text="A note")
    [message] = dana.messages("C0")
    assert (message.text, message.edited, len(message.blocks)) == ("A note", True, 2)


# slack_sdk still builds aiohttp's deprecated BasicAuth for this call.
@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_oauth_issues_and_rotates_tokens() -> None:
    async with installed(workspace(token_rotation=True)) as bot, ClientSession() as session:
        app, url = bot.workspace.app, bot.workspace.url
        asked = {
            "client_id": app.client_id,
            "redirect_uri": "http://127.0.0.1/back",
            "state": "s1",
            "scope": "commands",
        }
        async with session.get(f"{url}/oauth/v2/authorize", params=asked, allow_redirects=False) as reply:
            back = dict(part.split("=") for part in reply.headers["Location"].split("?")[1].split("&"))
        assert back["state"] == "s1"
        secrets = {"client_id": app.client_id, "client_secret": app.client_secret}
        first = await bot.client.oauth_v2_access(code=back["code"], redirect_uri="http://127.0.0.1/back", **secrets)
        renew = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], **secrets}
        second = await bot.client.oauth_v2_access(**renew)
        assert (await refused(bot.client.oauth_v2_access(**renew)))["error"] == "invalid_refresh_token"
        assert (await refused(bot.client.oauth_v2_access(code=back["code"], **secrets)))["error"] == "invalid_code"
        assert (await refused(bot.client.auth_test(token=first["access_token"])))["error"] == "token_revoked"
        assert (await bot.client.auth_test(token=second["access_token"]))["team_id"] == "T0"


async def test_socket_mode_delivers_without_a_request_url() -> None:
    async with installed(workspace(), over_http=False) as bot:
        handler = AsyncSocketModeHandler(bot.app, bot.workspace.app.app_token, web_client=bot.client)
        assert isinstance(handler.client, SocketModeClient)

        @bot.app.command("/note")
        async def on_note(ack: Any) -> None:
            await ack("over the socket")

        @bot.app.event("message")
        async def on_message(event: dict[str, Any], say: Any) -> None:
            await say(f"heard {event['text']}")

        await handler.connect_async()
        dana = Person(bot.workspace, DANA)
        async with asyncio.timeout(5):
            while not bot.workspace.delivery.sockets.connected:  # noqa: ASYNC110  the socket tells nobody
                await asyncio.sleep(0.01)
        await dana.command("/note")
        await dana.say(dana.dm(), "you")
        await dana.until(lambda: len(dana.messages()) == 3)
        await handler.close_async()
    assert [m.text for m in dana.messages()] == ["over the socket", "you", "heard you"]


async def test_a_file_from_the_app_is_shown(bot: Bot, dana: Person) -> None:
    await bot.client.files_upload_v2(
        channel=dana.dm(), filename="note.txt", content="the note", initial_comment="As a file"
    )
    [message] = dana.messages()
    assert (message.text, message.files[0]["name"]) == ("As a file", "note.txt")
    async with ClientSession() as session, session.get(message.files[0]["url_private_download"]) as reply:
        assert await reply.read() == b"the note"


async def test_every_byte_that_the_app_sends_is_kept(bot: Bot, dana: Person) -> None:
    @bot.app.command("/note")
    async def on_note(ack: Any, respond: Any) -> None:
        await respond("canary-response")
        await ack("canary-ack")

    await dana.command("/note")
    await bot.client.chat_postMessage(channel="C0", text="canary-post")
    kept = {sent.method: sent.body for sent in bot.workspace.sent}
    assert b"canary-response" in kept["response_url"]
    assert b"canary-ack" in kept["ack"]
    assert b"canary-post" in kept["chat.postMessage"]


async def test_timestamps_rise(bot: Bot) -> None:
    stamps = [bot.workspace.messages.new_ts() for _ in range(2000)]
    assert stamps == sorted(set(stamps))


async def test_a_new_request_url_is_verified(bot: Bot) -> None:
    assert await bot.workspace.delivery.verify_url()


async def test_the_page_streams_and_acts(bot: Bot, dana: Person) -> None:
    @bot.app.action("approve")
    async def on_approve(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text="Approved", replace_original=True)

    posted = await bot.client.chat_postMessage(channel=DANA, text="A draft", blocks=CARD)
    url = bot.workspace.url
    async with ClientSession() as session, session.ws_connect(f"{url}/client/stream?user={DANA}") as stream:
        start = [await stream.receive_json() for _ in range(4)]
        assert [news["type"] for news in start] == ["hello", "message", "views", "home"]
        assert start[0]["channels"][-1] == {"id": dana.dm(), "name": "Afternote", "kind": "im"}
        container = {"type": "message", "channel": dana.dm(), "ts": posted["ts"]}
        click = {"user": DANA, "container": container, "block_id": "a", "action_id": "approve", "action": {}}
        async with session.post(f"{url}/client/action", json=click) as reply:
            assert await reply.json() == {"ok": True}
        news = await stream.receive_json()
        assert (news["message"]["text"], news["message"]["edited"]) == ("Approved", True)


async def test_the_page_and_its_people_are_served(bot: Bot) -> None:
    async with ClientSession() as session:
        async with session.get(f"{bot.workspace.url}/client/people") as reply:
            assert [person["id"] for person in (await reply.json())["people"]] == [DANA, RUTH]
        for path in ("/page/nothing.js", "/..%2Fserver.py", "/page/%2e%2e/server.py", "/.hidden"):
            async with session.get(f"{bot.workspace.url}{path}") as reply:
                assert reply.status == 404


async def test_foreign_hosts_and_origins_are_refused(bot: Bot) -> None:
    url = f"{bot.workspace.url}/client/files"
    async with ClientSession() as session:
        for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
            async with session.get(url, headers=headers) as reply:
                assert reply.status == 403
        form = FormData({"user": DANA})
        async with session.post(f"{bot.workspace.url}/client/home", data=form) as reply:
            assert reply.status == 415


async def test_notes_are_listed_served_and_watched(tmp_path: Any) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("outside")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    async with installed(workspace(notes_folder=folder)) as bot, ClientSession() as session:
        url = bot.workspace.url
        async with session.ws_connect(f"{url}/client/stream?user={DANA}") as stream:
            start = [(await stream.receive_json())["type"] for _ in range(3)]
            (folder / "JD-014").mkdir()
            (folder / "JD-014" / "note.json").write_text(json.dumps({"ok": 1}))
            assert (await stream.receive_json(timeout=3))["type"] == "files"
        assert start == ["hello", "views", "home"]
        async with session.get(f"{url}/client/files") as reply:
            listed = await reply.json()
        assert (listed["folder"], listed["files"][0]["path"]) == ("notes", "JD-014/note.json")
        async with session.get(f"{url}/client/files/JD-014/note.json") as reply:
            assert (reply.content_type, await reply.json()) == ("application/json", {"ok": 1})
        for path in ("..%2Fsecret.txt", "link.txt", "%2e%2e/secret.txt", "JD-014"):
            async with session.get(f"{url}/client/files/{path}") as reply:
                assert reply.status == 404
