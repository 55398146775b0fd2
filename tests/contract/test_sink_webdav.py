"""The webdav sink against wsgidav, by conditional PUT and by MOVE, and behind a proxy that loses, delays and quotes.

wsgidav looks first and writes then, so it has one thread: what a server does with two at once is its own affair.
"""

# ruff: noqa: ASYNC240 - looking at files blocks the loop, and in these tests nobody else waits for it.

import asyncio
import base64
import gc
import logging
import subprocess
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cheroot import wsgi
from wsgidav.wsgidav_app import WsgiDAVApp

from adapters.registry import open_sink
from adapters.webdav import WebdavSink
from bot.domain.errors import Conflict, EffectError, Permanent, Temporary
from bot.ports import FiledNote
from tests.contract.filed_files import filed_in
from tests.contract.killed_sender import all_filed_once, killed_runs
from tests.contract.note_sink_contract import FILES, NOTE, NoteSinkContract, StoppedClock
from tests.doubles import canary
from tests.doubles.fault_proxy import Fault, FaultProxy
from tests.doubles.plain_secret import PlainSecret

REFERENCE = "JD-014/2026-11-20_soap_n0123456789abcdefg"
SECRETS = {"password": PlainSecret("app-pass word")}
USER = "filing clerk"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dav")


@pytest.fixture
def root(served: Path) -> Path:
    """A fresh folder, with a name that wants encoding."""
    return Path(tempfile.mkdtemp(prefix="Notes & more ", dir=served))


@pytest.fixture(scope="module")
def dav(served: Path) -> Iterator[int]:
    """The port of a wsgidav that knows one user."""
    logging.getLogger("wsgidav").setLevel(logging.CRITICAL)
    config = {
        "provider_mapping": {"/files": str(served)},
        "simple_dc": {"user_mapping": {"*": {USER: {"password": SECRETS["password"].reveal()}}}},
        "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
        "verbose": 0,
        "logging": {"enable": False},
    }
    server = wsgi.Server(("127.0.0.1", 0), WsgiDAVApp(config), numthreads=1)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    yield server.bind_addr[1]
    server.stop()
    thread.join()


@pytest.fixture
async def proxy(dav: int) -> AsyncIterator[FaultProxy]:
    async with FaultProxy("127.0.0.1", dav) as proxy:
        yield proxy


def values_of(url: str, root: Path) -> dict[str, object]:
    return {"url": f"{url}/files/{root.name}", "username": USER, "timeout_seconds": 10}


def opened(url: str, root: Path, secrets: Mapping[str, PlainSecret] = SECRETS, **more: object) -> WebdavSink:
    sink = open_sink("cloud", "webdav", {**values_of(url, root), **more}, secrets, Path("/nowhere"), StoppedClock())
    assert isinstance(sink, WebdavSink)
    return sink


class TestWebdavSink(NoteSinkContract):
    method = "put"

    @pytest.fixture
    async def sink(self, root: Path, dav: int) -> AsyncIterator[WebdavSink]:
        self.root = root
        sink = opened(f"http://127.0.0.1:{dav}", root, method=self.method)
        yield sink
        await sink.close()

    async def held(self, sink: WebdavSink, note: FiledNote, key: str) -> Mapping[str, bytes]:
        return filed_in(self.root, note, key)


class TestWebdavSinkByMove(TestWebdavSink):
    method = "move"


@pytest.fixture(params=["put", "move"])
async def sink(proxy: FaultProxy, root: Path, request: pytest.FixtureRequest) -> AsyncIterator[WebdavSink]:
    """Through the proxy, by either method."""
    sink = opened(proxy.url, root, method=request.param)
    yield sink
    await sink.close()


async def test_the_version_is_the_etag(sink: WebdavSink, proxy: FaultProxy) -> None:
    receipt = await sink.put(NOTE, FILES, "k1")
    assert receipt.reference == REFERENCE
    assert receipt.version
    assert '"' not in receipt.version
    assert (await sink.read(f"{REFERENCE}.pdf")).version == receipt.version  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["lost", "drop"])
@pytest.mark.parametrize(
    ("way", "method"), [*(("put", m) for m in ("PUT", "MKCOL", "GET")), *(("move", m) for m in ("PUT", "MOVE", "GET"))]
)
async def test_a_lost_answer_is_temporary_and_a_retry_completes(
    proxy: FaultProxy, root: Path, kind: Any, way: str, method: str
) -> None:
    sink = opened(proxy.url, root, method=way)
    proxy.next(Fault(kind), method=method)
    with pytest.raises(Temporary, match=r"^webdav:timeout$"):
        await sink.put(NOTE, FILES, "k1")
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
    assert {kind: (root / f"{REFERENCE}.{kind}").read_bytes() for kind in FILES} == FILES
    assert not list(root.rglob("afternote-*"))
    await sink.close()


async def test_the_answer_to_the_mark_is_lost(proxy: FaultProxy, root: Path) -> None:
    sink = opened(proxy.url, root)
    proxy.next(*[Fault("pass")] * 4, Fault("lost"), method="PUT")  # the first PUT finds no folder
    with pytest.raises(Temporary):
        await sink.put(NOTE, FILES, "k1")
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "already"
    await sink.close()


@pytest.mark.parametrize("cut", ["pdf", "json", "txt", "receipt.json"])
async def test_an_upload_that_broke_off_is_completed(proxy: FaultProxy, root: Path, cut: str) -> None:
    sink = opened(proxy.url, root)
    await sink.put(NOTE, FILES, "k1")
    whole = (root / f"{REFERENCE}.{cut}").read_bytes()
    if cut != "receipt.json":
        (root / f"{REFERENCE}.receipt.json").unlink()
    (root / f"{REFERENCE}.{cut}").write_bytes(whole[:5])
    assert (await sink.put(NOTE, FILES, "k1")).outcome == ("already" if cut == "receipt.json" else "stored")
    assert (root / f"{REFERENCE}.{cut}").read_bytes() == whole
    await sink.close()


@pytest.mark.parametrize("way", ["put", "move"])
async def test_killed_five_times_every_note_is_complete_and_there_once(dav: int, root: Path, way: str) -> None:
    url = f"http://127.0.0.1:{dav}"
    last = killed_runs("webdav", {**values_of(url, root), "method": way}, SECRETS, 5)
    assert last >= 0, "the children never got anywhere"
    sink = opened(url, root, method=way)
    await all_filed_once(sink, last, lambda path: (root / path).read_bytes())
    await sink.close()
    there = [path for path in root.rglob("*") if path.is_file() and "afternote-unfinished-" not in path.name]
    assert len(there) == 4 * (last + 2)


async def test_an_upload_that_a_killed_process_left_is_completed(dav: int, root: Path) -> None:
    """What the server really keeps when a client is gone after half of a PUT."""
    files = {**FILES, "pdf": bytes(range(256)) * 4096}
    (root / "JD-014").mkdir()
    login = base64.b64encode(f"{USER}:{SECRETS['password'].reveal()}".encode()).decode()
    path = quote(f"/files/{root.name}/{REFERENCE}.pdf")
    head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {login}\r\nContent-Length: {1 << 20}\r\n\r\n"
    _, writer = await asyncio.open_connection("127.0.0.1", dav)
    writer.write(head.encode() + files["pdf"][: 1 << 19])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await _left_by(dav, root) == files["pdf"][: 1 << 19]
    sink = opened(f"http://127.0.0.1:{dav}", root)
    assert (await sink.put(NOTE, files, "k1")).outcome == "stored"
    assert (root / f"{REFERENCE}.pdf").read_bytes() == files["pdf"]
    await sink.close()


async def _left_by(dav: int, root: Path) -> bytes:
    """The unfinished file, once the server's one thread is free again to answer for it."""
    reader = opened(f"http://127.0.0.1:{dav}", root)
    found = await reader.read(f"{REFERENCE}.pdf")
    await reader.close()
    return found.data if found else b""


@pytest.fixture
def small(root: Path) -> Iterator[Path]:
    """A root on a disk of 256 KB."""
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(root)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let the test mount a tmpfs")
    yield root
    gc.collect()  # of wsgidav's open files, while the warnings about them are let pass
    subprocess.run(["umount", "-l", str(root)], check=True)


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("way", ["put", "move"])
async def test_a_server_whose_disk_is_full(dav: int, small: Path, way: str) -> None:
    (small / "ballast").write_bytes(bytes(160_000))
    files = {**FILES, "json": bytes(range(256)) * 600}
    sink = opened(f"http://127.0.0.1:{dav}", small, method=way)
    with pytest.raises(Temporary) as full:
        await sink.put(NOTE, files, "k1")
    assert full.value.code in ("webdav:broken:500", "webdav:full:507")
    assert not list(small.rglob("*.receipt.json"))
    (small / "ballast").unlink()
    assert (await sink.put(NOTE, files, "k1")).outcome == "stored"
    assert {kind: (small / f"{REFERENCE}.{kind}").read_bytes() for kind in FILES} == files
    await sink.close()


async def test_a_file_of_somebody_else_is_never_touched(sink: WebdavSink, root: Path) -> None:
    (root / "JD-014").mkdir()
    (root / f"{REFERENCE}.json").write_bytes(b"not ours")
    with pytest.raises(Conflict) as conflict:
        await sink.put(NOTE, FILES, "k1")
    assert conflict.value.reference == REFERENCE
    assert (root / f"{REFERENCE}.json").read_bytes() == b"not ours"
    assert not list(root.rglob("afternote-*"))


async def test_a_filed_note_that_was_cut_short_later_is_a_conflict(sink: WebdavSink, root: Path) -> None:
    await sink.put(NOTE, FILES, "k1")
    (root / f"{REFERENCE}.txt").write_bytes(FILES["txt"][:4])
    with pytest.raises(Conflict):
        await sink.put(NOTE, FILES, "k1")
    assert (root / f"{REFERENCE}.txt").read_bytes() == FILES["txt"][:4]


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        (503, Temporary, "webdav:busy:503"),
        (429, Temporary, "webdav:busy:429"),
        (423, Temporary, "webdav:busy:423"),
        (500, Temporary, "webdav:broken:500"),
        (507, Temporary, "webdav:full:507"),
        (401, Permanent, "webdav:not_allowed:401"),
        (403, Permanent, "webdav:not_allowed:403"),
        (302, Permanent, "webdav:no_place:302"),
        (413, Permanent, "webdav:too_large:413"),
        (415, Permanent, "webdav:refused:415"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "GET", "MKCOL"])
async def test_what_a_server_answers(
    sink: WebdavSink, proxy: FaultProxy, status: int, kind: type[EffectError], expected: str, method: str
) -> None:
    proxy.next(Fault("answer", status=status, headers={"Retry-After": "7", "Location": "http://x/"}), method=method)
    with pytest.raises(kind) as refused:
        await sink.put(NOTE, FILES, "k1")
    assert type(refused.value) is kind
    assert str(refused.value) == expected
    if status in (429, 503):
        assert isinstance(refused.value, Temporary)
        assert refused.value.retry_after == 7
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"


async def test_down_slow_garbage_and_half(proxy: FaultProxy, root: Path) -> None:
    down = opened("http://127.0.0.1:1", root)
    with pytest.raises(Temporary, match=r"^webdav:unreachable$"):
        await down.put(NOTE, FILES, "k1")
    assert "cannot be reached" in (await down.check())[0]
    slow = opened(proxy.url, root, timeout_seconds=1)
    for fault in (Fault("pass", delay=3), Fault("garbage"), Fault("cut")):
        proxy.next(Fault("pass"), fault, method="GET")
        with pytest.raises(Temporary, match=r"^webdav:timeout$"):
            await slow.put(NOTE, {**FILES, "pdf": bytes(9999)}, "k1")
    await down.close()
    await slow.close()


async def test_wrong_credentials(proxy: FaultProxy, root: Path) -> None:
    wrong = opened(proxy.url, root, {"password": PlainSecret("wrong")})
    with pytest.raises(Permanent, match=r"^webdav:not_allowed:401$"):
        await wrong.put(NOTE, FILES, "k1")
    assert "does not accept the credentials" in (await wrong.check())[0]
    await wrong.close()


async def test_a_folder_that_is_not_there_is_not_made(proxy: FaultProxy, root: Path) -> None:
    sink = opened(proxy.url, root.parent / "Elsewhere")
    with pytest.raises(Permanent, match=r"^webdav:no_place:409$"):
        await sink.put(NOTE, FILES, "k1")
    assert "does not exist" in (await sink.check())[0]
    assert not (root.parent / "Elsewhere").exists()
    await sink.close()


async def test_check_leaves_nothing_and_says_what_is_wrong(sink: WebdavSink, root: Path, proxy: FaultProxy) -> None:
    assert await sink.check() == []
    assert not any(root.iterdir())
    there = Fault("answer", status=201, body=b"", headers={})
    proxy.next(*[Fault("pass")] * (1 if sink._by_move else 2), there, method="MOVE" if sink._by_move else "PUT")
    (words,) = await sink.check()
    assert "lets files be overwritten" in words
    assert ('method = "move"' in words) is not sink._by_move
    old = {"Date": "Mon, 02 Nov 2026 10:00:00 GMT"}
    proxy.next(Fault("answer", status=200, headers=old, body=b"one"), method="GET")
    assert "minutes ahead of that of the server" in (await sink.check())[0]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("answer", status=400, quote=True),
        Fault("answer", status=500, body=b"<error>", quote=True),
        Fault("garbage", quote=True),
        Fault("lost"),
        Fault("cut"),
    ],
)
async def test_nothing_of_the_note_is_overheard(proxy: FaultProxy, root: Path, fault: Fault) -> None:
    note = replace(NOTE, client_code=canary.CODE)
    with canary.captured_logs() as logs:
        sink = opened(proxy.url, root)
        await sink.put(note, canary.FILES, "k1")
        with pytest.raises(Conflict) as conflict:
            await sink.put(note, FILES, "k1")
        proxy.next(fault, method="PUT")
        with pytest.raises(EffectError) as failed:
            await sink.put(replace(note, format_id="dap"), canary.FILES, "k1")
        await sink.check()
        await sink.close()
    assert canary.overheard(logs.getvalue(), failed.value, conflict.value) == []
    assert any(canary.WORDS.encode() in request.body for request in proxy.seen)


GOOD = {"url": "https://cloud.example.org/remote.php/dav/files/clerk/Notes", "username": "clerk"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"username": "clerk"}, "url: must be given"),
        ({**GOOD, "url": "http://cloud.example.org/"}, "url: must be an https"),
        ({**GOOD, "url": "https://u:p@cloud.example.org/"}, "url: must be a plain address"),
        ({**GOOD, "url": "https://cloud.example.org/?a=b"}, "url: must be a plain address"),
        ({"url": GOOD["url"]}, "username: must be given"),
        ({**GOOD, "method": "lock"}, "method: must be one of put, move"),
        ({**GOOD, "layout": "{year}"}, "layout: must hold"),
        ({**GOOD, "files": []}, "files: empty"),
        ({**GOOD, "ca_file": "none.pem"}, "ca_file: there is no such file"),
        ({**GOOD, "ca_file": __file__}, "ca_file: cannot be read as PEM"),
        ({**GOOD, "timeout_seconds": 0}, "timeout_seconds: must be 1"),
        ({**GOOD, "password": "p"}, "password: a secret does not belong"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=r"^\[adapter\.cloud\] ") as wrong:
        open_sink("cloud", "webdav", settings, SECRETS, Path("/nowhere"), StoppedClock())
    assert f"[adapter.cloud] {words}" in str(wrong.value)


@pytest.mark.parametrize("secrets", [{}, {"password": PlainSecret("")}, {"password": PlainSecret(" ")}])
def test_a_missing_password_is_named(secrets: Mapping[str, PlainSecret]) -> None:
    with pytest.raises(ValueError, match=r"^AFTERNOTE_ADAPTER_CLOUD_PASSWORD: must be set"):
        open_sink("cloud", "webdav", GOOD, secrets, Path("/nowhere"), StoppedClock())
