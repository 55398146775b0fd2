"""The whole product on one machine: the local chat workspace, the real application, a folder for filed notes."""

import itertools
import json
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from bot.domain.note import OPEN, State
from bot.practice_file import PracticeFile, load_practice
from bot.settings import Settings
from bot.wiring import Running, running
from demo.cast import App, Channel, Human
from demo.driver import Person
from demo.fhir_storage import fhir_storage
from demo.filed import FiledPages
from demo.home import PACE, free_port, notes_folder, own_practice_file, sample_sessions
from demo.plans import load_examples
from demo.server import serve
from demo.workspace import Workspace

_SAMPLES_AT_ONCE = 3
_MODEL_SETTINGS = ("AFTERNOTE_MODEL", "OPENAI_API_KEY", "OPENAI_BASE_URL")
_ANY_MODEL = "gpt-4.1-mini"  # servers of one model answer to any name
_TITLES = {"clinician": "Therapist", "supervisor": "Supervisor", "administrator": "Administrator"}


@dataclass(frozen=True, slots=True)
class Demo:
    """What `afternote demo` has started."""

    url: str
    folder: Path
    workspace: Workspace
    application: Running
    fhir_base: str = ""  # the FHIR server's address, where there is one

    @property
    def filed_url(self) -> str:
        """The page of documents on that server."""
        return f"{self.url}/filed" if self.fhir_base else ""


def model_settings(env: Mapping[str, str]) -> dict[str, str]:
    """The language model that an environment names, if any: the demo drafts with it, else with the sorter.

    Unlike the product, which sends nothing unless a model is named, the demo takes an address or a key for a wish:
    its clients are invented.
    """
    found = {name: value for name in _MODEL_SETTINGS if (value := env.get(name, "").strip())}
    if not ("OPENAI_API_KEY" in found or "OPENAI_BASE_URL" in found):
        return {}
    return {"AFTERNOTE_MODEL": _ANY_MODEL, **found}


@asynccontextmanager
async def demo(
    folder: Path,
    chat_port: int = 0,
    port: int = 0,
    *,
    storage: str = "folder",
    remind_every: float = 0.0,
    **settings: str,
) -> AsyncGenerator[Demo]:
    """Start workspace and application; both end with the context. `settings` go into the application's environment.

    With `SLACK_APP_TOKEN` the workspace delivers over Socket Mode. `storage`: `folder`, or `fhir` for a FHIR server
    with a copy in the folder; raises UserMistake when that cannot start. `remind_every`: seconds between looks whether
    somebody is to be reminded of what waits; never with 0.
    """
    async with AsyncExitStack() as stack:
        fhir = await stack.enter_async_context(fhir_storage(folder)) if storage == "fhir" else None
        practice_file = fhir.practice_file if fhir else own_practice_file(folder)
        practice = load_practice(practice_file)
        workspace = _workspace(practice, notes_folder(folder))
        pages = FiledPages(fhir.base).routes() if fhir else []
        workspace.filed_page = "/filed" if fhir else ""
        chat = await serve(workspace, "127.0.0.1", chat_port, pages)
        stack.push_async_callback(chat.stop)
        environment = _environment(folder, practice_file, workspace, f"{chat.url}/api/", port) | settings
        application = await stack.enter_async_context(
            running(Settings.load(environment), pace=PACE, remind_every=remind_every, samples=sample_sessions())
        )
        await load_examples(application.desk)
        workspace.request_url = None if "SLACK_APP_TOKEN" in settings else application.url
        await _show_drafts(application)
        yield Demo(chat.url, folder, workspace, application, fhir.base if fhir else "")


async def _show_drafts(application: Running) -> None:
    """The workspace forgets its messages when it ends; drafts and reviews of an earlier run get their cards again."""
    desk = application.desk
    async with desk.database.reading(desk.id) as unit:
        drafts = await unit.notes.in_states([*OPEN, State.IN_REVIEW], 100)
    for note_id in drafts:
        await application.work.show(desk.id, note_id)


def _environment(folder: Path, practice: Path, workspace: Workspace, api_url: str, port: int) -> dict[str, str]:
    return {
        "AFTERNOTE_HOME": str(folder),
        "AFTERNOTE_PRACTICE_FILE": str(practice),
        "AFTERNOTE_HOST": "127.0.0.1",
        "AFTERNOTE_PORT": str(port or free_port()),
        "SLACK_BOT_TOKEN": workspace.app.bot_token,
        "SLACK_SIGNING_SECRET": workspace.app.signing_secret,
        "SLACK_API_URL": api_url,
    }


def _workspace(practice: PracticeFile, notes: Path) -> Workspace:
    people = [
        Human(
            person.user_on("slack"),
            person.name.split()[0].lower(),
            person.name,
            _title(person.credentials, person.roles),
        )
        for person in sorted(practice.practice.people, key=lambda p: p.id != "delgado")
    ]
    app = App.from_manifest(
        _manifest(),
        app_id="A0AFTERNOTE",
        bot_user_id="U0AFTERNOTE",
        bot_id="B0AFTERNOTE",
        bot_token=f"xoxb-{secrets.token_hex(16)}",
        signing_secret=secrets.token_hex(16),
    )
    channels = [Channel("C0GENERAL01", "general"), Channel("C0EXAMPLE10", "note-review")]
    team = practice.practice
    workspace = Workspace(team.workspace_on("slack"), team.name, people, channels, app, notes_folder=notes)
    workspace.on_samples = _sender(workspace, practice)
    return workspace


def _title(credentials: str, roles: Any) -> str:
    return credentials or ", ".join(_TITLES.get(role, role) for role in sorted(roles))


def _manifest() -> Path:
    """Slack's app manifest: beside the packages in a checkout."""
    return Path(__file__).parent.parent / "manifest.json"


def _sender(workspace: Workspace, practice: PracticeFile) -> Callable[[str], Awaitable[None]]:
    """One click sends the next few sample summaries of this person's own clients."""
    lines = (files("demo") / "summaries.jsonl").read_text("utf-8").splitlines()
    samples = [json.loads(line) for line in lines]
    turns: dict[str, Any] = {}

    async def send(user_id: str) -> None:
        person = practice.practice.by_user("slack", user_id)
        own = [sample for sample in samples if person and sample["clinician"] == person.id]
        if not own:
            return
        turn = turns.setdefault(user_id, itertools.cycle(range(len(own))))
        sender = Person(workspace, user_id)
        for _ in range(min(_SAMPLES_AT_ONCE, len(own))):
            sample = own[next(turn)]
            await sender.say(sender.dm(), f"{sample['client']} yesterday 50min\n{sample['text']}")

    return send
