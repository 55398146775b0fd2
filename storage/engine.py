"""Engines and lanes: how statements reach the database without blocking the event loop.

SQLAlchemy's synchronous engine runs in threads of our own, one hop for a batch of statements: through an asynchronous
driver every single call is a hop, which cost four times the CPU per note (docs/decisions). A lane is a number of
connections with a thread each; SQLite has exactly one for writers, so that waiting for the write lock is a queue.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import PoolProxiedConnection

T = TypeVar("T")

READERS = 4
POSTGRES_WRITERS = 8
_SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=5000",  # milliseconds; for other processes: inside this one, writers queue
    "foreign_keys=ON",
    "secure_delete=ON",
    "temp_store=MEMORY",
)


def normalised(url: str) -> URL:
    """`sqlite:///file` or `postgresql://…` with the driver we use. Raises ValueError for any other database."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise ValueError("the database needs a file: an SQLite database in memory has one connection only")
        return parsed.set(drivername="sqlite")
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise ValueError(f"the database must be sqlite or postgresql, not {backend}")


def writing_engine(url: str) -> Engine:
    """An engine whose transactions may write; on SQLite they take the write lock as they begin."""
    parsed = normalised(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed, 1, "BEGIN IMMEDIATE", _SQLITE_PRAGMAS)
    return _postgres_engine(parsed, POSTGRES_WRITERS)


def reading_engine(url: str) -> Engine:
    """An engine whose transactions see one snapshot, cannot write and never wait for a writer."""
    parsed = normalised(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed, READERS, "BEGIN", (*_SQLITE_PRAGMAS, "query_only=ON"))
    engine = _postgres_engine(parsed, READERS)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _sqlite_engine(url: URL, size: int, begin: str, pragmas: tuple[str, ...]) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=size,
        max_overflow=0,
        pool_reset_on_return=None,
        connect_args={"check_same_thread": False, "isolation_level": None},
    )

    def on_connect(connection: DBAPIConnection, _: Any) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begun(dbapi_connection: PoolProxiedConnection) -> None:
        dbapi_connection.cursor().execute(begin)

    _private_file(Path(url.database or ""))
    event.listen(engine, "connect", on_connect)
    engine.dialect.do_begin = begun  # an event would cost every statement more than the statement itself
    return engine


def _postgres_engine(url: URL, size: int) -> Engine:
    return create_engine(url, hide_parameters=True, pool_size=size, max_overflow=0, pool_pre_ping=True)


def _private_file(path: Path) -> None:
    # SQLite gives its -wal and -shm files the same mode.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


class _Job:
    """Work on its way through a thread. All but `run` happens in the loop's own thread."""

    __slots__ = ("_finished", "_loop", "_over", "_work", "answer")

    def __init__(self, work: Callable[[], Any]) -> None:
        self._loop = asyncio.get_running_loop()
        self._work = work
        self._over = False
        self._finished: asyncio.Future[None] | None = None
        self.answer: asyncio.Future[Any] = self._loop.create_future()

    def run(self) -> None:
        """Do the work and hand the answer to the loop that asked (unless it is gone)."""
        result, error = None, None
        try:
            result = self._work()
        except BaseException as raised:
            error = raised
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._answered, result, error)
        del result, error

    async def over(self) -> None:
        """Wait until the thread is done with this, however often the wait is cancelled."""
        while not self._over:
            self._finished = self._finished or self._loop.create_future()
            with suppress(asyncio.CancelledError):
                await asyncio.shield(self._finished)

    def _answered(self, result: Any, error: BaseException | None) -> None:
        self._over = True
        if self._finished is not None:
            self._finished.set_result(None)
        if self.answer.done():
            return
        if error is None:
            self.answer.set_result(result)
        else:
            self.answer.set_exception(error)


class Lane:
    """`width` connections of an engine, a thread for each. Whoever holds `turn` may use one connection."""

    def __init__(self, engine: Engine, width: int) -> None:
        self.engine = engine
        self.turn = asyncio.Semaphore(width)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads = [threading.Thread(target=self._serve, name="afternote-db", daemon=True) for _ in range(width)]
        for thread in self._threads:
            thread.start()

    async def run(self, work: Callable[[], T]) -> T:
        """Do `work` in a thread. A cancelled caller is let go only when it is done with the connection."""
        job = _Job(work)
        self._jobs.put(job)
        try:
            return await job.answer
        except asyncio.CancelledError:
            await job.over()
            raise

    def close(self) -> None:
        """End the threads and close every connection."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self.engine.dispose()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.run()
            del job  # or an idle thread would keep the last note in memory
