"""The canary never reaches the log: not through an error, not through Slack's libraries, not at DEBUG."""

import asyncio
import gc
import io
import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.domain.errors import Conflict, Temporary, UserMistake
from bot.logs import PINNED, PINNED_AIOHTTP, JsonLines, configure, guard_loop, safe

CANARY = "zebra-canary-7731"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """A configured log at DEBUG; afterwards the process's logging is as it was."""
    names = ("", *PINNED, *PINNED_AIOHTTP, "bot", "py.warnings", "some_library")
    loggers = [logging.getLogger(name) for name in names]
    before = [(lg, lg.handlers[:], lg.filters[:], lg.level, lg.propagate) for lg in loggers]
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    stream = io.StringIO()
    configure("DEBUG", stream=stream)
    yield stream
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(False)
    for lg, handlers, filters, level, propagate in before:
        lg.handlers[:], lg.filters[:], lg.propagate = handlers, filters, propagate
        lg.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, str]]:
    assert CANARY not in log.getvalue()
    return [json.loads(line) for line in log.getvalue().splitlines()]


def failing() -> ValueError:
    """An error that was raised, with the canary in its text, its cause and a local variable."""
    typed = CANARY
    try:
        try:
            raise KeyError(typed)
        except KeyError as cause:
            raise ValueError(f"cannot read {typed}") from cause
    except ValueError as error:
        return error


def test_our_own_sentences_are_written(log: io.StringIO) -> None:
    logging.getLogger("bot.work").debug("drafted %s in %d ms", "n1", 12)
    (line,) = lines(log)
    assert (line["message"], line["logger"], line["level"]) == ("drafted n1 in 12 ms", "bot.work", "DEBUG")


def test_of_an_error_only_type_code_and_place_are_written(log: io.StringIO) -> None:
    logger = logging.getLogger("bot.work")
    error = failing()
    logger.error("failed: %s", error, exc_info=error)
    logger.warning("later: %s", Temporary("model_busy"))
    one, two = lines(log)
    assert (one["message"], one["error"]) == ("failed: ValueError", "ValueError")
    assert "test_logs.py" in one["frames"]
    assert two["message"] == "later: Temporary(model_busy)"


def test_a_message_that_does_not_fit_its_arguments_does_not_print_them() -> None:
    record = logging.makeLogRecord({"name": "bot.work", "msg": "%d and %d", "args": (CANARY,)})
    assert json.loads(JsonLines().format(record))["message"] == "(message does not fit its arguments)"


def test_safe_gives_codes_of_ours_and_types_of_others() -> None:
    assert safe(UserMistake("too_long", CANARY)) == "UserMistake(too_long)"
    assert safe(Conflict("other_content", CANARY)) == "Conflict(other_content)"
    assert safe(ValueError(CANARY)) == "ValueError"


def test_a_line_break_cannot_forge_a_line(log: io.StringIO) -> None:
    configure("INFO", stream=log, as_json=False)
    logging.getLogger("bot.cli").info("one\ntwo")
    assert len(log.getvalue().splitlines()) == 1


async def test_a_bad_slack_signature_does_not_quote_the_request(log: io.StringIO) -> None:
    app = AsyncApp(name="bot", signing_secret="s", token="xoxb-1")
    app.logger.setLevel(logging.DEBUG)
    request = AsyncBoltRequest(
        body=f"command=%2Fnote&text={CANARY}",
        headers={"x-slack-signature": ["v0=wrong"], "x-slack-request-timestamp": ["1"]},
    )
    assert (await app.async_dispatch(request)).status == 401
    lines(log)


@pytest.mark.parametrize("name", [*PINNED, *PINNED_AIOHTTP, "slack_bolt.AsyncApp", "bot:AsyncApp", "some_library"])
@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR])
def test_no_library_gets_a_message_through(log: io.StringIO, name: str, level: int) -> None:
    logger = logging.getLogger(name)
    logger.setLevel(logging.DEBUG)
    logger.log(level, "body: %s", CANARY, exc_info=failing(), stack_info=True)
    logger.log(level, f"body: {CANARY}")
    written = lines(log)
    assert len(written) == (2 if level >= logging.WARNING else 0)
    assert {line["message"] for line in written} <= {"(message withheld)"}
    assert [line.get("error", "") for line in written] in ([], ["ValueError", ""])


def test_libraries_are_pinned_and_lose_their_own_handlers(log: io.StringIO) -> None:
    noisy = io.StringIO()
    logging.getLogger("dbos").addHandler(logging.StreamHandler(noisy))
    configure("DEBUG", stream=log)
    logging.getLogger("dbos").warning(CANARY)
    assert all(logging.getLogger(name).getEffectiveLevel() == logging.WARNING for name in (*PINNED, *PINNED_AIOHTTP))
    assert noisy.getvalue() == ""
    assert len(lines(log)) == 1


def test_what_nobody_caught_is_written_without_its_text(log: io.StringIO) -> None:
    error = failing()
    sys.excepthook(type(error), error, error.__traceback__)
    thread = threading.Thread(target=lambda: (_ for _ in ()).throw(ValueError(CANARY)))
    thread.start()
    thread.join()
    logging.getLogger("py.warnings").warning(CANARY)
    written = lines(log)
    assert [line.get("error") for line in written] == ["ValueError", "ValueError", None]


async def test_a_task_nobody_awaited_is_written_without_its_text(log: io.StringIO) -> None:
    async def fails() -> None:
        raise ValueError(CANARY)

    guard_loop(asyncio.get_running_loop())
    task = asyncio.create_task(fails(), name=CANARY)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    gc.collect()
    assert [line["error"] for line in lines(log)] == ["ValueError"]
