"""A note's card is shown to its clinician and to nobody else, whatever a client says that was pressed.

Microsoft vouches for who pressed, not for what: the data of a button come from the client.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.cards import words
from demo.teams import TeamsDemo, teams_demo
from demo.teams_person import TeamsPerson, button_of, card_of, inputs_of, texts_of
from tests.teams.test_main_job import CANARY, SUMMARY, draft

COLLEAGUE, ADMINISTRATOR, STRANGER = 2, 5, 77


def executed(note: str, action: str, **typed: str) -> tuple[str, dict[str, Any]]:
    data = {"action": action, "note": note, "item": "", **typed}
    return "adaptiveCard/action", {"action": {"type": "Action.Execute", "verb": action, "data": data}}


ROUTES = {
    "nothing picked": lambda note: executed(note, "pick"),
    "no such act": lambda note: executed(note, "nonsense"),
    "no such day": lambda note: executed(note, "pick_date", pick_date="never"),
    "no such format": lambda note: executed(note, "format_nonsense"),
    "no such dialog": lambda note: ("task/fetch", {"data": {"action": "nonsense", "note": note, "item": ""}}),
    "a form of it": lambda note: ("task/submit", {"data": {"form": "edit", "context": f"{note}:1", "section.x": "y"}}),
}


@pytest.mark.parametrize("number", [COLLEAGUE, ADMINISTRATOR, STRANGER])
@pytest.mark.parametrize("route", [*ROUTES, "as a message"])
async def test_nobody_else_gets_the_card_into_their_chat(
    product: TeamsDemo, rosa: TeamsPerson, number: int, route: str
):
    note = button_of(await draft(rosa), "edit")["data"]["note"]
    other = TeamsPerson(product.service, number)
    await other.say("hi")
    await other.until(other.messages)
    at = next(ts for chat, ts in product.service.shown if chat == other.chat)
    if route == "as a message":
        await other.say("", value={"action": "nonsense", "note": note, "item": ""}, replyToId=at)
    else:
        name, value = ROUTES[route](note)
        answer = await other.invoke(name, value, replyToId=at)
        assert CANARY not in json.dumps(answer)
    await rosa.press("format_birp")
    await rosa.until(lambda: texts_of(rosa.card())[0].endswith("BIRP"))
    assert CANARY not in json.dumps(other.messages())


async def test_a_card_out_of_reach_keeps_nobody_from_the_receipt(product: TeamsDemo, rosa: TeamsPerson):
    await draft(rosa)
    dialog = await rosa.open("sign")
    product.service.faults.add("update", "status", 400, times=1)
    assert await rosa.submit(dialog) is None
    await rosa.until(lambda: any(m.get("summary") == words.RECEIPT_NOTICE for m in rosa.messages()), within=15)


async def test_forms_on_cards_hold_nothing_once_the_note_is_over(tmp_path: Path):
    async with teams_demo(tmp_path / "home", dialogs=False) as product:
        rosa = TeamsPerson(product.service, 4)
        card = await draft(rosa)
        for action, notice in (("edit", words.EDIT_TITLE), ("why", words.WHY_TITLE), ("sign", words.SIGN_TITLE)):
            answer = await rosa.press(action, card=card)
            assert answer["value"] == words.FORM_BELOW
            form = await rosa.until_notice(notice)
        await rosa.press("submit", card=form)
        await rosa.until(lambda: any(m.get("summary") == words.RECEIPT_NOTICE for m in rosa.messages()), within=15)
        await rosa.until(lambda: CANARY not in json.dumps(rosa.messages()))
        assert any(words.FORM_OVER in texts_of(card_of(message)) for message in rosa.messages())


async def test_text_that_was_typed_and_not_taken_is_not_closed_with_the_note(tmp_path: Path):
    async with teams_demo(tmp_path / "home", dialogs=False) as product:
        rosa = TeamsPerson(product.service, 4)
        card = await draft(rosa)
        await rosa.press("edit", card=card)
        edit = await rosa.until_notice(words.EDIT_TITLE)
        await rosa.press("sign", card=card)
        sign = await rosa.until_notice(words.SIGN_TITLE)
        await rosa.press("submit", card=sign)
        typed = {name: f"Typed in {name}." for name in inputs_of(edit)}
        answer = await rosa.press("submit", typed, card=edit)
        assert {name: inputs_of(answer["value"])[name] for name in typed} == typed
        await rosa.until(lambda: any(m.get("summary") == words.RECEIPT_NOTICE for m in rosa.messages()), within=15)
        await rosa.say("hi")
        await rosa.until_notice(words.HELP_TITLE)
        kept = [inputs_of(card_of(message)) for message in rosa.messages() if message.get("attachments")]
        assert any(typed.items() <= there.items() for there in kept)
        closed = [message for message in rosa.messages() if words.FORM_OVER in json.dumps(message)]
        assert len(closed) <= 1, "at most the form that signed, when its note was shown before that form was left"


async def test_nothing_is_left_of_a_post_that_could_not_be_finished(product: TeamsDemo, rosa: TeamsPerson):
    product.service.faults.add("update", "status", 503, times=7)
    card = await draft_within(rosa, 40)
    assert CANARY in json.dumps(card)
    assert len([message for message in rosa.messages() if message.get("attachments")]) == 1


async def test_a_card_to_which_teams_gives_no_id_still_brings_the_draft(product: TeamsDemo, rosa: TeamsPerson):
    product.service.gives_ids = False
    assert CANARY in json.dumps(await draft_within(rosa, 10))


async def draft_within(rosa: TeamsPerson, seconds: float) -> Any:
    await rosa.say(f"soap JD-014 yesterday 10:00 50min: {SUMMARY}")
    return await rosa.until_notice(words.DRAFT_NOTICE, within=seconds)
