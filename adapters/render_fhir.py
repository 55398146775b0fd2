"""The note as FHIR R4: one Bundle with everything, for whoever takes notes out of these files into another system.

Its type is `document`, not `collection`: only a document is a frozen whole that somebody attests, with a Composition
first whose narrative must be shown. The client is an identifier (the client code), never a name.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any, Literal
from zoneinfo import ZoneInfo

from adapters.fhir.resource import (
    CLIENT_SYSTEM,
    CONTENT_TYPES,
    LOINC,
    Attachment,
    document_reference,
    identifier_of,
    instant,
    labels_of,
    logical,
    relation_of,
    title_of,
    type_of,
)
from adapters.layout import Document, DocumentSection, SignatureBlock
from adapters.render_text import ABOUT, NOTHING, REASON
from adapters.visible import visible
from bot.domain.ids import NoteId, PracticeId
from bot.domain.links import LinkKind
from bot.ports import FiledNote, Related

HELD = ("txt", "pdf")
_ALIKE = ("meta", "type", "category", "subject", "author", "custodian", "date")
_NAMES = uuid.UUID("6f2b5f0e-6c0e-5d0c-9a53-6a1c0f0d7a51")

Resource = dict[str, Any]


def render_fhir(doc: Document, files: Mapping[str, bytes]) -> bytes:
    """The Bundle as JSON, keys sorted. `files`: the text and the PDF of the same document, which it holds."""
    return (json.dumps(_bundle(doc, files), sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode()


def _bundle(doc: Document, files: Mapping[str, bytes]) -> Resource:
    reference = _reference(doc, files)
    resources = (_composition(doc, reference), reference)
    return {
        "resourceType": "Bundle",
        "meta": reference["meta"],
        "identifier": {"system": "urn:ietf:rfc:3986", "value": _urn(doc, "Bundle")},
        "type": "document",
        "timestamp": instant(doc.stamped_at),
        "entry": [{"fullUrl": _urn(doc, each["resourceType"]), "resource": each} for each in resources],
    }


def _reference(doc: Document, files: Mapping[str, bytes]) -> Resource:
    """As the FHIR adapter sends it, but with references by identifier or name: it points at no server."""
    note = _header(doc)
    title = visible(title_of(note))
    created = doc.stamped_at
    reference = document_reference(
        note,
        [Attachment(CONTENT_TYPES[kind], title, files[kind], created) for kind in HELD],
        types=type_of(note.format_id, note.loinc),
        subject=logical("Patient", CLIENT_SYSTEM, visible(doc.client_code)) if doc.client_code else {},
        author=_filled(type="Practitioner", display=visible(doc.clinician_line)),
        custodian={"type": "Organization", "display": visible(doc.practice_name)},
        relates_to=[relation_of(note.related)] if note.related else [],
        labels=labels_of(note),
        doc_status=_status(doc),
        created=created,
    )
    return {**reference, "description": ", ".join([visible(doc.heading), *(["late entry"] if doc.late_entry else [])])}


def _composition(doc: Document, reference: Resource) -> Resource:
    signed = {"title": "Signatures", "text": _narrative(_signed(doc))}
    period = reference.get("context", {}).get("period", {})
    shared = {key: reference.get(key) for key in _ALIKE}
    return _filled(
        **shared,
        resourceType="Composition",
        text=_narrative(_head(doc)),
        identifier=identifier_of(doc.note_id),
        status=_status(doc),
        title=visible(doc.heading),
        confidentiality="R",
        attester=[_attester(signature) for signature in doc.signatures],
        relatesTo=[
            {"code": relation["code"], "targetIdentifier": relation["target"]["identifier"]}
            for relation in reference.get("relatesTo", [])
        ],
        event=[{"period": period}] if period else [],
        section=[*(_section(section) for section in doc.shown_sections()), signed],
    )


def _section(section: DocumentSection) -> Resource:
    code = {"coding": [{"system": LOINC, "code": section.loinc}]} if section.loinc else {}
    return _filled(title=visible(section.title), code=code, text=_narrative(iter(section.paragraphs or (NOTHING,))))


def _attester(signature: SignatureBlock) -> Resource:
    mode = "legal" if signature.role == "clinician" else "professional"
    party = {"type": "Practitioner", "display": visible(signature.line)}
    return {"mode": mode, "time": instant(signature.at), "party": party}


def _head(doc: Document) -> Iterator[str]:
    """Facts of the note, what it is to another one, and the mark of a late entry."""
    yield from (doc.practice_name, *doc.letterhead.lines, doc.heading)
    yield from (f"{label}: {value}" for label, value in doc.facts())
    if about := doc.about:
        yield from (ABOUT, about.meaning)
        yield from (f"{label}: {value}" for label, value in about.facts())
        yield from [f"{REASON}: {about.reason_apart}"] if about.reason_apart else []
    if doc.late_entry:
        yield doc.late_told


def _signed(doc: Document) -> Iterator[str]:
    for signature in doc.signatures:
        yield f"{signature.verb} by {signature.line} ({signature.standing}) on {signature.signed_at}"
        yield signature.attestation
        yield f"Signed content: SHA-256 {signature.version_hash}"
    yield doc.drafted_by
    yield f"Note {doc.note_id}, version {doc.version}, SHA-256 {doc.version_hash}"


def _narrative(paragraphs: Iterator[str]) -> Resource:
    """Text as XHTML that says no more than the text: every character of it escaped, line ends kept."""
    inner = "".join(f"<p>{escape(visible(text)).replace(chr(10), '<br/>')}</p>" for text in paragraphs)
    return {"status": "additional", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>'}


def _header(doc: Document) -> FiledNote:
    """What the adapter would get of this note. No resource holds the practice's id."""
    session, about = doc.session, doc.about
    started = None
    if session.date and session.start:
        started = datetime.combine(session.date, session.start, ZoneInfo(doc.timezone))
    return FiledNote(
        NoteId(doc.note_id),
        PracticeId(""),
        doc.client_code,
        doc.format_id,
        doc.session_date,
        doc.version_hash,
        format_name=doc.format_name,
        loinc=doc.loinc,
        started_at=started,
        minutes=session.minutes,
        client_flags=doc.client_flags,
        related=Related(about.kind, NoteId(about.note_id), "") if about else None,
    )


def _status(doc: Document) -> Literal["final", "amended"]:
    return "amended" if doc.about and doc.about.kind is LinkKind.AMENDMENT else "final"


def _urn(doc: Document, of: str) -> str:
    """An address that is the same whenever this version is rendered."""
    return f"urn:uuid:{uuid.uuid5(_NAMES, f'{doc.note_id} {doc.version_hash} {of}')}"


def _filled(**fields: Any) -> Resource:
    """FHIR forbids elements without content."""
    return {key: value for key, value in fields.items() if value not in ("", [], {}, None)}
