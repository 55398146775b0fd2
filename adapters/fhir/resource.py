"""FHIR R4 resources of a note, as plain dicts: DocumentReference and Provenance. Pure.

Sources: US Core 9 "Clinical Notes" (category, inline text first), HL7 v3 Confidentiality and ActCode (labels). A
progress note is no HIPAA "psychotherapy note": it is never labelled PSYTHPN.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from bot.domain.links import LinkKind
from bot.ports import Countersigned, FiledNote, Related

NOTE_SYSTEM = "urn:afternote:note"
CLIENT_SYSTEM = "urn:afternote:client"
SOFTWARE = "Afternote"
PART2_FLAG = "part2"
CONTENT_TYPES: Mapping[str, str] = {
    "txt": "text/plain; charset=utf-8",
    "pdf": "application/pdf",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "fhir.json": "application/fhir+json",
}

LOINC = "http://loinc.org"
_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category"
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_SIGNATURE = "urn:iso-astm:E1762-95:2013"
DOCUMENT = re.compile(r"DocumentReference/[A-Za-z0-9.-]{1,64}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PROGRESS_NOTE = "11506-3"
_KINDS_OF_PROGRESS_NOTE = {"34904-3", "11510-5", "28627-8", "28656-7", "74282-5", "34787-2"}
_DISPLAYS = {
    "34904-3": "Mental health Progress note",
    "11506-3": "Progress note",
    "11510-5": "Psychology Progress note",
    "28627-8": "Psychiatry Progress note",
}
_RELATIONS = {LinkKind.ADDENDUM: "appends", LinkKind.AMENDMENT: "replaces", LinkKind.RETRACTION: "appends"}


@dataclass(frozen=True, slots=True)
class Coding:
    """A code of a system; `display` may be empty."""

    system: str
    code: str
    display: str = ""


_AUTHORS = Coding(_SIGNATURE, "1.2.840.10065.1.12.1.1", "Author's Signature")
_VALIDATION = Coding(_SIGNATURE, "1.2.840.10065.1.12.1.6", "Validation Signature")  # .13, Review, is a records clerk's


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of the note, whole. `title` is shown in charts: it never holds a client's name."""

    content_type: str
    title: str
    data: bytes
    created: datetime


@dataclass(frozen=True, slots=True)
class Relation:
    """What a document is to another: `code` is appends or replaces, `target` a Reference."""

    code: str
    target: Mapping[str, object]


def document_reference(
    note: FiledNote,
    attachments: Sequence[Attachment],
    *,
    system: str = NOTE_SYSTEM,
    types: Sequence[Coding],
    subject: Mapping[str, object],
    author: Mapping[str, object] | None,
    encounter: Mapping[str, object] | None = None,
    custodian: Mapping[str, object] | None = None,
    relates_to: Sequence[Relation] = (),
    labels: Sequence[Coding],
    status: str = "current",
    doc_status: Literal["final", "amended", ""] = "final",
    created: datetime,
    day_period: bool = True,
) -> dict[str, object]:
    """The note as a DocumentReference without an id: the server gives that.

    `subject`, `author`, `encounter`, `custodian` are FHIR References. `created` is when the document was made (aware).
    `day_period`: a session of which only the day is known gets a Period too.
    """
    period = period_of(note) if day_period or note.started_at else {}
    codings = [_coding(label) for label in labels]
    return _without_empty(
        {
            "resourceType": "DocumentReference",
            "meta": _without_empty({"security": codings}),
            "masterIdentifier": identifier_of(note.note_id, system),
            "identifier": [identifier_of(note.note_id, system)],
            "status": status,
            "docStatus": doc_status,
            "type": {"coding": [_coding(coding) for coding in types]},
            "category": [{"coding": [_coding(Coding(_CATEGORY, "clinical-note", "Clinical Note"))]}],
            "subject": subject,
            "date": instant(created),
            "author": [author] if author else [],
            "custodian": custodian,
            "relatesTo": [{"code": relation.code, "target": relation.target} for relation in relates_to],
            "securityLabel": [{"coding": [coding]} for coding in codings],
            "content": [{"attachment": _attachment(attachment)} for attachment in attachments],
            "context": _without_empty({"encounter": [encounter] if encounter else [], "period": period}),
        }
    )


def provenance(
    target: str,
    *,
    author: Mapping[str, object],
    recorded: datetime,
    labels: Sequence[Coding] = (),
    software: str = SOFTWARE,
    countersigned: Countersigned | None = None,
) -> dict[str, object]:
    """Who wrote and signed the document `target` (`DocumentReference/ID`), and which software helped to draft it.

    `countersigned`: the supervisor who signed it too, or reviewed it.

    The signature is the fact of signing (who, when): there is no cryptographic one to carry.
    """
    agents = [_agent("author", "Author", author)]
    signatures = [_signature(_AUTHORS, recorded, author)]
    if other := countersigned:
        by: Mapping[str, object] = {"type": "Practitioner", "display": other.who}
        agents.append(_agent("attester", "Attester", by))
        signatures.append(_signature(_VALIDATION, other.at, by))
    return _without_empty(
        {
            "resourceType": "Provenance",
            "meta": _without_empty({"security": [_coding(label) for label in labels]}),
            "target": [{"reference": target}],
            "recorded": instant(countersigned.at if countersigned else recorded),
            "agent": [*agents, _agent("assembler", "Assembler", {"display": software})],
            "signature": signatures,
        }
    )


def identifier_of(note_id: str, system: str = NOTE_SYSTEM) -> dict[str, object]:
    """The note's Identifier: the same at every try, so that a server can tell that it has the note."""
    return {"system": system, "value": note_id}


def relation_of(related: Related, system: str = NOTE_SYSTEM) -> Relation:
    """What an addendum, amendment or retraction is to its note.

    A note that was never filed there is named by its identifier (a logical reference).
    """
    if DOCUMENT.fullmatch(related.reference):
        return Relation(_RELATIONS[related.kind], {"reference": related.reference})
    return Relation(_RELATIONS[related.kind], logical("DocumentReference", system, related.note_id))


def logical(resource: str, system: str, value: str, display: str = "") -> dict[str, object]:
    """A Reference by identifier, for places where the resource's id is not known."""
    return _without_empty({"type": resource, "identifier": {"system": system, "value": value}, "display": display})


def labels_of(note: FiledNote) -> Sequence[Coding]:
    """Restricted, mental health; and 42 CFR Part 2 for clients whose records fall under it.

    Servers may drop labels: no access control may rest on them.
    """
    labels = [
        Coding(_CONFIDENTIALITY, "R", "restricted"),
        Coding(_ACT_CODE, "MH", "mental health information sensitivity"),
    ]
    if PART2_FLAG in note.client_flags:
        labels.append(Coding(_ACT_CODE, "SUD", "substance use disorder information sensitivity"))
        labels.append(Coding(_ACT_CODE, "42CFRPart2", "42 CFR Part2"))
    return tuple(labels)


def type_of(format_id: str, loinc: str, overrides: Mapping[str, str] | None = None) -> Sequence[Coding]:
    """The document's type: what the practice set for the format (LOINC codes, by blanks or commas), or its own.

    A kind of progress note also carries the general code, which every system knows.
    """
    chosen = (overrides or {}).get(format_id, "").replace(",", " ").split()
    if not chosen:
        own = loinc or "34904-3"
        chosen = [own, _PROGRESS_NOTE] if own in _KINDS_OF_PROGRESS_NOTE else [own]
    return tuple(Coding(LOINC, code, _DISPLAYS.get(code, "")) for code in dict.fromkeys(chosen))


def title_of(note: FiledNote) -> str:
    """What a chart shows of an attachment: format and session date, and that it is an amendment."""
    amended = "Amended " if note.related and note.related.kind is LinkKind.AMENDMENT else ""
    return ", ".join(filter(None, (amended + (note.format_name or note.format_id.upper()), note.session_date)))


def period_of(note: FiledNote) -> dict[str, object]:
    """The session's time as a Period: to the minute where it is known, else the day; empty when neither is."""
    if note.started_at is None:
        day = note.session_date if _DAY.fullmatch(note.session_date) else ""
        return _without_empty({"start": day, "end": day})
    ends = instant(note.started_at + timedelta(minutes=note.minutes)) if note.minutes else ""
    return _without_empty({"start": instant(note.started_at), "end": ends})


def instant(at: datetime) -> str:
    """An aware time as FHIR writes it, in UTC and to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _attachment(attachment: Attachment) -> dict[str, object]:
    return {
        "contentType": attachment.content_type,
        "data": base64.b64encode(attachment.data).decode("ascii"),
        "size": len(attachment.data),
        "title": attachment.title,
        "creation": instant(attachment.created),
    }


def _signature(kind: Coding, at: datetime, who: Mapping[str, object]) -> dict[str, object]:
    return {"type": [_coding(kind)], "when": instant(at), "who": who}


def _agent(code: str, display: str, who: Mapping[str, object]) -> dict[str, object]:
    return {"type": {"coding": [_coding(Coding(_PARTICIPANT, code, display))]}, "who": who}


def _coding(coding: Coding) -> dict[str, object]:
    return _without_empty({"system": coding.system, "code": coding.code, "display": coding.display})


def _without_empty(fields: Mapping[str, object]) -> dict[str, object]:
    """FHIR allows no empty value: what is not known is left out."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {}, ())}
