"""The note for programs: schema `afternote/note/1` (`adapters/note.schema.json`): the one file with every statement."""

import json

from adapters.layout import Document, DocumentSection, SignatureBlock, Subject

SCHEMA = "afternote/note/1"


def render_json(doc: Document) -> bytes:
    """Canonical JSON: keys sorted, two blanks of indent, UTF-8, a final line end."""
    return (json.dumps(_note(doc), sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode()


def _note(doc: Document) -> dict[str, object]:
    session = doc.session
    return {
        "schema": SCHEMA,
        "note": doc.note_id,
        "practice_name": doc.practice_name,
        "client_code": doc.client_code,
        "clinician": doc.clinician_line,
        "format": {"id": doc.format_id, "name": doc.format_name, "version": doc.format_version, "loinc": doc.loinc},
        "session": {
            "date": session.date.isoformat() if session.date else None,
            "start": session.start.isoformat("minutes") if session.start else None,
            "minutes": session.minutes,
            "kind": session.kind,
            "modality": session.modality,
        },
        "timezone": doc.timezone,
        "created_at": doc.created_at.isoformat(),
        "late_entry": bool(doc.late_entry),
        **({"late_reason": doc.late_reason} if doc.late_entry and doc.late_reason else {}),
        "drafted_by": doc.drafted_by,
        "sections": [_section(section) for section in doc.sections],
        "signatures": [_signature(signature) for signature in doc.signatures],
        "version": {"number": doc.version, "sha256": doc.version_hash, "previous_sha256": doc.previous_hash},
        **(_about(doc.about) if doc.about else {}),
    }


def _about(about: Subject) -> dict[str, object]:
    """`about` and, where the clinician gave one, `reason`: keys that only linked documents have."""
    note: dict[str, object] = {"note": about.note_id, "kind": about.kind, "version_sha256": about.version_hash or None}
    if about.version_hash:
        note |= {
            "version": about.version,
            "format": {"id": about.format_id, "name": about.format_name, "version": about.format_version},
            "date_of_service": about.session_date or None,
            "signatures": [{"name": s.line, "role": s.role, "at": s.at.isoformat()} for s in about.signatures],
        }
    return {"about": note, **({"reason": about.reason} if about.reason else {})}


def _section(section: DocumentSection) -> dict[str, object]:
    statements = [{"id": s.id, "slot": s.slot, "text": s.text, "origin": s.origin} for s in section.statements]
    return {"key": section.key, "title": section.title, "loinc": section.loinc, "statements": statements}


def _signature(signature: SignatureBlock) -> dict[str, object]:
    return {
        "name": signature.line,
        "role": signature.role,
        "at": signature.at.isoformat(),
        "attestation": signature.attestation,
        "version_sha256": signature.version_hash,
    }
