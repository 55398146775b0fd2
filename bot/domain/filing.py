"""What is known of a note's way into the practice's storage."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import NoteId


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of filing: where it is, SHA-256 of the primary file as read back, and whether it had been there already."""

    reference: str
    sha256: str
    outcome: str  # "stored" | "already"
    at: datetime


@dataclass(frozen=True, slots=True)
class Filing:
    """The ledger's row for one note: how often tried, when next, the last error code, the receipt when stored."""

    note_id: NoteId
    attempts: int
    next_at: datetime
    error_code: str
    receipt: Receipt | None
