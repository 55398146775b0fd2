"""The review channel and each supervisor hear of a note in review: a card a round and place, without clinical text.

It is part of showing a note, so it is as durable as that. A card becomes a line at the end and is left alone then.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.cards import words
from bot.cards.elements import Card, Remark
from bot.cards.review_overdue import given_card, review_overdue_card
from bot.cards.review_screens import review_channel_card, review_request_card
from bot.domain.errors import EffectError, Temporary
from bot.domain.ids import NoteId
from bot.domain.note import Note, State
from bot.domain.people import Person
from bot.ports import Chat, Place, ReviewCard
from bot.practice_ports import ReviewRow
from bot.workflows.desk import Desk, Opened
from bot.workflows.remind_reviews import administrators, asked, needs_look, tells_administrators

_AT_ONCE = 500
_LOOKS_BACK = timedelta(days=30)
_TRIED_AGAIN = timedelta(hours=1)
_log = logging.getLogger("afternote.screens")


@dataclass(frozen=True, slots=True)
class ReviewsTold:
    """What this process knows: whose turn it is, which rounds are over everywhere, and where posting was refused."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    over: set[tuple[NoteId, int]] = field(default_factory=set[tuple[NoteId, int]])
    refused: dict[tuple[NoteId, Place], datetime] = field(default_factory=dict[tuple[NoteId, Place], datetime])


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A card that should stand: in a channel (`person` is None), or to one person.

    `reminder`: names the reminder that it is, so that it comes once.
    """

    place: Place
    person: Person | None
    card: Card
    reminder: str = ""

    def is_for(self, card: ReviewCard) -> bool:
        """Whether this standing card is in its place; a person's may stand in any chat of theirs."""
        if self.person is None:
            return card.person is None and card.posted.platform == self.place.platform
        return card.person == self.person.id


@dataclass(frozen=True, slots=True)
class Supervisors:
    """What is said of reviews in one practice's chats. One note at a time, so that nobody gets one card too many."""

    desk: Desk
    chats: Mapping[str, Chat]
    told: ReviewsTold = field(default_factory=ReviewsTold)

    async def tell(self, opened: Opened) -> None:
        """Bring every card about this note's review in line with it. Raises Temporary when all were tried."""
        if not opened.rounds:
            return
        row = opened.rounds[-1]
        pending = opened.note.state is State.IN_REVIEW and row.outcome is None
        async with self.told.turn:
            busy = await self._told(opened, row, self._wanted(opened.note, row) if pending else [])
        if busy:
            raise busy
        if not pending:
            self.told.over.add((row.note_id, row.round))

    async def due(self) -> list[NoteId]:
        """Notes whose review is to be reminded of, or whose cards are not what they should be.

        The latter happens when a process ends between an act and its cards, and when the roster changes.
        """
        now, found = self.desk.clock.now(), list[NoteId]()
        async with self.desk.database.reading(self.desk.id) as unit:
            waiting = await unit.reviews.waiting(None, _AT_ONCE)
            ended = self._ended(await unit.reviews.since(now - _LOOKS_BACK, _AT_ONCE))
            standing: dict[NoteId, list[ReviewCard]] = {row.note_id: [] for row in (*waiting, *ended)}
            for card in await unit.cards.review_cards(*standing):
                standing[card.note_id].append(card)
        found += [r.note_id for r in waiting if needs_look(self.desk, r, now) or self._lacks(r, standing[r.note_id])]
        found += [row.note_id for row in ended if standing[row.note_id]]
        return found

    def _ended(self, rows: Sequence[ReviewRow]) -> list[ReviewRow]:
        """Of rounds, the latest first, those that are their note's last and over, and may have a card that is not."""
        last = {row.note_id: row for row in reversed(rows)}
        over = self.told.over
        return [row for row in last.values() if row.outcome is not None and (row.note_id, row.round) not in over]

    async def _told(self, opened: Opened, row: ReviewRow, wanted: Sequence[_Wanted]) -> Temporary | None:
        """The last failure that passes; one that fails keeps nothing from the rest."""
        note_id, busy = row.note_id, None
        async with self.desk.database.reading(self.desk.id) as unit:
            standing = list(await unit.cards.review_cards(note_id))
        kept: list[ReviewCard] = []
        for want in wanted:
            mine = [card for card in standing if want.is_for(card)]
            kept += mine
            try:
                await self._keep(note_id, want, mine)
            except Temporary as error:
                busy = error
        for card in (card for card in standing if card not in kept):
            try:
                await self._end(card, self._last_card(opened.note, row, card))
            except Temporary as error:
                busy = error
        return busy

    def _wanted(self, note: Note, row: ReviewRow) -> list[_Wanted]:
        """Every card that should stand while the round waits."""
        found: list[_Wanted] = []
        for place, person in self._places(row):
            shown = self.desk.shown_of_review(note, person.timezone if person else self.desk.practice.timezone)
            if person is None:
                found.append(_Wanted(place, None, review_channel_card(note, row, shown)))
            elif person.id in row.supervisors:
                found.append(_Wanted(place, person, review_request_card(note, row, shown), self._reminder(row, person)))
            else:
                able = bool(asked(self.desk, row))
                found.append(_Wanted(place, person, review_overdue_card(note, row, shown, able=able)))
        return found

    def _places(self, row: ReviewRow) -> list[tuple[Place, Person | None]]:
        """Where a round that waits is spoken of: the channels, who is asked, and administrators once they are told."""
        channels = [
            (Place(platform, "", channel), None)
            for platform, channel in self.desk.reviewing.channels.items()
            if channel and platform in self.chats
        ]
        people = list(asked(self.desk, row))
        if tells_administrators(self.desk, row):
            people += [person for person in administrators(self.desk, row) if person not in people]
        direct = [(place, person) for person in people if (place := self._direct(person))]
        return [*channels, *direct]

    def _direct(self, person: Person) -> Place | None:
        """The first chat where they can be reached."""
        return next((Place(p, person.user_on(p)) for p in self.chats if person.user_on(p)), None)

    def _reminder(self, row: ReviewRow, person: Person) -> str:
        """The name of the reminder that this person should have got by now; empty when there is none to bring."""
        now = self.desk.clock.now()
        if not row.stage or not self.desk.reviewing.calendar.is_open(now, person.timezone):
            return ""
        return f"reminded:{row.note_id}:{row.round}:{row.stage}:{person.id}"

    def _lacks(self, row: ReviewRow, standing: Sequence[ReviewCard]) -> bool:
        """Whether a card is absent that could be posted."""
        wanted = [_Wanted(place, person, given_card()) for place, person in self._places(row)]
        absent = [want for want in wanted if not any(want.is_for(card) for card in standing)]
        return any(not self._is_refused(row.note_id, want.place) for want in absent)

    async def _keep(self, note_id: NoteId, want: _Wanted, standing: Sequence[ReviewCard]) -> None:
        """One card in this place: the standing one in its new state, or a new one, which a reminder always is."""
        if standing and not (want.reminder and await self._is_new(want.reminder)):
            first, *others = standing
            for card in others:
                await self._remove(card)
            if await self._update(first, want.card):
                return
            await self._forget(first)
            standing = ()
        if await self._post(note_id, want, standing):
            for card in standing:
                await self._remove(card)

    async def _post(self, note_id: NoteId, want: _Wanted, standing: Sequence[ReviewCard]) -> bool:
        """Whether it stands there now. Posted is a line first, which becomes the card once its address is kept: a line
        is all that a crash in between leaves behind, and it is taken back where another process was first.
        """
        if self._is_refused(note_id, want.place):
            return False
        chat = self.chats[want.place.platform]
        try:
            posted = await chat.post(want.place, Card(want.card.notice, (Remark(words.LOADING),)))
        except Temporary:
            raise
        except EffectError as error:
            self.told.refused[note_id, want.place] = self.desk.clock.now()
            where = "the review channel: is the bot in it?" if want.person is None else "a direct conversation"
            _log.warning("the review of note %s cannot be shown in %s (%s)", note_id, where, error.code)
            return False
        card = ReviewCard(note_id, want.person.id if want.person else None, posted)
        if not await self._is_first(card, want, standing):
            await self._remove(card)
            return False
        return await self._update(card, want.card)

    async def _is_first(self, card: ReviewCard, want: _Wanted, seen: Sequence[ReviewCard]) -> bool:
        """Keep where it was posted, unless another process did the same meanwhile."""
        async with self.desk.database.writing(self.desk.id) as unit:
            await unit.notes.get(card.note_id)  # held: whoever else shows its review waits here
            there = await unit.cards.review_cards(card.note_id)
            if any(want.is_for(other) and other not in seen for other in there):
                return False
            if want.reminder and not await unit.seen.first_time(want.reminder, self.desk.clock.now()):
                return False
            await unit.cards.remember_review(card)
            await unit.commit()
        return True

    async def _is_new(self, reminder: str) -> bool:
        async with self.desk.database.writing(self.desk.id) as unit:
            return await unit.seen.first_time(reminder, self.desk.clock.now())  # kept when it is posted

    def _is_refused(self, note_id: NoteId, place: Place) -> bool:
        refused = self.told.refused.get((note_id, place))
        return refused is not None and self.desk.clock.now() - refused < _TRIED_AGAIN

    def _last_card(self, note: Note, row: ReviewRow, card: ReviewCard) -> Card:
        """What stays of a card: who decided what, or that it is not for this person any more."""
        if row.outcome is None:
            return given_card()
        person = self.desk.practice.person(card.person) if card.person else None
        shown = self.desk.shown_of_review(note, person.timezone if person else self.desk.practice.timezone)
        return (review_request_card if card.person else review_channel_card)(note, row, shown)

    async def _end(self, card: ReviewCard, last: Card) -> None:
        if card.posted.platform in self.chats:
            await self._update(card, last)
            await self._forget(card)

    async def _remove(self, card: ReviewCard) -> None:
        """Take a card away that another one took the place of."""
        try:
            if card.posted.platform in self.chats:
                await self.chats[card.posted.platform].delete(card.posted)
        except Temporary:
            raise
        except EffectError as error:
            _log.warning("note %s: a card of its review is out of reach: %s", card.note_id, error.code)
        await self._forget(card)

    async def _update(self, card: ReviewCard, said: Card) -> bool:
        """Whether it stands still. Raises Temporary."""
        chat = self.chats.get(card.posted.platform)
        if chat is None:
            return True  # that chat is not served at present
        try:
            return await chat.update(card.posted, said)
        except Temporary:
            raise
        except EffectError as error:
            _log.warning("note %s: a card of its review is out of reach: %s", card.note_id, error.code)
            return False

    async def _forget(self, card: ReviewCard) -> None:
        async with self.desk.database.writing(self.desk.id) as unit:
            await unit.cards.forget_review(card)
            await unit.commit()
