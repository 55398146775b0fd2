"""Sending to Teams: what arrives, what each failure means, one sign-in for all, and a loop that nothing holds up."""

import asyncio
import json
import logging
import time
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from bot.domain.errors import EffectError, Permanent, Temporary
from bot.server import serve
from bot.teams.answers import not_signed_in
from bot.teams.botframework import PUBLIC, Connector, Identity, Tokens
from demo.bot_service import PASSWORD, BotService
from tests.teams.conftest import identity_of, services_of

CHAT = "19:abc@thread.tacv2;messageid=17/2"
CARD: dict[str, Any] = {
    "type": "message",
    "summary": "A note",
    "entities": [{"type": "mention", "text": "<at>x</at>", "mentioned": {"id": "29:x", "name": "x"}}],
    "attachments": [{"contentType": "x", "content": {"when": "2026-01-01T10:00:00Z", "none": None, "n": 1.5, "e": []}}],
    "somethingNew": {"text": "é “🙂”\n"},
}


async def test_what_is_sent_arrives_as_it_was_and_can_be_replaced_and_taken_away(
    service: BotService, connector: Connector
) -> None:
    note = await connector.send(service.service_url, CHAT, CARD)
    await connector.update(service.service_url, CHAT, note, {"type": "message", "text": "2"})
    assert service.shown == {(CHAT, note): {"type": "message", "text": "2", "id": note}}
    await connector.delete(service.service_url, CHAT, note)
    assert [(sent.act, sent.conversation, sent.activity_id) for sent in service.sent] == [
        (act, CHAT, note) for act in ("send", "update", "delete")
    ]
    assert service.sent[0].activity == CARD
    with pytest.raises(Permanent, match="teams_gone"):
        await connector.update(service.service_url, CHAT, note, CARD)


async def test_a_conversation_is_opened_with_one_person(service: BotService, connector: Connector) -> None:
    chat = await connector.open_conversation(service.service_url, service.tenant_id, "28:bot", "29:person-3")
    assert chat == "a:chat-3"
    assert service.sent[0].activity["members"] == [{"id": "29:person-3"}]
    assert service.sent[0].activity["tenantId"] == service.tenant_id


@pytest.mark.parametrize(
    ("kind", "value", "error"),
    [
        ("ratelimited", 7, Temporary("teams_busy", 7.0)),
        ("ratelimited", "Wed, 21 Oct 2026 07:28:00 GMT", Temporary("teams_busy")),
        ("status", 408, Temporary("teams_408")),
        ("status", 412, Temporary("teams_412")),
        ("status", 500, Temporary("teams_500")),
        ("status", 502, Temporary("teams_502")),
        ("status", 504, Temporary("teams_504")),
        ("status", 501, Permanent("teams_501")),
        ("status", 505, Permanent("teams_505")),
        ("status", 511, Permanent("teams_511")),
        ("status", 599, Permanent("teams_599")),
        ("slow", 3, Temporary("teams_timeout")),
        ("lost", 0, Temporary("teams_unreachable")),
        ("status", 301, Permanent("teams_301")),
        ("status", 400, Permanent("teams_400")),
        ("status", 403, Permanent("teams_403")),
        ("status", 404, Permanent("teams_gone")),
        ("status", 413, Permanent("teams_413")),
    ],
)
async def test_each_failure_says_whether_another_try_helps_and_is_one_attempt(
    kind: Any, value: Any, error: EffectError, service: BotService, connector: Connector
) -> None:
    await connector.send(service.service_url, CHAT, CARD)
    service.faults.add("send", kind, value)
    with pytest.raises(EffectError) as caught:
        await connector.send(service.service_url, CHAT, CARD)
    assert type(caught.value) is type(error)
    assert caught.value.code == error.code
    assert getattr(caught.value, "retry_after", None) == getattr(error, "retry_after", None)
    assert caught.value.__cause__ is None
    await connector.send(service.service_url, CHAT, CARD)
    assert service.fetches["token"] == 1


@pytest.mark.parametrize("code", ["BotNotInConversationRoster", "ForbiddenOperationException", "MessageWritesBlocked"])
async def test_a_bot_that_was_taken_away_or_blocked_is_gone(
    code: str, service: BotService, connector: Connector
) -> None:
    service.faults.add("send", "error", code)
    with pytest.raises(Permanent, match="teams_gone"):
        await connector.send(service.service_url, CHAT, CARD)


async def test_nothing_is_listening(service: BotService, connector: Connector) -> None:
    await connector.send(service.service_url, CHAT, CARD)
    await service.stop()
    with pytest.raises(Temporary, match="teams_unreachable"):
        await connector.send(service.service_url, CHAT, CARD)


@pytest.mark.parametrize(
    "url", ["https://connector.example/", "https://smba.trafficmanager.net/amer/", "http://10.0.0.1/", ""]
)
async def test_the_token_goes_to_no_stranger(url: str, service: BotService, connector: Connector) -> None:
    with pytest.raises(Permanent, match="teams_foreign_service_url"):
        await connector.send(url, CHAT, CARD)
    assert service.fetches["token"] == 0


async def test_a_token_that_is_not_taken_any_more_is_replaced(service: BotService, connector: Connector) -> None:
    await connector.send(service.service_url, CHAT, CARD)
    service.revoke_tokens()
    with pytest.raises(Temporary, match="teams_401"):
        await connector.send(service.service_url, CHAT, CARD)
    await connector.send(service.service_url, CHAT, CARD)
    assert service.fetches["token"] == 2


async def test_a_new_token_that_is_not_taken_either_is_the_end_of_it(service: BotService, connector: Connector) -> None:
    async def refused() -> list[str]:
        service.faults.add("send", "status", 401, times=3)
        sends = [connector.send(service.service_url, CHAT, CARD) for _ in range(3)]
        return [f"{type(error).__name__} {error}" for error in await asyncio.gather(*sends, return_exceptions=True)]

    await connector.send(service.service_url, CHAT, CARD)
    assert await refused() == ["Temporary teams_401"] * 3
    assert await refused() == ["Permanent teams_401"] * 3
    await connector.send(service.service_url, CHAT, CARD)
    assert await refused() == ["Temporary teams_401"] * 3


async def test_what_gets_no_id_stands_and_cannot_be_changed(service: BotService, connector: Connector) -> None:
    service.gives_ids = False
    assert await connector.send(service.service_url, CHAT, CARD) == ""
    assert [sent.act for sent in service.sent] == ["send"]
    with pytest.raises(Permanent, match="teams_no_id"):
        await connector.update(service.service_url, CHAT, "", CARD)
    with pytest.raises(Permanent, match="teams_no_id"):
        await connector.delete(service.service_url, CHAT, "")
    assert len(service.sent) == 1


async def test_a_card_is_as_large_on_its_way_as_it_was_measured(service: BotService, connector: Connector) -> None:
    card = {"type": "message", "text": "Клиент сказал 🙂 " * 800}
    await connector.send(service.service_url, CHAT, card)
    measured = len(json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode())
    assert (service.sent[0].activity, service.sent[0].size) == (card, measured)
    await connector.send(service.service_url, CHAT, {"type": "message", "text": "half a character: \ud83d"})
    assert service.sent[1].activity["text"] == "half a character: ?"


async def test_nothing_is_sent_after_the_end(service: BotService, connector: Connector) -> None:
    await connector.send(service.service_url, CHAT, CARD)
    await connector.close()
    for call in (connector.send(service.service_url, CHAT, CARD), connector.sign_in()):
        with pytest.raises(Temporary, match="teams_closed"):
            await call
    assert len(service.sent) == 1


async def test_the_end_while_a_token_is_fetched(service: BotService, connector: Connector) -> None:
    service.faults.add("token", "slow", 0.2)
    sending = asyncio.ensure_future(connector.send(service.service_url, CHAT, CARD))
    await asyncio.sleep(0.1)
    await connector.close()
    with pytest.raises(Temporary):
        await sending
    assert service.sent == []


async def test_a_wrong_secret_is_a_clear_error_that_shows_nothing(
    service: BotService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    connector = Connector(Identity(service.app_id, "wr0ng", service.tenant_id, "MultiTenant"), services_of(service))
    with pytest.raises(Permanent, match="teams_login_invalid_client") as caught:
        await connector.send(service.service_url, CHAT, CARD)
    await connector.close()
    assert caught.value.__cause__ is None
    assert not any(secret in caplog.text for secret in ("wr0ng", PASSWORD))


async def test_a_managed_identity_signs_in_without_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, str]] = []

    async def machine(request: web.Request) -> web.Response:
        asked.append(dict(request.query))
        return web.json_response({"access_token": "t0ken", "expires_on": str(int(time.time()) + 3600), "resource": "x"})

    app = web.Application()
    app.router.add_get("/msi/token", machine)
    runner = await serve(app, "127.0.0.1", 0)
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{runner.addresses[0][1]}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "x")
    tokens = Tokens(Identity("00000000-0000-4000-8000-00000000b071", app_type="UserAssignedMSI"), PUBLIC)
    assert [await tokens.token(), await tokens.token()] == ["t0ken", "t0ken"]
    tokens.close()
    await runner.cleanup()
    assert len(asked) == 1
    assert (asked[0]["resource"], asked[0]["client_id"][-4:]) == ("https://api.botframework.com", "b071")


@pytest.mark.parametrize(
    ("kind", "value", "code", "wait"),
    [
        ("status", 503, "teams_login_busy", None),
        ("ratelimited", 7, "teams_login_busy", 7.0),
        ("status", 400, "teams_login_400", None),
        ("error", "x", "teams_login_403", None),
        ("lost", 0, "teams_login_unreachable", None),
    ],
)
async def test_a_sign_in_that_fails_for_a_while_is_tried_again(
    kind: Any, value: Any, code: str, wait: float | None, service: BotService, connector: Connector
) -> None:
    service.faults.add("token", kind, value)
    with pytest.raises(Temporary) as caught:
        await connector.send(service.service_url, CHAT, CARD)
    assert (caught.value.code, caught.value.retry_after) == (code, wait)
    await connector.send(service.service_url, CHAT, CARD)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b'{"error": "invalid_client", "error_description": "x"}', Permanent("teams_login_invalid_client")),
        (400, b'{"error": "unauthorized_client"}', Permanent("teams_login_unauthorized_client")),
        (400, b'{"error": "invalid_tenant"}', Permanent("teams_login_invalid_tenant")),
        (400, b'{"error": "invalid_request", "error_description": "invalid_client"}', Temporary("teams_login_400")),
        (400, b'{"error": ["invalid_client"]}', Temporary("teams_login_400")),
        (429, b'{"error": "invalid_client"}', Temporary("teams_login_busy")),
        (503, b'{"error": "invalid_client"}', Temporary("teams_login_busy")),
        (404, b"<html>invalid_client</html>", Temporary("teams_login_404")),
    ],
)
def test_only_what_is_wrong_with_the_bot_itself_is_lasting(status: int, body: bytes, error: EffectError) -> None:
    found = not_signed_in(status, body, None)
    assert (type(found), found.code) == (type(error), error.code)


async def test_a_tenant_that_is_not_found_is_a_clear_error(service: BotService) -> None:
    async def nowhere(_: web.Request) -> web.Response:
        return web.json_response({"error": "invalid_tenant", "error_description": "AADSTS90002"}, status=400)

    app = web.Application()
    app.router.add_get("/{path:.*}", nowhere)
    runner = await serve(app, "127.0.0.1", 0)
    services = replace(services_of(service), login_url=f"http://127.0.0.1:{runner.addresses[0][1]}/no-tenant")
    connector = Connector(identity_of(service), services)
    with pytest.raises(Permanent, match="teams_login_invalid_tenant"):
        await connector.sign_in()
    await connector.close()
    await runner.cleanup()


async def test_a_slow_sign_in_is_one_for_all_and_holds_nobody_up(service: BotService) -> None:
    connector = Connector(identity_of(service), services_of(service))
    service.faults.add("token", "slow", 0.3)
    stalls: list[float] = []

    async def watch() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            stalls.append(time.perf_counter() - began)

    watching = asyncio.ensure_future(watch())
    began = time.perf_counter()
    await asyncio.gather(*(connector.send(service.service_url, CHAT, CARD) for _ in range(5)))
    took = time.perf_counter() - began
    watching.cancel()
    await connector.close()
    assert (service.fetches["token"], len(service.sent)) == (1, 5)
    assert took < 1.5
    assert max(stalls) < 0.25, "the wait for a token of 0.3 s must not be the loop's"


async def test_whoever_gives_up_leaves_the_sign_in_to_the_others(service: BotService) -> None:
    connector = Connector(identity_of(service), services_of(service), patience=0.7)
    service.faults.add("token", "slow", 1.4)
    with pytest.raises(Temporary, match="teams_timeout"):
        await connector.send(service.service_url, CHAT, CARD)
    await asyncio.sleep(1.2)
    await connector.send(service.service_url, CHAT, CARD)
    await connector.close()
    assert service.fetches["token"] == 1


async def test_a_thread_is_begun_in_a_channel_and_changed_there(service: BotService, connector: Connector) -> None:
    url, channel = service.service_url, "19:reviews@thread.tacv2"
    thread, message = await connector.begin_thread(url, service.tenant_id, "28:bot", channel, CARD)
    assert thread == f"{channel};messageid={message}"
    await connector.update(url, thread, message, CARD)
    assert [(sent.act, sent.conversation) for sent in service.sent] == [("send", thread), ("update", thread)]
    service.closed_channels.add(channel)
    with pytest.raises(Permanent, match="teams_gone"):
        await connector.begin_thread(url, service.tenant_id, "28:bot", channel, CARD)
