"""The note as FHIR R4: one Bundle with everything, for whoever takes notes out of these files into another system.

Its type is `document`, not `collection`: only a document is a frozen whole that somebody attests, with a Composition
first whose narrative must be shown. The client is an identifier (the client code), never a name.
"""

import base64
import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from adapters.layout import Document, DocumentSection, SignatureBlock
from adapters.render_text import NOTHING
from adapters.visible import visible
from bot.domain.links import Link, LinkKind

NOTE_SYSTEM = "urn:afternote:note"
CLIENT_SYSTEM = "urn:afternote:client"
HELD = ("txt", "pdf")
_LOINC = "http://loinc.org"
_TYPES = {"txt": "text/plain; charset=utf-8", "pdf": "application/pdf"}
_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category"
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_RELATION = {LinkKind.ADDENDUM: "appends", LinkKind.AMENDMENT: "replaces", LinkKind.RETRACTION: "replaces"}
_LINKED = {
    LinkKind.ADDENDUM: "Addendum to note {}.",
    LinkKind.AMENDMENT: "Amendment of note {}.",
    LinkKind.RETRACTION: "Note {} was entered in error.",
}
_NAMES = uuid.UUID("6f2b5f0e-6c0e-5d0c-9a53-6a1c0f0d7a51")

Resource = dict[str, Any]


def render_fhir(doc: Document, files: Mapping[str, bytes]) -> bytes:
    """The Bundle as JSON, keys sorted. `files`: the text and the PDF of the same document, which it holds."""
    return (json.dumps(_bundle(doc, files), sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode()


def _bundle(doc: Document, files: Mapping[str, bytes]) -> Resource:
    resources = (_composition(doc), _reference(doc, files))
    return {
        "resourceType": "Bundle",
        "meta": {"security": _labels(doc)},
        "identifier": {"system": "urn:ietf:rfc:3986", "value": _urn(doc, "Bundle")},
        "type": "document",
        "timestamp": _instant(doc.stamped_at),
        "entry": [{"fullUrl": _urn(doc, each["resourceType"]), "resource": each} for each in resources],
    }


def _composition(doc: Document) -> Resource:
    signed = {"title": "Signatures", "text": _narrative(_signed(doc))}
    return _filled(
        _shared(doc),
        resourceType="Composition",
        text=_narrative(_head(doc)),
        identifier=_note(doc.note_id),
        status=_status(doc),
        title=visible(doc.heading),
        confidentiality="R",
        attester=[_attester(signature) for signature in doc.signatures],
        relatesTo=[{"code": _RELATION[link.kind], "targetIdentifier": _note(link.of)} for link in _links(doc)],
        event=[{"period": period} for period in [_period(doc)] if period],
        section=[*(_section(section) for section in doc.sections), signed],
    )


def _reference(doc: Document, files: Mapping[str, bytes]) -> Resource:
    return _filled(
        _shared(doc),
        resourceType="DocumentReference",
        masterIdentifier=_note(doc.note_id),
        identifier=[_note(doc.note_id)],
        status="current",
        docStatus=_status(doc),
        description=", ".join(filter(None, (visible(doc.heading), "late entry" if doc.late_entry else ""))),
        securityLabel=[{"coding": [label]} for label in _labels(doc)],
        relatesTo=[{"code": _RELATION[link.kind], "target": _target(link)} for link in _links(doc)],
        content=[{"attachment": _attachment(doc, kind, files[kind])} for kind in HELD],
        context=_filled({}, period=_period(doc)),
    )


def _shared(doc: Document) -> Resource:
    """What both resources say alike."""
    practice = visible(doc.practice_name)
    client = {"system": CLIENT_SYSTEM, "value": visible(doc.client_code), "assigner": {"display": practice}}
    return {
        "meta": {"security": _labels(doc)},
        "type": {"coding": [{"system": _LOINC, "code": doc.loinc}], "text": visible(doc.heading)},
        "category": [{"coding": [{"system": _CATEGORY, "code": "clinical-note", "display": "Clinical Note"}]}],
        "subject": {"type": "Patient", "identifier": client} if doc.client_code else {},
        "date": _instant(doc.stamped_at),
        "author": [_filled({"type": "Practitioner"}, display=visible(doc.clinician_line))],
        "custodian": {"type": "Organization", "display": practice},
    }


def _section(section: DocumentSection) -> Resource:
    code = {"coding": [{"system": _LOINC, "code": section.loinc}]} if section.loinc else {}
    paragraphs = section.paragraphs or (NOTHING,)
    return _filled({}, title=visible(section.title), code=code, text=_narrative(paragraphs))


def _attester(signature: SignatureBlock) -> Resource:
    mode = "legal" if signature.role == "clinician" else "professional"
    party = {"type": "Practitioner", "display": visible(signature.line)}
    return {"mode": mode, "time": _instant(signature.at), "party": party}


def _attachment(doc: Document, kind: str, data: bytes) -> Resource:
    return {
        "contentType": _TYPES[kind],
        "data": base64.b64encode(data).decode(),
        "size": len(data),
        "hash": base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode(),
        "title": f"{doc.note_id}.{kind}",
        "creation": _instant(doc.stamped_at),
    }


def _head(doc: Document) -> Iterator[str]:
    """Facts of the note, what it is to another one, and the mark of a late entry."""
    yield f"{doc.practice_name}: {doc.heading}"
    yield from (f"{label}: {value}" for label, value in doc.facts())
    for link in _links(doc):
        yield _LINKED[link.kind].format(link.of)
        if link.reason:
            yield f"Reason: {link.reason}"
    if doc.late_entry:
        yield doc.late_entry


def _signed(doc: Document) -> Iterator[str]:
    for signature in doc.signatures:
        yield f"Signed by {signature.line} ({signature.role}) on {signature.signed_at}"
        yield signature.attestation
        yield f"Signed content: SHA-256 {signature.version_hash}"
    yield doc.drafted_by
    yield f"Note {doc.note_id}, version {doc.version}, SHA-256 {doc.version_hash}"


def _narrative(paragraphs: Sequence[str] | Iterator[str]) -> Resource:
    """Text as XHTML that says no more than the text: every character of it escaped, line ends kept."""
    inner = "".join(f"<p>{escape(visible(text)).replace(chr(10), '<br/>')}</p>" for text in paragraphs)
    return {"status": "additional", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>'}


def _labels(doc: Document) -> list[Resource]:
    """Restricted, and about mental health. Labels for other systems: no access control rests on them."""
    labels = [(_CONFIDENTIALITY, "R", "restricted"), (_ACT_CODE, "MH", "mental health information sensitivity")]
    if "part2" in doc.client_flags:
        labels.append((_ACT_CODE, "42CFRPart2", "42 CFR Part2"))
    return [{"system": system, "code": code, "display": display} for system, code, display in labels]


def _period(doc: Document) -> Resource:
    """When the session was: to the minute if its time is known, else its day; nothing if that is not known."""
    session = doc.session
    if session.date is None:
        return {}
    if session.start is None:
        return {"start": session.date.isoformat(), "end": session.date.isoformat()}
    start = datetime.combine(session.date, session.start, ZoneInfo(doc.timezone))
    end = (start.astimezone(UTC) + timedelta(minutes=session.minutes or 0)).astimezone(start.tzinfo)
    return _filled({"start": start.isoformat()}, end=end.isoformat() if session.minutes else "")


def _links(doc: Document) -> tuple[Link, ...]:
    return (doc.link,) if doc.link else ()


def _status(doc: Document) -> str:
    return "amended" if doc.link and doc.link.kind is LinkKind.AMENDMENT else "final"


def _target(link: Link) -> Resource:
    return {"type": "DocumentReference", "identifier": _note(link.of)}


def _note(note_id: str) -> Resource:
    return {"system": NOTE_SYSTEM, "value": note_id}


def _urn(doc: Document, of: str) -> str:
    """An address that is the same whenever this version is rendered."""
    return f"urn:uuid:{uuid.uuid5(_NAMES, f'{doc.note_id} {doc.version_hash} {of}')}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _filled(shared: Resource, **more: Any) -> Resource:
    """FHIR forbids elements without content."""
    return {key: value for key, value in {**shared, **more}.items() if value not in ("", [], {}, None)}
