"""A form on a card of its own is closed with its note, and never over what somebody typed into it and sent."""

import asyncio
from dataclasses import dataclass, field

import pytest

from bot.cards import words
from bot.cards.elements import Card, Remark
from bot.domain.ids import NoteId
from bot.ports import Place, Posted
from bot.workflows.approve_note import approve_note
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.show_note import Screens
from bot.workflows.start_draft import NewNote, start_draft
from tests.workflows.factories import ROSA, SUMMARY, FixedClock, RecordingChat, desk

FORM, TYPED = Card("A form", (Remark("a form"),)), Card("Kept", (Remark("what was typed"),))


@dataclass
class SlowChat(RecordingChat):
    """Updates of one card wait until they may go on."""

    slow: Posted | None = None
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def update(self, posted: Posted, card: Card) -> bool:
        if posted == self.slow:
            self.reached.set()
            await self.go_on.wait()
        return await super().update(posted, card)


@dataclass
class Room:
    """A signed note, and two forms about it that stand in the chat."""

    chat: SlowChat
    screens: Screens
    note_id: NoteId
    edit: Posted
    sign: Posted

    async def left(self, form: Posted) -> None:
        """Somebody sent this form, and what comes of it takes its place."""
        await self.screens.forget_form(self.note_id, form)
        self.chat.cards[form] = TYPED


@pytest.fixture
async def room() -> Room:
    at = desk(FixedClock())
    chat = SlowChat()
    screens = Screens(at, {"slack": chat})
    note_id = await _signed(at)
    forms = [await chat.post(Place("slack", "Urosa"), FORM) for _ in range(2)]
    for form in forms:
        await screens.remember(note_id, form, form=True)
    return Room(chat, screens, note_id, *forms)


async def _signed(at: Desk) -> NoteId:
    note_id = (await start_draft(at, ROSA, NewNote(SUMMARY, "test:1", "test", "soap", "JD-014"))).note_id
    await draft_note(at, note_id)
    note = (await open_note(at, note_id)).note
    await approve_note(at, ROSA, note_id, note.version, "test", day=at.clock.now().date())
    return note_id


async def test_both_forms_are_closed_with_the_note(room: Room) -> None:
    await room.screens.show(room.note_id)
    assert [room.chat.cards[form].notice for form in (room.edit, room.sign)] == [words.FORM_CLOSED_NOTICE] * 2


async def test_a_form_that_was_sent_while_another_is_being_closed_is_left_alone(room: Room) -> None:
    room.chat.slow = room.edit
    showing = asyncio.create_task(room.screens.show(room.note_id))
    await room.chat.reached.wait()
    await room.left(room.sign)
    room.chat.go_on.set()
    await showing
    assert room.chat.cards[room.sign] == TYPED
    assert room.chat.cards[room.edit].notice == words.FORM_CLOSED_NOTICE


async def test_what_was_typed_into_a_form_that_is_being_closed_stands_last(room: Room) -> None:
    room.chat.slow = room.edit
    showing = asyncio.create_task(room.screens.show(room.note_id))
    await room.chat.reached.wait()
    leaving = asyncio.create_task(room.left(room.edit))
    await asyncio.sleep(0.01)
    assert not leaving.done()
    room.chat.go_on.set()
    await asyncio.gather(showing, leaving)
    assert room.chat.cards[room.edit] == TYPED
