"""Notes ↔ rows. Sealing and opening of everything clinical happens here and nowhere else."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Row

from bot.domain.ids import BatchId, NoteId, PersonId, PracticeId, StatementId
from bot.domain.links import Link, LinkKind
from bot.domain.note import OPEN, Asked, Before, Note, Session, Signature, State, canonical
from bot.domain.review import Comment, Outcome, Review
from bot.domain.statements import Origin, Point, Slot, Statement
from bot.domain.supervision import Mode
from bot.domain.support import Doubt, Kind
from storage.crypto import DataKey, bound_to

Values = dict[str, Any]


def note_values(note: Note, revision: int, key: DataKey, at: datetime) -> Values:
    """The columns of a note's row that a new value sets (not its ids and its key), the content sealed under `key`."""
    return {
        "clinician_id": note.clinician_id,
        "state": note.state.value,
        "format_id": note.format_id,
        "format_version": note.format_version,
        "version": note.version,
        "revision": revision,
        "created_at": note.created_at,
        "updated_at": at,
        "source": note.source,
        "waiting": waiting(note),
        "link_of": note.link.of if note.link else "",
        "batch": note.batch or "",
        "batch_position": note.position,
        "content": key.seal(
            _encoded(note), _note_place(note, revision, waiting(note), note.link.of if note.link else "")
        ),
    }


def waiting(note: Note) -> str:
    """What a draft waits for a worker to do, as a plain column: `reword` or nothing."""
    return "reword" if note.asked and note.state in OPEN else ""


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
        format_version=row.format_version,
        batch=BatchId(row.batch) if row.batch else None,
        position=row.batch_position,
    )
    place = _note_place(shell, row.revision, row.waiting, row.link_of)
    return _decoded(key.open(row.content, place), shell)


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


def _note_place(note: Note, revision: int, waits: str, link_of: str) -> bytes:
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
        *((waits,) if waits else ()),  # absent in what was sealed before there was the column
        *((f"link:{link_of}",) if link_of else ()),  # likewise
        *((f"format:{note.format_version}",) if note.format_version else ()),
        *((f"batch:{note.batch}:{note.position}",) if note.batch else ()),
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
        "points": _point_rows(note.points),
        "statements": _statement_rows(note.statements),
        "drafted_by": note.drafted_by.value,
        "left_out": note.left_out,
        "previous_hash": note.previous_hash,
        **_drafting(note),
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _drafting(note: Note) -> Values:
    """What exists only while a note is being worked on; a signed note, and an older row, has little of it."""
    before = note.before
    found: Values = {
        "held": _statement_rows(note.held),
        "prompt_version": note.prompt_version,
        "fallback": note.fallback,
        "asked": [note.asked.instruction, note.asked.section] if note.asked else None,
        "before": [
            _point_rows(before.points),
            _statement_rows(before.statements),
            _statement_rows(before.held),
            before.left_out,
        ]
        if before
        else None,
        "trouble": note.trouble,
        "suggested_goals": note.suggested_goals,
        "goals": note.goals,
        "waived": note.waived,
        "link": [note.link.kind, note.link.of, note.link.reason] if note.link else None,
        "reviews": [_review_row(review) for review in note.reviews],
        "void": note.void,
        "late_reason": note.late_reason,
    }
    return {name: value for name, value in found.items() if value or (name == "goals" and value is not None)}


def _point_rows(points: Sequence[Point]) -> list[Any]:
    return [[point.number, point.text] for point in points]


def _statement_rows(statements: Sequence[Statement]) -> list[Any]:
    return [
        [s.id, s.slot.value, s.text, s.sources, s.origin.value, *([[s.doubt.kind, s.doubt.words]] if s.doubt else [])]
        for s in statements
    ]


def _points(rows: Sequence[Any]) -> tuple[Point, ...]:
    return tuple(Point(number, words) for number, words in rows)


def _statements(rows: Sequence[Any]) -> tuple[Statement, ...]:
    return tuple(
        Statement(StatementId(i), Slot(slot), words, tuple(sources), Origin(origin), _doubt(doubt))
        for i, slot, words, sources, origin, *doubt in rows
    )


def _doubt(rest: Sequence[Any]) -> Doubt | None:
    return Doubt(Kind(rest[0][0]), rest[0][1]) if rest else None


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
        points=_points(content["points"]),
        statements=_statements(content["statements"]),
        drafted_by=Origin(content["drafted_by"]),
        left_out=tuple(content["left_out"]),
        version=shell.version,
        previous_hash=content["previous_hash"],
        signatures=shell.signatures,
        source=shell.source,
        format_version=shell.format_version,
        batch=shell.batch,
        position=shell.position,
        late_reason=content.get("late_reason", ""),
        held=_statements(content.get("held", ())),
        prompt_version=content.get("prompt_version", ""),
        fallback=content.get("fallback", ""),
        asked=Asked(*content["asked"]) if content.get("asked") else None,
        before=_before(content.get("before")),
        trouble=content.get("trouble", ""),
        suggested_goals=tuple(content.get("suggested_goals", ())),
        goals=tuple(content["goals"]) if content.get("goals") is not None else None,
        waived=tuple(content.get("waived", ())),
        link=_link(content.get("link")),
        reviews=tuple(_review(row) for row in content.get("reviews", ())),
        void=content.get("void", 0),
    )


def _review_row(review: Review) -> Values:
    return {
        "mode": review.mode.value,
        "version": review.version,
        "asked_at": instant(review.asked_at),
        "supervisors": review.supervisors,
        "statements": _statement_rows(review.statements),
        "outcome": review.outcome.value if review.outcome else None,
        "by": review.by,
        "at": instant(review.at) if review.at else None,
        "comments": [[comment.section, comment.text] for comment in review.comments],
    }


def _review(row: Values) -> Review:
    return Review(
        mode=Mode(row["mode"]),
        version=row["version"],
        asked_at=datetime.fromisoformat(row["asked_at"]),
        supervisors=tuple(PersonId(person) for person in row["supervisors"]),
        statements=_statements(row["statements"]),
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        by=PersonId(row["by"]) if row["by"] else None,
        at=datetime.fromisoformat(row["at"]) if row["at"] else None,
        comments=tuple(Comment(section, said) for section, said in row["comments"]),
    )


def _link(parts: Sequence[str] | None) -> Link | None:
    return Link(LinkKind(parts[0]), NoteId(parts[1]), parts[2]) if parts else None


def _before(rows: Sequence[Any] | None) -> Before | None:
    if rows is None:
        return None
    points, statements, held, left_out = rows
    return Before(_points(points), _statements(statements), _statements(held), tuple(left_out))
