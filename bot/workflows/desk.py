"""What the workflows of one practice work with, chosen by `bot/wiring.py`."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.cards.filing_screens import to_show
from bot.cards.screens import Shown
from bot.domain.after_filing import ALONE, Around
from bot.domain.checks import NO_PROFILE, Gap, Profile
from bot.domain.errors import UserMistake
from bot.domain.filing import Filing
from bot.domain.formats import Format
from bot.domain.house import Finding, HouseStyle
from bot.domain.ids import NoteId, PersonId, PracticeId
from bot.domain.note import OPEN, Note, Session
from bot.domain.people import Person, Practice, Role
from bot.domain.plan import Plan
from bot.domain.plan_policy import may_read_plan
from bot.domain.review_times import ReviewRules, SignBy, payer_until
from bot.drafting.diagnosis import Naming, diagnosis_points
from bot.drafting.gaps import gaps
from bot.drafting.guards import withheld_points
from bot.drafting.house_style import findings_of, set_aside_of
from bot.ports import Act, Clock, Database, UnitOfWork
from bot.practice_ports import ReviewRow
from bot.workflows.around import around
from bot.workflows.format_versions import formats_in
from bot.workflows.roster import Roster
from bot.workflows.suggestions import Suggestions
from bot.workflows.writer import Books, Writer

T = TypeVar("T")
_THINKING = 2  # drafts being sorted or checked at a time: they share a processor with acknowledgements


def _room_to_think() -> asyncio.Semaphore:
    return asyncio.Semaphore(_THINKING)


@dataclass(frozen=True, slots=True)
class Desk:
    """One practice's formats, people, database and clock, and what its clients' payers look for in a note.

    `writer` is its language model, when it has one; `suggestions` its record's client codes, when that can be asked.
    `targets`: where its notes go, by name, the record first; `primary_files`: target → the kind of file that its
    receipts are about. `house`: how notes sound here, and what none goes without.
    `kept_formats`: every definition that a note may have, by id and number; `formats` are those of now. `reviewing`:
    when and where reviews are reminded of.
    """

    roster: Roster
    formats: Mapping[str, Format]
    database: Database
    clock: Clock
    offered_ids: tuple[str, ...] = ()
    profiles: Mapping[str, Profile] = field(default_factory=dict[str, Profile])
    payer_by_client: Mapping[str, str] = field(default_factory=dict[str, str])
    default_payer: str = ""
    writer: Writer | None = None
    targets: tuple[str, ...] = ("folder",)
    suggestions: Suggestions | None = None
    primary_files: Mapping[str, str] = field(default_factory=dict[str, str])
    house: HouseStyle = field(default_factory=HouseStyle)
    kept_formats: dict[tuple[str, int], Format] = field(default_factory=dict[tuple[str, int], Format])
    reviewing: ReviewRules = field(default_factory=ReviewRules)
    _room: asyncio.Semaphore = field(default_factory=_room_to_think, compare=False, repr=False)

    async def think(self, work: Callable[[], T]) -> T:
        """Run what takes a processor for a moment, in a thread and few at a time."""
        async with self._room:
            return await asyncio.to_thread(work)

    @property
    def practice(self) -> Practice:
        """The practice as its roster was read last."""
        return self.roster.practice

    @property
    def id(self) -> PracticeId:
        return self.practice.id

    @property
    def books(self) -> Books:
        """Where the practice's calls to the model are counted."""
        return Books(self.database, self.clock, self.id)

    @property
    def offered(self) -> Mapping[str, Format]:
        """The formats this practice offers (all, when it names none). Notes in others can still be shown."""
        offered = {key: fmt for key, fmt in self.startable.items() if key in self.offered_ids}
        return offered or self.startable

    @property
    def startable(self) -> Mapping[str, Format]:
        """The formats a note may be begun in, whether the practice offers them or not."""
        return {key: fmt for key, fmt in self.formats.items() if not fmt.linked}

    def format_of(self, note: Note) -> Format:
        """The definition of its format that this note was written under, whatever became of the file.

        Asked after `learn_format`; one that nobody ever kept is shown in the format as it is now.
        """
        kept = self.kept_formats.get((note.format_id, note.format_version))
        return kept or self.formats.get(note.format_id) or self._last_kept(note.format_id)

    async def learn_format(self, unit: UnitOfWork, *notes: Note | None) -> None:
        """Read what other processes kept since, when one of these notes is written under it."""
        if any(note and (note.format_id, note.format_version) not in self.kept_formats for note in notes):
            self.kept_formats.update(await formats_in(unit))

    def _last_kept(self, format_id: str) -> Format:
        """Of a format that is gone; if no definition was ever kept, one that shows every statement."""
        kept = [fmt for (name, _), fmt in sorted(self.kept_formats.items()) if name == format_id]
        if kept:
            return kept[-1]
        return replace(next(iter(self.startable.values())), id=format_id, name=format_id, version=0)

    def _moved_on(self, note: Note) -> bool:
        now = self.offered.get(note.format_id)
        return now is not None and now.version != self.format_of(note).version

    def formats_around(self, *notes: Note | None) -> Mapping[str, Format]:
        """All formats of now, and those of the notes as they were; of two notes in one format the first one's."""
        return {**self.formats, **{note.format_id: self.format_of(note) for note in reversed(notes) if note}}

    def format_for(self, person: Person, format_id: str | None, kind: str | None = None) -> str:
        """The format asked for; else the one the practice uses for this kind of session; else the person's own."""
        if format_id:
            if format_id not in self.startable:
                sentence = f"There is no format “{format_id[:30]}”. Type help to see them all."
                raise UserMistake("unknown_format", sentence)
            return format_id
        wanted = dict(self.practice.format_by_kind).get(kind or "") or person.default_format
        return wanted if wanted in self.startable else next(iter(self.startable))

    def profile_for(self, note: Note) -> Profile:
        """The profile of the client's payer; else of the practice's usual payer; else the default one."""
        payer = self.payer_by_client.get(note.client_code, self.default_payer)
        return self.profiles.get(payer) or self.profiles.get("default", NO_PROFILE)

    def due_of(self, clinician: PersonId, client_code: str, session: Session) -> dt.datetime | None:
        """Until when the client's payer wants the note of a session signed; None without a deadline, or a date."""
        person = self.practice.person(clinician)
        payer = self.payer_by_client.get(client_code, self.default_payer)
        by = self.reviewing.sign_by.get(payer, SignBy())
        zone = person.timezone if person else self.practice.timezone
        return payer_until(by, session, self.reviewing.calendar, zone)

    def wants_late_reason(self, note: Note) -> bool:
        """Whether the client's payer wants to be told why this note, were it signed now, is late."""
        if note.link or not self.profile_for(note).late_reason:
            return False
        due = self.due_of(note.clinician_id, note.client_code, note.session)
        return due is not None and self.clock.now() > due

    def gaps_of(self, note: Note) -> tuple[Gap, ...]:
        """At most three questions about what the note does not say, for its card and its details dialog.

        Nothing is asked about what follows a signed note: it says what its clinician wants to add or to put right.
        """
        if note.link:
            return ()
        return gaps(note, self.format_of(note), self.profile_for(note))

    def findings_of(self, note: Note) -> tuple[Finding, ...]:
        """What the note has against the house style and against what its client's payer requires."""
        return findings_of(note, self.format_of(note), self.house, self.profile_for(note))

    def set_aside_of(self, note: Note) -> tuple[Finding, ...]:
        """What the note would need, had its clinician not said that it does not apply."""
        return set_aside_of(note, self.format_of(note), self.house, self.profile_for(note))

    def guesses_diagnosis(self, note: Note) -> bool:
        """Whether a point that may stand in the note only guesses at a diagnosis ("r/o", "?", "seems like")."""
        points = [point for point in note.points if point.number not in note.left_out]
        return Naming.GUESS in diagnosis_points(points).values()

    def withheld_of(self, note: Note) -> Mapping[int, str]:
        """Points that no statement uses because of what they are: number → `process`, `command` or `record`."""
        unused = {point.number for point in note.unused()}
        return {number: code for number, code in withheld_points(note.points).items() if number in unused}

    def shown(
        self,
        note: Note,
        filings: Sequence[Filing] = (),
        plan: Plan | None = None,
        around: Around = ALONE,
        rounds: Sequence[ReviewRow] = (),
    ) -> Shown:
        """What the cards of this note need beside it; times in the clinician's own zone."""
        person = self.practice.person(note.clinician_id)
        zone = person.timezone if person else self.practice.timezone
        formats = self.formats_around(note, around.about)
        shown = Shown(formats, zone, to_show(filings), tuple(self.offered), self.writer is not None, around=around)
        if note.reviews:
            due_at = rounds[-1].due_at if rounds and rounds[-1].outcome is None else None
            shown = replace(self._with_review(shown), due_at=due_at)
        if note.signatures and note.state not in OPEN:
            return replace(shown, administers=person is not None and Role.ADMINISTRATOR in person.roles)
        if note.state not in OPEN:
            return shown
        return replace(
            shown,
            plan=plan,
            today=self.today(person),
            gaps=self.gaps_of(note),
            findings=self.findings_of(note),
            moved_on=self._moved_on(note),
            withheld=self.withheld_of(note),
            guessed=self.guesses_diagnosis(note),
        )

    def shown_of_review(self, note: Note, timezone: str) -> Shown:
        """What cards of this note's review need, for a reader in this zone."""
        return self._with_review(Shown(self.formats_around(note), timezone))

    def _with_review(self, shown: Shown) -> Shown:
        names = {person.id: person.name for person in self.practice.people}
        return replace(shown, names=names, now=self.clock.now(), card_shows=self.reviewing.card_shows)

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
    """A note as it stands, with its filings when signed (the record first), and its client's plan while a draft.

    `around`: the notes that belong to it. `rounds`: of its review, the last one last.
    """

    note: Note
    filings: Sequence[Filing]
    plan: Plan | None = None
    around: Around = ALONE
    rounds: Sequence[ReviewRow] = ()


async def open_note(desk: Desk, note_id: NoteId) -> Opened:
    """Read a note for showing. Raises NotFound."""
    async with desk.database.reading(desk.id) as unit:
        note = await unit.notes.get(note_id)
        plan = await desk.plan_of(unit, note) if note.state in OPEN and not note.link else None
        filings = await unit.ledger.of(note_id) if note.signatures else ()
        rounds = await unit.reviews.of(note_id) if note.reviews else ()
        near = await around(unit, note)
        await desk.learn_format(unit, note, near.about)
        return Opened(note, filings, plan, near, rounds)
