"""Drafts begun outside of the direct chat, messages that are changed later, and people whom the bot does not know."""

from typing import Any

import pytest

from bot.cards import words
from bot.cards.elements import TextInput
from bot.cards.forms import INPUT_LIMIT, new_note_form
from bot.formats_file import load_formats
from bot.teams.inbound import plain_text
from demo.teams import TeamsDemo
from demo.teams_person import TeamsPerson, answer_of, inputs_of
from tests.teams.test_main_job import SUMMARY, drafts_of, summaries

LONG = "- ct reports sleep.\n" * 250 + "- the end of it: denied SI"


def hallway(person: TeamsPerson) -> dict[str, str]:
    return {"id": "19:hallway@thread.v2", "conversationType": "groupChat", "tenantId": person.service.tenant_id}


async def from_message(person: TeamsPerson, text: str, message_id: str = "1", **fields: object) -> Any:
    """“Draft a note from this” on a message of one's own. Returns the task."""
    body = {"contentType": "text", "content": text}
    payload = {"id": message_id, "body": body, "from": {"user": {"id": person.aad}}}
    value = {"commandId": "draftFromMessage", "commandContext": "message", "messagePayload": payload}
    return (await person.invoke("composeExtension/fetchTask", value, **fields))["task"]


async def test_a_message_too_long_for_the_form_is_drafted_whole_and_once(product: TeamsDemo, rosa: TeamsPerson):
    await rosa.say("hi")
    await rosa.until_notice(words.HELP_TITLE)
    task = await from_message(rosa, LONG, conversation=hallway(rosa))
    assert task == {"type": "message", "value": words.POINTER}
    task = await from_message(rosa, LONG, conversation=hallway(rosa))
    assert task == {"type": "message", "value": words.POINTER_AGAIN}
    await rosa.until_notice(words.DRAFT_NOTICE)
    assert await summaries(product) == [LONG]


async def test_a_long_message_that_is_no_summary_is_refused_in_words(product: TeamsDemo, rosa: TeamsPerson):
    task = await from_message(rosa, "x " * 15_000)
    assert task["type"] == "message"
    assert "20,000" in task["value"]
    assert await summaries(product) == []


async def test_a_message_becomes_one_note_however_often_it_is_taken(product: TeamsDemo, rosa: TeamsPerson):
    await rosa.say("hi")
    await rosa.until_notice(words.HELP_TITLE)
    first, second = [await from_message(rosa, SUMMARY, "7") for _ in range(2)]
    assert await rosa.submit(first) is None
    assert await rosa.submit(second) is None
    task = await from_message(rosa, SUMMARY, "7")
    assert task == {"type": "message", "value": words.POINTER_AGAIN}
    assert await rosa.submit(await from_message(rosa, "ct calm, denied SI", "8")) is None
    assert await summaries(product) == [SUMMARY, "ct calm, denied SI"]


async def test_a_message_to_the_bot_that_has_its_note_gets_no_second_one(product: TeamsDemo, rosa: TeamsPerson):
    await rosa.say(SUMMARY, id="typed")
    await rosa.until_notice(words.DRAFT_NOTICE)
    task = await from_message(rosa, SUMMARY, "typed")
    assert task == {"type": "message", "value": words.POINTER_AGAIN}
    assert len(await summaries(product)) == 1


def test_quotes_of_others_are_no_part_of_a_message():
    html = '<blockquote itemtype="x/Reply"><b>Ana</b><p>my ct cried <br>today</p></blockquote><p>mine: ct calm</p>'
    assert plain_text(html) == "mine: ct calm"
    assert plain_text("<p>a</p><blockquote>b<blockquote>c</blockquote>d</blockquote><p>e</p>") == "a\n\ne"
    assert plain_text("<blockquote>not closed, so kept") == "not closed, so kept"


async def test_who_has_no_chat_with_the_bot_yet_finds_the_draft_after_saying_hi(product: TeamsDemo, rosa: TeamsPerson):
    task = await from_message(rosa, LONG, conversation=hallway(rosa))
    assert task == {"type": "message", "value": words.POINTER_UNMET}
    task = await from_message(rosa, SUMMARY, "2", conversation=hallway(rosa))
    data = answer_of(task)
    await rosa.invoke("composeExtension/submitAction", {"data": data}, conversation=hallway(rosa))
    await product.application.work.idle()
    assert not rosa.messages()
    await rosa.say("hi")
    await rosa.until(lambda: drafts_of(rosa) == 2)
    await rosa.say("hello")
    await product.application.work.idle()
    assert drafts_of(rosa) == 2


async def test_an_arrival_shows_what_waits_too(product: TeamsDemo, rosa: TeamsPerson):
    await from_message(rosa, LONG, conversation=hallway(rosa))
    await product.application.work.idle()
    activity = rosa.service.activity("installationUpdate", person=4, action="add")
    assert (await rosa.service.post(activity))[0] == 200
    await rosa.until(lambda: drafts_of(rosa) == 1)


async def test_a_changed_message_is_answered_once_when_it_has_a_note(rosa: TeamsPerson):
    tenant = {"id": rosa.service.tenant_id}

    async def change(message_id: str, event: str = "editMessage") -> None:
        changed = {"text": SUMMARY + "\n- HI too", "channelData": {"tenant": tenant, "eventType": event}}
        activity = rosa.service.activity("messageUpdate", person=4, id=message_id, **changed)
        assert (await rosa.service.post(activity))[0] == 200

    await rosa.say("thanks", id="courtesy")
    await change("courtesy")
    for message_id in ("summary", "brought back"):
        await rosa.say(SUMMARY, id=message_id)
    await change("brought back", "undeleteMessage")
    await rosa.until(lambda: drafts_of(rosa) == 2)
    assert rosa.said() == []
    for _ in range(2):
        await change("summary")
    await rosa.until(lambda: rosa.said() == [words.EDITED])
    assert drafts_of(rosa) == 2


@pytest.mark.parametrize("text", ["hi", "help", "thanks", "usage", "plan JD-014", "new", "sope", "can you help me?"])
async def test_a_stranger_is_invited_to_nothing(rosa: TeamsPerson, text: str):
    stranger = TeamsPerson(rosa.service, 77)
    await stranger.say(text)
    await stranger.until(lambda: stranger.said() == [words.NOT_ON_ROSTER])
    assert len(stranger.messages()) == 1


async def test_the_form_of_a_message_holds_all_of_it(rosa: TeamsPerson):
    text = "x" * (INPUT_LIMIT - 4) + " end"
    task = await from_message(rosa, text)
    assert inputs_of(task["value"]["card"]["content"])["summary"] == text


def test_the_form_cuts_nothing_in_silence():
    form = new_note_form(load_formats(), "soap", summary=LONG)
    assert len(LONG) > INPUT_LIMIT
    assert [field.value for field in form.fields if isinstance(field, TextInput)] == [LONG]
