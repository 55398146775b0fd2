"""The index of an export (`afternote/export/1`): ids, dates, names, hashes and links; of what a note says, nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.domain.filing import Filing
from bot.domain.links import LinkKind
from bot.domain.note import Note
from bot.ports import Act
from bot.workflows.desk import Desk

SCHEMA = "afternote/export/1"
_LISTS = {LinkKind.ADDENDUM: "addenda", LinkKind.AMENDMENT: "superseded_by", LinkKind.RETRACTION: "retracted_by"}


def note_row(
    desk: Desk, note: Note, filings: Sequence[Filing], files: Sequence[Mapping[str, Any]], lacking: Sequence[str]
) -> dict[str, Any]:
    """One note of the index. `lacking`: kinds of document that were asked for and are not stored."""
    fmt, person = desk.format_of(note), desk.practice.person(note.clinician_id)
    return {
        "note": note.id,
        "state": note.state,
        "client_code": note.client_code,
        "date_of_service": note.session.date.isoformat() if note.session.date else None,
        "format": {"id": note.format_id, "name": fmt.name, "version": fmt.version},
        "clinician": {"id": note.clinician_id, "name": person.signature_line if person else ""},
        "created_at": note.created_at.isoformat(),
        "version": {"number": note.version, "sha256": note.version_hash()},
        "signatures": [
            {
                "name": f"{signed.name}, {signed.credentials}" if signed.credentials else signed.name,
                "role": signed.role,
                "at": signed.at.isoformat(),
                "version_sha256": signed.version_hash,
            }
            for signed in note.standing
        ],
        "link": {"kind": note.link.kind, "note": note.link.of} if note.link else None,
        "filings": [_filing(filing) for filing in filings],
        "files": list(files),
        "lacking": list(lacking),
    }


def index_of(
    desk: Desk,
    client_code: str,
    created_at: datetime,
    kinds: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    unsigned: int,
) -> dict[str, Any]:
    """The whole index, but for the files that the place itself adds."""
    return {
        "schema": SCHEMA,
        "client_code": client_code,
        "practice": {"id": desk.id, "name": desk.practice.name, "timezone": desk.practice.timezone},
        "created_at": created_at.isoformat(),
        "kinds": list(kinds),
        "complete": not any(row["lacking"] for row in rows),
        "unsigned_drafts": unsigned,
        "notes": [{**row, **_followers(row["note"], rows)} for row in rows],
    }


def audit_line(act: Act) -> dict[str, Any]:
    """A line of the audit trail that goes along."""
    return {
        "note": act.note_id,
        "at": act.at.isoformat(),
        "act": act.act,
        "actor": act.actor,
        "via": act.via,
        "version": act.version,
        "version_sha256": act.version_hash,
    }


def _followers(note_id: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Which notes of the export add to this one, take its place, or say that it was entered in error."""
    found: dict[str, list[str]] = {name: [] for name in _LISTS.values()}
    for row in rows:
        if row["link"] and row["link"]["note"] == note_id:
            found[_LISTS[row["link"]["kind"]]].append(row["note"])
    return found


def _filing(filing: Filing) -> dict[str, Any]:
    receipt = filing.receipt
    return {
        "target": filing.target,
        "state": filing.state,
        "attempts": filing.attempts,
        "error_code": filing.error_code,
        "receipt": {
            "reference": receipt.reference,
            "sha256": receipt.sha256,
            "outcome": receipt.outcome,
            "at": receipt.at.isoformat(),
            "version": receipt.version,
            "verified": receipt.verified,
        }
        if receipt
        else None,
    }
