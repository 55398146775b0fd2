"""What one person sets of themselves: their choices, and the two particulars of their own entry on the roster."""

import datetime as dt
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from bot.cards import settings_words as words
from bot.domain.errors import Stale, UserMistake
from bot.domain.people import Person
from bot.domain.preferences import LONGEST_ADDRESS, LONGEST_BEFORE, Preferences
from bot.domain.review_times import Calendar
from bot.domain.roster import Member
from bot.ports import Act, UnitOfWork
from bot.workflows.desk import Desk
from bot.workflows.keep_roster import renew_roster
from bot.workflows.people import own_entry, set_own_entry

_SCHEMES = ("https", "webcal", "webcals")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form says. Times are local. `quiet` and `working_days` as the practice's hold for the practice's own."""

    credentials: str
    default_format: str
    remind: bool
    remind_at: dt.time
    working_days: frozenset[int]
    quiet: tuple[dt.time | None, dt.time | None]
    away_until: dt.date | None
    minutes_before: int
    digest: bool
    calendar_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody's settings as they are, with the revisions under which a form is sent."""

    member: Member
    chosen: Preferences

    def as_wanted(self, calendar: Calendar) -> Wanted:
        """The same as a form would say it; the practice's own days and hours where they chose none."""
        person, chosen = self.member.person, self.chosen
        return Wanted(
            person.credentials,
            person.default_format,
            chosen.remind,
            chosen.remind_at,
            calendar.working_days if chosen.working_days is None else chosen.working_days,
            chosen.quiet or (calendar.quiet_from, calendar.quiet_until),
            chosen.away_until,
            chosen.minutes_before,
            chosen.digest,
            chosen.calendar_url,
        )


async def own_settings(desk: Desk, actor: Person | None) -> Held:
    """One's own settings, to be shown. Raises NotAllowed."""
    async with desk.database.reading(desk.id) as unit:
        return await _held(desk, unit, actor)


async def change_settings(
    desk: Desk, actor: Person | None, wanted: Wanted, seen_entry: int, seen: int, via: str
) -> Person:
    """Set all of it in one transaction; sent twice it is the same. Raises UserMistake, Stale, NotAllowed.

    `seen_entry` and `seen`: the revisions of the roster's entry and of the choices on which the form was opened.
    """
    async with desk.database.writing(desk.id) as unit:
        held = await _held(desk, unit, actor)
        after = _chosen(desk, held, wanted)
        if after != held.chosen:
            if held.chosen.revision != seen:
                raise Stale("stale_settings", words.CHANGED)
            await unit.choices.save(after, desk.clock.now())
            await unit.audit.append(Act(after.person_id, "settings chosen", None, seen + 1, "", desk.clock.now(), via))
        changed = await set_own_entry(desk, unit, actor, wanted.credentials, wanted.default_format, seen_entry, via)
        await unit.commit()
    if changed:
        await renew_roster(desk)
    return desk.practice.person(held.member.person.id) or held.member.person


async def _held(desk: Desk, unit: UnitOfWork, actor: Person | None) -> Held:
    member = await own_entry(desk, unit, actor)
    return Held(member, await unit.choices.of(member.person.id))


def _chosen(desk: Desk, held: Held, wanted: Wanted) -> Preferences:
    """The choices as they are to be. Raises UserMistake for what cannot be."""
    practice, person, before = desk.reviewing.calendar, held.member.person, held.chosen
    quiet = _quiet(wanted.quiet, practice)
    begins, ends = quiet or (practice.quiet_from, practice.quiet_until)
    if wanted.remind and Calendar(quiet_from=begins, quiet_until=ends).quiet_at(wanted.remind_at):
        raise UserMistake(
            "quiet_time", words.QUIET_TIME.format(at=_clock(wanted.remind_at), begins=_clock(begins), ends=_clock(ends))
        )
    if wanted.remind and not wanted.working_days:
        raise UserMistake("no_days", words.NO_DAYS)
    away = wanted.away_until
    if away and away != before.away_until and away < desk.today(person):
        raise UserMistake("away_over", words.AWAY_OVER)
    if not 0 <= wanted.minutes_before <= LONGEST_BEFORE:
        raise UserMistake("bad_before", words.BAD_BEFORE.format(most=LONGEST_BEFORE))
    if wanted.calendar_url and wanted.calendar_url != before.calendar_url:
        _check_address(wanted.calendar_url)
    return replace(
        before,
        calendar_url=wanted.calendar_url,
        remind=wanted.remind,
        remind_at=wanted.remind_at,
        working_days=None if wanted.working_days == practice.working_days else wanted.working_days,
        quiet=quiet,
        away_until=away,
        minutes_before=wanted.minutes_before,
        digest=wanted.digest,
    )


def _check_address(url: str) -> None:
    """Only that it is one: where it leads is judged whenever it is fetched. Raises UserMistake."""
    plain = len(url) <= LONGEST_ADDRESS and url.isprintable() and " " not in url
    try:
        parts = urlsplit(url if plain else "")
    except ValueError:
        parts = urlsplit("")
    if parts.scheme.casefold() not in _SCHEMES or not parts.hostname or "@" in parts.netloc:
        raise UserMistake("bad_calendar_address", words.BAD_CALENDAR)


def _quiet(asked: tuple[dt.time | None, dt.time | None], practice: Calendar) -> tuple[dt.time, dt.time] | None:
    """None for the practice's own: left empty, or the same as these. Raises UserMistake for one without the other."""
    begins, ends = asked
    if begins is None and ends is None:
        return None
    if begins is None or ends is None:
        raise UserMistake("half_quiet", words.HALF_QUIET)
    return None if (begins, ends) == (practice.quiet_from, practice.quiet_until) else (begins, ends)


def _clock(at: dt.time) -> str:
    return f"{at:%H:%M}"
