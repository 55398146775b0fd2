"""The SFTP sink on OpenSSH's server, with hard links and without; on asyncssh's, what a server may do otherwise."""

# ruff: noqa: ASYNC220, ASYNC240 - processes and files that nobody else in the loop waits for.

import asyncio
import logging
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import asyncssh
import pytest

from adapters.registry import open_sink
from adapters.sftp.sink import SftpSink
from bot.domain.errors import Conflict, EffectError, Permanent, Temporary
from bot.ports import FiledNote
from bot.settings import Secret
from tests.contract.filed_files import filed_in
from tests.contract.note_sink_contract import FILES, NOTE, OWN_WAIT, NoteSinkContract, StoppedClock
from tests.contract.servers import Sshd, send, sshd
from tests.doubles import canary
from tests.doubles.canary import captured_logs

REFERENCE = "JD-014/2026-11-20_soap_n0123456789abcdefg"


def opened(server: Sshd, path: Path | str, **more: object) -> SftpSink:
    """A sink as the registry opens it."""
    values = {
        "host": "127.0.0.1",
        "port": server.port,
        "username": server.user,
        "path": str(path),
        "host_key": server.host_key,
        "key_file": str(server.key_file),
        **more,
    }
    return with_settings(values)


def with_settings(values: Mapping[str, object], secrets: Mapping[str, str] | None = None) -> SftpSink:
    hidden = {key: Secret(value) for key, value in (secrets or {}).items()}
    sink = open_sink("chart", "sftp", values, hidden, Path("/nowhere"), StoppedClock())
    assert isinstance(sink, SftpSink)
    return sink


@pytest.fixture(scope="module")
def server() -> Iterator[Sshd]:
    with sshd() as started:
        yield started


@pytest.fixture(scope="module")
def linkless() -> Iterator[Sshd]:
    """A server that does not offer hard links."""
    with sshd("internal-sftp -P hardlink") as started:
        yield started


class SftpContract(NoteSinkContract):
    async def held(self, sink: SftpSink, note: FiledNote, key: str) -> Mapping[str, bytes]:
        return filed_in(self.folder, note, key)

    folder: Path


class TestSftp(SftpContract):
    @pytest.fixture
    async def sink(self, server: Sshd) -> AsyncIterator[SftpSink]:
        self.folder = server.folder()
        sink = opened(server, self.folder)
        yield sink
        await sink.close()


class TestSftpWithoutLinks(SftpContract):
    @pytest.fixture
    async def sink(self, linkless: Sshd) -> AsyncIterator[SftpSink]:
        self.folder = linkless.folder()
        sink = opened(linkless, self.folder)
        yield sink
        await sink.close()


async def test_files_and_folders_are_private_and_the_reference_is_the_stem(server: Sshd) -> None:
    folder = server.folder()
    sink = opened(server, folder)
    receipt = await sink.put(NOTE, FILES, "k1")
    assert receipt.reference == REFERENCE
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()} == {0o600}
    assert (folder / "JD-014").stat().st_mode & 0o777 == 0o700
    await sink.close()


@pytest.mark.parametrize("links", [True, False])
async def test_eight_writers_with_connections_of_their_own_have_one_winner(
    server: Sshd, linkless: Sshd, links: bool
) -> None:
    chosen = server if links else linkless
    folder = chosen.folder()
    sinks = [opened(chosen, folder) for _ in range(8)]
    receipts = await asyncio.gather(*(sink.put(NOTE, FILES, "k1") for sink in sinks))
    assert sorted(receipt.outcome for receipt in receipts) == ["already"] * 7 + ["stored"]
    assert filed_in(folder) == FILES
    await asyncio.gather(*(sink.close() for sink in sinks))


async def test_eight_notes_at_once_share_one_connection(server: Sshd) -> None:
    sink = opened(server, server.folder())
    notes = [replace(NOTE, note_id=f"n{number}") for number in range(8)]
    receipts = await asyncio.gather(*(sink.put(note, FILES, note.note_id) for note in notes))
    assert {receipt.outcome for receipt in receipts} == {"stored"}
    assert len([p for p in server.sessions() if p.ppid() == server.pid]) == 1
    await sink.close()


async def test_check_leaves_nothing_behind(server: Sshd) -> None:
    folder = server.folder()
    sink = opened(server, folder)
    assert list(await sink.check()) == []
    assert list(folder.iterdir()) == []
    await sink.close()


async def test_another_host_key_is_permanent_and_nothing_is_sent(server: Sshd, linkless: Sshd) -> None:
    folder = server.folder()
    sink = opened(server, folder, host_key=linkless.host_key)
    with pytest.raises(Permanent) as changed:
        await sink.put(NOTE, FILES, "k1")
    assert changed.value.code == "sftp:untrusted"
    assert "another host key" in (await sink.check())[0]
    assert list(folder.iterdir()) == []


async def test_a_file_of_known_hosts_does_too(server: Sshd, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{server.port} {server.host_key}\n")
    sink = opened(server, server.folder(), host_key="", known_hosts=str(known))
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
    await sink.close()
    known.write_text("")
    with pytest.raises(Permanent) as unknown:
        await opened(server, server.folder(), host_key="", known_hosts=str(known)).put(NOTE, FILES, "k1")
    assert unknown.value.code == "sftp:untrusted"


@pytest.mark.parametrize("way", ["password", "key"])
async def test_wrong_credentials_are_permanent(server: Sshd, tmp_path: Path, way: str) -> None:
    values = {
        "host": "127.0.0.1",
        "port": server.port,
        "username": server.user,
        "host_key": server.host_key,
    }
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    sink = with_settings(values, {"password": "wrong"} if way == "password" else {"private_key": key})
    with pytest.raises(Permanent) as refused:
        await sink.put(NOTE, FILES, "k1")
    assert refused.value.code == "sftp:not_allowed"
    assert "credentials" in (await sink.check())[0]


async def test_a_folder_that_is_not_there_is_not_made(server: Sshd) -> None:
    missing = server.folder() / "records"
    sink = opened(server, missing)
    with pytest.raises(Permanent) as refused:
        await sink.put(NOTE, FILES, "k1")
    assert refused.value.code == "sftp:no_place"
    assert f"The folder {missing} is not on the server" in (await sink.check())[0]
    assert not missing.exists()
    await sink.close()


async def test_a_folder_without_the_right_to_write(server: Sshd) -> None:
    folder = server.folder()
    folder.chmod(0o500)
    sink = opened(server, folder)
    with pytest.raises(Permanent) as refused:
        await sink.put(NOTE, FILES, "k1")
    assert refused.value.code == "sftp:not_allowed"
    assert "lack a right" in (await sink.check())[0]
    await sink.close()


async def test_a_server_that_is_down_is_temporary(server: Sshd) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        sink = opened(server, "x", port=taken.getsockname()[1])
        with pytest.raises(Temporary) as down:
            await sink.put(NOTE, FILES, "k1")
        assert down.value.code == "sftp:unreachable"
        assert "cannot be reached" in (await sink.check())[0]


@pytest.mark.parametrize(
    "garbage",
    [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-x\r\n" + b"\xff" * 64],
    ids=["deaf", "http", "noise"],
)
async def test_something_else_on_the_port_is_given_up(server: Sshd, garbage: bytes) -> None:
    class Speaks(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            stream = cast(asyncio.Transport, transport)
            stream.write(garbage)
            if garbage:
                stream.close()

    listener = await asyncio.get_running_loop().create_server(Speaks, "127.0.0.1", 0)
    sink = opened(server, "x", port=listener.sockets[0].getsockname()[1], timeout_seconds=1)
    async with asyncio.timeout(OWN_WAIT):
        with pytest.raises(EffectError):
            await sink.put(NOTE, FILES, "k1")
    listener.close()
    await asyncio.sleep(0.05)  # the other end notices


async def test_a_connection_that_was_lost_is_opened_anew(server: Sshd) -> None:
    folder = server.folder()
    sink = opened(server, folder)
    await sink.put(NOTE, FILES, "k1")
    send(signal.SIGKILL, server.sessions())
    await asyncio.sleep(0.1)
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "already"
    await sink.close()


async def test_connections_killed_in_the_middle_leave_nothing_half(server: Sshd) -> None:
    folder = server.folder()
    sink = opened(server, folder)
    files = {**FILES, "pdf": random.randbytes(8_000_000)}
    for _ in range(5):
        put = asyncio.create_task(sink.put(NOTE, files, "k1"))
        for _ in range(2):
            await asyncio.sleep(random.uniform(0.02, 0.12))
            send(signal.SIGKILL, server.sessions())
        await asyncio.gather(put, return_exceptions=True)
        if not put.cancelled() and (error := put.exception()) is not None:
            assert isinstance(error, Temporary)
        whole = [path for path in folder.rglob("*.pdf")]
        assert all(path.read_bytes() == files["pdf"] for path in whole)
    receipt = await sink.put(NOTE, files, "k1")
    assert receipt.verified
    assert filed_in(folder) == files
    await sink.close()


async def test_a_server_that_stands_still_is_given_up_and_the_next_try_completes(server: Sshd) -> None:
    folder = server.folder()
    sink = opened(server, folder, timeout_seconds=1)
    await sink.put(replace(NOTE, note_id="n2"), FILES, "k0")
    stopped = server.sessions()
    send(signal.SIGSTOP, stopped)
    try:
        async with asyncio.timeout(OWN_WAIT):
            with pytest.raises(Temporary) as slow:
                await sink.put(NOTE, FILES, "k1")
        assert slow.value.code == "sftp:timeout"
        assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
    finally:
        send(signal.SIGCONT, stopped)
    await sink.close()


PUT_ONE = """
import asyncio, pickle, sys
from tests.contract.test_sink_sftp import FILES, NOTE, with_settings
values, size = pickle.loads(bytes.fromhex(sys.argv[1]))
print("ready", flush=True)
asyncio.run(with_settings(values).put(NOTE, {**FILES, "pdf": b"p" * size}, "k1"))
"""


@pytest.mark.parametrize("links", [True, False])
async def test_killed_at_any_moment_a_retry_completes(server: Sshd, linkless: Sshd, links: bool) -> None:
    import pickle

    chosen = server if links else linkless
    folder = chosen.folder()
    values = {
        "host": "127.0.0.1",
        "port": chosen.port,
        "username": chosen.user,
        "path": str(folder),
        "host_key": chosen.host_key,
        "key_file": str(chosen.key_file),
    }
    argument = pickle.dumps((values, 3_000_000)).hex()
    for _ in range(4):
        child = subprocess.Popen([sys.executable, "-W", "ignore", "-c", PUT_ONE, argument], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        await asyncio.sleep(random.uniform(0.1, 0.5))
        child.kill()
        child.wait()
        child.stdout.close()
    sink = with_settings(values)
    files = {**FILES, "pdf": b"p" * 3_000_000}
    await sink.put(NOTE, files, "k1")
    assert filed_in(folder) == files
    await sink.close()


class Otherwise(asyncssh.SFTPServer):
    """What servers may do: here OpenSSH's own does not. `does`: which of it."""

    does = ""

    def __init__(self, channel: Any, root: str) -> None:
        super().__init__(channel, chroot=root)

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        if self.does == "replaces":
            os.replace(self.map_path(oldpath), self.map_path(newpath))
            return
        if self.does in ("overwrites", "renames"):
            raise asyncssh.SFTPOpUnsupported("no links")
        super().link(oldpath, newpath)

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        if self.does == "overwrites":
            os.replace(self.map_path(oldpath), self.map_path(newpath))
            return
        super().rename(oldpath, newpath)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        if self.does in ("full", "quotes", "broken"):
            raise asyncssh.SFTPFailure(f"cannot write {data[:200]!r}")
        return cast(int, super().write(file_obj, offset, data))

    def statvfs(self, path: bytes) -> asyncssh.SFTPVFSAttrs:
        space = asyncssh.SFTPVFSAttrs.from_local(os.statvfs(self.map_path(path)))
        if self.does == "full":
            space.bavail = 0
        return space

    def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        found = asyncssh.SFTPAttrs.from_local(cast(os.stat_result, super().stat(path)))
        if self.does == "late" and found.mtime:
            found.mtime -= 600
        return found


@asynccontextmanager
async def otherwise(tmp_path: Path, does: str) -> AsyncIterator[SftpSink]:
    """A sink at asyncssh's server, which lets `clinic` in by password."""

    class Passwords(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("clinic", "right")

    kind = type("Server", (Otherwise,), {"does": does})
    key = asyncssh.generate_private_key("ssh-ed25519")
    (tmp_path / "filed-notes").mkdir()
    listener = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=Passwords,
        server_host_keys=[key],
        sftp_factory=None if does == "no sftp" else lambda channel: kind(channel, str(tmp_path)),
    )
    values = {
        "host": "127.0.0.1",
        "port": listener.get_port(),
        "username": "clinic",
        "host_key": key.export_public_key().decode().strip(),
    }
    sink = with_settings(values, {"password": "right"})
    try:
        yield sink
    finally:
        await sink.close()
        listener.close()
        await listener.wait_closed()


@pytest.mark.parametrize("does", ["", "renames"])
async def test_a_password_does_and_so_does_a_server_without_links(tmp_path: Path, does: str) -> None:
    async with otherwise(tmp_path, does) as sink:
        assert list(await sink.check()) == []
        assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
        assert (await sink.put(NOTE, FILES, "k1")).outcome == "already"
        with pytest.raises(Conflict):
            await sink.put(NOTE, {**FILES, "txt": b"other"}, "k1")
    assert filed_in(tmp_path) == FILES


async def test_a_server_whose_rename_overwrites_and_that_has_no_links_is_refused(tmp_path: Path) -> None:
    async with otherwise(tmp_path, "overwrites") as sink:
        assert "notes are not safe there" in (await sink.check())[0]
        with pytest.raises(Permanent) as refused:
            await sink.put(NOTE, FILES, "k1")
    assert refused.value.code == "sftp:refused:overwrites"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


async def test_a_server_whose_links_replace_is_found_out(tmp_path: Path) -> None:
    async with otherwise(tmp_path, "replaces") as sink:
        assert "lets files be overwritten" in (await sink.check())[0]


@pytest.mark.parametrize(("does", "code"), [("full", "sftp:full"), ("broken", "sftp:broken:4")])
async def test_full_is_told_only_where_the_server_says_so(tmp_path: Path, does: str, code: str) -> None:
    async with otherwise(tmp_path, does) as sink:
        with pytest.raises(Temporary) as failed:
            await sink.put(NOTE, FILES, "k1")
        assert failed.value.code == code
        assert code in (await sink.check())[0]


async def test_a_server_without_sftp_is_permanent(tmp_path: Path) -> None:
    async with otherwise(tmp_path, "no sftp") as sink:
        with pytest.raises(Permanent) as refused:
            await sink.put(NOTE, FILES, "k1")
    assert refused.value.code == "sftp:refused"


async def test_a_clock_that_is_ten_minutes_late_is_named(tmp_path: Path) -> None:
    async with otherwise(tmp_path, "late") as sink:
        (problem,) = await sink.check()
    assert "10 minutes ahead of that of the server" in problem


async def test_what_a_server_quotes_of_the_note_stays_here(tmp_path: Path) -> None:
    with captured_logs() as stream:
        async with otherwise(tmp_path, "quotes") as sink:
            with pytest.raises(EffectError) as refused:
                await sink.put(replace(NOTE, client_code=canary.CODE), canary.FILES, "k1")
            said = str(await sink.check())
            logging.getLogger("adapters").error("It failed.", exc_info=refused.value)
    assert "It failed." in stream.getvalue()
    assert canary.overheard(stream.getvalue(), said, repr(refused.value)) == []
    assert refused.value.__suppress_context__


KEY_LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGrhnDmeBk+5Vnsqfp2wV6ZFsyBW9DcRVb0VxuhLFf9m"
GOOD = {"host": "sftp.example.org", "username": "clinic", "host_key": KEY_LINE}


@pytest.mark.parametrize(
    ("values", "secrets", "said"),
    [
        ({"username": "c", "host_key": KEY_LINE}, {}, "[adapter.chart] host: must be given"),
        ({"host": "h", "host_key": KEY_LINE}, {}, "[adapter.chart] username: must be given"),
        ({**GOOD, "host_key": ""}, {"password": "p4ss"}, "`ssh-keyscan -p 22 sftp.example.org`, compare"),
        ({**GOOD, "known_hosts": "k"}, {"password": "p4ss"}, "either this or known_hosts"),
        ({**GOOD, "host_key": "AAAA"}, {"password": "p4ss"}, "host_key: is no public key"),
        ({**GOOD, "host_key": "", "known_hosts": "/no/file"}, {"password": "p4ss"}, "known_hosts: /no/file cannot be"),
        (GOOD, {}, "AFTERNOTE_ADAPTER_CHART_PASSWORD: must be set"),
        (GOOD, {"private_key": "p4ss"}, "AFTERNOTE_ADAPTER_CHART_PRIVATE_KEY: is no private key"),
        ({**GOOD, "key_file": "/no/file"}, {}, "[adapter.chart] key_file: is no private key"),
        ({**GOOD, "layout": "{client_code}"}, {"password": "p4ss"}, "layout: must hold {note_id}"),
        ({**GOOD, "timeout_seconds": 0}, {"password": "p4ss"}, "1 second or more"),
        ({**GOOD, "port": "22"}, {"password": "p4ss"}, "port: must be a whole number"),
    ],
)
def test_wrong_settings_are_named(values: Mapping[str, object], secrets: Mapping[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=r".") as wrong:
        with_settings(values, secrets)
    assert said in str(wrong.value)
    assert "p4ss" not in str(wrong.value)


def test_a_password_is_not_printed_with_the_server_it_is_for() -> None:
    assert "p4ss" not in repr(vars(with_settings(GOOD, {"password": "p4ss"})))
