"""One round of review of a note: what was asked of whom, and what they answered. Comments are clinical text."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.ids import PersonId
from bot.domain.statements import Statement
from bot.domain.supervision import Mode


class Outcome(StrEnum):
    APPROVED = "approved"
    CHANGES = "changes"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Comment:
    """A supervisor's remark. `section`: the key of the section it is about, empty for the whole note."""

    section: str
    text: str


@dataclass(frozen=True, slots=True)
class Review:
    """One round. `statements` are those of `version`, which was submitted; `supervisors` may act, the first clears it.

    Without `outcome` it is waited for.
    """

    mode: Mode
    version: int
    asked_at: datetime
    supervisors: tuple[PersonId, ...]
    statements: tuple[Statement, ...] = ()
    outcome: Outcome | None = None
    by: PersonId | None = None
    at: datetime | None = None
    comments: tuple[Comment, ...] = ()
