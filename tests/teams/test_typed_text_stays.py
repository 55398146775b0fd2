"""No text that was typed in a form is ever lost in Teams, whatever happened to the note meanwhile."""

import json
from typing import Any

import pytest

from bot.cards import words
from bot.teams.render import size_of
from demo.teams_person import TeamsPerson, answer_of, button_of, inputs_of, texts_of
from tests.teams.test_main_job import draft

CYRILLIC = "сон 🙂 лучше "
LONG = "soap JD-014 yesterday 50min:\n- ct reports sleep 6h most nights\n" + "\n".join(
    f"- plan: step {number}, {CYRILLIC * 26}" for number in range(55)
)


def card(task: Any) -> Any:
    return task["value"]["card"]["content"]


def sections(task: Any) -> list[str]:
    return [name for name in inputs_of(card(task)) if name.startswith("section.")]


@pytest.mark.parametrize("button", ["save_draft", "submit"])
async def test_an_edit_of_a_note_in_another_format_by_now(rosa: TeamsPerson, button: str):
    await draft(rosa)
    dialog = await rosa.open("edit")
    typed = {name: f"Typed in {name}." for name in sections(dialog)}
    await rosa.press("format_birp")
    task = await rosa.submit(dialog, typed, button=button)
    assert words.CHANGED_ELSEWHERE in texts_of(card(task))
    assert {name: inputs_of(card(task))[name] for name in typed} == typed
    assert "Typed in" not in json.dumps(rosa.card())


async def test_a_long_edit_whose_pages_grow_when_it_is_refused(rosa: TeamsPerson):
    await draft(rosa, LONG)
    dialog = await rosa.open("edit")
    assert words.NEXT_PAGE in json.dumps(card(dialog))
    typed = {name: value + CYRILLIC * 40 for name, value in inputs_of(card(dialog)).items()}
    await rosa.press("format_birp")
    task = await rosa.submit(dialog, typed)
    assert {name: inputs_of(card(task))[name] for name in typed} == typed
    assert words.NEXT_PAGE not in json.dumps(card(task))


async def test_the_pages_of_a_long_edit_are_saved_one_by_one(rosa: TeamsPerson):
    await draft(rosa, LONG)
    task = await rosa.open("edit")
    first = sections(task)[0]
    task = await rosa.submit(task, {first: "Only this stands first."})
    assert texts_of(card(task))[0].startswith("Page 2 of")
    while task:
        task = await rosa.submit(task)
    why = await rosa.open("read")
    text = json.dumps(card(why), ensure_ascii=False)
    assert "Only this stands first." in text


async def test_saved_is_said_on_the_page_where_one_is(rosa: TeamsPerson):
    await draft(rosa, LONG)
    dialog = await rosa.open("edit")
    task = await rosa.submit(dialog, button="save_draft")
    assert texts_of(card(task))[0].startswith("Saved at")


@pytest.mark.parametrize("ended", ["discard", "sign"])
async def test_an_edit_of_a_note_that_is_no_draft_any_more(rosa: TeamsPerson, ended: str):
    await draft(rosa)
    dialog = await rosa.open("edit")
    typed = {name: f"Typed in {name}." for name in sections(dialog)}
    if ended == "discard":
        await rosa.press("discard")
    else:
        await rosa.submit(await rosa.open("sign"))
    task = await rosa.submit(dialog, typed)
    assert {name: inputs_of(card(task))[name] for name in typed} == typed
    assert words.NEXT_PAGE not in json.dumps(card(task))


async def test_what_was_asked_of_a_note_that_is_no_draft_any_more(rosa: TeamsPerson):
    note = button_of(await draft(rosa), "edit")["data"]["note"]
    await rosa.press("discard")
    typed = {"form": "ask", "context": f"{note}:1", "section": "all", "instruction": "Please make it shorter."}
    task = await rosa.submit_data(typed)
    assert inputs_of(card(task)) == {"instruction": "Please make it shorter."}


async def test_a_summary_longer_than_the_box_stays_on_the_one_page_there_is(rosa: TeamsPerson):
    await rosa.say("hi")
    await rosa.until_notice(words.HELP_TITLE)
    dialog = await rosa.open("new_note")
    typed = {"summary": CYRILLIC * 1100, "client": "Jane Doe", "minutes": "50"}
    task = await rosa.submit(dialog, typed)
    assert inputs_of(card(task))["summary"].strip() == typed["summary"].strip()
    assert inputs_of(card(task))["minutes"] == "50"


async def test_a_signature_on_a_text_that_changed_meanwhile_is_not_offered_again(rosa: TeamsPerson):
    await draft(rosa)
    dialog = await rosa.open("sign")
    await rosa.press("format_birp")
    task = await rosa.submit_data(answer_of(dialog, {"client": "not a code at all"}))
    assert task == {"type": "message", "value": words.CHANGED_BEFORE_SIGNING}


async def test_who_reads_on_in_a_text_that_changed_is_told_so_first(rosa: TeamsPerson):
    await draft(rosa, LONG)
    dialog = await rosa.open("sign")
    assert words.NEXT_PAGE in json.dumps(card(dialog))
    await rosa.press("format_birp")
    task = await rosa.submit(dialog)
    assert texts_of(card(task))[0] == words.CHANGED_WHILE_READING


async def test_the_same_edit_sent_twice_is_saved_and_no_conflict(rosa: TeamsPerson):
    await draft(rosa)
    dialog = await rosa.open("edit")
    first = sections(dialog)[0]
    typed = {first: "Said once. And once more."}
    assert await rosa.submit(dialog, typed) is None
    await rosa.until(lambda: "Said once." in json.dumps(rosa.card()))
    assert await rosa.submit(dialog, typed) is None


async def test_details_that_are_refused_are_no_larger_than_what_was_shown(rosa: TeamsPerson):
    points = "\n".join(f"- клён дуб вяз {'клён дуб вяз ' * 40}{number}" for number in range(20))
    await draft(rosa, f"soap JD-014 yesterday 50min:\n- ct reports sleep 6h\n{points}")
    dialog = await rosa.open("details")
    typed = {name: f"Typed in {name}." for name in inputs_of(card(dialog)) if name.startswith(("gap.", "missing."))}
    assert typed
    await rosa.press("format_birp")
    task = await rosa.submit(dialog, typed)
    assert {name: inputs_of(card(task))[name] for name in typed} == typed
    assert size_of(card(task)) <= size_of(card(dialog)) + 4096
