"""Sends notes to an address of the practice's own as signed events (Standard Webhooks): n8n, a gateway, an EHR's inbox.

What happens there cannot be looked up: a receipt says that the receiver took the event, and is not verified. A lost
answer is tried again under the same id, by which the receiver drops what it has.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from adapters.about import REQUIRED, About, Setting
from adapters.file_set import FILES_SETTING, Arrangement
from adapters.http import Answer, AnswerLost, HttpClient, refusal, retry_after, trusted_file, url_problem
from adapters.problems import problem_of, skew_problem
from adapters.public_address import Resolve, is_public, resolver
from adapters.settings import SinkSettings
from adapters.webhook_event import Event, check_event, headers_of, note_event, secret_problem
from bot.domain.errors import EffectError, Permanent, Temporary
from bot.domain.filing import Reason, code_of, reason_in
from bot.ports import Clock, FiledNote, Receipt

KIND = "webhook"
_MEGABYTE = 1 << 20


class WebhookSink:
    """A NoteSink that posts events. A receipt's reference is the event's id, its SHA-256 that of the file as sent."""

    ABOUT = About(
        "An address of your own that takes signed events (Standard Webhooks): n8n, a gateway, an EHR’s inbox.",
        (
            Setting("url", "the receiver’s https address", REQUIRED),
            FILES_SETTING,
            Setting("allow_private", "whether the receiver may be in your own network or on this machine", False),
            Setting("max_megabytes", "the largest event to send", 8),
            Setting("ca_file", "certificates to trust; empty: the usual ones"),
            Setting("timeout_seconds", "how long the receiver may take", 20),
            Setting(
                "secret", "signing secret whsec_…; several, separated by blanks, while one is replaced", secret=True
            ),
        ),
        (),
        extra="webhook",
        modules=("standardwebhooks",),
    )

    def __init__(
        self,
        url: str,
        signing: Sequence[str],
        arrangement: Arrangement,
        clock: Clock,
        *,
        allow_private: bool = False,
        most_bytes: int = 8 * _MEGABYTE,
        ca_file: str = "",
        seconds: float = 20.0,
        resolve: Resolve | None = None,
    ) -> None:
        self._url, self._signing, self._ca_file, self._seconds = url, tuple(signing), ca_file, seconds
        self._arrangement, self._clock = arrangement, clock
        self._allow_private, self._most_bytes = allow_private, most_bytes
        self._resolve = resolve or resolver(seconds)
        self._client: HttpClient | None = None

    @classmethod
    def from_settings(cls, settings: SinkSettings, home: Path, clock: Clock) -> "WebhookSink":
        """Reads and checks the settings; nothing is connected yet. Raises ValueError."""
        url, private = settings.text("url"), settings.flag("allow_private")
        if words := url_problem(url) or _private_problem(url, private):
            raise settings.problem("url", words)
        if "@" in urlsplit(url).netloc:
            raise settings.problem("url", "must not hold a user or password; events are signed")
        if not settings.number("max_megabytes"):
            raise settings.problem("max_megabytes", "must be 1 or more")
        return cls(
            url,
            _signing(settings),
            Arrangement.of_files(settings),
            clock,
            allow_private=private,
            most_bytes=settings.number("max_megabytes") * _MEGABYTE,
            ca_file=trusted_file(settings, home),
            seconds=settings.seconds("timeout_seconds"),
        )

    async def put(self, note: FiledNote, files: Mapping[str, bytes], key: str) -> Receipt:
        """Send the note's event. See NoteSink, and the module for what a webhook cannot promise."""
        chosen = self._arrangement.chosen(files, KIND)
        event = note_event(note, chosen, key, self._clock.now())
        if len(event.body) > self._most_bytes:
            raise Permanent(code_of(KIND, Reason.TOO_LARGE))
        answer = await self._post(event)
        if not 200 <= answer.status < 300:
            raise _refused(answer)
        digest = hashlib.sha256(next(iter(chosen.values()))).hexdigest()
        return Receipt(event.id, digest, "stored", self._clock.now(), verified=False)

    async def check(self) -> Sequence[str]:
        """Sends an `afternote.check` event, which the receiver must take."""
        place = f"The receiver at {urlsplit(self._url).hostname}"
        try:
            answer = await self._post(check_event(secrets.token_hex(6), datetime.now(UTC)))
            if not 200 <= answer.status < 300:
                raise _refused(answer)
        except EffectError as error:
            return [_words(error, place)]
        return [words for words in [skew_problem(answer.headers.get("date", ""), "the receiver")] if words]

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.close()

    async def _post(self, event: Event) -> Answer:
        """One try, at an address that was judged. Raises Temporary when the answer is lost: a repeat does no harm."""
        if self._client is None:
            self._client = HttpClient(KIND, timeout=self._seconds, ca_file=self._ca_file)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post_to_one_of(await self._addresses(), event, self._client)
        except (AnswerLost, TimeoutError):
            raise Temporary(code_of(KIND, Reason.TIMEOUT)) from None

    async def _post_to_one_of(self, addresses: Sequence[str], event: Event, client: HttpClient) -> Answer:
        """At the first address that can be reached. Time and signature are of now."""
        for address in addresses:
            headers = headers_of(event, self._signing, datetime.now(UTC))
            try:
                return await client.send("POST", self._url, headers=headers, content=event.body, address=address)
            except Temporary as error:
                if address == addresses[-1] or reason_in(error.code) is not Reason.UNREACHABLE:
                    raise
        raise Temporary(code_of(KIND, Reason.UNREACHABLE))

    async def _addresses(self) -> Sequence[str]:
        """What the receiver's name stands for now. Raises Permanent when one of them is not public and must be."""
        parts = urlsplit(self._url)
        try:
            found = await self._resolve(parts.hostname or "", parts.port or 443)
        except (OSError, UnicodeError):
            raise Temporary(code_of(KIND, Reason.UNREACHABLE)) from None
        if not self._allow_private and not all(is_public(address) for address in found):
            raise Permanent(code_of(KIND, Reason.REFUSED, "private"))
        return found


def _refused(answer: Answer) -> EffectError:
    """409: the receiver is at work on the same event."""
    if answer.status == 409:
        return Temporary(code_of(KIND, Reason.BUSY, answer.status), retry_after(answer))
    return refusal(KIND, answer)


def _words(error: EffectError, place: str) -> str:
    if error.code.endswith(":private"):
        return f"{place} is not on the public internet. If that is right, set allow_private = true. ({error.code})"
    if reason_in(error.code) is Reason.NOT_ALLOWED:
        return f"{place} does not accept the signature. Is the secret the same on both sides? ({error.code})"
    return problem_of(error, place)


def _private_problem(url: str, allowed: bool) -> str:
    """For an address that is plainly a number or this machine; names are judged when they are looked up."""
    host = urlsplit(url).hostname or ""
    plain = host == "localhost" or host.replace(".", "").isdigit() or ":" in host
    return (
        "" if allowed or not plain or is_public(host) else "is not public; if that is right, set allow_private = true"
    )


def _signing(settings: SinkSettings) -> Sequence[str]:
    secret = settings.secret("secret")
    found = tuple(secret.reveal().split()) if secret else ()
    if not found:
        raise settings.problem("secret", "must be set in the environment")
    for problem in [words for words in map(secret_problem, found) if words]:
        raise settings.problem("secret", problem)
    return found
