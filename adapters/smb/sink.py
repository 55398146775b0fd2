"""Files notes on a share of a Windows or Samba server. What a note is there: `file_set`.

smbprotocol blocks, so its calls run in threads of the sink's own, over one connection; it is imported with the first.
"""

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import TypeVar

from adapters.about import REQUIRED, Ability, About, Setting
from adapters.file_set import FILE_SETTINGS, Arrangement, Found, commit_note
from adapters.own_threads import OwnThreads
from adapters.problems import problem_of, skew_problem
from adapters.settings import SinkSettings
from adapters.smb.connect import Line, Server, server_of
from adapters.smb.errors import KIND, of_operation, was_lost
from adapters.smb.share import PREFIX, Share
from bot.domain.errors import EffectError, Temporary
from bot.domain.filing import Reason, code_of, reason_in
from bot.ports import Clock, FiledNote, Receipt

_T = TypeVar("_T")


class SmbSink:
    """A NoteSink on a share, which need not be mounted."""

    ABOUT = About(
        "A share of a Windows or Samba server (SMB 3), without mounting it.",
        (
            Setting("server", "the file server’s name (of the server itself, not of a DFS name space)", REQUIRED),
            Setting("port", "its SMB port", 445),
            Setting("share", "the share’s name", REQUIRED),
            Setting("path", "the folder in the share; it must exist; empty: the share itself"),
            Setting("username", "who files there", REQUIRED),
            Setting("domain", "the user’s domain, where there is one"),
            Setting("encrypt", "demand that all is encrypted; it is signed in any case", True),
            Setting("auth", "how to log in", "negotiate", ("negotiate", "ntlm", "kerberos")),
            *FILE_SETTINGS,
            Setting("timeout_seconds", "how long one file may take", 20),
            Setting("password", "the user’s password", secret=True),
        ),
        (Ability.REFUSES_OVERWRITE, Ability.READS_BACK),
        extra="smb",
        modules=("smbclient", "smbprotocol"),
    )

    def __init__(self, server: Server, path: str, arrangement: Arrangement, clock: Clock) -> None:
        self._server, self._path = server, path
        self._root = "\\".join(("\\", server.host, server.share, *filter(None, path.replace("/", "\\").split("\\"))))
        self._arrangement, self._clock = arrangement, clock
        self._line = Line(server)
        self._threads = OwnThreads("afternote-smb", seconds=server.seconds)

    @classmethod
    def from_settings(cls, settings: SinkSettings, home: Path, clock: Clock) -> "SmbSink":
        """Nothing is connected yet. Raises ValueError naming the key."""
        arrangement = Arrangement.from_settings(settings)
        return cls(server_of(settings), settings.text("path"), arrangement, clock)

    async def put(self, note: FiledNote, files: Mapping[str, bytes], key: str) -> Receipt:
        """File the note under its stem. See NoteSink; the reference is the stem below `path`."""
        return await commit_note(self, self._arrangement, note, files, key, KIND, self._clock)

    async def put_new(self, path: str, data: bytes, *, may_complete: bool) -> bool:
        """See `file_set.Store`. Files appear whole or not at all."""
        return await self._run(lambda share: share.put_new(path, data))

    async def read(self, path: str) -> Found | None:
        """See `file_set.Store`."""
        data = await self._run(lambda share: share.read(path))
        return None if data is None else Found(data)

    async def close(self) -> None:
        """End the session and the connection."""
        try:
            await self._threads.run(self._line.close)
        except TimeoutError:
            self._line.drop()

    async def check(self) -> Sequence[str]:
        """Credentials, encryption, rights, the clock, and a second put to one name that must be refused."""
        try:
            return await self._run(self._problems)
        except EffectError as error:
            return [self._sentence(error)]

    async def _run(self, work: Callable[[Share], _T]) -> _T:
        """`work` in a thread. When its time is over the connection is ended, which ends the wait in the thread too."""
        given_up = threading.Event()
        try:
            return await self._threads.run(lambda: self._do(work, given_up))
        except TimeoutError:
            given_up.set()
            self._line.drop()
            raise Temporary(code_of(KIND, Reason.TIMEOUT)) from None

    def _do(self, work: Callable[[Share], _T], given_up: threading.Event) -> _T:
        """`work` on the share. A connection that broke is opened anew, once, if anybody waits: work can be repeated."""
        for last in (False, True):
            arguments = self._line.arguments(given_up)
            try:
                return work(Share(arguments, self._root))
            except EffectError:
                raise
            except Exception as error:
                if was_lost(error):
                    self._line.drop(arguments["connection_cache"])
                if last or given_up.is_set() or not was_lost(error):
                    raise of_operation(error) from None
        raise AssertionError("the second time returns or raises")

    def _problems(self, share: Share) -> Sequence[str]:
        probe = f"{PREFIX}probe-{secrets.token_hex(6)}/probe"
        try:
            created = share.put_new(probe, b"one")
            refused = share.refuses(probe, b"two")
            kept = share.read(probe)
            at = share.modified(probe)
        finally:
            share.forget(probe)
        if not (created and refused) or kept != b"one":
            return [f"{self._root} lets files be overwritten; notes are not safe there."]
        skew = skew_problem(format_datetime(datetime.fromtimestamp(at, UTC)), "the file server")
        return [skew] if skew else []

    def _sentence(self, error: EffectError) -> str:
        if reason_in(error.code) is Reason.UNTRUSTED:
            return f"The file server {self._server.host} cannot encrypt. Turn SMB 3 encryption on there ({error.code})."
        if reason_in(error.code) is Reason.NO_PLACE:
            return f"{self._root} is not there: check `share`, and that the folder `path` was made ({error.code})."
        return problem_of(error, f"The file server {self._server.host}")
