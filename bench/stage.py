"""The stage of a benchmark: a home folder, the stand-in for its chat in this process, servers in child processes."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import aiohttp
import psutil

from bot.domain.ids import NoteId
from bot.domain.note import State
from bot.practice_file import PracticeFile, load_practice
from bot.settings import Settings
from bot.wiring import SystemClock, open_desk
from bot.workflows.desk import Desk
from demo.bot_service import BotService
from demo.cast import App, Channel, Human, Timing
from demo.server import serve
from demo.workspace import Workspace

_REPOSITORY = Path(__file__).parent.parent
_NOT_INHERITED = (
    "AFTERNOTE_",
    "SLACK_",
    "OPENAI_",
    "MicrosoftApp",
    "TO_BOT_",
    "TO_CHANNEL_",
    "PYTHONDONTWRITEBYTECODE",
)
_EVERYTHING = 1_000_000
_COMPILED = Path(tempfile.gettempdir()) / "afternote-bench-compiled"  # where modules may not be, or starts are slow


class Ground(Protocol):
    """What a server stands on."""

    @property
    def home(self) -> Path: ...

    def environment(self, port: int) -> dict[str, str]:
        """The settings of a server here."""
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """A practice with its own home folder, in a workspace of its own. Times of the workspace may be scaled."""

    home: Path
    workspace: Workspace
    practice: PracticeFile
    api_url: str

    @property
    def clinicians(self) -> list[str]:
        """The Slack ids of those who write notes."""
        return [p.user_on("slack") for p in self.practice.practice.people if "clinician" in p.roles]

    def environment(self, port: int) -> dict[str, str]:
        """The settings of a server on this stage."""
        return {
            **_settings(self.home, port),
            "SLACK_BOT_TOKEN": self.workspace.app.bot_token,
            "SLACK_SIGNING_SECRET": self.workspace.app.signing_secret,
            "SLACK_API_URL": self.api_url,
        }

    @asynccontextmanager
    async def desk(self) -> AsyncGenerator[Desk]:
        """The practice's database as the product opens it, for looking at what came of everything."""
        async with _desk(self, self.practice) as desk:
            yield desk


@dataclass(frozen=True, slots=True)
class TeamsStage:
    """A practice with its own home folder, and Microsoft's side of Teams."""

    home: Path
    service: BotService
    practice: PracticeFile

    @property
    def clinicians(self) -> list[int]:
        """The numbers of those who write notes, as the stand-in counts people."""
        people = [p for p in self.practice.practice.people if "clinician" in p.roles]
        return [int(p.user_on("teams").rpartition("-")[2]) for p in people]

    def environment(self, port: int) -> dict[str, str]:
        """The settings of a server on this stage."""
        return {**_settings(self.home, port), **self.service.settings()}

    @asynccontextmanager
    async def desk(self) -> AsyncGenerator[Desk]:
        """The practice's database as the product opens it."""
        async with _desk(self, self.practice) as desk:
            yield desk


def _settings(home: Path, port: int) -> dict[str, str]:
    return {
        "AFTERNOTE_HOME": str(home),
        "AFTERNOTE_PRACTICE_FILE": str(home / "practice.toml"),
        "AFTERNOTE_HOST": "127.0.0.1",
        "AFTERNOTE_PORT": str(port),
        "AFTERNOTE_LOG_LEVEL": "ERROR",
    }


@asynccontextmanager
async def _desk(where: Ground, practice: PracticeFile) -> AsyncGenerator[Desk]:
    desk = await open_desk(Settings.load(where.environment(1)), practice, SystemClock())
    try:
        yield desk
    finally:
        await desk.database.close()


@asynccontextmanager
async def stage(home: Path, timing: Timing | None = None, kind: type[Workspace] = Workspace) -> AsyncGenerator[Stage]:
    """Serve a fresh workspace with the demo's practice until the context ends."""
    practice = _practice(home)
    workspace = kind(
        practice.practice.workspace_on("slack"),
        practice.practice.name,
        [Human(p.user_on("slack"), p.name.split()[0].lower(), p.name) for p in practice.practice.people],
        [Channel("C0GENERAL01", "general")],
        _app(),
        timing=timing,
    )
    served = await serve(workspace)
    try:
        yield Stage(home, workspace, practice, f"{served.url}/api/")
    finally:
        await served.stop()


@asynccontextmanager
async def teams_stage(home: Path) -> AsyncGenerator[TeamsStage]:
    """Serve Microsoft's side of Teams until the context ends."""
    async with BotService() as service:
        yield TeamsStage(home, service, _practice(home))


def _practice(home: Path) -> PracticeFile:
    home.mkdir(parents=True, exist_ok=True)
    with (files("demo") / "practice.toml").open("rb") as source, (home / "practice.toml").open("wb") as target:
        shutil.copyfileobj(source, target)
    return load_practice(home / "practice.toml")


def _app() -> App:
    return App.from_manifest(
        _REPOSITORY / "manifest.json",
        app_id="A0BENCHMARK",
        bot_user_id="U0BENCHMARK",
        bot_id="B0BENCHMARK",
        bot_token="xoxb-benchmark",
        signing_secret="benchmark-signing-secret",
    )


class Server:
    """A server in a process of its own: the product, or what it is compared with (`bench/child.py`, or `module`)."""

    def __init__(
        self,
        where: Ground,
        *arguments: str,
        port: int = 0,
        extra: Mapping[str, str] | None = None,
        module: str = "bench.child",
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._stage, self._arguments, self._extra = where, arguments, dict(extra or {})
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None

    def spawn(self) -> None:
        """Start the process; it serves some time later (`ready`). What it complains about goes to `child.log`."""
        environment = child_environment({**self._stage.environment(self.port), **self._extra})
        with (self._stage.home / "child.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module, *self._arguments],
                env=environment,
                cwd=self._stage.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def start(self) -> None:
        """Start the process and wait until it serves."""
        self.spawn()
        await self.ready()

    async def ready(self, within: float = 60.0) -> float:
        """Wait until it serves; the seconds that took. Raises RuntimeError with the end of its log when it ended."""
        began = time.monotonic()
        async with aiohttp.ClientSession() as session:
            while not await _answers(session, f"{self.url}/healthz"):
                if not self.alive or time.monotonic() > began + within:
                    log = (self._stage.home / "child.log").read_text("utf-8", errors="replace")
                    raise RuntimeError(f"the server did not start:\n{log[-2000:]}")
                await asyncio.sleep(0.02)
        return time.monotonic() - began

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def cpu_seconds(self) -> float:
        """Processor time the process has used since it began: user and system, all threads."""
        times = psutil.Process(self._running().pid).cpu_times()
        return times.user + times.system

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL, no last words."""
        process = self._running()
        process.kill()
        process.wait()

    async def stop(self) -> None:
        """Ask it to end, and wait."""
        if self.alive:
            self._running().send_signal(signal.SIGTERM)
            await asyncio.to_thread(self._running().wait, 30)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the server was not started")
        return self._process


def child_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child process: ours, without the settings of whoever runs the benchmark."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
    path = os.pathsep.join(filter(None, (str(_REPOSITORY), inherited.get("PYTHONPATH"))))
    return {**inherited, **settings, "PYTHONPATH": path, "PYTHONPYCACHEPREFIX": str(_COMPILED)}


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def notes_in(desk: Desk, *states: State) -> list[NoteId]:
    """The ids of all notes in these states; in any state when none is named."""
    async with desk.database.reading(desk.id) as unit:
        return list(await unit.notes.in_states(states or tuple(State), _EVERYTHING))


async def contents(desk: Desk) -> dict[NoteId, tuple[int, object]]:
    """Version, and what only a drafter or an editor can change, of every note."""
    found: dict[NoteId, tuple[int, object]] = {}
    for note_id in await notes_in(desk):
        async with desk.database.reading(desk.id) as unit:
            note = await unit.notes.get(note_id)
        found[note_id] = note.version, (note.statements, note.points, note.drafted_by, note.state)
    return found


def redrafted(
    before: Mapping[NoteId, tuple[int, object]], after: Mapping[NoteId, tuple[int, object]], switches: int
) -> int:
    """How many notes were drafted anew, or did not get exactly one version a switch."""
    wrong = sum(before[note_id][1] != after[note_id][1] for note_id in before)
    versions = sum(after[note_id][0] - before[note_id][0] for note_id in before)
    return wrong + abs(versions - switches) + abs(len(after) - len(before))


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=2)) as reply:
            return reply.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
