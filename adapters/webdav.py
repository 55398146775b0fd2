"""Files notes on a WebDAV server: Nextcloud, ownCloud, Apache and the like.

What a note is there, and when it counts as filed: `file_set`. A file is put with `If-None-Match: *`; for a server
that ignores this, under a passing name first, which MOVE with `Overwrite: F` makes final.
"""

import asyncio
import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from adapters.about import REQUIRED, Ability, About, Setting
from adapters.file_set import FILE_SETTINGS, Arrangement, Found, commit_note
from adapters.http import Answer, AnswerLost, HttpClient, refusal, trusted_file, url_problem
from adapters.media_types import media_type
from adapters.problems import problem_of, skew_problem
from adapters.settings import SinkSettings
from bot.domain.errors import EffectError, Permanent, Temporary
from bot.domain.filing import Reason, code_of
from bot.ports import Clock, FiledNote, Receipt

KIND = "webdav"
_NO_PARENT = (404, 409)  # RFC 4918 wants 409; some servers say 404
_ETAG = re.compile(r'^(?:W/)?"?([^"]*)"?$')


class WebdavSink:
    """A NoteSink below one folder of a WebDAV server. A receipt's version is the ETag."""

    ABOUT = About(
        "A WebDAV server: Nextcloud, ownCloud, Apache and others.",
        (
            Setting("url", "the folder's address; Nextcloud: …/remote.php/dav/files/USER/FOLDER", REQUIRED),
            Setting("username", "who files there", REQUIRED),
            *FILE_SETTINGS,
            Setting(
                "method",
                "put: the server honours If-None-Match; move: it does not, but MOVE with Overwrite: F",
                "put",
                ("put", "move"),
            ),
            Setting("ca_file", "certificates to trust; empty: the usual ones"),
            Setting("timeout_seconds", "how long one file may take", 20),
            Setting("password", "of that user; in Nextcloud an app password", secret=True),
        ),
        (Ability.REFUSES_OVERWRITE, Ability.READS_BACK),
    )

    def __init__(
        self,
        url: str,
        auth: tuple[str, str],
        arrangement: Arrangement,
        clock: Clock,
        *,
        by_move: bool = False,
        ca_file: str = "",
        seconds: float = 20.0,
    ) -> None:
        self._base, self._auth, self._ca_file, self._seconds = _folder_url(url), auth, ca_file, seconds
        self._arrangement, self._clock, self._by_move = arrangement, clock, by_move
        self._client: HttpClient | None = None

    @classmethod
    def from_settings(cls, settings: SinkSettings, home: Path, clock: Clock) -> "WebdavSink":
        """Reads and checks the settings; nothing is connected yet. Raises ValueError."""
        url, password = settings.text("url"), settings.secret("password")
        parts = urlsplit(url)
        if words := url_problem(url):
            raise settings.problem("url", words)
        if parts.query or parts.fragment or parts.username:
            raise settings.problem("url", "must be a plain address, without ?, # or a user in it")
        if password is None:
            raise settings.problem("password", "must be set in the environment")
        return cls(
            url,
            (settings.text("username"), password.reveal()),
            Arrangement.from_settings(settings),
            clock,
            by_move=settings.text("method") == "move",
            ca_file=trusted_file(settings, home),
            seconds=settings.seconds("timeout_seconds"),
        )

    async def put(self, note: FiledNote, files: Mapping[str, bytes], key: str) -> Receipt:
        """File the note under its stem. See NoteSink; the reference is the stem below `url`."""
        return await commit_note(self, self._arrangement, note, files, key, KIND, self._clock)

    async def put_new(self, path: str, data: bytes, *, may_complete: bool) -> bool:
        """See `file_set.Store`. A server may keep the beginning of an upload that broke off; it is completed."""
        answer = await (self._moved(path, data) if self._by_move else self._put(path, data))
        if answer.status == 412:
            if may_complete and not self._by_move:
                await self._complete(path, data)
            return False
        return _successful(answer)

    async def read(self, path: str) -> Found | None:
        """See `file_set.Store`."""
        answer = await self._send("GET", path, {"Accept-Encoding": "identity"})
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise refusal(KIND, answer)
        return Found(answer.body, _version(answer))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.close()

    async def check(self) -> Sequence[str]:
        """Credentials, rights, the clock, and a second put to one name that must be refused."""
        folder = f"afternote-check-{secrets.token_hex(6)}"
        try:
            try:
                return await self._problems(f"{folder}/probe.txt")
            finally:
                await self._forget(folder)
        except EffectError as error:
            return [problem_of(error, f"The folder {self._base}")]

    async def _problems(self, probe: str) -> Sequence[str]:
        created = await self.put_new(probe, b"one", may_complete=False)
        again = await self.put_new(probe, b"two", may_complete=False)
        answer = await self._send("GET", probe, {"Accept-Encoding": "identity"})
        if not created:
            return [f"{self._base} says that a new file is there already; notes cannot be filed."]
        if again or answer.body != b"one":
            header = "Overwrite: F" if self._by_move else "If-None-Match"
            advice = "" if self._by_move else ' Try method = "move".'
            return [f"{self._base} lets files be overwritten (it ignores {header}); notes are not safe there.{advice}"]
        return [words for words in [skew_problem(answer.headers.get("date", ""), "the server")] if words]

    async def _put(self, path: str, data: bytes, condition: tuple[str, str] = ("If-None-Match", "*")) -> Answer:
        """PUT under a condition; the folders are made when they turn out to be missing."""
        headers = {"Content-Type": media_type(path), condition[0]: condition[1]}
        answer = await self._send("PUT", path, headers, data)
        if answer.status not in _NO_PARENT:
            return answer
        await self._make_folders(path)
        return await self._send("PUT", path, headers, data)

    async def _moved(self, path: str, data: bytes) -> Answer:
        """PUT under a passing name, then MOVE to the final one unless something is there."""
        folder, _, name = path.rpartition("/")
        passing = f"{folder}/afternote-unfinished-{secrets.token_hex(8)}{Path(name).suffix}"
        try:
            put = await self._put(passing, data)
            if not _successful(put):
                return put
            headers = {"Destination": self._base + path, "Overwrite": "F"}
            answer = await self._send("MOVE", passing, headers)
        except EffectError:
            await self._forget(passing)
            raise
        if answer.status not in (201, 204):
            await self._forget(passing)
        return answer

    async def _complete(self, path: str, data: bytes) -> None:
        """Finish an upload of ours that broke off, unless the file has become another one meanwhile."""
        answer = await self._send("GET", path, {"Accept-Encoding": "identity"})
        etag, torn = answer.headers.get("etag", ""), answer.body
        if answer.status != 200 or not etag or torn == data or not data.startswith(torn):
            return
        completed = await self._put(path, data, ("If-Match", etag))
        if completed.status != 412:
            _successful(completed)

    async def _make_folders(self, path: str) -> None:
        """Each folder below the base. 405: it is there already, or somebody else was quicker."""
        parts = path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            answer = await self._send("MKCOL", "/".join(parts[:depth]) + "/")
            if answer.status in _NO_PARENT:
                raise Permanent(code_of(KIND, Reason.NO_PLACE, answer.status))
            if answer.status not in (201, 405):
                raise refusal(KIND, answer)

    async def _forget(self, path: str) -> None:
        """Delete what is only passing. It may stay where nothing can be deleted."""
        with suppress(EffectError):
            await self._send("DELETE", path)

    async def _send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, content: bytes | None = None
    ) -> Answer:
        """The answer. A lost one is Temporary here: nothing that is sent can do harm when it is sent again."""
        if self._client is None:
            self._client = HttpClient(KIND, timeout=self._seconds, ca_file=self._ca_file, auth=self._auth)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._client.send(method, self._base + path, headers=headers, content=content)
        except (AnswerLost, TimeoutError):
            raise Temporary(code_of(KIND, Reason.TIMEOUT)) from None


def _successful(answer: Answer) -> bool:
    """True, or raises what the answer comes to."""
    if answer.status in (200, 201, 204):
        return True
    raise refusal(KIND, answer)


def _version(answer: Answer) -> str:
    found = _ETAG.match(answer.headers.get("etag", "") or answer.headers.get("oc-etag", ""))
    return found[1] if found else ""


def _folder_url(url: str) -> str:
    """The address with its path percent-encoded where it is not yet, and a slash at the end."""
    scheme, host, path, *_ = urlsplit(url)
    return urlunsplit((scheme, host, quote(path.rstrip("/"), safe="/%~!$&'()*+,;=:@") + "/", "", ""))
