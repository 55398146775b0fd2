"""Notes in review: who may act on them, what comes of it, and that the first to act clears it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.acts.reviews import open_form, open_message, submit_review
from bot.cards import review_words
from bot.cards.elements import Actions, Button, Card, Form, Prose
from bot.domain.errors import NotAllowed, Stale, UserMistake
from bot.domain.house import HouseStyle
from bot.domain.ids import NoteId
from bot.domain.note import Note, State, signatures_complete
from bot.domain.people import Person, Role
from bot.domain.review import Comment, Outcome
from bot.domain.review_times import ReviewRules
from bot.domain.voice import Voice
from bot.ports import Place, Posted
from bot.workflows.approve_note import approve_note
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.remind_reviews import remind_review
from bot.workflows.review_note import (
    approve_review,
    open_review,
    reassign_review,
    request_changes,
    reviews_waiting,
    snooze_review,
    withdraw_review,
)
from bot.workflows.revise_note import discard_note, revise_note
from bot.workflows.show_note import Screens
from bot.workflows.start_draft import NewNote, start_draft
from bot.workflows.supervision_page import supervision_page
from tests.workflows.factories import ASSOCIATE, CANARY, MIRIAM, NORA, ROSA, SUMMARY, FixedClock, RecordingChat, desk

DAY = FixedClock.at.date()


async def submitted(at: Desk, author: Person = ASSOCIATE) -> Note:
    started = await start_draft(at, author, NewNote(SUMMARY, f"slack:{at.clock.now()}", "slack"))
    await draft_note(at, started.note_id)
    return await signed(at, started.note_id, author)


async def signed(at: Desk, note_id: NoteId, author: Person = ASSOCIATE) -> Note:
    note = (await open_note(at, note_id)).note
    return await approve_note(at, author, note_id, note.version, "slack", "JD-014", DAY)


async def acts_of(at: Desk, note_id: NoteId) -> list[str]:
    async with at.database.reading(at.id) as unit:
        return [act.act for act in await unit.audit.acts(note_id)]


async def test_a_signed_note_waits_for_its_supervisor_and_nothing_is_filed():
    at = desk()
    note = await submitted(at)
    opened = await open_note(at, note.id)
    assert (opened.note.state, opened.note.review.supervisors, list(opened.filings)) == (
        State.IN_REVIEW,
        (MIRIAM.id,),
        [],
    )
    assert (await acts_of(at, note.id))[-2:] == ["signed", "submitted for review"]
    assert [row.note_id for row in await reviews_waiting(at, MIRIAM)] == [note.id]


async def test_a_co_signature_completes_it_and_opens_its_filings():
    at = desk()
    note = await submitted(at)
    done = await approve_review(at, MIRIAM, note.id, note.version, [], "teams")
    assert [(s.person_id, s.role) for s in done.standing] == [(ASSOCIATE.id, "clinician"), (MIRIAM.id, "supervisor")]
    assert signatures_complete(done)
    opened = await open_note(at, note.id)
    assert [filing.target for filing in opened.filings] == ["folder"]
    assert (opened.rounds[0].outcome, opened.rounds[0].decided_by) == (Outcome.APPROVED, MIRIAM.id)
    assert (await acts_of(at, note.id))[-1] == "co-signed"


async def test_a_format_that_vanished_meanwhile_is_still_called_by_its_name():
    at = desk()
    note = await submitted(at)
    at.kept_formats["soap", note.format_version] = replace(at.formats["soap"], name="Our own SOAP")
    without = replace(at, formats={name: fmt for name, fmt in at.formats.items() if name != "soap"})
    chat, rules = RecordingChat(), ReviewRules(channels={"slack": "C-review"})
    await Screens(replace(without, reviewing=rules), {"slack": chat}).show(note.id)
    about_it = [repr(card) for card in chat.cards.values()]
    assert len(about_it) == 3
    assert all("Our own SOAP" in said for said in about_it), about_it
    assert (await open_review(without, MIRIAM, note.id, "slack")).note == note
    assert "Our own SOAP" in repr(await supervision_page(without, MIRIAM, "slack"))


async def test_changes_are_asked_for_made_and_sent_again():
    at = desk()
    note = await submitted(at)
    comment = Comment("subjective", "Whose words are these?")
    asked = await request_changes(at, MIRIAM, note.id, note.version, [comment, Comment("", "  ")], "slack")
    assert (asked.state, asked.standing, asked.review.comments) == (State.CHANGES_REQUESTED, (), (comment,))
    await revise_note(at, ASSOCIATE, note.id, asked.version, {"plan": "Exposure step 3."}, "slack")
    again = await signed(at, note.id)
    assert (again.state, len(again.reviews), again.version) == (State.IN_REVIEW, 2, asked.version + 1)
    reading = await open_review(at, MIRIAM, note.id, "slack")
    assert reading.earlier == note.statements
    assert (await acts_of(at, note.id))[-1] == "review opened"


async def test_the_channel_and_the_supervisor_get_a_card_each_that_becomes_a_line():
    at = replace(desk(), reviewing=ReviewRules(channels={"slack": "C1"}))
    chat = RecordingChat()
    screens = Screens(at, {"slack": chat})
    note = await submitted(at)
    for _ in range(2):
        await screens.show(note.id)
    channels = {posted.channel: card for posted, card in chat.cards.items()}
    assert sorted(channels) == ["C1", "D-Uassociate", "D-Umiriam"]
    assert len(chat.cards) == 3
    assert buttons(channels["C1"]) == buttons(channels["D-Umiriam"]) == ["review", "review_reassign", "review_snooze"]
    await approve_review(at, MIRIAM, note.id, note.version, [], "slack")
    await screens.show(note.id)
    channels = {posted.channel: card for posted, card in chat.cards.items()}
    assert buttons(channels["C1"]) == buttons(channels["D-Umiriam"]) == []
    assert CANARY not in repr([channels["C1"], channels["D-Umiriam"]])
    async with at.database.reading(at.id) as unit:
        assert await unit.cards.review_cards(note.id) == []


def buttons(card: Card) -> list[str]:
    return [
        item.action
        for row in card.elements
        if isinstance(row, Actions)
        for item in row.items
        if isinstance(item, Button)
    ]


async def test_nothing_is_edited_or_given_up_while_it_waits_and_its_author_may_take_it_back():
    at = desk()
    note = await submitted(at)
    for act in (
        revise_note(at, ASSOCIATE, note.id, note.version, {"plan": "Other."}, "slack"),
        discard_note(at, ASSOCIATE, note.id, "slack"),
        signed(at, note.id),
    ):
        with pytest.raises(Stale, match="in_review"):
            await act
    with pytest.raises(NotAllowed):
        await withdraw_review(at, MIRIAM, note.id, "slack")
    back = await withdraw_review(at, ASSOCIATE, note.id, "slack")
    assert await withdraw_review(at, ASSOCIATE, note.id, "slack") == back
    assert (back.state, back.standing) == (State.DRAFT, ())
    assert (await acts_of(at, note.id)).count("review withdrawn") == 1


async def test_who_comes_second_hears_who_was_first_and_the_same_press_twice_is_one():
    at = desk()
    note = await submitted(at)
    done = await approve_review(at, MIRIAM, note.id, note.version, [], "slack")
    assert await approve_review(at, MIRIAM, note.id, note.version, [], "slack") == done
    with pytest.raises(Stale) as told:
        await request_changes(at, MIRIAM, note.id, note.version, [Comment("", "Late.")], "slack")
    assert told.value.sentence == "You co-signed this note at 14:02."
    with pytest.raises(Stale) as late:
        await withdraw_review(at, ASSOCIATE, note.id, "slack")
    assert late.value.sentence == "Miriam co-signed this note at 14:02."
    assert (await acts_of(at, note.id)).count("co-signed") == 1


@pytest.mark.parametrize("actor", [ROSA, NORA, ASSOCIATE, None])
async def test_nobody_else_reads_or_decides(actor):
    at = desk()
    note = await submitted(at)
    for act in (
        approve_review(at, actor, note.id, note.version, [], "slack"),
        request_changes(at, actor, note.id, note.version, [Comment("", "No.")], "slack"),
        open_review(at, actor, note.id, "slack"),
        snooze_review(at, actor, note.id, 2, "slack"),
    ):
        with pytest.raises(NotAllowed):
            await act
    assert (await open_note(at, note.id)).note == note


async def test_an_administrator_may_give_it_to_another_supervisor_only():
    second = replace(MIRIAM, id="second", name="Second", supervisees=())
    at = desk(people=(ROSA, NORA, ASSOCIATE, MIRIAM, second))
    note = await submitted(at)
    for wrong in ([], [ROSA.id], [ASSOCIATE.id], [second.id, "nobody"]):
        with pytest.raises(UserMistake, match="needs_supervisor"):
            await reassign_review(at, NORA, note.id, wrong, "slack")
    given = await reassign_review(at, NORA, note.id, [second.id], "slack")
    assert await reassign_review(at, NORA, note.id, [second.id], "slack") == given
    assert (await acts_of(at, note.id)).count("review reassigned") == 1
    with pytest.raises(NotAllowed):
        await approve_review(at, MIRIAM, note.id, note.version, [], "slack")
    assert (await approve_review(at, second, note.id, note.version, [], "slack")).state is State.APPROVED


async def test_a_supervisor_who_presses_too_late_sees_the_card_as_it_is():
    at = desk()
    chat = RecordingChat()
    screens = Screens(at, {"slack": chat})
    note = await submitted(at)
    await screens.show(note.id)
    await withdraw_review(at, ASSOCIATE, note.id, "slack")
    await screens.show(note.id, None, MIRIAM.id)
    cards = [card for posted, card in chat.cards.items() if posted.channel == "D-Umiriam"]
    assert [buttons(card) for card in cards] == [[]]


class SlowChat(RecordingChat):
    """One that answers in its own time, so that others come in between."""

    posts = 0

    async def post(self, place: Place, card: Card) -> Posted:
        self.posts += 1
        for _ in range(20):
            await asyncio.sleep(0)
        return await super().post(place, card)


async def test_two_processes_that_show_a_review_at_once_leave_one_card_in_each_place():
    at = replace(desk(), reviewing=ReviewRules(channels={"slack": "C1"}))
    chat = SlowChat()
    note = await submitted(at)
    processes = [Screens(at, {"slack": chat}) for _ in range(2)]
    opened = await open_note(at, note.id)
    await asyncio.gather(*(screens.supervisors.tell(opened) for screens in processes))
    channels = [posted.channel for posted in chat.cards]
    assert (channels.count("C1"), channels.count("D-Umiriam")) == (1, 1)
    assert all("review" in buttons(card) for card in chat.cards.values())
    assert chat.posts > 2, "both had begun"
    async with at.database.reading(at.id) as unit:
        assert len(await unit.cards.review_cards(note.id)) == 2


async def test_two_processes_that_remind_at_once_leave_one_reminder():
    clock = FixedClock()
    at = replace(desk(clock), reviewing=ReviewRules())
    chat = SlowChat()
    note = await submitted(at)
    processes = [Screens(at, {"slack": chat}) for _ in range(2)]
    await processes[0].supervisors.tell(await open_note(at, note.id))
    clock.at += timedelta(hours=25)
    [row] = await reviews_waiting(at, MIRIAM)
    assert await remind_review(at, row)
    assert not await remind_review(at, row), "the same row, as the other process read it"
    opened = await open_note(at, note.id)
    chat.posts = 0
    await asyncio.gather(*(screens.supervisors.tell(opened) for screens in processes))
    assert [posted.channel for posted in chat.cards] == ["D-Umiriam"]
    assert chat.posts == 2, "both had begun"
    for screens in processes:
        await screens.supervisors.tell(opened)
    assert ([posted.channel for posted in chat.cards], chat.posts) == (["D-Umiriam"], 2)


async def test_which_risk_was_spoken_of_is_not_kept_beside_the_note():
    """The index of reviews is not sealed."""
    at = desk()
    summary = "- ct said she has been cutting again\n- reviewed thought record\n- ct calmer after\n- plan: step 2"
    started = await start_draft(at, ASSOCIATE, NewNote(summary, "", "slack", "soap"))
    await draft_note(at, started.note_id)
    note = await signed(at, started.note_id)
    assert any(gap.check_id.startswith("risk_words_") for gap in at.gaps_of(note))
    [row] = await reviews_waiting(at, MIRIAM)
    assert row.findings[0] == "risk_words"


async def test_who_reads_the_comments_on_somebody_elses_note_stands_in_the_audit_log():
    at = desk()
    note = await submitted(at)
    comment = Comment("subjective", "Whose words are these?")
    await approve_review(at, MIRIAM, note.id, note.version, [comment], "slack")
    await open_form(at, ASSOCIATE, "review_comments", note.id, "slack")
    assert (await acts_of(at, note.id))[-1] == "co-signed"
    await open_form(at, MIRIAM, "review_comments", note.id, "teams")
    assert (await acts_of(at, note.id))[-1] == "viewed"


def parts_of(form: Form) -> str:
    return repr(form.fields)


async def test_what_is_said_of_one_round_is_not_said_of_the_next():
    at = desk()
    note = await submitted(at)
    late = await open_form(at, MIRIAM, "review", note.id, "slack")
    form_id, _, version = late.context.rpartition(":")
    await withdraw_review(at, ASSOCIATE, note.id, "slack")
    again = await signed(at, note.id)
    assert again.version == int(version)  # sent again without a change
    values = {"comment": "Which step?", "decision": "changes"}
    with pytest.raises(Stale, match="not_in_review"):
        await submit_review(at, MIRIAM, "review", form_id, int(version), values, "slack")
    assert (await open_note(at, note.id)).note == again
    present = await open_form(at, MIRIAM, "review", note.id, "slack")
    form_id, _, version = present.context.rpartition(":")
    await submit_review(at, MIRIAM, "review", form_id, int(version), values, "slack")
    third = await signed(at, note.id)
    await submit_review(at, MIRIAM, "review", form_id, int(version), values, "slack")  # the same sending once more
    assert (await open_note(at, note.id)).note == third


async def test_who_decided_reads_what_they_decided_on_and_not_the_authors_draft():
    at = desk()
    note = await submitted(at)
    asked = await request_changes(at, MIRIAM, note.id, note.version, [Comment("plan", "Which step?")], "slack")
    await revise_note(at, ASSOCIATE, note.id, asked.version, {"plan": "A sentence of the draft."}, "slack")
    form = await open_form(at, MIRIAM, "review", note.id, "slack")
    _, card = await open_message(at, MIRIAM, note.id, "slack")
    for shown in (parts_of(form), repr(card.elements)):
        assert "A sentence of the draft." not in shown
        assert "Which step?" in shown
        assert CANARY in shown
    assert not form.submit
    assert buttons(card) == []


async def test_a_reading_is_one_row_of_the_audit_log_however_many_pages_it_has():
    at = desk()
    note = await submitted(at)
    await open_form(at, MIRIAM, "review", note.id, "teams", again=True)  # never opened before: it is a reading
    for _ in range(3):
        await open_form(at, MIRIAM, "review", note.id, "teams", again=True)
    assert (await acts_of(at, note.id)).count("review opened") == 1
    await open_form(at, MIRIAM, "review", note.id, "teams")
    assert (await acts_of(at, note.id)).count("review opened") == 2


async def test_who_approved_and_says_something_else_hears_that_it_is_done():
    at = desk()
    note = await submitted(at)
    await approve_review(at, MIRIAM, note.id, note.version, [], "slack")
    with pytest.raises(Stale) as told:
        await approve_review(at, MIRIAM, note.id, note.version, [Comment("", "One thing.")], "slack")
    assert told.value.sentence == "You co-signed this note at 14:02."


async def test_checks_are_green_only_when_nothing_is_open_and_the_form_offers_to_share():
    at = replace(desk(), house=HouseStyle(Voice(person="client")))
    typed = "the patient sleeps better. plan: exposure step 2"
    started = await start_draft(at, ASSOCIATE, NewNote(typed, "s:1", "slack"))
    await draft_note(at, started.note_id)
    note = await signed(at, started.note_id)
    assert "client_word" in (await open_note(at, note.id)).rounds[0].findings
    form = await open_form(at, MIRIAM, "review", note.id, "slack")
    assert review_words.CHECKS_GREEN not in parts_of(form)
    (found,) = [f for f in form.fields if isinstance(f, Prose) and f.title == review_words.CHECKS_OPEN]
    assert "patient" in repr(found.paragraphs)
    assert [item.action for f in form.fields if isinstance(f, Actions) for item in f.items] == ["teach"]


@pytest.mark.parametrize("change", [{"active": False}, {"roles": frozenset({Role.CLINICIAN})}])
async def test_who_left_while_the_dialog_was_open_decides_nothing(change):
    at = desk()
    note = await submitted(at)
    gone = replace(MIRIAM, **change)
    for act in (approve_review, request_changes):
        with pytest.raises(NotAllowed):
            await act(at, gone, note.id, note.version, [Comment("", "Late.")], "slack")
    assert (await open_note(at, note.id)).note == note
