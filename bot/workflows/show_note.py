"""Bring the cards of a note in line with its state. Late and repeated calls end in the same screen."""

from bot.cards.screens import card_for
from bot.domain.ids import NoteId
from bot.domain.note import State
from bot.ports import Chat, Place, Posted
from bot.workflows.desk import Desk, open_note


async def show_note(desk: Desk, chat: Chat, note_id: NoteId, platform: str, workspace: str) -> None:
    """Post the note's card to its clinician if there is none yet, else update every card that stands.

    Raises Temporary or Permanent from the chat.
    """
    opened = await open_note(desk, note_id)
    card = card_for(opened.note, desk.shown(opened.note, opened.filing))
    standing = await cards_of(desk, note_id)
    for posted in standing:
        await chat.update(posted, card)
    person = desk.practice.person(opened.note.clinician_id)
    if not standing and person and opened.note.state is not State.DISCARDED:
        posted = await chat.post(Place(platform, workspace, person.slack_user_id), card)
        await remember_card(desk, note_id, posted)


async def cards_of(desk: Desk, note_id: NoteId) -> list[Posted]:
    """Every card that stands in a chat for this note."""
    async with desk.database.reading(desk.id) as unit:
        return list(await unit.cards.of(note_id))


async def remember_card(desk: Desk, note_id: NoteId, posted: Posted) -> None:
    """Keep a card's address, so that it can be updated and never goes stale."""
    async with desk.database.writing(desk.id) as unit:
        await unit.cards.remember(note_id, posted, 0)
        await unit.commit()
