"""A calendar's address, against real servers on this machine: what is fetched, what is refused, what stays secret."""

import asyncio
import gzip
import os
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from aiohttp import web

from adapters.calendar_url import Fetched, checked_address, fetch_calendar, place_of
from bot.domain.errors import AfternoteError, Permanent, Temporary, UserMistake
from tests.contract.test_sink_webhook import certified
from tests.doubles import canary

EVENT = b"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:SE-101\r\nEND:VEVENT\r\n"
CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + EVENT + b"END:VCALENDAR\r\n"
SECRET = f"/ical/{canary.CODE}/basic.ics?key={canary.CODE}"
Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Service:
    """A calendar service of this machine: answers as the test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[web.Request] = []
        self.answers: Answers = self.calendar
        self.root = ""

    async def calendar(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=CALENDAR, headers={"ETag": '"v1"'})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        return await self.answers(request)

    def says(self, status: int = 200, body: bytes = CALENDAR, **headers: str) -> None:
        async def answer(request: web.Request) -> web.StreamResponse:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return web.Response(status=status, body=body, headers=named)

        self.answers = answer


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", service.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.root = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield service
    await runner.cleanup()


async def fetched(service: Service, path: str = SECRET, **more: object) -> Fetched:
    return await fetch_calendar(service.root + path, allow_private=True, **more)  # type: ignore[arg-type]


async def refused(service: Service, **more: object) -> AfternoteError:
    """The error of a fetch, after a look that neither it nor the log holds anything of the address."""
    with canary.captured_logs() as log, pytest.raises(AfternoteError) as raised:
        (await fetched(service, **more)).__exit__(None, None, None)
    said = raised.value.sentence if isinstance(raised.value, UserMistake) else ""
    assert canary.overheard(log.getvalue(), raised.value, repr(raised.value), said) == []
    assert "127.0.0.1" not in said
    return raised.value


async def test_a_calendar_comes_line_by_line_and_is_gone_afterwards(service: Service) -> None:
    with canary.captured_logs() as log, await fetched(service) as found:
        assert "".join(found.lines()).encode() == CALENDAR
        assert next(found.lines()) == "BEGIN:VCALENDAR\r\n"
        assert (found.etag, found.not_modified) == ('"v1"', False)
    assert found.file is not None
    assert found.file.closed
    assert canary.overheard(log.getvalue(), repr(found)) == []


async def test_a_large_one_lies_in_a_file_without_a_name(service: Service, tmp_path: Path) -> None:
    service.says(body=b"BEGIN:VCALENDAR\r\n" + EVENT * 60_000 + b"END:VCALENDAR\r\n")
    with await fetched(service) as found:
        assert sum(line.startswith("UID") for line in found.lines()) == 60_000
        assert found.file is not None
        assert os.fstat(found.file.fileno()).st_nlink == 0
        assert os.fstat(found.file.fileno()).st_mode & 0o077 == 0


async def test_what_is_unchanged_is_not_sent_again(service: Service) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        known = request.headers.get("If-None-Match") == '"v1"'
        return web.Response(status=304) if known else await service.calendar(request)

    service.answers = answer
    with await fetched(service) as first, await fetched(service, etag=first.etag) as second:
        assert (second.not_modified, second.etag, [*second.lines()]) == (True, '"v1"', [])
    with await fetched(service, etag='"v0"') as third:
        assert not third.not_modified


async def test_a_service_without_tags_is_asked_by_the_time_of_its_last_change(service: Service) -> None:
    changed = "Fri, 20 Nov 2026 10:00:00 GMT"
    service.says(Last_Modified=changed)
    with await fetched(service) as first:
        assert first.etag == changed
    (await fetched(service, etag=changed)).__exit__(None, None, None)
    assert service.seen[-1].headers["If-Modified-Since"] == changed
    assert "If-None-Match" not in service.seen[-1].headers


async def test_unchanged_although_nothing_was_known_makes_no_sense(service: Service) -> None:
    service.says(304, b"")
    assert isinstance(await refused(service), Permanent)


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: data], ids=["gzip", "plain"])
async def test_a_packed_one_is_unpacked(service: Service, pack: Callable[[bytes], bytes]) -> None:
    packed = {"Content_Encoding": "gzip"} if pack is gzip.compress else {}
    service.says(body=pack(CALENDAR), **packed)
    with await fetched(service) as found:
        assert "".join(found.lines()).encode() == CALENDAR


async def test_a_small_answer_that_unpacks_to_far_too_much_is_given_up(service: Service) -> None:
    pack = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    bomb = pack.compress(b"BEGIN:VCALENDAR\r\n") + b"".join(pack.compress(b"X" * (1 << 20)) for _ in range(80))
    service.says(body=bomb + pack.flush(), Content_Encoding="gzip")
    assert len(bomb) < 100_000
    error = await refused(service)
    assert isinstance(error, UserMistake)
    assert error.code == "calendar_too_large"


@pytest.mark.parametrize(("encoding", "code"), [("br", "encoding"), ("gzip, gzip", "encoding"), ("gzip", "encoding")])
async def test_a_packing_that_was_not_asked_for_is_not_read(service: Service, encoding: str, code: str) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Encoding": encoding})
        await response.prepare(request)
        await response.write(CALENDAR)
        return response

    service.answers = answer
    error = await refused(service)
    assert (type(error), str(error)) == (Permanent, f"calendar:nonsense:{code}")


@pytest.mark.parametrize("told", [True, False])
async def test_one_that_is_too_large_is_given_up(service: Service, told: bool) -> None:
    sent: list[int] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if told:
            response.content_length = 1 << 30
        await response.prepare(request)
        await response.write(b"BEGIN:VCALENDAR\r\n")
        for _ in range(0 if told else 500):
            await response.write(EVENT * 2000)
            sent.append(1)
        await asyncio.sleep(30 if told else 0)
        return response

    service.answers = answer
    error = await refused(service, most_bytes=1 << 20)
    assert isinstance(error, UserMistake)
    assert error.code == "calendar_too_large"
    assert len(sent) < 500


@pytest.mark.parametrize("drips", [True, False])
async def test_one_that_is_too_slow_is_tried_later(service: Service, drips: bool) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b"BEGIN:VCALENDAR\r\n" if drips else b"")
            await asyncio.sleep(0.05 if drips else 10)
        return response

    service.answers = answer
    error = await refused(service, seconds=0.5)
    assert (type(error), str(error)) == (Temporary, "calendar:timeout")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<!DOCTYPE html><title>Sign in</title>" + b" " * 500, "calendar_page"),
        (b"\n\n<html>", "calendar_page"),
        (b"", "calendar_other"),
        (b"code,date\nSE-101,2026-11-20\n", "calendar_other"),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "calendar_other"),
        (b"%PDF-1.7" + b"\0" * 5000, "calendar_other"),
    ],
)
async def test_what_is_no_calendar_is_refused_with_what_to_do(service: Service, body: bytes, code: str) -> None:
    service.says(body=body, Content_Type="text/calendar")
    error = await refused(service)
    assert isinstance(error, UserMistake)
    assert error.code == code
    assert "secret or private address in iCal format" in error.sentence


async def test_a_byte_order_mark_and_small_letters_do_not_matter(service: Service) -> None:
    service.says(body=b"\xef\xbb\xbf" + CALENDAR.lower())
    with await fetched(service) as found:
        assert next(found.lines()) == "begin:vcalendar\r\n"


async def test_one_that_was_cut_off_is_tried_later(service: Service) -> None:
    service.says(body=CALENDAR[:-20])
    error = await refused(service)
    assert (type(error), str(error)) == (Temporary, "calendar:nonsense:cut")


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, UserMistake, "calendar_not_allowed"),
        (403, UserMistake, "calendar_not_allowed"),
        (404, UserMistake, "calendar_gone"),
        (410, UserMistake, "calendar_gone"),
        (429, Temporary, "calendar:busy:429"),
        (503, Temporary, "calendar:busy:503"),
        (500, Temporary, "calendar:broken:500"),
        (400, Permanent, "calendar:refused:400"),
        (302, Permanent, "calendar:no_place:302"),
    ],
)
async def test_what_each_status_comes_to(service: Service, status: int, kind: type[AfternoteError], code: str) -> None:
    service.says(status, f"no {canary.CODE}".encode(), Retry_After="7")
    error = await refused(service)
    assert (type(error), str(error)) == (kind, code)
    if isinstance(error, Temporary):
        assert error.retry_after == 7


async def test_a_redirect_is_followed_and_one_without_end_is_not(service: Service) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/end.ics":
            return await service.calendar(request)
        raise web.HTTPFound("/end.ics" if request.path == "/start.ics" else f"{request.path}x")

    service.answers = answer
    with await fetched(service, "/start.ics") as found:
        assert next(found.lines()) == "BEGIN:VCALENDAR\r\n"
    before = len(service.seen)
    error = await refused(service)
    assert (type(error), str(error)) == (UserMistake, "calendar_redirects")
    assert len(service.seen) - before == 6


@pytest.mark.parametrize("found", [["127.0.0.1"], ["10.0.0.7"], ["169.254.169.254"], ["::1"], ["8.8.8.8", "10.1.1.1"]])
async def test_a_name_that_means_a_private_machine_is_not_opened(found: Sequence[str]) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return found

    with canary.captured_logs() as log, pytest.raises(UserMistake, match=r"^calendar_private$") as raised:
        await fetch_calendar(f"https://calendar.example{SECRET}", resolve=resolve)
    assert canary.overheard(log.getvalue(), raised.value, raised.value.sentence) == []


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("https://inside.example/x.ics", "calendar_private"),
        ("https://10.0.0.7/x.ics", "calendar_private"),
        ("https://[::ffff:169.254.169.254]/latest", "calendar_private"),
        ("http://127.0.0.1/x.ics", "calendar_private"),
        ("http://calendar.example/x.ics", "calendar_address"),
        ("file:///etc/passwd", "calendar_address"),
        ("https://me:word@calendar.example/x.ics", "calendar_address"),
        ("https://[broken/x.ics", "calendar_redirects"),
    ],
)
async def test_no_redirect_leads_inside(tmp_path: Path, to: str, code: str) -> None:
    """Over TLS, by a name that counts as public here; whatever else it stands for is judged again."""
    authority, context = certified(tmp_path, "calendar.example")
    asked: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": to})

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if host == "calendar.example" else ["10.0.0.7"]

    app = web.Application()
    app.router.add_get("/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    url = f"webcal://calendar.example:{runner.addresses[0][1]}{SECRET}"
    with canary.captured_logs() as log, pytest.raises(UserMistake) as raised:
        await fetch_calendar(url, ca_file=str(authority), resolve=resolve, public=lambda found: found == "127.0.0.1")
    assert raised.value.code == code
    assert asked[0] == "calendar.example"
    assert canary.overheard(log.getvalue(), raised.value, raised.value.sentence) == []
    with pytest.raises(Permanent, match=r"^calendar:untrusted$"):
        await fetch_calendar(url, resolve=resolve, public=lambda found: found == "127.0.0.1")
    await runner.cleanup()


async def test_a_service_that_is_not_there_is_tried_later() -> None:
    for url in (f"http://127.0.0.1:9{SECRET}", f"https://127.0.0.1:9{SECRET}"):
        with pytest.raises(Temporary, match=r"^calendar:unreachable$"):
            await fetch_calendar(url, allow_private=True)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (" webcal://p01.example/a.ics\n", "https://p01.example/a.ics"),
        ("WEBCAL://p01.example/a.ics", "https://p01.example/a.ics"),
        ("https://calendar.example/a.ics?x=1", "https://calendar.example/a.ics?x=1"),
    ],
)
def test_what_was_typed_becomes_an_https_address(typed: str, found: str) -> None:
    assert checked_address(typed) == found
    assert place_of(found) in ("p01.example", "calendar.example")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "calendar_address"),
        ("my calendar", "calendar_address"),
        ("http://calendar.example/a.ics", "calendar_address"),
        ("ftp://calendar.example/a.ics", "calendar_address"),
        ("https://me:word@calendar.example/a.ics", "calendar_address"),
        ("https://calendar.example/a b.ics", "calendar_address"),
        ("https://calendar.example:99999/a.ics", "calendar_address"),
        (f"https://calendar.example/{'a' * 2000}", "calendar_address"),
        ("http://localhost/a.ics", "calendar_private"),
        ("https://localhost/a.ics", "calendar_private"),
        ("https://192.168.1.4/a.ics", "calendar_private"),
        ("https://[::1]/a.ics", "calendar_private"),
    ],
)
def test_what_is_no_address_is_said_before_anything_is_asked(typed: str, code: str) -> None:
    with pytest.raises(UserMistake) as raised:
        checked_address(typed)
    assert raised.value.code == code
    assert not typed or typed not in raised.value.sentence
