"""Microsoft's own local Teams client, the agents playground (an npm package), set up as the demo's practice.

It stands in for people, never for the product: what it is told about them is `practice.toml`. It is kept on this
machine (`loopback_only.js`), tells Microsoft nothing, and writes no log, which would hold what was typed.
"""

import asyncio
import contextlib
import json
import os
import shlex
import shutil
import signal
import socket
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp

from demo.bot_service import APP_ID

PACKAGE = "@microsoft/m365agentsplayground"
VERSION = "0.2.28"
CURRENT = "delgado"
PERSONAL, GROUP = "a:delgado-and-afternote", "19:larkspur-hallway@thread.v2"
TEAM = "19:larkspur@thread.tacv2"  # also its General channel's id
PORT = 56150  # the playground's own choice
# The playground takes exactly five people besides the one who sits at it; this one is not of the practice.
_VISITOR = {"id": "visitor", "name": "Ines Moreau", "teams_aad_object_id": "00000000-0000-4000-8000-000000000099"}
_PEOPLE = 6
_LEFT_OUT = {"okafor"}  # in the demo’s practice she supervises beside somebody who is there
_CONFIG = ".m365agentsplayground.yml"
_STARTING, _ENDING = 30.0, 5.0  # seconds


def configuration(current: str = CURRENT) -> dict[str, Any]:
    """The playground's settings: `current` sits at it, the others share the group chat and the team.

    Raises KeyError when nobody has this id in the demo's practice.
    """
    practice = tomllib.loads((files("demo") / "practice.toml").read_text("utf-8"))
    inside = [one for one in practice["people"] if one["id"] not in _LEFT_OUT]
    people = {one["id"]: _person(one) for one in [*inside, _VISITOR][:_PEOPLE]}
    return {
        "version": "0.1.1",
        "tenantId": practice["chat"]["teams"]["tenant_id"],
        "bot": {"id": f"28:{APP_ID}", "name": "Afternote"},
        "currentUser": people.pop(current),
        "users": list(people.values()),
        "personalChat": {"id": PERSONAL},
        "groupChat": {"id": GROUP, "name": "Hallway"},
        "team": {
            "id": TEAM,
            "name": practice["practice"]["name"],
            "aadGroupId": "00000000-0000-4000-8000-0000000000f0",
            "channels": [{"id": practice["review"]["teams_channel_id"], "name": "Reviews"}],
        },
    }


def _person(one: Mapping[str, Any]) -> dict[str, str]:
    first, _, last = one["name"].partition(" ")
    address = f"{one['id']}@larkspur.example"
    return {
        "id": teams_id(one["id"]),
        "name": one["name"],
        "userPrincipleName": address,
        "aadObjectId": one["teams_aad_object_id"],
        "givenName": first,
        "surname": last,
        "email": address,
    }


def teams_id(person: str) -> str:
    """How the playground calls a person of the practice: Teams' own kind of id, not Entra's."""
    return f"29:{person}"


def write_configuration(folder: Path, current: str = CURRENT) -> Path:
    """Write the playground's settings into `folder` and return the file. JSON is YAML, too."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _CONFIG
    path.write_text(json.dumps(configuration(current), indent=2) + "\n", encoding="utf-8")
    return path


def command(bot_endpoint: str, folder: Path, port: int = PORT) -> str:
    """The one line that opens the playground in a browser, for a POSIX shell. Writes its settings into `folder`."""
    environment = _environment(write_configuration(folder))
    preload = json.dumps(str(_preload()))
    words = [f"{name}={shlex.quote(value)}" for name, value in environment.items()]
    words += [f"NODE_OPTIONS={shlex.quote(f'--require {preload}')}"]
    words += ["npx", "--yes", f"{PACKAGE}@{VERSION}", *_arguments(bot_endpoint, port)]
    return " ".join(words)


class Playground:
    """The playground as a child process; use it as a context manager. `url` is its page, also for the HTTP driver.

    `node_modules` is where npm put the package, `folder` where its settings go, `bot_endpoint` the signing proxy.
    Raises FileNotFoundError without node or the package, RuntimeError when it does not start.
    """

    def __init__(self, node_modules: Path, bot_endpoint: str, port: int, folder: Path, current: str = CURRENT) -> None:
        self._cli = node_modules / PACKAGE / "cli.js"
        self._bot_endpoint, self._folder, self._current = bot_endpoint, folder, current
        self._port = port or _free_port()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> "Playground":
        node = shutil.which("node")
        if not node or not self._cli.is_file():
            raise FileNotFoundError(f"node or {PACKAGE} is missing")
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "SYSTEMROOT") if name in os.environ}
        own = {"HOME": str(self._folder), "TEAMSAPPTESTER_BROWSER": "none"}
        environment = _environment(write_configuration(self._folder, self._current))
        service = f"--service-url={self.url}/_connector"  # its own choice says "localhost"
        self._process = await asyncio.create_subprocess_exec(
            node,
            *("--require", str(_preload()), str(self._cli), *_arguments(self._bot_endpoint, self._port), service),
            cwd=self._folder,
            env=kept | own | environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(_STARTING):
                await self._listening()
                await self._answering()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self._end()

    async def _listening(self) -> None:
        """Until it says where it listens: when the port is taken, it goes elsewhere without asking."""
        said = await self._output().readline()
        if said.strip() != f"Listening on {self._port}".encode():
            raise RuntimeError(f"the playground did not start on port {self._port}")

    async def _answering(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                if await self._answers(session):
                    return
                await asyncio.sleep(0.05)

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        """Whether it has its settings. Its `/config` first waits for the bot; this does not."""
        try:
            async with session.get(f"{self.url}/_internal/v1/testConfig") as answer:
                return answer.status == 200 and (await answer.json())["config"]["personalChat"]["id"] == PERSONAL
        except aiohttp.ClientError:
            return False

    def _output(self) -> asyncio.StreamReader:
        if self._process is None or self._process.stdout is None:
            raise RuntimeError("the playground is not started")
        return self._process.stdout

    async def _end(self) -> None:
        """End it and everything it started."""
        process, self._process = self._process, None
        if process is None:
            return
        for wanted in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, wanted)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.communicate(), _ENDING)
                return


def _arguments(bot_endpoint: str, port: int) -> list[str]:
    endpoint, served = f"--app-endpoint={bot_endpoint}", f"--port={port}"
    return ["start", "--disable-telemetry", endpoint, "--channel-id=msteams", served]


def _environment(config: Path) -> dict[str, str]:
    """A log file is always wanted, and would hold what people type: this one cannot exist, its parent is a file."""
    return {
        "M365_AGENTS_PLAYGROUND_CONFIG_PATH": str(config),
        "M365_AGENTS_PLAYGROUND_LOGFILE": str(config / "no-log"),
    }


def _preload() -> Path:
    return Path(str(files("demo") / "loopback_only.js"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
