"""Every act leaves a row in the audit log: a walk over the source for what writes, and the readings one by one."""

import ast
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.acts.plans import form_for, plan_for
from bot.acts.presses import Press, open_dialog, press
from bot.domain.errors import NotAllowed
from bot.domain.ids import NoteId
from bot.domain.people import Person, Role
from bot.domain.plan import Plan
from bot.workflows.approve_note import approve_note
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.import_plans import import_plans
from bot.workflows.plan import open_plan, open_plan_by_id
from bot.workflows.start_draft import NewNote, start_draft
from tests.workflows.factories import ROSA, SUMMARY, TOBIAS, desk, person

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "bot").rglob("*.py"))
# What writes and is no act of anybody's on a note, a plan or a person, and why.
NO_ACT = {
    "bot/acts/front.py::first_time": "that a delivery came is no act; what it brings about is",
    "bot/audit_command.py::public_key": "makes the practice's key when there is none; the key opens nothing",
    "bot/teams/chat.py::_opened": "how somebody is reached",
    "bot/teams/front.py::meet": "how somebody is reached",
    "bot/workflows/digest.py::_give_back": "that somebody is sent counts has a table of its own",
    "bot/workflows/digest.py::_taken": "that somebody is sent counts has a table of its own",
    "bot/workflows/file_note.py::_documents": "renders what was signed; its filing is put down",
    "bot/workflows/follow_calendars.py::_claim": "whose turn it is; what it brings onto a list is an act",
    "bot/workflows/format_versions.py::_kept": "a format's definition is of no note, and is never changed",
    "bot/workflows/list_session.py::list_unsigned": "puts notes of before on the lists; each has its row as begun",
    "bot/workflows/remind_day.py::_give_back": "that somebody is reminded of a count has a table of its own",
    "bot/workflows/remind_day.py::_taken": "that somebody is reminded of a count has a table of its own",
    "bot/workflows/remind_day.py::forget_old": "that somebody is reminded of a count has a table of its own",
    "bot/workflows/show_note.py::_forget_form": "where a form stands in a chat",
    "bot/workflows/show_note.py::remember": "where a card stands in a chat",
    "bot/workflows/several.py::look_at": "which of one's own notes is shown",
    "bot/workflows/several.py::step": "which of one's own notes is shown",
    "bot/workflows/show_several.py::_close": "that nothing is left to show",
    "bot/workflows/show_several.py::_kept": "where a card stands in a chat",
    "bot/workflows/show_several.py::leaves": "where a card stands in a chat",
    "bot/workflows/tell_administrators.py::_forget": "where a card without clinical text stands",
    "bot/workflows/tell_administrators.py::_post": "where a card without clinical text stands",
    "bot/workflows/tell_supervisors.py::_forget": "where a card without clinical text stands",
    "bot/workflows/tell_supervisors.py::_is_first": "where a card without clinical text stands",
    "bot/workflows/tell_supervisors.py::_is_new": "that a place has its card of this round; the round has its row",
    "bot/workflows/writer.py::_ended": "calls of the model have a table of their own, and the draft has its row",
    "bot/workflows/writer.py::_placed": "calls of the model have a table of their own, and the draft has its row",
}


def functions(tree: ast.AST) -> Iterator[ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef))


def called(node: ast.AST) -> set[str]:
    """The names that are called below this node; `audit.append` under that name."""
    names: set[str] = set()
    for call in (one for one in ast.walk(node) if isinstance(one, ast.Call)):
        names.add(ast.unparse(call.func).removeprefix("unit."))
    return names


def appenders() -> set[str]:
    """Functions that put down an act in the transaction they are given."""
    given = {
        function.name: called(function)
        for source in SOURCES
        for function in functions(ast.parse(source.read_text("utf-8")))
        if any(argument.arg == "unit" for argument in function.args.args)
    }
    found = {name for name, calls in given.items() if "audit.append" in calls}
    while more := {name for name, calls in given.items() if calls & found} - found:
        found |= more
    return found


def transactions(function: ast.AST) -> Iterator[ast.AsyncWith]:
    """The transactions that write, of a function."""
    for block in (node for node in ast.walk(function) if isinstance(node, ast.AsyncWith)):
        if any(ast.unparse(item.context_expr).partition("(")[0].endswith(".writing") for item in block.items):
            yield block


def without_an_act() -> list[str]:
    putting_down = appenders() | {"audit.append"}
    return sorted(
        f"{source.relative_to(ROOT).as_posix()}::{function.name}"
        for source in SOURCES
        for function in functions(ast.parse(source.read_text("utf-8")))
        for block in transactions(function)
        if not called(block) & putting_down
    )


def test_whatever_writes_puts_down_an_act_in_the_same_transaction() -> None:
    assert without_an_act() == sorted(NO_ACT)


def test_the_walk_sees_transactions_and_acts() -> None:
    """Else the test above would find nothing and be content."""
    assert {"receipt_kept", "_confirmed"} <= appenders()
    blocks = [block for s in SOURCES for f in functions(ast.parse(s.read_text("utf-8"))) for block in transactions(f)]
    assert len(blocks) > len(NO_ACT) + 10
    silent = ast.parse("async def save(desk):\n async with desk.database.writing(1) as unit:\n  unit.notes.save(1)")
    assert [called(block) for function in functions(silent) for block in transactions(function)] == [
        {"desk.database.writing", "notes.save"}
    ]


async def acts(at: Desk) -> list[tuple[str | None, str, str | None, str]]:
    async with at.database.reading(at.id) as unit:
        return [(act.actor, act.act, act.note_id, act.via) for act in await unit.audit.acts()]


async def a_draft(at: Desk) -> NoteId:
    started = await start_draft(at, ROSA, NewNote(SUMMARY, "", "slack", "soap", "JD-014"))
    await draft_note(at, started.note_id)
    return started.note_id


async def a_signed_note(at: Desk) -> NoteId:
    note_id = await a_draft(at)
    note = (await open_note(at, note_id)).note
    await approve_note(at, ROSA, note_id, note.version, "slack", day=at.today(ROSA))
    return note_id


async def test_reading_ones_own_draft_is_no_act() -> None:
    at = desk()
    note_id = await a_draft(at)
    before = await acts(at)
    for action in ("edit", "read", "why", "details", "sign"):
        await open_dialog(at, ROSA, Press(action, note_id), "slack")
    assert await acts(at) == before


async def test_the_whole_of_a_signed_note_in_the_form_that_amends_it_is_a_reading() -> None:
    at = desk()
    note_id = await a_signed_note(at)
    await open_dialog(at, ROSA, Press("addendum", note_id), "teams")
    assert ("rosa", "viewed", note_id, "teams") not in await acts(at)
    await open_dialog(at, ROSA, Press("amend", note_id), "teams")
    assert (await acts(at))[-1] == ("rosa", "viewed", note_id, "teams")


async def test_who_is_refused_reads_nothing_and_stands_nowhere() -> None:
    at = desk()
    note_id = await a_signed_note(at)
    before = await acts(at)
    for action in ("amend", "view", "read"):
        with pytest.raises(NotAllowed):
            await open_dialog(at, TOBIAS, Press(action, note_id), "slack")
    assert await acts(at) == before


SUE = person("sue", Role.SUPERVISOR, supervisees=["rosa"])
PLAN = Plan("JD-014", ROSA.id, dt.date(2026, 8, 3), dt.date(2026, 11, 2), version=1)


@pytest.mark.parametrize("reader", [ROSA, SUE])
async def test_reading_a_plan_is_an_act_under_the_plans_opaque_id(reader: Person) -> None:
    at = desk()
    await import_plans(at, [PLAN], "command line")
    opened = await open_plan(at, reader, "JD-014", "slack")
    await open_plan_by_id(at, reader, opened.id, "teams")
    assert await acts(at) == [
        (None, "plan imported (added)", opened.id, "command line"),
        (reader.id, "plan viewed", opened.id, "slack"),
        (reader.id, "plan viewed", opened.id, "teams"),
    ]
    assert "JD-014" not in repr(await acts(at))


async def test_both_ways_to_a_plan_say_by_which_chat() -> None:
    at = desk()
    await import_plans(at, [PLAN], "command line")
    await plan_for(at, ROSA, "JD-014", "slack")
    plan_id = (await open_plan(at, ROSA, "JD-014", "slack")).id
    await form_for(at, ROSA, plan_id, "plan_details", "teams")
    assert [(act, via) for _, act, _, via in await acts(at)][1:] == [
        ("plan viewed", "slack"),
        ("plan viewed", "slack"),
        ("plan viewed", "teams"),
    ]


async def test_a_plan_that_is_not_there_or_not_for_this_person_is_not_read() -> None:
    at = desk()
    await open_plan(at, ROSA, "JD-014", "slack")
    await import_plans(at, [PLAN], "command line")
    with pytest.raises(NotAllowed):
        await open_plan(at, TOBIAS, "JD-014", "slack")
    assert [act for _, act, _, _ in await acts(at)] == ["plan imported (added)"]


async def test_who_did_not_wait_for_the_model_stands_as_who_had_it_drafted() -> None:
    at = desk()
    started = await start_draft(at, ROSA, NewNote(SUMMARY, "", "slack"))
    await press(at, ROSA, Press("sort_now", started.note_id), "teams")
    assert (await acts(at))[-1] == ("rosa", "drafted", started.note_id, "teams")
