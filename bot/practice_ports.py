"""What a group practice keeps beside its notes, as the workflows see it: reviews, people, examples, formats."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.ids import NoteId, PersonId
from bot.domain.review import Outcome
from bot.domain.roster import Member
from bot.domain.supervision import Mode


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One round of a note's review as it is found, counted and reminded of: ids, times and codes, no text.

    The note itself says who may act; this is its index. `next_at`: when to remind, or to go a stage further; None once
    it is decided. `stage` counts reminders and escalations so far. `changed`: the share of the draft that its
    clinician changed before signing, in thousandths. `findings`: codes of checks that asked for something then.
    """

    note_id: NoteId
    round: int
    clinician: PersonId
    supervisors: tuple[PersonId, ...]
    mode: Mode
    asked_at: datetime
    due_at: datetime
    next_at: datetime | None
    stage: int = 0
    outcome: Outcome | None = None
    decided_by: PersonId | None = None
    decided_at: datetime | None = None
    changed: int = 0
    findings: tuple[str, ...] = ()


class Reviews(Protocol):
    """Rounds of review of one practice."""

    async def put(self, row: ReviewRow) -> None:
        """Keep a round as it stands now, in place of what was kept of it."""
        ...

    async def of(self, note_id: NoteId) -> Sequence[ReviewRow]:
        """The note's rounds, the first one first."""
        ...

    async def waiting(self, supervisor: PersonId | None, limit: int) -> Sequence[ReviewRow]:
        """Undecided rounds (of this supervisor; of all), the earliest due first."""
        ...

    async def due(self, at: datetime, limit: int) -> Sequence[ReviewRow]:
        """Undecided rounds with something to do at `at`, the longest due first."""
        ...

    async def since(self, at: datetime, limit: int) -> Sequence[ReviewRow]:
        """Rounds asked for since, the latest first."""
        ...


class People(Protocol):
    """Who was put on the roster, or changed, by an administrator. The practice's file speaks for everybody else."""

    async def all(self) -> Sequence[Member]:
        """Everybody who was set, by id."""
        ...

    async def save(self, member: Member, seen: int, by: PersonId | None, at: datetime) -> None:
        """Keep a member's next value; `seen` is the revision it was read as (0: new). Raises Stale when outrun."""
        ...

    async def revision(self) -> int:
        """A number that grows with every change: whether what was read is still so."""
        ...


@dataclass(frozen=True, slots=True)
class Example:
    """A section that a supervisor chose to learn from. `text` is de-identified, and clinical all the same."""

    id: str
    format_id: str
    section: str
    text: str
    why: str
    by: PersonId
    at: datetime


class Examples(Protocol):
    """The practice's examples, sealed."""

    async def add(self, example: Example) -> None: ...

    async def of_format(self, format_id: str, limit: int) -> Sequence[Example]:
        """Examples of one format, the latest first."""
        ...

    async def remove(self, example_id: str, at: datetime) -> bool:
        """Take one away, its text for good; whether it was there."""
        ...


@dataclass(frozen=True, slots=True)
class FormatVersion:
    """A format as it was in use. `definition` is canonical JSON, `sha256` is over it; versions count from 1."""

    format_id: str
    version: int
    definition: str
    sha256: str
    first_seen: datetime


class Formats(Protocol):
    """Every definition of a format that this practice ever used."""

    async def known(self) -> Sequence[FormatVersion]:
        """All of them, by format and version."""
        ...

    async def add(self, version: FormatVersion) -> None:
        """Keep a new one; harmless when the same is there. Raises Stale when another has taken its number."""
        ...
