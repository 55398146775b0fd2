"""The composition root: the only module that knows every concrete class."""

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from adapters.audit_head_file import HeadFolder
from adapters.layout import document_of
from adapters.render import render_all
from bot.acts.front import Front
from bot.chats import Connected, connect, ended
from bot.domain.errors import Temporary, UserMistake
from bot.domain.formats import Format
from bot.domain.ids import NoteId, PracticeId
from bot.domain.note import Note
from bot.drafting.ready import get_ready
from bot.formats_file import load_formats, load_linked_formats
from bot.hosting import Hosted, Practices, due_of, handlers_of, readiness, waiting
from bot.house_conflicts import unknown_elements
from bot.jobs import Pace
from bot.keys_file import load_or_create_keys
from bot.logs import guard_loop
from bot.ports import ClientDirectory, Clock
from bot.practice_file import PracticeFile, PracticeFileError, review_rules
from bot.practices import load_practices
from bot.server import build_server, serve
from bot.settings import Settings, mask_url
from bot.targets import kinds_to_make, open_targets, primary_files, warn_about
from bot.work import DurableWork, Role
from bot.workflows.audit_heads import keep_heads
from bot.workflows.cabinet import LEASE_SECONDS, Cabinet, Render
from bot.workflows.desk import Desk
from bot.workflows.digest import keep_digesting
from bot.workflows.filing_times import LONGEST
from bot.workflows.follow_calendars import CalendarText, Follower
from bot.workflows.format_versions import keep_formats
from bot.workflows.keep_roster import keep_roster, renew_roster
from bot.workflows.list_session import list_unsigned
from bot.workflows.remind_day import keep_reminding
from bot.workflows.roster import Roster
from bot.workflows.show_note import Screens
from bot.workflows.suggestions import Suggestions
from bot.workflows.writer import Writer
from storage.crypto import KeyRing, new_key_ring
from storage.installations import Installations
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

    practices: Practices
    work: DurableWork
    url: str

    @property
    def only(self) -> Hosted:
        """The practice, where there is one. Raises ValueError where there are several."""
        (hosted,) = self.practices.values()
        return hosted

    @property
    def desk(self) -> Desk:
        return self.only.desk

    @property
    def cabinet(self) -> Cabinet:
        return self.only.cabinet


def key_ring(settings: Settings) -> KeyRing:
    """The keys of the environment, else those of the home folder, made there on the first run."""
    text = settings.keys.reveal() if settings.keys else load_or_create_keys(settings.home, new_key_ring)
    return KeyRing.parse(text)


def head_folder(settings: Settings) -> HeadFolder:
    """Where the audit log's signed heads go. One that was named is not made: when it is absent, a share is away."""
    return HeadFolder(settings.audit_heads_folder, make=settings.audit_heads is None)


def open_cabinet(settings: Settings, practice: PracticeFile, desk: Desk, *, alone: bool = True) -> Cabinet:
    """The practice's storage and the rendering of its documents. Raises UserMistake naming the settings at fault.

    `alone`: whether there is no other practice.
    """
    kinds = kinds_to_make(practice)
    places = open_targets(settings, practice, desk.clock, alone=alone)
    return Cabinet(places, _render(practice, desk, kinds), kinds=kinds)


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


@asynccontextmanager
async def installations_in(settings: Settings) -> AsyncGenerator[Installations]:
    """The chat workspaces that installed the app, of all practices."""
    database = await _open_database(settings, SystemClock())
    try:
        yield Installations(database)
    finally:
        await database.close()


async def open_desk(settings: Settings, practice: PracticeFile, clock: Clock, *, every_note: bool = False) -> Desk:
    """The practice's database, brought to the current schema, and its formats.

    `every_note`: also those of before notes could be found by client can be found, however many there are.
    """
    database = await _open_database(settings, clock)
    if every_note:
        await database.fill_all_client_lookups(practice.practice.id)
    desk = await _desk(practice, database, clock)
    await renew_roster(desk)
    return desk


async def _desk(practice: PracticeFile, database: SqlDatabase, clock: Clock) -> Desk:
    formats = {**load_formats(practice.formats_folder), **load_linked_formats()}
    _check_required(practice, formats)
    known = await keep_formats(database, practice.practice, clock, formats)
    offered = {*practice.offered_formats, *(format_id for _, format_id in practice.practice.format_by_kind)}
    return Desk(
        Roster(practice.practice),
        known.current,
        database,
        clock,
        tuple(offered) if practice.offered_formats else (),
        practice.deadlines.profiles,
        practice.payer_by_client,
        practice.deadlines.default_payer,
        targets=tuple(target.name for target in practice.targets),
        primary_files=primary_files(practice),
        house=practice.house,
        kept_formats=known.kept,
        reviewing=review_rules(practice),
        locale=practice.locale,
    )


def _check_required(practice: PracticeFile, formats: Mapping[str, Format]) -> None:
    """Raises PracticeFileError for a section that a format does not have."""
    of_formats = ((name, formats[name], names) for name, names in practice.required.items() if name in formats)
    wrong = [f"[formats.required] {n} {said}" for n, fmt, names in of_formats for said in unknown_elements(fmt, names)]
    if wrong:
        raise PracticeFileError(wrong)


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


def _paced(desks: Sequence[Desk], pace: Pace | None) -> Pace:
    """With a model, as many drafts at a time as it may be asked for: they mostly wait."""
    pace = pace or Pace()
    writing = sum(desk.writer.limits.concurrency for desk in desks if desk.writer)
    return replace(pace, writing=writing) if writing else pace


@asynccontextmanager
async def running(
    settings: Settings,
    role: Role = "all",
    pace: Pace | None = None,
    lease_seconds: int = LEASE_SECONDS,
    longest_wait: timedelta = LONGEST,
    remind_every: float = 30.0,
    samples: str = "",
) -> AsyncGenerator[Running]:
    """Start what this role needs and stop it in the opposite order. Raises UserMistake when a chat refuses.

    `pace`, `lease_seconds`, `longest_wait`, `remind_every`: other times than the product's own, for benchmarks and
    tests; with 0 nobody hears anything unasked: no reminder of what waits, no week's counts, no first questions.
    `samples`: made-up sessions to bring in at one click, as a table.
    """
    guard_loop(asyncio.get_running_loop())
    files = load_practices(settings)
    clock = SystemClock()
    database = await _open_database(settings, clock)
    times = {"lease_seconds": lease_seconds, "longest_wait": longest_wait}
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        opened = await _all_opened(settings, files, database, clock, stack)
        chats = await connect(settings, files, database, Installations(database), clock, stack)
        practices: dict[PracticeId, Hosted] = {}
        for file, desk, cabinet in opened:
            await renew_roster(desk)
            stack.push_async_callback(ended, asyncio.create_task(keep_roster(desk)))
            screens = Screens(desk, {chat.platform: chat.chats[desk.id] for chat in chats if desk.id in chat.chats})
            practices[desk.id] = Hosted(file, desk, replace(cabinet, **times), screens, bool(remind_every))
        work = _durable_work(settings, practices, role, pace)
        fronts = [(chat, _fronts(practices, work, chat, samples)) for chat in chats]
        await work.start()
        stack.push_async_callback(work.stop)
        for _, of_chat in fronts:
            for front in of_chat.values():
                stack.push_async_callback(front.later.finish)
        routes = [route for chat, of_chat in fronts if role != "worker" for route in chat.routes(of_chat)]
        server = build_server(routes, readiness(practices), waiting(practices))
        runner = await serve(server, settings.host, settings.port)
        stack.push_async_callback(runner.cleanup)
        for chat, of_chat in fronts:
            if role != "worker":
                await chat.listen(of_chat, stack)
        for practice in practices if role != "web" else ():
            if filled := await database.fill_client_lookups(practice):
                _log.info("%d notes of before can be found by client now", filled)
            if listed := await list_unsigned(practices[practice].desk):
                _log.info("%d notes of before are on their clinicians' lists now", listed)
        for hosted in practices.values() if role != "web" else ():
            keeping = asyncio.create_task(keep_heads(hosted.desk, head_folder(settings)))
            stack.push_async_callback(ended, keeping)
        for hosted in practices.values() if role != "web" and remind_every else ():
            for keeping in _unasked(hosted, remind_every):
                stack.push_async_callback(ended, asyncio.create_task(keeping))
        getting_ready = asyncio.create_task(asyncio.to_thread(get_ready))
        stack.push_async_callback(asyncio.wait, {getting_ready})
        yield Running(practices, work, _url(settings, runner))


def _unasked(hosted: Hosted, every: float) -> Sequence[Coroutine[Any, Any, None]]:
    """What a practice's people hear or have read for them without asking, each looked at every so many seconds."""
    desk, chats, holder = hosted.desk, hosted.screens.chats, secrets.token_hex(8)
    return (
        keep_reminding(desk, chats, holder, every),
        keep_digesting(desk, chats, holder, every),
        Follower(desk, chats, _fetch_calendar, holder).keep(every),
    )


async def _fetch_calendar(url: str, *, etag: str = "") -> CalendarText:
    """What an address gives; the library for it is loaded with the first."""
    from adapters.calendar_url import fetch_calendar

    return await fetch_calendar(url, etag=etag)


async def _all_opened(
    settings: Settings, files: Sequence[PracticeFile], database: SqlDatabase, clock: Clock, stack: AsyncExitStack
) -> "list[tuple[PracticeFile, Desk, Cabinet]]":
    """Every practice's desk and cabinet. Raises UserMistake with what is wrong with any of them."""
    opened: list[tuple[PracticeFile, Desk, Cabinet]] = []
    mistakes: list[UserMistake] = []
    for file in files:
        try:
            opened.append(await _opened(settings, file, database, clock, stack, alone=len(files) == 1))
        except UserMistake as mistake:
            mistakes.append(mistake)
    if mistakes:
        raise UserMistake(mistakes[0].code, "\n".join(mistake.sentence for mistake in mistakes))
    return opened


async def _opened(
    settings: Settings, file: PracticeFile, database: SqlDatabase, clock: Clock, stack: AsyncExitStack, *, alone: bool
) -> tuple[PracticeFile, Desk, Cabinet]:
    """One practice's desk and cabinet. What they hold open ends with `stack`."""
    desk = replace(await _desk(file, database, clock), writer=open_writer(settings, file))
    cabinet = open_cabinet(settings, file, desk, alone=alone)
    stack.push_async_callback(cabinet.close)
    record = cabinet.targets[desk.targets[0]].sink
    if isinstance(record, ClientDirectory):
        suggestions = Suggestions(record)
        desk = replace(desk, suggestions=suggestions)
        stack.push_async_callback(suggestions.close)
    looking = asyncio.create_task(warn_about(tuple(cabinet.targets.values())))
    stack.push_async_callback(ended, looking)
    if desk.writer:
        stack.push_async_callback(desk.writer.model.close)
    return file, desk, cabinet


def _durable_work(settings: Settings, practices: Practices, role: Role, pace: Pace | None) -> DurableWork:
    async def file_later(practice: PracticeId, note_id: NoteId, target: str) -> None:
        await work.file(practice, note_id, target)

    desks = [hosted.desk for hosted in practices.values()]
    pairs = [(desk.id, target) for desk in desks for target in desk.targets]
    work = DurableWork(
        settings.database_url.reveal(),
        handlers_of(practices, file_later),
        due_of(practices),
        role=role,
        pace=_paced(desks, pace),
        targets=pairs if len(desks) > 1 else desks[0].targets,
    )
    return work


def _fronts(practices: Practices, work: DurableWork, chat: Connected, samples: str) -> dict[str, Front]:
    """The front of each workspace in this chat; no two practices share one."""
    return {
        workspace: Front(
            practices[practice].desk,
            work,
            practices[practice].screens,
            chat.platform,
            workspace,
            samples=samples,
            greets=practices[practice].greets,
        )
        for practice, workspace in chat.workspaces.items()
    }


def _render(practice: PracticeFile, desk: Desk, kinds: Sequence[str]) -> Render:
    def render(note: Note, about: Note | None, made: Mapping[str, bytes]) -> Mapping[str, bytes]:
        person = desk.practice.person(note.clinician_id)
        document = document_of(
            note,
            desk.format_of(note),
            practice.practice.name,
            person.signature_line if person else "",
            person.timezone if person else practice.practice.timezone,
            late_after_hours=_late_after(practice, note),
            about=about,
            about_format=desk.format_of(about) if about else None,
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


def _url(settings: Settings, runner: web.AppRunner) -> str:
    port = next((address[1] for address in runner.addresses if len(address) > 1), settings.port)
    return f"http://{settings.host}:{port}"
