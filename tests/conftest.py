"""Fixtures of every suite. Sockets leave this machine for no test."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_connect = socket.socket.connect


def _only_loopback(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOOPBACK:
        raise RuntimeError(f"a test wants to leave this machine: {address[0]}")
    _connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def _no_outside() -> Iterator[None]:
    socket.socket.connect = _only_loopback  # type: ignore[method-assign]
    yield
    socket.socket.connect = _connect  # type: ignore[method-assign]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the tables that tests wrote, one line a case: `record_property("table: NAME", line)`."""
    tables: dict[str, list[str]] = {}
    reports = [report for group in terminalreporter.stats.values() for report in group]
    for report in reports:
        for name, line in getattr(report, "user_properties", ()) if getattr(report, "when", "") == "call" else ():
            if name.startswith("table: "):
                tables.setdefault(name.removeprefix("table: "), []).append(line)
    for name, lines in tables.items():
        terminalreporter.section(name)
        terminalreporter.write_line("\n".join(lines))
