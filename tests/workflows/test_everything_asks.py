"""Every workflow that takes an actor asks the policy: in its source, and when somebody tries who may not."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.errors import NotAllowed
from bot.domain.ids import PracticeId
from bot.domain.people import Person, Role
from bot.domain.plan import PlanId
from bot.domain.statements import Slot
from bot.workflows.answer_filing import Answer, answer_filing
from bot.workflows.answer_gaps import answer_gaps
from bot.workflows.approve_note import approve_note
from bot.workflows.arrange_note import arrange_note
from bot.workflows.confirm_goals import confirm_goals
from bot.workflows.count_usage import count_usage
from bot.workflows.decide import Decisions, decide
from bot.workflows.desk import open_note
from bot.workflows.draft_note import draft_note, sort_now
from bot.workflows.find_clients import find_clients
from bot.workflows.link_note import add_addendum, amend_note, retract_note
from bot.workflows.people import (
    add_person,
    change_person,
    deactivate_person,
    list_people,
    open_person,
    reactivate_person,
)
from bot.workflows.plan import open_plan, start_plan
from bot.workflows.revise_note import add_details, describe_session, discard_note, revise_note
from bot.workflows.reword_note import undo_change
from bot.workflows.start_draft import NewNote, start_draft
from bot.workflows.view_note import view_note
from tests.workflows.factories import NORA, ROSA, desk, person

FOLDER = Path("bot/workflows")
ASKS = {"allow", "may", "allow_plan", "may_read_plan", "may_change_plan"}


def functions() -> Iterator[ast.AsyncFunctionDef | ast.FunctionDef]:
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
                yield node


def takes_an_actor(function: ast.AsyncFunctionDef | ast.FunctionDef) -> bool:
    return any(arg.arg == "actor" for arg in (*function.args.args, *function.args.kwonlyargs))


def called(function: ast.AST) -> set[str]:
    """Names of what it calls with, or about, the actor; a call hands the actor on only when it names it."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    named = [
        call
        for call in calls
        if any(isinstance(part, ast.Name) and part.id in ("actor", "by") for arg in call.args for part in ast.walk(arg))
    ]
    return {call.func.id for call in named if isinstance(call.func, ast.Name)}


def test_every_function_with_an_actor_asks_the_policy_or_hands_the_actor_to_one_that_does():
    actors = {function.name: function for function in functions() if takes_an_actor(function)}
    asking = {name for name, function in actors.items() if called(function) & ASKS}
    grown = True
    while grown:
        more = {name for name, function in actors.items() if called(function) & asking} - asking
        asking, grown = asking | more, bool(more)
    # these are handed somebody who was asked about already, to say in the audit log who it was, or a day to compare
    not_about_permission = {"check_day", "check_past", "act", "_keep", "receipt_kept", "note_filed", "_confirmed"}
    assert len(actors) > 25
    assert sorted(set(actors) - asking - not_about_permission) == []


STRANGERS: Sequence[Person | None] = (
    None,
    replace(ROSA, active=False),
    replace(ROSA, practice_id=PracticeId("harbor")),
    person("ada", Role.AUDITOR),
)


@pytest.mark.parametrize("actor", STRANGERS, ids=["stranger", "inactive", "another practice's", "auditor"])
async def test_who_may_not_writes_nothing_whatever_they_try(actor: Person | None):
    at = desk()
    note_id = (await start_draft(at, ROSA, NewNote("ct slept. denied SI.", "s", "test", "soap", "JD-014"))).note_id
    await draft_note(at, note_id)
    before = (await open_note(at, note_id)).note
    held = before.statements[0].id
    about_a_note = (
        lambda: sort_now(at, actor, note_id, "test"),
        lambda: arrange_note(at, actor, note_id, "dap", "test"),
        lambda: revise_note(at, actor, note_id, 1, {"plan": "x"}, "test"),
        lambda: add_details(at, actor, note_id, 1, {Slot.RESPONSE: "x"}, {}, "test"),
        lambda: answer_gaps(at, actor, note_id, None, {}, ["risk"], "test"),
        lambda: decide(at, actor, note_id, Decisions(leave=(held,)), "test"),
        lambda: describe_session(at, actor, note_id, "JD-020", None, "test"),
        lambda: undo_change(at, actor, note_id, "test"),
        lambda: confirm_goals(at, actor, note_id, 1, [], "test"),
        lambda: discard_note(at, actor, note_id, "test"),
        lambda: approve_note(at, actor, note_id, 1, "test", "JD-014", at.today(ROSA)),
        lambda: answer_filing(at, actor, note_id, "folder", Answer.THERE, "test"),
        lambda: view_note(at, actor, note_id, "test"),
        lambda: add_addendum(at, actor, note_id, "x", "f", "test"),
        lambda: amend_note(at, actor, note_id, {"plan": "x"}, "r", "f", "test"),
        lambda: retract_note(at, actor, note_id, "r", "f", "test"),
    )
    of_a_practice = (
        lambda: start_draft(at, actor, NewNote("ct slept", "t", "test")),
        lambda: find_clients(at, actor, ""),
        lambda: open_plan(at, actor, "JD-014"),
        lambda: start_plan(at, actor, "JD-014", at.today(None), None, (), "", "test"),
        lambda: count_usage(at, actor, 30),
        lambda: list_people(at, actor),
        lambda: open_person(at, actor, ROSA.id),
        lambda: add_person(at, actor, NORA, None, "test"),
        lambda: change_person(at, actor, replace(NORA, name="X"), None, 0, "test"),
        lambda: deactivate_person(at, actor, NORA.id, "test"),
        lambda: reactivate_person(at, actor, NORA.id, "test"),
    )
    elsewhere = actor is not None and actor.practice_id != at.id  # no front lets them near another practice's desk
    async with at.database.reading(at.id) as unit:
        acts = await unit.audit.acts()
    for attempt in (*about_a_note, *(() if elsewhere else of_a_practice)):
        with pytest.raises(NotAllowed):
            await attempt()
    async with at.database.reading(at.id) as unit:
        assert await unit.audit.acts() == acts
        assert await unit.notes.get(note_id) == before
        assert await unit.notes.ids_of_client("JD-020") == []
        assert await unit.plans.by_id(PlanId("00" * 32)) is None
        assert await unit.people.all() == []
