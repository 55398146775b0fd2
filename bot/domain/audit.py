"""The audit log as data: a row of the chain, what its hash covers, the chain's end, and the signed statement of an end.

The spelling that is hashed is fixed: chains of earlier releases must still hold.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

SEAL_BROKEN = "the end before this was not sealed with this practice's key"
"""An act of the log's own: somebody without the key had changed where the chain ends, and work went on all the same."""


@dataclass(frozen=True, slots=True)
class ChainRow:
    """One line of the log as it is stored. `at` is None, and any text is as found, where somebody spoilt them."""

    seq: int
    actor: str | None
    act: str
    note_id: str | None
    version: int
    version_hash: str
    at: datetime | None
    via: str
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """Where the chain ends, as it is kept apart from the rows. `sealed`: with this practice's key."""

    seq: int
    hash: str
    sealed: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows somebody asks for; what is empty says nothing. `until` is the first moment that is too late."""

    note_id: str = ""
    actor: str = ""
    act: str = ""
    since: datetime | None = None
    until: datetime | None = None


ALL_ROWS = Wanted()


@dataclass(frozen=True, slots=True)
class SignedHead:
    """“At this moment row `seq` had this hash”, signed by the practice (Ed25519; key and signature in base64)."""

    practice: str
    seq: int
    hash: str
    at: datetime
    public_key: str
    signature: str = ""

    def statement(self) -> bytes:
        """What is signed: everything but the signature, in one spelling."""
        said = {
            "at": instant(self.at),
            "hash": self.hash,
            "practice": self.practice,
            "public_key": self.public_key,
            "schema": HEAD_SCHEMA,
            "seq": self.seq,
        }
        return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


HEAD_SCHEMA = "afternote/audit-head/1"


def digest_of(practice: str, row: ChainRow, seq: int | None = None) -> str:
    """The hash that this row must have in this practice's chain, in its own place or in place `seq`."""
    values = {
        "practice_id": practice,
        "seq": row.seq if seq is None else seq,
        "actor": row.actor,
        "act": row.act,
        "note_id": row.note_id,
        "version": row.version,
        "version_hash": row.version_hash,
        "at": instant(row.at) if row.at else "",
        "via": row.via,
        "previous_hash": row.previous_hash,
    }
    return hashlib.sha256(json.dumps(values, sort_keys=True, separators=(",", ":"), default=str).encode()).hexdigest()


def instant(at: datetime) -> str:
    """One spelling for one instant."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
