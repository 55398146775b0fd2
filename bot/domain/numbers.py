"""What was measured of somebody's notes: counts and times, never a score, and nothing that is only claimed. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median


@dataclass(frozen=True, slots=True)
class Signed:
    """One signed note as it is counted. `took`: from its summary to its signature; `changed` in thousandths."""

    took: timedelta
    same_day: bool
    changed: int
    late: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of the notes that were signed in some days: how many, and of half of them at least or at most.

    `took`: summary to signature, the median. `same_day`, `changed`, `late` in per cent: signed on the day of the
    session; the share of the draft that its clinician changed (median); signed after the payer's deadline. None
    without any note. `backlog`: how many sessions waited for a note at the end of each of some days, the last one now.
    """

    name: str
    signed: int
    took: timedelta | None = None
    same_day: int | None = None
    changed: int | None = None
    late: int | None = None
    backlog: tuple[tuple[dt.date, int], ...] = ()


def numbers_of(name: str, notes: Sequence[Signed], backlog: Sequence[tuple[dt.date, int]]) -> Numbers:
    """The figures of these notes."""
    if not notes:
        return Numbers(name, 0, backlog=tuple(backlog))
    count = len(notes)
    return Numbers(
        name,
        count,
        took=timedelta(seconds=round(median(note.took.total_seconds() for note in notes))),
        same_day=round(100 * sum(note.same_day for note in notes) / count),
        changed=round(median(note.changed for note in notes) / 10),
        late=round(100 * sum(note.late for note in notes) / count),
        backlog=tuple(backlog),
    )


def waited_at(spans: Sequence[tuple[datetime, datetime | None]], moment: datetime) -> int:
    """How many of these (from when, until when) were waiting at a moment."""
    return sum(begun <= moment and (ended is None or ended > moment) for begun, ended in spans)
