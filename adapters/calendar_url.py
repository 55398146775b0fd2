"""Fetches a calendar (.ics) from an address that somebody typed: a secret one, which no error and no log holds.

Refuses what is not on the public internet, at every redirect; what is no calendar; what is too large or too slow. What
came lies in memory or in a file without a name, and is gone once it is closed.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from adapters.http import Answer, AnswerLost, HttpClient, Streamed, refusal, url_problem
from adapters.public_address import Resolve, is_public, resolver
from bot.domain.errors import Permanent, Temporary, UserMistake
from bot.domain.filing import Reason, code_of, reason_in

KIND = "calendar"
MOST_BYTES = 50 << 20
_IN_MEMORY = 2 << 20
_PIECE = 64 << 10
_HEAD = 256  # enough to see what it is
_MOST_HOPS = 5
_LONGEST_URL = 2000
_LONGEST_TAG = 300
_CONNECT_WITHIN = 15.0
_BEGINS, _ENDS = b"BEGIN:VCALENDAR", b"END:VCALENDAR"
_GZIP = 16 + zlib.MAX_WBITS
_WHERE = (
    " Look in your calendar’s settings for its secret or private address in iCal format (Google), “Publish calendar”"
    " with its ICS link (Outlook), or “Public Calendar” (iCloud)."
)
_SENTENCES = {
    "calendar_address": "That is not a calendar’s address. It begins with https:// or webcal://." + _WHERE,
    "calendar_private": "This address is not on the public internet, so it is not opened. Use the calendar’s public"
    " service, or upload its .ics file.",
    "calendar_redirects": "This address only leads on to others. Copy the one it ends at." + _WHERE,
    "calendar_page": "This address shows a web page, often one to sign in, and not the calendar itself." + _WHERE,
    "calendar_other": "What is at this address is no calendar." + _WHERE,
    "calendar_gone": "There is no calendar at this address. Perhaps its secret address was made anew: copy it again.",
    "calendar_too_large": "This calendar is too large. Export the months you need as an .ics file, and upload that.",
    "calendar_not_allowed": "This address does not open without signing in." + _WHERE,
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave. Use it in a `with`: its content is gone at the end.

    `etag`: hand it over at the next fetch; an ETag, or the time of the last change. `not_modified`: nothing changed
    since that one, and there are no lines.
    """

    etag: str
    not_modified: bool
    file: IO[bytes] | None = field(default=None, repr=False)

    def lines(self) -> Iterator[str]:
        """The calendar's lines as they are written, from the first one; what is no UTF-8 is replaced."""
        if self.file is not None:
            self.file.seek(0)
            for number, line in enumerate(self.file):
                yield line.decode("utf-8-sig" if number == 0 else "utf-8", "replace")

    def __enter__(self) -> "Fetched":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.file is not None:
            self.file.close()


def checked_address(typed: str, *, allow_private: bool = False) -> str:
    """The address to fetch, https for webcal. Nothing is looked up. Raises UserMistake.

    `allow_private`: also this machine and the practice's network, over http, too.
    """
    url = typed.strip()
    scheme, separator, rest = url.partition("://")
    if scheme.casefold() in ("webcal", "webcals"):
        url = f"https{separator}{rest}"
    plain = len(url) <= _LONGEST_URL and url.isprintable() and " " not in url
    if not plain or url_problem(url, private=allow_private) or "@" in urlsplit(url).netloc:
        raise _mistake("calendar_address")
    if not allow_private and (urlsplit(url).scheme != "https" or _plainly_private(urlsplit(url).hostname or "")):
        raise _mistake("calendar_private")
    return url


def place_of(url: str) -> str:
    """Whose calendar service it is, for screens and the audit log: its name, and nothing that is secret."""
    try:
        return urlsplit(url.strip()).hostname or ""
    except ValueError:
        return ""


async def fetch_calendar(
    url: str,
    *,
    etag: str = "",
    allow_private: bool = False,
    ca_file: str = "",
    most_bytes: int = MOST_BYTES,
    seconds: float = 60.0,
    resolve: Resolve | None = None,
    public: Callable[[str], bool] = is_public,
) -> Fetched:
    """The calendar at this address, unless it is unchanged since `etag`.

    Raises UserMistake with a sentence for whoever typed the address, Temporary (with `retry_after` when the service
    asks to wait), Permanent. `seconds` is for all of it. `resolve` and `public` say what a name stands for, and whether
    that may be connected to.
    """
    client = HttpClient(KIND, timeout=min(_CONNECT_WITHIN, seconds), ca_file=ca_file)
    look_up = resolve or resolver(min(_CONNECT_WITHIN, seconds))
    call = _Call(client, etag, allow_private, most_bytes, look_up, public)
    try:
        async with asyncio.timeout(seconds):
            return await call.followed(url)
    except (AnswerLost, TimeoutError):
        raise Temporary(code_of(KIND, Reason.TIMEOUT)) from None
    finally:
        await client.close()


@dataclass(frozen=True, slots=True)
class _Call:
    """One fetch over its redirects."""

    client: HttpClient
    etag: str
    allow_private: bool
    most_bytes: int
    resolve: Resolve
    public: Callable[[str], bool]

    async def followed(self, url: str) -> Fetched:
        """Every address on the way is judged as if it had been typed."""
        for _ in range(_MOST_HOPS + 1):
            url = checked_address(url, allow_private=self.allow_private)
            found = await self._at_one_of(await self._addresses(url), url)
            if isinstance(found, Fetched):
                return found
            url = found
        raise _mistake("calendar_redirects")

    async def _addresses(self, url: str) -> Sequence[str]:
        """What the name stands for now. One address that is not public is enough to refuse it."""
        parts = urlsplit(url)
        try:
            found = await self.resolve(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        except (OSError, UnicodeError):
            raise Temporary(code_of(KIND, Reason.UNREACHABLE)) from None
        if not self.allow_private and not all(map(self.public, found)):
            raise _mistake("calendar_private")
        return found

    async def _at_one_of(self, addresses: Sequence[str], url: str) -> Fetched | str:
        """At the first that can be reached."""
        for address in addresses:
            try:
                async with self.client.opened("GET", url, headers=self._headers(), address=address) as answer:
                    return await self._taken(answer, url)
            except Temporary as error:
                if address == addresses[-1] or reason_in(error.code) is not Reason.UNREACHABLE:
                    raise
        raise Temporary(code_of(KIND, Reason.UNREACHABLE))

    def _headers(self) -> Mapping[str, str]:
        sent = {"Accept": "text/calendar, */*;q=0.1", "Accept-Encoding": "gzip", "User-Agent": "Afternote"}
        if self.etag and _is_tag(self.etag):
            sent["If-None-Match" if self.etag.startswith(('"', 'W/"')) else "If-Modified-Since"] = self.etag
        return sent

    async def _taken(self, answer: Streamed, url: str) -> Fetched | str:
        """The calendar, or the address it is said to be at."""
        status = answer.status
        if status in (301, 302, 303, 307, 308) and answer.headers.get("location"):
            try:
                return urljoin(url, answer.headers["location"])
            except ValueError:
                raise _mistake("calendar_redirects") from None
        if status == 304 and self.etag:
            return Fetched(self.etag, not_modified=True)
        if status in (401, 403):
            raise _mistake("calendar_not_allowed")
        if status in (404, 410):
            raise _mistake("calendar_gone")
        if status != 200:
            raise refusal(KIND, Answer(status, answer.headers, b""))
        return Fetched(_tag_in(answer.headers), not_modified=False, file=await self._kept(answer))

    async def _kept(self, answer: Streamed) -> IO[bytes]:
        said = answer.headers.get("content-length", "")
        if said.isascii() and said.isdigit() and int(said) > self.most_bytes:
            raise _mistake("calendar_too_large")
        file = SpooledTemporaryFile[bytes](max_size=_IN_MEMORY)
        try:
            await self._keep(answer, file)
        except BaseException:
            file.close()
            raise
        return file

    async def _keep(self, answer: Streamed, file: IO[bytes]) -> None:
        """Into the file, as soon as its beginning shows that it is a calendar."""
        size, head, tail, known = 0, b"", b"", False
        async for piece in _unpacked(answer):
            size += len(piece)
            if size > self.most_bytes:
                raise _mistake("calendar_too_large")
            tail = (tail + piece)[-_HEAD:]
            if not known:
                head = (head + piece)[:_HEAD]
                if known := len(head) == _HEAD:
                    _look_at(head)
            file.write(piece)
        if not known:
            _look_at(head)
        if not tail.rstrip().upper().endswith(_ENDS):
            raise Temporary(code_of(KIND, Reason.NONSENSE, "cut"))


async def _unpacked(answer: Streamed) -> AsyncIterator[bytes]:
    """The body, unpacked in pieces of a limited size: a small answer may unpack to gigabytes."""
    packed = answer.headers.get("content-encoding", "").strip().casefold()
    if packed in ("", "identity"):
        async for piece in answer.as_sent():
            yield piece
        return
    if packed not in ("gzip", "x-gzip"):
        raise Permanent(code_of(KIND, Reason.NONSENSE, "encoding"))
    unzip = zlib.decompressobj(_GZIP)
    async for sent in answer.as_sent():
        for piece in _pieces(unzip, sent):
            yield piece
            await asyncio.sleep(0)  # others have their turn while much is unpacked
    if not unzip.eof:
        raise Temporary(code_of(KIND, Reason.NONSENSE, "cut"))


def _pieces(unzip: Any, sent: bytes) -> Iterator[bytes]:
    while True:
        try:
            piece = unzip.decompress(sent, _PIECE)
        except zlib.error:
            raise Permanent(code_of(KIND, Reason.NONSENSE, "encoding")) from None
        if piece:
            yield piece
        sent = unzip.unconsumed_tail
        if unzip.eof or (not sent and len(piece) < _PIECE):
            return


def _look_at(head: bytes) -> None:
    """Raises UserMistake for what does not begin as a calendar does."""
    begins = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if begins.startswith(b"<"):
        raise _mistake("calendar_page")
    if not begins.upper().startswith(_BEGINS):
        raise _mistake("calendar_other")


def _tag_in(headers: Mapping[str, str]) -> str:
    """By what the service knows this version again; empty when it says nothing that can be sent back."""
    tags = (headers.get("etag", ""), headers.get("last-modified", ""))
    return next((tag for tag in tags if _is_tag(tag)), "")


def _is_tag(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_TAG and text.isascii() and text.isprintable()


def _plainly_private(host: str) -> bool:
    """For a number or this machine; names are judged when they are looked up."""
    plain = host == "localhost" or host.replace(".", "").isdigit() or ":" in host
    return plain and not is_public(host)


def _mistake(code: str) -> UserMistake:
    return UserMistake(code, _SENTENCES[code])
