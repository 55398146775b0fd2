"""A canary: words that stand in a note only. `overheard` says where else they turned up."""

import io
import logging
import sys
import threading
import traceback
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from bot.logs import configure

WORDS = "Canary-Feldspar-3391 slept badly and cried"
CODE = "CN-7731"  # a client code that must stay out of logs and errors too
FILES: Mapping[str, bytes] = {kind: f"{WORDS} ({kind})".encode() for kind in ("pdf", "json", "txt")}


@contextmanager
def captured_logs() -> Generator[io.StringIO]:
    """All that logging writes meanwhile: every logger at DEBUG, through the product's own set-up."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook, sys.unraisablehook)
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure("DEBUG", stream=stream, as_json=True)
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
        logging.captureWarnings(False)


def overheard(*places: str | BaseException) -> list[str]:
    """Which of the canary's words stand in these texts, or in what is printed of these errors and their causes."""
    texts = [
        "".join(traceback.format_exception(place)) if isinstance(place, BaseException) else place for place in places
    ]
    return [word for word in (*WORDS.split(), CODE) if any(word in text for text in texts)]
