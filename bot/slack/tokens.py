"""Which token answers for which workspace. Kept in memory; rotated before it expires, once whoever asks.

A request is never held up by Slack, unless its token has expired and no other will do.
"""

# slack_sdk leaves type parameters open in its signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import Temporary
from bot.domain.ids import PracticeId
from bot.installations import Installation, Installations
from bot.logs import safe
from bot.ports import Clock

_log = logging.getLogger("afternote.slack")
AHEAD = timedelta(hours=2)
_LEASE = timedelta(seconds=60)
_AFTER_REFUSAL = timedelta(minutes=5)
_FRESH_SECONDS = 30.0  # how late another process hears that a workspace was installed or taken away
_PATIENCE = 2.0  # seconds that a request waits for a new token when the old one has expired
_EVERY_SECONDS = 300.0
_AGAIN_SECONDS = 5.0
_STORING = (0.2, 1.0, 5.0)  # seconds between tries: what Slack gave must not be lost


class Tokens(Protocol):
    """The workspaces that are served, and their tokens."""

    async def current(self, team_id: str) -> Installation | None:
        """The workspace's installation with a token to call with; None when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class OneToken:
    """The one workspace of SLACK_BOT_TOKEN."""

    installation: Installation

    async def current(self, team_id: str) -> Installation | None:
        """See Tokens."""
        return self.installation if team_id == self.installation.team_id else None


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """The app, as it signs itself to Slack. `client` carries no token."""

    client: AsyncWebClient
    client_id: str
    secret: str

    async def exchange(self, **grant: str) -> Mapping[str, object]:
        """The answer to a code or a refresh token. Raises SlackApiError, ClientError or TimeoutError."""
        own = {"client_id": self.client_id, "client_secret": self.secret}
        answer = await self.client.api_call("oauth.v2.access", data={**own, **grant})
        return answer.data if isinstance(answer.data, dict) else {}


class InstalledTokens:
    """The tokens of the workspaces that installed the app, of those practices that are served here.

    `practices`: workspace → the practice whose file names it. An installation of another practice is none.
    """

    def __init__(
        self, store: Installations, oauth: OAuthClient, practices: Mapping[str, PracticeId], clock: Clock
    ) -> None:
        self._store, self._oauth, self._practices, self._clock = store, oauth, practices, clock
        self._known: dict[str, tuple[float, Installation | None]] = {}
        self._refreshing: dict[str, asyncio.Task[None]] = {}
        self._tried: dict[str, float] = {}

    async def current(self, team_id: str) -> Installation | None:
        """See Tokens. Raises Temporary when the database does not answer and nothing is known."""
        if team_id not in self._practices:
            return None
        found = await self._looked_up(team_id)
        if found is None or not self._due(found):
            return found
        if time.monotonic() - self._tried.get(team_id, float("-inf")) < _AGAIN_SECONDS:
            return found
        refreshing = self._refresh_soon(team_id)
        if found.expires_at and found.expires_at <= self._clock.now():
            await asyncio.wait({refreshing}, timeout=_PATIENCE)
            return await self._looked_up(team_id)
        return found

    async def after_refusal(self, team_id: str, token: str) -> str:
        """Another token than this one, which Slack has refused. Raises Temporary when there is none."""
        self.forget(team_id)
        found = await self.current(team_id)
        if found is None or found.bot_token == token:
            raise Temporary("slack_not_installed")
        return found.bot_token

    async def still_good(self, team_id: str) -> bool:
        """Whether Slack itself takes the token that is kept; False also when there is none, or nobody answers."""
        self.forget(team_id)
        found = await self.current(team_id)
        try:
            return found is not None and bool(await self._oauth.client.auth_test(token=found.bot_token))
        except (SlackApiError, aiohttp.ClientError, TimeoutError):
            return False

    def forget(self, team_id: str) -> None:
        """Look it up anew next time: it was installed, rotated or revoked."""
        self._known.pop(team_id, None)

    async def keep_fresh(self) -> None:
        """Rotate in time also what nobody uses; runs until it is cancelled."""
        while True:
            try:
                for team_id in await self._store.expiring(self._clock.now() + AHEAD):
                    await self.current(team_id)
            except Exception as error:
                _log.warning("slack tokens were not looked through: %s", safe(error))
            await asyncio.sleep(_EVERY_SECONDS)

    async def finish(self) -> None:
        """Wait for what is being exchanged: its answer must be stored."""
        if tasks := set(self._refreshing.values()):
            await asyncio.wait(tasks, timeout=15)

    async def _looked_up(self, team_id: str) -> Installation | None:
        at, known = self._known.get(team_id, (float("-inf"), None))
        if time.monotonic() - at < _FRESH_SECONDS:
            return known
        try:
            found = await self._store.find(team_id)
        except Temporary:
            if known is None:
                raise
            return known
        serves = found is not None and found.serves and found.practice_id == self._practices[team_id]
        self._known[team_id] = (time.monotonic(), found if serves else None)
        return self._known[team_id][1]

    def _due(self, found: Installation) -> bool:
        return bool(found.refresh_token and found.expires_at and found.expires_at - AHEAD <= self._clock.now())

    def _refresh_soon(self, team_id: str) -> "asyncio.Task[None]":
        """The exchange under way, or a new one: in one process one at a time for a workspace."""
        if team_id not in self._refreshing:
            task = self._refreshing[team_id] = asyncio.create_task(self._refresh(team_id))
            task.add_done_callback(lambda _: self._refreshing.pop(team_id, None))
        return self._refreshing[team_id]

    async def _refresh(self, team_id: str) -> None:
        try:
            await self._refresh_leased(team_id)
        except Exception as error:
            _log.warning("slack token of %s was not rotated: %s", team_id, safe(error))
        self._tried[team_id] = time.monotonic()

    async def _refresh_leased(self, team_id: str) -> None:
        """Read the row as it stands, take its lease, exchange, store, and only then use what came."""
        seen, now = await self._store.find(team_id), self._clock.now()
        if seen is None or not seen.serves or not self._due(seen):
            self.forget(team_id)
            return
        until = now + _LEASE
        if not await self._store.lease(seen, now, until):
            await self._wait_for_another(team_id, seen)
            return
        answer = await self._exchanged(seen)
        if answer is None:  # the lease is kept on, so that nobody asks Slack again and again
            await self._store.lease(replace(seen, refreshing_until=until), until, self._clock.now() + _AFTER_REFUSAL)
            return
        if await self._stored(rotated(seen, answer, self._clock.now()), until):
            _log.info("slack token of %s was rotated", team_id)
        self.forget(team_id)

    async def _stored(self, installation: Installation, until: datetime) -> bool:
        for wait in _STORING:
            try:
                return await self._store.rotated(installation, until)
            except Temporary:
                await asyncio.sleep(wait)
        return await self._store.rotated(installation, until)

    async def _exchanged(self, seen: Installation) -> Mapping[str, object] | None:
        """Slack's answer, or None: the token at hand is used until it expires."""
        try:
            answer = await self._oauth.exchange(grant_type="refresh_token", refresh_token=seen.refresh_token)
        except SlackApiError as error:
            _log.warning("slack refuses to rotate the token of %s: %s", seen.team_id, code_of(error))
            return None
        except (aiohttp.ClientError, TimeoutError) as error:
            _log.warning("slack does not answer, the token of %s is not rotated: %s", seen.team_id, safe(error))
            return None
        return answer if answer.get("access_token") else None

    async def _wait_for_another(self, team_id: str, seen: Installation) -> None:
        """Another process exchanges it, or was refused lately: who has no good token waits a moment for theirs."""
        deadline = time.monotonic() + _PATIENCE
        while seen.expires_at and seen.expires_at <= self._clock.now() and time.monotonic() < deadline:
            found = await self._store.find(team_id)
            if found is None or found.bot_token != seen.bot_token:
                break
            await asyncio.sleep(0.1)
        self.forget(team_id)


def rotated(seen: Installation, answer: Mapping[str, object], now: datetime) -> Installation:
    """The installation with the tokens of Slack's answer."""
    return replace(
        seen,
        bot_token=str(answer["access_token"]),
        refresh_token=str(answer.get("refresh_token") or ""),
        expires_at=expiry(answer, now),
        refreshing_until=None,
    )


def expiry(answer: Mapping[str, object], now: datetime) -> datetime | None:
    """When the token of Slack's answer expires; None for one that does not rotate."""
    seconds = answer.get("expires_in")
    return now + timedelta(seconds=int(seconds)) if isinstance(seconds, int) and seconds > 0 else None


def code_of(error: SlackApiError) -> str:
    """Slack's code and nothing else of it."""
    return str(error.response.get("error", "unknown")) if error.response else "unknown"
