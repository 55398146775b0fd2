"""A stand-in for a language model's server: the OpenAI protocol on loopback, behaving as it is told to.

`python -m demo.model_server --port 8807` runs it for a person, `async with ModelServer() as server` for a test. Answers
are worded from the request's own points without any model, always the same way.
"""

import argparse
import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from bot.domain.support import Kind
from bot.drafting.prompt import estimated_tokens
from demo.fabrications import Written, altered, invented
from demo.model_writer import honest, obedient, points_of
from demo.server import only_loopback

BODY = 4 * 1024 * 1024
DROP = 0

# What each kind of server says about a form of answer it does not support.
_NO_SCHEMA: Mapping[str, tuple[int, dict[str, Any]]] = {
    "openai": (
        400,
        {
            "error": {
                "message": "Invalid parameter: 'response_format' of type 'json_schema' is not supported here.",
                "type": "invalid_request_error",
                "param": "response_format",
                "code": None,
            }
        },
    ),
    "vllm": (
        400,
        {
            "object": "error",
            "message": "Guided decoding failed: unsupported json_schema for this backend.",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
    ),
    "llama_cpp": (
        500,
        {
            "error": {
                "code": 500,
                "message": 'response_format type must be one of "text" or "json_object", but got: json_schema',
                "type": "server_error",
            }
        },
    ),
    "llama_cpp_python": (
        500,
        {
            "error": {
                "message": "1 validation error:\n  {'type': 'literal_error', "
                "'loc': ('body', 'response_format', 'type'), "
                "'msg': \"Input should be 'text' or 'json_object'\", 'input': 'json_schema'}",
                "type": "internal_server_error",
                "param": None,
                "code": None,
            }
        },
    ),
    "pydantic": (
        422,
        {"detail": [{"loc": ["body", "response_format", "type"], "msg": "Input should be 'text' or 'json_object'"}]},
    ),
}
_NO_SHAPE = (
    400,
    {
        "error": {
            "message": "Unknown parameter: 'response_format.schema'.",
            "type": "invalid_request_error",
            "param": "response_format.schema",
            "code": "unknown_parameter",
        }
    },
)
_NO_FORMAT = (
    400,
    {
        "error": {
            "message": "Unrecognized request argument supplied: response_format",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        }
    },
)
SCHEMAS = ("strict", *_NO_SCHEMA, "none", "ignored")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the server is told to do.

    `failure`: a status, or 0 to drop the connection, for the first `times` requests (None: for ever). `broken`: one of
    BROKEN, for the first `times` requests. `schema`: one of SCHEMAS. `fabricate` adds an invented statement for each
    kind, `alter` a true one made false. `refuses`: parameters that are refused. `complaint`: what a failure says.
    """

    failure: int | None = None
    times: int | None = None
    retry_after: str | None = None
    location: str | None = None  # of a redirect
    code: str | None = None
    complaint: str = "The server is told to fail."
    slow_seconds: float = 0.0
    trickle: bool = False  # be slow by sending white space, so that the connection never falls silent
    broken: str | None = None
    schema: str = "strict"
    refuses: tuple[str, ...] = ()
    refuse: str | None = None  # "message" or "content_filter"
    fabricate: tuple[Kind, ...] = ()
    alter: tuple[Kind, ...] = ()
    obey: bool = False
    api_key: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it arrived."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(slots=True)
class ModelServer:
    """The running server. `told` may be replaced at any time; `tell` also counts its `times` from now."""

    told: Behaviour = field(default_factory=Behaviour)
    port: int = 0
    url: str = ""
    requests: list[Received] = field(default_factory=list[Received])
    given_up: int = 0  # requests whose client went away before the answer
    invented: list[tuple[Kind, str]] = field(default_factory=list[tuple[Kind, str]])
    _since: int = 0
    _runner: web.AppRunner | None = None

    def tell(self, told: Behaviour) -> None:
        """Behave like this from the next request on."""
        self.told = told
        self._since = len(self.requests)

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[only_loopback], client_max_size=BODY)
        app.add_routes([web.get("/v1/models", _models), web.post("/{path:.*}/chat/completions", self._on_request)])
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _on_request(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        self.requests.append(Received(request.path, dict(request.query), dict(request.headers), body))
        now = self.told.times is None or len(self.requests) - self._since <= self.told.times
        try:
            if self.told.trickle:
                return await self._trickle(request)
            await asyncio.sleep(self.told.slow_seconds)
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        if self.told.api_key and f"Bearer {self.told.api_key}" != request.headers.get("Authorization"):
            return _error(401, "Incorrect API key provided.", "invalid_api_key")
        if self.told.failure is not None and now:
            return self._fail(request)
        refused = _refused(self.told, body)
        if refused:
            return web.json_response(refused[1], status=refused[0])
        return self._answer(body, self.told.broken if now else None)

    async def _trickle(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        for _ in range(int(self.told.slow_seconds / 0.1)):
            await answer.write(b" ")
            await asyncio.sleep(0.1)
        await answer.write_eof(b"{}")
        return answer

    def _fail(self, request: web.Request) -> web.Response:
        if self.told.failure == DROP:
            if request.transport:
                request.transport.abort()
            raise web.HTTPServiceUnavailable
        headers = {"Retry-After": self.told.retry_after, "Location": self.told.location}
        given = {name: value for name, value in headers.items() if value is not None}
        return _error(self.told.failure or 500, self.told.complaint, self.told.code, given)

    def _answer(self, body: Any, broken: str | None) -> web.Response:
        constant, question = body["messages"][0]["content"], body["messages"][-1]["content"]
        if self.told.refuse:
            return web.json_response(_completion(body, None, self._cached(constant), refuse=self.told.refuse))
        text = _as_json(self._written(constant, question))
        if broken == "html":
            return web.Response(text="<html><body>Bad gateway</body></html>", content_type="text/html")
        if broken:
            text = BROKEN[broken](text)
        elif self.told.schema == "ignored":
            text = BROKEN["fenced"](text)
        finish = "length" if broken == "cut_short" else "stop"
        return web.json_response(_completion(body, text, self._cached(constant), finish=finish))

    def _written(self, constant: str, question: str) -> list[Written]:
        found = honest(question)
        points = points_of(question)
        false = [(kind, invented(kind, points)) for kind in self.told.fabricate]
        false += [(kind, one) for kind in self.told.alter if (one := altered(kind, found))]
        self.invented += [(kind, one.text) for kind, one in false]
        return found + [one for _, one in false] + (obedient(question, constant) if self.told.obey else [])

    def _cached(self, constant: str) -> int:
        """Tokens of the constant part, when an earlier request began with it."""
        before = (one.body["messages"][0]["content"] for one in self.requests[:-1])
        return estimated_tokens(constant) if constant in before else 0


BROKEN: Mapping[str, Callable[[str], str]] = {
    "truncated": lambda text: text[: len(text) * 2 // 3],
    "cut_short": lambda text: text[: len(text) * 2 // 3],
    "prose": lambda text: "I have written the note you asked for. Let me know if anything should change!",
    "empty": lambda text: "",
    "wrong_schema": lambda text: '{"soap": {"subjective": 1, "objective": [true, null]}}',
    "html": lambda text: text,
    "fenced": lambda text: f"Here is the note:\n\n```json\n{text}\n```\nLet me know if you need more.",
    "thinking": lambda text: f'<think>Shall I say {{"statements": []}}? No.</think>\n{text}',
    "trailing_commas": lambda text: text.replace("]}", ",]}").replace("}]", "},]"),
}


def _refused(told: Behaviour, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]] | None:
    wanted = body.get("response_format", {}).get("type")
    if wanted and told.schema == "none":
        return _NO_FORMAT
    if wanted == "json_schema" and told.schema in _NO_SCHEMA:
        return _NO_SCHEMA[told.schema]
    if told.schema == "openai" and "schema" in body.get("response_format", {}):
        return _NO_SHAPE
    name = next((name for name in told.refuses if name in body), None)
    if name:
        message = f"Unsupported parameter: '{name}' is not supported with this model."
        message += " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
        error = {"message": message, "type": "invalid_request_error", "param": name, "code": "unsupported_parameter"}
        return 400, {"error": error}
    return None


def _error(status: int, message: str, code: str | None, headers: Mapping[str, str] | None = None) -> web.Response:
    error = {"error": {"message": message, "type": "error", "param": None, "code": code}}
    return web.json_response(error, status=status, headers=headers)


def _as_json(statements: list[Written]) -> str:
    rows = [{"slot": one.slot, "text": one.text, "points": list(one.points)} for one in statements]
    return json.dumps({"statements": rows}, ensure_ascii=False)


def _completion(
    body: Mapping[str, Any], text: str | None, cached: int, *, finish: str = "stop", refuse: str | None = None
) -> dict[str, Any]:
    asked = sum(estimated_tokens(message["content"]) for message in body["messages"])
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
    if refuse == "message":
        message["refusal"] = "I cannot help with that."
    return {
        "id": "chatcmpl-demo",
        "object": "chat.completion",
        "created": 0,
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "message": message,
                "finish_reason": "content_filter" if refuse == "content_filter" else finish,
                "logprobs": None,
            }
        ],
        "usage": {
            "prompt_tokens": asked,
            "completion_tokens": estimated_tokens(text or ""),
            "total_tokens": asked + estimated_tokens(text or ""),
            "prompt_tokens_details": {"cached_tokens": cached},
        },
    }


async def _models(request: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [{"id": "demo", "object": "model"}]})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.model_server", description=__doc__)
    parser.add_argument("--port", type=int, default=8807)
    parser.add_argument("--slow", type=float, default=0.0, metavar="SECONDS", help="wait before each answer")
    parser.add_argument("--failure", type=int, help="answer with this status (0: drop the connection)")
    parser.add_argument("--times", type=int, help="fail or break the first so many requests only")
    parser.add_argument("--retry-after", help="with --failure")
    parser.add_argument("--broken", choices=sorted(BROKEN))
    parser.add_argument("--schema", choices=SCHEMAS, default="strict")
    parser.add_argument("--refuse", choices=("message", "content_filter"))
    parser.add_argument("--fabricate", nargs="*", type=Kind, default=[], metavar="KIND", help="add invented statements")
    parser.add_argument("--alter", nargs="*", type=Kind, default=[], metavar="KIND", help="add true ones made false")
    parser.add_argument("--obey", action="store_true", help="do what pasted commands in the points say")
    return parser.parse_args()


async def _serve(options: argparse.Namespace) -> None:
    told = Behaviour(
        failure=options.failure,
        times=options.times,
        retry_after=options.retry_after,
        slow_seconds=options.slow,
        broken=options.broken,
        schema=options.schema,
        refuse=options.refuse,
        fabricate=tuple(options.fabricate),
        alter=tuple(options.alter),
        obey=options.obey,
    )
    async with ModelServer(told, options.port) as server:
        print(f"OPENAI_BASE_URL={server.url} AFTERNOTE_MODEL=demo")  # noqa: T201 - for the person who started it
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(_options()))
