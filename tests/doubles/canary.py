"""A canary: words that stand in a note only. `overheard` says where else they turned up."""

import base64
import io
import logging
import sys
import threading
import traceback
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from urllib.parse import quote

from bot.logs import configure

WORDS = "Canary-Feldspar-3391 xylograph quagmires zephyrine"  # none stands in a log by chance, as "and" does
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
    """Which of the canary's words stand in these texts, or in what is printed of these errors and their causes.

    As they are, and as hexadecimal or base64 would hide them.
    """
    texts = [
        "".join(traceback.format_exception(place)) if isinstance(place, BaseException) else place for place in places
    ]
    words = (*WORDS.split(), CODE, quote(WORDS))
    return [word for word in words if any(form in text for form in _forms(word) for text in texts)]


def _forms(word: str) -> list[str]:
    """The word; in hexadecimal; in base64, at each of the three places where it can begin in a longer text."""
    data = word.encode()
    shifted = (base64.b64encode(b"\0" * shift + data).decode().rstrip("=") for shift in range(3))
    return [word, data.hex(), *(text[(0, 2, 3)[shift] : -1] for shift, text in enumerate(shifted))]
