"""A review in Teams by signed requests: the same story as in Slack, in the channel and in dialogs."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from bot.cards import review_words, words
from bot.domain.note import Note, State
from bot.domain.supervision import Mode
from demo.teams import TeamsDemo
from demo.teams_person import TeamsPerson, answer_of, button_of, card_of, inputs_of, is_coming, texts_of
from tests.teams.test_main_job import CANARY, SUMMARY
from tests.teams.test_typed_text_stays import LONG

CHANNEL = "19:larkspur-review-example@thread.tacv2"
ASKED, WHOLE = "Please say since when she sleeps better.", "Good work; one small thing."
ADDED = "Sleeps better since Monday."


@pytest.fixture
async def people(product: TeamsDemo) -> Sequence[TeamsPerson]:
    """The associate, his two supervisors and another clinician, each of whom has met the bot."""
    found = [TeamsPerson(product.service, number) for number in (6, 1, 3, 4)]
    for person in found:
        await person.say("hi")
        await person.until_notice(words.HELP_TITLE)
    return found


@pytest.fixture
def sam(people: Sequence[TeamsPerson]) -> TeamsPerson:
    """An associate: every note of his is co-signed."""
    return people[0]


@pytest.fixture
def miriam(people: Sequence[TeamsPerson]) -> TeamsPerson:
    return people[1]


@pytest.fixture
def chidinma(people: Sequence[TeamsPerson]) -> TeamsPerson:
    return people[2]


async def submit(sam: TeamsPerson, text: str = SUMMARY) -> Mapping[str, Any]:
    """Draft and sign; returns the channel's card."""
    await sam.say(f"soap HR-053 yesterday 10:00 50min: {text}")
    await sam.until_notice(words.DRAFT_NOTICE)
    return await sign(sam)


async def sign(sam: TeamsPerson) -> Mapping[str, Any]:
    task = await sam.open("sign")
    while task:
        task = await sam.submit(task)
    await sam.until_notice(review_words.IN_REVIEW_NOTICE, within=15)
    await sam.until(lambda: waiting(sam), within=15)
    return waiting(sam)[-1]


def channel(person: TeamsPerson) -> list[Any]:
    """The cards of the review channel, oldest first."""
    shown = [activity for (chat, _), activity in person.service.shown.items() if chat.startswith(CHANNEL)]
    return [card_of(activity) for activity in shown if not is_coming(activity)]


def waiting(person: TeamsPerson) -> list[Any]:
    return [card for card in channel(person) if card.get("speak") == review_words.NOTICE]


async def pressed(person: TeamsPerson, card: Mapping[str, Any], action: str = "review") -> dict[str, Any]:
    """Press a button of a card in the channel that opens a dialog."""
    data = button_of(dict(card), action)["data"]
    where = {"id": CHANNEL, "conversationType": "channel", "tenantId": person.service.tenant_id}
    answer = await person.invoke("task/fetch", {"data": data}, conversation=where)
    return dict(answer["task"])


def shown_in(task: Mapping[str, Any] | None) -> Any:
    assert task is not None
    return task["value"]["card"]["content"]


def said_in(task: Mapping[str, Any] | None) -> str:
    return " ".join(texts_of(shown_in(task)))


async def note_of(product: TeamsDemo) -> Note:
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        found = [note_id for state in State for note_id in await unit.notes.in_states([state], 10)]
        return await unit.notes.get(found[-1])


async def test_from_the_associates_signature_to_a_note_that_two_signed(
    product: TeamsDemo, sam: TeamsPerson, miriam: TeamsPerson
):
    card = await submit(sam)
    assert texts_of(dict(card))[0] == "HR-053 · SOAP"
    assert CANARY not in json.dumps(card)
    await miriam.until_notice(review_words.NOTICE)
    assert CANARY not in json.dumps(miriam.messages())

    task = await pressed(miriam, card)
    assert CANARY in said_in(task)
    assert review_words.attestation_of(Mode.COSIGN) in said_in(task)
    typed = {"comment.subjective": ASKED, "comment": WHOLE, "decision": "changes"}
    assert await miriam.submit(task, typed) is None
    await sam.until_notice(review_words.CHANGES_NOTICE, within=15)
    assert all(text in " ".join(texts_of(sam.card())) for text in (ASKED, WHOLE, "Miriam Weiss"))
    await sam.until(lambda: not waiting(sam), within=15)
    assert "asked for changes" in texts_of(channel(sam)[-1])[0]
    assert ASKED not in json.dumps(channel(sam))

    edit = await sam.open("edit")
    assert ASKED in said_in(edit)
    name = next(name for name in inputs_of(shown_in(edit)) if name.startswith("section.subjective."))
    assert await sam.submit(edit, {name: f"{inputs_of(shown_in(edit))[name]}\n{ADDED}"}) is None
    await sam.until(lambda: review_words.CHANGES_SINCE in texts_of(sam.card()))
    again = await sign(sam)

    task = await pressed(miriam, again)
    assert review_words.CHANGED_SINCE in texts_of(shown_in(task))
    assert ASKED in said_in(task)
    assert await miriam.submit(task, {"decision": "approve", "comment": "Thank you."}) is None
    await sam.until_notice(words.RECEIPT_NOTICE, within=15)
    assert "co-signed by Miriam Weiss" in " ".join(texts_of(sam.card()))
    assert "Thank you." in said_in(await sam.open("review_comments"))
    text = next((product.folder / "filed-notes" / "HR-053").glob("*.txt")).read_text("utf-8")
    assert "Co-signed by Miriam Weiss, PsyD, Licensed Clinical Psychologist (supervisor)" in text
    assert ADDED in text


async def test_who_is_no_supervisor_reads_nothing_and_hears_why(
    product: TeamsDemo, sam: TeamsPerson, people: Sequence[TeamsPerson]
):
    card = await submit(sam)
    for person in (sam, people[3]):
        task = await pressed(person, card)
        assert task["type"] == "message"
        assert CANARY not in json.dumps(task)
    assert (await note_of(product)).state is State.IN_REVIEW


async def test_the_second_supervisor_keeps_what_was_typed_and_hears_who_was_first(
    product: TeamsDemo, sam: TeamsPerson, miriam: TeamsPerson, chidinma: TeamsPerson
):
    card = await submit(sam)
    late, first = await pressed(chidinma, card), await pressed(miriam, card)
    assert await miriam.submit(first, {"decision": "approve"}) is None
    assert await miriam.submit(first, {"decision": "approve"}) is None  # sent twice: one effect
    refused = await chidinma.submit(late, {"comment.plan": "Which step?", "decision": "changes"})
    assert "Miriam Weiss" in said_in(refused)
    assert "Which step?" in inputs_of(shown_in(refused)).values()
    note = await note_of(product)
    assert [signature.role for signature in note.standing] == ["clinician", "supervisor"]


async def test_who_shares_a_section_first_loses_no_comment(sam: TeamsPerson, miriam: TeamsPerson):
    card = await submit(sam)
    task = await pressed(miriam, card)
    kept = await miriam.submit(task, {"comment.plan": "Which step?", "decision": "changes"}, button="teach")
    assert review_words.COMMENTS_FIRST in said_in(kept)
    assert "Which step?" in inputs_of(shown_in(kept)).values()


async def test_after_a_withdrawal_nothing_can_be_decided(product: TeamsDemo, sam: TeamsPerson, miriam: TeamsPerson):
    card = await submit(sam)
    task = await pressed(miriam, card)
    await sam.press("review_withdraw")
    await sam.until_notice(words.DRAFT_NOTICE)
    assert CANARY in json.dumps(sam.card())
    refused = await miriam.submit(task, {"comment": "Nearly there.", "decision": "changes"})
    assert "Nearly there." in inputs_of(shown_in(refused)).values()
    assert (await note_of(product)).state is State.DRAFT
    assert (await pressed(miriam, card))["type"] == "message"


async def test_a_long_note_is_read_page_by_page_and_commented_on_its_last(sam: TeamsPerson, miriam: TeamsPerson):
    card = await submit(sam, LONG)
    task: Any = await pressed(miriam, card)
    pages = 1
    while "decision" not in inputs_of(shown_in(task)):
        assert not inputs_of(shown_in(task))
        task, pages = await miriam.submit(task), pages + 1
    assert pages > 1
    refused = await miriam.submit(task, {"comment.plan": "Which step?"})
    assert review_words.NEEDS_DECISION in said_in(refused)
    assert inputs_of(shown_in(refused))["comment.plan"] == "Which step?"
    assert await miriam.submit(refused, {"decision": "changes"}) is None
    await sam.until_notice(review_words.CHANGES_NOTICE, within=15)
    assert "Which step?" in texts_of(sam.card())


async def test_reassigned_and_snoozed(sam: TeamsPerson, miriam: TeamsPerson, chidinma: TeamsPerson):
    card = await submit(sam)
    task = await pressed(miriam, card, "review_snooze")
    assert await miriam.submit(task, {"until": "4"}) is None
    task = await pressed(miriam, card, "review_reassign")
    assert CANARY not in json.dumps(task)
    assert await miriam.submit(task, {"supervisor": "okafor"}) is None
    await sam.until(lambda: "Miriam Weiss" not in " ".join(texts_of(sam.card())), within=15)
    assert (await pressed(miriam, card))["type"] == "message"
    assert (await pressed(chidinma, waiting(chidinma)[-1]))["type"] == "continue"
    assert answer_of(await pressed(chidinma, waiting(chidinma)[-1]))["form"] == "review"
