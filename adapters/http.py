"""HTTP for adapters: the only module of theirs that imports httpx2. No redirects, a limit on time and size, no text.

What a server says is never put into an error: it may quote the note. The errors carry the adapter's kind, a reason and
the status. Lost answers are told apart from calls that never arrived, because only the caller can look.
"""

import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx2  # noqa: TID251 - the adapters' only use of it

from adapters.settings import SinkSettings
from bot.addresses import plausible_url
from bot.domain.errors import EffectError, Permanent, Temporary
from bot.domain.filing import Reason, code_of

_LARGEST_ANSWER = 64 << 20
_LONGEST_RETRY_AFTER = 24 * 3600.0
_NOW_NOT = {408, 423, 425, 429, 503}
_SAYS_NO = {
    401: Reason.NOT_ALLOWED,
    403: Reason.NOT_ALLOWED,
    404: Reason.NO_PLACE,
    410: Reason.NO_PLACE,
    413: Reason.TOO_LARGE,
    501: Reason.REFUSED,
}


class AnswerLost(Exception):
    """The request may have arrived and been carried out. Holds no text."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole. Header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Streamed:
    """An answer whose body is still to come. Header names are in small letters."""

    def __init__(self, status: int, headers: Mapping[str, str], response: httpx2.Response) -> None:
        self.status, self.headers, self._response = status, headers, response

    def decoded(self) -> AsyncIterator[bytes]:
        """The body in pieces, unpacked. A piece may be a thousand times what was sent."""
        return self._response.aiter_bytes()

    def as_sent(self) -> AsyncIterator[bytes]:
        """The body in pieces, packed as `content-encoding` says."""
        return self._response.aiter_raw()


class HttpClient:
    """A connection pool to one server. `kind` is the adapter's, for codes. Open it on the loop it is used on."""

    def __init__(
        self,
        kind: str,
        *,
        timeout: float = 20.0,
        ca_file: str = "",
        auth: tuple[str, str] | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._kind = kind
        verify: ssl.SSLContext | bool = ssl.create_default_context(cafile=ca_file) if ca_file else True
        self._client = httpx2.AsyncClient(
            timeout=timeout, verify=verify, auth=auth, follow_redirects=False, trust_env=False, transport=transport
        )

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        address: str = "",
    ) -> Answer:
        """The answer, whatever its status. Raises Temporary when nothing was sent, Permanent for a bad certificate,
        AnswerLost when something may have arrived.

        `address`: the IP address to connect to, in place of looking up the URL's name, whose certificate is wanted.
        """
        async with self.opened(
            method, url, headers=headers, content=content, params=params, address=address
        ) as response:
            return Answer(response.status, response.headers, await self._whole(response))

    @asynccontextmanager
    async def opened(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        address: str = "",
    ) -> AsyncGenerator["Streamed", None]:
        """As `send`, and the same errors, before the body is read: for what may be larger than memory should be."""
        with self._translated():
            request = self._client.build_request(method, url, headers=headers, content=content, params=params)
            if address:
                request.extensions = {**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")}
                request.url = request.url.copy_with(host=address)  # the Host header is set already
            response = await self._client.send(request, stream=True)
            try:
                yield Streamed(response.status_code, _lower(response.headers), response)
            finally:
                await response.aclose()

    @contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except (httpx2.ConnectTimeout, httpx2.PoolTimeout):
            raise Temporary(code_of(self._kind, Reason.UNREACHABLE)) from None
        except httpx2.ConnectError as error:
            if _distrusted(error):
                raise Permanent(code_of(self._kind, Reason.UNTRUSTED)) from None
            raise Temporary(code_of(self._kind, Reason.UNREACHABLE)) from None
        except (httpx2.TransportError, httpx2.DecodingError, httpx2.TooManyRedirects):
            raise AnswerLost from None
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol):
            raise Permanent(code_of(self._kind, Reason.NO_PLACE)) from None

    async def close(self) -> None:
        """Let go of every connection."""
        await self._client.aclose()

    async def _whole(self, response: "Streamed") -> bytes:
        parts: list[bytes] = []
        size = 0
        async for part in response.decoded():
            size += len(part)
            if size > _LARGEST_ANSWER:
                raise AnswerLost
            parts.append(part)
        return b"".join(parts)


def trusted_file(settings: SinkSettings, home: Path) -> str:
    """The path of the setting `ca_file`, empty when it is; relative to the practice's home.

    Raises ValueError when no certificate can be read there: found out later, it would look like a broken server.
    """
    if not settings.text("ca_file"):
        return ""
    path = settings.path("ca_file", home)
    if not path.is_file():
        raise settings.problem("ca_file", "there is no such file")
    try:
        ssl.create_default_context(cafile=str(path))
    except (ssl.SSLError, OSError):
        raise settings.problem("ca_file", "cannot be read as PEM certificates") from None
    return str(path)


def refusal(kind: str, answer: Answer) -> EffectError:
    """What an answer other than success comes to. A redirect counts as a wrong address."""
    status = answer.status
    if status in _NOW_NOT:
        return Temporary(code_of(kind, Reason.BUSY, status), retry_after(answer))
    if status == 507:
        return Temporary(code_of(kind, Reason.FULL, status))
    if status >= 500 and status not in _SAYS_NO:
        return Temporary(code_of(kind, Reason.BROKEN, status), retry_after(answer))
    if 300 <= status < 400:
        return Permanent(code_of(kind, Reason.NO_PLACE, status))
    return Permanent(code_of(kind, _SAYS_NO.get(status, Reason.REFUSED), status))


def retry_after(answer: Answer) -> float | None:
    """The seconds that the server asks to wait: a number or a date; None when it says nothing that can be used."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_RETRY_AFTER)
    try:
        seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(0.0, seconds), _LONGEST_RETRY_AFTER)


def url_problem(url: str, *, private: bool = False) -> str:
    """Why this address may not be used, empty when it may: https, or http on this machine (`private`: own network)."""
    near = "your own network" if private else "this machine"
    return "" if plausible_url(url, private) else f"must be an https:// address (http:// is for {near} only)"


def _lower(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _distrusted(error: BaseException) -> bool:
    """Whether somewhere below a connection failure there is a certificate that was not accepted."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return True
        seen = seen.__cause__ or seen.__context__
    return "CERTIFICATE_VERIFY_FAILED" in str(error)
