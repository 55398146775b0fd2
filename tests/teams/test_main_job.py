"""The clinician's whole job in Teams, by signed requests: real token checks, real database, real engine."""

import json
from typing import Any

import aiohttp
import pytest

from bot.cards import words
from demo.teams import TeamsDemo
from demo.teams_person import TeamsPerson, answer_of, button_of, inputs_of, parts_of, texts_of

CANARY = "zebrafinch-7731"
SUMMARY = (
    f"- ct reports sleep 6h most nights, told me about {CANARY}\n- reviewed thought record\n"
    "- ct tearful then calmer\n- denied SI\n- plan: exposure step 2 next wk"
)


async def draft(rosa: TeamsPerson, text: str = f"soap JD-014 yesterday 10:00 50min: {SUMMARY}") -> Any:
    await rosa.say(text)
    return await rosa.until_notice(words.DRAFT_NOTICE)


def title(card: Any) -> str:
    return texts_of(card)[0]


async def test_from_message_to_receipt(product: TeamsDemo, rosa: TeamsPerson):
    card = await draft(rosa)
    assert title(card).startswith("JD-014 · ")
    assert title(card).endswith(", 10:00 · 50 min · SOAP")
    for format_id, name in (("birp", "BIRP"), ("dap", "DAP"), ("soap", "SOAP")):
        answer = await rosa.press(f"format_{format_id}")
        assert answer["statusCode"] == 200
        assert title(answer["value"]).endswith(name)
        assert "Exposure step 2 next week." in texts_of(answer["value"])
        await rosa.until(lambda name=name: title(rosa.card()).endswith(name))
    answer = await rosa.press("format_menu", {"format_menu": "girp"})
    assert title(answer["value"]).endswith("GIRP")
    await rosa.press("format_soap")

    dialog = await rosa.open("edit")
    plan = next(name for name in inputs_of(dialog["value"]["card"]["content"]) if name.startswith("section.plan."))
    typed = inputs_of(dialog["value"]["card"]["content"])[plan] + "\nCall the school on Monday."
    assert await rosa.submit(dialog, {plan: typed}) is None
    await rosa.until(lambda: "Call the school on Monday." in texts_of(rosa.card()))

    dialog = await rosa.open("details")
    question = next(name for name in inputs_of(dialog["value"]["card"]["content"]) if name.startswith("gap."))
    assert await rosa.submit(dialog, {question: "Ct nodded and practiced twice."}) is None
    await rosa.until(lambda: "Client nodded and practiced twice." in texts_of(rosa.card()))

    why = await rosa.open("why")
    assert "denied SI" in json.dumps(why)

    dialog = await rosa.open("sign")
    assert words.ATTESTATION in json.dumps(dialog)
    assert await rosa.submit(dialog) is None
    card = await rosa.until_notice(words.RECEIPT_NOTICE, within=15)
    assert CANARY not in json.dumps(card)
    filed = {path.suffix: path for path in (product.folder / "filed-notes" / "JD-014").iterdir()}
    assert {".pdf", ".docx", ".md", ".txt", ".json"} <= set(filed)
    assert "Call the school on Monday." in filed[".txt"].read_text("utf-8")


async def test_answers_are_counted_by_route_and_status(product: TeamsDemo, rosa: TeamsPerson):
    await rosa.say("thanks")
    async with aiohttp.ClientSession() as session:
        await session.post(f"{product.application.url}/api/messages", json={})
        async with session.get(f"{product.application.url}/metrics") as answer:
            counted = await answer.text()
    for status in (200, 401):
        assert f'afternote_requests_total{{route="/api/messages",status="{status}"}} 1' in counted
    assert 'afternote_filings_waiting{target="folder",state="refused"} 0' in counted


async def test_a_stale_edit_is_refused_and_keeps_the_text(rosa: TeamsPerson):
    await draft(rosa)
    dialog = await rosa.open("edit")
    plan = next(name for name in inputs_of(dialog["value"]["card"]["content"]) if name.startswith("section.plan."))
    await rosa.press("format_birp")
    task = await rosa.submit(dialog, {plan: "Typed on the second device."})
    card = task["value"]["card"]["content"]
    assert words.CHANGED_ELSEWHERE in texts_of(card)
    assert inputs_of(card)[plan] == "Typed on the second device."
    again = await rosa.submit_data(answer_of(task))
    assert words.CHANGED_ELSEWHERE in texts_of(again["value"]["card"]["content"])
    assert "Typed on the second device." not in json.dumps(rosa.card())


async def test_hello_help_and_what_is_no_summary(rosa: TeamsPerson):
    await rosa.say("hi")
    card = await rosa.until_notice(words.HELP_TITLE)
    assert words.GREETING in texts_of(card)
    dialog = await rosa.open("new_note")
    assert dialog["value"]["title"] == words.NEW_NOTE_TITLE
    await rosa.say("Can you read my old notes?")
    await rosa.until(lambda: words.NOT_A_SUMMARY in texts_of(rosa.card()))
    await rosa.say("thanks")
    await rosa.say("sope")
    await rosa.until(lambda: "new_note" in json.dumps(rosa.card()))
    assert not [message for message in rosa.messages() if message.get("summary") == words.DRAFT_NOTICE]


async def test_a_format_alone_brings_the_form_and_a_mistake_keeps_the_text(rosa: TeamsPerson):
    await rosa.say("birp")
    card = await rosa.until_notice(words.NEW_NOTE_TITLE)
    assert inputs_of(card)["format"] == "birp"
    answer = await rosa.press("submit", {"summary": "🙂🙂🙂", "client": "JD-014"})
    assert inputs_of(answer["value"])["summary"] == "🙂🙂🙂"
    assert inputs_of(answer["value"])["client"] == "JD-014"
    await rosa.until(lambda: inputs_of(rosa.card()).get("summary") == "🙂🙂🙂")
    await rosa.press("submit", {"summary": SUMMARY, "client": "JD-014", "date": "2026-11-20", "minutes": "50"})
    await rosa.until(lambda: any(words.FORM_SAVED in texts_of(c) for c in all_cards(rosa)))
    card = await rosa.until_notice(words.DRAFT_NOTICE)
    assert title(card) == "JD-014 · 20 Nov 2026 · 50 min · BIRP"
    assert CANARY not in json.dumps([c for c in all_cards(rosa) if c is not card and title(c) != title(card)])


@pytest.mark.parametrize("text", ["Slip on Saturday: drank 3 beers, denied SI.", "Girl calm, played alone. Denied SI."])
async def test_a_first_word_near_a_format_stays_in_the_summary(rosa: TeamsPerson, product: TeamsDemo, text: str):
    await draft(rosa, text)
    assert await summaries(product) == [text]


async def test_a_mistyped_format_before_a_code_or_a_date_brings_the_form(rosa: TeamsPerson):
    for typed, kept in (
        ("birb JD-014 yesterday: denied SI", "JD-014 yesterday: denied SI"),
        ("sope: denied SI", "denied SI"),
        ("Slip yesterday, drank 3 beers", "Slip yesterday, drank 3 beers"),
    ):
        await rosa.say(typed)
        await rosa.until(lambda kept=kept: rosa.messages() and inputs_of(rosa.card()).get("summary") == kept)
    assert words.PERHAPS_A_FORMAT.format(word="Slip", nearest="sirp") in texts_of(rosa.card())


async def test_the_new_note_dialog_from_anywhere_starts_one_note_however_often_it_is_sent(rosa: TeamsPerson):
    await rosa.say("hi")
    await rosa.until_notice(words.HELP_TITLE)
    group = {"id": "19:hallway@thread.v2", "conversationType": "groupChat", "tenantId": rosa.service.tenant_id}
    value = {"commandId": "newNote", "commandContext": "compose"}
    answer = await rosa.invoke("composeExtension/fetchTask", value, conversation=group)
    data = {**answer_of(answer["task"]), "summary": SUMMARY}
    for _ in range(2):
        said = await rosa.invoke("composeExtension/submitAction", {"data": data}, conversation=group)
        assert said["task"] == {"type": "message", "value": words.POINTER}
    await rosa.until_notice(words.DRAFT_NOTICE)
    drafts = [message for message in rosa.messages() if message.get("summary") == words.DRAFT_NOTICE]
    assert len(drafts) == 1
    assert not [sent for sent in rosa.service.sent if sent.conversation == group["id"]]


async def test_a_form_sent_again_with_another_text_keeps_it_and_says_where_the_first_is(rosa: TeamsPerson):
    await rosa.say("hi")
    await rosa.until_notice(words.HELP_TITLE)
    dialog = await rosa.open("new_note")
    for _ in range(2):
        assert await rosa.submit(dialog, {"summary": SUMMARY}) is None
    task = await rosa.submit(dialog, {"summary": SUMMARY + "\n- and the second text"})
    assert words.SENT_BEFORE in texts_of(task["value"]["card"]["content"])
    assert inputs_of(task["value"]["card"]["content"])["summary"].endswith("and the second text")
    await rosa.until_notice(words.DRAFT_NOTICE)
    assert drafts_of(rosa) == 1


@pytest.mark.parametrize("minutes", ["-5", "0", "7.5", "99999", "1441", "1e3", "fifty", "\u0665\u0660"])
async def test_minutes_that_cannot_be_are_refused_and_the_text_stays(
    product: TeamsDemo, rosa: TeamsPerson, minutes: str
):
    await rosa.say("hi")
    await rosa.until_notice(words.HELP_TITLE)
    task = await rosa.submit(await rosa.open("new_note"), {"summary": SUMMARY, "minutes": minutes})
    card = task["value"]["card"]["content"]
    assert words.BAD_MINUTES.format(most=1440, typed=minutes) in texts_of(card)
    assert inputs_of(card)["summary"] == SUMMARY
    assert await summaries(product) == []
    assert await rosa.submit(task, {"minutes": "1440"}) is None


async def test_a_message_of_ones_own_opens_the_form_with_its_characters(rosa: TeamsPerson):
    html = "<div><p>ct said &lt;b&gt;no&lt;/b&gt; &amp; left</p><ul><li>denied SI</li></ul></div>"
    payload = {"id": "1", "body": {"contentType": "html", "content": html}, "from": {"user": {"id": rosa.aad}}}
    value = {"commandId": "draftFromMessage", "commandContext": "message", "messagePayload": payload}
    answer = await rosa.invoke("composeExtension/fetchTask", value)
    summary = inputs_of(answer["task"]["value"]["card"]["content"])["summary"]
    assert summary.split("\n") == ["ct said <b>no</b> & left", "", "- denied SI"]
    payload["from"]["user"]["id"] = "00000000-0000-4000-8000-000000000002"
    answer = await rosa.invoke("composeExtension/fetchTask", value)
    assert answer["task"] == {"type": "message", "value": words.ONLY_OWN_MESSAGES}


async def test_without_code_and_date_the_draft_asks_and_does_not_refuse(rosa: TeamsPerson):
    card = await draft(rosa, "dap " + SUMMARY)
    assert words.ASK_SESSION in texts_of(card)
    answer = await rosa.press("pick", {"pick_client": "JD-014", "pick_date": "2026-11-20"})
    assert title(answer["value"]).startswith("JD-014 · 20 Nov 2026")
    assert words.ASK_SESSION not in texts_of(answer["value"])


async def test_save_draft_keeps_the_dialog_open(rosa: TeamsPerson):
    await draft(rosa)
    dialog = await rosa.open("edit")
    plan = next(name for name in inputs_of(dialog["value"]["card"]["content"]) if name.startswith("section.plan."))
    task = await rosa.submit(dialog, {plan: "Saved on the way."}, button="save_draft")
    card = task["value"]["card"]["content"]
    assert any(text.startswith("Saved at") for text in texts_of(card))
    assert inputs_of(card)[plan] == "Saved on the way."
    assert await rosa.submit(task, {plan: "Saved on the way. And more."}) is None
    await rosa.until(lambda: "And more." in json.dumps(rosa.card()))


async def test_late_and_double_clicks_have_one_effect_and_an_explanation(product: TeamsDemo, rosa: TeamsPerson):
    old = await draft(rosa)
    dialog = await rosa.open("sign")
    data = answer_of(dialog)
    assert await rosa.submit_data(data) is None
    again = await rosa.submit_data(data)
    assert again["type"] == "message"
    await rosa.until_notice(words.RECEIPT_NOTICE, within=15)
    answer = await rosa.press("format_birp", card=old)
    assert answer == {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": words.NO_LONGER_DRAFT,
    }
    assert (await rosa.open("edit", card=old)) == {"type": "message", "value": words.NO_LONGER_DRAFT}
    assert len(list((product.folder / "filed-notes" / "JD-014").glob("*.receipt.json"))) == 1


async def test_discard_asks_first_and_leaves_nothing(rosa: TeamsPerson):
    await draft(rosa)
    answer = await rosa.press("discard")
    assert words.DISCARDED in texts_of(answer["value"])
    await rosa.until_notice(words.DISCARDED_NOTICE)
    assert CANARY not in json.dumps(rosa.card())


async def test_in_a_group_or_a_channel_the_bot_says_only_where_to_write(rosa: TeamsPerson):
    for kind, conversation in (("groupChat", "19:hallway@thread.v2"), ("channel", "19:team@thread.tacv2;messageid=1")):
        where = {"id": conversation, "conversationType": kind, "tenantId": rosa.service.tenant_id}
        for _ in range(2):
            await rosa.say(f"<at>Afternote</at> {SUMMARY}", conversation=where, id=f"one-{kind}")
        await rosa.until(lambda at=conversation: [s for s in rosa.service.sent if s.conversation == at])
        sent = [s.activity for s in rosa.service.sent if s.conversation == conversation]
        assert [activity["text"] for activity in sent] == [words.ONLY_IN_DIRECT]
    assert not rosa.messages()


async def test_a_second_user_sees_and_changes_nothing(rosa: TeamsPerson):
    card = await draft(rosa)
    tobias = TeamsPerson(rosa.service, 2)
    button = button_of(card, "format_birp")
    value = {"action": {"type": "Action.Execute", "verb": button["verb"], "data": button["data"]}}
    answer = await tobias.invoke("adaptiveCard/action", value, replyToId="x")
    assert answer["value"] == words.NOT_YOURS
    for action in ("edit", "sign", "why", "details"):
        task = (await tobias.invoke("task/fetch", {"data": button_of(card, action)["data"]}))["task"]
        assert task["type"] == "message"
        assert task["value"].startswith("This note belongs to another clinician")
    mine = await rosa.open("edit")
    context = button_of(mine["value"]["card"]["content"], "submit")["data"]["context"]
    typed = {"form": "edit", "context": context, "page": 0, "section.plan.0.line": "Not mine to write."}
    theirs = await tobias.submit_data(typed)
    assert words.NOT_YOURS in json.dumps(theirs)
    assert "Not mine to write." in json.dumps(theirs)
    assert "xposure" not in json.dumps(theirs)
    assert title(rosa.card()).endswith("SOAP")


async def test_a_stranger_is_told_so_kindly_and_nothing_is_kept(product: TeamsDemo, rosa: TeamsPerson):
    stranger = TeamsPerson(rosa.service, 77)
    await stranger.say(SUMMARY)
    await stranger.until(lambda: stranger.said() == [words.NOT_ON_ROSTER])
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        assert await unit.conversations.of_user("teams", stranger.aad) is None


async def test_a_client_without_dialogs_gets_the_form_as_a_card(rosa: TeamsPerson):
    card = await draft(rosa)
    data = button_of(card, "edit")["data"]
    await rosa.say("", value=data)
    await rosa.until(lambda: rosa.card()["fallbackText"] == words.EDIT_TITLE)
    plan = next(name for name in inputs_of(rosa.card()) if name.startswith("section.plan."))
    await rosa.press("format_birp", card=card)
    answer = await rosa.press("submit", {plan: "Typed in the card."})
    assert words.CHANGED_ELSEWHERE in texts_of(answer["value"])
    assert inputs_of(answer["value"])[plan] == "Typed in the card."
    await rosa.press("close")
    await rosa.until(lambda: words.CLOSED in texts_of(rosa.card()))


async def test_a_press_by_an_old_client_comes_as_a_message(rosa: TeamsPerson):
    card = await draft(rosa)
    await rosa.say("", value=button_of(card, "format_dap")["data"])
    await rosa.until(lambda: title(rosa.card()).endswith("DAP"))
    assert rosa.said() == []


async def test_repeated_deliveries_have_one_effect(rosa: TeamsPerson):
    activity = rosa.service.activity(person=4, text=SUMMARY, id="same")
    for _ in range(3):
        assert (await rosa.service.post(activity))[0] == 200
    await rosa.until_notice(words.DRAFT_NOTICE)
    dialog = await rosa.open("edit")
    plan = next(name for name in inputs_of(dialog["value"]["card"]["content"]) if name.startswith("section.plan."))
    value = {"data": answer_of(dialog, {plan: "Once."})}
    submit = rosa.service.activity("invoke", person=4, name="task/submit", value=value, id="again")
    for _ in range(2):
        assert await rosa.service.post(submit) == (200, None)
    await rosa.until(lambda: "Once." in texts_of(rosa.card()))
    assert len([m for m in rosa.messages() if m.get("summary") == words.DRAFT_NOTICE]) == 1


async def test_markup_arrives_as_the_characters_that_were_typed(rosa: TeamsPerson):
    typed = "ct wrote <b>bold</b> & **stars** [link](x) &amp; <at>mom</at>, `code`. Denied SI."
    card = await draft(rosa, f"JD-014: {typed}\n- plan: next wk")
    shown = json.dumps(card, ensure_ascii=False)
    assert "<b>bold</b> & **stars** [link](x) &amp; <at>mom</at>, `code`" in shown
    assert '"TextBlock"' not in shown


async def test_a_plan_opens_in_a_dialog_and_is_changed_there(rosa: TeamsPerson):
    await rosa.say("plan JD-014")
    await rosa.until_notice(words.PLAN_NOTICE)
    assert "JD-014" not in json.dumps(rosa.card())
    plan = await rosa.open("plan_open")
    form = await rosa.submit(plan, button="plan_goal")
    below = await rosa.submit(form, {"text": "Walk to school twice a week"})
    assert "Walk to school twice a week" in json.dumps(below)
    form = await rosa.submit(below, button="plan_goal")
    empty = await rosa.submit(form, {"text": ""})
    assert empty["type"] == "continue"
    assert empty["value"]["title"] == form["value"]["title"]
    back = await rosa.submit(empty, button="close")
    assert "Walk to school twice a week" in json.dumps(back)


async def test_a_plan_that_is_only_told_of_is_a_summary(rosa: TeamsPerson, product: TeamsDemo):
    for text in ("plan unchanged", "Plan review"):
        await rosa.say(text)
    assert await summaries(product) == ["plan unchanged", "Plan review"]


async def test_clinical_text_is_only_in_the_chat_and_in_the_answers(
    product: TeamsDemo, rosa: TeamsPerson, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    await draft(rosa)
    dialog = await rosa.open("sign")
    await rosa.submit(dialog)
    await rosa.until_notice(words.RECEIPT_NOTICE, within=15)
    assert CANARY not in caplog.text
    for sent in rosa.service.sent:
        outside = {name: value for name, value in sent.activity.items() if name != "attachments"}
        assert CANARY not in json.dumps(outside)
        for attachment in sent.activity.get("attachments", []):
            content = attachment["content"]
            assert CANARY not in content["speak"] + content["fallbackText"]
            assert CANARY not in json.dumps([p.get("data") for p in parts_of(content)])
    for path in (product.folder).rglob("*"):
        if path.is_file() and "filed-notes" not in path.parts:
            assert CANARY.encode() not in path.read_bytes(), path.name


async def test_the_welcome_comes_once(rosa: TeamsPerson):
    members = [{"id": f"28:{rosa.service.app_id}"}]
    for kind, fields in (("installationUpdate", {"action": "add"}), ("conversationUpdate", {"membersAdded": members})):
        activity = rosa.service.activity(kind, person=4, **fields)
        assert (await rosa.service.post(activity))[0] == 200
    await rosa.until_notice(words.HELP_TITLE)
    assert len(rosa.messages()) == 1


async def test_odd_data_is_refused_without_a_trace(rosa: TeamsPerson, caplog: pytest.LogCaptureFixture):
    card = await draft(rosa)
    note = button_of(card, "edit")["data"]["note"]
    odd = [
        {"form": "edit", "context": f"{note}:1", "section.x": CANARY},
        {"form": "decide", "context": f"{note}:1", "point.x": CANARY},
        {"form": "details", "context": f"{note}:1", "missing.nonsense": CANARY},
        {"form": "new_note", "context": "n:0", "summary": SUMMARY, "kind": "x", "minutes": "many"},
        {"form": "nothing", "context": "", "a": CANARY},
        {"form": "plan_change", "context": "x.1:zz", "text": CANARY, "status": "nonsense"},
        {"form": "edit", "context": f"{note}:99", "page": 98, "more": True, "section.plan.0.line": CANARY},
        {},
    ]
    for data in odd:
        answer = await rosa.submit_data(data)
        assert answer is None or answer["type"] in ("message", "continue")
    for verb in ("", "take", "add_point", "format_nothing", "pick", "../x"):
        value = {"action": {"verb": verb, "data": {"action": verb, "note": note, "item": "x"}}}
        assert (await rosa.invoke("adaptiveCard/action", value))["statusCode"] == 200
    assert "failed" not in caplog.text
    assert CANARY not in caplog.text


def drafts_of(rosa: TeamsPerson) -> int:
    """How many drafts stand in the chat."""
    return len([message for message in rosa.messages() if message.get("summary") == words.DRAFT_NOTICE])


async def summaries(product: TeamsDemo) -> list[str]:
    """Of every note there is, oldest first."""
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        started = [act.note_id for act in await unit.audit.acts() if act.act == "started" and act.note_id]
        return [(await unit.notes.get(note_id)).summary for note_id in started]


def all_cards(rosa: TeamsPerson) -> list[Any]:
    return [message["attachments"][0]["content"] for message in rosa.messages() if message.get("attachments")]
