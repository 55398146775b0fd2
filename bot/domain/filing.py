"""What is known of a note's way into the practice's storage: one filing a note and target.

A target is one place of practice.toml: the first is *the record*, the others are copies. A note counts as filed when
the record has it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.errors import Stale
from bot.domain.ids import NoteId


class FilingState(StrEnum):
    PENDING = "pending"  # waits for its time
    SENDING = "sending"  # a worker holds the lease; if that ran out, what it sent may have arrived
    STORED = "stored"
    CONFLICT = "conflict"  # the place holds other content under this key
    UNKNOWN = "unknown"  # the answer was lost and the place cannot be asked: a person looks
    REFUSED = "refused"  # trying again cannot help until a person changes something


class Reason(StrEnum):
    """Why a note is not there yet, as words and handling need it. `code_of` puts it into an error's code."""

    UNREACHABLE = "unreachable"  # no connection: nothing was sent
    TIMEOUT = "timeout"  # no answer in time, and looking showed that nothing arrived
    BUSY = "busy"  # "not now": 408, 425, 429, 503, a lock
    BROKEN = "broken"  # the other side failed: 500, 502, an I/O error
    FULL = "full"  # no space or quota left
    AWAY = "away"  # the place is not mounted, or is not known as ours
    NOT_ALLOWED = "not_allowed"  # credentials or rights
    READ_ONLY = "read_only"
    UNTRUSTED = "untrusted"  # certificate or host key
    NO_PLACE = "no_place"  # bucket, table, share, base path: not there
    TOO_LARGE = "too_large"
    REFUSED = "refused"  # understood and declined
    OTHER_CONTENT = "other_content"  # a conflict
    NOT_KEPT = "not_kept"  # what was read back differs
    NONSENSE = "nonsense"  # an answer that makes no sense
    LOST = "lost"  # sent, no answer, and it cannot be looked up
    NO_CLIENT = "no_client"  # nobody there has this client code
    SEVERAL_CLIENTS = "several_clients"
    NO_SESSION = "no_session"  # the place wants an encounter and has none that fits
    NO_CLINICIAN = "no_clinician"  # the clinician is not mapped to one of the place
    NOT_RENDERED = "not_rendered"  # a kind of file that was not made
    UNEXPECTED = "unexpected"  # a fault of ours


_REMOVED = "removed"


def code_of(kind: str, reason: Reason, detail: str | int = "") -> str:
    """An error's code: `fhir:not_allowed:401`. `kind`: the adapter; `detail`: digits or a bare word, never text."""
    return ":".join(filter(None, (kind, reason.value, str(detail))))


def reason_in(code: str) -> Reason | None:
    """The reason that `code_of` put into a code, if it holds one."""
    parts = code.split(":")
    return Reason(parts[1]) if len(parts) > 1 and parts[1] in tuple(Reason) else None


def removed_code(target: str) -> str:
    """The code of a filing at a place that practice.toml does not name any more."""
    return code_of(target, Reason.NO_PLACE, _REMOVED)


def was_removed(code: str) -> bool:
    """Whether a code is `removed_code` of any place."""
    return code.endswith(f":{Reason.NO_PLACE.value}:{_REMOVED}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of filing. `sha256` is of the primary file, `version` the place's own version of it, when it has any.

    `outcome`: `stored` by this call, `already` there with the same bytes, or `confirmed` by a person who looked.
    `verified`: the SHA-256 is that of the bytes as read back from there.
    """

    reference: str
    sha256: str
    outcome: str
    at: datetime
    version: str = ""
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Filing:
    """The ledger's row for one note and target.

    `maybe_sent`: an earlier sending may have arrived although nobody said so; look before sending again.
    `failing_since`: the first failure of those that go on.
    """

    note_id: NoteId
    target: str
    state: FilingState
    attempts: int
    next_at: datetime
    error_code: str = ""
    receipt: Receipt | None = None
    maybe_sent: bool = False
    failing_since: datetime | None = None


LONGEST_SAID = timedelta(hours=25)
"""No wait and no lease is longer: a time further ahead was written while the machine's clock was wrong."""


def is_ahead(at: datetime, now: datetime) -> bool:
    """Whether a time of the ledger is still to come, and can be believed."""
    return now < at <= now + LONGEST_SAID


def not_again(state: FilingState) -> Stale:
    """Why a filing in this state cannot be sent again."""
    if state is FilingState.STORED:
        return Stale("filing_stored", "This note is stored there already. Nothing needs to be sent.")
    return Stale("filing_runs", "This note is being sent right now. Look again in a few minutes.")
