"""A database in memory that keeps the promises of the real one: snapshots, roll-back, compare-and-set, one writer."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.day_ports import Appointments, Batch, Batches, Choices, Measure, Measures, Reminders
from bot.domain.appointments import Appointment
from bot.domain.audit import ChainRow
from bot.domain.errors import NotFound, Stale
from bot.domain.filing import Filing
from bot.domain.ids import AppointmentId, BatchId, NoteId, PersonId, PracticeId
from bot.domain.note import OPEN, Note, State
from bot.domain.plan import Plan
from bot.domain.preferences import Preferences
from bot.domain.roster import Member
from bot.domain.usage import Call, Limits, Outcome, Usage
from bot.ports import (
    Audit,
    Calls,
    Cards,
    Conversation,
    Conversations,
    Documents,
    Ledger,
    Notes,
    Notice,
    Plans,
    Posted,
    ReviewCard,
    Seen,
    UnitOfWork,
)
from bot.practice_ports import Example, Examples, Formats, FormatVersion, People, ReviewRow, Reviews
from tests.doubles.memory_audit import MemoryAudit
from tests.doubles.memory_conversations import MemoryConversations
from tests.doubles.memory_day import MemoryAppointments, MemoryBatches, MemoryChoices, MemoryMeasures, MemoryReminders
from tests.doubles.memory_examples import MemoryExamples
from tests.doubles.memory_ledger import Lease, MemoryLedger
from tests.doubles.memory_people import MemoryPeople
from tests.doubles.memory_plans import MemoryPlans
from tests.doubles.memory_reviews import MemoryReviews


@dataclass
class _Store:
    """Everything of one practice. Values are never changed in place."""

    notes: dict[NoteId, Note] = field(default_factory=dict)
    codes: dict[tuple[PersonId, str], list[datetime]] = field(default_factory=dict)
    cards: dict[tuple[NoteId, Posted], int] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    review_cards: list[ReviewCard] = field(default_factory=list)
    documents: dict[tuple[NoteId, str], bytes] = field(default_factory=dict)
    filings: dict[tuple[NoteId, str], Filing] = field(default_factory=dict)
    leases: dict[tuple[NoteId, str], Lease] = field(default_factory=dict)
    audit: list[ChainRow] = field(default_factory=list)
    seen: dict[str, datetime] = field(default_factory=dict)
    calls: dict[str, tuple[Call, datetime, Outcome | None]] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    conversations: dict[tuple[str, str], tuple[datetime, Conversation]] = field(default_factory=dict)
    formats: dict[tuple[str, int], FormatVersion] = field(default_factory=dict)
    examples: dict[str, Example | None] = field(default_factory=dict)
    reviews: dict[tuple[NoteId, int], ReviewRow] = field(default_factory=dict)
    people: dict[PersonId, Member] = field(default_factory=dict)
    appointments: dict[AppointmentId, tuple[Appointment, datetime]] = field(default_factory=dict)
    batches: dict[BatchId, Batch] = field(default_factory=dict)
    choices: dict[PersonId, Preferences] = field(default_factory=dict)
    reminders: dict[tuple[PersonId, str, str], tuple[str, datetime, bool]] = field(default_factory=dict)
    measures: dict[NoteId, Measure] = field(default_factory=dict)

    def snapshot(self) -> "_Store":
        """The same values in collections of its own."""
        return _Store(
            dict(self.notes),
            {used: list(times) for used, times in self.codes.items()},
            dict(self.cards),
            list(self.notices),
            list(self.review_cards),
            dict(self.documents),
            dict(self.filings),
            dict(self.leases),
            list(self.audit),
            dict(self.seen),
            dict(self.calls),
            dict(self.plans),
            dict(self.conversations),
            dict(self.formats),
            dict(self.examples),
            dict(self.reviews),
            dict(self.people),
            dict(self.appointments),
            dict(self.batches),
            dict(self.choices),
            dict(self.reminders),
            dict(self.measures),
        )


class MemoryDatabase:
    """See `bot.ports.Database`. `stores` is open to tests that want to look, or to tamper."""

    def __init__(self) -> None:
        self.stores: dict[PracticeId, _Store] = {}
        self._turn = asyncio.Lock()

    def writing(self, practice: PracticeId) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._unit(practice, writes=True)

    def reading(self, practice: PracticeId) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._unit(practice, writes=False)

    async def close(self) -> None:
        """Nothing to close."""

    @asynccontextmanager
    async def _unit(self, practice: PracticeId, *, writes: bool) -> AsyncGenerator[UnitOfWork]:
        if not practice:
            raise ValueError("a unit of work needs a practice")
        async with self._turn if writes else nullcontext():
            store = self.stores.get(practice, _Store()).snapshot()
            unit = MemoryUnitOfWork(self, _State(practice, store, writes))
            try:
                yield unit
            finally:
                unit.state.over = True


@dataclass
class _State:
    """What the repositories of one unit share."""

    practice: PracticeId
    store: _Store
    writes: bool
    over: bool = False

    def reads(self) -> _Store:
        if self.over:
            raise RuntimeError("this unit of work is over")
        return self.store

    def changes(self) -> _Store:
        if not self.writes:
            raise RuntimeError("this unit of work only reads")
        return self.reads()

    def of_note(self, note_id: NoteId) -> _Store:
        if note_id not in self.store.notes:
            raise _no_such_note()
        return self.changes()


class MemoryUnitOfWork:
    """See `bot.ports.UnitOfWork`."""

    def __init__(self, database: MemoryDatabase, state: _State) -> None:
        self.state = state
        self._database = database
        self.notes: Notes = MemoryNotes(state)
        self.cards: Cards = MemoryCards(state)
        self.documents: Documents = MemoryDocuments(state)
        self.ledger: Ledger = MemoryLedger(state.reads, state.changes)
        self.audit: Audit = MemoryAudit(state.practice, lambda: state.reads().audit, lambda: state.changes().audit)
        self.seen: Seen = MemorySeen(state)
        self.calls: Calls = MemoryCalls(state)
        self.plans: Plans = MemoryPlans(lambda: state.reads().plans, lambda: state.changes().plans)
        self.conversations: Conversations = MemoryConversations(
            lambda: state.reads().conversations, lambda: state.changes().conversations
        )
        self.formats: Formats = MemoryFormats(state)
        self.examples: Examples = MemoryExamples(lambda: state.reads().examples, lambda: state.changes().examples)
        self.reviews: Reviews = MemoryReviews(
            lambda: state.reads().reviews, lambda note_id: state.of_note(note_id).reviews
        )
        self.people: People = MemoryPeople(lambda: state.reads().people, lambda: state.changes().people)
        self.appointments: Appointments = MemoryAppointments(state.reads, state.changes)
        self.batches: Batches = MemoryBatches(state.reads, state.changes)
        self.choices: Choices = MemoryChoices(lambda: state.reads().choices, lambda: state.changes().choices)
        self.reminders: Reminders = MemoryReminders(lambda: state.reads().reminders, lambda: state.changes().reminders)
        self.measures: Measures = MemoryMeasures(
            lambda: state.reads().measures, lambda note_id: state.of_note(note_id).measures
        )

    async def commit(self) -> None:
        self._database.stores[self.state.practice] = self.state.changes()
        self.state.over = True


class MemoryFormats:
    """See `bot.practice_ports.Formats`."""

    def __init__(self, state: _State) -> None:
        self._state = state

    async def known(self) -> Sequence[FormatVersion]:
        return [version for _, version in sorted(self._state.reads().formats.items())]

    async def add(self, version: FormatVersion) -> None:
        kept = self._state.changes().formats.setdefault((version.format_id, version.version), version)
        if kept.sha256 != version.sha256:
            self._state.over = True
            raise Stale("format_version_taken", "Another definition of this format has this number.")


class MemoryNotes:
    """See `bot.ports.Notes`."""

    def __init__(self, state: _State) -> None:
        self._state = state

    async def add(self, note: Note) -> None:
        self._expect_ours(note)
        store = self._state.changes()
        if note.source and await self.by_source(note.source):
            self._state.over = True
            raise Stale("already_started", "This note was started already.")
        store.notes[note.id] = note
        _count_codes(store, None, note)

    async def get(self, note_id: NoteId) -> Note:
        note = self._state.reads().notes.get(note_id)
        if note is None:
            raise _no_such_note()
        return note

    async def save(self, note: Note, seen: Note) -> None:
        self._expect_ours(note)
        if note.id != seen.id:
            raise ValueError("a note can only be replaced by its own next value")
        if await self.get(note.id) != seen:
            raise Stale("stale_note", "This note changed meanwhile.")
        if note.signatures[: len(seen.signatures)] != seen.signatures:
            raise ValueError("a signature is never taken back or changed")
        store = self._state.changes()
        store.notes[note.id] = note
        _count_codes(store, seen, note)

    async def by_source(self, source: str) -> NoteId | None:
        return next((n.id for n in self._state.reads().notes.values() if source and n.source == source), None)

    async def in_states(self, states: Sequence[State], limit: int) -> Sequence[NoteId]:
        found = [note for note in self._state.reads().notes.values() if note.state in states]
        return [note.id for note in sorted(found, key=lambda note: (note.created_at, note.id))[:limit]]

    async def client_codes(self, clinician: PersonId, prefix: str, limit: int) -> Sequence[str]:
        uses = self._state.reads().codes
        mine = {code: max(times) for (person, code), times in uses.items() if person == clinician and times}
        recent = sorted(mine, key=lambda code: (code == prefix, mine[code]), reverse=True)
        parts = [[code for code in part if code.casefold().startswith(prefix.casefold())] for part in _caseload(recent)]
        return (parts[0] or parts[1])[:limit]

    async def waiting(self, limit: int) -> Sequence[NoteId]:
        found = [note for note in self._newest_first() if note.asked and note.state is State.DRAFT]
        return [note.id for note in reversed(found)][:limit]

    async def of_client(self, client_code: str, limit: int) -> Sequence[Note]:
        return [note for note in self._newest_first() if client_code and note.client_code == client_code][:limit]

    async def linked_to(self, note_id: NoteId) -> Sequence[Note]:
        return [note for note in reversed(self._newest_first()) if note.link and note.link.of == note_id]

    async def of_clinician(self, clinician: PersonId, since: datetime, limit: int) -> Sequence[Note]:
        found = [n for n in self._newest_first() if n.clinician_id == clinician and n.created_at >= since]
        return found[:limit]

    async def unsigned(self, clinician: PersonId, limit: int) -> Sequence[tuple[NoteId, State]]:
        states = (State.DRAFTING, State.IN_REVIEW, *OPEN)
        mine = [n for n in self._newest_first() if n.clinician_id == clinician and n.state in states]
        return [(n.id, n.state) for n in sorted(mine, key=lambda note: (note.created_at, note.id))][:limit]

    async def recent(self, clinician: PersonId, state: State, limit: int) -> Sequence[Note]:
        return [n for n in self._newest_first() if n.clinician_id == clinician and n.state is state][:limit]

    async def ids_of_client(self, client_code: str) -> Sequence[NoteId]:
        wanted = client_code.upper()
        found = [note for note in self._newest_first() if wanted and note.client_code.upper() == wanted]
        return [note.id for note in sorted(found, key=lambda note: (note.created_at, note.id))]

    def _newest_first(self) -> list[Note]:
        return sorted(self._state.reads().notes.values(), key=lambda note: note.created_at, reverse=True)

    async def purge(self, note_id: NoteId) -> None:
        """Forget the note, its documents and where it was filed. Raises NotFound."""
        note, store = await self.get(note_id), self._state.changes()
        _count_codes(store, note, None)
        del store.notes[note_id]
        for found in [each for each, (one, _) in store.appointments.items() if one.note_id == note_id]:
            del store.appointments[found]
        for place in [place for place in store.documents if place[0] == note_id]:
            del store.documents[place]
        for place, filing in store.filings.items():
            if place[0] == note_id and filing.receipt:
                store.filings[place] = replace(filing, receipt=replace(filing.receipt, reference=""))

    def _expect_ours(self, note: Note) -> None:
        if note.practice_id != self._state.practice:
            raise _no_such_note()


class MemoryCards:
    """See `bot.ports.Cards`."""

    def __init__(self, state: _State) -> None:
        self._state = state

    async def remember(self, note_id: NoteId, posted: Posted, *, form: bool = False) -> None:
        self._state.of_note(note_id).cards[note_id, posted] = int(form)

    async def of(self, note_id: NoteId) -> Sequence[Posted]:
        return self._standing(note_id, 0)

    async def forms(self, note_id: NoteId) -> Sequence[Posted]:
        return self._standing(note_id, 1)

    async def forget(self, note_id: NoteId, posted: Posted) -> None:
        cards = self._state.of_note(note_id).cards
        if cards.get((note_id, posted)) == 1:
            del cards[note_id, posted]

    async def remember_notice(self, notice: Notice) -> None:
        self._state.of_note(notice.note_id).notices.append(notice)

    async def notices(self, note_id: NoteId) -> Sequence[Notice]:
        return [notice for notice in self._state.reads().notices if notice.note_id == note_id]

    async def notices_to(self, person: PersonId) -> Sequence[Notice]:
        return [notice for notice in self._state.reads().notices if notice.person == person]

    async def forget_notice(self, notice: Notice) -> None:
        notices = self._state.changes().notices
        notices[:] = [one for one in notices if (one.note_id, one.posted) != (notice.note_id, notice.posted)]

    async def remember_review(self, card: ReviewCard) -> None:
        cards = self._state.of_note(card.note_id).review_cards
        cards[:] = [*(one for one in cards if (one.note_id, one.posted) != (card.note_id, card.posted)), card]

    async def review_cards(self, *notes: NoteId) -> Sequence[ReviewCard]:
        return [card for card in self._state.reads().review_cards if card.note_id in notes]

    async def forget_review(self, card: ReviewCard) -> None:
        cards = self._state.changes().review_cards
        cards[:] = [one for one in cards if one != card]

    def _standing(self, note_id: NoteId, form: int) -> Sequence[Posted]:
        cards = self._state.reads().cards
        return [posted for (note, posted), kind in cards.items() if note == note_id and kind == form]


class MemoryDocuments:
    """See `bot.ports.Documents`."""

    def __init__(self, state: _State) -> None:
        self._state = state

    async def add(self, note_id: NoteId, files: Mapping[str, bytes]) -> None:
        store = self._state.of_note(note_id)
        for kind, content in files.items():
            store.documents.setdefault((note_id, kind), bytes(content))

    async def of(self, note_id: NoteId) -> Mapping[str, bytes]:
        found = self._state.reads().documents.items()
        return {kind: content for (note, kind), content in sorted(found) if note == note_id}


class MemorySeen:
    """See `bot.ports.Seen`."""

    def __init__(self, state: _State) -> None:
        self._state = state

    async def first_time(self, key: str, at: datetime) -> bool:
        first = key not in self._state.changes().seen
        self._state.store.seen.setdefault(key, at)
        return first

    async def forget(self, before: datetime) -> None:
        """Drop what was seen earlier than `before`."""
        seen = self._state.changes().seen
        for key in [key for key, at in seen.items() if at < before]:
            del seen[key]


class MemoryCalls:
    """See `bot.ports.Calls`."""

    def __init__(self, state: _State) -> None:
        self._state = state

    async def take(self, call: Call, limits: Limits, seconds: int) -> float:
        calls = self._state.changes().calls
        running = [until for _, until, outcome in calls.values() if outcome is None and until > call.at]
        minute = timedelta(seconds=60)
        begun = sorted(one.at for one, _, _ in calls.values() if one.at > call.at - minute)
        if len(running) >= limits.concurrency:
            return 0.25
        if len(begun) >= limits.per_minute:
            return max(0.25, (begun[-limits.per_minute] + minute - call.at).total_seconds())
        calls[call.id] = (call, call.at + timedelta(seconds=seconds), None)
        return 0.0

    async def ended(self, call_id: str, outcome: Outcome, at: datetime) -> None:
        call, until, known = self._state.changes().calls[call_id]
        self._state.store.calls[call_id] = (call, until, known or outcome)

    async def usage(self, since: datetime) -> Sequence[Usage]:
        calls = [(call, outcome) for call, _, outcome in self._state.reads().calls.values() if call.at >= since]
        latest = sorted(calls, key=lambda pair: pair[0].at, reverse=True)
        return [
            _usage(note_id, [outcome for call, outcome in calls if call.note_id == note_id])
            for note_id in dict.fromkeys(call.note_id for call, _ in latest)
        ]


def _usage(note_id: NoteId, outcomes: Sequence[Outcome | None]) -> Usage:
    ended = [outcome for outcome in outcomes if outcome]
    return Usage(
        note_id,
        len(outcomes),
        sum(outcome.code not in ("done", "cancelled") for outcome in ended),
        sum(outcome.prompt_tokens for outcome in ended),
        sum(outcome.cached_tokens for outcome in ended),
        sum(outcome.completion_tokens for outcome in ended),
        sum(outcome.milliseconds for outcome in ended),
    )


def _count_codes(store: _Store, before: Note | None, after: Note | None) -> None:
    if (used := _code_of(before)) == (uses := _code_of(after)):
        return
    if used:
        store.codes[used].pop()
    if uses and after:
        store.codes.setdefault(uses, []).append(after.created_at)


def _code_of(note: Note | None) -> tuple[PersonId, str] | None:
    if note is None or note.state is State.DISCARDED or not note.client_code:
        return None
    return note.clinician_id, note.client_code


def _no_such_note() -> NotFound:
    return NotFound("note_not_found", "This note does not exist any more.")


def _caseload(codes: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The clients written for last, and those of before."""
    return codes[:60], codes[60:]
