"""Learning in Teams, by signed requests: sharing a section, the practice's examples, the rule beside “Why?”."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.cards import learning_words, words
from bot.domain.ids import PersonId
from bot.domain.note import State
from bot.domain.supervision import Mode, Supervision
from bot.practice_ports import Example, ReviewRow
from demo.teams import TeamsDemo, teams_demo
from demo.teams_person import TeamsPerson, button_of, card_of, inputs_of, parts_of, texts_of
from tests.teams.test_main_job import draft

CANARY = "zebrafinch-7731"
SUMMARY = "soap LP-008 yesterday 50min: ct sleeps 6h since Marisol moved in. reviewed thought record. plan: step 2."
GOOD = f"[client] takes one step a day, {CANARY}."


@pytest.fixture
def weiss(product: TeamsDemo) -> TeamsPerson:
    """A supervisor, who also writes."""
    return TeamsPerson(product.service, 1)


async def receipt_of(person: TeamsPerson) -> Any:
    await draft(person, SUMMARY)
    task = await person.open("sign")
    while task:
        task = await person.submit(task)
    return await person.until_notice(words.RECEIPT_NOTICE, within=15)


def supervise(product: TeamsDemo) -> None:
    """Weiss supervises Delgado from now on."""
    roster = product.application.desk.roster
    rule = Supervision(PersonId("delgado"), (PersonId("weiss"),), Mode.COSIGN)
    roster.practice = replace(roster.practice, supervision=(rule,)).on(dt.date(2026, 1, 1))


def form(task: Any) -> Any:
    return task["value"]["card"]["content"]


def shown(card: Any) -> str:
    return json.dumps(texts_of(card), ensure_ascii=False)


async def sharing(weiss: TeamsPerson) -> Any:
    """The dialog to share a section of a note of one's own."""
    view = await weiss.open("view", card=await receipt_of(weiss))
    pick = await weiss.submit(view, button="teach")
    return await weiss.submit(pick, {"section": "subjective"})


async def examples(person: TeamsPerson, typed: str) -> Any:
    """The answer to a typed line."""
    before = len(person.messages())
    await person.say(f"examples {typed}".strip())
    await person.until(lambda: len(person.messages()) > before and person.messages()[-1].get("attachments"))
    return person.card()


async def test_a_section_is_shared_read_by_others_and_taken_away(product: TeamsDemo, weiss: TeamsPerson):
    task = await sharing(weiss)
    assert "[name]" in inputs_of(form(task))["example.subjective"]
    assert "Marisol" not in json.dumps(task)
    task = await weiss.submit(task, {"example.subjective": "Sleeps since Marisol came.", "why": "It counts."})
    assert "“Marisol” (name)" in shown(form(task))
    assert inputs_of(form(task)) == {"example.subjective": "Sleeps since Marisol came.", "why": "It counts."}
    for _ in range(2):  # Teams repeats calls
        done = await weiss.submit(task, {"example.subjective": GOOD})
        assert "It is shared." in shown(form(done))

    lindgren, brandt = TeamsPerson(product.service, 2), TeamsPerson(product.service, 5)
    read = await examples(lindgren, "soap")
    assert shown(read).count(GOOD) == 1
    assert learning_words.FICTIONAL in shown(read)
    assert "example_remove" not in json.dumps(read)
    hidden = await examples(brandt, "soap")
    assert CANARY not in json.dumps(hidden)
    assert "example_remove" in json.dumps(hidden)

    own = await examples(weiss, "soap")
    yes = next(p for p in parts_of(own) if p.get("verb") == "example_remove" and p.get("style") == "destructive")
    assert GOOD in shown(own)
    answer = await weiss.press("example_remove", card=own)
    assert yes["data"]["action"] == "example_remove"
    assert GOOD not in shown(answer["value"])
    assert GOOD not in shown(await examples(lindgren, "soap"))
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        acts = [(act.actor, act.act, act.via) for act in await unit.audit.acts() if "example" in act.act]
    assert acts == [("weiss", "example shared", "teams"), ("weiss", "example removed", "teams")]


async def test_a_format_is_chosen_where_none_or_an_unknown_one_is_typed(rosa: TeamsPerson):
    pick = await examples(rosa, "")
    answer = await rosa.press("submit", {"format": "birp"}, card=pick)
    assert learning_words.FICTIONAL in shown(answer["value"])
    assert "Behavior" in shown(answer["value"])
    pick = await examples(rosa, "bierp")
    assert "I don't know the format “bierp”" in shown(pick)
    assert inputs_of(pick)["format"] == "birp"


async def test_who_may_not_share_gets_a_kind_answer_and_no_text(
    product: TeamsDemo, rosa: TeamsPerson, weiss: TeamsPerson
):
    receipt = await receipt_of(weiss)
    view = await weiss.open("view", card=receipt)
    data = button_of(form(view), "teach")["data"]
    await rosa.say("hi")
    task = await rosa.submit_data(data)
    assert task["type"] == "message" or "supervisor" in shown(form(task))
    assert "Marisol" not in json.dumps(task)
    fetched = await rosa.invoke("task/fetch", {"data": {**data, "form": ""}})
    assert "supervisor" in fetched["task"]["value"]
    sent = {"form": "teach", "context": f"{data['note']}.nabc:1", "page": 0, "example.plan": GOOD, "why": "Good."}
    again = await rosa.submit_data(sent)
    assert "supervisor" in json.dumps(again)
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        assert await unit.examples.of_format("soap", 9) == []


async def test_why_shows_who_is_supervised_the_rule_with_an_example(product: TeamsDemo, rosa: TeamsPerson):
    supervise(product)
    await draft(rosa)
    task = await rosa.open("why")
    assert shown(form(task)).count(learning_words.FICTIONAL) == 4
    assert "What belongs here: what happens next and when" in shown(form(task))


async def test_where_there_are_no_dialogs_the_form_stands_on_a_card_of_its_own(tmp_path: Path):
    async with teams_demo(tmp_path / "home", dialogs=False) as product:
        weiss = TeamsPerson(product.service, 1)
        card = await draft(weiss, SUMMARY)
        await weiss.press("sign", card=card)
        await weiss.press("submit", card=await weiss.until_notice(words.SIGN_TITLE))
        await weiss.until(lambda: any(m.get("summary") == words.RECEIPT_NOTICE for m in weiss.messages()), within=15)
        receipt = next(card_of(m) for m in weiss.messages() if m.get("summary") == words.RECEIPT_NOTICE)
        await weiss.press("view", card=receipt)
        view = await weiss.until_notice("As filed")
        said = await weiss.press("teach", card=view)
        assert said["value"] == words.FORM_BELOW
        pick = await weiss.until_notice(learning_words.PICK_TITLE)
        answer = await weiss.press("submit", {"section": "subjective"}, card=pick)
        text = inputs_of(answer["value"])["example.subjective"]
        assert "Marisol" not in text
        await weiss.until(lambda: inputs_of(weiss.card()).get("example.subjective") == text)
        done = await weiss.press("submit", {"example.subjective": GOOD, "why": "Good."})
        assert "It is shared." in shown(done["value"])


async def test_a_supervisors_page_comes_to_who_supervises_and_to_nobody_else(
    product: TeamsDemo, rosa: TeamsPerson, weiss: TeamsPerson
):
    desk = product.application.desk
    await draft(rosa)
    supervise(product)
    async with desk.database.writing(desk.id) as unit:
        [note_id] = await unit.notes.in_states([State.DRAFT], 2)
        asked = desk.clock.now() - dt.timedelta(days=3)
        people = (PersonId("delgado"), (PersonId("weiss"),))
        await unit.reviews.put(ReviewRow(note_id, 1, *people, Mode.COSIGN, asked, asked, asked))
        await unit.commit()
    await weiss.say("supervision")
    card = await weiss.until_notice(learning_words.SUPERVISION_NOTICE)
    assert any("1 note waits for review, the longest for 3 days" in text for text in texts_of(card))
    assert "JD-014 · SOAP · Rosa Delgado · waits 3 days, past due" in texts_of(card)
    assert button_of(card, "review")["data"]["note"] == note_id
    for number in (4, 2):  # who is supervised, and who supervises nobody
        stranger = TeamsPerson(product.service, number)
        await stranger.say("supervision")
        await stranger.until(lambda stranger=stranger: any("supervisor" in said for said in stranger.said()))
        assert learning_words.SUPERVISION_NOTICE not in json.dumps(stranger.messages())
    brandt = TeamsPerson(product.service, 5)
    await brandt.say("Supervision")
    counts = await brandt.until_notice(learning_words.SUPERVISION_NOTICE)
    assert "Rosa Delgado" in texts_of(counts)
    assert "JD-014" not in json.dumps(counts)


async def test_very_long_examples_are_read_page_by_page(product: TeamsDemo, rosa: TeamsPerson):
    desk = product.application.desk
    sections = [spec.key for spec in desk.formats["soap"].sections]
    async with desk.database.writing(desk.id) as unit:
        for key in sections:
            for number in range(3):
                text = f"{key} {number} " + "word " * 390
                example = Example(f"{key}{number}", "soap", key, text, "Long.", PersonId("weiss"), desk.clock.now())
                await unit.examples.add(example)
        await unit.commit()
    card, read, turned = await examples(rosa, "soap"), "", 0
    while True:
        read += shown(card)
        if not any(part.get("title") == words.NEXT_PAGE for part in parts_of(card)):
            break
        card, turned = (await rosa.press("submit", card=card))["value"], turned + 1
    assert turned > 0
    assert [f"{key} {number} word" in read for key in sections for number in range(3)] == [True] * 12
