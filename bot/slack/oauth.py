"""GET /slack/install and /slack/oauth_redirect: a workspace installs the app. Only one that a practice names may.

A state is random, kept as a digest, bound to the browser by a cookie, used once and good for ten minutes. Nothing of an
address is shown again or logged: codes only.
"""

# slack_sdk leaves type parameters open in its signatures.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import Any, NoReturn
from urllib.parse import urlencode, urlsplit

import aiohttp
from aiohttp import web
from slack_sdk.errors import SlackApiError

from bot.acts.first_person import first_person
from bot.acts.front import Front
from bot.addresses import is_near
from bot.cards import install_words as words
from bot.cards.elements import Card, Sentence
from bot.domain.errors import AfternoteError
from bot.installations import Installation, Installations
from bot.logs import safe
from bot.ports import Clock, Place
from bot.slack.tokens import InstalledTokens, OAuthClient, code_of, expiry

_log = logging.getLogger("afternote.slack")
INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
SCOPES = ("chat:write", "commands", "files:read", "im:history", "im:write")
COOKIE = "afternote_install"
GOOD_FOR = timedelta(minutes=10)
_MOST_BEGUN = 1000  # anybody may open the address: what is kept of it has an end
_CODE = re.compile(r"[a-z_]{1,40}")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class _Ended(Exception):
    """The flow ends here, with this page. `code` is what is logged of it."""

    def __init__(self, status: int, code: str, title: str, text: str, lines: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.title, self.text, self.lines = status, code, title, text, lines


@dataclass(frozen=True, slots=True)
class Installer:
    """The flow of one app. `fronts`: workspace → the practice that may install it there."""

    oauth: OAuthClient
    store: Installations
    tokens: InstalledTokens
    clock: Clock
    fronts: Mapping[str, Front]

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """Off to Slack's own page, with a state that this browser has to bring back."""
        state, now = secrets.token_urlsafe(32), self.clock.now()
        try:
            if not await self.store.add_state(_digest(state), now, now - GOOD_FOR, _MOST_BEGUN):
                raise _Ended(503, "too_many_begun", words.BUSY, words.BUSY_TEXT)
        except _Ended as ended:
            return _refused(ended)
        except AfternoteError as error:
            return _refused(_Ended(503, safe(error), words.BUSY, words.BUSY_TEXT))
        asked = {"client_id": self.oauth.client_id, "scope": ",".join(SCOPES), "user_scope": "", "state": state}
        if team := request.query.get("team", ""):
            asked["team"] = team[:40]
        there = f"{self._authorize_url()}?{urlencode(asked)}"
        response = web.Response(status=302, headers={**_HEADERS, "Location": there})
        response.set_cookie(
            COOKIE,
            state,
            max_age=int(GOOD_FOR.total_seconds()),
            path="/slack/",
            httponly=True,
            samesite="Lax",
            secure=not is_near(request.url.host or "", private=False),
        )
        return response

    async def finish(self, request: web.Request) -> web.StreamResponse:
        """What Slack sends the browser back with."""
        try:
            response = await self._finished(request)
        except _Ended as ended:
            response = _refused(ended)
        except AfternoteError as error:
            response = _refused(_Ended(503, safe(error), words.BUSY, words.BUSY_TEXT))
        response.del_cookie(COOKIE, path="/slack/")
        return response

    async def _finished(self, request: web.Request) -> web.Response:
        await self._check_state(request)
        if "error" in request.query:
            code = _slack_code(request.query["error"])
            raise _Ended(403, code, words.DENIED, words.DENIED_TEXT.format(again=INSTALL))
        if not request.query.get("code"):
            _broken("no_code")
        answer = await self._exchanged(request.query["code"])
        front, installation = await self._accepted(answer)
        by = front.person(installation.team_id, installation.installer_user_id)
        await self.store.save(installation, by.id if by else None)
        self.tokens.forget(installation.team_id)
        _log.info("slack workspace %s installed the app", installation.team_id)
        administers = await first_person(front, installation.installer_user_id, words.FIRST_NAME)
        front.later.run(_welcome(front, installation, administers=administers))
        text = words.DONE_TEXT.format(practice=front.desk.practice.name)
        return _page(200, words.DONE, f"{text} {words.DONE_ADMINISTRATOR}" if administers else text)

    async def _check_state(self, request: web.Request) -> None:
        state, bound = request.query.get("state", ""), request.cookies.get(COOKIE, "")
        if not state:
            _broken("no_state")
        if not hmac.compare_digest(state.encode(), bound.encode()):
            again = words.OTHER_BROWSER_TEXT.format(again=INSTALL)
            raise _Ended(400, "state_of_another_browser", words.OTHER_BROWSER, again)
        begun = await self.store.use_state(_digest(state))
        if begun is None:
            raise _Ended(400, "state_used", words.USED, words.USED_TEXT.format(again=INSTALL))
        if begun < self.clock.now() - GOOD_FOR:
            raise _Ended(400, "state_expired", words.LATE, words.LATE_TEXT.format(again=INSTALL))

    async def _exchanged(self, code: str) -> Mapping[str, Any]:
        try:
            return await self.oauth.exchange(code=code)
        except SlackApiError as error:
            refused = code_of(error)
            text = words.REFUSED_TEXT.format(code=_slack_code(refused), again=INSTALL)
            raise _Ended(400, refused, words.REFUSED, text) from None
        except (aiohttp.ClientError, TimeoutError):
            raise _Ended(502, "slack_unreachable", words.AWAY, words.AWAY_TEXT.format(again=INSTALL)) from None

    async def _accepted(self, answer: Mapping[str, Any]) -> tuple[Front, Installation]:
        """The practice and what is to be stored. Raises _Ended, and gives the token back, for a workspace of nobody."""
        token, team = str(answer.get("access_token") or ""), str(_of(answer, "team").get("id") or "")
        if answer.get("is_enterprise_install") or not team:
            await self._give_back(token)
            text = words.ORGANISATION_TEXT.format(again=INSTALL)
            raise _Ended(403, "organization", words.ORGANISATION, text)
        front = self.fronts.get(team)
        if front is None:
            await self._give_back(token)
            lines = words.UNKNOWN_WORKSPACE_LINES.format(team=team[:40])
            raise _Ended(403, "unknown_workspace", words.UNKNOWN_WORKSPACE, words.UNKNOWN_WORKSPACE_TEXT, lines)
        now = self.clock.now()
        return front, Installation(
            team_id=team,
            practice_id=front.desk.id,
            bot_token=token,
            bot_user_id=str(answer.get("bot_user_id") or ""),
            bot_id=await self._bot_id(token),
            installed_at=now,
            scopes=tuple(scope for scope in str(answer.get("scope") or "").split(",") if scope),
            refresh_token=str(answer.get("refresh_token") or ""),
            expires_at=expiry(answer, now),
            installer_user_id=str(_of(answer, "authed_user").get("id") or ""),
            enterprise_id=str(_of(answer, "enterprise").get("id") or ""),
        )

    async def _bot_id(self, token: str) -> str:
        """Which the answer to a code does not say."""
        try:
            owner = await self.oauth.client.auth_test(token=token)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            _log.warning("slack does not say the bot's id: %s", safe(error))
            raise _Ended(502, "slack_unreachable", words.AWAY, words.AWAY_TEXT.format(again=INSTALL)) from None
        return str(owner.get("bot_id") or "")

    async def _give_back(self, token: str) -> None:
        """Have Slack forget a token that nobody will use."""
        try:
            await self.oauth.client.auth_revoke(token=token)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            _log.warning("a token that is not kept was not revoked: %s", safe(error))

    def _authorize_url(self) -> str:
        address = urlsplit(self.oauth.client.base_url)
        return f"{address.scheme}://{address.netloc}/oauth/v2/authorize"


async def _welcome(front: Front, installation: Installation, *, administers: bool) -> None:
    said = [words.WELCOME.format(practice=front.desk.practice.name)]
    said += [words.WELCOME_ADMINISTRATOR] if administers else []
    card = Card(words.DONE, tuple(Sentence(line) for line in said))
    if installation.installer_user_id:
        await front.screens.chats[front.platform].post(Place(front.platform, installation.installer_user_id), card)


def _broken(code: str) -> NoReturn:
    raise _Ended(400, code, words.BROKEN, words.BROKEN_TEXT.format(again=INSTALL))


def _refused(ended: _Ended) -> web.Response:
    _log.warning("slack installation refused: %s", ended.code)
    return _page(ended.status, ended.title, ended.text, ended.lines)


def _page(status: int, title: str, text: str, lines: str = "") -> web.Response:
    """A page of plain HTML: no script, no style, nothing from elsewhere."""
    code = f"<pre>{escape(lines)}</pre>" if lines else ""
    body = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · {words.TITLE}</title>'
        f'<meta name="viewport" content="width=device-width"></head><body><main><h1>{escape(title)}</h1>'
        f"<p>{escape(text)}</p>{code}</main></body></html>"
    )
    return web.Response(status=status, text=body, content_type="text/html", charset="utf-8", headers=_HEADERS)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _slack_code(code: str) -> str:
    """A code as Slack has them, or a word of ours: an address may say anything."""
    return code if _CODE.fullmatch(code) else "unknown_error"


def _of(answer: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = answer.get(key)
    return found if isinstance(found, Mapping) else {}
