"""What the disk itself takes: the floor under everything that is durable."""

import contextlib
import sqlite3
import tempfile
import time
from pathlib import Path


def commits(times: int = 100) -> list[float]:
    """Milliseconds that this disk takes for the least durable commit: one row, SQLite alone, synchronous=FULL."""
    taken: list[float] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)) as connection,
    ):
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE floor (row)"):
            connection.execute(statement)
        for _ in range(times):
            began = time.perf_counter()
            connection.execute("INSERT INTO floor VALUES (?)", (b"x" * 1500,))
            taken.append((time.perf_counter() - began) * 1000)
            time.sleep(0.005)
    return taken
