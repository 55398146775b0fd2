"""Who reviews whose notes, and how: the practice's own rule. What came of it for one note is in `review.py`."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.ids import NoteId, PersonId


class Mode(StrEnum):
    """`NONE`: no review. `APPROVE`: read and approved before it is filed. `COSIGN`: signed by a supervisor, too.

    `SAMPLE`: a share of the notes is drawn, and approved before it is filed.
    """

    NONE = "none"
    APPROVE = "approve"
    COSIGN = "cosign"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Supervision:
    """Who reviews whose notes, how, from when to when (both days included). `sample_percent` goes with SAMPLE only."""

    clinician: PersonId
    supervisors: tuple[PersonId, ...]
    mode: Mode
    since: dt.date | None = None
    until: dt.date | None = None
    sample_percent: int = 0

    def in_force(self, day: dt.date) -> bool:
        """Whether it holds on this day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    @property
    def reviews_every_note(self) -> bool:
        """Whether no note is filed without a supervisor."""
        return self.mode in (Mode.APPROVE, Mode.COSIGN)

    def reviews(self, note_id: NoteId) -> bool:
        """Whether this note goes to a supervisor. A note's lot is drawn once: signing it again cannot change it."""
        return self.reviews_every_note or (self.mode is Mode.SAMPLE and drawn(note_id, self.sample_percent))


def drawn(note_id: NoteId, percent: int) -> bool:
    """Whether a note is among the `percent` of all that are drawn. Note ids are random, so nobody chooses their lot."""
    lot = int.from_bytes(hashlib.sha256(f"sample:{note_id}".encode()).digest()[:8]) / 2**64
    return lot * 100 < percent
