"""Plans through the workflows alone: who may, what a note takes from a plan, what a plan keeps of a note; imports."""

import datetime as dt
from dataclasses import replace

import pytest

from adapters.layout import document_of
from adapters.render_text import render_text
from bot.domain.errors import NotAllowed, NotFound, Stale, UserMistake
from bot.domain.formats import arrange
from bot.domain.ids import NoteId
from bot.domain.note import Note
from bot.domain.people import Role
from bot.domain.plan import Diagnosis, Plan, PlanId, Status, Wording
from bot.domain.statements import Slot
from bot.formats_file import load_formats
from bot.workflows.approve_note import approve_note
from bot.workflows.confirm_goals import confirm_goals
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.goals_of_note import goals_for, note_signed
from bot.workflows.import_plans import import_plans
from bot.workflows.plan import change_plan, open_plan, open_plan_by_id, start_plan
from bot.workflows.revise_note import describe_session, revise_note
from bot.workflows.start_draft import NewNote, start_draft
from tests.workflows.factories import NORA, ROSA, TOBIAS, FixedClock, desk, person

DAY = FixedClock().at.date()
SUMMARY = "Ct slept 7h most nights.\nReviewed thought record.\nDenied SI."
SUE = person("sue", Role.SUPERVISOR, supervisees=["rosa"])


def made(code: str = "JD-014") -> Plan:
    plan = Plan(code, ROSA.id, DAY - dt.timedelta(days=90), DAY - dt.timedelta(days=1))
    plan = plan.goal_added(Wording("Sleep through the night"), plan.start)
    plan = plan.objective_added("1", Wording("Sleep seven hours"), plan.start)
    return plan.goal_added(Wording("See friends again"), plan.start)


async def with_plan(at: Desk, plan: Plan | None = None) -> Plan:
    await import_plans(at, [plan or made()], "test")
    return await stored(at)


async def stored(at: Desk, code: str = "JD-014") -> Plan:
    async with at.database.reading(at.id) as unit:
        plan = await unit.plans.get(code)
    assert plan is not None
    return plan


async def drafted(at: Desk, code: str = "JD-014", source: str = "test:1", actor=ROSA) -> NoteId:
    started = await start_draft(at, actor, NewNote(SUMMARY, source, "test", "soap", code))
    await draft_note(at, started.note_id)
    return started.note_id


async def note_of(at: Desk, note_id: NoteId) -> Note:
    return (await open_note(at, note_id)).note


async def sign(at: Desk, note_id: NoteId, code: str = "") -> Note:
    note = await note_of(at, note_id)
    return await approve_note(at, ROSA, note_id, note.version, "test", code, day=DAY)


def goal_texts(note: Note) -> list[str]:
    return [s.text for s in note.statements if s.slot is Slot.GOAL]


async def test_a_draft_suggests_and_claims_nothing():
    at = desk()
    await with_plan(at)
    opened = await open_note(at, await drafted(at))
    assert opened.note.suggested_goals == ("1", "1a")
    assert (opened.note.goals, goal_texts(opened.note)) == (None, [])
    assert goals_for(opened.plan)[1] == "Goal 1, objective 1a: Sleep seven hours."
    assert goals_for(None) == ()
    signed = await sign(at, opened.note.id)
    assert goal_texts(signed) == []
    assert (await stored(at)).addressed[0].ids == (), "a suggestion is no claim in the plan's history either"


async def test_confirming_names_the_goals_and_another_answer_replaces_them():
    at = desk()
    await with_plan(at)
    note_id = await drafted(at)
    version = (await note_of(at, note_id)).version
    note = await confirm_goals(at, ROSA, note_id, version, ["1a", "1"], "test")
    assert goal_texts(note) == ["Goal 1: Sleep through the night.", "Goal 1, objective 1a: Sleep seven hours."]
    same = await confirm_goals(at, ROSA, note_id, version, ["1", "1a"], "test")
    assert same == note, "the same answer again, also from an older card, changes nothing"
    with pytest.raises(Stale):
        await confirm_goals(at, ROSA, note_id, version, ["2"], "test")
    note = await confirm_goals(at, ROSA, note_id, note.version, ["2"], "test")
    assert goal_texts(note) == ["Goal 2: See friends again."]
    note = await confirm_goals(at, ROSA, note_id, note.version, [], "test")
    assert (goal_texts(note), note.goals) == ([], ())


async def test_a_reworded_goal_sentence_stays_and_is_not_named_twice():
    at = desk()
    await with_plan(at)
    note_id = await drafted(at)
    note = await confirm_goals(at, ROSA, note_id, (await note_of(at, note_id)).version, ["1"], "test")
    key = next(s.key for s in at.formats["soap"].sections if Slot.GOAL in s.slots)
    section = next(s for s in arrange(note.statements, at.formats["soap"]) if s.spec.key == key)
    text = section.text.replace("Goal 1: Sleep through the night.", "Goal 1: sleeping through, was the focus today.")
    note = await revise_note(at, ROSA, note_id, note.version, {key: text}, "test")
    note = await confirm_goals(at, ROSA, note_id, note.version, ["1", "2"], "test")
    assert sorted(goal_texts(note)) == ["Goal 1: sleeping through, was the focus today.", "Goal 2: See friends again."]
    await sign(at, note_id)
    assert (await stored(at)).addressed[0].ids == ("1", "2")


async def test_a_signed_note_enters_the_history_once():
    at = desk()
    await with_plan(at)
    note_id = await drafted(at)
    await confirm_goals(at, ROSA, note_id, (await note_of(at, note_id)).version, ["1"], "test")
    signed = await sign(at, note_id)
    plan = await stored(at)
    assert [(entry.note_id, entry.day, entry.ids) for entry in plan.addressed] == [(note_id, DAY, ("1",))]
    async with at.database.writing(at.id) as unit:
        await note_signed(at, unit, signed)
        await unit.commit()
    assert await stored(at) == plan


async def test_without_an_answer_the_history_holds_what_the_note_names_by_number():
    at = desk()
    await with_plan(at)
    started = await start_draft(at, ROSA, NewNote(SUMMARY + "\nGoal 2 came up too.", "t:1", "test", "soap", "JD-014"))
    await draft_note(at, started.note_id)
    await sign(at, started.note_id)
    assert (await stored(at)).addressed[0].ids == ("2",)


async def test_a_client_given_later_brings_the_suggestion_and_another_one_takes_the_goals_away():
    at = desk()
    await with_plan(at)
    note_id = await drafted(at, code="")
    assert (await note_of(at, note_id)).suggested_goals == ()
    note = await describe_session(at, ROSA, note_id, "jd-014", None, "test")
    assert note.suggested_goals == ("1", "1a")
    note = await confirm_goals(at, ROSA, note_id, note.version, ["1"], "test")
    with pytest.raises(UserMistake, match="goals_of_another"):
        await sign(at, note_id, "JD-020")
    note = await describe_session(at, ROSA, note_id, "JD-020", None, "test")
    assert (note.goals, goal_texts(note)) == (None, [])


async def test_a_plan_of_somebody_elses_client_is_not_shown_through_a_note():
    at = desk()
    await with_plan(at)
    note_id = await drafted(at, actor=TOBIAS)
    opened = await open_note(at, note_id)
    assert (opened.plan, opened.note.suggested_goals) == (None, ())
    with pytest.raises(UserMistake, match="no_plan"):
        await confirm_goals(at, TOBIAS, note_id, opened.note.version, ["1"], "test")
    with pytest.raises(NotAllowed, match="not_yours"):
        await confirm_goals(at, ROSA, note_id, opened.note.version, ["1"], "test")
    await approve_note(at, TOBIAS, note_id, opened.note.version, "test", day=DAY)
    assert (await stored(at)).addressed == ()


async def test_a_goal_that_was_closed_meanwhile_is_not_confirmed():
    at = desk()
    await with_plan(at)
    note_id = await drafted(at)
    opened = await open_plan(at, ROSA, "JD-014")
    plan = await stored(at)
    await change_plan(at, ROSA, opened.id, plan.version, lambda p: p.closed("2", Status.MET, DAY), "test")
    with pytest.raises(Stale, match="stale_plan"):
        await confirm_goals(at, ROSA, note_id, (await note_of(at, note_id)).version, ["2"], "test")


async def test_only_the_clients_clinician_starts_and_changes_a_plan():
    at = desk(people=(ROSA, TOBIAS, NORA, SUE))
    for actor in (TOBIAS, NORA, SUE, None):
        with pytest.raises(NotAllowed):
            await start_plan(at, actor, "JD-014", DAY, None, (), "", "test")
    started = await start_plan(at, ROSA, "jd-014", DAY, None, [Diagnosis("Insomnia")], "weekly", "test")
    with pytest.raises(UserMistake, match="plan_exists"):
        await start_plan(at, ROSA, "JD-014", DAY, None, (), "", "test")
    assert (await open_plan(at, SUE, "JD-014")).may_change is False
    assert started.plan is not None
    for actor in (TOBIAS, NORA, SUE, None):
        with pytest.raises(NotAllowed):
            await change_plan(at, actor, started.id, started.plan.version, lambda p: p.reopened("1"), "test")
    for actor in (TOBIAS, NORA, None):
        with pytest.raises(NotAllowed):
            await open_plan(at, actor, "JD-014")
    with pytest.raises(NotFound):
        await open_plan_by_id(at, ROSA, PlanId("00" * 32))
    with pytest.raises(UserMistake, match="legal_name"):
        await open_plan(at, ROSA, "Rosa Delgado")


async def test_a_change_of_another_version_is_refused_and_changes_nothing():
    at = desk()
    plan = await with_plan(at)
    opened = await open_plan(at, ROSA, "JD-014")
    await change_plan(at, ROSA, opened.id, plan.version, lambda p: p.goal_added(Wording("Walk"), DAY), "test")
    with pytest.raises(Stale):
        await change_plan(at, ROSA, opened.id, plan.version, lambda p: p.goal_added(Wording("Run"), DAY), "test")
    assert [goal.wording.text for goal in (await stored(at)).goals][2:] == ["Walk"]
    async with at.database.reading(at.id) as unit:
        acts = await unit.audit.acts()
    assert [act.act for act in acts] == ["plan imported (added)", "plan viewed", "plan changed"]
    assert "JD-014" not in repr(acts)


async def test_an_import_updates_and_never_loses():
    at = desk()
    plan = await with_plan(at)
    opened = await open_plan(at, ROSA, "JD-014")
    extra = await change_plan(at, ROSA, opened.id, plan.version, lambda p: p.goal_added(Wording("Walk"), DAY), "test")
    assert extra.plan is not None
    note_id = await drafted(at)
    await sign(at, note_id)
    new = made().reworded("1a", Wording("Sleep eight hours"), DAY).closed("2", Status.MET, DAY)
    results = await import_plans(at, [new, made("MK-003")], "test")
    assert [(r.client_code, r.outcome, r.kept) for r in results] == [
        ("JD-014", "changed", ("3",)),
        ("MK-003", "added", ()),
    ]
    merged = await stored(at)
    assert merged.find("1a").wording.text == "Sleep eight hours"
    assert merged.find("1a").earlier[0].wording.text == "Sleep seven hours"
    assert (merged.find("2").status, merged.find("3").wording.text) == (Status.MET, "Walk")
    assert len(merged.addressed) == 1
    assert merged.version == extra.plan.version + 1
    again = await import_plans(at, [new, made("MK-003")], "test")
    assert [r.outcome for r in again] == ["unchanged", "unchanged"]
    assert await stored(at) == merged


async def test_an_import_that_cannot_be_merged_imports_nothing():
    at = desk()
    plan = await with_plan(at)
    opened = await open_plan(at, ROSA, "JD-014")
    await change_plan(at, ROSA, opened.id, plan.version, lambda p: p.closed("2", Status.MET, DAY), "test")
    new = made().objective_added("2", Wording("Meet weekly"), DAY)
    with pytest.raises(UserMistake, match="goal_closed") as refused:
        await import_plans(at, [made("MK-003"), new], "test")
    assert refused.value.sentence.startswith("JD-014: ")
    async with at.database.reading(at.id) as unit:
        assert [plan.client_code for plan in await unit.plans.all()] == ["JD-014"]


@pytest.mark.parametrize("format_id", load_formats())
async def test_every_format_has_a_place_for_the_goal_on_the_card_and_on_paper(format_id: str):
    at = desk()
    await with_plan(at)
    note_id = await drafted(at)
    note = await confirm_goals(at, ROSA, note_id, (await note_of(at, note_id)).version, ["1", "1a"], "test")
    fmt = at.formats[format_id]
    sections = [s for s in arrange(note.statements, fmt) if any(t.slot is Slot.GOAL for t in s.statements)]
    assert len(sections) == 1
    signed = await sign(at, note_id)
    document = document_of(replace(signed, format_id=format_id), fmt, "P", "Rosa", "UTC")
    printed = render_text(document).decode()
    for text in ("Goal 1: Sleep through the night.", "Goal 1, objective 1a: Sleep seven hours."):
        assert " ".join(printed.split()).count(text) == 1
