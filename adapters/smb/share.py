"""Files on a share, each put whole and once: a temporary file gets its final name by a hard link.

FILE_CREATE on the final name would refuse to overwrite as well, but a crash midway would leave half a note under a
note's name. A link refuses on every server; where the file system has none, a rename without “replace” does. Blocking.
"""

import hashlib
import ntpath
import secrets
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, cast

from adapters.file_set import MARK
from adapters.render import KINDS
from adapters.smb.errors import ACCESS_DENIED, KIND, NAME_COLLISION, NO_LINKS, NOT_FOUND, status_of
from bot.domain.errors import Temporary
from bot.domain.filing import Reason, code_of

PREFIX = ".afternote-"


class Share:
    """The folder `root` (`\\\\server\\share\\folder`). It must exist; folders below it are made. Raises smbclient's.

    `arguments`: what its calls take to use our connection.
    """

    def __init__(self, arguments: Mapping[str, Any], root: str) -> None:
        self._smb: Any = import_module("smbclient")
        self._arguments, self._root = arguments, root

    def put_new(self, path: str, data: bytes) -> bool:
        """Create the file unless something is there; True when this call created it."""
        final = self._path(path)
        self._make_folders(path)
        created = False if self._there(final) else self._create(final, data)
        if final.endswith(f".{MARK}"):
            self._remove_leftovers(final)
        return created

    def refuses(self, path: str, data: bytes) -> bool:
        """Whether the server itself, without our looking first, keeps what is there from being replaced."""
        return not self._create(self._path(path), data)

    def read(self, path: str) -> bytes | None:
        """The file's bytes, None when there is none (but the root must be there)."""
        try:
            with self._opened(self._path(path), "rb", "rwd") as file:
                return cast(bytes, file.readall())
        except OSError as error:
            if status_of(error) not in NOT_FOUND:
                raise
        self._smb.stat(self._root, **self._arguments)
        return None

    def modified(self, path: str) -> float:
        """When the file was changed, by the server's clock, in seconds since 1970."""
        return float(self._smb.stat(self._path(path), **self._arguments).st_mtime)

    def forget(self, path: str) -> None:
        """Remove a file and its folder, if they are there."""
        self._remove(self._path(path))
        if folder := path.rpartition("/")[0]:
            with suppress(OSError):
                self._smb.rmdir(self._path(folder), **self._arguments)

    def _path(self, path: str) -> str:
        return "\\".join((self._root, *path.split("/")))

    def _create(self, final: str, data: bytes) -> bool:
        folder, name = ntpath.split(final)
        temporary = ntpath.join(folder, _temporary_prefix(name) + secrets.token_hex(6))
        try:
            with self._opened(temporary, "xb", "") as file:
                position = 0
                while position < len(data):
                    position += cast(int, file.write(data[position:]))
                file.fd.flush()
            return self._name(temporary, final)
        finally:
            self._remove(temporary)

    def _name(self, temporary: str, final: str) -> bool:
        """Give the file its final name. False: something has that name."""
        try:
            try:
                self._smb.link(temporary, final, **self._arguments)
            except OSError as error:
                if status_of(error) not in (*NO_LINKS, ACCESS_DENIED):
                    raise
                self._smb.rename(temporary, final, **self._arguments)
            return True
        except OSError as error:
            if status_of(error) == NAME_COLLISION or self._there(final):
                return False
            if status_of(error) in NOT_FOUND:  # whoever completed the note removed our temporary file
                raise Temporary(code_of(KIND, Reason.BROKEN)) from None
            raise

    def _there(self, path: str) -> bool:
        try:
            self._smb.stat(path, follow_symlinks=False, **self._arguments)
        except OSError as error:
            if status_of(error) in NOT_FOUND:
                return False
            raise
        return True

    def _make_folders(self, path: str) -> None:
        """The folders of `path` below the root, one after the other."""
        parts = path.split("/")[:-1]
        if not parts or self._there(self._path("/".join(parts))):
            return
        self._smb.stat(self._root, **self._arguments)
        for depth in range(1, len(parts) + 1):
            try:
                self._smb.mkdir(self._path("/".join(parts[:depth])), **self._arguments)
            except OSError as error:
                if status_of(error) != NAME_COLLISION:
                    raise

    def _remove(self, path: str) -> None:
        with suppress(Exception):  # it is not there, or the connection is not
            self._smb.remove(path, **self._arguments)

    def _remove_leftovers(self, mark: str) -> None:
        """What crashed puts of this note left behind, now that it is complete."""
        folder, name = ntpath.split(mark)
        stem = name.removesuffix(MARK)
        ours = tuple(_temporary_prefix(f"{stem}{kind}") for kind in (*KINDS, MARK))
        for found in self._smb.listdir(folder, search_pattern=f"{PREFIX}*", **self._arguments):
            if str(found).startswith(ours):
                self._remove(ntpath.join(folder, str(found)))

    @contextmanager
    def _opened(self, path: str, mode: str, sharing: str) -> Generator[Any]:
        file: Any = self._smb.open_file(path, mode=mode, buffering=0, share_access=sharing, **self._arguments)
        try:
            yield file
        finally:
            try:
                file.close()
            finally:
                file.fd._connected = False  # a handle ends with its connection, and must not warn about it later


def _temporary_prefix(name: str) -> str:
    return f"{PREFIX}{hashlib.sha256(name.encode()).hexdigest()[:16]}-"
