"""The folder sink: the contract with and without hard links, crashes, shares that went away, rights."""

# ruff: noqa: ASYNC240 - looking at files blocks the loop, and in these tests nobody else waits for it.

import errno
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

import adapters.put_if_absent
from adapters.folder import MARKER, FolderSink
from adapters.registry import open_sink
from bot.domain.errors import Conflict, Permanent, Temporary
from bot.domain.ids import NoteId
from bot.ports import FiledNote
from tests.contract.filed_files import filed_in
from tests.contract.note_sink_contract import FILES, NOTE, NoteSinkContract, StoppedClock
from tests.doubles import canary

REFERENCE = "JD-014/2026-11-20_soap_n0123456789abcdefg"
SIDECAR = f"{REFERENCE}.receipt.json"


def prepared(root: Path) -> FolderSink:
    sink = FolderSink(root, StoppedClock())
    sink.prepare()
    return sink


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "filed"


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without hard links."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "no links here")

    monkeypatch.setattr(adapters.put_if_absent, "_link", refuse)


class TestFolderSink(NoteSinkContract):
    @pytest.fixture
    def sink(self, root: Path) -> FolderSink:
        self.root = root
        return prepared(root)

    async def held(self, sink: FolderSink, note: FiledNote, key: str) -> Mapping[str, bytes]:
        return filed_in(self.root, note, key)


@pytest.mark.usefixtures("no_links")
class TestFolderSinkWithoutLinks(TestFolderSink):
    pass


async def test_the_reference_is_the_stem_and_files_are_private(root: Path) -> None:
    receipt = await prepared(root).put(NOTE, FILES, "k1")
    assert receipt.reference == REFERENCE
    files = [path for path in root.rglob("*") if path.is_file()]
    assert len(files) == len(FILES) + 2
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert (root / "JD-014").stat().st_mode & 0o777 == 0o700


async def test_another_key_for_the_same_note_is_a_conflict(root: Path) -> None:
    sink = prepared(root)
    await sink.put(NOTE, FILES, "k1")
    with pytest.raises(Conflict) as refused:
        await sink.put(NOTE, FILES, "k2")
    assert refused.value.reference == REFERENCE


@pytest.mark.parametrize("done", range(len(FILES) + 1))
async def test_after_a_crash_between_files_a_retry_completes(root: Path, done: int) -> None:
    sink = prepared(root)
    (root / "JD-014").mkdir()
    for kind in list(FILES)[:done]:
        (root / f"{REFERENCE}.{kind}").write_bytes(FILES[kind])
    receipt = await sink.put(NOTE, FILES, "k1")
    assert receipt.outcome == "stored"
    assert {kind: (root / f"{REFERENCE}.{kind}").read_bytes() for kind in FILES} == FILES


@pytest.mark.usefixtures("no_links")
@pytest.mark.parametrize("cut", ["pdf", "json", "txt", "receipt.json"])
async def test_a_file_that_a_crash_cut_short_is_completed(root: Path, cut: str) -> None:
    await prepared(root).put(NOTE, FILES, "k1")
    whole = (root / f"{REFERENCE}.{cut}").read_bytes()
    if cut != "receipt.json":
        (root / SIDECAR).unlink()
    (root / f"{REFERENCE}.{cut}").write_bytes(whole[:5])
    receipt = await prepared(root).put(NOTE, FILES, "k1")
    assert receipt.outcome == ("already" if cut == "receipt.json" else "stored")
    assert (root / f"{REFERENCE}.{cut}").read_bytes() == whole


async def test_a_file_of_somebody_else_is_never_touched(root: Path) -> None:
    sink = prepared(root)
    (root / "JD-014").mkdir()
    (root / f"{REFERENCE}.json").write_bytes(b"not ours")
    with pytest.raises(Conflict):
        await sink.put(NOTE, FILES, "k1")
    assert (root / f"{REFERENCE}.json").read_bytes() == b"not ours"
    assert not (root / SIDECAR).exists()


async def test_a_filed_note_that_was_cut_short_later_is_a_conflict_not_a_repair(root: Path) -> None:
    sink = prepared(root)
    await sink.put(NOTE, FILES, "k1")
    (root / f"{REFERENCE}.txt").write_bytes(FILES["txt"][:4])
    with pytest.raises(Conflict):
        await sink.put(NOTE, FILES, "k1")
    assert (root / f"{REFERENCE}.txt").read_bytes() == FILES["txt"][:4]


async def test_the_sidecar_comes_last(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def link(source: Path, target: Path) -> None:
        order.append(target.name.partition(".")[2])
        os.link(source, target)

    monkeypatch.setattr(adapters.put_if_absent, "_link", link)
    await prepared(root).put(NOTE, FILES, "k1")
    assert order == [*FILES, "receipt.json"]


async def test_a_share_that_went_away_is_temporary_and_is_not_created_anew(root: Path) -> None:
    sink = FolderSink(root, StoppedClock())
    with pytest.raises(Temporary) as away:
        await sink.put(NOTE, FILES, "k1")
    assert away.value.code == "folder:away"
    assert not root.exists()
    assert (await sink.check())[0].startswith(f"{root} does not exist. Mount the share")


async def test_an_empty_mount_point_gets_no_notes(root: Path) -> None:
    root.mkdir()
    sink = FolderSink(root, StoppedClock())
    with pytest.raises(Temporary):
        await sink.put(NOTE, FILES, "k1")
    assert not any(root.iterdir())
    assert MARKER in (await sink.check())[0]


async def test_a_file_where_the_folder_should_be_is_named(root: Path) -> None:
    root.write_bytes(b"")
    sink = FolderSink(root, StoppedClock())
    sink.prepare()
    assert (await sink.check())[0].startswith(f"{root} is not a folder.")
    with pytest.raises((Temporary, Permanent)):
        await sink.put(NOTE, FILES, "k1")
    assert root.read_bytes() == b""


async def test_a_file_where_a_client_has_a_folder_waits_for_a_person_and_is_not_quoted(root: Path) -> None:
    sink = prepared(root)
    (root / canary.CODE).write_bytes(b"")
    with canary.captured_logs() as logs, pytest.raises(Permanent) as refused:
        await sink.put(replace(NOTE, client_code=canary.CODE), canary.FILES, "k1")
    assert refused.value.code == "folder:refused:enotdir"
    assert canary.overheard(logs.getvalue(), refused.value) == []


async def test_check_leaves_nothing_behind(root: Path) -> None:
    assert await prepared(root).check() == []
    assert [path.name for path in root.iterdir()] == [MARKER]


async def test_a_read_only_folder_is_permanent_and_check_says_so(root: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere, so rights cannot be tested as root")
    sink = prepared(root)
    root.chmod(0o500)
    with pytest.raises(Permanent) as refused:
        await sink.put(NOTE, FILES, "k1")
    assert refused.value.code == "folder:not_allowed:eacces"
    assert "cannot be written" in (await sink.check())[0]
    root.chmod(0o700)


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        (errno.ENOSPC, Temporary, "folder:full:enospc"),
        (errno.EDQUOT, Temporary, "folder:full:edquot"),
        (errno.EIO, Temporary, "folder:broken:eio"),
        (errno.ETIMEDOUT, Temporary, "folder:timeout:etimedout"),
        (errno.ESTALE, Temporary, "folder:away:estale"),
        (errno.ENOTCONN, Temporary, "folder:away:enotconn"),
        (errno.EHOSTDOWN, Temporary, "folder:away:ehostdown"),
        (errno.EBUSY, Temporary, "folder:busy:ebusy"),
        (errno.EACCES, Permanent, "folder:not_allowed:eacces"),
        (errno.EROFS, Permanent, "folder:read_only:erofs"),
        (errno.ENAMETOOLONG, Permanent, "folder:refused:enametoolong"),
        (errno.EFBIG, Permanent, "folder:too_large:efbig"),
        (0, Temporary, "folder:broken"),
    ],
)
async def test_system_errors_keep_their_code_and_lose_the_path(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Temporary | Permanent], code: str
) -> None:
    def fail(_: Path, target: Path) -> None:
        raise OSError(number, "failed", str(target))

    sink = prepared(root)
    monkeypatch.setattr(adapters.put_if_absent, "_link", fail)
    with pytest.raises(kind) as failed:
        await sink.put(NOTE, FILES, "k1")
    assert str(failed.value) == code
    assert failed.value.__suppress_context__
    assert not list(root.rglob("*.pdf"))
    assert [path.name for path in root.rglob(".afternote-*")] == [MARKER]


async def test_a_file_kind_that_was_not_rendered_is_permanent(root: Path) -> None:
    with pytest.raises(Permanent):
        await prepared(root).put(NOTE, {"txt": b"x"}, "k1")


@pytest.mark.parametrize("code", ["../../etc", "/etc/passwd", "..", ".", "", "a/b\\c", "Ünal 7", "\x00", "x" * 300])
async def test_no_client_code_leaves_the_root(root: Path, code: str) -> None:
    receipt = await prepared(root).put(replace(NOTE, client_code=code), FILES, "k1")
    assert len(receipt.reference.split("/")) == 2
    assert (root / f"{receipt.reference}.pdf").resolve().is_relative_to(root.resolve())
    assert set(receipt.reference) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/")


async def test_codes_that_look_alike_once_made_safe_keep_apart(root: Path) -> None:
    sink = prepared(root)
    one, two = (replace(NOTE, client_code=c, note_id=NoteId(f"n{c.encode().hex()}")) for c in ("Ä-1", "Ö-1"))
    first, second = await sink.put(one, FILES, "k1"), await sink.put(two, FILES, "k2")
    assert first.reference.split("/")[0] != second.reference.split("/")[0]


CHILD = """
import asyncio, errno, sys
from datetime import datetime, UTC
from pathlib import Path
import adapters.put_if_absent
from adapters.folder import FolderSink
from bot.ports import FiledNote

class Clock:
    def now(self):
        return datetime.now(UTC)

if sys.argv[2] == "no-links":
    def refuse(*_):
        raise OSError(errno.EOPNOTSUPP, "no links here")
    adapters.put_if_absent._link = refuse

async def main():
    sink = FolderSink(Path(sys.argv[1]), Clock())
    print("ready", flush=True)
    for number in range(100000):
        note = FiledNote(f"n{number:016}", "larkspur", "JD-014", "soap", "2026-11-20", "ab" * 32)
        files = {kind: f"{kind} {number} ".encode() * 20_000 for kind in ("pdf", "json", "txt")}
        await sink.put(note, files, f"k{number}")
        print(number, flush=True)

asyncio.run(main())
"""  # killed_note and killed_files again, without pytest, which takes half a second to import


def killed_note(number: int) -> FiledNote:
    return replace(NOTE, note_id=NoteId(f"n{number:016}"))


def killed_files(number: int) -> Mapping[str, bytes]:
    return {kind: f"{kind} {number} ".encode() * 20_000 for kind in FILES}


@pytest.mark.parametrize("links", ["links", "no-links"])
async def test_killed_twenty_times_every_note_is_complete_and_there_once(
    root: Path, links: str, request: pytest.FixtureRequest
) -> None:
    if links == "no-links":
        request.getfixturevalue("no_links")
    sink, chance = prepared(root), random.Random(20)
    last = -1
    for _ in range(20):
        last = max(last, killed_run(root, links, chance.uniform(0.0, 0.04)))
    assert last >= 0, "the children never got anywhere"
    for number in range(last + 2):
        await sink.put(killed_note(number), killed_files(number), f"k{number}")
    names = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and path.name != MARKER]
    assert len(names) == (last + 2) * (len(FILES) + 1)
    for number in range(last + 2):
        for kind, data in killed_files(number).items():
            (path,) = root.rglob(f"*{killed_note(number).note_id}.{kind}")
            assert path.read_bytes() == data


def killed_run(root: Path, links: str, seconds: float) -> int:
    """Let a child put notes, kill it somewhere in the middle, and say which note it confirmed last."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", CHILD, str(root), links]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
        confirmed = [int(line) for line in child.stdout if line.endswith("\n")]
    return max(confirmed, default=-1)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"layout": "{client_name}/{note_id}"}, "unknown placeholder {client_name}"),
        ({"layout": "{client_code}/{session_date}"}, "{note_id}"),
        ({"layout": "../{note_id}"}, "relative path"),
        ({"layout": "/srv/{note_id}"}, "relative path"),
        ({"layout": "notes of {note_id}"}, "only letters"),
        ({"layout": "{note_id!r}"}, "no format"),
        ({"layout": "{note_id"}, "layout:"),
        ({"layout": 3}, "layout: must be text"),
        ({"files": ["pdf", "exe"]}, "files: exe"),
        ({"files": "pdf"}, "files: must be a list"),
        ({"files": []}, "files: empty"),
        ({"path": ""}, "path: must be text"),
        ({"group_by_year": 1}, "group_by_year"),
        ({"colour": "red"}, "colour: unknown key"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, settings: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=r"^\[adapter\.folder\] ") as wrong:
        open_sink("folder", "folder", settings, {}, tmp_path, StoppedClock())
    assert words in str(wrong.value)


async def test_from_settings_a_folder_in_the_home_is_ready_at_once(tmp_path: Path) -> None:
    settings = {"path": "filed-notes", "files": ["txt"], "group_by_year": True}
    sink = open_sink("folder", "folder", settings, {}, tmp_path, StoppedClock())
    assert list(await sink.check()) == []
    receipt = await sink.put(NOTE, FILES, "k1")
    assert receipt.reference == "JD-014/2026/2026-11-20_soap_n0123456789abcdefg"
    assert receipt.sha256 == hashlib.sha256(FILES["txt"]).hexdigest()


async def test_from_settings_a_share_waits_for_its_marker(tmp_path: Path) -> None:
    home, share = tmp_path / "home", tmp_path / "share"
    home.mkdir()
    share.mkdir()
    sink = open_sink("share", "folder", {"path": str(share)}, {}, home, StoppedClock())
    assert MARKER in (await sink.check())[0]
    (share / MARKER).touch()
    assert list(await sink.check()) == []
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"


def test_a_path_that_begins_with_a_user_nobody_knows_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^\[adapter.folder\] path: begins with ~"):
        open_sink("folder", "folder", {"path": "~no-such-user-here/notes"}, {}, tmp_path, StoppedClock())


async def test_a_link_in_the_home_that_leads_to_a_share_waits_for_its_marker_too(tmp_path: Path) -> None:
    home, share = tmp_path / "home", tmp_path / "share"
    home.mkdir()
    share.mkdir()
    (home / "filed-notes").symlink_to(share)
    sink = open_sink("folder", "folder", {}, {}, home, StoppedClock())
    assert MARKER in (await sink.check())[0]
    assert not any(share.iterdir())


def test_an_unknown_kind_is_named_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"“ftp” is unknown; known are .*folder"):
        open_sink("ftp", "ftp", {}, {}, tmp_path, StoppedClock())
