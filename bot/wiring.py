"""The composition root: the only module that knows every concrete class."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from aiohttp import web

from adapters.layout import document_of
from adapters.render import render_all
from bot.acts.front import Front
from bot.chats import connect
from bot.domain.errors import AfternoteError, Temporary, UserMistake
from bot.domain.filing import FilingState
from bot.domain.ids import NoteId, PracticeId
from bot.domain.note import Note, State
from bot.drafting.ready import get_ready
from bot.formats_file import load_formats, load_linked_formats
from bot.jobs import Handlers, Job, Pace
from bot.keys_file import load_or_create_keys
from bot.logs import guard_loop
from bot.ports import ClientDirectory, Clock
from bot.practice_file import PracticeFile, load_practice, review_rules
from bot.server import Ready, Waiting, build_server, serve
from bot.settings import Settings, mask_url
from bot.targets import Readiness, kinds_to_make, open_targets, primary_files, warn_about
from bot.work import DurableWork, Role
from bot.workflows.cabinet import LEASE_SECONDS, Cabinet, Render
from bot.workflows.desk import Desk
from bot.workflows.draft_note import draft_and_show
from bot.workflows.due_work import due_work
from bot.workflows.file_note import file_and_show
from bot.workflows.filing_times import LONGEST
from bot.workflows.reword_note import reword_and_show
from bot.workflows.roster import Roster
from bot.workflows.show_note import Screens
from bot.workflows.suggestions import Suggestions
from bot.workflows.writer import Writer
from storage.crypto import KeyRing, new_key_ring
from storage.migrate import migrate
from storage.unit_of_work import SqlDatabase

_log = logging.getLogger("afternote")
_LATE_AFTER_HOURS = 72


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """The present moment."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Running:
    """Everything that was started, until the context that opened it ends."""

    desk: Desk
    work: DurableWork
    cabinet: Cabinet
    url: str


def key_ring(settings: Settings) -> KeyRing:
    """The keys of the environment, else those of the home folder, made there on the first run."""
    text = settings.keys.reveal() if settings.keys else load_or_create_keys(settings.home, new_key_ring)
    return KeyRing.parse(text)


def open_cabinet(settings: Settings, practice: PracticeFile, desk: Desk) -> Cabinet:
    """The practice's storage and the rendering of its documents. Raises UserMistake naming the settings at fault."""
    kinds = kinds_to_make(practice)
    return Cabinet(open_targets(settings, practice, desk.clock), _render(practice, desk, kinds), kinds=kinds)


async def _open_database(settings: Settings, clock: Clock) -> SqlDatabase:
    """The practice's database, brought to the current schema. Raises UserMistake when it cannot be used."""
    url = settings.database_url.reveal()
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        await migrate(url)
    except (Temporary, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UserMistake(
            "database_out_of_reach", f"The database does not answer ({why}): AFTERNOTE_DATABASE_URL is {mask_url(url)}."
        ) from None
    return SqlDatabase(url, key_ring(settings), clock.now)


async def open_desk(settings: Settings, practice: PracticeFile, clock: Clock, *, every_note: bool = False) -> Desk:
    """The practice's database, brought to the current schema, and its formats.

    `every_note`: also those of before notes could be found by client can be found, however many there are.
    """
    database = await _open_database(settings, clock)
    if every_note:
        await database.fill_all_client_lookups(practice.practice.id)
    return _desk(practice, database, clock)


def _desk(practice: PracticeFile, database: SqlDatabase, clock: Clock) -> Desk:
    formats = {**load_formats(practice.formats_folder), **load_linked_formats()}
    offered = {*practice.offered_formats, *(format_id for _, format_id in practice.practice.format_by_kind)}
    return Desk(
        Roster(practice.practice),
        formats,
        database,
        clock,
        tuple(offered) if practice.offered_formats else (),
        practice.deadlines.profiles,
        practice.payer_by_client,
        practice.deadlines.default_payer,
        targets=tuple(target.name for target in practice.targets),
        primary_files=primary_files(practice),
        reviewing=review_rules(practice),
    )


def open_writer(settings: Settings, practice: PracticeFile, patience_seconds: int = 0) -> Writer | None:
    """The language model, when one is set; nothing is connected or imported without. `patience_seconds`: other than
    the practice's.
    """
    if not settings.model_on:
        return None
    from bot.drafting.llm import OpenAiModel

    key = settings.openai_api_key.reveal() if settings.openai_api_key else ""
    if not practice.model.hide_identifiers and _is_a_service(settings.openai_base_url):
        raise UserMistake(
            "identifiers_to_a_service",
            "practice.toml [model] hide_identifiers = false is for a server of your own, but OPENAI_BASE_URL is "
            f"{mask_url(settings.openai_base_url) or 'not set, which means OpenAI'}.",
        )
    use, patience = practice.model, patience_seconds or practice.model.patience_seconds
    model = OpenAiModel(settings.openai_base_url, key, settings.model, patience_seconds=patience)
    return Writer(model, practice.voice, use.limits, use.prices, use.hide_identifiers, patience)


def _is_a_service(base_url: str) -> bool:
    """Whether the address is one of the well-known services, which no practice runs itself."""
    host = urlsplit(base_url).hostname or "api.openai.com"
    return host.endswith(("openai.com", "azure.com", "googleapis.com", "anthropic.com", "openrouter.ai", "mistral.ai"))


def _paced(desk: Desk, pace: Pace | None) -> Pace:
    """With a model, as many drafts at a time as it may be asked for: they mostly wait."""
    pace = pace or Pace()
    return replace(pace, writing=desk.writer.limits.concurrency) if desk.writer else pace


@asynccontextmanager
async def running(
    settings: Settings,
    role: Role = "all",
    pace: Pace | None = None,
    lease_seconds: int = LEASE_SECONDS,
    longest_wait: timedelta = LONGEST,
) -> AsyncGenerator[Running]:
    """Start what this role needs and stop it in the opposite order. Raises UserMistake when a chat refuses.

    `pace`, `lease_seconds`, `longest_wait`: other times than the product's own, for benchmarks and tests.
    """
    guard_loop(asyncio.get_running_loop())
    practice = load_practice(settings.practice_file, known_formats=load_formats())
    clock = SystemClock()
    database = await _open_database(settings, clock)
    desk = replace(_desk(practice, database, clock), writer=open_writer(settings, practice))
    times = {"lease_seconds": lease_seconds, "longest_wait": longest_wait}
    cabinet = replace(open_cabinet(settings, practice, desk), **times)
    record = cabinet.targets[desk.targets[0]].sink
    if isinstance(record, ClientDirectory):
        desk = replace(desk, suggestions=Suggestions(record))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(desk.database.close)
        stack.push_async_callback(cabinet.close)
        looking = asyncio.create_task(warn_about(tuple(cabinet.targets.values())))
        stack.push_async_callback(_ended, looking)
        if desk.suggestions:
            stack.push_async_callback(desk.suggestions.close)
        if desk.writer:
            stack.push_async_callback(desk.writer.model.close)
        chats = await connect(settings, practice, database, clock, stack)
        screens = Screens(desk, {chat.platform: chat.chat for chat in chats})
        work = _durable_work(settings, desk, cabinet, screens, role, _paced(desk, pace))
        fronts = [(chat, Front(desk, work, screens, chat.platform, chat.workspace)) for chat in chats]
        await work.start()
        stack.push_async_callback(work.stop)
        for _, front in fronts:
            stack.push_async_callback(front.later.finish)
        routes = [route for chat, front in fronts if role != "worker" for route in chat.routes(front)]
        runner = await serve(
            build_server(routes, _readiness(desk, cabinet), _waiting(desk)), settings.host, settings.port
        )
        stack.push_async_callback(runner.cleanup)
        for chat, front in fronts:
            if role != "worker":
                await chat.listen(front, stack)
        if role != "web" and (filled := await database.fill_client_lookups(desk.id)):
            _log.info("%d notes of before can be found by client now", filled)
        getting_ready = asyncio.create_task(asyncio.to_thread(get_ready))
        stack.push_async_callback(asyncio.wait, {getting_ready})
        yield Running(desk, work, cabinet, _url(settings, runner))


def _durable_work(
    settings: Settings, desk: Desk, cabinet: Cabinet, screens: Screens, role: Role, pace: Pace | None
) -> DurableWork:
    async def draft(_: PracticeId, note_id: NoteId) -> None:
        await draft_and_show(desk, screens, note_id)

    async def reword(_: PracticeId, note_id: NoteId) -> None:
        await reword_and_show(desk, screens, note_id)

    async def file(_: PracticeId, note_id: NoteId, target: str) -> None:
        await file_and_show(desk, cabinet, screens, note_id, target, work.file)

    async def show(_: PracticeId, note_id: NoteId) -> None:
        await screens.show(note_id)

    async def due() -> Sequence[Job]:
        behind = [Job("show", desk.id, note_id) for note_id in await screens.due()]
        return [*(Job(kind, desk.id, note_id, target) for kind, note_id, target in await due_work(desk)), *behind]

    handlers = Handlers(draft, reword, file, show)
    url = settings.database_url.reveal()
    work = DurableWork(url, handlers, due, role=role, pace=pace, targets=desk.targets)
    return work


def _render(practice: PracticeFile, desk: Desk, kinds: Sequence[str]) -> Render:
    def render(note: Note, about: Note | None, made: Mapping[str, bytes]) -> Mapping[str, bytes]:
        person = practice.practice.person(note.clinician_id)
        document = document_of(
            note,
            desk.formats[note.format_id],
            practice.practice.name,
            person.signature_line if person else "",
            person.timezone if person else practice.practice.timezone,
            late_after_hours=_late_after(practice, note),
            about=about,
            about_format=desk.formats.get(about.format_id) if about else None,
            letterhead=practice.letterhead,
            client_flags=practice.practice.flags_of(note.client_code),
        )
        return render_all(document, kinds, made)

    return render


def _late_after(practice: PracticeFile, note: Note) -> int:
    payer = practice.payer_by_client.get(note.client_code, practice.deadlines.default_payer)
    deadline = practice.deadlines.payers.get(payer)
    if deadline is None:
        return _LATE_AFTER_HOURS
    crisis = deadline.crisis_within_hours if note.session.kind == "crisis" else 0
    return crisis or deadline.sign_within_hours or _LATE_AFTER_HOURS


def _readiness(desk: Desk, cabinet: Cabinet) -> Ready:
    record = Readiness(cabinet.targets[desk.targets[0]])

    async def ready() -> list[str]:
        storage = await record.problems()
        try:
            async with desk.database.reading(desk.id) as unit:
                await unit.notes.in_states([State.DRAFTING], 1)
        except AfternoteError as error:
            return [*storage, f"The database does not answer ({error})."]
        return storage

    return ready


def _waiting(desk: Desk) -> Waiting:
    """What is not filed yet, with a nought for every place and state; nothing while the database does not answer."""

    async def waiting() -> Mapping[tuple[str, str], int]:
        try:
            async with desk.database.reading(desk.id) as unit:
                counts = await unit.ledger.counts()
        except AfternoteError:
            return {}
        states = [state for state in FilingState if state is not FilingState.STORED]
        return {**{(target, state): 0 for target in desk.targets for state in states}, **counts}

    return waiting


async def _ended(looking: "asyncio.Task[None]") -> None:
    looking.cancel()
    await asyncio.wait({looking})


def _url(settings: Settings, runner: web.AppRunner) -> str:
    port = next((address[1] for address in runner.addresses if len(address) > 1), settings.port)
    return f"http://{settings.host}:{port}"
