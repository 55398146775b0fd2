"""What the Teams endpoint cannot read, does not want, or fails at: the right status, and nothing done."""

import asyncio
import contextlib
import io
import json
import logging
import threading
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.server import serve
from bot.teams.activity import Activity, BadActivity, read_activity
from bot.teams.app import LARGEST_BODY, Reply
from demo.bot_service import BotService
from tests.teams.conftest import Endpoint, Tell

Json = dict[str, Any]
Make = Callable[[BotService], bytes]
TABLE = "What the Teams endpoint does not read"
CANARY = "zebra-canary-5528"
KIND = "application/json; charset=utf-8"


def raw(body: bytes) -> Make:
    return lambda service: body


def without(name: str) -> Make:
    return lambda service: json.dumps(service.activity(**{name: None})).encode()


def having(name: str, value: object) -> Make:
    return lambda service: json.dumps(service.activity(**{name: value})).encode()


def written(name: str, text: str) -> Make:
    """An activity whose field `name` is this piece of JSON, letter by letter."""
    return lambda service: json.dumps(service.activity(**{name: "@"})).replace('"@"', text).encode()


def in_conversation(**fields: object) -> Make:
    return having("conversation", {"id": "a:chat-1", "conversationType": "personal", **fields})


BAD: dict[str, Make] = {
    "empty": raw(b""),
    "not JSON": raw(b"hello"),
    "half of it": lambda service: json.dumps(service.activity()).encode()[:-20],
    "two of them": lambda service: json.dumps(service.activity()).encode() * 2,
    "not UTF-8": raw(b'{"type": "\xff"}'),
    "UTF-16": lambda service: json.dumps(service.activity()).encode("utf-16"),
    "a list": raw(b"[]"),
    "a text": raw(b'"hello"'),
    "null": raw(b"null"),
    "an empty object": raw(b"{}"),
    **{
        f"no {name}": without(name)
        for name in ("type", "serviceUrl", "channelId", "from", "recipient", "conversation", "id")
    },
    **{
        f"{name} is a number": having(name, 7)
        for name in ("type", "id", "serviceUrl", "channelId", "text", "replyToId")
    },
    **{
        f"{name} is a text": having(name, "x") for name in ("from", "recipient", "conversation", "channelData", "value")
    },
    "from is a list": having("from", [{"id": "29:person-1"}]),
    "from without an id": having("from", {"aadObjectId": "00000000-0000-4000-8000-000000000001"}),
    "aadObjectId is an object": having("from", {"id": "29:person-1", "aadObjectId": {}}),
    "conversation without an id": in_conversation(id=None),
    "an id of two lines": having("id", "1\r\nSet-Cookie: a=b"),
    "an id of 3,000 letters": having("id", "x" * 3000),
    "two tenants": in_conversation(tenantId="00000000-0000-4000-8000-0000000000bb"),
    "the same name twice": written("text", '"a", "text": "b"'),
    "NaN": written("value", '{"n": NaN}'),
    "Infinity": written("value", '{"n": -Infinity}'),
    "a number beyond all floats": written("value", '{"n": 1e999}'),
    "a number of 30 digits": written("value", '{"n": ' + "9" * 30 + "}"),
    "a number of 100,000 digits": written("value", '{"n": ' + "9" * 100_000 + "}"),
    "half a character": written("text", '"\\ud83d"'),
    "half a character in a name": written("value", '{"\\ud83d": 1}'),
    "50 levels": written("value", '{"a":' * 50 + "1" + "}" * 50),
    "100,000 levels of lists": written("value", '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}"),
    "100,000 levels of objects": raw(b'{"a":' * 100_000),
}
HARMLESS: dict[str, Make] = {
    "30 levels": written("value", '{"a":' * 30 + "1" + "}" * 30),
    "an invoke without an id": lambda service: json.dumps(service.activity("invoke", id=None)).encode(),
    "fields nobody knows": having("somethingNew", {"a": [1, 2.5, None, True, "🙂"]}),
    "nulls for what may be absent": written("value", "null"),
    "a byte order mark": lambda service: b"\xef\xbb\xbf" + json.dumps(service.activity()).encode(),
    "exactly 1 MiB": lambda service: json.dumps(service.activity()).encode().ljust(LARGEST_BODY),
}


async def post(url: str, body: Any, kind: str | None, token: str, **headers: str) -> tuple[int, bytes]:
    headers |= {"Authorization": token} | ({"Content-Type": kind} if kind else {})
    async with (
        aiohttp.ClientSession(skip_auto_headers=["Content-Type"]) as session,
        session.post(url, data=body, headers=headers) as answer,
    ):
        return answer.status, await answer.read()


def right_token(service: BotService) -> str:
    return service.sign(service.activity())


@pytest.mark.parametrize("case", BAD)
async def test_what_cannot_be_read_is_400(case: str, endpoint: Endpoint, tell: Tell) -> None:
    service = endpoint.service
    status, body = await post(endpoint.url, BAD[case](service), KIND, right_token(service))
    tell(TABLE, case, "not done" if not endpoint.seen else "DONE", 400, status)
    assert (status, body, endpoint.seen) == (400, b"", [])


@pytest.mark.parametrize("case", HARMLESS)
async def test_what_is_only_unusual_is_read(case: str, endpoint: Endpoint, tell: Tell) -> None:
    service = endpoint.service
    status, _ = await post(endpoint.url, HARMLESS[case](service), KIND, right_token(service))
    tell(TABLE, case, "done" if endpoint.seen else "NOT DONE", 200, status)
    assert (status, len(endpoint.seen)) == (200, 1)


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/json+evil", "x"]
)
async def test_another_kind_of_content_is_415(kind: str | None, endpoint: Endpoint, tell: Tell) -> None:
    service = endpoint.service
    body = json.dumps(service.activity()).encode()
    status, _ = await post(endpoint.url, body, kind, right_token(service))
    tell(TABLE, f"content type {kind}", "not done" if not endpoint.seen else "DONE", 415, status)
    assert (status, endpoint.seen) == (415, [])


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    """A body whose length no header tells."""
    for _ in range(0, size, 65536):
        yield b" " * 65536


async def test_a_large_body_is_413_whatever_its_headers_say(endpoint: Endpoint, tell: Tell) -> None:
    service = endpoint.service
    large = json.dumps(service.activity(text="x" * LARGEST_BODY)).encode()
    bodies: dict[str, tuple[Any, dict[str, str]]] = {"over 1 MiB": (io.BytesIO(large), {})}
    bodies["over 1 MiB, length not told"] = (in_pieces(3 * LARGEST_BODY), {})
    for case, (body, headers) in bodies.items():
        status, _ = await post(endpoint.url, body, KIND, right_token(service), **headers)
        tell(TABLE, case, "not done" if not endpoint.seen else "DONE", 413, status)
        assert (status, endpoint.seen) == (413, []), case


@pytest.mark.parametrize("packing", ["deflate", "gzip", "br", "identity"])
async def test_a_packed_body_is_415(packing: str, endpoint: Endpoint, tell: Tell) -> None:
    service, headers = endpoint.service, {"Content-Encoding": packing}
    body = zlib.compress(json.dumps(service.activity()).encode())
    status, _ = await post(endpoint.url, io.BytesIO(body), KIND, right_token(service), **headers)
    tell(TABLE, f"packed: {packing}", "not done" if not endpoint.seen else "DONE", 415, status)
    assert (status, endpoint.seen) == (415, [])


async def test_the_server_unpacks_nothing() -> None:
    async def length(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    app = web.Application()
    app.router.add_post("/", length)
    runner = await serve(app, "127.0.0.1", 0)
    packed, url = zlib.compress(b"x" * LARGEST_BODY), f"http://127.0.0.1:{runner.addresses[0][1]}/"
    headers = {"Content-Encoding": "deflate"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=io.BytesIO(packed), headers=headers) as answer,
    ):
        assert await answer.text() == str(len(packed))
    await runner.cleanup()


async def status_before_the_body(url: str, token: str | None, length: int, *more: str) -> int:
    """The answer to a request whose headers are all that ever comes."""
    parts = urlsplit(url)
    lines = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Type: {KIND}", *more]
    lines += [f"Content-Length: {length}"] + ([f"Authorization: {token}"] if token else [])
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    line = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    return int(line.split()[1])


async def test_who_has_no_right_token_is_refused_before_a_body_is_read(endpoint: Endpoint) -> None:
    right, wrong = right_token(endpoint.service), endpoint.service.sign(endpoint.service.activity(), aud="another")
    assert await status_before_the_body(endpoint.url, None, LARGEST_BODY) == 401
    assert await status_before_the_body(endpoint.url, wrong, LARGEST_BODY) == 401
    assert await status_before_the_body(endpoint.url, right, LARGEST_BODY + 1) == 413
    assert await status_before_the_body(endpoint.url, None, 100, "Content-Encoding: gzip") == 415


async def test_a_bad_body_with_a_bad_token_is_401(endpoint: Endpoint) -> None:
    assert (await post(endpoint.url, b"not JSON", KIND, "Bearer a.b.c"))[0] == 401


@pytest.mark.parametrize(("size", "beside"), [(1000, False), (100_000, True)])
async def test_a_large_body_is_read_beside_the_loop(
    size: int, beside: bool, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[bool] = []

    def read(body: bytes) -> Activity:
        threads.append(threading.current_thread() is not threading.main_thread())
        return read_activity(body)

    monkeypatch.setattr("bot.teams.app.read_activity", read)
    assert (await endpoint.service.post(endpoint.service.activity(text="x" * size)))[0] == 200
    assert threads == [beside]


async def test_only_post_is_answered(endpoint: Endpoint) -> None:
    async with aiohttp.ClientSession() as session, session.get(endpoint.url) as answer:
        assert answer.status == 405


async def test_what_the_work_fails_at_is_500_without_a_word_of_it(
    endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    endpoint.error = RuntimeError(f"could not save {CANARY}")
    activity = endpoint.service.activity(text=CANARY)
    assert await endpoint.service.post(activity) == (500, None)
    told = [record.getMessage() for record in caplog.records if record.name == "afternote.teams"]
    assert told == [f"teams message {activity['id']} failed: RuntimeError"]
    assert not any(CANARY in f"{record.getMessage()} {record.exc_info}" for record in caplog.records)


async def test_an_answer_is_written_once_with_its_status(endpoint: Endpoint) -> None:
    endpoint.reply = Reply({"statusCode": 200, "type": "x", "value": {"text": "“é” <b>"}}, 202)
    status, body = await endpoint.service.post(endpoint.service.activity("invoke", name="adaptiveCard/action"))
    assert (status, body) == (202, endpoint.reply.body)


async def test_a_repeated_delivery_is_one_effect_with_the_same_answer(endpoint: Endpoint) -> None:
    service = endpoint.service
    endpoint.reply = Reply({"n": 1})
    activity = service.activity("invoke", name="adaptiveCard/action", value={"action": {}})
    answers = await asyncio.gather(*(service.post(activity) for _ in range(5)))
    endpoint.reply = Reply({"n": 2})
    answers.append(await service.post(activity))
    assert answers == [(200, {"n": 1})] * 6
    assert len(endpoint.seen) == 1
    assert await service.post({**activity, "id": "another"}) == (200, {"n": 2})
    assert await service.post({**activity, "conversation": {**activity["conversation"], "id": "b"}}) == (200, {"n": 2})
    assert await service.post({**activity, "type": "messageUpdate"}) == (200, {"n": 2})


async def test_a_delivery_that_failed_is_done_when_it_comes_again(endpoint: Endpoint) -> None:
    activity = endpoint.service.activity()
    endpoint.error = RuntimeError()
    assert await endpoint.service.post(activity) == (500, None)
    endpoint.error = None
    assert await endpoint.service.post(activity) == (200, None)
    assert len(endpoint.seen) == 2


def test_an_activity_says_who_where_and_what_and_shows_no_text() -> None:
    sent = BotService().activity(
        "message",
        person=4,
        chat="19:abc@thread.tacv2;messageid=1",
        text=f"<b>{CANARY}</b>",
        replyToId="7",
        textFormat="plain",
    )
    activity = read_activity(json.dumps(sent).encode())
    assert (activity.type, activity.name, activity.reply_to, activity.value) == ("message", "", "7", {})
    assert activity.user_id == "00000000-0000-4000-8000-000000000004"
    assert (activity.sender_id, activity.conversation_id) == ("29:person-4", "19:abc@thread.tacv2;messageid=1")
    assert (activity.text, activity.text_format, activity.raw) == (f"<b>{CANARY}</b>", "plain", sent)
    assert CANARY not in repr(activity)


@pytest.mark.parametrize(
    ("kind", "personal"), [("personal", True), ("groupChat", False), ("channel", False), (None, False)]
)
def test_only_a_chat_that_says_so_is_personal(kind: str | None, personal: bool) -> None:
    sent = BotService().activity(conversation={"id": "a:1", "conversationType": kind})
    assert read_activity(json.dumps(sent).encode()).personal is personal


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
USUAL = BotService().activity()
FIELDS = st.sampled_from(["type", "name", "id", "text", "from", "recipient", "conversation", "channelData", "value"])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(FIELDS, JSON, max_size=4))
def test_whatever_comes_is_an_activity_or_a_bad_one(fields: Json) -> None:
    body = json.dumps(USUAL | fields).encode()
    with contextlib.suppress(BadActivity):
        assert isinstance(read_activity(body), Activity)
