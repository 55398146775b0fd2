"""Notes ↔ rows. Sealing and opening of everything clinical happens here and nowhere else."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Row

from bot.domain.ids import NoteId, PersonId, PracticeId, StatementId
from bot.domain.note import Note, Session, Signature, State, canonical
from bot.domain.statements import Origin, Point, Slot, Statement
from storage.crypto import DataKey, bound_to

Values = dict[str, Any]


def note_values(note: Note, revision: int, key: DataKey, at: datetime) -> Values:
    """The columns of a note's row that a new value sets (not its ids and its key), the content sealed under `key`."""
    return {
        "clinician_id": note.clinician_id,
        "state": note.state.value,
        "format_id": note.format_id,
        "version": note.version,
        "revision": revision,
        "created_at": note.created_at,
        "updated_at": at,
        "source": note.source,
        "content": key.seal(_encoded(note), _note_place(note, revision)),
    }


def opened_note(row: Row[Any], signatures: Sequence[Signature], key: DataKey) -> Note:
    """The note of a row. Raises Unreadable also when a plain column or a signature was changed behind our back."""
    shell = Note(
        id=NoteId(row.id),
        practice_id=PracticeId(row.practice_id),
        clinician_id=PersonId(row.clinician_id),
        state=State(row.state),
        format_id=row.format_id,
        summary="",
        created_at=row.created_at,
        version=row.version,
        signatures=tuple(signatures),
        source=row.source,
    )
    return _decoded(key.open(row.content, _note_place(shell, row.revision)), shell)


def version_values(note: Note, key: DataKey, at: datetime) -> Values:
    """An immutable version: the exact bytes that its hash covers, sealed."""
    return {
        "practice_id": note.practice_id,
        "note_id": note.id,
        "version": note.version,
        "hash": note.version_hash(),
        "previous_hash": note.previous_hash,
        "stored_at": at,
        "content": key.seal(canonical(note), bound_to(note.practice_id, note.id, "versions", note.version)),
    }


def signature_values(note: Note, position: int) -> Values:
    """The columns of one signature of a note."""
    signature = note.signatures[position]
    return {
        "practice_id": note.practice_id,
        "note_id": note.id,
        "position": position,
        "person_id": signature.person_id,
        "name": signature.name,
        "credentials": signature.credentials,
        "role": signature.role,
        "at": signature.at,
        "version": signature.version,
        "version_hash": signature.version_hash,
        "attestation": signature.attestation,
    }


def signature_of(row: Row[Any]) -> Signature:
    """The signature of a row."""
    return Signature(
        PersonId(row.person_id),
        row.name,
        row.credentials,
        row.role,
        row.at,
        row.version,
        row.version_hash,
        row.attestation,
    )


def instant(at: datetime) -> str:
    """One spelling for one instant, for what is hashed or authenticated."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _note_place(note: Note, revision: int) -> bytes:
    # Every plain column and every signature is part of what the seal covers.
    signed = [
        (s.person_id, s.name, s.credentials, s.role, instant(s.at), s.version, s.version_hash, s.attestation)
        for s in note.signatures
    ]
    return bound_to(
        note.practice_id,
        note.id,
        "content",
        revision,
        note.clinician_id,
        note.state.value,
        note.format_id,
        note.version,
        instant(note.created_at),
        note.source,
        json.dumps(signed),
    )


def _encoded(note: Note) -> bytes:
    session = note.session
    content = {
        "summary": note.summary,
        "client": note.client_code,
        "session": [
            session.date.isoformat() if session.date else None,
            session.start.isoformat() if session.start else None,
            session.minutes,
            session.kind,
            session.modality,
        ],
        "points": [[point.number, point.text] for point in note.points],
        "statements": [[s.id, s.slot.value, s.text, s.sources, s.origin.value] for s in note.statements],
        "drafted_by": note.drafted_by.value,
        "left_out": note.left_out,
        "previous_hash": note.previous_hash,
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _decoded(plain: bytes, shell: Note) -> Note:
    content = json.loads(plain.decode("utf-8", "surrogatepass"))
    day, start, minutes, kind, modality = content["session"]
    return Note(
        id=shell.id,
        practice_id=shell.practice_id,
        clinician_id=shell.clinician_id,
        state=shell.state,
        format_id=shell.format_id,
        summary=content["summary"],
        created_at=shell.created_at,
        client_code=content["client"],
        session=Session(
            date.fromisoformat(day) if day else None,
            time.fromisoformat(start) if start else None,
            minutes,
            kind,
            modality,
        ),
        points=tuple(Point(number, words) for number, words in content["points"]),
        statements=tuple(
            Statement(StatementId(i), Slot(slot), words, tuple(sources), Origin(origin))
            for i, slot, words, sources, origin in content["statements"]
        ),
        drafted_by=Origin(content["drafted_by"]),
        left_out=tuple(content["left_out"]),
        version=shell.version,
        previous_hash=content["previous_hash"],
        signatures=shell.signatures,
        source=shell.source,
    )
