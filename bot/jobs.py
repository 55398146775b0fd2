"""Runs handlers in this process: one run of a job at a time, a limit per kind, `Temporary` retried with back-off.

Knows no engine and no database. What leaves here as an error is `JobFailed` with a bare code: an engine stores errors.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.domain.errors import EffectError, Temporary, UserMistake
from bot.domain.ids import NoteId, PracticeId
from bot.logs import safe, where

Handler = Callable[[PracticeId, NoteId], Awaitable[None]]
FileHandler = Callable[[PracticeId, NoteId, str], Awaitable[None]]
KINDS = ("draft", "reword", "file", "show")
LOOKS_AGAIN = ("file", "show")  # when asked for while a run of it is under way
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Handlers:
    """What is done for a note. Each looks at the note's state first: it may be called more often than needed."""

    draft: Handler
    reword: Handler
    file: FileHandler
    show: Handler


class Job(NamedTuple):
    """One thing to do for one note. `kind` is one of KINDS; filing is done a target at a time."""

    kind: str
    practice: PracticeId
    note_id: NoteId
    target: str = ""

    @property
    def key(self) -> str:
        """The id under which runs of this job are numbered; never anything but ids."""
        return ":".join(filter(None, self))

    @property
    def line(self) -> str:
        """What shares a queue where there is one practice: filing at one target holds up no other."""
        return "-".join(filter(None, (self.kind, self.target)))

    @property
    def own_line(self) -> str:
        """The same where there are several: one's dead target holds up no other practice's notes."""
        return line_of(self.practice, self.target) if self.target else self.line

    @property
    def place(self) -> tuple[str, ...]:
        """What shares its places in this process. Drafting takes the processor, which is everybody's."""
        return (self.kind,) if self.kind in ("draft", "reword") else (self.kind, self.practice, self.target)


def line_of(practice: str, target: str) -> str:
    """The queue of one practice's target. Ids have no colon, so no two make the same."""
    return f"file-{practice}:{target}"


def job_of(workflow_id: str) -> Job:
    """What a run is for, from its id: kind, practice, note, target if it has one, number."""
    kind, practice, note_id, *target = workflow_id.split(":")[:-1]
    return Job(kind, PracticeId(practice), NoteId(note_id), *target)


class JobFailed(Exception):
    """All that is kept of a failed run: a code, or the type of an unexpected error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _delays() -> dict[str, Sequence[float]]:
    own = {"draft": (0.5, 2.0, 6.0), "reword": (0.5, 2.0, 6.0), "show": (1.0, 4.0, 15.0)}
    return {**own, "file": (1.0,) * 5}  # the ledger says when: 2 seconds doubling, by `retry_after`


def _patience() -> dict[str, float]:
    return {"draft": 3600.0, "reword": 3600.0, "file": 300.0, "show": 3600.0}


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds. Tests use shorter ones.

    `concurrency`: runs of a kind, for filing of a target, at a time; `writing`: drafts and rewordings at a time, which
    with a model mostly wait for its answers; `starting`: runs being started at a time. Both are small, because drafts
    share a processor with acknowledgements: at 100 summaries a second, eight at a time cost a command 200 ms, two 25.
    `delays`: before each further try within a run. `longest_wait`: a longer `retry_after` ends the run; the reconciler
    starts the next one. `again_after`: before the reconciler repeats a finished run, doubled for each failure in a row
    up to `patience`. (Filing has its own ledger, which says when it is due, so its patience is short.)
    """

    concurrency: int = 2
    writing: int = 2
    starting: int = 1
    delays: Mapping[str, Sequence[float]] = field(default_factory=_delays)
    longest_wait: float = 60.0
    reconcile_every: float = 30.0
    again_after: float = 25.0
    patience: Mapping[str, float] = field(default_factory=_patience)
    poll: float = 0.2
    keep_finished: float = 3 * 86400.0

    def at_a_time(self, kind: str) -> int:
        """Runs of this kind, for filing of each target, that one process has under way."""
        return max(self.concurrency, self.writing) if kind in ("draft", "reword") else self.concurrency


class Jobs:
    """The runs of this process. Bound to the loop it is used in."""

    def __init__(self, handlers: Handlers, pace: Pace) -> None:
        self._handlers = handlers
        self._pace = pace
        self._places: dict[tuple[str, ...], asyncio.Semaphore] = {}
        self._running: dict[Job, asyncio.Task[object] | None] = {}
        self._again: dict[Job, asyncio.Event] = {}  # of running jobs: set when asked for since the last look began

    @property
    def count(self) -> int:
        """How many jobs run or wait for their place."""
        return len(self._running)

    def runs(self, job: Job) -> bool:
        """Whether a run of this job is under way here."""
        return job in self._running

    def joined(self, job: Job) -> bool:
        """Whether a run of this job is under way that serves this call too.

        A show or a filing that has begun may have read the state before it changed, so it will run once more; a filing
        that waits for its next try looks at once, for it may be time now.
        """
        if job not in self._running:
            return False
        if job.kind in LOOKS_AGAIN:
            self._again[job].set()
        return True

    async def run(self, job: Job) -> None:
        """Do it, unless it is being done. Raises JobFailed."""
        if self.joined(job):
            return
        self._running[job], self._again[job] = asyncio.current_task(), asyncio.Event()
        try:
            await self._until_settled(job)
        finally:
            del self._running[job], self._again[job]

    async def drain(self, seconds: float) -> int:
        """Wait for running jobs, then cancel those that still run: how many. They are made up for later."""
        tasks = [task for task in self._running.values() if task]
        if not tasks:
            return 0
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=5.0)
        return len(late)

    async def _until_settled(self, job: Job) -> None:
        while True:
            code = await self._tried(job)
            if not self._again[job].is_set():
                break
        if code:
            _LOG.warning("%s of note %s did not succeed: %s", job.kind, job.note_id, code)
            raise JobFailed(code)

    async def _tried(self, job: Job) -> str:
        """Try until done or given up; the code of the last error, empty when done."""
        for delay in (*self._pace.delays[job.kind], None):
            error = await self._once(job)
            if error is None:
                return ""
            wait = self._wait(error, delay)
            if wait is None:
                return error.code if isinstance(error, EffectError | UserMistake) else type(error).__name__
            _LOG.info("%s of note %s: %s, again in %.1f s", job.kind, job.note_id, safe(error), wait)
            await self._pause(job, wait)
        raise AssertionError("the last delay is None, which ends the run")

    async def _pause(self, job: Job, seconds: float) -> None:
        """Until the next try; for a filing also until somebody asks for it, who knows of a change."""
        if job.kind != "file":
            await asyncio.sleep(seconds)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._again[job].wait()

    async def _once(self, job: Job) -> Exception | None:
        async with self._places.setdefault(job.place, asyncio.Semaphore(self._pace.at_a_time(job.kind))):
            self._again[job].clear()
            try:
                await self._handle(job)
            except (EffectError, UserMistake) as error:
                return error
            except Exception as error:
                _LOG.error("%s of note %s: unexpected %s at %s", job.kind, job.note_id, safe(error), where(error))
                return error
        return None

    async def _handle(self, job: Job) -> None:
        match job.kind:
            case "file":
                await self._handlers.file(job.practice, job.note_id, job.target)
            case "draft":
                await self._handlers.draft(job.practice, job.note_id)
            case "reword":
                await self._handlers.reword(job.practice, job.note_id)
            case _:
                await self._handlers.show(job.practice, job.note_id)

    def _wait(self, error: Exception, delay: float | None) -> float | None:
        """Seconds until the next try of this run, None to end it."""
        if delay is None or not isinstance(error, Temporary):
            return None
        wait = max(delay * random.uniform(0.8, 1.2), error.retry_after or 0.0)  # noqa: S311 - spreads retries
        return wait if wait <= self._pace.longest_wait else None
