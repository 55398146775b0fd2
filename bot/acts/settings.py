"""`settings` in every chat, and the first three of them, which who is new is asked once."""

import datetime as dt
from collections.abc import Mapping

from bot.acts.day import Doing, Feature, Opens, Sends, Typed
from bot.acts.presses import Press
from bot.acts.sent_forms import Sent
from bot.calendars.moments import parse_clock
from bot.cards import first_words
from bot.cards import settings_words as words
from bot.cards.elements import Card, Form
from bot.cards.first_screens import first_form, skipped_card
from bot.cards.plan_forms import typed_day
from bot.cards.settings_screens import Shown, settings_form
from bot.domain.errors import UserMistake
from bot.domain.people import Role
from bot.domain.policy import ActKind, allow
from bot.workflows.digest import stop_digest
from bot.workflows.first_contact import meet
from bot.workflows.settings import Held, Wanted, change_settings, own_settings

_DAYS = {str(day) for day in range(7)}


async def open_settings(doing: Doing, _: str = "") -> Form:
    """The form, filled in as it stands. Who opens it by themselves is asked nothing more. Raises NotAllowed."""
    await meet(doing.desk, allow(doing.person, ActKind.CHOOSE), doing.via)
    held, shown = await _stands(doing)
    return settings_form(shown, doing.desk.startable, _context(held))


async def _open_first(doing: Doing, _: Press) -> Form:
    return await _first(doing)


async def _first_again(doing: Doing, _: Sent) -> Form:
    return await _first(doing)


async def _first(doing: Doing) -> Form:
    held, shown = await _stands(doing)
    return first_form(shown, doing.desk.startable, _context(held))


async def _save_first(doing: Doing, sent: Sent) -> str:
    await _save(doing, sent)
    return first_words.SAVED.format(typed=first_words.TYPED[doing.via])


async def _skip(doing: Doing, _: Press) -> Card:
    allow(doing.person, ActKind.CHOOSE)
    return skipped_card(doing.via)


async def _digest_off(doing: Doing, _: Press) -> str:
    return await stop_digest(doing.desk, doing.person, doing.via)


async def _stands(doing: Doing) -> tuple[Held, Shown]:
    held = await own_settings(doing.desk, doing.person)
    person, stands = held.member.person, held.as_wanted(doing.desk.reviewing.calendar)
    return held, Shown(
        stands.credentials,
        stands.default_format,
        stands.remind,
        stands.remind_at,
        stands.working_days,
        stands.quiet,
        stands.away_until,
        stands.minutes_before,
        stands.digest,
        person.timezone,
        person.writes,
        Role.ADMINISTRATOR in person.roles,
        bool(stands.calendar_url),
    )


async def _open(doing: Doing, _: Press) -> Form:
    return await open_settings(doing)


async def _again(doing: Doing, _: Sent) -> Form:
    return await open_settings(doing)


async def _save(doing: Doing, sent: Sent) -> str:
    held = await own_settings(doing.desk, doing.person)
    wanted = _wanted(held.as_wanted(doing.desk.reviewing.calendar), sent.values)
    entry = sent.note_id.rpartition(".")[2]
    seen_entry = int(entry) if entry.isascii() and entry.isdigit() else 0
    await change_settings(doing.desk, doing.person, wanted, seen_entry, sent.version, doing.via)
    return words.SAVED


def _context(held: Held) -> str:
    return f"{held.member.person.id}.{held.member.revision}:{held.chosen.revision}"


def _wanted(stands: Wanted, values: Mapping[str, str]) -> Wanted:
    """What the form says; what it did not ask for stays. Raises UserMistake."""
    begins, ends = stands.quiet
    if "quiet_from" in values or "quiet_until" in values:
        begins, ends = (_time(values.get(name, ""), "half_quiet") for name in ("quiet_from", "quiet_until"))
    return Wanted(
        credentials=values.get("credentials", stands.credentials),
        default_format=values.get("format") or stands.default_format,
        remind=values["remind"] != "off" if values.get("remind") else stands.remind,
        remind_at=_time(values.get("remind_at", ""), "bad_time") or stands.remind_at,
        working_days=_days(values["days"]) if "days" in values else stands.working_days,
        quiet=(begins, ends),
        away_until=typed_day(values["away_until"]) if "away_until" in values else stands.away_until,
        minutes_before=_minutes(values["before"]) if "before" in values else stands.minutes_before,
        digest=values["digest"] != "off" if values.get("digest") else stands.digest,
        calendar_url=_calendar(values.get("calendar", "").strip(), stands.calendar_url),
    )


def _time(typed: str, code: str) -> dt.time | None:
    """Of a picker, or typed where a chat has none; None when empty."""
    if not typed.strip():
        return None
    found = parse_clock(typed)
    if found is None:
        raise UserMistake(code, words.BAD_TIME)
    return found[0]


def _calendar(typed: str, stands: str) -> str:
    """The address is shown to nobody, so an empty input leaves it as it is."""
    return "" if typed.casefold() == words.CALENDAR_NONE else typed or stands


def _days(ticked: str) -> frozenset[int]:
    return frozenset(int(day) for day in ticked.split(",") if day in _DAYS)


def _minutes(typed: str) -> int:
    """0 when empty; what is no number is told by the workflow."""
    typed = typed.strip()
    if not typed:
        return 0
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else -1


FEATURE = Feature(
    commands={"settings": Typed(open_settings)},
    opens={
        "day_open_settings": Opens(words.TITLE, _open),
        "day_open_first": Opens(first_words.TITLE, _open_first),
    },
    presses={"day_first_skip": _skip, "day_digest_off": _digest_off},
    forms={
        "day_settings": Sends(words.TITLE, _save, _again),
        "day_first": Sends(first_words.TITLE, _save_first, _first_again),
    },
)
