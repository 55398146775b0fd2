"""What is said of the audit log: each finding in a sentence that an administrator understands."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.domain.audit import SignedHead
from bot.domain.audit_check import Finding, Trouble

HOLDS_SEALED = "The audit log holds: {rows}, each with its hash, in order, to the end that this practice's key seals."
HEADS_HOLD = "It agrees with {heads}, the latest of row {seq} ({at} UTC)."
NO_HEADS = (
    "No signed head was compared (--head): only one that was kept elsewhere shows a log that was put back as a whole "
    "to an earlier state."
)
FILE_HOLDS = "{file} holds: {rows}, each with its hash, in order."
FILE_SIGNED = "Its last row is signed with the key {key}."
FILE_OWN_KEY = "Compare that key with the one that the practice gives (`afternote audit key`), or name it with --key."
FILE_UNSIGNED = (
    "No signature of its last row is with it, so this does not show whether somebody rewrote all of it: name a signed "
    "head with --head."
)
FILE_BEFORE = "It begins with row {first}; what is before that is not in it."
MORE = "And {count} more."
WHAT_NOW = "What to do now stands in docs/operations.md, under “Audit”."
NOT_KEPT = "audit head of {day} is not kept: {code}"
KEPT = "Today's head is signed and kept in {folder}."
KEPT_BEFORE = (
    "Nothing to do: today's head is in {folder} already, or nothing is in the log yet. --out signs to another file."
)
SIGNED = "The log up to row {seq} is signed in {file}. Keep it where nobody who can change the database can change it."
NOTHING_TO_SIGN = "Nothing is in the audit log yet, so there is nothing to sign."
NO_FOLDER = "Signed heads of the audit log cannot be written to {folder} ({why}): AFTERNOTE_AUDIT_HEADS."
INSIDE = (
    "that is inside AFTERNOTE_HOME: whoever can rewrite the database can rewrite those too, so set "
    "AFTERNOTE_AUDIT_HEADS to a folder elsewhere"
)
EXPORTED = "Rows {first} to {last} of the audit log are in {files}."
EXPORT_UNSIGNED = "The log does not hold, so its last row is not signed. Run `afternote audit verify`."

_SENTENCES = {
    Trouble.CHANGED: "{Row}{at} was changed: what it says does not fit its hash.",
    Trouble.REHASHED: (
        "{Row}{at} was changed and hashed anew, or stands in the place of another one; so may rows before it."
    ),
    Trouble.MISSING: "{Row} {is_} missing.",
    Trouble.INSERTED: "{Row} {was_} inserted: the log was written without {it}.",
    Trouble.MOVED: "{Row}{at} is out of order: it was written as row {was}.",
    Trouble.RESEALED: (
        "{Row}{at} tells that the end before it was not sealed with this practice's key: by then somebody without the "
        "key had cut off or rewritten rows before it."
    ),
    Trouble.CUT: "The end was cut off: {row} {is_} missing.",
    Trouble.AFTER_END: "{Row} {was_} inserted after the end: the log's own record of its end does not know {it}.",
    Trouble.NO_END: "The log's own record of its end is missing (after row {seq}), so the end may be cut off.",
    Trouble.UNSEALED: (
        "The end (row {seq}) is not sealed with this practice's key: somebody without the key cut rows off, or rewrote "
        "rows and hashed all that follow anew. What the rows themselves do not show, only a signed head can tell."
    ),
    Trouble.OTHER_HASH: (
        "{name}: {row} is not the one that was signed on {signed}: it, or one before it, was rewritten.{holds}"
    ),
    Trouble.WENT_BACK: (
        "{name}: on {signed} the log had {signed_seq} rows and now it has {seq}: it was put back to an earlier state, "
        "or rows were taken out.{holds}"
    ),
    Trouble.FORGED: "{name}: its signature does not hold, so this file was changed and proves nothing.",
    Trouble.OTHER_KEY: "{name}: it is signed, but with another key ({key}), so it proves nothing.",
    Trouble.OTHER_PRACTICE: "{name}: it is of another practice ({practice}), so it proves nothing here.",
}
_UP_TO = " Up to row {seq} (signed on {at}) it is as it was."


def said(finding: Finding) -> str:
    """The finding in a sentence or two; times in UTC."""
    several = finding.last > finding.seq
    row = f"rows {finding.seq} to {finding.last}" if several else f"row {finding.seq}"
    head = finding.head
    return _SENTENCES[finding.trouble].format(
        row=row,
        Row=row[0].upper() + row[1:],
        is_="are" if several else "is",
        was_="were" if several else "was",
        it="them" if several else "it",
        at=f" ({moment(finding.at)} UTC)" if finding.at else "",
        seq=finding.seq,
        was=finding.was,
        name=finding.name,
        signed=f"{moment(head.at)} UTC" if head else "",
        signed_seq=head.seq if head else 0,
        key=head.public_key if head else "",
        practice=head.practice if head else "",
        holds=_held(finding.holds),
    )


def moment(at: datetime) -> str:
    """A moment in UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def rows(count: int) -> str:
    """`1 row`, `2 rows`."""
    return f"{count} row{'' if count == 1 else 's'}"


def heads(found: Sequence[SignedHead]) -> str:
    """`1 signed head`, `no signed heads`."""
    return f"{len(found) or 'no'} signed head{'' if len(found) == 1 else 's'}"


def _held(head: SignedHead | None) -> str:
    return _UP_TO.format(seq=head.seq, at=f"{moment(head.at)} UTC") if head else ""
