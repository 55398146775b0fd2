"""Durable work: drafting, filing and showing survive a crash. The only module that imports DBOS.

The note's state in our own tables is the truth; the engine only drives it, under ids made of ids, and sees neither
content nor error texts. The reconciler starts what should be running and is not, whatever the reason.
"""

import asyncio
import contextvars
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from dbos import (  # noqa: TID251 - this module owns the engine
    DBOS,
    DBOSClient,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    SetWorkflowID,
    WorkflowStatus,
)

from bot.domain.ids import NoteId, PracticeId
from bot.executors import AloneOnSqlite, AmongOthersOnPostgres, Presence
from bot.jobs import KINDS, LOOKS_AGAIN, Handlers, Job, Jobs, Pace, job_of, line_of
from bot.logs import safe, where
from bot.work_database import engine_url, open_engine

Reconcile = Callable[[], Awaitable[Sequence[Job]]]
Role = Literal["all", "web", "worker"]

APPLICATION = "afternote"
VERSION = "1"  # pinned: the engine's own is a hash of the source, and a changed comment would strand running work
SCHEMA = "afternote_work"
WORKFLOW = "afternote.job"
_QUEUED = ("ENQUEUED", "DELAYED")
_FINISHED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_LOG = logging.getLogger(__name__)
_ONE_ENGINE = threading.Lock()  # DBOS is a singleton of the process


@dataclass(slots=True)
class _Live:
    """What exists between start and stop."""

    engine: sa.Engine
    client: DBOSClient
    presence: Presence
    jobs: Jobs
    reconciler: "asyncio.Task[None] | None" = None
    ending: bool = False
    looked_through: bool = False
    cleaned_at: float = 0.0


class DurableWork:
    """Implements `bot.ports.Work`. The three verbs return at once; what they ask for is started in the background.

    `database_url` is the URL of our own database: the engine's tables are in a file beside it (SQLite) or in a schema
    of their own (PostgreSQL). Role `all` starts runs in this process at once; `web` only puts them in line and
    `worker` only takes them from there, both on PostgreSQL only. `reconcile` names the work that should be under way.
    Each of `targets` has a line of its own on PostgreSQL; where there are several practices, these are pairs of
    practice and target.
    """

    def __init__(
        self,
        database_url: str,
        handlers: Handlers,
        reconcile: Reconcile,
        *,
        role: Role = "all",
        pace: Pace | None = None,
        targets: Sequence[str | tuple[PracticeId, str]] = (),
    ) -> None:
        self._url = engine_url(database_url)
        self._handlers, self._reconcile, self._role = handlers, reconcile, role
        self._pace = pace or Pace()
        own = {target if isinstance(target, str) else target[1] for target in targets}
        self._lines = {
            *KINDS,
            *(f"file-{target}" for target in own),  # also of several: what was put in line before they were
            *(line_of(*target) for target in targets if not isinstance(target, str)),
        }
        self._live: _Live | None = None
        self._open = False
        self._launching: dict[Job, asyncio.Task[None]] = {}
        self._starting = asyncio.Semaphore(self._pace.starting)
        if role != "all" and self._url.get_backend_name() == "sqlite":
            raise ValueError("An SQLite database has exactly one process; a web or a worker process needs PostgreSQL.")

    async def draft(self, practice: PracticeId, note_id: NoteId) -> None:
        """Have the note drafted."""
        self._soon(Job("draft", practice, note_id))

    async def reword(self, practice: PracticeId, note_id: NoteId) -> None:
        """Have the change of wording made that was asked for."""
        self._soon(Job("reword", practice, note_id))

    async def file(self, practice: PracticeId, note_id: NoteId, target: str) -> None:
        """Have the signed note filed at one of its places."""
        self._soon(Job("file", practice, note_id, target))

    async def show(self, practice: PracticeId, note_id: NoteId) -> None:
        """Have every card of the note brought in line with its state; calls before it begins count as one."""
        self._soon(Job("show", practice, note_id))

    async def start(self) -> None:
        """Start the engine, resume what was unfinished and begin to reconcile.

        Raises AlreadyRunning when another process works on the same SQLite database.
        """
        if self._role != "web" and not _ONE_ENGINE.acquire(blocking=False):
            raise RuntimeError("Durable work runs once in a process; stop the other first.")
        engine = open_engine(self._url)
        client = DBOSClient(
            system_database_engine=engine,
            dbos_system_schema=SCHEMA,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
            retry_connection_errors=False,  # it would block for as long as the database is away
        )
        live = _Live(engine, client, self._presence(engine), Jobs(self._handlers, self._pace))
        self._live, self._open = live, True
        try:
            if self._role != "web":
                await asyncio.to_thread(live.presence.hold)
                await self._start_engine(live)
                live.reconciler = _apart(self._keep_reconciling())
        except BaseException:
            await self.stop(0.0)
            raise

    async def stop(self, grace: float = 10.0) -> None:
        """Take nothing new, give what runs `grace` seconds, then leave the rest for the next start."""
        live, self._open = self._live, False
        if live is None:
            return
        deadline = time.monotonic() + grace
        if live.reconciler:
            live.reconciler.cancel()
            await asyncio.wait([live.reconciler])
        if self._launching:
            await asyncio.wait(self._launching.values(), timeout=max(1.0, grace))
            await asyncio.sleep(0.05)  # the engine takes some turns of the loop until a started run enters our code
        left = await live.jobs.drain(max(0.0, deadline - time.monotonic()))
        live.ending = True
        if self._role != "web":
            await self._outcomes_written(live, left)
        await self._shut(live)
        self._live = None
        if self._role != "web":
            _ONE_ENGINE.release()

    async def idle(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - for tests
        """Wait until nothing runs, waits or is about to start. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while not await self._nothing_to_do():  # noqa: ASYNC110 - the engine has no event for it
                await asyncio.sleep(0.01)

    async def reconcile_now(self) -> None:
        """Start everything that should be running and is not. Errors are logged: the next pass comes anyway."""
        live = self._live
        if live is None:
            return
        try:
            await self._adopt(live)
            for job in await self._reconcile():
                if self._open and not live.jobs.runs(job) and job not in self._launching:
                    await self._launch(job, patient=True)
            await self._clean(live)
        except Exception as error:
            _LOG.error("reconciling stopped early: %s at %s", safe(error), where(error))

    def _soon(self, job: Job) -> None:
        """Start it in a task of its own; a crash before that is made up for by the reconciler."""
        live = self._live
        if not self._open or live is None:
            _LOG.warning("%s of note %s waits for the next start", job.kind, job.note_id)
        elif not live.jobs.joined(job) and job not in self._launching:
            task = self._launching[job] = _apart(self._launch_in_turn(job))
            task.add_done_callback(lambda _: self._launching.pop(job))

    async def _launch_in_turn(self, job: Job) -> None:
        async with self._starting:
            await self._launch(job)

    async def _launch(self, job: Job, *, patient: bool = False) -> None:
        live = self._live
        if live is None:
            return
        try:
            rows = await live.client.list_workflows_async(
                workflow_id_prefix=f"{job.key}:", limit=20, sort_desc=True, load_input=False, load_output=False
            )
            number = next_number(job, rows, live.presence.name, self._pace, patient=patient)
            if number:
                await self._begin(live, job, f"{job.key}:{number}")
        except Exception as error:
            _LOG.error("%s of note %s was not started: %s at %s", job.kind, job.note_id, safe(error), where(error))

    async def _begin(self, live: _Live, job: Job, workflow_id: str) -> None:
        if self._role == "all":
            with SetWorkflowID(workflow_id):
                await DBOS.start_workflow_async(self._workflow, *filter(None, job))
            return
        await live.client.enqueue_async(
            {
                "workflow_name": WORKFLOW,
                "queue_name": self._queue(job),
                "workflow_id": workflow_id,
                "app_version": VERSION,
            },
            *filter(None, job),
        )

    def _queue(self, job: Job) -> str:
        """A queue a line, so that slow filing holds up neither drafts nor another target, nor another practice."""
        line = next((line for line in (job.own_line, job.line) if line in self._lines), job.kind)
        return f"afternote-{line}"

    async def _body(self, kind: str, practice: str, note_id: str, target: str) -> None:
        """The one workflow. Ids in, nothing out; JobFailed with a code is all it ever raises."""
        live = self._live
        if live is None or live.ending:
            raise asyncio.CancelledError  # leaves the run unfinished, for the next start
        if kind == "file" and not target:
            return  # begun by a release with one target; the reconciler starts what is due by the ledger
        await live.jobs.run(Job(kind, PracticeId(practice), NoteId(note_id), target))

    async def _start_engine(self, live: _Live) -> None:
        if not (logger := logging.getLogger("dbos")).handlers:
            logger.addHandler(logging.NullHandler())  # else the engine adds a console handler
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self._url.render_as_string(hide_password=False),
            "system_database_engine": live.engine,
            "dbos_system_schema": SCHEMA,
            "serializer": DBOSPortableJSONSerializer(),  # not pickle: what is stored can be read, and runs nothing
            "application_version": VERSION,
            "executor_id": live.presence.name,
            "use_listen_notify": False,
            "notification_listener_polling_interval_sec": 5 * self._pace.poll,
            "enable_otlp": False,
            "log_level": "WARNING",
        }
        DBOS(config=config)
        self._workflow: Callable[..., Coroutine[Any, Any, None]] = DBOS.workflow(name=WORKFLOW)(_detached(self._body))
        DBOS.launch()  # in this thread, so that the engine runs our coroutines on this loop
        if self._url.get_backend_name() != "sqlite":
            for line in sorted(self._lines):
                await DBOS.register_queue_async(
                    f"afternote-{line}",
                    worker_concurrency=self._pace.at_a_time(line),
                    polling_interval_sec=self._pace.poll,
                    on_conflict="always_update",
                )

    async def _shut(self, live: _Live) -> None:
        """End the engine in a thread: its own threads may still need this loop to let go."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as thread:
            if self._role != "web":
                await loop.run_in_executor(thread, lambda: DBOS.destroy(destroy_registry=True))
            await loop.run_in_executor(thread, live.client.destroy)
            await loop.run_in_executor(thread, live.presence.release)
            await loop.run_in_executor(thread, live.engine.dispose)
        loop.set_default_executor(ThreadPoolExecutor())  # the engine had put its own, now closed, in its place

    async def _outcomes_written(self, live: _Live, left: int) -> None:
        """The engine notes a finished run a moment later; wait for that, but not for the `left` cancelled ones."""
        deadline = time.monotonic() + 2.0
        while time.monotonic() < deadline:
            try:
                rows = await self._unfinished(live, ["PENDING"], live.presence.name)
            except Exception as error:
                _LOG.warning("stopping without a last look: %s", safe(error))
                return
            if len(rows) <= left:
                return
            await asyncio.sleep(0.02)

    async def _nothing_to_do(self) -> bool:
        live = self._live
        if live is None:
            return True
        return not (self._launching or live.jobs.count or await self._unfinished(live, ["PENDING", *_QUEUED]))

    async def _unfinished(self, live: _Live, states: list[str], executor: str | None = None) -> list[WorkflowStatus]:
        return await live.client.list_workflows_async(
            status=states, name=WORKFLOW, executor_id=executor, load_input=False, load_output=False
        )

    async def _keep_reconciling(self) -> None:
        while True:
            await self.reconcile_now()
            await asyncio.sleep(self._pace.reconcile_every)

    async def _adopt(self, live: _Live) -> None:
        """Put the runs of dead processes back in line, and those in a line that is no more (PostgreSQL)."""
        await asyncio.to_thread(live.presence.hold)
        if not live.looked_through and self._url.get_backend_name() != "sqlite":
            live.looked_through = True
            for row in await self._unfinished(live, list(_QUEUED)):
                queue = self._queue(job_of(row.workflow_id))
                if row.queue_name not in (queue, *(f"afternote-{line}" for line in self._lines)):
                    await live.client.resume_workflow_async(row.workflow_id, queue_name=queue)
        running = await self._unfinished(live, ["PENDING"])
        for name in {row.executor_id for row in running if row.executor_id} - {live.presence.name}:
            if not await asyncio.to_thread(live.presence.take_over, name):
                continue
            try:
                for row in await self._unfinished(live, ["PENDING"], name):
                    queue = self._queue(job_of(row.workflow_id))
                    await live.client.resume_workflow_async(row.workflow_id, queue_name=queue)
            finally:
                await asyncio.to_thread(live.presence.hand_back, name)

    async def _clean(self, live: _Live) -> None:
        """Forget runs that finished long ago; once an hour."""
        if time.monotonic() - live.cleaned_at < 3600 and live.cleaned_at:
            return
        live.cleaned_at = time.monotonic()
        before = datetime.fromtimestamp(time.time() - self._pace.keep_finished, UTC).isoformat()
        rows = await live.client.list_workflows_async(
            status=list(_FINISHED), completed_before=before, limit=5000, load_input=False, load_output=False
        )
        await live.client.delete_workflows_async([row.workflow_id for row in rows])

    def _presence(self, engine: sa.Engine) -> Presence:
        database = self._url.database
        sqlite = self._url.get_backend_name() == "sqlite" and database
        return AloneOnSqlite(Path(database)) if sqlite and database else AmongOthersOnPostgres(engine)


def next_number(job: Job, rows: Sequence[WorkflowStatus], own: str, pace: Pace, *, patient: bool) -> int | None:
    """The number under which a run of this job is to be started now; None when there is no need.

    A run in line serves; so does one that another process has begun, except for `show` and `file`, which may have begun
    before the state changed. A run that is unfinished here although this process does not run it is ending, or was cut
    off.
    `patient` (the reconciler) lets some time pass after the last run, more after each failure in a row.
    """
    numbered = sorted(((int(row.workflow_id.rpartition(":")[2]), row) for row in rows), key=lambda pair: -pair[0])
    if not numbered:
        return 1
    if any(row.status in _QUEUED for _, row in numbered):
        return None
    elsewhere = any(row.status == "PENDING" and row.executor_id != own for _, row in numbered)
    if elsewhere and (job.kind not in LOOKS_AGAIN or patient):
        return None
    if patient and _too_soon([row for _, row in numbered], pace, pace.patience[job.kind]):
        return None
    return numbered[0][0] + 1


def _too_soon(rows: Sequence[WorkflowStatus], pace: Pace, patience: float) -> bool:
    failures = next((n for n, row in enumerate(rows) if row.status in ("SUCCESS", "PENDING")), len(rows))
    wait = min(pace.again_after * 2.0**failures, max(patience, pace.again_after))
    last = max(row.completed_at or row.updated_at or row.created_at or 0 for row in rows)
    return time.time() - last / 1000 < wait


def _apart(work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    """A task without the caller's context: the engine would take work started within a run for a part of it."""
    return asyncio.get_running_loop().create_task(work, context=contextvars.Context())


def _detached(
    body: Callable[[str, str, str, str], Coroutine[Any, Any, None]],
) -> Callable[..., Coroutine[Any, Any, None]]:
    """A plain function around a bound method: the engine stores the arguments of methods, `self` among them."""

    async def job(kind: str, practice: str, note_id: str, target: str = "") -> None:
        await body(kind, practice, note_id, target)

    return job
