"""What is kept of a clinician's day, as the workflows see it: sessions, batches, choices, reminders, measures."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.appointments import Appointment
from bot.domain.ids import AppointmentId, BatchId, NoteId, PersonId
from bot.domain.note import State
from bot.domain.preferences import Preferences


@dataclass(frozen=True, slots=True)
class Listed:
    """A session whose note is not signed, and how far that is. `state`: of its note; None while there is none."""

    appointment: Appointment
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How many sessions of one clinician wait in one state (None: no summary yet), and how many of them are overdue."""

    clinician: PersonId
    state: State | None
    count: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when a session was in its clinician's backlog; still is when `settled_at` is None."""

    clinician: PersonId
    starts_at: datetime
    due_at: datetime | None
    settled_at: datetime | None


class Appointments(Protocol):
    """Sessions on clinicians' lists. A moment without a date is that of being put on the list."""

    async def add(self, appointment: Appointment, at: datetime) -> None:
        """Put a new one on the list. Raises Stale when its calendar's key is there already."""
        ...

    async def save(self, appointment: Appointment, seen: Appointment) -> None:
        """Store the next value of one read as `seen`. Raises Stale when outrun, NotFound when it is gone."""
        ...

    async def remove(self, appointment_id: AppointmentId) -> None:
        """Take one off the list; harmless when it is gone."""
        ...

    async def get(self, appointment_id: AppointmentId) -> Appointment:
        """Raises NotFound."""
        ...

    async def of_note(self, note_id: NoteId) -> Appointment | None:
        """The session that a note is about."""
        ...

    async def known(self, wanted: Sequence[Appointment]) -> Sequence[Appointment | None]:
        """For each the stored one that it is: of the same origin and key, else the same client at the same time.

        The same time: the same clinician, client, day and start, from whatever origin.
        """
        ...

    async def on_day(self, clinician: PersonId, client_code: str, day: dt.date) -> Sequence[Appointment]:
        """One client's sessions with a clinician on a day, in order of time."""
        ...

    async def waiting(self, clinician: PersonId, until: datetime, limit: int, offset: int = 0) -> Sequence[Listed]:
        """A clinician's backlog: begun before `until` and not signed, what is due first first."""
        ...

    async def standing(self, now: datetime, clinician: PersonId | None = None) -> Sequence[Standing]:
        """How many wait by now, of one clinician or of each. Overdue: due before now."""
        ...

    async def between(self, clinician: PersonId, since: datetime, until: datetime, limit: int) -> Sequence[Listed]:
        """A clinician's sessions of a time, cancelled and signed ones too, in order of time."""
        ...

    async def spans(self, clinician: PersonId | None, since: datetime, now: datetime) -> Sequence[Span]:
        """Of what was in a backlog at some time since: from when until when."""
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Several summaries that were sent at once. Its notes carry its id, and their position from 1 to `total`.

    `current`: the position that is looked at; 0 before the first. `doubts`: position → code of why its session is not
    sure. `overview` and `review` are the addresses (platform, workspace, channel, ts) of its two cards.
    """

    id: BatchId
    clinician_id: PersonId
    created_at: datetime
    total: int
    source: str = ""
    current: int = 0
    doubts: Mapping[int, str] | None = None
    overview: tuple[str, str, str, str] | None = None
    review: tuple[str, str, str, str] | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class BatchNote:
    """One note of a batch: where it stands, no text."""

    note_id: NoteId
    position: int
    state: State


class Batches(Protocol):
    """Batches of one practice."""

    async def add(self, batch: Batch) -> None:
        """Raises Stale when its source already started one."""
        ...

    async def save(self, batch: Batch, seen: Batch) -> None:
        """Store the next value. Raises Stale when it is not as it was seen any more."""
        ...

    async def get(self, batch_id: BatchId) -> Batch:
        """Raises NotFound."""
        ...

    async def by_source(self, source: str) -> BatchId | None: ...

    async def open_ones(self, limit: int) -> Sequence[Batch]:
        """Batches that are not closed, oldest first."""
        ...

    async def notes_of(self, batch_id: BatchId) -> Sequence[BatchNote]:
        """Its notes by position."""
        ...


class Choices(Protocol):
    """What people chose for themselves."""

    async def of(self, person: PersonId) -> Preferences:
        """One person's; the defaults when they never chose."""
        ...

    async def save(self, chosen: Preferences, at: datetime) -> None:
        """Keep them; `revision` is the one they were read as. Raises Stale when outrun."""
        ...

    async def all(self) -> Sequence[Preferences]:
        """Everybody's who ever chose."""
        ...


class Reminders(Protocol):
    """Guards what is sent once a person, kind and local day. `kind` e.g. `day` or `digest`; no text."""

    async def claim(self, person: PersonId, kind: str, day: dt.date, holder: str, at: datetime, seconds: int) -> bool:
        """Take the right to send it until `at + seconds`; False when it is done, or somebody else holds it."""
        ...

    async def done(self, person: PersonId, kind: str, day: dt.date, holder: str, at: datetime) -> bool:
        """It is sent, or there was nothing to send. False when `holder` lost it to somebody else."""
        ...

    async def release(self, person: PersonId, kind: str, day: dt.date, holder: str) -> None:
        """It did not come about, though it may have been told as done: somebody may try again at once."""
        ...

    async def settled(self, kind: str, since: dt.date) -> Sequence[tuple[PersonId, dt.date]]:
        """What is done, of this day on."""
        ...

    async def forget(self, before: dt.date) -> None:
        """Drop what is older than this day."""
        ...


@dataclass(frozen=True, slots=True)
class Measure:
    """What was measured of one signed note: ids and times, no text.

    `started_at`: its summary came. `same_day`: signed on the day of the session where its clinician is. `changed`: the
    share of the draft that its clinician changed before signing, in thousandths. `late`: signed after its deadline.
    """

    note_id: NoteId
    clinician: PersonId
    started_at: datetime
    signed_at: datetime
    same_day: bool
    changed: int
    late: bool = False


class Measures(Protocol):
    """What was measured of signed notes."""

    async def put(self, measure: Measure) -> None:
        """Keep it, in place of what was measured of this note before."""
        ...

    async def since(self, at: datetime, clinician: PersonId | None, limit: int) -> Sequence[Measure]:
        """Of notes signed since, the latest first."""
        ...
