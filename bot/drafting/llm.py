"""Asks a language model over the OpenAI protocol. The only module that knows the SDK, which it loads when first used.

No error, log line or exception of this module carries a word of what a server said: servers quote requests.
"""

import asyncio
import json
import random
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from bot.domain.completion import Completion, Prompt
from bot.domain.errors import EffectError, Permanent, Temporary
from bot.drafting.modes import Abilities

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 20.0
_BUSY = (408, 409, 425, 429)
_LARGEST_ANSWER = 400_000
_OFFICIAL = "https://api.openai.com/v1"


class OpenAiModel:
    """A model behind an OpenAI-compatible server: OpenAI, Azure OpenAI, vLLM, Ollama, llama.cpp.

    One attempt takes `timeout_seconds` at most, the whole call, with waits and repeated attempts, `patience_seconds`.
    A Retry-After that does not fit into the patience left is handed to the caller in `Temporary.retry_after`.
    An address with `api-version` in its query is one of Azure's deployments.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        model: str,
        *,
        timeout_seconds: float = 60.0,
        connect_seconds: float = 5.0,
        patience_seconds: float = 120.0,
        first_wait_seconds: float = _FIRST_WAIT,
    ) -> None:
        self._base_url = base_url or _OFFICIAL
        self._api_key = api_key
        self._model = model
        self._timeout = timeout_seconds
        self._connect = connect_seconds
        self._patience = patience_seconds
        self._first_wait = first_wait_seconds
        self._client: AsyncOpenAI | None = None
        self._first_request = asyncio.Lock()
        self.abilities = Abilities()

    async def complete(self, prompt: Prompt) -> Completion:
        """The model's answer. Raises `Temporary` (`model_busy`, `model_unreachable`, `model_timeout`) or `Permanent`
        (`model_refused_key`, `model_not_found`, `model_bad_request`, `model_out_of_credit`).
        """
        failure: EffectError | None = None
        try:
            async with asyncio.timeout(self._patience):
                return await self._patiently(prompt, time.monotonic() + self._patience)
        except TimeoutError:
            failure = Temporary("model_timeout")
        # Raised out here so that no error of the SDK hangs on it as its context.
        raise failure

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _patiently(self, prompt: Prompt, until: float) -> Completion:
        wait = self._first_wait
        while True:
            answer = await self._in_turn(prompt)
            if isinstance(answer, Completion):
                return answer
            if not isinstance(answer, Temporary) or answer.code == "model_timeout":
                raise answer
            pause = answer.retry_after or _jittered(wait)
            if time.monotonic() + pause >= until:
                raise answer
            await asyncio.sleep(pause)
            wait = min(wait * 2, _LONGEST_WAIT)

    async def _in_turn(self, prompt: Prompt) -> Completion | EffectError:
        """Until the server has shown what it can do, one request at a time finds it out for all."""
        if not self.abilities.settled:
            async with self._first_request:
                if not self.abilities.settled:
                    return await self._attempt(prompt)
        return await self._attempt(prompt)

    async def _attempt(self, prompt: Prompt) -> Completion | EffectError:
        """One answered or failed request; parameters the server refuses are given up on the way."""
        client = await self._connected()
        import openai

        while True:
            arguments = self.abilities.arguments(prompt)
            try:
                async with asyncio.timeout(self._timeout):
                    text = await self._send(client, prompt, arguments)
                self.abilities.settled = True
                return _completion(text, self._model)
            except openai.APIStatusError as error:
                if error.status_code in (400, 404, 422, 500, 501) and self.abilities.give_up(
                    arguments, _complaint(error)
                ):
                    continue
                return _failure(error)
            except (TimeoutError, openai.APITimeoutError) as error:
                return Temporary("model_unreachable" if _never_connected(error) else "model_timeout")
            except (openai.OpenAIError, OSError):
                return Temporary("model_unreachable")

    async def _send(self, client: "AsyncOpenAI", prompt: Prompt, arguments: Mapping[str, Any]) -> str:
        """The body of the answer."""
        answer = cast(
            "Any",
            await client.chat.completions.with_raw_response.create(
                model=self._model,
                messages=[{"role": "system", "content": prompt.constant}, {"role": "user", "content": prompt.question}],
                **arguments,
            ),
        )
        return str(answer.text)

    async def _connected(self) -> "AsyncOpenAI":
        """The client; loading the SDK takes about a second, in which the loop must go on."""
        if self._client is None:
            made = await asyncio.to_thread(_client, self._base_url, self._api_key, self._timeout, self._connect)
            self._client = self._client or made
        return self._client


def _client(base_url: str, api_key: str, timeout_seconds: float, connect_seconds: float) -> "AsyncOpenAI":
    """The SDK's client without its own retries. Redirects are not followed: they could lead clinical text elsewhere."""
    import httpx2
    import openai

    parts = urlsplit(base_url)
    query = dict(parse_qsl(parts.query))
    timeout = httpx2.Timeout(timeout_seconds, connect=connect_seconds)
    return openai.AsyncOpenAI(
        base_url=urlunsplit(parts._replace(query="", fragment="")),
        api_key=api_key or "none",  # servers without a key take any; empty would make the SDK look for one
        timeout=timeout,
        max_retries=0,
        default_query=query,
        default_headers={"api-key": api_key} if "api-version" in query else {},
        http_client=openai.DefaultAsyncHttpxClient(timeout=timeout, follow_redirects=False),
    )


def _completion(body: str, model: str) -> Completion:
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


def _failure(error: "APIStatusError") -> EffectError:
    status = error.status_code
    if error.code == "insufficient_quota":
        return Permanent("model_out_of_credit")
    if status in _BUSY or status >= 500:
        return Temporary("model_busy", _retry_after(error.response.headers))
    if status in (401, 403):
        return Permanent("model_refused_key")
    return Permanent("model_not_found" if status == 404 else "model_bad_request")


def _complaint(error: "APIStatusError") -> str:
    """What the server objects to, to look for parameters' names in; never kept. Not the part that quotes the input."""
    body = _mapping(error.body)
    if "detail" in body:  # FastAPI's own form: places and messages, beside the input
        places = map(_mapping, _list(body["detail"]))
        return " ".join(f"{place.get('loc')} {place.get('msg')}" for place in places) or _text(body["detail"])
    return f"{error.param or ''} {body.get('message', '') or error.message}"


def _retry_after(headers: Mapping[str, str]) -> float | None:
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


def _never_connected(error: BaseException) -> bool:
    import httpx2

    return isinstance(error.__cause__, httpx2.ConnectTimeout | httpx2.PoolTimeout)


def _jittered(wait: float) -> float:
    return wait * (0.75 + random.random() / 4)  # noqa: S311 - spreads retries, guards nothing
