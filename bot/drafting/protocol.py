"""Reads what OpenAI-compatible servers answer, as plain data. Knows no SDK and keeps no word of an error."""

import json
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, cast

from bot.domain.completion import Completion
from bot.domain.errors import EffectError, Permanent, Temporary

_BUSY = (408, 409, 425, 429)
_LARGEST_ANSWER = 400_000


def completion_of(body: str, model: str) -> Completion:
    """Reads a chat completion leniently: a body that is none (a proxy's page, say) is an empty answer."""
    answer = _mapping(_json(body))
    choice = _mapping(next(iter(_list(answer.get("choices"))), None))
    message = _mapping(choice.get("message"))
    usage = _mapping(answer.get("usage"))
    finish = choice.get("finish_reason")
    return Completion(
        text=_text(message.get("content"))[:_LARGEST_ANSWER],
        model=_text(answer.get("model"))[:200] or model,
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        cached_tokens=_count(_mapping(usage.get("prompt_tokens_details")).get("cached_tokens")),
        refused=bool(message.get("refusal")) or finish == "content_filter",
        cut_short=finish == "length",
    )


def failure_of(status: int, code: str | None, headers: Mapping[str, str]) -> EffectError:
    """What the caller must do about an HTTP error; `code` is the server's own."""
    if code == "insufficient_quota":
        return Permanent("model_out_of_credit")
    if status in _BUSY or status >= 500:
        return Temporary("model_busy", retry_after(headers))
    if status in (401, 403):
        return Permanent("model_refused_key")
    return Permanent("model_not_found" if status == 404 else "model_bad_request")


def complaint_of(body: object, param: str | None, message: str) -> str:
    """What the server objects to, to look for parameters' names in; never kept. Not the part that quotes the input."""
    given = _mapping(body)
    if "detail" in given:  # FastAPI's own form: places and messages, beside the input
        places = map(_mapping, _list(given["detail"]))
        return " ".join(f"{place.get('loc')} {place.get('msg')}" for place in places) or _text(given["detail"])
    return f"{param or ''} {given.get('message', '') or message}"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait as the server says: `retry-after-ms`, or Retry-After in seconds or as a date."""
    milliseconds, seconds = headers.get("retry-after-ms", ""), headers.get("retry-after", "")
    for value, unit in ((milliseconds, 0.001), (seconds, 1.0)):
        try:
            found = float(value) * unit
        except ValueError:
            continue
        if 0 <= found < float("inf"):
            return found
    try:
        return max(0.0, parsedate_to_datetime(seconds).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _json(body: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
