"""Asks a language model over the OpenAI protocol. The only module that knows the SDK, which it loads when first used.

No error, log line or exception of this module carries a word of what a server said: servers quote requests.
"""

import asyncio
import random
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from bot.domain.completion import Completion, Prompt
from bot.domain.errors import EffectError, Temporary
from bot.drafting.modes import Abilities
from bot.drafting.protocol import complaint_of, completion_of, failure_of

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 20.0
_MAY_COMPLAIN = (400, 404, 422, 500, 501)
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
                return completion_of(text, self._model)
            except openai.APIStatusError as error:
                complaint = complaint_of(error.body, error.param, error.message)
                if error.status_code in _MAY_COMPLAIN and self.abilities.give_up(arguments, complaint):
                    continue
                return failure_of(error.status_code, error.code, error.response.headers)
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


def _never_connected(error: BaseException) -> bool:
    import httpx2

    return isinstance(error.__cause__, httpx2.ConnectTimeout | httpx2.PoolTimeout)


def _jittered(wait: float) -> float:
    return wait * (0.75 + random.random() / 4)  # noqa: S311 - spreads retries, guards nothing
