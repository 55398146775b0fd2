"""What `afternote people` does: the roster from the machine itself, by whoever may run commands there."""

import datetime as dt
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bot.cards.people_forms import person_line
from bot.domain.errors import UserMistake
from bot.domain.ids import PersonId
from bot.domain.people import Account, Person, Role
from bot.domain.supervision import Mode, Supervision
from bot.practices import the_practice
from bot.settings import Settings
from bot.wiring import SystemClock, open_desk
from bot.workflows.desk import Desk
from bot.workflows.people import (
    add_person,
    change_person,
    deactivate_person,
    list_people,
    open_person,
    reactivate_person,
)

VIA = "terminal"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was given on the command line; None is left as it is."""

    name: str | None = None
    credentials: str | None = None
    roles: Sequence[str] | None = None
    timezone: str | None = None
    format_id: str | None = None
    slack: str | None = None
    teams: str | None = None
    mode: str | None = None
    supervisors: Sequence[str] | None = None
    percent: int | None = None
    since: str | None = None
    until: str | None = None


async def listed(settings: Settings) -> list[tuple[str, str]]:
    """(id, what they are) of everybody on the roster."""
    async with _practice(settings) as desk:
        practice = await list_people(desk, None, operator=True)
        return [(person.id, person_line(practice, person)) for person in practice.people]


async def added(settings: Settings, wanted: Wanted) -> str:
    """Put somebody on the roster; their new id. Raises UserMistake."""
    async with _practice(settings) as desk:
        practice = desk.practice
        fresh = Person(PersonId(""), "", "", frozenset(), practice.timezone, practice.default_format)
        person, held = _set(desk, fresh, None, wanted)
        return (await add_person(desk, None, person, held, VIA, operator=True)).id


async def changed(settings: Settings, person_id: str, wanted: Wanted) -> None:
    """Change what was given. Raises UserMistake."""
    async with _practice(settings) as desk:
        was = (await open_person(desk, None, PersonId(person_id), operator=True)).member
        person, held = _set(desk, was.person, was.supervision, wanted)
        await change_person(desk, None, person, held, was.revision, VIA, operator=True)


async def activated(settings: Settings, person_id: str, *, active: bool) -> Mapping[str, int]:
    """Deactivate or reactivate somebody; how many notes are theirs, by state. Raises UserMistake."""
    act = reactivate_person if active else deactivate_person
    async with _practice(settings) as desk:
        await act(desk, None, PersonId(person_id), VIA, operator=True)
        notes = (await open_person(desk, None, PersonId(person_id), operator=True)).notes
        return {state.value: count for state, count in notes.items()}


def _set(desk: Desk, was: Person, held: Supervision | None, wanted: Wanted) -> tuple[Person, Supervision | None]:
    given = {
        "name": wanted.name,
        "credentials": wanted.credentials,
        "roles": None if wanted.roles is None else frozenset(map(_role, wanted.roles)),
        "timezone": wanted.timezone,
        "default_format": wanted.format_id,
    }
    accounts = {account.platform: account.id for account in was.accounts}
    accounts |= {"slack": wanted.slack} if wanted.slack is not None else {}
    accounts |= {"teams": wanted.teams.lower()} if wanted.teams is not None else {}
    person = replace(
        was,
        accounts=tuple(Account(chat, user) for chat, user in accounts.items() if user),
        **{name: value for name, value in given.items() if value is not None},  # pyright: ignore[reportArgumentType]
    )
    return person, _supervision(was.id, held, wanted)


def _supervision(person: PersonId, held: Supervision | None, wanted: Wanted) -> Supervision | None:
    asked = (wanted.mode, wanted.supervisors, wanted.percent, wanted.since, wanted.until)
    if all(each is None for each in asked):
        return held
    mode = _mode(wanted.mode) if wanted.mode is not None else (held.mode if held else Mode.NONE)
    if mode is Mode.NONE:
        if held is None and wanted.mode is None:
            raise UserMistake("needs_mode", "Give --review as well: approve, cosign or sample.")
        return None
    was = held or Supervision(person, (), mode)
    named = was.supervisors if wanted.supervisors is None else tuple(map(PersonId, wanted.supervisors))
    percent = (was.sample_percent if wanted.percent is None else wanted.percent) if mode is Mode.SAMPLE else 0
    since = was.since if wanted.since is None else _day(wanted.since)
    return Supervision(person, named, mode, since, was.until if wanted.until is None else _day(wanted.until), percent)


def _role(text: str) -> Role:
    try:
        return Role.AUDITOR if text == "biller" else Role(text)
    except ValueError:
        known = ", ".join((*Role, "biller"))
        raise UserMistake("unknown_role", f"There is no role {text[:30]!r}. There are: {known}.") from None


def _mode(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError:
        raise UserMistake("unknown_mode", f"--review {text[:30]!r} must be one of: {', '.join(Mode)}.") from None


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UserMistake("bad_date", f"{text[:30]!r} is no date such as 2026-11-23.") from None


@asynccontextmanager
async def _practice(settings: Settings) -> AsyncGenerator[Desk]:
    desk = await open_desk(settings, the_practice(settings), SystemClock())
    try:
        yield desk
    finally:
        await desk.database.close()
