"""What the answers of the connector and of the sign-in mean. Pure; no text of an answer gets into an error."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from bot.domain.errors import EffectError, Permanent, Temporary

_TRY_AGAIN = frozenset({408, 412, 425, 500, 502, 503, 504})
# What is wrong with the bot's id, secret or tenant (RFC 6749, 5.2, and Microsoft's own): trying again mends none of it.
_NO_BOT = frozenset({"invalid_client", "unauthorized_client", "invalid_tenant"})
# What Teams says with 403 when a person took the bot away or blocked it.
_GONE = frozenset({"BotNotInConversationRoster", "ForbiddenOperationException", "MessageWritesBlocked"})


@dataclass(slots=True)
class Answer:
    """The connector's answer, the whole body read."""

    status: int
    body: bytes
    retry_after: float | None
    context: Any = None  # the SDK's own
    twice_refused: bool = False  # 401 for this token and for the one before


def check(answer: Answer, *, new_token: bool = False) -> None:
    """Raises what an answer other than success means. `new_token`: the one before was refused, too."""
    if answer.status < 300:
        return
    if answer.status == 429:
        raise Temporary("teams_busy", answer.retry_after)
    if answer.status in _TRY_AGAIN or (answer.status == 401 and not new_token):
        raise Temporary(f"teams_{answer.status}", answer.retry_after)
    if answer.status == 404 or (answer.status == 403 and _codes(answer) & _GONE):
        raise Permanent("teams_gone")
    raise Permanent(f"teams_{answer.status}")


def _object(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _body(answer: Answer) -> Mapping[str, Any]:
    return _read(answer.body or b"{}")


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        return _object(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def _codes(answer: Answer) -> set[str]:
    error = _object(_body(answer).get("error"))
    return {str(error.get("code")), str(error.get("subCode"))}


def named(answer: Answer) -> str:
    """The id in an answer, "" when there is none: what was sent stands, but cannot be changed."""
    found = _body(answer).get("id")
    return found if isinstance(found, str) else ""


def begun(answer: Answer) -> tuple[str, str]:
    """The thread and the message that began it; "" for what the answer does not say."""
    message = _body(answer).get("activityId")
    return named(answer), message if isinstance(message, str) else ""


def not_signed_in(status: int, body: bytes, retry_after: str | None) -> EffectError:
    """What an error of Microsoft's sign-in means. Only what is wrong with id, secret or tenant is lasting."""
    wait = seconds(retry_after)
    if status == 429 or status >= 500:
        return Temporary("teams_login_busy", wait)
    error = _read(body).get("error")
    if isinstance(error, str) and error in _NO_BOT:
        return Permanent(f"teams_login_{error}")
    return Temporary(f"teams_login_{status}", wait)


def seconds(retry_after: str | None) -> float | None:
    """Seconds of a Retry-After header; a date in it counts as none."""
    return float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else None
