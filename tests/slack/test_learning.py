"""Learning in Slack, by signed requests through the real app: sharing a section, examples, the rule beside “Why?”."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from bot.cards import learning_words, words
from bot.domain.ids import PersonId
from bot.domain.note import State
from bot.domain.supervision import Mode, Supervision
from bot.practice_ports import ReviewRow
from demo.driver import Person
from demo.run import Demo
from tests.slack.conftest import BRANDT, LINDGREN, WEISS
from tests.slack.test_plans import assert_only_as_text, card, front, posted, text_of

CANARY = "zebrafinch-7731"
SUMMARY = "ct reports sleeping 6h most nights since Marisol moved in. reviewed thought record. denied SI. plan: step 2."
GOOD = f"[client] takes one step a day, {CANARY} by {CANARY}."


@pytest.fixture
def weiss(product: Demo) -> Person:
    """A supervisor, who also writes."""
    return Person(product.workspace, WEISS)


async def signed(person: Person, client: str = "LP-008") -> Any:
    await person.command("/note", f"soap {client} yesterday 50min: {SUMMARY}")
    await person.until(lambda: posted(person) and card(person).text == words.DRAFT_NOTICE)
    await person.click(card(person), "sign")
    await person.submit(await front(person, "sign"))
    await person.until(lambda: card(person).text == words.RECEIPT_NOTICE, within=15)
    return card(person)


def supervise(product: Demo) -> None:
    """Weiss supervises Delgado from now on."""
    roster = product.application.desk.roster
    rule = Supervision(PersonId("delgado"), (PersonId("weiss"),), Mode.COSIGN)
    roster.practice = replace(roster.practice, supervision=(rule,)).on(dt.date(2026, 1, 1))


async def sharing(weiss: Person, section: str = "plan") -> Any:
    """The form to share a section of a note of one's own, over the note as filed."""
    await weiss.click(await signed(weiss), "view")
    await weiss.click(await front(weiss, "view"), "teach")
    await weiss.submit(await front(weiss, "teach_pick"), {"section": section})
    return await front(weiss, "teach")


async def examples(person: Person, typed: str, name: str = "examples") -> Any:
    await person.close(everything=True) if person.views() else None
    await person.command("/note", f"examples {typed}".strip())
    return await front(person, name)


def typed_in(view: Any) -> dict[str, str]:
    blocks = [block for block in view.definition["blocks"] if block["type"] == "input"]
    return {block["block_id"]: block["element"].get("initial_value", "") for block in blocks}


async def test_a_section_is_shared_read_by_others_and_taken_away(product: Demo, weiss: Person):
    form = await sharing(weiss, "subjective")
    offered = typed_in(form)["example.subjective"]
    assert "[name]" in offered
    assert "Marisol" not in text_of(form)
    assert learning_words.READ_ON in text_of(form)
    await weiss.submit(form, {"example.subjective": "Sleeps since Marisol moved in.", "why": "It counts."})
    assert "“Marisol” (name)" in str(weiss.view().errors["example.subjective"])
    assert weiss.view().values["example.subjective"]["value"]["value"] == "Sleeps since Marisol moved in."
    await weiss.submit(weiss.view(), {"example.subjective": GOOD})
    assert learning_words.SHARED_TITLE in (await front(weiss, "message")).definition["title"]["text"]

    lindgren = Person(product.workspace, LINDGREN)  # writes, and supervises nobody
    read = await examples(lindgren, "SOAP")
    assert GOOD in text_of(read)
    assert learning_words.FICTIONAL in text_of(read), "of sections without one of the practice's own"
    assert "example_remove" not in text_of(read)
    brandt = Person(product.workspace, BRANDT)
    hidden = await examples(brandt, "soap")
    assert CANARY not in text_of(hidden)
    assert "example_remove" in text_of(hidden)

    own = await examples(weiss, "soap")
    await weiss.click(own, "example_remove")
    await weiss.until(lambda: GOOD not in text_of(weiss.view()))
    assert GOOD not in text_of(await examples(lindgren, "soap"))
    async with product.application.desk.database.reading(product.application.desk.id) as unit:
        acts = [(act.actor, act.act, act.note_id is None) for act in await unit.audit.acts() if "example" in act.act]
    assert acts == [("weiss", "example shared", True), ("weiss", "example removed", True)]


async def test_a_format_is_chosen_where_none_or_an_unknown_one_is_typed(product: Demo, rosa: Person):
    form = await examples(rosa, "", "examples_pick")
    await rosa.submit(form, {"format": "birp"})
    shown = await front(rosa, "examples")
    assert learning_words.FICTIONAL in text_of(shown)
    assert "Behavior" in text_of(shown)
    form = await examples(rosa, "bierp", "examples_pick")
    assert "I don't know the format “bierp”" in text_of(form)
    assert '"value": "birp"' in json.dumps(form.definition["blocks"][-1]["element"]["initial_option"])


async def test_who_may_not_share_gets_a_kind_answer_and_no_text(product: Demo, weiss: Person):
    lindgren = Person(product.workspace, LINDGREN)  # writes, and supervises nobody
    own = await signed(lindgren, "RW-006")
    await lindgren.click(own, "view")
    assert "teach" not in json.dumps((await front(lindgren, "view")).definition)
    await lindgren.close(everything=True)
    await weiss.click(await signed(weiss), "view")
    row = next(block for block in (await front(weiss, "view")).definition["blocks"] if block["type"] == "actions")
    own.blocks = [row]
    await lindgren.click(own, "teach")
    refused = await front(lindgren, "message")
    assert "supervisor" in text_of(refused)
    assert "sleeping" not in text_of(refused)


async def test_why_shows_who_is_supervised_the_rule_with_an_example(product: Demo, rosa: Person):
    supervise(product)
    await rosa.command("/note", f"soap JD-014 yesterday 50min: {SUMMARY}")
    await rosa.until(lambda: posted(rosa) and card(rosa).text == words.DRAFT_NOTICE)
    await rosa.click(card(rosa), "why")
    shown = text_of(await front(rosa, "why"))
    assert shown.count(learning_words.FICTIONAL) == 4
    assert "What belongs here: what happens next and when" in shown


async def test_no_text_of_an_example_is_where_it_must_not_be(
    product: Demo, weiss: Person, capfd: pytest.CaptureFixture[str]
):
    form = await sharing(weiss)
    await weiss.submit(form, {"example.plan": f"{GOOD} Marisol.", "why": f"For the {CANARY}."})
    await weiss.submit(weiss.view(), {"example.plan": GOOD})
    await front(weiss, "message")
    await examples(weiss, "soap")
    await product.application.work.idle()
    for path in product.folder.rglob("*"):
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes(), path.name
    assert CANARY not in "".join(capfd.readouterr())
    sent = [sent.body for sent in product.workspace.sent if CANARY.encode() in sent.body]
    assert sent
    for body in sent:
        assert_only_as_text(body)


async def test_a_summary_that_begins_like_the_command_is_a_summary(product: Demo, rosa: Person):
    await rosa.command("/note", f"examples of grounding were practiced. {SUMMARY}")
    await rosa.until(lambda: posted(rosa) and card(rosa).text == words.DRAFT_NOTICE)
    assert "grounding" in text_of(card(rosa))


async def test_a_supervisors_page_comes_to_who_supervises_and_to_nobody_else(
    product: Demo, rosa: Person, weiss: Person
):
    desk = product.application.desk
    await rosa.command("/note", f"birp JD-014 yesterday 50min: {SUMMARY} {CANARY}")
    await rosa.until(lambda: posted(rosa) and card(rosa).text == words.DRAFT_NOTICE)
    supervise(product)
    async with desk.database.writing(desk.id) as unit:
        [note_id] = await unit.notes.in_states([State.DRAFT], 2)
        asked = desk.clock.now() - dt.timedelta(days=3)
        people = (PersonId("delgado"), (PersonId("weiss"),))
        await unit.reviews.put(ReviewRow(note_id, 1, *people, Mode.COSIGN, asked, asked, asked))
        await unit.commit()
    await weiss.command("/note", "supervision")
    await weiss.until(lambda: posted(weiss) and card(weiss).text == learning_words.SUPERVISION_NOTICE)
    shown = text_of(card(weiss))
    assert "1 note waits for review, the longest for 3 days; 1 past the time it was due." in shown
    assert "JD-014 · BIRP · Rosa Delgado · waits 3 days, past due" in shown
    assert f'"value": "{note_id}"' in shown
    assert CANARY not in shown
    for stranger in (rosa, Person(product.workspace, LINDGREN)):
        await stranger.command("/note", "supervision")
        await stranger.until(lambda stranger=stranger: stranger.ephemerals())
        assert "JD-014" not in json.dumps([message.blocks for message in stranger.ephemerals()])
        assert "supervisor" in stranger.ephemerals()[-1].text
    brandt = Person(product.workspace, BRANDT)
    await brandt.command("/note", "supervision")
    await brandt.until(lambda: posted(brandt))
    assert "Rosa Delgado" in text_of(card(brandt))
    assert "JD-014" not in text_of(card(brandt))
