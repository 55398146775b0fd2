"""Writing a file once: all of it or none of it, never over another one. Blocking; call it in a thread.

With hard links: temporary file → fsync → link to the final name → fsync of the folder. Where links do not exist the
final name is created exclusively and filled; a crash midway leaves the beginning of our bytes, which the next try
completes. Both are safe with several writers of the same bytes.
"""

import errno
import hashlib
import os
import secrets
from enum import Enum
from pathlib import Path

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
    if path.exists() and _common(path, data) == (len(data), True):
        return Put.SAME
    created, linked = _put_new(path, data)
    return Put.CREATED if created else _compared(path, data, may_complete and not linked)


def remove_temporaries(path: Path) -> None:
    """Delete what crashed puts to `path` left behind. Call it when `path` is known to be complete."""
    for leftover in path.parent.glob(f"{_temporary_prefix(path)}*"):
        leftover.unlink(missing_ok=True)


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


def _put_new(path: Path, data: bytes) -> tuple[bool, bool]:
    """Whether this call created `path`, and whether the file system has links, so that every file is whole."""
    temporary = path.with_name(_temporary_prefix(path) + secrets.token_hex(6))
    try:
        write_exclusively(temporary, data)
        created, linked = _linked(temporary, path)
        if not linked:
            created = _written(path, data)
    finally:
        temporary.unlink(missing_ok=True)
    if created:
        sync_folder(path.parent)
    return created, linked


def _linked(temporary: Path, path: Path) -> tuple[bool, bool]:
    """Give the temporary file its final name: (created, file system has links)."""
    try:
        _link(temporary, path)
    except FileExistsError:
        return False, True
    except FileNotFoundError:
        if path.exists():  # whoever completed `path` removed our temporary file
            return False, True
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return False, False
    return True, True


def _written(path: Path, data: bytes) -> bool:
    try:
        write_exclusively(path, data)
    except FileExistsError:
        return False
    return True


def _compared(path: Path, data: bytes, may_complete: bool) -> Put:
    size, same = _common(path, data)
    if same and size == len(data):
        return Put.SAME
    if not (may_complete and same and size < len(data)):
        return Put.OTHER
    with path.open("r+b") as file:
        file.seek(size)  # at its place, not appended: two writers that finish the same file write the same bytes
        file.write(data[size:])
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return Put.COMPLETED


def _common(path: Path, data: bytes) -> tuple[int, bool]:
    """How long the file is, and whether all of it is the beginning of `data`."""
    position = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if data[position : position + len(chunk)] != chunk:
                return position, False
            position += len(chunk)
    return position, True


def _temporary_prefix(path: Path) -> str:
    return f".afternote-{hashlib.sha256(path.name.encode()).hexdigest()[:16]}-"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, _FILE_MODE)
