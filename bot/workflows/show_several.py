"""The two cards of a batch: one that counts its drafts, renewed at most once a second, and one for the note looked at.

Codes, days and counts stand on the first; the second is the usual card of one note.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.cards.elements import Card
from bot.cards.several_screens import Row, overview_card, with_steps
from bot.day_ports import Batch, BatchNote
from bot.domain.appointments import Appointment
from bot.domain.errors import EffectError, NotFound, Stale, Temporary
from bot.domain.ids import BatchId, NoteId
from bot.domain.note import Note
from bot.ports import Chat, Place, Posted, UnitOfWork
from bot.workflows.desk import Desk
from bot.workflows.several import MOST_LISTED, NOT_LOOKED_AT, following, left_of

EVERY = 1.0  # seconds between two renewals of one batch's overview
_OPEN_ONES = 100
_OTHERS = 9
_TRIES = 3
_log = logging.getLogger("afternote.screens")


@dataclass(slots=True)
class _Turn:
    """Whose turn it is with the cards of one batch, and when the overview may be renewed next."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    awaited: bool = False
    not_before: float = 0.0


@dataclass(frozen=True, slots=True)
class Renewed:
    """What this process knows: whose turn it is, and what each open batch's overview showed last.

    `every`: seconds between two renewals of one overview.
    """

    every: float = EVERY
    turns: dict[BatchId, _Turn] = field(default_factory=dict[BatchId, _Turn])
    shown: dict[BatchId, Sequence[BatchNote]] = field(default_factory=dict[BatchId, Sequence[BatchNote]])

    def turn(self, batch_id: BatchId) -> _Turn:
        """The turn of one batch."""
        return self.turns.setdefault(batch_id, _Turn())


@dataclass(frozen=True, slots=True)
class SeveralCards:
    """The cards of one practice's batches in its chats."""

    desk: Desk
    chats: Mapping[str, Chat]
    renewed: Renewed = field(default_factory=Renewed)

    async def due(self) -> list[NoteId]:
        """A note of each batch whose overview does not show how it stands: after a restart, or a chat that was away."""
        found: list[NoteId] = []
        async with self.desk.database.reading(self.desk.id) as unit:
            for batch in await unit.batches.open_ones(_OPEN_ONES):
                notes = await unit.batches.notes_of(batch.id)
                if notes and self.renewed.shown.get(batch.id) != notes:
                    found.append(next((each for each in notes if each.position == batch.current), notes[0]).note_id)
        return found

    async def leaves(self, note: Note) -> Posted | None:
        """A note that is signed or given up keeps the card it was looked at in; the next one gets another.

        None for one that nobody looks at. One commit moves both.
        """
        if note.batch is None or not note.locked:
            return None
        async with self.renewed.turn(note.batch).lock, self.desk.database.writing(self.desk.id) as unit:
            batch = await unit.batches.get(note.batch)
            if batch.current != note.position:
                return None
            there = following(await left_of(unit, batch), note.position, 1)
            moved = replace(batch, current=there.position if there else 0, review=None)
            posted = Posted(*batch.review) if batch.review else None
            if posted:
                await unit.cards.remember(note.id, posted)
            await unit.batches.save(moved, batch)
            await unit.commit()
        return posted

    async def show(self, note: Note, card: Card, place: Place | None) -> None:
        """The note's card where its batch is looked at, if it is this note's turn. Raises Temporary or Permanent."""
        if note.batch is None or note.locked:
            return
        async with self.renewed.turn(note.batch).lock:
            async with self.desk.database.reading(self.desk.id) as unit:
                batch = await unit.batches.get(note.batch)
                alone = following(await left_of(unit, batch), note.position, 1) is None
            if batch.current != note.position:
                return
            shown = with_steps(card, note, batch.total, alone=alone)
            if not await self._updated(batch.review, shown) and place:
                posted = await self.chats[place.platform].post(place, shown)
                await self._keep(batch, posted, review=True)

    async def unshown(self, batch_id: BatchId) -> NoteId | None:
        """The note that is looked at, when it has no card yet."""
        async with self.desk.database.reading(self.desk.id) as unit:
            batch = await unit.batches.get(batch_id)
            if not batch.current or batch.review:
                return None
            notes = await unit.batches.notes_of(batch_id)
        return next((each.note_id for each in notes if each.position == batch.current), None)

    async def renew(self, batch_id: BatchId, place: Place | None) -> None:
        """Show how the batch stands, unless somebody is about to. Raises Temporary or Permanent."""
        turn, loop = self.renewed.turn(batch_id), asyncio.get_running_loop()
        if turn.awaited:
            return
        turn.awaited = True
        try:
            await asyncio.sleep(max(0.0, turn.not_before - loop.time()))
        finally:
            turn.awaited = False
        async with turn.lock:
            turn.not_before = loop.time() + self.renewed.every
            await self._renew(batch_id, place)

    async def _renew(self, batch_id: BatchId, place: Place | None) -> None:
        async with self.desk.database.reading(self.desk.id) as unit:
            batch = await unit.batches.get(batch_id)
            notes = await unit.batches.notes_of(batch_id)
            rows = await self._rows(unit, batch, notes)
        card = overview_card(batch_id, rows, begun=batch.current > 0)
        if not await self._updated(batch.overview, card) and place:
            posted = await self.chats[place.platform].post(place, card)
            batch = await self._keep(batch, posted, review=False)
        self.renewed.shown[batch_id] = notes
        if not any(each.state in NOT_LOOKED_AT for each in notes) and not batch.closed:
            await self._close(batch)

    async def _rows(self, unit: UnitOfWork, batch: Batch, notes: Sequence[BatchNote]) -> list[Row]:
        doubts, free = batch.doubts or {}, list[Appointment]()
        if doubts:
            waiting = await unit.appointments.waiting(batch.clinician_id, self.desk.clock.now(), MOST_LISTED)
            free = [each.appointment for each in waiting if each.appointment.note_id is None]
        rows: list[Row] = []
        for each in notes:
            about, doubt = await unit.appointments.of_note(each.note_id), doubts.get(each.position, "")
            others = _others(about, free) if doubt else ()
            rows.append(Row(each.note_id, each.position, each.state, about, doubt, others))
        return rows

    async def _updated(self, address: tuple[str, str, str, str] | None, card: Card) -> bool:
        if address is None or address[0] not in self.chats:
            return False
        try:
            return await self.chats[address[0]].update(Posted(*address), card)
        except Temporary:
            raise
        except EffectError as error:  # it cannot be changed any more: a new one takes its place
            _log.warning("a card of several notes is out of reach: %s", error.code)
            return False

    async def _keep(self, batch: Batch, posted: Posted, *, review: bool) -> Batch:
        """Keep where a card stands; one that another process posted meanwhile stays, and this one goes."""
        for _ in range(_TRIES):
            with contextlib.suppress(Stale):  # it moved on by something else: look again
                kept = await self._kept(batch, posted, review=review)
                if kept is None:
                    break
                return kept
        await self.chats[posted.platform].delete(posted)
        return batch

    async def _kept(self, batch: Batch, posted: Posted, *, review: bool) -> Batch | None:
        address = (posted.platform, posted.workspace, posted.channel, posted.ts)
        async with self.desk.database.writing(self.desk.id) as unit:
            now = await unit.batches.get(batch.id)
            if review and (now.review, now.current) != (batch.review, batch.current):
                return None
            if not review and now.overview != batch.overview:
                return None
            kept = replace(now, review=address) if review else replace(now, overview=address)
            await unit.batches.save(kept, now)
            await unit.commit()
        return kept

    async def _close(self, batch: Batch) -> None:
        """Nothing of it is left to look at."""
        try:
            async with self.desk.database.writing(self.desk.id) as unit:
                now = await unit.batches.get(batch.id)
                await unit.batches.save(replace(now, closed=True, current=0), now)
                await unit.commit()
        except (Stale, NotFound) as error:
            _log.info("a batch stays open: %s", error.code)


def _others(about: Appointment | None, free: Sequence[Appointment]) -> tuple[Appointment, ...]:
    """Sessions that a doubtful note may be about: of its client where it names one, the nearest days first."""
    code = about.client_code.casefold() if about else ""
    day = about.session.date if about else None
    fitting = [each for each in free if not code or each.client_code.casefold() == code]
    if day:
        fitting.sort(key=lambda each: abs((each.session.date - day).days) if each.session.date else 10**6)
    return tuple(fitting[:_OTHERS])
