"""Files notes in a folder: a local disk, a network share, a synced folder. The sink that every practice can use.

What a note is there, and when it counts as filed: `file_set`. How one file is written: `put_if_absent`.
"""

import errno
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from adapters.about import Ability, About, Setting
from adapters.file_set import DEFAULT_FILES, DEFAULT_LAYOUT, FILE_SETTINGS, Arrangement, Found, commit_note
from adapters.own_threads import OwnThreads
from adapters.put_if_absent import (
    Put,
    make_folders,
    put_if_absent,
    remove_temporaries,
    sync_folder,
    write_exclusively,
)
from adapters.settings import SinkSettings
from bot.domain.errors import EffectError, Permanent, Temporary
from bot.domain.filing import Reason, code_of
from bot.ports import Clock, FiledNote, Receipt

MARKER = ".afternote-folder"
KIND = "folder"
_T = TypeVar("_T")
_REASONS = {
    Reason.NOT_ALLOWED: (errno.EACCES, errno.EPERM),
    Reason.READ_ONLY: (errno.EROFS,),
    Reason.FULL: (errno.ENOSPC, errno.EDQUOT),
    Reason.TIMEOUT: (errno.ETIMEDOUT,),
    Reason.BUSY: (errno.EBUSY, errno.EAGAIN, errno.EMFILE, errno.ENFILE),
    Reason.TOO_LARGE: (errno.EFBIG,),
    Reason.REFUSED: (errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EINVAL, errno.EILSEQ),
    Reason.AWAY: (
        *(errno.ENOENT, errno.ESTALE, errno.ENOTCONN, errno.EHOSTDOWN, errno.EHOSTUNREACH),
        *(errno.ENETDOWN, errno.ENETUNREACH, errno.ENODEV, errno.ENXIO),
    ),
}
_PERMANENT = (Reason.NOT_ALLOWED, Reason.READ_ONLY, Reason.TOO_LARGE, Reason.REFUSED)


class FolderSink:
    """A NoteSink on a file system. The receipt's SHA-256 is that of the first of `files`, the one a person opens.

    `root` counts as ours when it holds the marker file that `prepare` puts there once. A share that is not mounted
    has no marker, so notes wait instead of landing under an empty mount point. `seconds`: how long a file may take.
    """

    def __init__(
        self,
        root: Path,
        clock: Clock,
        layout: str = DEFAULT_LAYOUT,
        files: Sequence[str] = DEFAULT_FILES,
        seconds: float = 20.0,
    ) -> None:
        self._root, self._clock, self._seconds = root, clock, seconds
        self._arrangement = Arrangement(layout, files)
        self._threads = OwnThreads("afternote-folder", seconds=seconds)

    ABOUT = About(
        "A folder: a local disk, a network share, a folder that another program synchronises.",
        (
            Setting("path", "the folder; a relative one is inside the practice's home", "filed-notes"),
            *FILE_SETTINGS,
            Setting("timeout_seconds", "how long one file may take", 20),
        ),
        (Ability.REFUSES_OVERWRITE, Ability.READS_BACK),
    )

    @classmethod
    def from_settings(cls, settings: SinkSettings, home: Path, clock: Clock) -> "FolderSink":
        """A folder inside the practice's home is prepared at once.

        Any other one may be a share, so only a person says that it is the right one (see `check`). Raises ValueError.
        """
        path = settings.path("path", home)
        chosen = Arrangement.from_settings(settings)
        sink = cls(path, clock, chosen.layout, chosen.files, settings.seconds("timeout_seconds"))
        if _is_inside(path, home):
            sink.prepare()
        return sink

    def prepare(self) -> None:
        """Make the root ours if nobody did: create it inside an existing folder and leave the marker.

        What keeps it from that is for `check` to say. `put` and `check` never do this: they cannot tell a first time
        from a share that went away.
        """
        with suppress(OSError):
            self._root.mkdir(mode=0o700, exist_ok=True)
            if not (self._root / MARKER).exists():
                write_exclusively(self._root / MARKER, b"Signed notes filed by Afternote. Leave this file here.\n")
                sync_folder(self._root)

    async def check(self) -> Sequence[str]:
        """Whether notes can be filed here: the marker, and a put that must refuse to overwrite."""
        try:
            return await self._threads.run(self._problems)
        except TimeoutError:
            return [f"{self._root} did not answer within {self._seconds:g} seconds. Is the share’s server up?"]

    async def put(self, note: FiledNote, files: Mapping[str, bytes], key: str) -> Receipt:
        """File the note under its stem. See NoteSink; the reference is the stem below the root."""
        return await commit_note(self, self._arrangement, note, files, key, KIND, self._clock)

    async def put_new(self, path: str, data: bytes, *, may_complete: bool) -> bool:
        """See `file_set.Store`. A file on a file system without hard links can be left unfinished by a crash."""
        return await self._run(lambda: self._put_new(self._root / path, data, may_complete))

    async def read(self, path: str) -> Found | None:
        """See `file_set.Store`."""
        return await self._run(lambda: self._read(self._root / path))

    async def close(self) -> None:
        """Nothing is held open."""

    async def _run(self, work: Callable[[], _T]) -> _T:
        """Work on the file system, its OSErrors as codes alone: their messages would name a path with a client code."""
        try:
            return await self._threads.run(work)
        except OSError as error:
            raise _effect_error(error) from None

    def _problems(self) -> list[str]:
        try:
            if not self._root.is_dir():
                what = "is not a folder" if self._root.exists() else "does not exist"
                return [f"{self._root} {what}. Mount the share, create the folder, or change `path`."]
            if not (self._root / MARKER).exists():
                how = f"mount the share, or create an empty file {MARKER} in it if this is the right folder"
                return [f"{self._root} is not known as the folder for filed notes: {how}."]
            kept = self._probed()
        except OSError as error:
            return [f"{self._root} cannot be written: {error.strerror}."]
        return [] if kept else [f"{self._root} lets files be overwritten; notes are not safe there."]

    def _probed(self) -> bool:
        """Whether a second put to one name is refused."""
        probe = self._root / f".afternote-probe-{secrets.token_hex(6)}"
        try:
            created = put_if_absent(probe, b"one", may_complete=False)
            again = put_if_absent(probe, b"two", may_complete=False)
        finally:
            _forget(probe)
        return (created, again) == (Put.CREATED, Put.OTHER)

    def _at_home(self) -> None:
        """Before every file, because a share can go away between two. Raises Temporary."""
        if not (self._root / MARKER).exists():
            raise Temporary(code_of(KIND, Reason.AWAY))

    def _put_new(self, path: Path, data: bytes, may_complete: bool) -> bool:
        self._at_home()
        make_folders(path.parent, self._root)
        put = put_if_absent(path, data, may_complete=may_complete)
        if put is not Put.OTHER:
            remove_temporaries(path)
        return put is Put.CREATED

    def _read(self, path: Path) -> Found | None:
        self._at_home()
        try:
            return Found(path.read_bytes())
        except FileNotFoundError:
            return None


def _is_inside(path: Path, home: Path) -> bool:
    """Whether the path is in the practice's home, links followed. A path elsewhere is not touched: it may hang."""
    written = Path(os.path.abspath(path))
    near = any(written.is_relative_to(root) for root in (os.path.abspath(home), home.resolve()))
    return near and written.resolve().is_relative_to(home.resolve())


def _effect_error(error: OSError) -> EffectError:
    """A file system's error as Temporary or Permanent, with the name of its number."""
    number = errno.ETIMEDOUT if isinstance(error, TimeoutError) else error.errno or 0
    reason = next((reason for reason, numbers in _REASONS.items() if number in numbers), Reason.BROKEN)
    kind: type[EffectError] = Permanent if reason in _PERMANENT else Temporary
    return kind(code_of(KIND, reason, errno.errorcode.get(number, "").lower()))


def _forget(path: Path) -> None:
    with suppress(OSError):  # a probe that cannot be removed has been reported as one that cannot be written
        path.unlink(missing_ok=True)
        remove_temporaries(path)
