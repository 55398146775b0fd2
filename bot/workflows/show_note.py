"""Bring the cards of a note in line with its state. Late and repeated calls end in the same screen."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from bot.cards.screens import card_for
from bot.domain.ids import NoteId
from bot.domain.note import Note, State
from bot.ports import Chat, Place, Posted
from bot.workflows.desk import Desk, open_note


class _Turns:
    """The showings of one note: one at a time, and each serves all who asked before it began."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.asked = self.served = 0
        self.standing: list[Posted] = []  # where the last one showed the note


def _no_turns() -> "WeakValueDictionary[NoteId, _Turns]":
    return WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Screens:
    """The cards of one practice in its chats, by platform. One update of a note's cards at a time: none is overtaken.

    `behind`: notes whose last showing failed; the reconciler shows them again until the chat answers.
    """

    desk: Desk
    chats: Mapping[str, Chat]
    behind: set[NoteId] = field(default_factory=set[NoteId])
    _turns: "WeakValueDictionary[NoteId, _Turns]" = field(default_factory=_no_turns)

    async def show(self, note_id: NoteId, also: Posted | None = None) -> None:
        """Update every card of the note; post it to its clinician when none stands. Raises Temporary or Permanent.

        However many ask while a showing waits for the chat, one more serves them all. `also`: a card somebody just
        used; if its address was lost in a crash, it is kept from now on.
        """
        turns = self._turns.setdefault(note_id, _Turns())
        turns.asked += 1
        asked = turns.asked
        async with turns.lock:
            if asked <= turns.served and (also is None or also in turns.standing):
                return
            serves = turns.asked
            standing = await self._standing(note_id)
            if also and also not in standing:
                await self._remember(note_id, also)
                standing.append(also)
            self.behind.add(note_id)
            await self._show(note_id, standing)
            self.behind.discard(note_id)
            turns.served, turns.standing = serves, standing

    async def _show(self, note_id: NoteId, standing: list[Posted]) -> None:
        opened = await open_note(self.desk, note_id)
        card = card_for(opened.note, self.desk.shown(opened.note, opened.filing, opened.plan))
        shown = [
            await self.chats[posted.platform].update(posted, card)
            for posted in standing
            if posted.platform in self.chats
        ]
        place = self._place(opened.note)
        if not any(shown) and place and opened.note.state is not State.DISCARDED:
            posted = await self.chats[place.platform].post(place, card)
            await self._remember(note_id, posted)

    def _place(self, note: Note) -> Place | None:
        """The clinician's direct conversation: in the chat where the note began, else in any where they are."""
        person = self.desk.practice.person(note.clinician_id)
        served = [platform for platform in self.chats if person and person.user_on(platform)]
        if person is None or not served:
            return None
        began = note.source.partition(":")[0]
        platform = began if began in served else served[0]
        return Place(platform, person.user_on(platform))

    async def _standing(self, note_id: NoteId) -> list[Posted]:
        async with self.desk.database.reading(self.desk.id) as unit:
            return list(await unit.cards.of(note_id))

    async def _remember(self, note_id: NoteId, posted: Posted) -> None:
        async with self.desk.database.writing(self.desk.id) as unit:
            await unit.cards.remember(note_id, posted, 0)
            await unit.commit()
