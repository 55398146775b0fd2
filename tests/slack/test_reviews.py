"""A review in Slack by signed requests: from an associate's signature to a note that two people signed."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from bot.cards import review_words, words
from bot.domain.ids import NoteId
from bot.domain.note import Note, State
from bot.domain.supervision import Mode
from demo.driver import Person
from demo.run import Demo
from tests.doubles.canary import captured_logs
from tests.slack.conftest import BRANDT, WEISS
from tests.slack.test_main_job import CANARY, SUMMARY, card, dialog, initial, ready, text_of
from tests.slack.test_plans import assert_only_as_text

HAYES, OKAFOR = "U0EXAMPLE06", "U0EXAMPLE03"
CHANNEL = "C0EXAMPLE10"
ASKED, WHOLE = "Please say since when she sleeps better.", "Good work; one small thing."
ADDED = "Sleeps better since Monday."


@pytest.fixture
def sam(product: Demo) -> Person:
    """An associate: every note of his is co-signed."""
    return Person(product.workspace, HAYES)


@pytest.fixture
def miriam(product: Demo) -> Person:
    return Person(product.workspace, WEISS)


@pytest.fixture
def chidinma(product: Demo) -> Person:
    return Person(product.workspace, OKAFOR)


async def submit(sam: Person, within: float = 15) -> Any:
    """Draft and sign; returns the channel's card."""
    await sam.command("/note", f"soap HR-053 yesterday 10:00 50min: {SUMMARY}")
    await ready(sam)
    return await sign(sam, within)


async def sign(sam: Person, within: float = 15) -> Any:
    await sam.submit(await dialog(sam, "sign", "sign"))
    await sam.until(lambda: card(sam).text == review_words.IN_REVIEW_NOTICE, within)
    await sam.until(lambda: waiting(sam), within)
    return waiting(sam)[-1]


def waiting(person: Person, channel: str = CHANNEL) -> Sequence[Any]:
    """The cards that wait there; one that is only coming has no buttons yet."""
    return [message for message in person.messages(channel) if "review_reassign" in text_of(message)]


async def opened(person: Person, seen: Any, action: str = "review") -> Any:
    await person.click(seen, action)
    await person.until(lambda: person.views() and person.view().definition["callback_id"] not in ("", "loading"))
    return person.view()


async def note_of(product: Demo) -> Note:
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        found = [note_id for state in State for note_id in await unit.notes.in_states([state], 10)]
        return await unit.notes.get(NoteId(found[-1]))


def said_in(view: Any) -> str:
    return json.dumps(view.definition, ensure_ascii=False)


async def test_from_the_associates_signature_to_a_note_that_two_signed(product: Demo, sam: Person, miriam: Person):
    seen = await submit(sam)
    shown = text_of(seen)
    assert "HR-053 · SOAP" in shown
    assert review_words.DISCUSS in shown
    assert CANARY not in shown
    assert [item["action_id"] for item in seen.blocks[-2]["elements"]] == ["review", "review_reassign", "review_snooze"]
    assert "Miriam Weiss" in text_of(card(sam))
    assert CANARY not in text_of(card(sam))
    await miriam.until(lambda: waiting(miriam, miriam.dm()))
    assert CANARY not in text_of(waiting(miriam, miriam.dm())[-1])

    view = await opened(miriam, seen)
    assert CANARY in said_in(view)
    assert review_words.attestation_of(Mode.COSIGN) in said_in(view)
    await miriam.submit(view, {"comment.subjective": ASKED, "comment": WHOLE, "decision": "changes"})
    assert not miriam.views()
    await sam.until(lambda: card(sam).text == review_words.CHANGES_NOTICE, within=15)
    assert all(text in text_of(card(sam)) for text in (ASKED, WHOLE, "Miriam Weiss"))
    await miriam.until(lambda: not waiting(miriam) and not waiting(miriam, miriam.dm()), within=15)
    assert "asked for changes" in text_of(miriam.messages(CHANNEL)[-1])
    assert ASKED not in json.dumps([message.blocks for message in miriam.messages(CHANNEL)])

    form = await dialog(sam, "edit", "edit")
    assert ASKED in said_in(form)
    name = next(name for name in initial(form) if name.startswith("section.subjective."))
    await sam.submit(form, {name: f"{initial(form)[name]}\n{ADDED}"})
    await sam.until(lambda: review_words.CHANGES_SINCE in text_of(card(sam)))
    again = await sign(sam)

    view = await opened(miriam, again)
    assert review_words.CHANGED_SINCE in said_in(view)
    assert ASKED in said_in(view)
    await miriam.submit(view, {"decision": "approve", "comment": "Thank you."})
    await sam.until(lambda: card(sam).text == words.RECEIPT_NOTICE, within=15)
    assert "co-signed by Miriam Weiss" in text_of(card(sam))
    await miriam.until(lambda: not waiting(miriam), within=15)
    assert "co-signed by Miriam Weiss" in text_of(miriam.messages(CHANNEL)[-1])
    comments = await opened(sam, card(sam), "review_comments")
    assert "Thank you." in said_in(comments)
    text = next((product.folder / "filed-notes" / "HR-053").glob("*.txt")).read_text("utf-8")
    assert "Signed by Samuel Hayes, LMSW (clinician)" in text
    assert "Co-signed by Miriam Weiss, PsyD, Licensed Clinical Psychologist (supervisor)" in text
    assert ADDED in text
    outside = [body for sent in product.workspace.sent for body in [sent.body.decode()] if CHANNEL in body]
    assert outside
    assert not [body for body in outside if CANARY in body or ASKED in body]


async def test_who_is_no_supervisor_reads_nothing_and_hears_why(product: Demo, sam: Person):
    seen = await submit(sam)
    for user in (HAYES, "U0EXAMPLE04", BRANDT):
        person = Person(product.workspace, user)
        view = await opened(person, seen)
        assert view.definition["callback_id"] == "message"
        assert CANARY not in said_in(view)
    assert (await note_of(product)).state is State.IN_REVIEW


async def test_the_second_supervisor_keeps_what_was_typed_and_hears_who_was_first(
    product: Demo, sam: Person, miriam: Person, chidinma: Person
):
    seen = await submit(sam)
    late, first = await opened(chidinma, seen), await opened(miriam, seen)
    await miriam.submit(first, {"decision": "approve"})
    await miriam.submit(first, {"decision": "approve"})  # twice: the view is gone, and nothing more comes of it
    await chidinma.submit(late, {"comment.plan": "Which step?", "decision": "changes"})
    assert "Miriam Weiss" in str(chidinma.view().errors)
    assert "Which step?" in json.dumps(chidinma.view().values)
    note = await note_of(product)
    assert [signature.role for signature in note.standing] == ["clinician", "supervisor"]
    assert len(note.reviews) == 1


async def test_after_a_withdrawal_nothing_can_be_decided(product: Demo, sam: Person, miriam: Person):
    seen = await submit(sam)
    view = await opened(miriam, seen)
    await sam.click(card(sam), "review_withdraw")
    await sam.until(lambda: card(sam).text == words.DRAFT_NOTICE)
    assert "took it back" in text_of(card(sam))
    assert CANARY in text_of(card(sam))
    await miriam.submit(view, {"comment": "Nearly there.", "decision": "changes"})
    assert miriam.view().errors
    assert (await note_of(product)).state is State.DRAFT
    await miriam.close(everything=True)
    refused = await opened(miriam, seen)  # the card as it was before
    assert refused.definition["callback_id"] == "message"
    await miriam.until(lambda: not waiting(miriam), within=15)


async def test_changes_need_a_comment_and_the_form_needs_a_decision(sam: Person, miriam: Person):
    view = await opened(miriam, await submit(sam))
    await miriam.submit(view, {"comment.plan": "Which?"})
    assert review_words.NEEDS_DECISION in str(miriam.view().errors) or "decision" in str(miriam.view().errors)
    await miriam.submit(miriam.view(), {"comment.plan": "", "decision": "changes"})
    assert "comment" in miriam.view().errors


async def test_where_the_dialog_does_not_open_the_note_comes_for_this_supervisor_alone(
    product: Demo, sam: Person, miriam: Person
):
    seen = await submit(sam)
    product.workspace.faults.add("views.open", "error", "expired_trigger_id")
    await miriam.click(seen, "review")
    await miriam.until(lambda: miriam.ephemerals(CHANNEL))
    alone = miriam.ephemerals(CHANNEL)[-1]
    assert alone.text == review_words.NOTICE
    assert CANARY in text_of(alone)
    assert CANARY not in json.dumps([message.blocks for message in sam.messages(CHANNEL)])
    await miriam.click(alone, "review_approve")
    await sam.until(lambda: card(sam).text == words.RECEIPT_NOTICE, within=15)
    await miriam.until(lambda: CANARY not in json.dumps([m.blocks for m in miriam.messages(CHANNEL)]))
    assert [signature.name for signature in (await note_of(product)).standing] == ["Samuel Hayes", "Miriam Weiss"]


async def test_reassigned_and_snoozed(product: Demo, sam: Person, miriam: Person, chidinma: Person):
    seen = await submit(sam)
    view = await opened(miriam, seen, "review_snooze")
    await miriam.submit(view, {"until": "morning"})
    assert not miriam.views()
    view = await opened(miriam, seen, "review_reassign")
    assert CANARY not in said_in(view)
    await miriam.submit(view, {"supervisor": "okafor"})
    await chidinma.until(lambda: waiting(chidinma, chidinma.dm()), within=15)
    await sam.until(lambda: "Miriam Weiss" not in text_of(card(sam)), within=15)
    refused = await opened(miriam, seen)
    assert refused.definition["callback_id"] == "message"
    assert CANARY not in said_in(refused)
    assert (await opened(chidinma, waiting(chidinma)[-1])).definition["callback_id"] == "review"


async def test_no_text_of_a_review_is_where_it_must_not_be(
    product: Demo, sam: Person, miriam: Person, capfd: pytest.CaptureFixture[str]
):
    """The summary's, a section's and the general comment's: in the direct chat and dialogs only, and sealed at rest."""
    on_section, general = f"Since when? {CANARY}", f"Nearly there, {CANARY}."
    with captured_logs() as logs:
        view = await opened(miriam, await submit(sam))
        await miriam.submit(view, {"comment.subjective": on_section, "comment": general, "decision": "changes"})
        await sam.until(lambda: card(sam).text == review_words.CHANGES_NOTICE, within=15)
        form = await dialog(sam, "edit", "edit")
        name = next(name for name in initial(form) if name.startswith("section.plan."))
        await sam.submit(form, {name: f"{initial(form)[name]}\nAsk about {CANARY} on Monday."})
        await sam.until(lambda: review_words.CHANGES_SINCE in text_of(card(sam)))
        view = await opened(miriam, await sign(sam))
        await miriam.submit(view, {"decision": "approve", "comment": general})
        await sam.until(lambda: card(sam).text == words.RECEIPT_NOTICE, within=15)
        await opened(sam, card(sam), "review_comments")
        await product.application.work.idle()
    assert CANARY not in logs.getvalue() + "".join(capfd.readouterr())
    for path in product.folder.rglob("*"):
        if path.is_file() and "filed-notes" not in path.parts:
            assert CANARY.encode() not in path.read_bytes(), path.name
    said = [sent for sent in product.workspace.sent if CANARY.encode() in sent.body]
    assert said
    for sent in said:
        assert CHANNEL not in sent.body.decode()
        assert_only_as_text(sent.body)
    desk = product.application.desk
    async with desk.database.reading(desk.id) as unit:
        acts = [(act.actor, act.act, act.via, bool(act.version_hash)) for act in await unit.audit.acts()]
        assert await unit.audit.verify() is None
    assert CANARY not in repr(acts)
    reviewed = [act[:2] for act in acts if "review" in act[1] or act[1] in ("signed", "changes requested", "co-signed")]
    once = [("hayes", "signed"), ("hayes", "submitted for review"), ("weiss", "review opened")]
    assert reviewed == [*once, ("weiss", "changes requested"), *once, ("weiss", "co-signed")]
    assert all(act[2:] == ("slack", True) for act in acts if act[:2] in reviewed)
