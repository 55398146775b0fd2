"""What Slack hands out for a short time: trigger ids, response URLs, tokens and OAuth codes."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from demo.cast import App, Timing
from demo.errors import Refused

RESPONSE_URL_USES = 5
ROTATED_FOR = 43_200


@dataclass(slots=True)
class Trigger:
    """The right to open one view within three seconds; `in_view` when it came out of a modal."""

    user: str
    expires: float
    in_view: bool = False
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """Where an app may answer five times: in which channel, to whom, and about which message."""

    channel: str
    user: str
    expires: float
    message_ts: str | None = None
    uses: int = 0


class Triggers:
    """Single-use trigger ids."""

    def __init__(self, clock: Callable[[], float], timing: Timing) -> None:
        self._clock, self._timing = clock, timing
        self._issued: dict[str, Trigger] = {}

    def issue(self, user: str, in_view: bool = False) -> str:
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._issued[trigger_id] = Trigger(user, self._clock() + self._timing.trigger, in_view)
        return trigger_id

    def exchange(self, trigger_id: str) -> Trigger:
        """Use a trigger. Refuses one that is unknown, used or too old."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if self._clock() > trigger.expires:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger


class ResponseUrls:
    """Response URLs by their secret last path segment."""

    def __init__(self, clock: Callable[[], float], timing: Timing) -> None:
        self._clock, self._timing = clock, timing
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, channel: str, user: str, message_ts: str | None = None) -> str:
        token = secrets.token_urlsafe(18)
        self._issued[token] = ResponseUrl(channel, user, self._clock() + self._timing.response_url, message_ts)
        return token

    def use(self, token: str) -> ResponseUrl:
        """Count one use. Refuses an unknown, expired or used-up URL."""
        found = self._issued.get(token)
        if found is None or self._clock() > found.expires:
            raise Refused("expired_url")
        if found.uses >= RESPONSE_URL_USES:
            raise Refused("used_url")
        found.uses += 1
        return found


@dataclass(slots=True)
class Token:
    """A bearer token; `expires` in the clock's seconds, None for one that does not rotate."""

    kind: str
    expires: float | None = None
    revoked: bool = False


@dataclass(slots=True)
class Tokens:
    """Installed tokens, refresh tokens and OAuth codes of the one app."""

    app: App
    clock: Callable[[], float]
    issued: dict[str, Token] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    refresh: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.issued[self.app.bot_token] = Token("bot")
        self.issued[self.app.app_token] = Token("app")

    def check(self, bearer: str | None, kind: str) -> None:
        """Refuse a call whose token is missing, unknown, revoked, too old or of the wrong kind."""
        if not bearer:
            raise Refused("not_authed")
        token = self.issued.get(bearer)
        if token is None:
            raise Refused("invalid_auth")
        if token.revoked:
            raise Refused("token_revoked")
        if token.expires is not None and self.clock() > token.expires:
            raise Refused("token_expired")
        if token.kind != kind:
            raise Refused("not_allowed_token_type")

    def revoke(self, bearer: str | None = None) -> None:
        """Revoke one bot token, or all of them."""
        for value, token in self.issued.items():
            if token.kind == "bot" and bearer in (None, value):
                token.revoked = True
        if bearer is None:
            self.refresh.clear()

    def issue(self) -> dict[str, object]:
        """A new bot token, with a refresh token when the app rotates its tokens."""
        if not self.app.token_rotation:
            bearer = f"xoxb-{secrets.token_hex(12)}"
            self.issued[bearer] = Token("bot")
            return {"access_token": bearer}
        bearer, refresh = f"xoxe.xoxb-1-{secrets.token_hex(16)}", f"xoxe-1-{secrets.token_hex(16)}"
        self.issued[bearer] = Token("bot", self.clock() + ROTATED_FOR)
        self.refresh[refresh] = bearer
        return {"access_token": bearer, "refresh_token": refresh, "expires_in": ROTATED_FOR}

    def new_code(self, redirect_uri: str) -> str:
        code = f"{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self.codes[code] = redirect_uri
        return code

    def exchange_code(self, code: str, redirect_uri: str | None) -> dict[str, object]:
        """A token for a code, once."""
        issued_for = self.codes.pop(code, None)
        if issued_for is None:
            raise Refused("invalid_code")
        if redirect_uri is not None and redirect_uri != issued_for:
            raise Refused("bad_redirect_uri")
        return self.issue()

    def exchange_refresh(self, refresh: str) -> dict[str, object]:
        """The next token for a refresh token, once; the one before stops working."""
        before = self.refresh.pop(refresh, None)
        if before is None:
            raise Refused("invalid_refresh_token")
        self.issued[before].revoked = True
        return self.issue()
