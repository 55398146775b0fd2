"""What a signed note may be to another one. A filed note is never changed: each of these is a new, signed note.

- addendum: adds to a note, which stays as it is;
- amendment: takes a note's place, with a reason; the old one stays readable and is marked as superseded;
- retraction: says that a note was entered in error (wrong client, wrong session), with a reason.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.ids import NoteId


class LinkKind(StrEnum):
    ADDENDUM = "addendum"
    AMENDMENT = "amendment"
    RETRACTION = "retraction"


FORMATS = {LinkKind.ADDENDUM: "addendum", LinkKind.RETRACTION: "retraction"}
"""The format of what is not a whole note; an amendment is one, in the format of the note it amends."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a note is to note `of`. `reason` is clinical text: the clinician's own words, empty for an addendum."""

    kind: LinkKind
    of: NoteId
    reason: str = ""
