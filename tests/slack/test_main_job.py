"""The clinician's whole job in Slack, by signed requests through the real app."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from bot.cards import words
from demo.driver import Person
from demo.payloads import event
from demo.run import Demo

CANARY = "zebrafinch-7731"
SUMMARY = (
    f"- ct reports sleep 6h most nights, told me about {CANARY}\n- reviewed thought record\n"
    "- ct tearful then calmer\n- denied SI\n- plan: exposure step 2 next wk"
)


def text_of(seen: Any) -> str:
    return json.dumps(seen.blocks, ensure_ascii=False)


def posted(person: Person) -> list[Any]:
    """What stands in the direct message for good; ephemeral answers do not."""
    return [message for message in person.messages(person.dm()) if not message.ephemeral_to]


def title_of(seen: Any) -> str:
    return seen.blocks[0].get("text", {}).get("text", "")


def card(rosa: Person) -> Any:
    return posted(rosa)[-1]


async def draft(rosa: Person, text: str = f"soap JD-014 yesterday 10:00 50min: {SUMMARY}") -> Any:
    await rosa.command("/note", text)
    return await ready(rosa)


async def ready(rosa: Person) -> Any:
    await rosa.until(lambda: posted(rosa) and card(rosa).text == words.DRAFT_NOTICE)
    return card(rosa)


async def dialog(rosa: Person, action: str, name: str) -> Any:
    await rosa.click(card(rosa), action)
    await rosa.until(lambda: rosa.views() and rosa.view().definition["callback_id"] == name)
    return rosa.view()


def initial(view: Any) -> dict[str, str]:
    blocks = [block for block in view.definition["blocks"] if block["type"] == "input"]
    return {block["block_id"]: block["element"].get("initial_value", "") for block in blocks}


async def test_from_command_to_receipt(product: Demo, rosa: Person):
    await draft(rosa)
    assert rosa.ephemerals()[-1].text == words.POINTER
    assert title_of(card(rosa)).startswith("JD-014 · ")
    assert title_of(card(rosa)).endswith(", 10:00 · 50 min · SOAP")
    for format_id, name in (("birp", "BIRP"), ("dap", "DAP"), ("soap", "SOAP")):
        await rosa.click(card(rosa), f"format_{format_id}")
        await rosa.until(lambda name=name: title_of(card(rosa)).endswith(name))
        assert "Exposure step 2 next week." in text_of(card(rosa))
    await rosa.choose(card(rosa), "format_menu", "girp")
    await rosa.until(lambda: title_of(card(rosa)).endswith("GIRP"))
    await rosa.click(card(rosa), "format_soap")
    await rosa.until(lambda: title_of(card(rosa)).endswith("SOAP"))

    form = await dialog(rosa, "edit", "edit")
    plan = next(name for name in initial(form) if name.startswith("section.plan."))
    await rosa.submit(form, {plan: initial(form)[plan] + "\nCall the school on Monday."})
    await rosa.until(lambda: "Call the school on Monday." in text_of(card(rosa)))
    assert not rosa.views()

    form = await dialog(rosa, "details", "details")
    question = next(name for name in initial(form) if name.startswith("gap."))
    await rosa.submit(form, {question: "Ct nodded and practiced twice."})
    await rosa.until(lambda: "Client nodded and practiced twice." in text_of(card(rosa)))

    why = await dialog(rosa, "why", "why")
    assert "denied SI" in json.dumps(why.definition)
    await rosa.close(why)

    form = await dialog(rosa, "sign", "sign")
    assert words.ATTESTATION in json.dumps(form.definition)
    await rosa.submit(form)
    await rosa.until(lambda: card(rosa).text == words.RECEIPT_NOTICE, within=15)
    assert "SOAP note for JD-014" in text_of(card(rosa))
    assert CANARY not in text_of(card(rosa))

    filed = {path.suffix: path for path in (product.folder / "filed-notes" / "JD-014").iterdir()}
    assert {".pdf", ".docx", ".md", ".txt", ".json"} <= set(filed)
    assert "Call the school on Monday." in filed[".txt"].read_text("utf-8")
    assert filed[".pdf"].read_bytes().startswith(b"%PDF")
    receipts = [p for p in (product.folder / "filed-notes" / "JD-014").iterdir() if p.name.endswith(".receipt.json")]
    assert len(receipts) == 1
    listed = json.loads(receipts[0].read_text("utf-8"))
    digest = hashlib.sha256(filed[".pdf"].read_bytes()).hexdigest()
    assert digest in json.dumps(listed)
    assert digest[:12] in text_of(card(rosa))


async def test_a_direct_message_with_a_first_line(product: Demo, rosa: Person):
    await rosa.say(rosa.dm(), f"birp JD-014 yesterday 10:00 50min\n{SUMMARY}")
    await ready(rosa)
    assert title_of(card(rosa)).startswith("JD-014 · ")
    assert title_of(card(rosa)).endswith("BIRP")
    assert "50 min" in title_of(card(rosa))


async def test_without_code_and_date_the_draft_asks_and_does_not_refuse(product: Demo, rosa: Person):
    await draft(rosa, "dap " + SUMMARY)
    assert words.ASK_SESSION in text_of(card(rosa))
    options = await rosa.type_ahead(card(rosa), "pick_client", "JD")
    assert "JD-014" in json.dumps(options if isinstance(options, list | dict) else str(options))
    await rosa.choose(card(rosa), "pick_client", "JD-014")
    await rosa.until(lambda: title_of(card(rosa)).startswith("JD-014"))
    await rosa.click(card(rosa), "pick_date", selected_date="2026-11-20")
    await rosa.until(lambda: "20 Nov 2026" in title_of(card(rosa)))
    assert words.ASK_SESSION not in text_of(card(rosa))


async def test_the_form_has_room_and_keeps_the_text_on_an_error(product: Demo, rosa: Person):
    await rosa.command("/note", "birp")
    await rosa.until(lambda: rosa.views())
    form = rosa.view()
    assert form.definition["callback_id"] == "new_note"
    await rosa.type_ahead(form, "client_lookup", "jd", block_id="client")
    await rosa.submit(form, {"summary": "🙂🙂🙂", "client": "JD-014"})
    assert rosa.view().errors.keys() == {"summary"}
    await rosa.submit(rosa.view(), {"summary": SUMMARY, "client": "JD-014", "date": "2026-11-20", "minutes": "50"})
    await ready(rosa)
    assert title_of(card(rosa)) == "JD-014 · 20 Nov 2026 · 50 min · BIRP"


async def test_save_draft_keeps_the_dialog_open_and_a_stale_one_keeps_the_text(product: Demo, rosa: Person):
    await draft(rosa)
    form = await dialog(rosa, "edit", "edit")
    plan = next(name for name in initial(form) if name.startswith("section.plan."))
    rosa.enter({plan: "Saved on the way."}, form)
    await rosa.click(rosa.view(), "save_draft")
    await rosa.until(lambda: "Saved on the way." in text_of(card(rosa)))
    await rosa.until(lambda: "Saved at" in json.dumps(rosa.view().definition))
    await rosa.click(card(rosa), "format_birp")
    await rosa.until(lambda: title_of(card(rosa)).endswith("BIRP"))
    await rosa.submit(rosa.view(), {plan: "Typed on the second device."})
    assert words.CHANGED_ELSEWHERE in rosa.view().errors.values()
    assert rosa.view().values[plan]["value"]["value"] == "Typed on the second device."
    assert "Typed on the second device." not in text_of(card(rosa))


async def test_late_and_double_clicks_have_one_effect_and_an_explanation(product: Demo, rosa: Person):
    old = await draft(rosa)
    form = await dialog(rosa, "sign", "sign")
    await rosa.submit(form)
    await rosa.until(lambda: card(rosa).text == words.RECEIPT_NOTICE, within=15)
    await rosa.click(old, "format_birp")
    await rosa.until(lambda: words.NO_LONGER_DRAFT in [m.text for m in rosa.ephemerals(rosa.dm())])
    await rosa.click(old, "edit")
    await rosa.until(lambda: rosa.views() and words.NO_LONGER_DRAFT in json.dumps(rosa.view().definition))
    assert len(list((product.folder / "filed-notes" / "JD-014").glob("*.receipt.json"))) == 1


async def test_discard(product: Demo, rosa: Person):
    await draft(rosa)
    await rosa.click(card(rosa), "discard")
    await rosa.until(lambda: card(rosa).text == words.DISCARDED_NOTICE)
    assert CANARY not in text_of(card(rosa))


async def test_a_message_of_ones_own_becomes_a_draft_once(product: Demo, rosa: Person):
    await rosa.say("C0GENERAL01", SUMMARY)
    message = rosa.messages("C0GENERAL01")[-1]
    for _ in range(2):
        await rosa.shortcut("draft_from_message", message)
    await ready(rosa)
    await rosa.until(lambda: words.POINTER_AGAIN in [m.text for m in rosa.ephemerals("C0GENERAL01")])
    assert len([m for m in rosa.messages(rosa.dm()) if m.text == words.DRAFT_NOTICE]) == 1


async def test_somebody_elses_message_is_refused(product: Demo, rosa: Person):
    tobias = Person(product.workspace, "U0EXAMPLE02")
    await tobias.say("C0GENERAL01", SUMMARY)
    await rosa.shortcut("draft_from_message", rosa.messages("C0GENERAL01")[-1])
    await rosa.until(lambda: rosa.ephemerals("C0GENERAL01"))
    assert rosa.ephemerals("C0GENERAL01")[-1].text == words.ONLY_OWN_MESSAGES


async def test_help_and_greeting(product: Demo, rosa: Person):
    await rosa.command("/note", "help")
    assert "/note soap" in json.dumps(rosa.ephemerals()[-1].blocks)
    await rosa.say(rosa.dm(), "hi")
    await rosa.until(lambda: any(m.text == words.HELP_TITLE for m in rosa.messages(rosa.dm())))
    await rosa.say(rosa.dm(), "Can you read my old notes?")
    await rosa.until(lambda: words.NOT_A_SUMMARY in json.dumps([m.blocks for m in posted(rosa)], ensure_ascii=False))
    assert words.DRAFT_NOTICE not in [m.text for m in posted(rosa)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("soap " + "x" * 100_000, "20,000"),
        ("soap 🙂🙂🙂", "emoji"),
        ("Therapist: how are you?\nClient: fine.\nTherapist: good.\nClient: yes.\nTherapist: ok.\nClient: bye.", "own"),
        ("soap JD-014 2026-02-30: ct reports sleep ok", "date"),
    ],
)
async def test_what_is_no_summary_gets_a_kind_answer(product: Demo, rosa: Person, text: str, says: str):
    await rosa.command("/note", text)
    await rosa.until(lambda: rosa.ephemerals() or rosa.views())
    if len(text) > 3000:
        assert says in rosa.ephemerals()[-1].text
    else:  # what was typed goes on in the form
        assert says in json.dumps(rosa.view().definition, ensure_ascii=False)
        assert initial(rosa.view())["summary"] == text
    assert not posted(rosa)


async def test_a_recording_is_refused_kindly(product: Demo, rosa: Person):
    await rosa.say(rosa.dm(), "", files=[{"name": "session.m4a", "mimetype": "audio/mp4"}])
    await rosa.until(lambda: len(rosa.messages(rosa.dm())) > 1 or rosa.ephemerals(rosa.dm()))
    said = [*rosa.messages(rosa.dm()), *rosa.ephemerals(rosa.dm())][-1].text
    assert "type a few lines of your own" in said


async def test_people_who_do_not_write_notes_are_told_so(product: Demo):
    nora = Person(product.workspace, "U0EXAMPLE05")
    await nora.command("/note", "soap " + SUMMARY)
    assert nora.ephemerals()[-1].text != words.POINTER
    assert not posted(nora)


async def test_scripts_emoji_and_control_characters_arrive_as_typed(product: Demo, rosa: Person, tmp_path: Path):
    typed = "שלום, the client said “👩‍👧 <b>&amp; *bold* _x_” \u0007 ок"
    await draft(rosa, f"soap JD-014 yesterday: ct reports {typed}")
    await rosa.submit(await dialog(rosa, "sign", "sign"))
    await rosa.until(lambda: card(rosa).text == words.RECEIPT_NOTICE, within=15)
    (document,) = [
        p for p in (product.folder / "filed-notes" / "JD-014").glob("*.json") if not p.name.endswith(".receipt.json")
    ]
    statements = json.dumps(json.loads(document.read_text("utf-8")), ensure_ascii=False)
    assert json.dumps(typed, ensure_ascii=False)[1:-1] in statements


async def test_the_canary_is_nowhere_it_must_not_be(product: Demo, rosa: Person, capfd: pytest.CaptureFixture[str]):
    await draft(rosa)
    await rosa.click(card(rosa), "format_birp")
    await rosa.submit(await dialog(rosa, "sign", "sign"))
    await rosa.until(lambda: card(rosa).text == words.RECEIPT_NOTICE, within=15)
    await product.application.work.idle()
    for path in product.folder.rglob("*"):
        if path.is_file() and "filed-notes" not in path.parts:
            assert CANARY.encode() not in path.read_bytes(), path.name
    assert CANARY not in "".join(capfd.readouterr())
    for sent in product.workspace.sent:
        if sent.method in ("ack", "response_url"):
            assert CANARY.encode() not in sent.body
        elif CANARY.encode() in sent.body:
            assert_only_in_prose(sent.body)


def assert_only_in_prose(body: bytes) -> None:
    """Clinical text may stand in rich text and in the values of inputs; nowhere else of what is sent."""
    sent = json.loads(body)
    assert CANARY not in str(sent.get("text"))
    assert "metadata" not in sent
    blocks = sent.get("blocks") or sent.get("view", {}).get("blocks") or []
    blocks = json.loads(blocks) if isinstance(blocks, str) else blocks
    for block in blocks:
        if CANARY in json.dumps(block):
            assert block["type"] in ("rich_text", "input")
    assert CANARY not in str(sent.get("view", {}).get("private_metadata") if isinstance(sent.get("view"), dict) else "")


async def test_save_draft_keeps_a_long_text_once(product: Demo, rosa: Person):
    await draft(rosa)
    form = await dialog(rosa, "edit", "edit")
    plan = next(name for name in initial(form) if name.startswith("section.plan."))
    long = " ".join(f"Sentence number {n} is typed late at night." for n in range(68))
    rosa.enter({plan: long}, form)
    await rosa.click(rosa.view(), "save_draft")
    await rosa.until(lambda: "Saved at" in json.dumps(rosa.view().definition))
    await rosa.submit(rosa.view())
    await rosa.until(lambda: not rosa.views())
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        note_id = next(act.note_id for act in await unit.audit.acts() if act.act == "started")
        assert note_id is not None
        text = " ".join(s.text for s in (await unit.notes.get(note_id)).statements)
    assert text.count("Sentence number 67 is typed late at night.") == 1


async def test_the_signing_dialog_corrects_the_client_and_the_day(product: Demo, rosa: Person):
    await draft(rosa)
    form = await dialog(rosa, "sign", "sign")
    assert form.values["client"]["client_lookup"]["selected_option"]["value"] == "JD-014"
    await rosa.type_ahead(form, "client_lookup", "GD", block_id="client")
    await rosa.submit(form, {"client": "GD-016", "date": "2026-11-19"})
    await rosa.until(lambda: card(rosa).text == words.RECEIPT_NOTICE, within=15)
    assert "SOAP note for GD-016, 19 Nov" in text_of(card(rosa))
    assert list((product.folder / "filed-notes" / "GD-016").iterdir())


async def test_a_courtesy_is_no_summary(product: Demo, rosa: Person):
    await rosa.say(rosa.dm(), "Thanks!")
    await product.application.work.idle()
    assert len(posted(rosa)) == 1


@pytest.mark.parametrize("text", ["Dad came along today. Reviewed the week.", "So we talked about sleep. Denied SI."])
async def test_ordinary_first_words_are_no_formats(product: Demo, rosa: Person, text: str):
    await rosa.command("/note", text)
    await ready(rosa)
    assert title_of(card(rosa)).endswith("SOAP")


async def test_a_mistyped_format_opens_the_form_with_the_rest_of_the_text(product: Demo, rosa: Person):
    await rosa.command("/note", "sope ct slept 6h")
    await rosa.until(lambda: rosa.views())
    assert initial(rosa.view())["summary"] == "ct slept 6h"
    assert "“sope”" in json.dumps(rosa.view().definition, ensure_ascii=False)
    await rosa.close(rosa.view())
    await rosa.command("/note", "sope")
    assert "/note soap" in rosa.ephemerals()[-1].text


async def test_a_first_word_near_a_format_stays_in_the_form(product: Demo, rosa: Person):
    text = "Slip on Saturday: drank 3 beers, called sponsor."
    await rosa.command("/note", text)
    await rosa.until(lambda: rosa.views())
    assert initial(rosa.view())["summary"] == text
    remark = words.PERHAPS_A_FORMAT.format(word="Slip", nearest="sirp")
    assert remark in json.dumps(rosa.view().definition, ensure_ascii=False)


async def test_a_recording_is_refused_through_the_shortcut_too(product: Demo, rosa: Person):
    await rosa.say("C0GENERAL01", SUMMARY, files=[{"name": "session.m4a", "mimetype": "audio/mp4"}])
    message = next(m for m in rosa.messages("C0GENERAL01") if m.user == "U0EXAMPLE04")
    await rosa.shortcut("draft_from_message", message)
    await rosa.until(lambda: any("recordings" in m.text for m in rosa.ephemerals("C0GENERAL01")))
    assert not posted(rosa)


async def test_a_long_text_behind_a_mistyped_format_is_drafted_whole(product: Demo, rosa: Person):
    await rosa.command("/note", "sopa " + "Ct reports sleeping better this week. " * 100 + "Denied SI.")
    await ready(rosa)
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        note_id = next(act.note_id for act in await unit.audit.acts() if act.act == "started")
        assert note_id is not None
        assert (await unit.notes.get(note_id)).summary.endswith("Denied SI.")


async def test_saving_twice_in_a_row_is_no_conflict(product: Demo, rosa: Person):
    await draft(rosa)
    form = await dialog(rosa, "edit", "edit")
    plan = next(name for name in initial(form) if name.startswith("section.plan."))
    rosa.enter({plan: "Typed once."}, form)
    product.workspace.faults.add("views.update", "status", 500, times=10)
    await rosa.click(rosa.view(), "save_draft")
    await rosa.until(lambda: "Typed once." in text_of(card(rosa)))
    await rosa.submit(rosa.view())
    await rosa.until(lambda: not rosa.views())


async def test_a_refused_command_can_be_put_right_in_the_form(product: Demo, rosa: Person):
    await rosa.command("/note", "birp JD-014 2026-02-30 50min: ct slept 6h. Denied SI.")
    await rosa.until(lambda: rosa.views())
    await rosa.submit(rosa.view())
    assert "That date does not exist" in rosa.view().errors["summary"]
    await rosa.submit(rosa.view(), {"summary": "birp JD-014 2026-02-20 50min: ct slept 6h. Denied SI."})
    await ready(rosa)
    assert title_of(card(rosa)) == "JD-014 · 20 Feb 2026 · 50 min · BIRP"
    assert "birp JD-014" not in text_of(card(rosa))


async def test_a_changed_message_is_answered_once_when_it_has_a_note(product: Demo, rosa: Person):
    async def change(message: Any, **more: Any) -> None:
        now = {"type": "message", "user": rosa.id, "ts": message.ts, "text": SUMMARY + "\n- HI too", **more}
        changed = {"type": "message", "subtype": "message_changed", "hidden": True, "channel": rosa.dm()}
        about = {"channel_type": "im", "message": now, "ts": "1800000000.000100", "event_ts": "1800000000.000100"}
        assert (await product.workspace.delivery.event(event(product.workspace, changed | about))).ok

    edited = {"edited": {"user": rosa.id, "ts": "1800000000.000000"}}
    await rosa.say(rosa.dm(), "thanks")
    await change(posted(rosa)[-1], **edited)
    await rosa.say(rosa.dm(), SUMMARY)
    message = posted(rosa)[-1]
    await ready(rosa)
    await change(message)  # a link was unfolded
    for _ in range(2):
        await change(message, **edited)
    await rosa.until(lambda: card(rosa).text == words.EDITED)
    await product.application.work.idle()
    assert [m.text for m in posted(rosa)].count(words.EDITED) == 1
    assert [m.text for m in posted(rosa)].count(words.DRAFT_NOTICE) == 1
