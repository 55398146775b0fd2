"""Everybody sets their own reminders, format and credentials, and nothing else of the roster."""

import datetime as dt
from dataclasses import replace

import pytest

from bot.domain.errors import NotAllowed, Stale, UserMistake
from bot.domain.people import Person
from bot.workflows.desk import Desk
from bot.workflows.people import change_person, open_person
from bot.workflows.remind_day import snooze
from bot.workflows.settings import Wanted, change_settings, own_settings
from tests.workflows.factories import ASSOCIATE, NORA, ROSA, desk

DAY = dt.timedelta(days=1)


async def wanted(at: Desk, who: Person = ROSA) -> Wanted:
    return (await own_settings(at, who)).as_wanted(at.reviewing.calendar)


async def acts(at: Desk) -> list[str]:
    async with at.database.reading(at.id) as unit:
        return [f"{act.actor}: {act.act}" for act in await unit.audit.acts()]


async def test_all_of_it_is_kept_in_one_go_and_once() -> None:
    at = desk()
    asked = replace(
        await wanted(at),
        credentials=" LPC,  NCC ",
        default_format="dap",
        remind_at=dt.time(16, 15),
        working_days=frozenset({0, 2}),
        quiet=(dt.time(19), dt.time(8)),
        away_until=at.today(ROSA) + DAY,
        minutes_before=15,
    )
    person = await change_settings(at, ROSA, asked, 0, 0, "slack")
    assert (person.signature_line, person.default_format, person.roles) == ("Rosa, LPC, NCC", "dap", ROSA.roles)
    held = await own_settings(at, ROSA)
    assert held.as_wanted(at.reviewing.calendar) == replace(asked, credentials="LPC, NCC")
    await change_settings(at, ROSA, asked, 0, 0, "slack")
    assert await acts(at) == ["rosa: settings chosen", "rosa: person changed (credentials, default_format): rosa"]


async def test_the_practices_days_and_hours_stay_the_practices() -> None:
    at = desk()
    await change_settings(at, ROSA, replace(await wanted(at), minutes_before=5), 0, 0, "slack")
    chosen = (await own_settings(at, ROSA)).chosen
    assert (chosen.working_days, chosen.quiet) == (None, None)
    await change_settings(at, ROSA, replace(await wanted(at), quiet=(None, None)), 0, 1, "slack")
    assert (await own_settings(at, ROSA)).chosen == chosen


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("quiet_time", {"remind_at": dt.time(21)}),
        ("quiet_time", {"remind_at": dt.time(17, 30), "quiet": (dt.time(17), dt.time(9))}),
        ("half_quiet", {"quiet": (dt.time(17), None)}),
        ("no_days", {"working_days": frozenset[int]()}),
        ("away_over", {"away_until": dt.date(2026, 11, 22)}),
        ("bad_before", {"minutes_before": -1}),
        ("bad_before", {"minutes_before": 241}),
        ("unknown_format", {"default_format": "nothing"}),
        ("long_name", {"credentials": "L" * 81}),
    ],
)
async def test_what_cannot_be_is_told_and_nothing_is_kept(code: str, change: dict[str, object]) -> None:
    at = desk()
    asked = replace(replace(await wanted(at), minutes_before=9), **change)  # type: ignore[arg-type]
    with pytest.raises(UserMistake) as told:
        await change_settings(at, ROSA, asked, 0, 0, "slack")
    assert told.value.code == code
    assert await acts(at) == []
    assert (await own_settings(at, ROSA)).chosen.minutes_before == 0


async def test_the_second_of_two_dialogs_overwrites_nothing() -> None:
    at = desk()
    first, second = replace(await wanted(at), minutes_before=5), replace(await wanted(at), minutes_before=9)
    await change_settings(at, ROSA, first, 0, 0, "slack")
    with pytest.raises(Stale) as told:
        await change_settings(at, ROSA, second, 0, 0, "teams")
    assert told.value.code == "stale_settings"
    assert (await own_settings(at, ROSA)).chosen.minutes_before == 5


async def test_what_an_administrator_changed_meanwhile_stays_and_so_do_the_choices() -> None:
    at = desk()
    asked = replace(await wanted(at), credentials="PhD", minutes_before=9)
    was = (await open_person(at, NORA, ROSA.id)).member
    await change_person(at, NORA, replace(was.person, credentials="LMFT"), None, was.revision, "slack")
    with pytest.raises(Stale) as told:
        await change_settings(at, ROSA, asked, 0, 0, "slack")
    assert told.value.code == "stale_person"
    held = await own_settings(at, ROSA)
    assert (held.member.person.credentials, held.chosen.minutes_before) == ("LMFT", 0)


async def test_a_reminder_that_is_put_off_stays_put_off() -> None:
    at = desk()
    await snooze(at, ROSA, "slack")
    before = (await own_settings(at, ROSA)).chosen
    await change_settings(at, ROSA, replace(await wanted(at), minutes_before=5), 0, before.revision, "slack")
    assert (await own_settings(at, ROSA)).chosen.snoozed_until == before.snoozed_until


async def test_supervision_stays_and_who_left_sets_nothing() -> None:
    at = desk()
    asked = replace(await wanted(at, ASSOCIATE), default_format="birp")
    changed = await change_settings(at, ASSOCIATE, asked, 0, 0, "slack")
    assert changed.supervision == ASSOCIATE.supervision
    assert changed.reviewed
    for nobody in (None, replace(ROSA, active=False)):
        with pytest.raises(NotAllowed):
            await own_settings(at, nobody)
        with pytest.raises(NotAllowed):
            await change_settings(at, nobody, asked, 0, 0, "slack")
