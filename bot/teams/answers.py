"""What the connector's answers mean. Pure; no text of an answer gets into an error."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from bot.domain.errors import Permanent, Temporary

_TRY_AGAIN = frozenset({401, 408, 412, 425, 429, 500, 502, 503, 504})
# What Teams says with 403 when a person took the bot away or blocked it.
_GONE = frozenset({"BotNotInConversationRoster", "ForbiddenOperationException", "MessageWritesBlocked"})


@dataclass(slots=True)
class Answer:
    """The connector's answer, the whole body read."""

    status: int
    body: bytes
    retry_after: float | None
    context: Any = None  # the SDK's own


def check(answer: Answer) -> None:
    """Raises what an answer other than success means."""
    if answer.status < 300:
        return
    if answer.status == 429:
        raise Temporary("teams_busy", answer.retry_after)
    if answer.status in _TRY_AGAIN or answer.status > 500:
        raise Temporary(f"teams_{answer.status}", answer.retry_after)
    if answer.status == 404 or (answer.status == 403 and _codes(answer) & _GONE):
        raise Permanent("teams_gone")
    raise Permanent(f"teams_{answer.status}")


def _object(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _body(answer: Answer) -> Mapping[str, Any]:
    try:
        return _object(json.loads(answer.body or b"{}"))
    except ValueError:
        return {}


def _codes(answer: Answer) -> set[str]:
    error = _object(_body(answer).get("error"))
    return {str(error.get("code")), str(error.get("subCode"))}


def named(answer: Answer) -> str:
    """The id in an answer. Raises Permanent when there is none: what was sent could never be updated."""
    found = _body(answer).get("id")
    if not isinstance(found, str) or not found:
        raise Permanent("teams_no_id")
    return found


def seconds(retry_after: str | None) -> float | None:
    """Seconds of a Retry-After header; a date in it counts as none."""
    return float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else None
