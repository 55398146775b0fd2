"""Several summaries at once: kept in one commit, matched, counted as they are drafted, looked at one by one."""

import asyncio
import datetime as dt

import pytest

from bot.cards.elements import Actions, Button, Card, Remark, Sentence
from bot.domain.errors import NotAllowed, NotFound, Stale, Temporary
from bot.domain.note import Session, State
from bot.ports import Place, Posted
from bot.workflows.approve_note import approve_note
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_and_show, draft_note
from bot.workflows.due_work import due_work
from bot.workflows.revise_note import discard_note
from bot.workflows.several import StartedBatch, choose_session, look_at, start_batch, step
from bot.workflows.show_note import Screens
from bot.workflows.show_several import Renewed
from tests.workflows.factories import CANARY, NORA, ROSA, SUMMARY, TOBIAS, FixedClock, RecordingChat, desk
from tests.workflows.test_backlog import booked, states

DAY = dt.timedelta(days=1)
TEXT = f"JD-014 2026-11-20\n{SUMMARY}\n---\nJD-020 2026-11-19\nct slept badly\n---\nct came late, {CANARY}"


def said(card: Card) -> str:
    return " ".join(each.text for each in card.elements if isinstance(each, Remark | Sentence))


def actions(card: Card) -> set[str]:
    rows = [each for each in card.elements if isinstance(each, Actions)]
    return {item.action for row in rows for item in row.items if isinstance(item, Button)}


async def drafted(at: Desk, screens: Screens, started: StartedBatch) -> None:
    for note_id in started.notes:
        await draft_and_show(at, screens, note_id)


async def test_all_are_kept_at_once_and_a_second_delivery_makes_nothing_twice():
    clock = FixedClock()
    at = desk(clock)
    first, second = await booked(at, "JD-014", ago=3), await booked(at, "JD-020", ago=4)
    started = await start_batch(at, ROSA, [TEXT], "slack:several:b1", "slack")
    again = await start_batch(at, ROSA, [TEXT], "slack:several:b1", "slack")
    assert len(started.notes) == 3
    assert (again.again, again.notes, again.batch_id) == (True, started.notes, started.batch_id)
    notes = [(await open_note(at, note_id)).note for note_id in started.notes]
    assert [note.position for note in notes] == [1, 2, 3]
    assert [note.session.start for note in notes] == [first.session.start, second.session.start, None]
    assert notes[0].summary == SUMMARY
    async with at.database.reading(at.id) as unit:
        acts = [act.act for act in await unit.audit.acts()]
        assert (await unit.batches.get(started.batch_id)).doubts == {3: "nothing_fits"}  # type: ignore[arg-type]
    assert acts == ["started"] * 3 + ["3 started at once"]
    clock.move(minutes=1)
    assert len(await states(at)) == 3


async def test_what_cannot_be_taken_goes_back_and_refuses_nothing_of_the_rest():
    transcript = "Therapist: how are you\nClient: fine\nTherapist: and the week?\nClient: so so\nTherapist: tell me"
    text = f"JD-014 2026-11-20\nct calmer\n---\n{transcript}\n---\nJD-020 2026-02-31\nct slept badly"
    started = await start_batch(desk(), ROSA, [text], "slack:several:b1", "slack")
    assert len(started.notes) == 2
    assert [(each.number, each.text) for each in started.refused] == [(2, transcript)]


async def test_a_session_on_another_day_is_only_proposed():
    at = desk()
    await booked(at, "JD-014", ago=3)
    started = await start_batch(at, ROSA, ["JD-014 2026-11-21\nct calmer"], "slack:several:b1", "slack")
    note = (await open_note(at, started.notes[0])).note
    assert note.session == Session(dt.date(2026, 11, 21))
    assert set(await states(at)) == {("JD-014", None), ("JD-014", State.DRAFTING)}


async def test_only_who_writes_notes_starts_several_and_only_ones_own_are_looked_at():
    at = desk()
    for person in (NORA, None):
        with pytest.raises(NotAllowed):
            await start_batch(at, person, [TEXT], "slack:several:b1", "slack")
    started = await start_batch(at, ROSA, [TEXT], "slack:several:b1", "slack")
    assert started.batch_id
    with pytest.raises(NotFound):
        await look_at(at, TOBIAS, started.batch_id)
    with pytest.raises(NotFound):
        await step(at, TOBIAS, started.notes[0], 1)


async def test_one_overview_counts_and_one_card_leads_from_note_to_note():
    at, chat = desk(FixedClock()), RecordingChat()
    screens = Screens(at, {"slack": chat}, _renewed=Renewed(every=0.0))
    started = await start_batch(at, ROSA, [TEXT], "slack:several:b1", "slack")
    assert started.batch_id
    await drafted(at, screens, started)
    assert len(chat.cards) == 1
    (overview,) = chat.cards.values()
    assert "3 of 3 drafts are ready" in said(overview)
    assert overview.notice == "3 summaries: 3 drafts are ready"
    assert CANARY not in repr(overview)
    assert [due.kind for due in await due_work(at)] == []
    assert await screens.due() == []
    looked = await look_at(at, ROSA, started.batch_id)
    await screens.show(looked.note_id, asked_by=ROSA.id)
    _, review = chat.cards
    assert actions(chat.cards[review]) >= {"sign", "day_next_note", "day_previous_note"}
    assert CANARY in repr(chat.cards[review])
    for _ in range(2):  # the same press twice
        there = await step(at, ROSA, looked.note_id, 1)
        await screens.show(there.note_id, asked_by=ROSA.id)
    await screens.show(looked.note_id, review, ROSA.id)
    assert len(chat.cards) == 2
    assert "JD-020" in repr(chat.cards[review])
    assert (await step(at, ROSA, started.notes[0], -1)).note_id == started.notes[2]


async def test_a_signed_one_keeps_its_card_and_the_next_one_comes():
    at, chat = desk(FixedClock()), RecordingChat()
    screens = Screens(at, {"slack": chat}, _renewed=Renewed(every=0.0))
    started = await start_batch(at, ROSA, [TEXT.rpartition("\n---\n")[0]], "slack:several:b1", "slack")
    assert started.batch_id
    await drafted(at, screens, started)
    await screens.show((await look_at(at, ROSA, started.batch_id)).note_id)
    for number, note_id in enumerate(started.notes, 1):
        _, *cards = chat.cards
        assert len(cards) == number
        await approve_note(at, ROSA, note_id, 1, "slack")
        await screens.show(note_id, cards[-1], ROSA.id)
        assert "sign" not in actions(chat.cards[cards[-1]])
        async with at.database.reading(at.id) as unit:
            assert await unit.cards.of(note_id) == [cards[-1]]
    overview, *_ = chat.cards.values()
    assert overview.notice == "2 summaries: all looked at"
    async with at.database.reading(at.id) as unit:
        assert await unit.batches.open_ones(5) == []


async def test_many_drafts_at_once_renew_the_overview_together():
    at, chat = desk(FixedClock()), RecordingChat()
    screens = Screens(at, {"slack": chat}, _renewed=Renewed(every=0.0))
    text = "\n\n".join(f"ct number {number} slept better" for number in range(30))
    started = await start_batch(at, ROSA, [text], "slack:several:b1", "slack")
    await asyncio.gather(*(draft_and_show(at, screens, note_id) for note_id in started.notes))
    (overview,) = chat.cards.values()
    assert "30 of 30 drafts are ready" in said(overview)
    async with at.database.reading(at.id) as unit:
        assert await unit.batches.open_ones(5)


async def test_the_right_session_is_picked_while_it_is_drafted_and_afterwards():
    at, chat = desk(FixedClock()), RecordingChat()
    screens = Screens(at, {"slack": chat}, _renewed=Renewed(every=0.0))
    there = [await booked(at, "JD-014", ago=3), await booked(at, "JD-014", ago=5, hour=11)]
    text = "JD-014 2026-11-21\nct calmer\n---\nJD-014 2026-11-22\nct slept badly"
    started = await start_batch(at, ROSA, [text], "slack:several:b1", "slack")
    await screens.show(started.notes[0])
    assert "day_pick_session" in repr(list(chat.cards.values()))
    for note_id, session in zip(started.notes, there, strict=True):
        with pytest.raises(NotAllowed):
            await choose_session(at, TOBIAS, note_id, session.id, "slack")
        for _ in range(2):
            await choose_session(at, ROSA, note_id, session.id, "slack")
        await drafted(at, screens, started)
        assert (await open_note(at, note_id)).note.session == session.session
        assert await states(at)
    assert await states(at) == [("JD-014", State.DRAFT)] * 2
    with pytest.raises(Stale):
        await choose_session(at, ROSA, started.notes[0], there[1].id, "slack")
    async with at.database.reading(at.id) as unit:
        assert (await unit.batches.get(started.batch_id)).doubts is None  # type: ignore[arg-type]


async def test_after_a_restart_the_overview_catches_up_and_nothing_is_posted_again():
    at, chat = desk(FixedClock()), RecordingChat()
    screens = Screens(at, {"slack": chat}, _renewed=Renewed(every=0.0))
    started = await start_batch(at, ROSA, [TEXT], "slack:several:b1", "slack")
    await screens.show(started.notes[0])
    for note_id in started.notes:
        await draft_note(at, note_id)
    after = Screens(at, {"slack": chat}, _renewed=Renewed(every=0.0))
    (due,) = await after.due()
    await after.show(due)
    assert await after.due() == []
    (overview,) = chat.cards.values()
    assert overview.notice == "3 summaries: 3 drafts are ready"


async def test_a_chat_that_was_away_is_shown_the_overview_later():
    at, chat = desk(FixedClock()), RecordingChat()
    screens = Screens(at, {"slack": chat}, _renewed=Renewed(every=0.0))
    started = await start_batch(at, ROSA, [TEXT], "slack:several:b1", "slack")
    chat.broken = Temporary("unreachable")
    with pytest.raises(Temporary):
        await screens.show(started.notes[0])
    chat.broken = None
    (due,) = await screens.due()
    await screens.show(due)
    assert len(chat.cards) == 1


class SlowChat(RecordingChat):
    """Others get their turn while it posts. Counts what was posted."""

    count = 0

    async def post(self, place: Place, card: Card) -> Posted:
        self.count += 1
        await asyncio.sleep(0.01)
        return await super().post(place, card)


async def test_two_processes_leave_one_overview_and_one_card():
    at, chat = desk(FixedClock()), SlowChat()
    both = [Screens(at, {"slack": chat}, _renewed=Renewed(every=0.0)) for _ in range(2)]
    started = await start_batch(at, ROSA, [TEXT], "slack:several:b1", "slack")
    assert started.batch_id
    await asyncio.gather(*(screens.show(started.notes[0]) for screens in both))
    assert len(chat.cards) == 1
    looked = await look_at(at, ROSA, started.batch_id)
    await asyncio.gather(*(screens.show(looked.note_id) for screens in both))
    assert len(chat.cards) == 2
    assert chat.count == 4, "else nothing was proved: each of the two posted both"


async def test_one_that_is_discarded_makes_room_for_the_next():
    at, chat = desk(FixedClock()), RecordingChat()
    screens = Screens(at, {"slack": chat}, _renewed=Renewed(every=0.0))
    started = await start_batch(at, ROSA, [TEXT], "slack:several:b1", "slack")
    assert started.batch_id
    await drafted(at, screens, started)
    looked = await look_at(at, ROSA, started.batch_id)
    await screens.show(looked.note_id)
    await discard_note(at, ROSA, looked.note_id, "slack")
    await screens.show(looked.note_id, list(chat.cards)[-1], ROSA.id)
    overview, gone, following = chat.cards.values()
    assert "1 discarded" in said(overview)
    assert actions(gone) == set()
    assert "JD-020" in repr(following)
