"""A note that the storage did not take, or perhaps did: who may answer, what an answer does, who hears of it."""

import hashlib
from dataclasses import replace

import pytest

from bot.cards import filing_words
from bot.cards.elements import Card
from bot.domain.errors import NotAllowed, Permanent, Stale, Temporary
from bot.domain.filing import Filing, FilingState, Reason, code_of
from bot.domain.ids import NoteId
from bot.domain.note import State
from bot.domain.people import Person, Role
from bot.workflows.answer_filing import Answer, answer_as_operator, answer_filing
from bot.workflows.approve_note import approve_note
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.show_note import Screens
from bot.workflows.start_draft import NewNote, start_draft
from tests.workflows.factories import (
    CANARY,
    NORA,
    ROSA,
    SUMMARY,
    TOBIAS,
    FixedClock,
    RecordingChat,
    desk,
    person,
)

LOST = code_of("fhir", Reason.LOST)
DENIED = code_of("fhir", Reason.NOT_ALLOWED, 401)
OTHER = code_of("fhir", Reason.OTHER_CONTENT)
GONE = code_of("fhir", Reason.UNREACHABLE)
OWNER = person("owner", Role.CLINICIAN, Role.ADMINISTRATOR)


def practice(clock: FixedClock | None = None, *people: Person) -> Desk:
    """With a record called ehr and a copy called share."""
    return replace(desk(clock, people or (ROSA, TOBIAS, NORA)), targets=("ehr", "share"))


async def signed(at: Desk, actor: Person = ROSA, number: int = 1) -> NoteId:
    started = await start_draft(at, actor, NewNote(SUMMARY, f"test:{actor.id}:{number}", "test", "soap", "JD-014"))
    await draft_note(at, started.note_id)
    note = (await open_note(at, started.note_id)).note
    await approve_note(at, actor, note.id, note.version, "test", day=at.clock.now().date())
    async with at.database.writing(at.id) as unit:
        await unit.documents.add(note.id, {"json": b"{}", "txt": b"final"})
        await unit.commit()
    return note.id


async def failed(at: Desk, note_id: NoteId, state: FilingState, code: str, target: str = "ehr") -> None:
    """As a worker leaves it."""
    async with at.database.writing(at.id) as unit:
        note = await unit.notes.get(note_id)
        await unit.ledger.lease(note_id, target, "worker", at.clock.now(), 60)
        await unit.ledger.failed(note_id, target, "worker", state, code, at.clock.now(), at.clock.now())
        if note.state is State.APPROVED:
            await unit.notes.save(note.filing(), note)
        await unit.commit()


async def troubled(at: Desk, state: FilingState, code: str) -> NoteId:
    note_id = await signed(at)
    await failed(at, note_id, state, code)
    return note_id


async def filing_of(at: Desk, note_id: NoteId, target: str = "ehr") -> Filing:
    return next(filing for filing in (await open_note(at, note_id)).filings if filing.target == target)


async def acts_of(at: Desk, note_id: NoteId) -> list[tuple[str | None, str, str]]:
    async with at.database.reading(at.id) as unit:
        return [(act.actor, act.act, act.via) for act in await unit.audit.acts(note_id)]


@pytest.mark.parametrize("actor", [ROSA, NORA])
async def test_a_note_that_somebody_found_in_the_chart_counts_as_filed_on_their_word(actor: Person):
    at = replace(practice(), primary_files={"ehr": "txt"})
    note_id = await troubled(at, FilingState.UNKNOWN, LOST)
    await answer_filing(at, actor, note_id, "ehr", Answer.THERE, "slack")
    filing = await filing_of(at, note_id)
    assert filing.state is FilingState.STORED
    assert filing.receipt is not None
    assert (filing.receipt.outcome, filing.receipt.verified, filing.receipt.reference) == ("confirmed", False, "")
    assert filing.receipt.sha256 == hashlib.sha256(b"final").hexdigest()
    assert (await open_note(at, note_id)).note.state is State.FILED
    assert (actor.id, "filing in ehr confirmed: it is there", "slack") in await acts_of(at, note_id)
    assert (actor.id, "filed", "slack") in await acts_of(at, note_id)


async def test_a_copy_that_somebody_found_does_not_make_the_note_filed():
    at = practice()
    note_id = await signed(at)
    await failed(at, note_id, FilingState.UNKNOWN, LOST, "share")
    await answer_filing(at, ROSA, note_id, "share", Answer.THERE, "slack")
    assert (await filing_of(at, note_id, "share")).state is FilingState.STORED
    assert (await open_note(at, note_id)).note.state is State.FILING


async def test_a_note_that_is_surely_absent_is_sent_as_if_for_the_first_time():
    at = practice()
    note_id = await troubled(at, FilingState.UNKNOWN, LOST)
    assert (await filing_of(at, note_id)).maybe_sent
    await answer_filing(at, ROSA, note_id, "ehr", Answer.ABSENT, "slack")
    filing = await filing_of(at, note_id)
    assert (filing.state, filing.maybe_sent, filing.attempts) == (FilingState.PENDING, False, 0)


@pytest.mark.parametrize(("state", "code"), [(FilingState.REFUSED, DENIED), (FilingState.CONFLICT, OTHER)])
async def test_what_was_put_right_is_sent_again(state: FilingState, code: str):
    at = practice()
    note_id = await troubled(at, state, code)
    await answer_filing(at, NORA, note_id, "ehr", Answer.AGAIN, "slack")
    assert (await filing_of(at, note_id)).state is FilingState.PENDING
    assert (NORA.id, "filing in ehr: send again", "slack") in await acts_of(at, note_id)


@pytest.mark.parametrize(("actor", "code"), [(TOBIAS, "not_yours_to_answer"), (None, "not_on_roster")])
@pytest.mark.parametrize("answer", Answer)
async def test_nobody_else_answers(actor: Person | None, code: str, answer: Answer):
    at = practice()
    note_id = await troubled(at, FilingState.UNKNOWN, LOST)
    before = await filing_of(at, note_id)
    with pytest.raises(NotAllowed) as refused:
        await answer_filing(at, actor, note_id, "ehr", answer, "slack")
    assert refused.value.code == code
    assert await filing_of(at, note_id) == before


@pytest.mark.parametrize(
    ("state", "code", "answer"),
    [
        (FilingState.REFUSED, DENIED, Answer.THERE),
        (FilingState.CONFLICT, OTHER, Answer.ABSENT),
        (FilingState.UNKNOWN, LOST, Answer.AGAIN),
        (FilingState.PENDING, GONE, Answer.AGAIN),
    ],
)
async def test_an_answer_to_another_question_changes_nothing(state: FilingState, code: str, answer: Answer):
    at = practice()
    note_id = await troubled(at, state, code)
    before = (await filing_of(at, note_id), await acts_of(at, note_id))
    with pytest.raises(Stale):
        await answer_filing(at, ROSA, note_id, "ehr", answer, "slack")
    assert (await filing_of(at, note_id), await acts_of(at, note_id)) == before


@pytest.mark.parametrize("answer", [Answer.THERE, Answer.ABSENT])
async def test_a_second_press_is_harmless_and_says_so(answer: Answer):
    at = practice()
    note_id = await troubled(at, FilingState.UNKNOWN, LOST)
    await answer_filing(at, ROSA, note_id, "ehr", answer, "slack")
    before = (await filing_of(at, note_id), await acts_of(at, note_id))
    with pytest.raises(Stale) as late:
        await answer_filing(at, NORA, note_id, "ehr", answer, "slack")
    assert late.value.sentence.endswith(".")
    assert (await filing_of(at, note_id), await acts_of(at, note_id)) == before
    with pytest.raises(Stale):
        await answer_filing(at, ROSA, note_id, "nowhere", answer, "slack")


async def test_from_the_machine_itself_also_what_waits_is_sent_at_once():
    at = practice()
    note_id = await troubled(at, FilingState.PENDING, GONE)
    await answer_as_operator(at, note_id, "ehr", Answer.AGAIN, "command line")
    assert (await filing_of(at, note_id)).error_code == ""
    assert (None, "filing in ehr: send again", "command line") in await acts_of(at, note_id)


# What administrators are told ------------------------------------------------


def screens(at: Desk) -> tuple[Screens, RecordingChat]:
    chat = RecordingChat()
    return Screens(at, {"slack": chat}), chat


def in_chat(chat: RecordingChat, user: Person) -> list[Card]:
    return [card for posted, card in chat.cards.items() if posted.channel == f"D-U{user.id}"]


async def test_an_administrator_gets_one_card_that_follows_the_note_to_its_end():
    at = practice()
    shown, chat = screens(at)
    note_id = await troubled(at, FilingState.UNKNOWN, LOST)
    for _ in range(3):
        await shown.show(note_id)
    (card,) = in_chat(chat, NORA)
    assert card.notice == filing_words.NOTICE
    assert CANARY not in repr(card)
    assert "JD-014" in repr(card)
    assert "JD-014" not in card.notice
    (own,) = in_chat(chat, ROSA)
    assert filing_words.CHECK_THE_CHART in repr(own)
    assert in_chat(chat, TOBIAS) == []
    await answer_filing(at, NORA, note_id, "ehr", Answer.ABSENT, "slack")
    await shown.show(note_id)
    (card,) = in_chat(chat, NORA)
    assert "it is being sent again" in repr(card)
    await failed(at, note_id, FilingState.UNKNOWN, LOST)
    await answer_filing(at, ROSA, note_id, "ehr", Answer.THERE, "slack")
    await answer_as_operator(at, note_id, "share", Answer.AGAIN, "test")
    await failed(at, note_id, FilingState.UNKNOWN, LOST, "share")
    await answer_filing(at, ROSA, note_id, "share", Answer.THERE, "slack")
    await shown.show(note_id)
    (card,) = in_chat(chat, NORA)
    assert card.notice == filing_words.NOTICE_SOLVED_NOTICE
    assert len(card.elements) == 1
    before = dict(chat.cards)
    await shown.show(note_id)
    assert chat.cards == before
    async with at.database.reading(at.id) as unit:
        assert await unit.cards.notices_to(NORA.id) == []


async def test_an_answer_from_the_terminal_reaches_the_cards():
    at = practice()
    shown, chat = screens(at)
    note_id = await troubled(at, FilingState.UNKNOWN, LOST)
    await shown.show(note_id)
    assert await shown.due() == []
    await answer_as_operator(at, note_id, "ehr", Answer.THERE, "command line")
    assert await shown.due() == [note_id]
    await shown.show(note_id)
    assert filing_words.CONFIRMED in repr(in_chat(chat, ROSA))
    assert "being sent again" in repr(in_chat(chat, NORA)), "the copy is on its way"


async def test_a_filing_that_fails_is_told_after_an_hour():
    clock = FixedClock()
    at = practice(clock)
    shown, chat = screens(at)
    note_id = await troubled(at, FilingState.PENDING, GONE)
    clock.move(minutes=50)
    await failed(at, note_id, FilingState.PENDING, GONE)
    await shown.show(note_id)
    assert in_chat(chat, NORA) == []
    clock.move(minutes=11)
    await failed(at, note_id, FilingState.PENDING, GONE)
    await shown.show(note_id)
    assert len(in_chat(chat, NORA)) == 1


async def test_an_administrator_who_is_the_clinician_reads_it_on_the_notes_own_card():
    at = practice(None, OWNER, ROSA)
    shown, chat = screens(at)
    note_id = await signed(at, OWNER)
    await failed(at, note_id, FilingState.REFUSED, DENIED)
    await shown.show(note_id)
    (card,) = in_chat(chat, OWNER)
    assert filing_words.for_administrator(DENIED, "ehr") in repr(card)
    assert "Your administrator" not in repr(card)


async def test_the_clinicians_card_is_shown_to_nobody_who_only_says_that_they_pressed_it():
    at = practice()
    shown, chat = screens(at)
    note_id = await troubled(at, FilingState.REFUSED, DENIED)
    await shown.show(note_id, asked_by=NORA.id)
    assert chat.cards == {}
    await shown.show(note_id)
    (posted,) = [posted for posted in chat.cards if posted.channel == f"D-U{NORA.id}"]
    chat.cards[posted] = Card("old", ())
    await shown.show(note_id, also=replace(posted, channel="D-elsewhere"), asked_by=NORA.id)
    assert chat.cards[posted].notice == filing_words.NOTICE
    async with at.database.reading(at.id) as unit:
        assert "D-elsewhere" not in {posted.channel for posted in await unit.cards.of(note_id)}


async def test_many_notes_at_once_are_three_cards_and_one_that_counts():
    clock = FixedClock()
    at = practice(clock)
    shown, chat = screens(at)
    notes = [await signed(at, number=number) for number in range(10)]
    for note_id in notes:
        await failed(at, note_id, FilingState.REFUSED, DENIED)
        await shown.show(note_id)
        await shown.show(note_id)
    cards = in_chat(chat, NORA)
    assert [card.notice for card in cards] == [filing_words.NOTICE] * 3 + [filing_words.BOARD_NOTICE]
    assert "ehr: 4 not there" in repr(cards[-1])
    assert await shown.due() == []
    clock.move(minutes=6)
    assert await Screens(at, {"slack": chat}).due() == [notes[3]], "a process that starts looks at once"
    (anchor,) = await shown.due()
    await shown.show(anchor)
    assert "ehr: 10 not there" in repr(in_chat(chat, NORA)[-1])
    assert await shown.due() == []
    for note_id in notes:
        await answer_filing(at, NORA, note_id, "ehr", Answer.AGAIN, "slack")
        await shown.show(note_id)
    clock.move(minutes=6)
    for note_id in await shown.due():
        await shown.show(note_id)
    assert in_chat(chat, NORA)[-1].notice == filing_words.BOARD_SOLVED_NOTICE
    for note_id in notes:
        for target in ("ehr", "share"):
            await failed(at, note_id, FilingState.UNKNOWN, LOST, target)
            await answer_filing(at, NORA, note_id, target, Answer.THERE, "slack")
    for note_id in await shown.due():
        await shown.show(note_id)
    assert await shown.due() == []
    assert [card.notice for card in in_chat(chat, NORA)[:3]] == [filing_words.NOTICE_SOLVED_NOTICE] * 3
    assert len(in_chat(chat, NORA)) == 4


async def test_a_chat_that_is_busy_is_tried_again_and_one_that_refuses_keeps_nobody_from_their_card():
    at = practice()
    shown, chat = screens(at)
    note_id = await troubled(at, FilingState.REFUSED, DENIED)
    chat.broken = Temporary("slack_busy")
    with pytest.raises(Temporary):
        await shown.show(note_id)
    assert await shown.due() == [note_id]
    chat.broken = None
    await shown.show(note_id)
    assert len(in_chat(chat, NORA)) == 1
    assert await shown.due() == []

    class Unmet(RecordingChat):
        unmet = NORA

        async def post(self, place, card):
            if place.user == f"U{self.unmet.id}":
                raise Permanent("teams_no_conversation")
            return await super().post(place, card)

    second = await signed(at, number=2)
    await failed(at, second, FilingState.REFUSED, DENIED)
    chat = Unmet()
    await Screens(at, {"slack": chat}).show(second)
    assert len(in_chat(chat, ROSA)) == 1
    chat.unmet = ROSA
    third = await signed(at, number=3)
    await failed(at, third, FilingState.REFUSED, DENIED)
    with pytest.raises(Permanent):
        await Screens(at, {"slack": chat}).show(third)
    assert len(in_chat(chat, NORA)) == 1
