"""The client against the test server: real requests, on loopback, each behaviour as it can happen."""

import asyncio
import io
import json
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from email.utils import formatdate

import pytest

from bot.domain.errors import EffectError, Permanent, Temporary
from bot.domain.voice import Voice
from bot.drafting.llm import OpenAiModel
from bot.drafting.modes import Mode
from bot.drafting.parse import BrokenAnswer, parse_statements
from bot.drafting.prompt import draft_prompt
from bot.logs import PINNED, configure
from demo.model_server import DROP, Behaviour, ModelServer

CANARY = "zebra canary 7731"
POINTS = [f"Client reported poor sleep and said {CANARY}", "Reviewed the sleep diary together", "Next session Tuesday"]
PROMPT = draft_prompt(POINTS, Voice())


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as running:
        yield running


@pytest.fixture
async def model(server: ModelServer) -> AsyncIterator[OpenAiModel]:
    client = OpenAiModel(server.url, "sk-1", "small", patience_seconds=4, first_wait_seconds=0.01)
    yield client
    await client.close()


async def test_a_good_answer(server: ModelServer, model: OpenAiModel) -> None:
    first, second = await model.complete(PROMPT), await model.complete(PROMPT)
    statements = parse_statements(first.text, len(POINTS))
    assert {number for one in statements for number in one.sources} == {1, 2, 3}
    assert first.model == "small"
    assert first.completion_tokens > 0
    assert (first.cached_tokens, first.refused, first.cut_short) == (0, False, False)
    assert 0 < second.cached_tokens < second.prompt_tokens
    body = server.requests[0].body
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["messages"][0]["content"] == PROMPT.constant
    assert body["response_format"]["json_schema"]["strict"] is True
    assert server.requests[0].headers["Authorization"] == "Bearer sk-1"


async def test_a_request_holds_these_fields_and_no_others(server: ModelServer, model: OpenAiModel) -> None:
    await model.complete(PROMPT)
    (request,) = server.requests
    assert set(request.body) == {"model", "messages", "temperature", "seed", "max_tokens", "response_format"}
    assert [message["content"] for message in request.body["messages"]] == [PROMPT.constant, PROMPT.question]
    assert request.query == {}
    own = {name.lower() for name in request.headers} - {"host", "accept", "accept-encoding", "connection"}
    plain = {name for name in own if not name.startswith("x-stainless-")}
    assert plain == {"authorization", "content-type", "content-length", "user-agent"}
    assert request.headers["User-Agent"].startswith("AsyncOpenAI/Python")


@pytest.mark.parametrize(
    ("schema", "mode", "refusals"),
    [
        ("strict", Mode.SCHEMA, 0),
        ("openai", Mode.JSON, 2),
        ("vllm", Mode.SHAPED, 1),
        ("llama_cpp", Mode.SHAPED, 1),
        ("llama_cpp_python", Mode.SHAPED, 1),
        ("pydantic", Mode.SHAPED, 1),
        ("none", Mode.PLAIN, 3),
        ("ignored", Mode.SCHEMA, 0),
    ],
)
async def test_what_a_server_can_do_is_found_out_once(
    server: ModelServer, model: OpenAiModel, schema: str, mode: Mode, refusals: int
) -> None:
    server.tell(Behaviour(schema=schema))
    answers = await asyncio.gather(*(model.complete(PROMPT) for _ in range(4)))
    assert all(parse_statements(answer.text, len(POINTS)) for answer in answers)
    assert (model.abilities.mode, len(server.requests)) == (mode, 4 + refusals)
    await model.complete(PROMPT)
    assert len(server.requests) == 5 + refusals


async def test_refused_parameters_are_left_out_from_then_on(server: ModelServer, model: OpenAiModel) -> None:
    server.tell(Behaviour(refuses=("max_tokens", "temperature", "seed")))
    await model.complete(PROMPT)
    await model.complete(PROMPT)
    assert len(server.requests) == 5
    last = server.requests[-1].body
    assert not {"max_tokens", "temperature", "seed"} & set(last)
    assert last["max_completion_tokens"] > PROMPT.max_tokens
    assert model.abilities.mode is Mode.SCHEMA


async def test_a_server_without_any_limit_parameter(server: ModelServer, model: OpenAiModel) -> None:
    server.tell(Behaviour(refuses=("max_tokens", "max_completion_tokens")))
    assert (await model.complete(PROMPT)).text
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "complaint", ["Bad request.", "This model's maximum context length is 4096 tokens.", f"Cannot read {CANARY}"]
)
async def test_any_other_bad_request_gives_up_nothing(server: ModelServer, model: OpenAiModel, complaint: str) -> None:
    server.tell(Behaviour(failure=400, complaint=complaint))
    error = await failure(model)
    assert (type(error), error.code, len(server.requests)) == (Permanent, "model_bad_request", 1)
    assert model.abilities.mode is Mode.SCHEMA


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503, DROP])
async def test_what_passes_is_tried_again(server: ModelServer, model: OpenAiModel, status: int) -> None:
    server.tell(Behaviour(failure=status, times=2))
    assert (await model.complete(PROMPT)).text
    assert len(server.requests) == 3


@pytest.mark.parametrize("said", ["seconds", "date"])
async def test_retry_after_is_honoured(server: ModelServer, model: OpenAiModel, said: str) -> None:
    in_two_seconds = formatdate(time.time() + 2, usegmt=True)
    server.tell(Behaviour(failure=429, times=1, retry_after=in_two_seconds if said == "date" else "0.7"))
    begun = time.monotonic()
    await model.complete(PROMPT)
    assert time.monotonic() - begun >= 0.7
    assert len(server.requests) == 2


async def test_a_longer_wait_than_there_is_patience_for_is_left_to_the_caller(
    server: ModelServer, model: OpenAiModel
) -> None:
    server.tell(Behaviour(failure=429, retry_after="90"))
    begun = time.monotonic()
    error = await failure(model)
    assert time.monotonic() - begun < 60
    assert isinstance(error, Temporary)
    assert (error.code, error.retry_after, len(server.requests)) == ("model_busy", 90, 1)


async def test_patience_ends(server: ModelServer) -> None:
    server.tell(Behaviour(failure=503))
    model = OpenAiModel(server.url, "", "small", patience_seconds=0.5, first_wait_seconds=0.05)
    error = await failure(model)
    assert (type(error), error.code) == (Temporary, "model_busy")
    assert 2 < len(server.requests) < 9
    await model.close()


async def test_a_slow_answer_is_not_waited_for_longer_than_told(server: ModelServer) -> None:
    server.tell(Behaviour(slow_seconds=5))
    model = OpenAiModel(server.url, "", "small", timeout_seconds=0.3, patience_seconds=3)
    error = await failure(model)
    assert (type(error), error.code, len(server.requests)) == (Temporary, "model_timeout", 1)
    await until(lambda: server.given_up == 1)
    await model.close()


async def test_an_answer_that_trickles_in_is_a_slow_answer(server: ModelServer) -> None:
    server.tell(Behaviour(slow_seconds=30, trickle=True))
    model = OpenAiModel(server.url, "", "small", timeout_seconds=0.4, patience_seconds=30)
    begun = time.monotonic()
    assert (await failure(model)).code == "model_timeout"
    assert time.monotonic() - begun < 20
    await model.close()


async def test_once_the_server_is_known_requests_go_side_by_side(server: ModelServer, model: OpenAiModel) -> None:
    await model.complete(PROMPT)
    server.tell(Behaviour(slow_seconds=1.0))
    begun = time.monotonic()
    await asyncio.gather(*(model.complete(PROMPT) for _ in range(5)))
    assert time.monotonic() - begun < 4


async def test_patience_covers_a_slow_answer_too(server: ModelServer) -> None:
    server.tell(Behaviour(slow_seconds=5))
    model = OpenAiModel(server.url, "", "small", timeout_seconds=60, patience_seconds=0.5)
    assert (await failure(model)).code == "model_timeout"
    await model.close()


async def test_a_short_slowness_is_fine(server: ModelServer, model: OpenAiModel) -> None:
    server.tell(Behaviour(slow_seconds=0.3))
    assert (await model.complete(PROMPT)).text


async def test_nobody_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    model = OpenAiModel(f"http://127.0.0.1:{port}/v1", "", "small", patience_seconds=3, first_wait_seconds=0.05)
    error = await failure(model)
    assert (type(error), error.code) == (Temporary, "model_unreachable")
    await model.close()


async def test_cancelling_closes_the_request(server: ModelServer, model: OpenAiModel) -> None:
    server.tell(Behaviour(slow_seconds=30))
    task = asyncio.create_task(model.complete(PROMPT))
    await until(lambda: len(server.requests) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: server.given_up == 1)
    server.tell(Behaviour())
    assert (await model.complete(PROMPT)).text


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "model_refused_key"), (403, "model_refused_key"), (404, "model_not_found"), (413, "model_bad_request")],
)
async def test_what_a_person_has_to_put_right(server: ModelServer, model: OpenAiModel, status: int, code: str) -> None:
    server.tell(Behaviour(failure=status))
    error = await failure(model)
    assert (type(error), error.code, len(server.requests)) == (Permanent, code, 1)


async def test_a_wrong_key(server: ModelServer, model: OpenAiModel) -> None:
    server.tell(Behaviour(api_key="sk-2"))
    assert (await failure(model)).code == "model_refused_key"


async def test_an_account_without_credit_is_not_asked_again(server: ModelServer, model: OpenAiModel) -> None:
    server.tell(Behaviour(failure=429, code="insufficient_quota"))
    error = await failure(model)
    assert (type(error), error.code, len(server.requests)) == (Permanent, "model_out_of_credit", 1)


@pytest.mark.parametrize("how", ["message", "content_filter"])
async def test_a_refusal(server: ModelServer, model: OpenAiModel, how: str) -> None:
    server.tell(Behaviour(refuse=how))
    answer = await model.complete(PROMPT)
    assert (answer.refused, answer.text, len(server.requests)) == (True, "", 1)


async def test_an_answer_cut_short_says_so(server: ModelServer, model: OpenAiModel) -> None:
    server.tell(Behaviour(broken="cut_short"))
    answer = await model.complete(PROMPT)
    assert answer.cut_short
    with pytest.raises(BrokenAnswer, match="cut_short"):
        parse_statements(answer.text, 3)
    assert parse_statements(answer.text, 3, salvage=True)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("truncated", "cut_short"),
        ("prose", "prose"),
        ("empty", "empty"),
        ("wrong_schema", "wrong_shape"),
        ("html", "empty"),
        ("fenced", None),
        ("thinking", None),
        ("trailing_commas", None),
    ],
)
async def test_broken_answers_are_told_from_untidy_ones(
    server: ModelServer, model: OpenAiModel, broken: str, code: str | None
) -> None:
    server.tell(Behaviour(broken=broken, times=1))
    answer = await model.complete(PROMPT)
    if code is None:
        assert len(parse_statements(answer.text, 3)) >= 2
    else:
        with pytest.raises(BrokenAnswer, match=code):
            parse_statements(answer.text, 3)
    assert parse_statements((await model.complete(PROMPT)).text, 3)


async def test_a_redirect_takes_no_text_elsewhere(server: ModelServer, model: OpenAiModel) -> None:
    async with ModelServer() as elsewhere:
        server.tell(Behaviour(failure=307, location=f"{elsewhere.url}/chat/completions"))
        assert (await failure(model)).code == "model_bad_request"
        assert elsewhere.requests == []


async def test_azures_deployment_addresses(server: ModelServer) -> None:
    root = server.url.removesuffix("/v1")
    model = OpenAiModel(f"{root}/openai/deployments/notes?api-version=2024-10-21", "azure-1", "notes")
    assert (await model.complete(PROMPT)).text
    (request,) = server.requests
    assert request.path == "/openai/deployments/notes/chat/completions"
    assert request.query == {"api-version": "2024-10-21"}
    assert request.headers["api-key"] == "azure-1"
    await model.close()


@pytest.mark.parametrize(
    "told",
    [
        Behaviour(),
        Behaviour(failure=400, complaint=CANARY),
        Behaviour(failure=503, complaint=CANARY),
        Behaviour(failure=404, complaint=f"{CANARY} response_format"),
        Behaviour(failure=DROP),
        Behaviour(slow_seconds=2),
        Behaviour(broken="html"),
    ],
)
async def test_no_text_in_errors_or_logs(
    server: ModelServer, told: Behaviour, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = io.StringIO()
    for owner, hook in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(owner, hook, getattr(owner, hook))  # put back after `configure` has set its own
    names = ("", *PINNED, "openai._base_client", "httpx2", "httpcore2.http11", "httpcore2.connection")
    before = [(logging.getLogger(name), logging.getLogger(name).level) for name in names]
    handlers = logging.getLogger().handlers[:]
    configure("DEBUG", stream=log)
    for logger, _ in before[1:]:
        logger.setLevel(logging.DEBUG)
    server.tell(told)
    model = OpenAiModel(server.url, "sk-1", "small", timeout_seconds=1.0, patience_seconds=1.4, first_wait_seconds=0.1)
    raised: list[BaseException | None] = []
    try:
        await model.complete(PROMPT)
    except EffectError as error:
        logging.getLogger("bot.work").warning("later: %s", error, exc_info=error)
        raised = [error, error.__cause__, error.__context__]
    finally:
        await model.close()
        for logger, level in before:
            logger.setLevel(level)
        logging.getLogger().handlers[:] = handlers
        logging.captureWarnings(False)
    assert CANARY not in log.getvalue() + "".join(capsys.readouterr()) + repr(raised)
    assert raised[1:] in ([], [None, None])
    assert CANARY in json.dumps(server.requests[0].body)


async def failure(model: OpenAiModel) -> EffectError:
    with pytest.raises(EffectError) as caught:
        await model.complete(PROMPT)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None), "an SDK's error hangs on it"
    return caught.value


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(150):
        if holds():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it did not happen within three seconds")


def test_the_sdk_is_loaded_only_when_used() -> None:
    code = "import sys, bot.drafting.llm, bot.wiring; sys.exit('openai' in sys.modules or 'httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
