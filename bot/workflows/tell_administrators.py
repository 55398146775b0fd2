"""Administrators hear of notes that are not filed: one card a note, and from the fourth on one card that counts.

It is part of showing a note, so it is as durable as that. A card that is about one note becomes a line when the note is
filed; the one that counts (the board) is renewed every few minutes while it stands.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.cards.elements import Card
from bot.cards.filing_screens import Count, board_card, in_trouble, notice_card, to_show
from bot.domain.errors import EffectError, Temporary
from bot.domain.filing import Filing, FilingState
from bot.domain.ids import NoteId, PersonId
from bot.domain.note import Note
from bot.domain.people import Person, Role
from bot.ports import Chat, Notice, Place
from bot.workflows.desk import Desk, Opened

OWN_CARDS = 3  # notes about which an administrator has a card each; what comes beyond is counted on the board
RENEWED_EVERY = timedelta(minutes=5)
_COUNTED = 5000
_NOT_THERE = tuple(state for state in FilingState if state is not FilingState.STORED)
_log = logging.getLogger("afternote.screens")


@dataclass(frozen=True, slots=True)
class Told:
    """What this process knows: whose turn it is, and when each administrator's board was renewed."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    renewed: dict[PersonId, datetime] = field(default_factory=dict[PersonId, datetime])


@dataclass(frozen=True, slots=True)
class Administrators:
    """What a practice's administrators are told in its chats. One at a time, so that nobody gets one card too many."""

    desk: Desk
    chats: Mapping[str, Chat]
    told: Told = field(default_factory=Told)

    async def tell(self, opened: Opened) -> None:
        """Bring what administrators see of this note in line with it. Raises Temporary when all were tried."""
        if not opened.filings:
            return
        async with self.desk.database.reading(self.desk.id) as unit:
            standing = await unit.cards.notices(opened.note.id)
        troubled = self._troubled(opened.filings)
        if not standing and not troubled:
            return
        busy: Temporary | None = None
        async with self.told.turn:
            for person in self._to_tell(opened.note, standing):
                try:
                    await self._tell(person, opened, troubled=troubled)
                except Temporary as error:
                    busy = error
        if busy:
            raise busy

    async def renew(self, opened: Opened, person_id: PersonId) -> None:
        """Show one administrator their own standing card again, as it should be. Nothing is posted for it."""
        person = self.desk.practice.person(person_id)
        if person is None or Role.ADMINISTRATOR not in person.roles:
            return
        async with self.told.turn:
            own, _ = await self._standing(person)
            for notice in own:
                if notice.note_id == opened.note.id:
                    await self._update(notice, self.card(opened, person))

    async def due(self) -> list[NoteId]:
        """Notes to be shown although nobody asks: a board was not renewed for a while, or a card tells of what is over.

        The latter happens when somebody answers in a terminal.
        """
        found: list[NoteId] = []
        for person in self._all():
            own, board = await self._standing(person)
            if board and self._is_due(person):
                found.append(board.note_id)
            found += [notice.note_id for notice in own if await self._is_over(notice)]
        return found

    async def _is_over(self, notice: Notice) -> bool:
        async with self.desk.database.reading(self.desk.id) as unit:
            return not self._troubled(await unit.ledger.of(notice.note_id))

    async def _tell(self, person: Person, opened: Opened, *, troubled: bool) -> None:
        own, board = await self._standing(person)
        mine = next((notice for notice in own if notice.note_id == opened.note.id), None)
        if mine:
            card = self.card(opened, person)
            stands = await self._update(mine, card)
            if not stands or all(filing.state is FilingState.STORED for filing in to_show(opened.filings)):
                await self._forget(mine)
            if not stands:
                own, mine = [notice for notice in own if notice != mine], None
        if troubled and mine is None and board is None:
            if len(own) < OWN_CARDS:
                await self._post(person, opened.note.id, self.card(opened, person), board=False)
            else:
                await self._post(person, opened.note.id, board_card(await self._counts(), person.timezone), board=True)
                self.told.renewed[person.id] = self.desk.clock.now()
        if board and board.note_id == opened.note.id and self._is_due(person):
            await self._renew_board(person, board)

    async def _renew_board(self, person: Person, board: Notice) -> None:
        counts = await self._counts()
        stands = await self._update(board, board_card(counts, person.timezone))
        self.told.renewed[person.id] = self.desk.clock.now()
        if not stands or not counts:
            await self._forget(board)

    async def _counts(self) -> list[Count]:
        """Of each target what is in trouble there."""
        now = self.desk.clock.now()
        async with self.desk.database.reading(self.desk.id) as unit:
            listed = await unit.ledger.listed(_NOT_THERE, "", _COUNTED)
        troubled = [filing for filing in listed if in_trouble(filing, now)]
        targets = dict.fromkeys(filing.target for filing in troubled)
        return [_count([filing for filing in troubled if filing.target == target]) for target in targets]

    def card(self, opened: Opened, person: Person) -> Card:
        """What this administrator is told of a note, as it stands now."""
        clinician = self.desk.practice.person(opened.note.clinician_id)
        by = clinician.signature_line if clinician else opened.note.standing[0].name
        return notice_card(opened.note, by, opened.filings, person.timezone, self.desk.clock.now())

    def _troubled(self, filings: Iterable[Filing]) -> bool:
        now = self.desk.clock.now()
        return any(in_trouble(filing, now) for filing in filings)

    def _to_tell(self, note: Note, standing: Sequence[Notice]) -> list[Person]:
        """Administrators; of one's own notes one hears on their cards. Who has a card still gets its end."""
        known = {notice.person for notice in standing}
        return [person for person in self._all() if person.id != note.clinician_id or person.id in known]

    def _all(self) -> list[Person]:
        return [p for p in self.desk.practice.people if p.active and Role.ADMINISTRATOR in p.roles]

    def _is_due(self, person: Person) -> bool:
        renewed = self.told.renewed.get(person.id)
        return renewed is None or self.desk.clock.now() - renewed >= RENEWED_EVERY

    async def _standing(self, person: Person) -> tuple[list[Notice], Notice | None]:
        """The cards about one note each, and the board."""
        async with self.desk.database.reading(self.desk.id) as unit:
            notices = await unit.cards.notices_to(person.id)
        own = [notice for notice in notices if not notice.board]
        return own, next((notice for notice in notices if notice.board), None)

    async def _post(self, person: Person, note_id: NoteId, card: Card, *, board: bool) -> None:
        """In the first chat where they can be reached; an administrator in none is told by `afternote filings`."""
        for platform, chat in self.chats.items():
            user = person.user_on(platform)
            if not user:
                continue
            try:
                posted = await chat.post(Place(platform, user), card)
            except Temporary:
                raise
            except EffectError as error:
                _log.warning("an administrator is not told of note %s: %s", note_id, error.code)
                continue
            async with self.desk.database.writing(self.desk.id) as unit:
                await unit.cards.remember_notice(Notice(note_id, person.id, posted, board))
                await unit.commit()
            return

    async def _update(self, notice: Notice, card: Card) -> bool:
        """Whether it stands still. Raises Temporary."""
        chat = self.chats.get(notice.posted.platform)
        if chat is None:
            return True  # that chat is not served at present
        try:
            return await chat.update(notice.posted, card)
        except Temporary:
            raise
        except EffectError as error:
            _log.warning("note %s: a card of an administrator is out of reach: %s", notice.note_id, error.code)
            return False

    async def _forget(self, notice: Notice) -> None:
        async with self.desk.database.writing(self.desk.id) as unit:
            await unit.cards.forget_notice(notice)
            await unit.commit()


def _count(filings: Sequence[Filing]) -> Count:
    code, _ = Counter(filing.error_code for filing in filings).most_common(1)[0]
    since = min(filing.failing_since or filing.next_at for filing in filings)
    return Count(filings[0].target, len(filings), since, code)
