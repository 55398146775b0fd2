"""What the workflows of one practice work with, chosen by `bot/wiring.py`."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.cards.screens import Shown
from bot.domain.errors import UserMistake
from bot.domain.filing import Filing
from bot.domain.formats import Format
from bot.domain.ids import NoteId, PersonId, PracticeId
from bot.domain.note import Note, State
from bot.domain.people import Person, Practice
from bot.domain.plan import Plan
from bot.domain.plan_policy import may_read_plan
from bot.ports import Act, Clock, Database, UnitOfWork


@dataclass(frozen=True, slots=True)
class Desk:
    """One practice's formats, people, database and clock."""

    practice: Practice
    formats: Mapping[str, Format]
    database: Database
    clock: Clock
    offered_ids: tuple[str, ...] = ()

    @property
    def id(self) -> PracticeId:
        return self.practice.id

    @property
    def offered(self) -> Mapping[str, Format]:
        """The formats this practice offers (all, when it names none). Notes in others can still be shown."""
        offered = {key: fmt for key, fmt in self.formats.items() if key in self.offered_ids}
        return offered or self.formats

    def format_for(self, person: Person, format_id: str | None, kind: str | None = None) -> str:
        """The format asked for; else the one the practice uses for this kind of session; else the person's own."""
        if format_id:
            if format_id not in self.formats:
                raise UserMistake("unknown_format", f"There is no format “{format_id[:30]}”. Try /note help.")
            return format_id
        wanted = dict(self.practice.format_by_kind).get(kind or "") or person.default_format
        return wanted if wanted in self.formats else next(iter(self.formats))

    def shown(self, note: Note, filing: Filing | None = None, plan: Plan | None = None) -> Shown:
        """What the cards of this note need beside it; times in the clinician's own zone."""
        person = self.practice.person(note.clinician_id)
        zone = person.timezone if person else self.practice.timezone
        return Shown(self.formats, zone, filing, tuple(self.offered), plan, self.today(person))

    def today(self, person: Person | None) -> dt.date:
        """The day it is where this person is."""
        zone = person.timezone if person else self.practice.timezone
        return self.clock.now().astimezone(ZoneInfo(zone)).date()

    async def plan_of(self, unit: UnitOfWork, note: Note) -> Plan | None:
        """The treatment plan of the note's client, if the note's clinician may read it."""
        plan = await unit.plans.get(note.client_code) if note.client_code else None
        person = self.practice.person(note.clinician_id)
        return plan if may_read_plan(self.practice, person, note.client_code, plan) else None

    def act(self, actor: PersonId | None, what: str, note: Note, via: str = "") -> Act:
        """An audit row for what was just done to this note."""
        version_hash = note.version_hash() if note.version else ""
        return Act(actor, what, note.id, note.version, version_hash, self.clock.now(), via)


@dataclass(frozen=True, slots=True)
class Opened:
    """A note as it stands, with its filing when it is signed, and its client's plan while it is a draft."""

    note: Note
    filing: Filing | None
    plan: Plan | None = None


async def open_note(desk: Desk, note_id: NoteId) -> Opened:
    """Read a note for showing. Raises NotFound."""
    async with desk.database.reading(desk.id) as unit:
        note = await unit.notes.get(note_id)
        plan = await desk.plan_of(unit, note) if note.state is State.DRAFT else None
        return Opened(note, await unit.ledger.of(note_id) if note.signatures else None, plan)
