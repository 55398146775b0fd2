"""How the notes of supervised clinicians stand: counts and times of reviews. Never a score, and nobody is ranked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.ids import NoteId


@dataclass(frozen=True, slots=True)
class WaitingNote:
    """A note that waits for somebody's review: what its card shows, no text."""

    note_id: NoteId
    client_code: str
    format_name: str
    clinician: str
    waits: timedelta
    overdue: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """One clinician. `waiting`: reviews that are asked for, `oldest` the longest of them, `overdue` those past due.

    Of the page's days: `notes` that were submitted, `decided` reviews with their `median` and `longest` turnaround
    (asked to decided), `changes` rounds that asked for changes. `changed`: of half of the notes at least this share is
    the clinician's own wording when it is first submitted, in per cent; None without any. `findings`: what the checks
    asked for most often then, in words, with in how many notes.
    """

    name: str
    waiting: int = 0
    oldest: timedelta | None = None
    overdue: int = 0
    notes: int = 0
    decided: int = 0
    median: timedelta | None = None
    longest: timedelta | None = None
    changes: int = 0
    changed: int | None = None
    findings: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SupervisionPage:
    """What a supervisor or an administrator sees of the last `days`, by name. `waiting`: what waits for the reader.

    `own`: of the reader's own supervisees only. `more`: notes that wait and are not listed.
    """

    at: datetime
    days: int
    people: tuple[Standing, ...]
    waiting: tuple[WaitingNote, ...] = ()
    more: int = 0
    own: bool = True
