"""The SMB sink on Samba's server: the contract, lost connections, rights, encryption."""

# ruff: noqa: ASYNC220 - processes and files that nobody else in the loop waits for.

import asyncio
import logging
import pickle
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import smbclient
from smbprotocol.exceptions import SMBOSError

from adapters.registry import open_sink
from adapters.smb.errors import of_operation
from adapters.smb.sink import SmbSink
from bot.domain.errors import EffectError, Permanent, Temporary
from bot.domain.ids import NoteId
from bot.ports import FiledNote
from bot.settings import Secret
from tests.contract.filed_files import filed_in
from tests.contract.note_sink_contract import FILES, NOTE, OWN_WAIT, NoteSinkContract, StoppedClock
from tests.contract.servers import Samba, samba, send
from tests.doubles import canary
from tests.doubles.canary import captured_logs

REFERENCE = "JD-014/2026-11-20_soap_n0123456789abcdefg"


def values_for(server: Samba, path: str, **more: object) -> dict[str, object]:
    return {
        "server": "127.0.0.1",
        "port": server.port,
        "share": "records",
        "path": path,
        "username": server.user,
        **more,
    }


def with_settings(values: Mapping[str, object], secrets: Mapping[str, str]) -> SmbSink:
    """A sink as the registry opens it."""
    hidden = {key: Secret(value) for key, value in secrets.items()}
    sink = open_sink("chart", "smb", values, hidden, Path("/nowhere"), StoppedClock())
    assert isinstance(sink, SmbSink)
    return sink


def opened(server: Samba, folder: Path, **more: object) -> SmbSink:
    return with_settings(values_for(server, folder.name, **more), {"password": server.password})


@pytest.fixture(scope="module")
def server() -> Iterator[Samba]:
    with samba() as started:
        yield started


@pytest.fixture(scope="module")
def plain() -> Iterator[Samba]:
    """A server that does not encrypt."""
    with samba("server smb encrypt = off") as started:
        yield started


class TestSmb(NoteSinkContract):
    folder: Path

    @pytest.fixture
    async def sink(self, server: Samba) -> AsyncIterator[SmbSink]:
        self.folder = server.folder()
        sink = opened(server, self.folder)
        yield sink
        await sink.close()

    async def held(self, sink: SmbSink, note: FiledNote, key: str) -> Mapping[str, bytes]:
        return filed_in(self.folder, note, key)


async def test_eight_writers_with_connections_of_their_own_have_one_winner(server: Samba) -> None:
    folder = server.folder()
    sinks = [opened(server, folder) for _ in range(8)]
    receipts = await asyncio.gather(*(sink.put(NOTE, FILES, "k1") for sink in sinks))
    assert sorted(receipt.outcome for receipt in receipts) == ["already"] * 7 + ["stored"]
    assert filed_in(folder) == FILES
    await asyncio.gather(*(sink.close() for sink in sinks))


async def test_eight_notes_at_once_share_one_connection(server: Samba) -> None:
    folder = server.folder()
    sink = opened(server, folder)
    notes = [replace(NOTE, note_id=NoteId(f"n{number}")) for number in range(8)]
    receipts = await asyncio.gather(*(sink.put(note, FILES, note.note_id) for note in notes))
    assert {receipt.outcome for receipt in receipts} == {"stored"}
    assert receipts[0].reference == "JD-014/2026-11-20_soap_n0"
    assert len(server.sessions()) == 1
    await sink.close()
    assert await ended(server)


async def ended(server: Samba) -> bool:
    """Whether every connection ends within two seconds."""
    for _ in range(40):
        if not server.sessions():
            return True
        await asyncio.sleep(0.05)
    return False


async def test_check_leaves_nothing_behind(server: Samba) -> None:
    folder = server.folder()
    sink = opened(server, folder)
    assert list(await sink.check()) == []
    assert list(folder.iterdir()) == []
    await sink.close()


@pytest.mark.parametrize(
    ("change", "password", "kind", "code", "said"),
    [
        ({}, "wrong", Permanent, "smb:not_allowed:c000006d", "does not accept the credentials"),
        ({"username": "nobody_known"}, "right", Permanent, "smb:not_allowed:c000006d", "does not accept"),
        ({"share": "nowhere"}, "right", Permanent, "smb:no_place", "check `share`"),
        ({"path": "nowhere"}, "right", Permanent, "smb:no_place:c0000034", "check `share`"),
        ({"share": "archive"}, "right", Permanent, "smb:not_allowed:c0000022", "lack a right"),
        ({"port": 1}, "right", Temporary, "smb:unreachable", "cannot be reached"),
    ],
)
async def test_what_is_wrong_has_a_code_and_a_sentence(
    server: Samba, change: dict[str, object], password: str, kind: type[EffectError], code: str, said: str
) -> None:
    folder = server.folder()
    sink = with_settings({**values_for(server, folder.name), **change}, {"password": password})
    with pytest.raises(kind) as refused:
        await sink.put(NOTE, FILES, "k1")
    assert refused.value.code.startswith(code)
    assert said in (await sink.check())[0]
    assert list(folder.iterdir()) == []
    await sink.close()


async def test_a_folder_without_the_right_to_write(server: Samba) -> None:
    folder = server.folder()
    folder.chmod(0o500)
    sink = opened(server, folder)
    with pytest.raises(Permanent) as refused:
        await sink.put(NOTE, FILES, "k1")
    assert refused.value.code == "smb:not_allowed:c0000022"
    assert "lack a right" in (await sink.check())[0]
    await sink.close()


async def test_encryption_is_demanded_unless_the_practice_says_no(plain: Samba) -> None:
    folder = plain.folder()
    sink = opened(plain, folder)
    with pytest.raises(Permanent) as refused:
        await sink.put(NOTE, FILES, "k1")
    assert refused.value.code == "smb:untrusted:encryption"
    assert "cannot encrypt" in (await sink.check())[0]
    assert list(folder.iterdir()) == []
    await sink.close()
    signed = opened(plain, folder, encrypt=False)
    assert list(await signed.check()) == []
    assert (await signed.put(NOTE, FILES, "k1")).outcome == "stored"
    await signed.close()


async def test_a_server_that_insists_on_encryption_gets_it() -> None:
    with samba("server smb encrypt = required") as strict:
        folder = strict.folder()
        sink = opened(strict, folder, encrypt=False)
        assert list(await sink.check()) == []
        assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
        await sink.close()


async def test_a_file_that_another_program_holds_is_temporary(server: Samba) -> None:
    folder = server.folder()
    sink = opened(server, folder)
    await sink.put(NOTE, FILES, "k1")
    path = rf"\\127.0.0.1\records\{folder.name}\JD-014\2026-11-20_soap_n0123456789abcdefg.pdf"
    cache: dict[str, object] = {}
    access = {"username": server.user, "password": server.password, "port": server.port, "connection_cache": cache}
    with smbclient.open_file(path, mode="rb", buffering=0, share_access="", **access):
        with pytest.raises(Temporary) as busy:
            await sink.put(NOTE, FILES, "k1")
        assert busy.value.code == "smb:busy:c0000043"
    smbclient.reset_connection_cache(connection_cache=cache)
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "already"
    await sink.close()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (0xC000007F, "smb:full:c000007f"),
        (0xC0000044, "smb:full:c0000044"),
        (0xC0000054, "smb:busy:c0000054"),
        (0xC00000A2, "smb:read_only:c00000a2"),
        (0xC00000CC, "smb:no_place:c00000cc"),
        (0xC0000185, "smb:broken:c0000185"),
    ],
)
def test_a_status_is_told_by_its_number_and_not_by_its_path(status: int, code: str) -> None:
    error = of_operation(SMBOSError(status, r"\\server\records\JD-014\note.pdf"))
    assert error.code == code
    assert "JD-014" not in repr(error)


@pytest.mark.parametrize("garbage", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00\x00\x00\x40" + b"\xff" * 64])
async def test_something_else_on_the_port_is_given_up(server: Samba, garbage: bytes) -> None:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        sink = opened(server, Path("x"), port=listener.getsockname()[1], timeout_seconds=2)
        put = asyncio.create_task(sink.put(NOTE, FILES, "k1"))
        listener.setblocking(False)
        client, _ = await asyncio.get_running_loop().sock_accept(listener)
        with client:
            client.sendall(garbage)
            if garbage:
                client.shutdown(socket.SHUT_RDWR)
            async with asyncio.timeout(OWN_WAIT):
                with pytest.raises(Temporary):
                    await put
        await sink.close()


async def test_a_connection_that_was_lost_is_opened_anew(server: Samba) -> None:
    sink = opened(server, server.folder())
    await sink.put(NOTE, FILES, "k1")
    send(signal.SIGKILL, server.sessions())
    await asyncio.sleep(0.1)
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "already"
    await sink.close()


async def test_connections_killed_in_the_middle_leave_nothing_half(server: Samba) -> None:
    folder = server.folder()
    sink = opened(server, folder, timeout_seconds=5)
    files = {**FILES, "pdf": random.randbytes(5_000_000)}
    for _ in range(4):
        put = asyncio.create_task(sink.put(NOTE, files, "k1"))
        for _ in range(2):
            await asyncio.sleep(random.uniform(0.05, 0.3))
            send(signal.SIGKILL, server.sessions())
        (result,) = await asyncio.gather(put, return_exceptions=True)
        assert not isinstance(result, BaseException) or isinstance(result, Temporary)
        assert all(path.read_bytes() == files["pdf"] for path in folder.rglob("*.pdf"))
    assert (await sink.put(NOTE, files, "k1")).verified
    assert filed_in(folder) == files
    await sink.close()


async def test_a_server_that_stands_still_is_given_up_and_the_next_try_completes(server: Samba) -> None:
    sink = opened(server, server.folder(), timeout_seconds=2)
    await sink.put(replace(NOTE, note_id=NoteId("n2")), FILES, "k0")
    stopped = server.sessions()
    send(signal.SIGSTOP, stopped)
    try:
        async with asyncio.timeout(OWN_WAIT):
            with pytest.raises(Temporary) as slow:
                await sink.put(NOTE, FILES, "k1")
        assert slow.value.code == "smb:timeout"
        assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
    finally:
        send(signal.SIGCONT, stopped)
    await sink.close()


PUT_ONE = """
import asyncio, pickle, sys
from tests.contract.test_sink_smb import FILES, NOTE, with_settings
values, password, size = pickle.loads(bytes.fromhex(sys.argv[1]))
print("ready", flush=True)
asyncio.run(with_settings(values, {"password": password}).put(NOTE, {**FILES, "pdf": b"p" * size}, "k1"))
"""


async def test_killed_at_any_moment_a_retry_completes(server: Samba) -> None:
    folder = server.folder()
    argument = pickle.dumps((values_for(server, folder.name), server.password, 3_000_000)).hex()
    for _ in range(4):
        child = subprocess.Popen([sys.executable, "-W", "ignore", "-c", PUT_ONE, argument], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        await asyncio.sleep(random.uniform(0.2, 0.7))
        child.kill()
        child.wait()
        child.stdout.close()
    sink = opened(server, folder)
    files = {**FILES, "pdf": b"p" * 3_000_000}
    await sink.put(NOTE, files, "k1")
    assert filed_in(folder) == files
    await sink.close()


async def test_paths_and_content_stay_out_of_logs_and_errors(server: Samba) -> None:
    folder = server.folder()
    (folder / canary.CODE).mkdir(mode=0o500)
    with captured_logs() as stream:
        sink = opened(server, folder, layout=canary.CODE + "/{client_code}/{note_id}")
        with pytest.raises(EffectError) as refused:
            await sink.put(replace(NOTE, client_code=canary.CODE), canary.FILES, "k1")
        fine = opened(server, server.folder())
        await fine.put(replace(NOTE, client_code=canary.CODE), canary.FILES, "k1")
        logging.getLogger("adapters").error("It failed.", exc_info=refused.value)
        await sink.close()
        await fine.close()
    assert "It failed." in stream.getvalue()
    assert canary.overheard(stream.getvalue(), repr(refused.value)) == []
    assert refused.value.__suppress_context__


async def test_calls_that_wait_for_a_deaf_server_do_not_queue_up_behind_it() -> None:
    with closing(socket.socket()) as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        values = {**GOOD, "server": "127.0.0.1", "port": deaf.getsockname()[1], "timeout_seconds": 1}
        sink = with_settings(values, {"password": "p4ss"})
        failed = await asyncio.gather(*(sink.put(NOTE, FILES, "k1") for _ in range(6)), return_exceptions=True)
        assert {type(error) for error in failed} == {Temporary}
        async with asyncio.timeout(4):  # a queue behind the deaf server would take 6 seconds more
            while any(thread.name == "afternote-smb" for thread in threading.enumerate()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await sink.close()


GOOD = {"server": "files", "share": "records", "username": "clinic"}


@pytest.mark.parametrize(
    ("values", "secrets", "said"),
    [
        ({"share": "r", "username": "c"}, {"password": "p4ss"}, "[adapter.chart] server: must be given"),
        ({"server": "s", "username": "c"}, {"password": "p4ss"}, "[adapter.chart] share: must be given"),
        ({"server": "s", "share": "r"}, {"password": "p4ss"}, "[adapter.chart] username: must be given"),
        (GOOD, {}, "AFTERNOTE_ADAPTER_CHART_PASSWORD: must be set"),
        ({**GOOD, "server": r"\\files\records"}, {"password": "p4ss"}, "server: must be a bare name"),
        ({**GOOD, "share": "records/notes"}, {"password": "p4ss"}, "share: must be a bare name"),
        ({**GOOD, "encrypt": "no"}, {"password": "p4ss"}, "encrypt: must be true or false"),
        ({**GOOD, "auth": "basic"}, {"password": "p4ss"}, "auth: must be one of negotiate, ntlm, kerberos"),
        ({**GOOD, "files": ["exe"]}, {"password": "p4ss"}, "files: exe; choose from"),
        ({**GOOD, "timeout_seconds": 0}, {"password": "p4ss"}, "1 second or more"),
        ({**GOOD, "password": "p4ss"}, {}, "a secret does not belong in this file"),
    ],
)
def test_wrong_settings_are_named(values: Mapping[str, object], secrets: Mapping[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=r".") as wrong:
        with_settings(values, secrets)
    assert said in str(wrong.value)
    assert "p4ss" not in str(wrong.value)


def test_a_password_is_not_printed_with_the_server_it_is_for() -> None:
    assert "p4ss" not in repr(vars(with_settings(GOOD, {"password": "p4ss"})))
