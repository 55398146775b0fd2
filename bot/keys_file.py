"""The key ring's file, for a practice that has no better place for it: `keys` in the home folder, mode 0600."""

import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path


class KeysFileError(Exception):
    """The keys file cannot be used. The sentence says what to do; it never holds a key."""


def load_or_create_keys(home: Path, generate: Callable[[], str]) -> str:
    """The key ring in `home`/keys; written once, with what `generate` gives, when there is none.

    Raises KeysFileError when others could read the file, when it is empty or when it cannot be read or written.
    """
    path = home / "keys"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _create(path, generate())
        return _read(path)
    except OSError as error:
        raise KeysFileError(f"{path}: {error.strerror or type(error).__name__}.") from None


def _create(path: Path, text: str) -> None:
    """Write beside it, then link: the file appears whole or not at all, and the first of two processes wins."""
    draft = path.with_name(f".keys-{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text.strip() + "\n")
            file.flush()
            os.fsync(file.fileno())
        _publish(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _publish(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        return  # another process was first; its keys are the ones
    if os.name == "nt":  # no directory handles there
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        if os.name != "nt" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise KeysFileError(f"{path} can be read by other users of this machine; run: chmod 600 {path}")
        text = file.read().strip()
    if not text:
        raise KeysFileError(f"{path} is empty: restore it from your backup; without it no stored note can be read.")
    return text
