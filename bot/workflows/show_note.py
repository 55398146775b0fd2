"""Bring the cards of a note in line with its state. Late and repeated calls end in the same screen."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from bot.cards.elements import Card
from bot.cards.screens import card_for, form_over_card
from bot.domain.after_filing import is_signed
from bot.domain.errors import EffectError, NotFound, Temporary
from bot.domain.ids import NoteId, PersonId
from bot.domain.note import Note, State
from bot.ports import Chat, Place, Posted
from bot.workflows.desk import Desk, Opened, open_note
from bot.workflows.remind_reviews import remind_review
from bot.workflows.show_several import Renewed, SeveralCards
from bot.workflows.tell_administrators import Administrators, Told
from bot.workflows.tell_supervisors import ReviewsTold, Supervisors

_log = logging.getLogger("afternote.screens")


class _Turns:
    """The showings of one note: one at a time, and each serves all who asked before it began."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.asked = self.served = 0
        self.standing: list[Posted] = []  # where the last one showed the note


def _no_turns() -> "WeakValueDictionary[NoteId, _Turns]":
    return WeakValueDictionary()


def _no_locks() -> "WeakValueDictionary[Posted, asyncio.Lock]":
    return WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Screens:
    """The cards of one practice in its chats, by platform. One update of a note's cards at a time: none is overtaken.

    `behind`: notes whose last showing failed; the reconciler shows them again until the chat answers.
    """

    desk: Desk
    chats: Mapping[str, Chat]
    behind: set[NoteId] = field(default_factory=set[NoteId])
    _at_form: "WeakValueDictionary[Posted, asyncio.Lock]" = field(default_factory=_no_locks)
    _turns: "WeakValueDictionary[NoteId, _Turns]" = field(default_factory=_no_turns)
    _told: Told = field(default_factory=Told)
    _reviews_told: ReviewsTold = field(default_factory=ReviewsTold)
    _renewed: Renewed = field(default_factory=Renewed)

    @property
    def several(self) -> SeveralCards:
        """The cards of summaries that came several at once."""
        return SeveralCards(self.desk, self.chats, self._renewed)

    @property
    def administrators(self) -> Administrators:
        """What the practice's administrators see of notes that are not filed."""
        return Administrators(self.desk, self.chats, self._told)

    @property
    def supervisors(self) -> Supervisors:
        """What the review channel and supervisors see of notes in review."""
        return Supervisors(self.desk, self.chats, self._reviews_told)

    async def due(self) -> list[NoteId]:
        """Notes to be shown although nobody asks: their last showing failed, a count of many is to be renewed, or a
        review is to be reminded of.
        """
        told = [*await self.administrators.due(), *await self.supervisors.due()]
        found = [*self.behind, *told, *await self.several.due()]
        return list(dict.fromkeys(found))

    async def show(self, note_id: NoteId, also: Posted | None = None, asked_by: PersonId | None = None) -> None:
        """Update every card of the note; post it to its clinician when none stands. Raises Temporary or Permanent.

        However many ask while a showing waits for the chat, one more serves them all. `also`: a card somebody just
        used; if its address was lost in a crash, it is kept from now on. `asked_by`: who used it; nothing is shown for
        anybody but the note's clinician, whatever the chat says that they pressed, except that an administrator who was
        told of the note sees that card renewed, and so do all who are asked to review it. What is due of the review
        happens first.
        """
        turns = self._turns.setdefault(note_id, _Turns())
        turns.asked += 1
        asked = turns.asked
        async with turns.lock:
            if asked <= turns.served and (also is None or also in turns.standing):
                return
            serves = turns.asked
            opened = await open_note(self.desk, note_id)
            if opened.rounds and await remind_review(self.desk, opened.rounds[-1]):
                opened = await open_note(self.desk, note_id)
            if asked_by and opened.note.clinician_id != asked_by:
                await self.administrators.renew(opened, asked_by)
                await self.supervisors.tell(opened)
                return
            standing = await self._standing(note_id)
            rides = opened.note.batch is not None and not standing
            if rides and (left := await self.several.leaves(opened.note)):
                standing, rides = [left], False
            if also and also not in standing and not rides:
                await self.remember(note_id, also)
                standing.append(also)
            self.behind.add(note_id)
            try:
                await self._show(opened, standing, rides=rides)
            finally:
                await self._tell_others(opened)
            self.behind.discard(note_id)
            turns.served, turns.standing = serves, standing
        await self._show_about(opened.note, asked_by)
        await self._show_batch(opened.note)

    async def _show_batch(self, note: Note) -> None:
        """The overview of what the note came with, and the note that is looked at after it."""
        if note.batch is None:
            return
        following = await self.several.unshown(note.batch)
        if following and following != note.id:
            await self.show(following)
        await self.several.renew(note.batch, self._place(note))

    async def _tell_others(self, opened: Opened) -> None:
        """A failure with the ones keeps nothing from the others."""
        try:
            await self.supervisors.tell(opened)
        finally:
            await self.administrators.tell(opened)

    async def _show_about(self, note: Note, asked_by: PersonId | None) -> None:
        """The receipt of the note that a signed one is about says so."""
        if note.link and is_signed(note):
            with contextlib.suppress(NotFound):  # purged
                await self.show(note.link.of, asked_by=asked_by)

    async def remember(self, note_id: NoteId, posted: Posted, *, form: bool = False) -> None:
        """Keep where a card of the note stands; `form`: one that holds a form, to be closed when the note is over."""
        async with self.desk.database.writing(self.desk.id) as unit:
            await unit.cards.remember(note_id, posted, form=form)
            await unit.commit()

    async def _show(self, opened: Opened, standing: list[Posted], *, rides: bool = False) -> None:
        """`rides`: it has no card of its own, but stands in that of its batch while it is looked at."""
        note = opened.note
        card = card_for(note, self.desk.shown(note, opened.filings, opened.plan, opened.around, opened.rounds))
        shown, busy = await self._update(note.id, standing, card)
        if note.locked:
            busy = await self._close_forms(note.id) or busy
        if busy:
            raise busy
        place = self._place(note)
        if rides:
            await self.several.show(note, card, place)
            return
        if not shown and place and note.state is not State.DISCARDED:
            await self.remember(note.id, await self.chats[place.platform].post(place, card))

    async def forget_form(self, note_id: NoteId, posted: Posted) -> None:
        """Leave a form alone from now on: it is done with, or it holds text that was typed and not taken.

        Waits for one who is closing it, so that what the caller puts there stands last.
        """
        async with self._at_form.setdefault(posted, asyncio.Lock()):
            await self._forget_form(note_id, posted)

    async def close_form(self, note_id: NoteId, posted: Posted) -> None:
        """Take what a form on a card of its own shows out of the chat, unless it was left alone. Raises Temporary."""
        async with self._at_form.setdefault(posted, asyncio.Lock()):
            if posted not in await self._forms(note_id):
                return
            _, busy = await self._update(note_id, [posted], form_over_card())
            if busy:
                raise busy
            await self._forget_form(note_id, posted)

    async def _forget_form(self, note_id: NoteId, posted: Posted) -> None:
        async with self.desk.database.writing(self.desk.id) as unit:
            await unit.cards.forget(note_id, posted)
            await unit.commit()

    async def _close_forms(self, note_id: NoteId) -> Temporary | None:
        """Close what forms about the note still stand; the last failure that passes, if any."""
        busy = None
        for posted in await self._forms(note_id):
            try:
                await self.close_form(note_id, posted)
            except Temporary as error:
                busy = error
        return busy

    async def _update(self, note_id: NoteId, standing: Sequence[Posted], card: Card) -> tuple[bool, Temporary | None]:
        """Whether the card stands anywhere, and what has to be tried again. One that fails keeps none from the rest."""
        stands, busy = False, None
        for posted in standing:
            if posted.platform not in self.chats:
                continue
            try:
                stands |= await self.chats[posted.platform].update(posted, card)
            except Temporary as error:
                busy = error
            except EffectError as error:  # it cannot be changed any more, so it does not count as standing
                _log.warning("note %s: a card is out of reach: %s", note_id, error.code)
        return stands, busy

    def _place(self, note: Note) -> Place | None:
        """The clinician's direct conversation: in the chat where the note began, else in any where they are."""
        person = self.desk.practice.person(note.clinician_id)
        served = [platform for platform in self.chats if person and person.user_on(platform)]
        if person is None or not person.active or not served:
            return None
        began = note.source.partition(":")[0]
        platform = began if began in served else served[0]
        return Place(platform, person.user_on(platform))

    async def _standing(self, note_id: NoteId) -> list[Posted]:
        async with self.desk.database.reading(self.desk.id) as unit:
            return list(await unit.cards.of(note_id))

    async def _forms(self, note_id: NoteId) -> Sequence[Posted]:
        async with self.desk.database.reading(self.desk.id) as unit:
            return await unit.cards.forms(note_id)
