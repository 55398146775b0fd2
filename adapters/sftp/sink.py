"""Files notes on an SFTP server. What a note is there, and when it counts as filed: `file_set`.

The server must be known by its key beforehand. asyncssh is imported when the sink is opened.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import TypeVar

from adapters.about import REQUIRED, Ability, About, Setting
from adapters.file_set import FILE_SETTINGS, Arrangement, Found, commit_note
from adapters.problems import problem_of, skew_problem
from adapters.settings import SinkSettings
from adapters.sftp.connect import Line, Server, server_of
from adapters.sftp.errors import KIND, of_operation, was_lost
from adapters.sftp.remote import PREFIX, Remote
from bot.domain.errors import EffectError, Temporary
from bot.domain.filing import Reason, code_of, reason_in
from bot.ports import Clock, FiledNote, Receipt

_T = TypeVar("_T")


class SftpSink:
    """A NoteSink on an SFTP server, over one connection."""

    ABOUT = About(
        "A folder on an SFTP server, whose host key is given beforehand.",
        (
            Setting("host", "the server", REQUIRED),
            Setting("port", "its SSH port", 22),
            Setting("username", "who files there", REQUIRED),
            Setting("path", "the folder; it must exist; a relative one starts where this user logs in", "filed-notes"),
            Setting("host_key", "the server’s public key: ssh-ed25519 AAAA…"),
            Setting("known_hosts", "or a file of such keys, as ssh keeps it"),
            Setting("key_file", "a private key; empty: the secret private_key, or a password"),
            *FILE_SETTINGS,
            Setting("timeout_seconds", "how long one file may take", 20),
            Setting("password", "the user’s password", secret=True),
            Setting("private_key", "the private key itself, instead of key_file", secret=True),
            Setting("passphrase", "of the private key, if it has one", secret=True),
        ),
        (Ability.REFUSES_OVERWRITE, Ability.READS_BACK),
        extra="sftp",
        modules=("asyncssh",),
    )

    def __init__(self, server: Server, path: str, arrangement: Arrangement, clock: Clock) -> None:
        self._server, self._path = server, path
        self._arrangement, self._clock = arrangement, clock
        self._line = Line(server)
        self._latest: Remote | None = None

    @classmethod
    def from_settings(cls, settings: SinkSettings, home: Path, clock: Clock) -> "SftpSink":
        """Reads and tries the keys; nothing is connected yet. Raises ValueError naming the key."""
        arrangement = Arrangement.from_settings(settings)
        return cls(server_of(settings, home), settings.text("path"), arrangement, clock)

    async def put(self, note: FiledNote, files: Mapping[str, bytes], key: str) -> Receipt:
        """File the note under its stem. See NoteSink; the reference is the stem below `path`."""
        return await commit_note(self, self._arrangement, note, files, key, KIND, self._clock)

    async def put_new(self, path: str, data: bytes, *, may_complete: bool) -> bool:
        """See `file_set.Store`. Files appear whole or not at all."""
        return await self._do(lambda remote: remote.put_new(path, data), len(data))

    async def read(self, path: str) -> Found | None:
        """See `file_set.Store`."""
        data = await self._do(lambda remote: remote.read(path))
        return None if data is None else Found(data)

    async def close(self) -> None:
        """End the connection."""
        await self._line.close()

    async def check(self) -> Sequence[str]:
        """Host key, credentials, rights, the clock, and a second put to one name that must be refused."""
        try:
            return await self._do(self._problems, size=1)
        except EffectError as error:
            return [self._sentence(error)]

    async def _do(self, work: Callable[[Remote], Awaitable[_T]], size: int = 0) -> _T:
        """`work` over the connection. One that broke while nobody used it is opened anew, once: work can be repeated.

        `size`: bytes to be written, to tell a full disk from other failures.
        """
        import asyncssh

        for last in (False, True):
            remote = await self._remote()
            try:
                async with self._limited(remote):
                    return await work(remote)
            except (asyncssh.Error, OSError) as error:
                if was_lost(error) and not last:
                    self._line.drop(remote.client)
                    continue
                if isinstance(error, asyncssh.SFTPFailure) and await self._is_full(remote, size):
                    raise Temporary(code_of(KIND, Reason.FULL)) from None
                raise of_operation(error) from None
        raise AssertionError("the second time returns or raises")

    async def _remote(self) -> Remote:
        client = await self._line.client()
        if self._latest is None or self._latest.client is not client:
            self._latest = Remote(client, self._path)
        return self._latest

    @asynccontextmanager
    async def _limited(self, remote: Remote) -> AsyncGenerator[None]:
        """Ends the connection when the time is over: every request on it fails then, closing of files included."""
        import asyncssh

        expired = asyncio.Event()

        def expire() -> None:
            expired.set()
            self._line.drop(remote.client)

        timer = asyncio.get_running_loop().call_later(self._server.seconds, expire)
        try:
            yield
        except (asyncssh.Error, OSError):
            if expired.is_set():
                raise Temporary(code_of(KIND, Reason.TIMEOUT)) from None
            raise
        finally:
            timer.cancel()

    async def _is_full(self, remote: Remote, size: int) -> bool:
        """Whether a failure without a reason was one for want of room."""
        import asyncssh

        try:
            async with self._limited(remote):
                return bool(size) and await remote.is_full(size)
        except (asyncssh.Error, OSError):
            return False

    async def _problems(self, remote: Remote) -> Sequence[str]:
        if not await remote.stat_root():
            return [f"{self._path} on the server is not a folder."]
        probe = f"{PREFIX}probe-{secrets.token_hex(6)}/probe"
        try:
            created = await remote.put_new(probe, b"one")
            refused = await remote.refuses(probe, b"two")
            kept = await remote.read(probe)
            at = await remote.modified(probe)
        finally:
            await remote.forget(probe)
        if not (created and refused) or kept != b"one":
            return [f"{self._path} on the server lets files be overwritten; notes are not safe there."]
        skew = skew_problem(format_datetime(datetime.fromtimestamp(at, UTC)), "the server")
        return [skew] if skew else []

    def _sentence(self, error: EffectError) -> str:
        place = f"The SFTP server {self._server.host}"
        if reason_in(error.code) is Reason.UNTRUSTED:
            return (
                f"{place} shows another host key than the one given. Ask its administrator whether the key was "
                f"changed; if not, somebody else answers. Nothing was sent ({error.code})."
            )
        if reason_in(error.code) is Reason.NO_PLACE:
            return f"The folder {self._path} is not on the server. Create it there, or change `path` ({error.code})."
        if error.code.endswith(":overwrites"):
            return f"{place} has no hard links and its rename overwrites; notes are not safe there ({error.code})."
        return problem_of(error, place)
