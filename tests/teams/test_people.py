"""`people` in Teams by signed POSTs: for administrators only, at once, and without losing text."""

import asyncio

import pytest

from bot.cards import people_words, words
from demo.teams import TeamsDemo
from demo.teams_person import TeamsPerson, card_of, inputs_of, texts_of

NOBODY = 9
SUMMARY = "soap JD-014 yesterday 50min:\n- ct reports sleeping 6h most nights\n- reviewed thought record\n- denied SI"


def form(task) -> dict:
    return task["value"]["card"]["content"]


@pytest.fixture
async def nora(product: TeamsDemo) -> TeamsPerson:
    someone = TeamsPerson(product.service, 5)
    await someone.say("hi")
    await someone.until(someone.messages)
    return someone


async def opened(nora: TeamsPerson, whom: str):
    await nora.say("people")
    await nora.until_notice(people_words.PEOPLE_NOTICE)
    return await nora.submit(await nora.open("people_open"), {"person": whom})


async def test_nobody_but_an_administrator_opens_the_list(product: TeamsDemo, rosa: TeamsPerson, nora: TeamsPerson):
    await rosa.say("people")
    await rosa.until(lambda: any("Only an administrator" in said for said in rosa.said()))
    await nora.say("people")
    card = await nora.until_notice(people_words.PEOPLE_NOTICE)
    answer = await rosa.invoke("task/fetch", {"data": {"action": "people_open", "note": "", "item": ""}})
    assert "Only an administrator" in answer["task"]["value"]
    task = await nora.open("people_open", card)
    data = {"form": "people_change", "context": "delgado:0", "page": 0, "name": "Rosa", "roles": "administrator"}
    refused = await rosa.submit_data(data)
    assert "Only an administrator" in str(refused)
    assert "Only an administrator" not in str(task)
    assert [p.id for p in product.application.desk.practice.people if "administrator" in p.roles] == ["brandt"]


async def test_who_is_added_writes_a_note_at_once_and_is_refused_once_deactivated(
    product: TeamsDemo, nora: TeamsPerson
):
    sam = TeamsPerson(product.service, NOBODY)
    await sam.say(SUMMARY)
    await sam.until(lambda: words.NOT_ON_ROSTER in sam.said())
    values = {"name": "Sam Osei", "credentials": "LMFT", "roles": "clinician", "teams": sam.aad.upper()}
    listed = await nora.submit(await opened(nora, "new"), values)
    assert people_words.SAVED_ADDED.format(name="Sam Osei") in texts_of(form(listed))
    await sam.say(SUMMARY)
    await sam.until_notice(words.DRAFT_NOTICE)
    found = product.application.desk.practice.by_user("teams", sam.aad)
    assert found
    changing = await nora.submit(listed, {"person": found.id})
    assert people_words.NOTES.format(counts="draft 1") in texts_of(form(changing))
    listed = await nora.submit(changing, {"access": "no"})
    assert any(people_words.DEACTIVATED in text for text in texts_of(form(listed)))
    await sam.say(SUMMARY)
    await sam.until(lambda: sam.said().count(words.NOT_ON_ROSTER) == 2)


async def test_who_has_met_the_bot_is_welcomed(product: TeamsDemo, nora: TeamsPerson):
    tobias = TeamsPerson(product.service, 2)
    await tobias.say("hi")
    await tobias.until(tobias.messages)
    listed = await nora.submit(await opened(nora, "lindgren"), {"teams": "-", "teams.new": ""})
    changing = await nora.submit(listed, {"person": "lindgren"})
    await nora.submit(changing, {"teams.new": tobias.aad})
    await tobias.until_notice(people_words.WELCOME_NOTICE)


async def test_a_form_sent_twice_adds_one(product: TeamsDemo, nora: TeamsPerson):
    task = await opened(nora, "new")
    for _ in range(2):
        listed = await nora.submit(task, {"name": "Sam Osei", "roles": "auditor"})
        assert people_words.SAVED_ADDED.format(name="Sam Osei") in texts_of(form(listed))
    assert [p.name for p in product.application.desk.practice.people].count("Sam Osei") == 1


async def test_two_administrators_and_the_second_keeps_what_was_typed(product: TeamsDemo, nora: TeamsPerson):
    roles = "clinician,supervisor,administrator"
    await nora.submit(await opened(nora, "weiss"), {"roles": roles})
    miriam = TeamsPerson(product.service, 1)
    await miriam.say("hi")
    first, second = await asyncio.gather(opened(nora, "lindgren"), opened(miriam, "lindgren"))
    await nora.submit(first, {"credentials": "LCSW-S"})
    again = await miriam.submit(second, {"credentials": "Typed by the second", "roles": "clinician"})
    assert any("nothing was overwritten" in text for text in texts_of(form(again)))
    assert inputs_of(form(again))["credentials"] == "Typed by the second"
    twice = await miriam.submit(again)
    assert any("nothing was overwritten" in text for text in texts_of(form(twice)))
    found = product.application.desk.practice.by_user("teams", TeamsPerson(product.service, 2).aad)
    assert found
    assert found.credentials == "LCSW-S"


async def test_what_is_wrong_stands_above_its_input_and_cancelling_leads_back(product: TeamsDemo, nora: TeamsPerson):
    task = await opened(nora, "new")
    again = await nora.submit(task, {"name": "Sam", "roles": "clinician", "teams.new": "sam@example.com"})
    assert any("object id" in text for text in texts_of(form(again)))
    assert inputs_of(form(again))["teams"] == "sam@example.com"
    back = await nora.submit(again, button="close")
    assert back["value"]["title"] == people_words.PEOPLE_TITLE
    assert await nora.submit(back, button="close") is None
    assert card_of(nora.messages()[-1])
