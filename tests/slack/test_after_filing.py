"""After filing, in Slack: from the receipt to a linked note that is signed and filed, by signed requests."""

import json
from typing import Any

import pytest

from bot.cards import after_words, words
from bot.domain.links import LinkKind
from bot.domain.note import Note
from bot.workflows.approve_note import approve_note
from demo.driver import Person
from demo.run import Demo
from tests.slack.conftest import LINDGREN
from tests.slack.test_main_job import CANARY, card, dialog, draft, initial, posted, text_of, title_of

ADDED = "She called on Tuesday: the panic was on the bus."


@pytest.fixture
async def receipt(product: Demo, rosa: Person) -> Any:
    """The receipt of a note that is filed."""
    await draft(rosa)
    await sign(rosa)
    return card(rosa)


async def sign(rosa: Person) -> None:
    await rosa.submit(await dialog(rosa, "sign", "sign"))
    await rosa.until(lambda: card(rosa).text == words.RECEIPT_NOTICE, within=15)


async def opened(rosa: Person, seen: Any, action: str) -> Any:
    await rosa.click(seen, action)
    await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] == action)
    return rosa.view()


def now(rosa: Person, seen: Any) -> Any:
    """A message as it stands by now."""
    return next(message for message in posted(rosa) if message.ts == seen.ts)


def buttons(seen: Any) -> list[str]:
    return [item["action_id"] for block in seen.blocks if block["type"] == "actions" for item in block["elements"]]


async def linked(product: Demo) -> list[Note]:
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        started = [act.note_id for act in await unit.audit.acts() if act.act.endswith(" started") and act.note_id]
        return [await unit.notes.get(note_id) for note_id in started]


async def test_an_addendum_from_the_receipt_to_a_receipt_of_its_own(product: Demo, rosa: Person, receipt: Any):
    assert buttons(receipt) == ["view", "addendum", "amend", "retract"]
    await rosa.submit(await opened(rosa, receipt, "addendum"), {"text": ADDED})
    await rosa.until(lambda: card(rosa).text == words.DRAFT_NOTICE)
    assert title_of(card(rosa)).startswith("Addendum to JD-014 · ")
    assert ADDED in text_of(card(rosa))
    assert buttons(card(rosa)) == ["sign", "edit", "discard"]
    form = await dialog(rosa, "edit", "edit")
    (name,) = initial(form)
    await rosa.submit(form, {name: f"{ADDED}\nSo was the one before."})
    await rosa.until(lambda: "So was the one before." in text_of(card(rosa)))
    form = await dialog(rosa, "sign", "sign")
    assert after_words.ATTESTATIONS[LinkKind.ADDENDUM] in json.dumps(form.definition, ensure_ascii=False)
    assert initial(form) == {}
    await rosa.submit(form)
    await rosa.until(lambda: card(rosa).text == words.RECEIPT_NOTICE, within=15)
    assert "Addendum to SOAP note for JD-014" in text_of(card(rosa))
    (note,) = await linked(product)
    await rosa.until(lambda: f"(note {note.id})" in text_of(now(rosa, receipt)))
    assert buttons(now(rosa, receipt)) == ["view", "addendum", "amend", "retract"]
    texts = [path.read_text("utf-8") for path in (product.folder / "filed-notes" / "JD-014").glob("*.txt")]
    assert len(texts) == 2
    assert sorted(ADDED in text for text in texts) == [False, True]


async def test_an_amendment_takes_the_place_of_the_note(product: Demo, rosa: Person, receipt: Any):
    form = await opened(rosa, receipt, "amend")
    plan = next(name for name in initial(form) if name.startswith("section.plan."))
    await rosa.submit(form, {plan: initial(form)[plan]})
    assert "needs" not in str(rosa.view().errors)
    assert rosa.view().errors.keys() == {"reason"}
    await rosa.submit(rosa.view(), {"reason": "The step was wrong."})
    assert "Nothing is changed yet" in str(rosa.view().errors)
    await rosa.submit(rosa.view(), {"reason": "The step was wrong.", plan: "Exposure step 3."})
    await rosa.until(lambda: card(rosa).text == words.DRAFT_NOTICE)
    assert title_of(card(rosa)).startswith("Amendment of JD-014 · ")
    assert "The step was wrong." in text_of(card(rosa))
    await rosa.click(card(rosa), "format_dap")
    await rosa.until(lambda: "Data" in text_of(card(rosa)))
    form = await dialog(rosa, "edit", "edit")
    assert initial(form)["reason"] == "The step was wrong."
    rosa.enter({"reason": "The step was two, not three."}, form)
    await rosa.click(rosa.view(), "save_draft")
    await rosa.until(lambda: "The step was two, not three." in text_of(card(rosa)))
    await rosa.close(everything=True)
    await sign(rosa)
    (note,) = await linked(product)
    await rosa.until(lambda: f"note {note.id} took this note’s place" in text_of(now(rosa, receipt)))
    assert buttons(now(rosa, receipt)) == ["view"]
    assert buttons(card(rosa)) == ["view", "addendum", "amend", "retract"]
    assert CANARY not in text_of(now(rosa, receipt)) + text_of(card(rosa))
    assert "two, not three" not in text_of(card(rosa))
    late = await late_dialog(rosa, receipt, "addendum")
    assert note.id in late


async def late_dialog(rosa: Person, seen: Any, action: str) -> str:
    await rosa.click(seen, action)
    await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] == "message")
    return json.dumps(rosa.view().definition, ensure_ascii=False)


async def test_a_note_entered_in_error_is_retracted(product: Demo, rosa: Person, receipt: Any):
    form = await opened(rosa, receipt, "retract")
    await rosa.submit(form)
    assert rosa.view().errors.keys() == {"reason"}
    await rosa.submit(rosa.view(), {"reason": "Another client's session."})
    await rosa.until(lambda: card(rosa).text == words.DRAFT_NOTICE)
    await sign(rosa)
    (note,) = await linked(product)
    await rosa.until(lambda: f"as entered in error (note {note.id})" in text_of(now(rosa, receipt)))
    assert buttons(now(rosa, receipt)) == buttons(card(rosa)) == ["view"]
    assert "write a new note" in await late_dialog(rosa, receipt, "amend")


async def test_view_shows_what_was_filed_and_is_put_down(product: Demo, rosa: Person, receipt: Any):
    form = await opened(rosa, receipt, "view")
    filed = next((product.folder / "filed-notes" / "JD-014").glob("*.txt")).read_text("utf-8")
    shown = json.dumps(form.definition, ensure_ascii=False)
    assert CANARY in shown
    assert [line for line in filed.splitlines() if json.dumps(line, ensure_ascii=False)[1:-1] not in shown] == []
    assert initial(form) == {}
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        (act,) = [act for act in await unit.audit.acts() if act.act == "viewed"]
    assert (act.actor, act.via) == (desk.practice.by_user("slack", rosa.id).id, "slack")  # type: ignore[union-attr]


@pytest.mark.parametrize("action", ["view", "addendum", "amend", "retract"])
async def test_somebody_else_gets_nothing_of_it(product: Demo, rosa: Person, receipt: Any, action: str):
    tobias = Person(product.workspace, LINDGREN)
    await tobias.click(receipt, action)
    await tobias.until(lambda: tobias.views() and tobias.view().definition["callback_id"] == "message")
    assert "This note belongs to another clinician" in json.dumps(tobias.view().definition)
    assert await linked(product) == []


async def test_a_form_sent_by_somebody_else_is_refused_and_stays(product: Demo, rosa: Person, receipt: Any):
    form = await opened(rosa, receipt, "addendum")
    tobias = Person(product.workspace, LINDGREN)
    await tobias.say("C0GENERAL01", "hi")
    await tobias.submit(form, {"text": "Not mine."})
    assert await linked(product) == []


async def test_two_forms_at_once_and_the_second_amendment_is_told(product: Demo, rosa: Person, receipt: Any):
    for number in (3, 4):
        form = await opened(rosa, receipt, "amend")
        plan = next(name for name in initial(form) if name.startswith("section.plan."))
        await rosa.submit(form, {"reason": "The step was wrong.", plan: f"Exposure step {number}."})
        await rosa.until(lambda number=number: f"Exposure step {number}." in text_of(card(rosa)))
    _, second = [message for message in posted(rosa) if message.text == words.DRAFT_NOTICE]
    await rosa.click(second, "sign")
    await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] == "sign")
    late, desk = rosa.view(), product.application.desk
    amendment = (await linked(product))[0]
    signer = desk.practice.person(amendment.clinician_id)
    await approve_note(desk, signer, amendment.id, amendment.version, "test")
    await rosa.submit(late)
    assert "took its place" in json.dumps(rosa.view().definition, ensure_ascii=False)
    await rosa.close(everything=True)
    await rosa.click(second, "sign")  # nor is it shown to be read and signed
    await rosa.until(
        lambda: rosa.views() and "took its place" in json.dumps(rosa.view().definition, ensure_ascii=False)
    )
    assert rosa.view().definition["callback_id"] != "sign"
    await rosa.close(everything=True)
    await rosa.until(lambda: "So this cannot be signed" in text_of(now(rosa, second)))
    assert "Exposure step 4." in text_of(now(rosa, second))
    await rosa.click(now(rosa, second), "discard")
    await rosa.until(lambda: now(rosa, second).text == words.DISCARDED_NOTICE)


async def test_what_is_typed_reaches_no_log_and_no_receipt(
    product: Demo, rosa: Person, receipt: Any, capfd: pytest.CaptureFixture[str]
):
    await rosa.submit(await opened(rosa, receipt, "retract"), {"reason": f"Told me about {CANARY}."})
    await rosa.until(lambda: card(rosa).text == words.DRAFT_NOTICE)
    await sign(rosa)
    await product.application.work.idle()
    assert CANARY not in "".join(capfd.readouterr())
    assert CANARY not in text_of(card(rosa)) + text_of(now(rosa, receipt))
    for path in product.folder.rglob("*"):
        if path.is_file() and "filed-notes" not in path.parts:
            assert CANARY.encode() not in path.read_bytes(), path.name
