"""`/note people` by signed requests through the real app: for administrators only, at once, and without losing text."""

import asyncio
import json
import logging
from typing import Any

import pytest

from bot.cards import people_words, words
from demo.driver import Person
from demo.run import Demo
from tests.slack.conftest import BRANDT, DELGADO, LINDGREN

OKAFOR = "U0EXAMPLE03"
SUMMARY = "soap JD-014 yesterday 50min: ct reports sleeping 6h most nights. reviewed thought record. denied SI."


def text_of(seen: Any) -> str:
    blocks = seen.definition["blocks"] if hasattr(seen, "definition") else seen.blocks
    return json.dumps(blocks, ensure_ascii=False)


async def front(person: Person, name: str) -> Any:
    await person.until(lambda: person.views() and person.view().definition.get("callback_id") == name)
    return person.view()


@pytest.fixture
def nora(product: Demo) -> Person:
    return Person(product.workspace, BRANDT)


async def opened(nora: Person, whom: str) -> Any:
    if nora.views():
        await nora.close(everything=True)
    await nora.command("/note", "people")
    await nora.submit(await front(nora, "people_list"), {"person": whom})
    return await front(nora, "people_add" if whom == "new" else "people_change")


@pytest.mark.parametrize("user", [DELGADO, "U0EXAMPLE01"])
async def test_nobody_but_an_administrator_opens_the_list(product: Demo, user: str):
    someone = Person(product.workspace, user)
    await someone.command("/note", "people")
    await someone.until(lambda: someone.ephemerals())
    assert "Only an administrator" in someone.ephemerals()[-1].text
    assert someone.views() == []


async def test_a_form_sent_by_who_is_no_administrator_any_more_sets_nobody(product: Demo, nora: Person):
    await nora.submit(await opened(nora, "weiss"), {"roles": ["clinician", "supervisor", "administrator"]})
    form = await opened(nora, "new")
    miriam = Person(product.workspace, "U0EXAMPLE01")
    await miriam.submit(await opened(miriam, "brandt"), {"roles": ["auditor"]})
    await front(miriam, "people_list")
    await nora.submit(form, {"name": "Somebody Else", "roles": ["administrator"]})
    assert "Only an administrator" in json.dumps(nora.view().errors)
    assert "Somebody Else" not in [p.name for p in product.application.desk.practice.people]


async def test_who_is_added_is_welcomed_and_writes_a_note_at_once(
    product: Demo, nora: Person, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    for gone in (OKAFOR,):
        await nora.submit(await opened(nora, "okafor"), {"access": "no"})
        await front(nora, "people_list")
        assert product.application.desk.practice.by_user("slack", gone) is None
        await nora.submit(nora.view(), {"person": "okafor"})
        changing = await front(nora, "people_change")
        await nora.submit(changing, {"slack": None})
        assert "Chidinma" in text_of(await front(nora, "people_list"))
    await nora.submit(nora.view(), {"person": "new"})
    form = await front(nora, "people_add")
    values = {"name": "Zia Zebrafinch", "credentials": "LMFT", "roles": ["clinician"], "slack": OKAFOR}
    await nora.submit(form, values)
    shown = await front(nora, "people_list")
    assert people_words.SAVED_ADDED.format(name="Zia Zebrafinch") in text_of(shown)
    assert "Zia Zebrafinch, LMFT · Clinician · Slack" in text_of(shown)
    zia = Person(product.workspace, OKAFOR)
    await zia.until(lambda: [m for m in zia.messages() if m.text == people_words.WELCOME_NOTICE])
    await zia.command("/note", SUMMARY)
    await zia.until(lambda: [m for m in zia.messages() if m.text == words.DRAFT_NOTICE])
    assert "Zebrafinch" not in caplog.text


async def test_a_deactivated_person_gets_the_answer_of_a_stranger(product: Demo, nora: Person):
    tobias = Person(product.workspace, LINDGREN)
    await tobias.command("/note", SUMMARY)
    await tobias.until(lambda: [m for m in tobias.messages() if m.text == words.DRAFT_NOTICE])
    form = await opened(nora, "lindgren")
    assert "draft 1" in text_of(form)
    await nora.submit(form, {"access": "no"})
    assert people_words.DEACTIVATED in text_of(await front(nora, "people_list"))
    await tobias.command("/note", SUMMARY)
    await tobias.until(lambda: words.NOT_ON_ROSTER in [m.text for m in tobias.ephemerals()])
    card = [m for m in tobias.messages() if m.text == words.DRAFT_NOTICE][-1]
    await tobias.click(card, "format_birp")
    await tobias.until(lambda: [m.text for m in tobias.ephemerals()].count(words.NOT_ON_ROSTER) == 2)


async def test_two_administrators_and_the_second_keeps_what_was_typed(product: Demo, nora: Person):
    await nora.submit(await opened(nora, "weiss"), {"roles": ["clinician", "supervisor", "administrator"]})
    await front(nora, "people_list")
    miriam = Person(product.workspace, "U0EXAMPLE01")
    first, second = await asyncio.gather(opened(nora, "lindgren"), opened(miriam, "lindgren"))
    await nora.submit(first, {"credentials": "LCSW-S"})
    await front(nora, "people_list")
    await miriam.submit(second, {"credentials": "Typed by the second"})
    kept = await front(miriam, "people_change")
    assert "nothing was overwritten" in json.dumps(kept.errors)
    assert "Typed by the second" in json.dumps(kept.values)
    found = product.application.desk.practice.by_user("slack", LINDGREN)
    assert found
    assert found.credentials == "LCSW-S"


async def test_what_is_wrong_stands_at_its_input(product: Demo, nora: Person):
    form = await opened(nora, "brandt")
    await nora.submit(form, {"roles": ["clinician"]})
    await nora.until(lambda: "last administrator" in nora.view().errors.get("roles", ""))
    await nora.submit(nora.view(), {"roles": ["administrator"], "timezone": "Mars"})
    await nora.until(lambda: "time zone" in nora.view().errors.get("timezone", ""))


async def test_supervision_set_in_the_form_holds(product: Demo, nora: Person):
    form = await opened(nora, "delgado")
    values = {"roles": ["associate"], "mode": "cosign", "supervisors": ["weiss"]}
    await nora.submit(form, values)
    assert "Rosa Delgado, LPC-Associate · Associate · co-signed by Miriam Weiss" in text_of(
        await front(nora, "people_list")
    )
    rosa = product.application.desk.practice.by_user("slack", DELGADO)
    assert rosa
    assert rosa.reviewed


async def test_a_person_in_both_chats_is_one(product: Demo, nora: Person):
    form = await opened(nora, "lindgren")
    await nora.submit(form, {"teams": "00000000-0000-4000-8000-00000000ABCD"})
    await front(nora, "people_list")
    practice = product.application.desk.practice
    found = practice.by_user("teams", "00000000-0000-4000-8000-00000000abcd")
    assert found == practice.by_user("slack", LINDGREN)
