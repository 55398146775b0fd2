"""Writing a file once: all of it or none of it, never over another one. Blocking; call it in a thread.

With hard links: temporary file → fsync → link to the final name → fsync of the folder. Where links do not exist the
final file is filled under a lock; a crash midway leaves the beginning of our bytes, which the next try completes.
"""

import errno
import hashlib
import os
import secrets
import sys
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl

_FILE_MODE = 0o600
_FOLDER_MODE = 0o700
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV)
_CHUNK = 1 << 20
_link = os.link


class Put(Enum):
    """What came of a put."""

    CREATED = "created"  # by this call and no other
    COMPLETED = "completed"
    SAME = "same"
    OTHER = "other"


def put_if_absent(path: Path, data: bytes, *, may_complete: bool) -> Put:
    """Make `path` hold `data` unless it holds something. OTHER: it holds other bytes, which stay.

    `may_complete`: where links do not exist, a file that holds only the beginning of `data` is an unfinished put of
    ours and is finished. Raises OSError.
    """
    if path.exists() and _begins(path, data) == len(data):
        return Put.SAME
    temporary = path.with_name(_temporary_prefix(path) + secrets.token_hex(6))
    try:
        write_exclusively(temporary, data)
        put = _put_by_link(temporary, path, data)
    finally:
        _remove(temporary)
    put = put or _put_by_lock(path, data, may_complete)
    if put in (Put.CREATED, Put.COMPLETED):
        sync_folder(path.parent)
    return put


def remove_temporaries(path: Path) -> None:
    """Delete what crashed puts to `path` left behind. Call it when `path` is known to be complete."""
    for leftover in path.parent.glob(f"{_temporary_prefix(path)}*"):
        _remove(leftover)


def make_folders(folder: Path, root: Path) -> None:
    """Create `folder` below an existing `root`, each level private to us and on disk before the next."""
    if folder == root or folder.is_dir():
        return
    make_folders(folder.parent, root)
    folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to disk (Windows has no such call and needs none)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_exclusively(path: Path, data: bytes) -> None:
    """Create `path` with `data`, on disk when this returns. Raises FileExistsError."""
    with open(path, "xb", opener=_private) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _put_by_link(temporary: Path, path: Path, data: bytes) -> Put | None:
    """Give the temporary file its final name; None where that does not exist."""
    try:
        _link(temporary, path)
    except FileExistsError:
        return _same_or_other(path, data)
    except FileNotFoundError:
        if path.exists():  # whoever completed `path` removed our temporary file
            return _same_or_other(path, data)
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return None
    return Put.CREATED


def _put_by_lock(path: Path, data: bytes, may_complete: bool) -> Put:
    """Fill the final file in place. The lock, which ends with the process, keeps two live writers from mixing."""
    try:
        file = open(path, "x+b", opener=_private)  # noqa: SIM115 - closed by the with below
        mine = True
    except FileExistsError:
        file, mine = path.open("r+b"), False
    with file:
        _lock(file)
        size = _begins(path, data)
        if size == len(data):
            return Put.SAME
        if size is None or not (mine or may_complete):
            return Put.OTHER
        file.seek(size)
        file.write(data[size:])
        file.flush()
        os.fsync(file.fileno())
    return Put.COMPLETED if size else Put.CREATED


def _remove(path: Path) -> None:
    """A temporary file. Where nothing can be removed it stays, and what counts is there all the same."""
    with suppress(OSError):
        path.unlink()


def _lock(file: BinaryIO) -> None:
    """Wait for the file. Where locks do not exist, the ledger's one sender a note has to be enough."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX)


def _same_or_other(path: Path, data: bytes) -> Put:
    return Put.SAME if _begins(path, data) == len(data) else Put.OTHER


def _begins(path: Path, data: bytes) -> int | None:
    """The file's length when all of it is the beginning of `data`, else None."""
    position = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if data[position : position + len(chunk)] != chunk:
                return None
            position += len(chunk)
    return position


def _temporary_prefix(path: Path) -> str:
    return f".afternote-{hashlib.sha256(path.name.encode()).hexdigest()[:16]}-"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, _FILE_MODE)
