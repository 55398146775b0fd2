"""The folder sink on real file systems that are full, read-only, gone or hanging. What needs root's rights is skipped
without them.
"""

# ruff: noqa: ASYNC240 - looking at files blocks the loop, and in these tests nobody else waits for it.

import asyncio
import errno
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

import adapters.put_if_absent
from adapters.folder import MARKER, FolderSink
from bot.domain.errors import Permanent, Temporary
from bot.domain.ids import NoteId
from tests.contract.note_sink_contract import FILES, NOTE, StoppedClock

REFERENCE = "JD-014/2026-11-20_soap_n0123456789abcdefg"
NOBODY = 65534
Mount = Callable[..., Path]


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def fill(path: Path) -> None:
    """Make the file longer until the disk is full."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    with suppress(OSError):
        while os.write(descriptor, bytes(4096)):
            pass
    os.close(descriptor)


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    """Mounts something on a folder of the test, as `mount ARGUMENTS folder` does."""
    mounted: list[Path] = []

    def mounter(*arguments: str, name: str = "share") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        done = subprocess.run(["mount", *arguments, str(folder)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"this machine does not let the test mount {' '.join(arguments[:2])}")
        mounted.append(folder)
        return folder

    yield mounter
    for folder in reversed(mounted):
        subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


@pytest.fixture
def small(mount: Mount) -> Path:
    """A file system of 256 KB with nothing but the marker."""
    folder = mount("-t", "tmpfs", "-o", "size=256k", "none")
    (folder / MARKER).touch()
    return folder


@pytest.fixture(params=["links", "no links"])
def _links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "no links":

        def refuse(*_: object) -> None:
            raise OSError(errno.EOPNOTSUPP, "no links here")

        monkeypatch.setattr(adapters.put_if_absent, "_link", refuse)


@pytest.mark.usefixtures("_links")
async def test_a_full_disk_is_temporary_and_the_note_is_completed_when_there_is_room(small: Path) -> None:
    sink, big = FolderSink(small, StoppedClock()), {**FILES, "json": bytes(range(256)) * 600}
    (small / "ballast").write_bytes(bytes(160_000))
    with pytest.raises(Temporary, match=r"^folder:full:enospc$"):
        await sink.put(NOTE, big, "k1")
    assert not list(small.rglob("*.receipt.json"))
    assert [path.name for path in small.rglob(".afternote-*")] == [MARKER]
    fill(small / "ballast")
    assert "No space left" in (await sink.check())[0]
    (small / "ballast").unlink()
    receipt = await sink.put(NOTE, big, "k1")
    assert receipt.outcome == "stored"
    assert {kind: (small / f"{REFERENCE}.{kind}").read_bytes() for kind in FILES} == big


async def test_a_disk_that_turned_read_only(small: Path) -> None:
    sink = FolderSink(small, StoppedClock())
    await sink.put(NOTE, FILES, "k1")
    run("mount", "-o", "remount,ro", str(small))
    assert "Read-only" in (await sink.check())[0]
    with pytest.raises(Permanent, match=r"^folder:read_only:erofs$"):
        await sink.put(replace(NOTE, note_id=NoteId("n2")), FILES, "k2")
    run("mount", "-o", "remount,rw", str(small))
    assert (await sink.put(replace(NOTE, note_id=NoteId("n2")), FILES, "k2")).outcome == "stored"


class Unplugged(FolderSink):
    """Its share goes away after so many files."""

    left = 2

    async def put_new(self, path: str, data: bytes, *, may_complete: bool) -> bool:
        self.left -= 1
        created = await super().put_new(path, data, may_complete=may_complete)
        if self.left == 0:
            run("umount", "-l", str(self._root))
        return created


async def test_a_share_that_goes_away_between_two_files(mount: Mount, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    (disk / MARKER).touch()
    share = mount("--bind", str(disk))
    with pytest.raises(Temporary, match=r"^folder:away$"):
        await Unplugged(share, StoppedClock()).put(NOTE, FILES, "k1")
    assert not any(share.iterdir()), "nothing lands under the empty mount point"
    assert (disk / f"{REFERENCE}.json").exists()
    assert not (disk / f"{REFERENCE}.receipt.json").exists()
    assert MARKER in (await FolderSink(share, StoppedClock()).check())[0]
    mount("--bind", str(disk))
    assert (await FolderSink(share, StoppedClock()).put(NOTE, FILES, "k1")).outcome == "stored"
    assert {kind: (disk / f"{REFERENCE}.{kind}").read_bytes() for kind in FILES} == FILES


async def test_a_file_system_without_links(mount: Mount, tmp_path: Path) -> None:
    """FAT, on a file as its disk."""
    if not (make := shutil.which("mkfs.vfat") or shutil.which("mkfs.fat", path="/usr/sbin:/sbin")):
        pytest.skip("mkfs.vfat is not installed")
    image = tmp_path / "fat.img"
    image.write_bytes(bytes(16 << 20))
    run(make, str(image))
    fat = mount("-t", "vfat", "-o", "loop", str(image))
    (fat / MARKER).touch()
    sink = FolderSink(fat, StoppedClock())
    assert await sink.check() == []
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "already"


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder that may be read but not written, and a process with nobody's rights."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to become somebody else")
    folder = Path(tempfile.mkdtemp(prefix="afternote-test-"))
    folder.chmod(0o755)
    (folder / MARKER).touch()
    os.seteuid(NOBODY)
    yield folder
    os.seteuid(0)
    shutil.rmtree(folder)


async def test_a_folder_that_may_not_be_written(nobody: Path) -> None:
    sink = FolderSink(nobody, StoppedClock())
    with pytest.raises(Permanent, match=r"^folder:not_allowed:eacces$"):
        await sink.put(NOTE, FILES, "k1")
    assert "Permission denied" in (await sink.check())[0]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Path]:
    """A folder in whose client's folder things are made and never removed, as an archive's rights have it."""
    client = tmp_path / "filed" / "JD-014"
    FolderSink(tmp_path / "filed", StoppedClock()).prepare()
    client.mkdir()
    if subprocess.run(["chattr", "+a", str(client)], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let the test forbid removal")
    yield tmp_path / "filed"
    run("chattr", "-a", str(client))


async def test_where_nothing_can_be_removed_notes_are_filed_all_the_same(archive: Path) -> None:
    sink = FolderSink(archive, StoppedClock())
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "stored"
    assert (await sink.put(NOTE, FILES, "k1")).outcome == "already"
    assert (archive / f"{REFERENCE}.pdf").read_bytes() == FILES["pdf"]


async def test_a_file_that_hangs_holds_up_nobody_else(tmp_path: Path) -> None:
    """Opening a FIFO that nobody writes to blocks as a dead share does. The limit is for the other note, too."""
    sink = FolderSink(tmp_path / "filed", StoppedClock(), seconds=3)
    sink.prepare()
    hanging = tmp_path / "filed" / f"{REFERENCE}.pdf"
    hanging.parent.mkdir()
    os.mkfifo(hanging)
    with pytest.raises(Temporary, match=r"^folder:timeout:etimedout$"):
        await sink.put(NOTE, FILES, "k1")
    assert sum(thread.name == "afternote-folder" for thread in threading.enumerate()) == 1
    assert (await sink.put(replace(NOTE, note_id=NoteId("n2")), FILES, "k2")).outcome == "stored"
    while any(thread.name == "afternote-folder" for thread in threading.enumerate()):
        with suppress(OSError):  # the thread opens the FIFO more than once, and not at this moment
            os.close(os.open(hanging, os.O_WRONLY | os.O_NONBLOCK))
        await asyncio.sleep(0.01)


async def test_a_folder_that_answers_nothing_is_told_by_check(tmp_path: Path) -> None:
    sink = FolderSink(tmp_path / "filed", StoppedClock(), seconds=0.3)
    sink.prepare()
    hanging = [tmp_path / "filed" / f"{number}" for number in range(8)]
    for path in hanging:
        os.mkfifo(path)
    lost = await asyncio.gather(*(sink.read(path.name) for path in hanging), return_exceptions=True)
    assert {str(error) for error in lost} == {"folder:timeout:etimedout"}
    assert "did not answer within 0.3 seconds" in (await sink.check())[0]
    for path in hanging:
        os.close(os.open(path, os.O_WRONLY))
