"""Logging that cannot leak. Only our own loggers speak in sentences, and of an error only type and code are written.

Every other library's records are reduced to logger, level and exception type, below WARNING dropped: their messages
quote request bodies (a bad Slack signature), SQL parameters or payloads. No traceback holds text or local values.
"""

import asyncio
import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO, cast

from bot.domain.errors import EffectError, UserMistake

OWN = ("bot", "adapters", "storage", "demo", "bench", "prompts", "afternote")
PINNED = (
    *("slack_bolt", "slack_sdk", "dbos", "sqlalchemy", "aiosqlite", "alembic", "openai", "httpx2", "httpcore2"),
    *("asyncssh", "smbprotocol", "smbclient", "spnego", "psycopg"),
)
PINNED_AIOHTTP = ("aiohttp.access", "aiohttp.server", "aiohttp.web", "aiohttp.client", "aiohttp.internal", "asyncio")

_CRASH = logging.getLogger("afternote")


def safe(error: BaseException) -> str:
    """An error as it may be written down: its type, and its code if it is one of ours. Never its text."""
    name = type(error).__name__
    return f"{name}({error.code})" if isinstance(error, EffectError | UserMistake) else name


def where(error: BaseException) -> str:
    """Where it happened, outermost first: module file, line and function. No source text, no values."""
    frames = traceback.extract_tb(error.__traceback__, limit=-6)
    return " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames)


def configure(level: str, *, stream: TextIO | None = None, as_json: bool | None = None) -> None:
    """Send all logging to `stream` (stderr), as JSON lines unless it is a terminal; catch what nobody caught.

    `level` is for our own loggers. Calling it again replaces what the call before set up.
    """
    target: TextIO = stream or sys.stderr
    handler = logging.StreamHandler(target)
    handler.addFilter(redact)
    handler.setFormatter(JsonLines() if as_json or (as_json is None and not target.isatty()) else PlainLines())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in OWN:
        logging.getLogger(name).setLevel(level)
    for name in (*PINNED, *PINNED_AIOHTTP):
        _pin(logging.getLogger(name))
    logging.captureWarnings(True)
    sys.excepthook = _on_uncaught
    threading.excepthook = _on_thread
    sys.unraisablehook = _on_unraisable


def guard_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Errors that no task awaits are logged like all others: type and code only."""
    loop.set_exception_handler(_on_loop)


def redact(record: logging.LogRecord) -> bool:
    """A logging filter: replaces whatever a record holds that could quote somebody. False drops the record."""
    if getattr(record, "redacted", False):  # a pinned logger's own filter came first
        return True
    record.redacted = True
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    record.error, record.frames = (safe(error), where(error)) if error else ("", "")
    record.exc_info = record.exc_text = record.stack_info = None
    if _is_own(record.name):
        record.args = _safe_args(record.args)
        return True
    record.msg, record.args = "(message withheld)", ()
    return record.levelno >= logging.WARNING


class PlainLines(logging.Formatter):
    """One line a record, for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """`12:03:04 WARNING bot.work: sentence [error] [frames]`."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        parts = [f"{at} {record.levelname} {record.name}: {_message(record)}", *_extras(record).values()]
        return " | ".join(parts)


class JsonLines(logging.Formatter):
    """One JSON object a record, for a log collector."""

    def format(self, record: logging.LogRecord) -> str:
        """Keys `at`, `level`, `logger`, `message` and, with an error, `error` and `frames`."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = {"at": at, "level": record.levelname, "logger": record.name, "message": _message(record)}
        return json.dumps({**fields, **_extras(record)}, ensure_ascii=False)


def _pin(logger: logging.Logger) -> None:
    """Whatever the level and whatever handlers the library gave itself: warnings, through our handler only."""
    logger.setLevel(logging.WARNING)
    logger.propagate = True
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
    if redact not in logger.filters:
        logger.addFilter(redact)
    logger.addHandler(logging.NullHandler())  # DBOS adds a console handler to a logger that has none


def _is_own(name: str) -> bool:
    return name.partition(".")[0] in OWN


def _message(record: logging.LogRecord) -> str:
    """The sentence on one line; a message that does not fit its arguments must not print them."""
    try:
        return record.getMessage().replace("\r", " ").replace("\n", " ")
    except Exception:
        return "(message does not fit its arguments)"


def _extras(record: logging.LogRecord) -> dict[str, str]:
    found = {name: str(getattr(record, name, "")) for name in ("error", "frames")}
    return {name: text for name, text in found.items() if text}


def _safe_args(args: Any) -> Any:
    if isinstance(args, tuple):
        values = cast("tuple[Any, ...]", args)
        return tuple(safe(value) if isinstance(value, BaseException) else value for value in values)
    return args


def _crashed(what: str, error: BaseException | None) -> None:
    _CRASH.error(what, exc_info=(type(error), error, error.__traceback__) if error else None)


def _on_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    _crashed("Stopped by an error that nothing handled.", error)


def _on_thread(args: threading.ExceptHookArgs) -> None:
    _crashed("A thread ended with an error.", args.exc_value)


def _on_unraisable(args: Any) -> None:
    _crashed("An error while cleaning up.", args.exc_value)


def _on_loop(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    _crashed("A task ended with an error that nothing awaited.", context.get("exception"))
