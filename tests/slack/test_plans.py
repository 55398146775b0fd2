"""Treatment plans in Slack, by signed requests through the real app: the plan's dialogs, and confirming goals."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.cards import plan_words, words
from bot.domain.ids import PersonId
from bot.domain.supervision import Mode, Supervision
from bot.workflows.desk import Desk
from demo.driver import Person
from demo.run import Demo
from tests.slack.conftest import LINDGREN, WEISS

CANARY = "zebrafinch-7731"
SUMMARY = "ct reports sleeping 6h most nights. reviewed thought record. denied SI. plan: exposure step 2."


def text_of(seen: Any) -> str:
    blocks = seen.definition["blocks"] if hasattr(seen, "definition") else seen.blocks
    return json.dumps(blocks, ensure_ascii=False)


def card(person: Person) -> Any:
    """What stands in the direct message last, for good."""
    return posted(person)[-1]


def posted(person: Person) -> list[Any]:
    return [message for message in person.messages(person.dm()) if not message.ephemeral_to]


async def drafted(person: Person, text: str = f"soap JD-014 yesterday 50min: {SUMMARY}") -> Any:
    await person.command("/note", text)
    await person.until(lambda: posted(person) and card(person).text == words.DRAFT_NOTICE)
    return card(person)


async def front(person: Person, name: str) -> Any:
    """The dialog in front, once it is this one."""
    await person.until(lambda: person.views() and person.view().definition["callback_id"] == name)
    return person.view()


async def plan_of(person: Person, code: str = "JD-014") -> Any:
    await person.command("/note", f"plan {code}")
    return await front(person, "plan")


async def pushed(person: Person, action: str, name: str) -> Any:
    await person.click(person.view(), action)
    return await front(person, name)


def ticked(view: Any) -> set[str]:
    blocks = [block for block in view.definition["blocks"] if block["type"] == "input"]
    return {option["value"] for block in blocks for option in block["element"].get("initial_options", ())}


async def test_a_goal_and_its_objective_are_added_changed_and_closed(product: Demo, rosa: Person):
    plan = await plan_of(rosa)
    assert "Sleep well enough" in text_of(plan)
    await pushed(rosa, "plan_goal", "plan_goal")
    assert len(rosa.views()) == 2
    await rosa.submit(values={"text": "Cook a warm meal again"})
    await rosa.until(lambda: len(rosa.views()) == 1 and "Cook a warm meal again" in text_of(rosa.view()))
    await pushed(rosa, "plan_objective.4", "plan_objective")
    day = (dt.date.today() + dt.timedelta(days=30)).isoformat()  # noqa: DTZ011 (any day ahead will do)
    await rosa.submit(values={"text": "Cook twice a week", "measure": "report", "target": "2 a week", "due": day})
    await rosa.until(lambda: "4a: Cook twice a week" in text_of(rosa.view()))
    await pushed(rosa, "plan_change.4", "plan_change")
    await rosa.submit(values={"text": "Cook and eat a warm meal again"})
    await rosa.until(lambda: "Cook and eat a warm meal again" in text_of(rosa.view()))
    again = await pushed(rosa, "plan_change.4", "plan_change")
    assert "Cook a warm meal again" in text_of(again), "the earlier wording stays"
    await rosa.close()
    await pushed(rosa, "plan_change.4a", "plan_change")
    await rosa.submit(values={"status": "met"})
    await rosa.until(lambda: "4a: Cook twice a week · report · 2 a week · met" in text_of(rosa.view()))
    await pushed(rosa, "plan_close.4", "plan_close")
    await rosa.submit(values={"status": "partly_met"})
    await rosa.until(lambda: "plan_close.4" not in text_of(rosa.view()))
    assert "4: Cook and eat a warm meal again · partly met" in text_of(rosa.view())
    await rosa.click(rosa.view(), "plan_reopen.4")
    await rosa.until(lambda: "plan_close.4" in text_of(rosa.view()))
    await rosa.close()
    assert "4a: Cook twice a week" in text_of(await plan_of(rosa, "jd-014"))


async def test_a_first_plan_is_started_for_a_client_without_one(product: Demo, rosa: Person):
    await rosa.command("/note", "plan")
    form = await front(rosa, "plan_client")
    await rosa.type_ahead(form, "client_lookup", "LM")
    await rosa.submit(form, {"client": "LM-005"})
    form = await front(rosa, "plan_start")
    assert form.definition["private_metadata"] == ""
    await rosa.submit(
        form, {"review_due": "2001-01-01", "diagnosis": "F32.0 Mild depressive episode", "frequency": "weekly"}
    )
    assert rosa.view().errors.keys() == {"review_due"}
    assert rosa.view().values["frequency"]["value"]["value"] == "weekly", "what is typed stays"
    await rosa.submit(values={"review_due": "2099-01-01"})
    form = await front(rosa, "plan")
    assert "F32.0 Mild depressive episode" in text_of(form)
    assert plan_words.PLAN_EMPTY in text_of(form)
    await pushed(rosa, "plan_details", "plan_details")
    await rosa.submit(values={"frequency": "every two weeks"})
    await rosa.until(lambda: "every two weeks" in text_of(rosa.view()))


async def test_a_plan_that_changed_meanwhile_keeps_what_was_typed(product: Demo, rosa: Person):
    await plan_of(rosa)
    form = await pushed(rosa, "plan_change.1", "plan_change")
    desk = product.application.desk
    async with desk.database.writing(desk.id) as unit:
        plan = await unit.plans.get("JD-014")
        assert plan is not None
        await unit.plans.save(plan.reopened("1").described(plan.start, None, (), "daily"), plan)
        await unit.commit()
    await rosa.submit(form, {"text": "Typed with great care"})
    assert "changed while this form was open" in rosa.view().errors["text"]
    assert rosa.view().values["text"]["value"]["value"] == "Typed with great care"
    async with desk.database.reading(desk.id) as unit:
        stored = await unit.plans.get("JD-014")
    assert stored is not None
    assert "Typed with great care" not in repr(stored)


def supervise(desk: Desk, clinician: str, supervisor: str) -> None:
    """As if the practice's file said so."""
    said = Supervision(PersonId(clinician), (PersonId(supervisor),), Mode.SAMPLE, sample_percent=1)
    desk.roster.filed = replace(desk.roster.filed, supervision=(said,))
    desk.roster.renew(desk.roster.members, desk.today(None))


async def test_another_clinician_reads_nothing_and_a_supervisor_reads_only(product: Demo, rosa: Person):
    lindgren, weiss = Person(product.workspace, LINDGREN), Person(product.workspace, WEISS)
    is_supervisor = "supervisor" in product.application.desk.practice.by_user("slack", LINDGREN).roles
    stranger, supervisor = (weiss, lindgren) if is_supervisor else (lindgren, weiss)
    supervise(product.application.desk, "delgado", "weiss")
    for code in ("JD-014", "LM-005"):
        await stranger.command("/note", f"plan {code}")
        refused = await front(stranger, "message")
        assert "another clinician's care" in text_of(refused)
        assert "Sleep" not in text_of(refused)
    read = await plan_of(supervisor)
    assert "Sleep well enough" in text_of(read)
    assert plan_words.PLAN_READ_ONLY in text_of(read)
    assert "plan_goal" not in text_of(read)


async def test_a_name_instead_of_a_code_is_explained(product: Demo, rosa: Person):
    await rosa.command("/note", "plan Johnson")
    form = await front(rosa, "plan_client")
    assert "client code" in text_of(form)


async def test_goals_are_suggested_confirmed_and_named_in_every_format(product: Demo, rosa: Person):
    shown = await drafted(rosa)
    assert plan_words.GOALS_SUGGESTED in text_of(shown)
    assert "Goal 1: Sleep well enough to feel rested at work." in text_of(shown)
    await rosa.click(shown, "confirm_goals")
    form = await front(rosa, "goals")
    assert {"1", "1a", "2", "2a", "2b"} == ticked(form)
    await rosa.submit(form, {"goals.0": ["1", "2a"]})
    await rosa.until(lambda: "Goals addressed, confirmed by you: 1, 2a." in text_of(card(rosa)))
    for format_id in ("birp", "dap", "soap"):
        await rosa.click(card(rosa), f"format_{format_id}")
        await rosa.until(lambda f=format_id: f'"text": "✓ {f.upper()}"' in text_of(card(rosa)))
        assert "Goal 2, objective 2a: Work through the exposure ladder" in text_of(card(rosa))
    await rosa.click(card(rosa), "confirm_goals")
    form = await front(rosa, "goals")
    assert ticked(form) == {"1", "2a"}
    await rosa.submit(form, {"goals.0": []})
    await rosa.until(lambda: plan_words.NO_GOAL_NAMED in text_of(card(rosa)))
    assert "Work through the exposure ladder" not in text_of(card(rosa))


async def test_a_client_named_later_brings_the_suggestion(product: Demo, rosa: Person):
    shown = await drafted(rosa, f"soap {SUMMARY}")
    assert "confirm_goals" not in text_of(shown)
    await rosa.type_ahead(shown, "pick_client", "JD")
    await rosa.choose(shown, "pick_client", "JD-014")
    await rosa.until(lambda: plan_words.GOALS_SUGGESTED in text_of(card(rosa)))


async def test_a_signed_note_enters_the_plans_history_and_quiet_goals_are_mentioned(product: Demo, rosa: Person):
    desk = product.application.desk
    for number in range(4):
        await drafted(rosa, f"soap JD-014 yesterday 50min: {SUMMARY} Session {number}.")
        await rosa.click(card(rosa), "confirm_goals")
        await rosa.submit(await front(rosa, "goals"), {"goals.0": ["1"]})
        await rosa.until(lambda: "confirmed by you: 1." in text_of(card(rosa)))
        await rosa.click(card(rosa), "sign")
        await rosa.submit(await front(rosa, "sign"))
        await rosa.until(lambda: card(rosa).text == words.RECEIPT_NOTICE, within=15)
    async with desk.database.reading(desk.id) as unit:
        plan = await unit.plans.get("JD-014")
    assert plan is not None
    assert [entry.ids for entry in plan.addressed] == [("1",)] * 4
    await drafted(rosa)
    assert "Goal 3 has not come up in the last 4 notes." in text_of(card(rosa)), "goal 2 is suggested here"
    filed = next((product.folder / "filed-notes" / "JD-014").glob("*.txt")).read_text("utf-8")
    assert "Goal 1: Sleep well enough to feel rested at work." in filed


async def test_no_text_of_a_plan_is_where_it_must_not_be(
    product: Demo, rosa: Person, capfd: pytest.CaptureFixture[str]
):
    await plan_of(rosa)
    await pushed(rosa, "plan_goal", "plan_goal")
    await rosa.submit(values={"text": f"Sleep beside the {CANARY}"})
    await rosa.until(lambda: len(rosa.views()) == 1 and CANARY in text_of(rosa.view()))
    await pushed(rosa, "plan_objective.4", "plan_objective")
    await rosa.submit(values={"text": f"Sleep far from the {CANARY}", "measure": CANARY, "target": CANARY})
    await rosa.until(lambda: "far from" in text_of(rosa.view()))
    await pushed(rosa, "plan_change.4a", "plan_change")
    await rosa.close(everything=True)
    await drafted(rosa)
    await rosa.click(card(rosa), "confirm_goals")
    form = await front(rosa, "goals")
    await rosa.submit(form, {"goals.0": ["4", "4a"]})
    await rosa.until(lambda: "confirmed by you: 4, 4a." in text_of(card(rosa)))
    await product.application.work.idle()
    for path in product.folder.rglob("*"):
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes(), path.name
    assert CANARY not in "".join(capfd.readouterr())
    sent = [sent.body for sent in product.workspace.sent if CANARY.encode() in sent.body]
    assert len(sent) > 4
    for body in sent:
        assert_only_as_text(body)
        assert b'private_metadata": "JD' not in body


def assert_only_as_text(body: bytes) -> None:
    """The canary stands in text that nothing parses and in what is typed: in no id, value, markup or notice."""
    sent = json.loads(body)
    assert CANARY not in str(sent.get("text"))
    for key, text in strings(sent):
        if CANARY in text:
            assert key in ("text", "initial_value"), key
    assert CANARY not in json.dumps([part for part in dicts(sent) if part.get("type") == "mrkdwn"])


def dicts(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from dicts(each)


def strings(part: Any) -> Iterator[tuple[str, str]]:
    for found in dicts(part):
        yield from ((key, value) for key, value in found.items() if isinstance(value, str))
