"""What of a note can be put into a column: a closed list, each with its meaning and the native value it has."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import cast

from bot.ports import FiledNote

Value = str | int | bytes | date | datetime | None


class Shape(Enum):
    """What a value is before a column has its say."""

    TEXT = "text"
    NUMBER = "a whole number"
    DATE = "a date"
    MOMENT = "a moment"
    WORDS = "a document that is text"
    JSON = "a document that is JSON"
    BYTES = "a document of bytes"


@dataclass(frozen=True, slots=True)
class Field:
    """`longest`: characters that a value may have, where that is known. `may_lack`: a note may come without it."""

    meaning: str
    shape: Shape
    longest: int = 0
    may_lack: bool = False


FIELDS: Mapping[str, Field] = {
    "note_id": Field("the note's id, the unique key", Shape.TEXT, 17),
    "practice_id": Field("the practice's id", Shape.TEXT),
    "filing_key": Field("the key of this filing, the same at every try", Shape.TEXT),
    "document_kind": Field("note, addendum, amendment or retraction", Shape.TEXT, 10),
    "related_note_id": Field("the note that an addendum, amendment or retraction is about", Shape.TEXT, 17, True),
    "related_reference": Field("where that note stands in this table", Shape.TEXT, 0, True),
    "client_code": Field("the client's code, never a name", Shape.TEXT, 0, True),
    "session_date": Field("the date of service", Shape.DATE, 10, True),
    "started_at": Field("when the session began (UTC)", Shape.MOMENT, 25, True),
    "minutes": Field("the session's length", Shape.NUMBER, 0, True),
    "session_kind": Field("individual, couple, group …", Shape.TEXT),
    "format": Field("the format's id: soap, dap …", Shape.TEXT),
    "format_name": Field("the format's name: SOAP …", Shape.TEXT, 0, True),
    "format_version": Field("which definition of the format it was written under: 1, 2 …", Shape.NUMBER, 0, True),
    "loinc": Field("the document type's LOINC code", Shape.TEXT, 0, True),
    "clinician_id": Field("who signed, by id of practice.toml", Shape.TEXT, 0, True),
    "clinician": Field("who signed: name and credentials", Shape.TEXT, 0, True),
    "signed_at": Field("when it was signed (UTC)", Shape.MOMENT, 32),
    "filed_at": Field("when the row was written (UTC)", Shape.MOMENT, 32),
    "version_hash": Field("SHA-256 of the signed content, 64 characters", Shape.TEXT, 64),
    "sha256": Field("SHA-256 of the first document mapped, 64 characters", Shape.TEXT, 64),
    "text": Field("the note as plain text", Shape.WORDS),
    "markdown": Field("the note as Markdown", Shape.WORDS),
    "json": Field("the note as JSON, schema afternote/note/1", Shape.JSON),
    "fhir_json": Field("the note as FHIR JSON", Shape.JSON),
    "pdf": Field("the note as PDF", Shape.BYTES),
    "docx": Field("the note as a Word document", Shape.BYTES),
}
FILE_OF = {"text": "txt", "markdown": "md", "json": "json", "fhir_json": "fhir.json", "pdf": "pdf", "docx": "docx"}
# What makes a row this very note. The rest may be put right by the practice's own programs later.
IDENTITY = ("version_hash", "sha256", *FILE_OF)


def kinds_mapped(values: Mapping[str, object]) -> Sequence[str]:
    """The kinds of document that `columns` asks for, in its order."""
    columns = values.get("columns")
    fields = cast("Mapping[str, object]", columns).values() if isinstance(columns, Mapping) else ()
    return [FILE_OF[field] for field in fields if isinstance(field, str) and field in FILE_OF]


def values_of(
    note: FiledNote, files: Mapping[str, bytes], key: str, filed_at: datetime, primary: str
) -> Mapping[str, Value]:
    """Every field's value; a document's are its bytes, None where it was not rendered. `primary`: a field's name."""
    related = note.related
    return {
        "note_id": note.note_id,
        "practice_id": note.practice_id,
        "filing_key": key,
        "document_kind": related.kind.value if related else "note",
        "related_note_id": related.note_id if related else None,
        "related_reference": (related.reference or None) if related else None,
        "client_code": note.client_code or None,
        "session_date": date.fromisoformat(note.session_date) if note.session_date else None,
        "started_at": note.started_at,
        "minutes": note.minutes,
        "session_kind": note.session_kind,
        "format": note.format_id,
        "format_name": note.format_name or None,
        "format_version": note.format_version or None,
        "loinc": note.loinc or None,
        "clinician_id": note.clinician_id,
        "clinician": note.clinician or None,
        "signed_at": note.signed_at,
        "filed_at": filed_at,
        "version_hash": note.version_hash,
        "sha256": hashlib.sha256(files.get(FILE_OF[primary], b"")).hexdigest(),
        **{field: files.get(kind) for field, kind in FILE_OF.items()},
    }
