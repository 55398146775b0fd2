"""A group practice in memory, with somebody of every kind, and what may never happen in it: for the state machine."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from bot.domain.audit import ChainRow
from bot.domain.errors import EffectError, UserMistake
from bot.domain.ids import NoteId, PersonId, PracticeId
from bot.domain.note import REVIEWING_ROLES, Note, Session, State
from bot.domain.people import Account, Person, Practice, Role
from bot.domain.review import Outcome
from bot.domain.review_times import ReviewRules
from bot.domain.roster import Member
from bot.domain.statements import Draft, Origin, Point, Slot, Statement, StatementId
from bot.domain.supervision import Mode, Supervision
from bot.workflows.cabinet import Cabinet, Target
from bot.workflows.file_note import file_note
from bot.workflows.roster import Roster
from bot.workflows.show_note import Screens
from tests.doubles.memory_sink import MemorySink
from tests.doubles.memory_uow import MemoryDatabase
from tests.workflows.factories import CANARY, FixedClock, RecordingChat, desk

T = TypeVar("T")
SAID = "canary-of-a-comment-5512"
SIGNED = (State.APPROVED, State.FILING, State.FILED)
OURS = PracticeId("larkspur")
_ADA, _CLEO, _FINN, _GUS, _DUAL = (PersonId(name) for name in ("ada", "cleo", "finn", "gus", "dual"))
_SAM, _KIM, _IVAN = (PersonId(name) for name in ("sam", "kim", "ivan"))


def _person(name: str, *roles: Role, active: bool = True, zone: str = "America/Chicago") -> Person:
    accounts = (Account("slack", f"U{name}"),)
    return Person(PersonId(name), name.title(), "X", frozenset(roles), zone, "soap", accounts, active)


PEOPLE = (
    _person("ada", Role.ASSOCIATE),
    _person("cleo", Role.CLINICIAN),
    _person("finn", Role.CLINICIAN, zone="America/Denver"),
    _person("gus", Role.CLINICIAN),
    _person("dual", Role.CLINICIAN, Role.SUPERVISOR),
    _person("sam", Role.SUPERVISOR, zone="Europe/Berlin"),
    _person("kim", Role.SUPERVISOR),
    _person("nora", Role.ADMINISTRATOR),
    _person("otto", Role.AUDITOR),
    _person("ivan", Role.CLINICIAN, Role.SUPERVISOR, active=False),
)
SUPERVISION = (
    Supervision(_ADA, (_SAM, _KIM), Mode.COSIGN),
    Supervision(_FINN, (_SAM, _DUAL, _IVAN), Mode.APPROVE),
    Supervision(_GUS, (_KIM,), Mode.SAMPLE, sample_percent=50),
    Supervision(_DUAL, (_SAM,), Mode.APPROVE),
)
AUTHORS = (_ADA, _CLEO, _FINN, _GUS, _DUAL)
NAMES = tuple(person.id for person in PEOPLE)
STRANGER = replace(_person("sam", Role.SUPERVISOR, Role.CLINICIAN), practice_id=PracticeId("harbor"))
_STATEMENTS = (
    Statement(StatementId("a"), Slot.REPORT, f"Ct reports mood better, {CANARY}.", (1,)),
    Statement(StatementId("b"), Slot.PLAN, "Exposure step 2.", (2,)),
)
DRAFT = Draft((Point(1, f"mood better, {CANARY}"), Point(2, "Exposure step 2.")), _STATEMENTS, Origin.SORTER)


class Heard(logging.Handler):
    """Everything that was logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class GroupPractice:
    """The desk, its chats and its storage, and a way to act in it that notices what is not audited."""

    def __init__(self) -> None:
        self.clock = FixedClock(datetime(2026, 11, 23, 15, 0, tzinfo=UTC))
        practice = Practice(OURS, "Larkspur", "America/Chicago", PEOPLE, supervision=SUPERVISION)
        rules = ReviewRules(channels={"slack": "C1"}, escalate_to=(_DUAL, _KIM))
        base = desk(self.clock)
        self.database = MemoryDatabase()
        roster = Roster(practice.on(self.clock.now().date()))
        self.desk = replace(base, roster=roster, database=self.database, reviewing=rules)
        self.chat = RecordingChat()
        self.screens = Screens(self.desk, {"slack": self.chat})
        self.sink = MemorySink(self.clock)
        self.cabinet = Cabinet({"folder": Target("folder", "memory", self.sink)}, _render)
        self.frozen: dict[NoteId, str] = {}  # what was approved may never be anything else
        self.must_review: set[NoteId] = set()
        self.drafts = 0
        self._loop = asyncio.new_event_loop()
        self._heard = Heard()
        logging.getLogger("afternote").addHandler(self._heard)

    def close(self) -> None:
        logging.getLogger("afternote").removeHandler(self._heard)
        self._loop.close()

    def person(self, name: str) -> Person | None:
        return STRANGER if name == "stranger" else self.desk.practice.person(PersonId(name))

    @property
    def notes(self) -> Mapping[NoteId, Note]:
        store = self.database.stores.get(OURS)
        return store.notes if store else {}

    @property
    def audit(self) -> list[ChainRow]:
        store = self.database.stores.get(OURS)
        return list(store.audit) if store else []

    def drafted(self, author: PersonId) -> NoteId:
        """A draft, as the worker leaves one."""
        self.drafts += 1
        session = Session(date=self.clock.now().date())
        note_id, now = NoteId(f"{author}{self.drafts}"), self.clock.now()
        begun = Note(note_id, OURS, author, State.DRAFTING, "soap", CANARY, now, "JD-014", session)
        self._loop.run_until_complete(self._add(begun.drafted(DRAFT)))
        return note_id

    async def _add(self, note: Note) -> None:
        async with self.database.writing(OURS) as unit:
            await unit.notes.add(note)
            await unit.audit.append(self.desk.act(None, "drafted", note))
            await unit.commit()

    def act(self, note_id: NoteId, name: str, work: Awaitable[T], *audited: str) -> T | None:
        """Try it. What changed something left exactly one row of `audited`, by who acted, about what came of it; what
        was refused left nothing at all.
        """
        before, notes, rows = len(self.audit), dict(self.notes), self._rows()
        try:
            done = self._loop.run_until_complete(_awaited(work))
        except UserMistake:
            assert (len(self.audit), dict(self.notes), self._rows()) == (before, notes, rows), "refused, and yet"
            return None
        new = [act for act in self.audit[before:] if act.note_id in (note_id, *(set(self.notes) - set(notes)))]
        changed = (dict(self.notes), self._rows()) != (notes, rows)
        mine = [act for act in new if act.act in audited]
        assert len(mine) == (1 if changed or new else 0), (name, audited, [act.act for act in new])
        for act in mine:
            assert act.actor == PersonId(name)
            assert act.via == "test"
            assert act.note_id
            assert act.version_hash == self.notes[act.note_id].version_hash()
        return done

    def work(self, work: Awaitable[object]) -> None:
        """Something nobody in particular does."""
        try:
            self._loop.run_until_complete(_awaited(work))
        except EffectError:
            raise AssertionError("nothing fails in here") from None

    def file(self, note_id: NoteId) -> None:
        self.work(file_note(self.desk, self.cabinet, note_id, "folder"))

    def set_active(self, name: PersonId, *, active: bool) -> None:
        """As an administrator does in the chat."""
        roster = self.desk.roster
        person = roster.filed.person(name)
        assert person is not None
        own = next((each for each in SUPERVISION if each.clinician == name), None)
        others = tuple(member for member in roster.members if member.person.id != name)
        roster.renew((*others, Member(replace(person, active=active), own, 1)), self.clock.now().date())

    def _rows(self) -> object:
        store = self.database.stores.get(OURS)
        return (dict(store.reviews), dict(store.filings)) if store else ({}, {})

    def check(self) -> None:
        """What holds at every moment."""
        for note in self.notes.values():
            self._check_note(note)
        self._check_secrecy()

    def _check_note(self, note: Note) -> None:
        store = self.database.stores[OURS]
        rows = [row for (note_id, _), row in sorted(store.reviews.items()) if note_id == note.id]
        assert len(rows) == len(note.reviews)
        waits = [row for row in rows if row.outcome is None]
        assert bool(waits) == (note.state is State.IN_REVIEW), "the index says what the note says"
        assert all(row.next_at is not None for row in waits)
        for review in note.reviews:
            assert note.clinician_id not in review.supervisors, "nobody is asked about their own note"
            if review.outcome in (Outcome.APPROVED, Outcome.CHANGES):
                assert review.by != note.clinician_id
                assert review.by in review.supervisors
        filings = [filing for (note_id, _), filing in store.filings.items() if note_id == note.id]
        if note.state not in SIGNED:
            assert not filings
            assert f"{note.id}:{note.version}" not in self.sink.stored
            return
        version = (note.version, note.version_hash())
        assert filings
        assert self.frozen.setdefault(note.id, version[1]) == version[1], "signed, and changed"
        assert all((s.version, s.version_hash) == version for s in note.standing)
        author, *others = note.standing
        assert (author.person_id, author.role) == (note.clinician_id, "clinician")
        assert all(s.person_id != note.clinician_id and s.role in REVIEWING_ROLES for s in others)
        assert len(others) == (note.id in self.must_review), "signed by whom it has to be, and by nobody else"

    def _check_secrecy(self) -> None:
        store = self.database.stores.get(OURS)
        outside = [self.audit, self._heard.lines, store.reviews if store else {}]
        notices = [card.notice for card in self.chat.cards.values()]
        theirs = {f"D-U{author}" for author in AUTHORS}
        cards = [card for posted, card in self.chat.cards.items() if posted.channel not in theirs]
        of_review = [card.posted for card in store.review_cards] if store else []
        cards += [self.chat.cards[posted] for posted in of_review if posted in self.chat.cards]
        said = repr([*outside, notices, cards])
        assert CANARY not in said
        assert SAID not in said


async def _awaited(work: Awaitable[T]) -> T:
    return await work


def _render(note: Note, about: Note | None, made: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return {"txt": "\n".join(statement.text for statement in note.statements).encode()}


def shown_places(practice: GroupPractice, note_id: NoteId) -> Sequence[str]:
    """Where the note's review is spoken of at present, one entry a card."""
    store = practice.database.stores[OURS]
    return [card.posted.channel for card in store.review_cards if card.note_id == note_id]
