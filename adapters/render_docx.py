"""Word document of a note, for practices whose record system takes nothing else. Equal documents give equal bytes."""

import io
import zipfile
from datetime import UTC
from typing import TYPE_CHECKING

from adapters.layout import Document, SignatureBlock
from adapters.render_text import NOTHING
from adapters.visible import visible

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def render_docx(doc: Document) -> bytes:
    """The note as .docx with headings, a table of facts and the signatures."""
    from docx import Document as new_document  # python-docx takes 150 ms to import; only this file kind needs it

    word = new_document()
    _properties(word, doc)
    word.add_paragraph(visible(doc.practice_name))
    word.add_heading(visible(doc.heading), level=1)
    _facts(word, doc)
    if doc.late_entry:
        word.add_paragraph().add_run(doc.late_entry).bold = True
    for section in doc.sections:
        word.add_heading(visible(section.title), level=2)
        for paragraph in section.paragraphs:
            word.add_paragraph(visible(paragraph))
        if not section.paragraphs:
            word.add_paragraph().add_run(NOTHING).italic = True
    word.add_heading("Signatures", level=2)
    for signature in doc.signatures:
        _signature(word, signature)
    word.add_paragraph(doc.drafted_by)
    word.add_paragraph(f"Note {doc.note_id}, version {doc.version}, SHA-256 {doc.version_hash}")
    return _fixed_zip(word)


def _properties(word: "WordDocument", doc: Document) -> None:
    properties = word.core_properties
    stamp = doc.stamped_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    properties.title, properties.author = visible(doc.title), visible(doc.practice_name)
    properties.last_modified_by, properties.comments = visible(doc.practice_name), ""
    properties.created = properties.modified = stamp
    properties.identifier, properties.revision = doc.note_id, max(doc.version, 1)


def _facts(word: "WordDocument", doc: Document) -> None:
    table = word.add_table(rows=0, cols=2)
    for label, value in doc.facts():
        cells = table.add_row().cells
        cells[0].text, cells[1].text = label, visible(value)


def _signature(word: "WordDocument", signature: SignatureBlock) -> None:
    line = word.add_paragraph("Electronically signed by ")
    line.add_run(visible(signature.line)).bold = True
    line.add_run(f" ({visible(signature.role)}), {signature.signed_at}")
    word.add_paragraph(visible(signature.attestation))
    word.add_paragraph(f"Signed content, SHA-256: {signature.version_hash}")


def _fixed_zip(word: "WordDocument") -> bytes:
    """The file again with fixed member times, which python-docx takes from the clock."""
    written, fixed = io.BytesIO(), io.BytesIO()
    word.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, _ZIP_TIME), source.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
