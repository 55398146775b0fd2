"""After filing, in Teams: from the receipt to a linked note that is signed and filed, in dialogs and on cards."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.cards import after_words, words
from bot.domain.links import LinkKind
from bot.domain.note import Note
from demo.teams import TeamsDemo, teams_demo
from demo.teams_person import TeamsPerson, card_of, inputs_of, parts_of, texts_of
from tests.teams.test_main_job import CANARY, draft, title
from tests.teams.test_typed_text_stays import LONG

ADDED = "She called on Tuesday: the panic was on the bus."


@pytest.fixture
async def receipt(rosa: TeamsPerson) -> Any:
    """The receipt of a note that is filed."""
    await draft(rosa)
    return await sign(rosa)


async def sign(rosa: TeamsPerson) -> Any:
    task = await rosa.open("sign")
    while task:
        task = await rosa.submit(task)
    return await rosa.until_notice(words.RECEIPT_NOTICE, within=15)


def form(task: Any) -> Any:
    return task["value"]["card"]["content"]


def section(card: Any, name: str) -> str:
    return next(found for found in inputs_of(card) if found.startswith(f"section.{name}."))


def buttons(card: Any) -> list[str]:
    data = [part.get("data", {}) for part in parts_of(card) if part["type"].startswith("Action.")]
    return [each["action"] for each in data if "action" in each]


def shown(rosa: TeamsPerson) -> str:
    """All that stands in the chat by now."""
    return json.dumps([texts_of(card_of(message)) for message in rosa.messages()], ensure_ascii=False)


async def linked(product: TeamsDemo) -> list[Note]:
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        started = [act.note_id for act in await unit.audit.acts() if act.act.endswith(" started") and act.note_id]
        return [await unit.notes.get(note_id) for note_id in started]


async def test_an_addendum_from_the_receipt_to_a_receipt_of_its_own(
    product: TeamsDemo, rosa: TeamsPerson, receipt: Any
):
    assert buttons(receipt) == ["view", "addendum", "amend", "retract"]
    task = await rosa.open("addendum")
    again = await rosa.submit(task, {"text": " "})
    assert "Please write what is to be added." in texts_of(form(again))
    assert await rosa.submit(again, {"text": ADDED}) is None
    card = await rosa.until_notice(words.DRAFT_NOTICE)
    assert title(card).startswith("Addendum to JD-014 · ")
    assert buttons(card)[:2] == ["sign", "edit"]
    assert not {"details", "why", "format_soap"} & set(buttons(card))
    task = await rosa.open("sign")
    assert after_words.ATTESTATIONS[LinkKind.ADDENDUM] in texts_of(form(task))
    assert inputs_of(form(task)) == {}
    assert await rosa.submit(task) is None
    card = await rosa.until_notice(words.RECEIPT_NOTICE, within=15)
    assert "Addendum to SOAP note for JD-014" in texts_of(card)[0]
    (note,) = await linked(product)
    await rosa.until(lambda: f"(note {note.id})" in shown(rosa))
    texts = [path.read_text("utf-8") for path in (product.folder / "filed-notes" / "JD-014").glob("*.txt")]
    assert sorted(ADDED in text for text in texts) == [False, True]


async def test_a_dialog_that_is_sent_twice_begins_one(product: TeamsDemo, rosa: TeamsPerson, receipt: Any):
    task = await rosa.open("addendum")
    for _ in range(2):
        assert await rosa.submit(task, {"text": ADDED}) is None
    await rosa.until_notice(words.DRAFT_NOTICE)
    assert len(await linked(product)) == 1
    other = await rosa.submit(task, {"text": "Something else was typed in the same dialog."})
    assert words.SENT_BEFORE in texts_of(form(other))
    assert inputs_of(form(other))["text"] == "Something else was typed in the same dialog."
    assert len(await linked(product)) == 1


async def test_two_dialogs_begin_two_addenda(product: TeamsDemo, rosa: TeamsPerson, receipt: Any):
    for number in range(2):
        task = await rosa.open("addendum", card=receipt)
        assert await rosa.submit(task, {"text": f"{ADDED} {number}"}) is None
    assert len(await linked(product)) == 2


async def test_an_amendment_takes_the_place_of_the_note(product: TeamsDemo, rosa: TeamsPerson, receipt: Any):
    task = await rosa.open("amend")
    plan = section(form(task), "plan")
    task = await rosa.submit(task, {"reason": "The step was wrong."})
    assert any("Nothing is changed yet" in text for text in texts_of(form(task)))
    assert inputs_of(form(task))["reason"] == "The step was wrong."
    task = await rosa.submit(task, {plan: "Exposure step 3.", "reason": ""})
    assert any("Please say why." in text for text in texts_of(form(task)))
    assert inputs_of(form(task))[plan] == "Exposure step 3."
    assert await rosa.submit(task, {"reason": "The step was wrong."}) is None
    card = await rosa.until_notice(words.DRAFT_NOTICE)
    assert title(card).startswith("Amendment of JD-014 · ")
    task = await rosa.open("edit")
    task = await rosa.submit(task, {"reason": "The step was two, not three."}, button="save_draft")
    assert inputs_of(form(task))["reason"] == "The step was two, not three."
    await rosa.until(lambda: "The step was two, not three." in shown(rosa))
    card = await sign(rosa)
    (note,) = await linked(product)
    await rosa.until(lambda: f"note {note.id} took this note’s place" in shown(rosa))
    assert CANARY not in shown(rosa)
    late = await rosa.open("addendum", card=receipt)
    assert note.id in late["value"]
    assert buttons(card) == ["view", "addendum", "amend", "retract"]


async def test_a_long_note_is_amended_page_by_page(product: TeamsDemo, rosa: TeamsPerson):
    await draft(rosa, LONG)
    await sign(rosa)
    task = await rosa.open("amend")
    assert set(inputs_of(form(task))) == {"reason"}
    assert after_words.AMEND_LONG in texts_of(form(task))
    again = await rosa.submit(task)
    assert any("Please say why." in text for text in texts_of(form(again)))
    task = await rosa.submit(again, {"reason": "A step was left out."})
    assert texts_of(form(task))[0].startswith("Page 1 of")
    first = next(name for name in inputs_of(form(task)) if name.startswith("section."))
    task = await rosa.submit(task, {first: "Ct slept 7h."})
    while task:
        task = await rosa.submit(task)
    await rosa.until(lambda: "Ct slept 7h." in shown(rosa))
    await sign(rosa)
    (note,) = await linked(product)
    assert note.link is not None
    assert (note.link.kind, note.link.reason) == (LinkKind.AMENDMENT, "A step was left out.")


async def test_a_note_entered_in_error_is_retracted(product: TeamsDemo, rosa: TeamsPerson, receipt: Any):
    assert await rosa.submit(await rosa.open("retract"), {"reason": "Another client's session."}) is None
    await rosa.until_notice(words.DRAFT_NOTICE)
    card = await sign(rosa)
    (note,) = await linked(product)
    await rosa.until(lambda: f"as entered in error (note {note.id})" in shown(rosa))
    assert buttons(card) == ["view"]
    late = await rosa.open("amend", card=receipt)
    assert "write a new note" in late["value"]


async def test_view_shows_what_was_filed_page_by_page(product: TeamsDemo, rosa: TeamsPerson):
    await draft(rosa, LONG)
    await sign(rosa)
    task, pages = await rosa.open("view"), []
    while task:
        pages.append(form(task))
        task = await rosa.submit(task) if "submit" in str(pages[-1]["actions"][0].get("id")) else None
    assert len(pages) > 1
    read = "".join(text for page in pages for text in texts_of(page))
    filed = next((product.folder / "filed-notes" / "JD-014").glob("*.txt")).read_text("utf-8")
    squeezed = "".join(read.split())
    assert [line for line in filed.splitlines() if "".join(line.split()) not in squeezed and len(line) < 500] == []
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        assert {(act.act, act.via) for act in await unit.audit.acts()} >= {("viewed", "teams")}


@pytest.mark.parametrize("action", ["view", "addendum", "amend", "retract"])
async def test_somebody_else_gets_nothing_of_it(product: TeamsDemo, rosa: TeamsPerson, receipt: Any, action: str):
    tobias = TeamsPerson(product.service, 2)
    await tobias.say("hi")
    data = next(part["data"] for part in parts_of(receipt) if part.get("data", {}).get("action") == action)
    answer = await tobias.invoke("task/fetch", {"data": data})
    assert answer["task"]["type"] == "message"
    assert answer["task"]["value"].startswith("This note belongs to another clinician")


async def test_a_dialog_sent_by_somebody_else_begins_nothing(product: TeamsDemo, rosa: TeamsPerson, receipt: Any):
    task = await rosa.open("addendum")
    tobias = TeamsPerson(product.service, 2)
    await tobias.say("hi")
    again = await tobias.submit(task, {"text": "Not mine."})
    assert words.NOT_YOURS in json.dumps(again)
    assert await linked(product) == []


async def test_a_second_amendment_is_told_at_signing_and_keeps_its_text(rosa: TeamsPerson, receipt: Any):
    for number in (3, 4):
        task = await rosa.open("amend", card=receipt)
        plan = section(form(task), "plan")
        assert await rosa.submit(task, {"reason": "Wrong.", plan: f"Exposure step {number}."}) is None
        await rosa.until(lambda number=number: f"Exposure step {number}." in texts_of(rosa.card()))
    cards = [card_of(m) for m in rosa.messages() if m.get("summary") == words.DRAFT_NOTICE]
    first, second = await rosa.open("sign", card=cards[0]), await rosa.open("sign", card=cards[1])
    assert await rosa.submit(first) is None
    too_late = await rosa.open("sign", card=cards[1])
    assert "took its place" in too_late["value"]
    late = await rosa.submit(second)
    assert late["type"] == "message"
    assert "took its place" in late["value"]
    await rosa.until(lambda: "So this cannot be signed" in shown(rosa))
    assert "Exposure step 4." in shown(rosa)


async def test_where_there_are_no_dialogs_forms_stand_on_cards_and_typed_text_stays(tmp_path: Path):
    async with teams_demo(tmp_path / "home", dialogs=False) as product:
        rosa = TeamsPerson(product.service, 4)
        card = await draft(rosa)
        await rosa.press("sign", card=card)
        await rosa.press("submit", card=await rosa.until_notice(words.SIGN_TITLE))
        await rosa.until(lambda: any(m.get("summary") == words.RECEIPT_NOTICE for m in rosa.messages()), within=15)
        receipt = next(card_of(m) for m in rosa.messages() if m.get("summary") == words.RECEIPT_NOTICE)
        await rosa.press("view", card=receipt)
        view = await rosa.until_notice(after_words.VIEW_TITLE)
        assert CANARY in json.dumps(view)
        await rosa.press("close", card=view)
        await rosa.until(lambda: CANARY not in json.dumps(rosa.messages()))
        for closed in range(3):  # what is left standing goes when the note is read again
            await rosa.press("view", card=receipt)
            await rosa.until(lambda closed=closed: shown(rosa).count(words.FORM_OVER) == closed)
            await rosa.until(lambda: sum(CANARY in json.dumps(message) for message in rosa.messages()) == 1)
        await rosa.press("close", card=await rosa.until_notice(after_words.VIEW_TITLE))
        await rosa.until(lambda: CANARY not in json.dumps(rosa.messages()))
        await rosa.press("addendum", card=receipt)
        empty = await rosa.until_notice(after_words.ADDENDUM_TITLE)
        answer = await rosa.press("submit", {"text": " "}, card=empty)
        assert "Please write what is to be added." in texts_of(answer["value"])
        await rosa.press("submit", {"text": ADDED}, card=empty)
        await rosa.until(lambda: any(m.get("summary") == words.DRAFT_NOTICE for m in rosa.messages()))
        await rosa.until(lambda: ADDED in shown(rosa))
        assert len(await linked(product)) == 1
