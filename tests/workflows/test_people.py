"""Who is on the roster: set by administrators only, and nobody is left without a supervisor or an administrator."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest

from bot.domain.errors import NotAllowed, NotFound, Stale, UserMistake
from bot.domain.ids import PersonId, PracticeId
from bot.domain.people import Account, Person, Practice, Role
from bot.domain.policy import ActKind, allow
from bot.domain.supervision import Mode, Supervision
from bot.workflows.desk import Desk
from bot.workflows.draft_note import draft_note
from bot.workflows.keep_roster import _renew_if_changed, renew_roster
from bot.workflows.people import (
    add_person,
    change_person,
    deactivate_person,
    first_administrator,
    list_people,
    open_person,
    reactivate_person,
)
from bot.workflows.roster import Roster
from bot.workflows.start_draft import NewNote, start_draft
from tests.doubles.memory_uow import MemoryDatabase
from tests.workflows.factories import ASSOCIATE, MIRIAM, NORA, ROSA, TOBIAS, desk, person

SAM = Person(PersonId(""), " Sam  Osei ", "LMFT", frozenset({Role.CLINICIAN}), "America/Denver", "dap")
IN_SLACK = Account("slack", "U0SAM")
WEISS = Supervision(PersonId(""), (MIRIAM.id,), Mode.COSIGN)


async def acts(at: Desk) -> list[str]:
    async with at.database.reading(at.id) as unit:
        return [f"{act.actor} {act.act} {act.version} {act.via}" for act in await unit.audit.acts()]


def now(at: Desk, key: str) -> Person:
    found = at.practice.person(PersonId(key))
    assert found
    return found


async def test_an_added_person_is_on_the_roster_at_once_and_may_write():
    at = desk()
    added = await add_person(at, NORA, replace(SAM, accounts=(IN_SLACK,)), WEISS, "slack")
    known = at.practice.by_user("slack", "U0SAM")
    assert known
    assert (known.name, known.practice_id, known.supervisees) == ("Sam Osei", at.id, ())
    assert known.supervision == replace(WEISS, clinician=added.id)
    assert added.id in now(at, "miriam").supervisees
    assert (await start_draft(at, known, NewNote("ct slept", "s", "slack"))).note_id
    assert (await acts(at))[0] == f"nora person added: {added.id} 1 slack"
    assert "Sam" not in "".join(await acts(at))


async def test_a_deactivated_person_is_refused_everything_and_keeps_their_drafts():
    at = desk()
    note_id = (await start_draft(at, TOBIAS, NewNote("ct slept", "s", "test"))).note_id
    await draft_note(at, note_id)
    await deactivate_person(at, NORA, TOBIAS.id, "slack")
    gone = now(at, "tobias")
    assert at.practice.by_user("slack", "Utobias") is None
    with pytest.raises(NotAllowed, match="not_on_roster"):
        allow(gone, ActKind.WRITE)
    standing = await open_person(at, NORA, TOBIAS.id)
    assert dict(standing.notes) == {"draft": 1}
    assert not standing.member.person.active
    await deactivate_person(at, NORA, TOBIAS.id, "slack")
    await reactivate_person(at, NORA, TOBIAS.id, "terminal")
    assert at.practice.by_user("slack", "Utobias") == now(at, "tobias")
    assert [act for act in await acts(at) if "person" in act] == [
        "nora person deactivated: tobias 1 slack",
        "nora person reactivated: tobias 2 terminal",
    ]


async def test_two_changes_of_the_same_person_and_the_second_is_told():
    at = desk()
    await change_person(at, NORA, replace(TOBIAS, credentials="LPC"), None, 0, "slack")
    with pytest.raises(Stale, match="stale_person"):
        await change_person(at, NORA, replace(TOBIAS, name="Tobi"), None, 0, "slack")
    assert (now(at, "tobias").name, now(at, "tobias").credentials) == ("Tobias", "LPC")
    await change_person(at, NORA, replace(TOBIAS, credentials="LPC"), None, 1, "slack")  # nothing to change
    assert [act for act in await acts(at) if "tobias" in act] == ["nora person changed (credentials): tobias 1 slack"]


@pytest.mark.parametrize(
    "actor", [ROSA, MIRIAM, ASSOCIATE, person("ada", Role.AUDITOR), replace(NORA, active=False), None]
)
async def test_nobody_but_an_administrator_sees_or_changes_the_roster(actor: Person | None):
    at = desk()
    before = at.practice
    for act in (
        lambda: list_people(at, actor),
        lambda: open_person(at, actor, ROSA.id),
        lambda: add_person(at, actor, SAM, None, "slack"),
        lambda: change_person(at, actor, replace(ROSA, name="X"), None, 0, "slack"),
        lambda: deactivate_person(at, actor, ROSA.id, "slack"),
        lambda: reactivate_person(at, actor, ROSA.id, "slack"),
    ):
        with pytest.raises(NotAllowed):
            await act()
    await renew_roster(at)
    assert at.practice == replace(before, people=at.practice.people)
    assert await acts(at) == []


async def test_who_lost_the_role_a_moment_ago_may_not_use_it_any_more():
    at = desk(people=(ROSA, NORA, person("otto", Role.ADMINISTRATOR)))
    await change_person(at, now(at, "otto"), replace(NORA, roles=frozenset({Role.AUDITOR})), None, 0, "teams")
    with pytest.raises(NotAllowed):
        await deactivate_person(at, NORA, ROSA.id, "slack")  # as her chat's process still knew her


@pytest.mark.parametrize(
    ("changes", "held", "code"),
    [
        ({"name": "  "}, None, "needs_name"),
        ({"name": "x" * 81}, None, "long_name"),
        ({"roles": frozenset()}, None, "needs_role"),
        ({"timezone": "Mars"}, None, "bad_timezone"),
        ({"default_format": "poem"}, None, "unknown_format"),
        ({"accounts": (Account("slack", "sam"),)}, None, "bad_slack_id"),
        ({"accounts": (Account("teams", "sam"),)}, None, "bad_teams_id"),
        ({"accounts": (Account("slack", "Utobias"),)}, None, "slack_taken"),
        ({"roles": frozenset({Role.AUDITOR})}, WEISS, "supervises_nothing"),
        ({}, replace(WEISS, supervisors=()), "needs_supervisors"),
        ({}, replace(WEISS, supervisors=(TOBIAS.id,)), "no_supervisor"),
        ({}, replace(WEISS, supervisors=(PersonId("who"),)), "no_supervisor"),
        ({}, replace(WEISS, mode=Mode.SAMPLE), "bad_percent"),
        ({}, replace(WEISS, since=dt.date(2026, 2, 1), until=dt.date(2026, 1, 1)), "bad_until"),
    ],
)
async def test_what_cannot_be_is_said_kindly_and_changes_nothing(changes, held, code):
    at = desk()
    at.practice.person(TOBIAS.id)
    with pytest.raises(UserMistake, match=code) as refused:
        await add_person(at, NORA, replace(SAM, **changes), held, "slack")
    assert refused.value.sentence.endswith(".")
    assert await acts(at) == []


async def test_nobody_supervises_themselves_and_no_account_is_used_twice():
    at = desk()
    with pytest.raises(UserMistake, match="own_supervisor"):
        await change_person(at, NORA, MIRIAM, WEISS, 0, "slack")
    await deactivate_person(at, NORA, TOBIAS.id, "slack")
    with pytest.raises(UserMistake, match="slack_taken") as refused:
        await add_person(at, NORA, replace(SAM, accounts=TOBIAS.accounts), None, "slack")
    assert "reactivate" in refused.value.sentence


async def test_the_last_administrator_stays_and_so_does_an_only_supervisor():
    at = desk()
    for attempt in (
        lambda: deactivate_person(at, NORA, NORA.id, "slack"),
        lambda: change_person(at, NORA, replace(NORA, roles=frozenset({Role.CLINICIAN})), None, 0, "slack"),
    ):
        with pytest.raises(UserMistake, match="last_administrator"):
            await attempt()
    for attempt in (
        lambda: deactivate_person(at, NORA, MIRIAM.id, "slack"),
        lambda: change_person(at, NORA, replace(MIRIAM, roles=frozenset({Role.CLINICIAN})), None, 0, "slack"),
    ):
        with pytest.raises(UserMistake, match="only_supervisor") as refused:
            await attempt()
        assert "Associate" in refused.value.sentence
    second = await add_person(at, NORA, replace(SAM, roles=frozenset({Role.SUPERVISOR})), None, "slack")
    both = replace(WEISS, supervisors=(MIRIAM.id, second.id))
    await change_person(at, NORA, ASSOCIATE, both, 0, "slack")
    await deactivate_person(at, NORA, MIRIAM.id, "slack")
    assert not now(at, "miriam").active


async def test_supervision_begins_and_ends_with_the_practices_day():
    at = desk()
    today = at.today(None)
    later = replace(WEISS, since=today + dt.timedelta(days=1), until=today + dt.timedelta(days=2))
    await change_person(at, NORA, TOBIAS, later, 0, "slack")
    assert now(at, "tobias").supervision is None
    for days, held in ((1, True), (2, True), (3, False)):
        at.roster.renew(at.roster.members, today + dt.timedelta(days=days))
        assert (now(at, "tobias").supervision is not None) == held


async def test_another_process_hears_of_a_change_and_a_day_that_ends():
    at = desk()
    other = replace(at, roster=Roster(at.roster.filed))
    await _renew_if_changed(other)
    assert other.roster.day == at.today(None)
    await change_person(at, NORA, replace(TOBIAS, credentials="LPC"), None, 0, "slack")
    assert now(other, "tobias").credentials != "LPC"
    await _renew_if_changed(other)
    assert now(other, "tobias").credentials == "LPC"


def empty() -> Desk:
    at = desk()
    practice = Practice(PracticeId("larkspur"), "Larkspur", "America/Chicago", ())
    return replace(at, roster=Roster(practice), database=MemoryDatabase())


async def test_the_first_of_an_empty_roster_administers_it_and_of_many_at_once_only_one():
    at = empty()
    others = [replace(at, roster=Roster(at.roster.filed)) for _ in range(5)]
    made = await asyncio.gather(
        *(first_administrator(each, Account("slack", f"U{n}"), " Ida ", "slack") for n, each in enumerate(others))
    )
    (first,) = [each for each in made if each]
    await renew_roster(at)
    assert [(p.name, p.roles) for p in at.practice.people] == [("Ida", {Role.ADMINISTRATOR})]
    assert await acts(at) == [f"{first.id} person added: {first.id} 1 slack"]
    assert await first_administrator(at, Account("teams", "x"), "Joe", "teams") is None
    assert await first_administrator(desk(), Account("teams", "x"), "Joe", "teams") is None


async def test_the_terminal_needs_no_role_and_is_put_down_as_such():
    at = desk()
    added = await add_person(at, None, SAM, None, "terminal", operator=True)
    with pytest.raises(NotFound):
        await deactivate_person(at, None, PersonId("nobody"), "terminal", operator=True)
    assert await acts(at) == [f"None person added: {added.id} 1 terminal"]


async def test_two_administrators_who_deactivate_one_another_leave_one():
    at = desk(people=(ROSA, NORA, person("otto", Role.ADMINISTRATOR)))
    done = await asyncio.gather(
        deactivate_person(at, NORA, PersonId("otto"), "slack"),
        deactivate_person(at, now(at, "otto"), NORA.id, "teams"),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in done) == ["NotAllowed", "Person"]
