"""Where the engine of durable work keeps its tables: beside our own, in a file or a schema."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event


def engine_url(database_url: str) -> sa.URL:
    """Where the engine keeps its tables, given where we keep ours. Synchronous drivers: it has threads of its own."""
    url = sa.make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return url.set(drivername="postgresql+psycopg")
    if not url.database or url.database == ":memory:":
        raise ValueError("Durable work needs a database file: one in memory would lose it.")
    path = Path(url.database)
    return sa.URL.create("sqlite", database=str(path.with_name(f"{path.stem}-work{path.suffix}")))


def open_engine(url: sa.URL) -> sa.Engine:
    """The engine's engine. SQLite: WAL (four times faster than the default journal) and every commit on disk."""
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
    engine = sa.create_engine(url)

    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine
