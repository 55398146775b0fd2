"""`afternote demo --teams`: the bot on this machine for Microsoft's own local Teams client, token checks and all."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.settings import Settings
from bot.teams.app import ROUTE
from bot.wiring import Running, running
from demo.bot_service import BotService
from demo.home import PACE, free_port, notes_folder, own_practice_file, sample_sessions
from demo.plans import load_examples
from demo.playground import command


@dataclass(frozen=True, slots=True)
class TeamsDemo:
    """What `afternote demo --teams` has started. `client` is the one line that opens Microsoft's client."""

    folder: Path
    service: BotService
    application: Running

    @property
    def client(self) -> str:
        """Writes the client's settings into the folder, too."""
        return command(self.service.relay_url, self.folder / "teams-client")


@asynccontextmanager
async def teams_demo(
    folder: Path, port: int = 0, *, dialogs: bool = True, remind_every: float = 0.0, **settings: str
) -> AsyncGenerator[TeamsDemo]:
    """Start the stand-in for Microsoft's channel service and the application; both end with the context.

    `dialogs`: Microsoft's local client has none. `remind_every`: as for `demo`. `settings` go into the
    application's environment.
    """
    practice_file = own_practice_file(folder)
    if not dialogs:
        practice_file = own_practice_file(folder, "practice-without-dialogs.toml", "dialogs = false")
    notes_folder(folder)
    port = port or free_port()
    async with BotService(f"http://127.0.0.1:{port}{ROUTE}") as service:
        environment = {
            "AFTERNOTE_HOME": str(folder),
            "AFTERNOTE_PRACTICE_FILE": str(practice_file),
            "AFTERNOTE_HOST": "127.0.0.1",
            "AFTERNOTE_PORT": str(port),
            **service.settings(),
        }
        loaded, samples = Settings.load(environment | settings), sample_sessions()
        async with running(loaded, pace=PACE, remind_every=remind_every, samples=samples) as application:
            await load_examples(application.desk)
            yield TeamsDemo(folder, service, application)
