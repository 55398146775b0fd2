"""Files on an SFTP server, each put whole and once: a temporary file gets its final name by a hard link.

A link never replaces anything, on any system. Where the server has no links, a plain rename has to refuse by the
protocol; not every server keeps to that, so it is tried out first. `posix-rename` replaces, and is never used.
"""

import hashlib
import secrets
from contextlib import suppress
from posixpath import basename, dirname, join
from typing import TYPE_CHECKING, cast

from adapters.file_set import MARK
from adapters.render import KINDS
from adapters.sftp.errors import KIND
from bot.domain.errors import Permanent, Temporary
from bot.domain.filing import Reason, code_of

if TYPE_CHECKING:
    from asyncssh import SFTPClient

_FILE_MODE, _FOLDER_MODE = 0o600, 0o700
PREFIX = ".afternote-"


class Remote:
    """The folder `root` on the server behind `client`. It must exist; folders below it are made. Raises asyncssh's.

    Nothing here has a time limit: a request that hangs ends when its connection is ended.
    """

    def __init__(self, client: "SFTPClient", root: str) -> None:
        self.client = self._sftp = client
        self._root = root
        self._by_rename = False

    async def put_new(self, path: str, data: bytes) -> bool:
        """Create the file unless something is there; True when this call created it."""
        final = join(self._root, path)
        await self._make_folders(path)
        if await self._sftp.lexists(final):
            created = False
        else:
            created = await self._create(final, data)
        if basename(path).endswith(f".{MARK}"):
            await self._remove_leftovers(final)
        return created

    async def refuses(self, path: str, data: bytes) -> bool:
        """Whether the server itself, without our looking first, keeps what is there from being replaced."""
        return not await self._create(join(self._root, path), data)

    async def read(self, path: str) -> bytes | None:
        """The file's bytes, None when there is none (but the root must be there)."""
        import asyncssh

        try:
            async with self._sftp.open(join(self._root, path), "rb") as file:
                return cast(bytes, await file.read(-1))
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            await self._sftp.stat(self._root)
            return None

    async def stat_root(self) -> bool:
        """Whether the root is a folder. Raises SFTPNoSuchFile when nothing is there."""
        await self._sftp.stat(self._root)
        return await self._sftp.isdir(self._root)

    async def modified(self, path: str) -> float:
        """When the file was changed, by the server's clock, in seconds since 1970."""
        return float((await self._sftp.stat(join(self._root, path))).mtime or 0)

    async def is_full(self, size: int) -> bool:
        """Whether the server says that it has no room for `size` bytes; False where it does not say."""
        import asyncssh

        with suppress(asyncssh.SFTPError):
            space = await self._sftp.statvfs(self._root)
            return space.bavail * space.frsize < size or (space.favail == 0 and space.files > 0)
        return False

    async def forget(self, path: str) -> None:
        """Remove a file and its folder, if they are there."""
        import asyncssh

        with suppress(asyncssh.SFTPError):
            await self._sftp.remove(join(self._root, path))
        if folder := dirname(path):
            with suppress(asyncssh.SFTPError):
                await self._sftp.rmdir(join(self._root, folder))

    async def _create(self, final: str, data: bytes) -> bool:
        temporary = _temporary(final)
        try:
            await self._write(temporary, data)
            return await self._name(temporary, final)
        finally:
            await self._remove(temporary)

    async def _write(self, path: str, data: bytes) -> None:
        """A new file, on the server's disk where the server can see to that."""
        import asyncssh

        attributes = asyncssh.SFTPAttrs(permissions=_FILE_MODE)
        async with self._sftp.open(path, "xb", attributes) as file:
            await file.write(data)
            with suppress(asyncssh.SFTPOpUnsupported):
                await file.fsync()

    async def _name(self, temporary: str, final: str) -> bool:
        """Give the file its final name. False: something has that name.

        Version 3 of the protocol has one word for all failures, so what is there now decides what it meant.
        """
        import asyncssh

        if not self._by_rename:
            try:
                await self._sftp.link(temporary, final)
                return True
            except (asyncssh.SFTPOpUnsupported, asyncssh.SFTPFailure, asyncssh.SFTPPermissionDenied) as error:
                if await self._sftp.lexists(final):
                    return False
                if not isinstance(error, asyncssh.SFTPOpUnsupported):
                    await self._require_room(temporary)
            except asyncssh.SFTPNoSuchFile:
                return await self._named_by_another(final)
            await self._require_refusing_rename(final)
            self._by_rename = True
        try:
            await self._sftp.rename(temporary, final)
            return True
        except (asyncssh.SFTPFailure, asyncssh.SFTPError) as error:
            if await self._sftp.lexists(final):
                return False
            raise error

    async def _named_by_another(self, final: str) -> bool:
        """The temporary file is gone: whoever completed the note removed it."""
        if await self._sftp.lexists(final):
            return False
        raise Temporary(code_of(KIND, Reason.BROKEN))

    async def _require_room(self, temporary: str) -> None:
        """A link that failed may have failed for want of room. Raises Temporary."""
        size = (await self._sftp.stat(temporary)).size or 0
        if await self.is_full(max(size, 1)):
            raise Temporary(code_of(KIND, Reason.FULL))

    async def _require_refusing_rename(self, final: str) -> None:
        """Raises Permanent when a rename replaces what is there; tried out beside `final`."""
        import asyncssh

        one, two = _temporary(final), _temporary(final)
        try:
            await self._write(one, b"one")
            await self._write(two, b"two")
            with suppress(asyncssh.SFTPError):
                await self._sftp.rename(one, two)
            async with self._sftp.open(two, "rb") as file:
                kept = cast(bytes, await file.read(-1)) == b"two"
        finally:
            await self._remove(one)
            await self._remove(two)
        if not kept:
            raise Permanent(code_of(KIND, Reason.REFUSED, "overwrites"))

    async def _make_folders(self, path: str) -> None:
        """The folders of `path` below the root, one after the other."""
        import asyncssh

        folder = dirname(path)
        if not folder or await self._sftp.isdir(join(self._root, folder)):
            return
        await self._sftp.stat(self._root)
        built = self._root
        for part in folder.split("/"):
            built = join(built, part)
            try:
                await self._sftp.mkdir(built, asyncssh.SFTPAttrs(permissions=_FOLDER_MODE))
            except asyncssh.SFTPError:
                if not await self._sftp.isdir(built):
                    raise

    async def _remove(self, path: str) -> None:
        import asyncssh

        with suppress(asyncssh.Error, OSError):  # it is not there, or the connection is not
            await self._sftp.remove(path)

    async def _remove_leftovers(self, mark: str) -> None:
        """What crashed puts of this note left behind, now that it is complete."""
        folder, stem = dirname(mark), mark.removesuffix(MARK)
        ours = tuple(_temporary_prefix(f"{stem}{kind}") for kind in (*KINDS, MARK))
        for name in await self._sftp.listdir(folder):
            if str(name).startswith(ours):
                await self._remove(join(folder, str(name)))


def _temporary(final: str) -> str:
    return join(dirname(final), _temporary_prefix(final) + secrets.token_hex(6))


def _temporary_prefix(path: str) -> str:
    return f"{PREFIX}{hashlib.sha256(basename(path).encode()).hexdigest()[:16]}-"
