"""Word document of a note, for practices whose record system takes nothing else. Equal documents give equal bytes."""

# python-docx types neither its XML elements nor lengths, and has no public way to them.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING

from adapters.layout import Document, SignatureBlock, Subject
from adapters.logo import as_bitmap
from adapters.render_text import ABOUT, NOTHING, REASON
from adapters.visible import visible

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.section import _Footer, _Header
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_LOGO_INCHES = (2.2, 0.62)
_LONGEST_PROPERTY = 255


def render_docx(doc: Document) -> bytes:
    """The note as .docx with letterhead, headings, tables of facts, signatures and a footer on every page."""
    from docx import Document as new_document  # python-docx takes 150 ms to import; only this file kind needs it

    from adapters.docx_parts import template

    word = new_document(io.BytesIO(template()))
    _properties(word, doc)
    _page(word, doc)
    _letterhead(word, doc)
    _heading(word, doc)
    _facts(word, doc.facts())
    if doc.late_entry:
        _panel_text(_panel(word, late=True).paragraphs[0], doc.late_told)
    if doc.about:
        _about(_panel(word, late=False), doc.about)
    for section in doc.shown_sections():
        word.add_heading(visible(section.title).upper(), level=2)
        for paragraph in section.paragraphs:
            _write(word.add_paragraph(), paragraph)
        if not section.paragraphs:
            word.add_paragraph().add_run(NOTHING).italic = True
    word.add_heading("SIGNATURES", level=2)
    for signature in doc.signatures:
        _signature(word, signature)
    _small(word, doc.drafted_by)
    _small(word, f"Note {doc.note_id}, version {doc.version}, SHA-256 {doc.version_hash}")
    return _fixed_zip(word)


def _properties(word: "WordDocument", doc: Document) -> None:
    properties = word.core_properties
    stamp = doc.stamped_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    properties.title, practice = visible(doc.title)[:_LONGEST_PROPERTY], visible(doc.practice_name)[:_LONGEST_PROPERTY]
    properties.author, properties.last_modified_by, properties.comments = practice, practice, ""
    properties.created = properties.modified = stamp
    properties.identifier, properties.revision = doc.note_id, max(doc.version, 1)
    properties.language = "en-US"


def _page(word: "WordDocument", doc: Document) -> None:
    from docx.shared import Inches

    section = word.sections[0]
    section.page_width, section.page_height = Inches(8.5), Inches(11)
    section.left_margin = section.right_margin = section.bottom_margin = Inches(1)
    section.top_margin, section.footer_distance, section.header_distance = Inches(0.8), Inches(0.5), Inches(0.45)
    section.different_first_page_header_footer = True
    section.first_page_header.is_linked_to_previous = False
    _running(section.header, doc)
    for footer in (section.first_page_footer, section.footer):
        _footer(footer, doc)


def _running(header: "_Header", doc: Document) -> None:
    from adapters.docx_parts import MUTED, right_tab, rule, write

    line = header.paragraphs[0]
    right_tab(line)
    write(line, f"{visible(doc.title)}\t{visible(doc.practice_name)}", color=MUTED, size=8.5)
    rule(line, "bottom")


def _footer(footer: "_Footer", doc: Document) -> None:
    from adapters.docx_parts import MUTED, WARNING, add_field, right_tab, rule, write

    footer.is_linked_to_previous = False
    line = footer.paragraphs[0]
    right_tab(line)
    rule(line, "top")
    line.paragraph_format.space_after = 0
    write(line, f"{doc.identity}\tPage ", color=MUTED, size=8.5)
    for words, field in (("", "PAGE"), (" of ", "NUMPAGES")):
        write(line, words, color=MUTED, size=8.5)
        add_field(line, field, MUTED, 8.5)
    if doc.mark:
        write(footer.add_paragraph(), visible(doc.mark), bold=True, color=WARNING, size=8.5)


def _letterhead(word: "WordDocument", doc: Document) -> None:
    """The practice's name beside its logo, its lines at the right."""
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Inches

    from adapters.docx_parts import ACCENT, MUTED, WIDTH, describe, plain_table, set_widths, write

    logo = _logo(doc)
    at_left = [round(logo[0] + 0.15, 2)] if logo else []
    widths = [*at_left, WIDTH - 2.6 - sum(at_left), 2.6]
    table = plain_table(word, widths)
    *_, middle, right = cells = table.add_row().cells
    set_widths(table, widths)
    if logo:
        picture = cells[0].paragraphs[0].add_run().add_picture(io.BytesIO(logo[1]), width=Inches(logo[0]))
        describe(picture, visible(f"Logo of {doc.practice_name}"))
    write(middle.paragraphs[0], visible(doc.practice_name), bold=True, color=ACCENT, size=12.5)
    for index, line in enumerate(doc.letterhead.lines):
        paragraph = right.paragraphs[0] if index == 0 else right.add_paragraph()
        paragraph.alignment, paragraph.paragraph_format.space_after = WD_ALIGN_PARAGRAPH.RIGHT, 0
        write(paragraph, visible(line), color=MUTED, size=8.5)
    for cell in cells:
        cell.paragraphs[-1].paragraph_format.space_after = 0
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def _logo(doc: Document) -> tuple[float, bytes] | None:
    """The logo's width on paper, in inches, and its pixels; None when it cannot be drawn."""
    from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
    from docx.image.image import Image

    if doc.letterhead.logo is None:
        return None
    try:
        data = as_bitmap(doc.letterhead.logo)
        image = Image.from_blob(data)
    except (ValueError, InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError):
        return None  # the practice file's reader refuses these; a note must be filed all the same
    widest, highest = _LOGO_INCHES
    return min(widest, highest * image.px_width / image.px_height), data


def _heading(word: "WordDocument", doc: Document) -> None:
    from adapters.docx_parts import ACCENT, rule

    heading = word.add_heading(visible(doc.heading), level=1)
    rule(heading, "bottom", ACCENT, 10)


def _facts(word: "WordDocument", facts: Sequence[tuple[str, str]]) -> None:
    """Two pairs of label and value in a row."""
    from docx.shared import Pt

    from adapters.docx_parts import MUTED, plain_table, set_widths, write

    widths = [0.9, 2.2, 1.2, 2.2]
    table = plain_table(word, widths)
    for index, (label, value) in enumerate(facts):
        if index % 2 == 0:
            table.add_row()
        cells = table.rows[-1].cells[2 * (index % 2) :]
        write(cells[0].paragraphs[0], label, color=MUTED)
        write(cells[1].paragraphs[0], visible(value))
    set_widths(table, widths)
    for cell in (cell for row in table.rows for cell in row.cells):
        cell.paragraphs[0].paragraph_format.space_after = Pt(2)


def _panel(word: "WordDocument", *, late: bool) -> "_Cell":
    """A tinted block of the page's width: what must not be overlooked."""
    from docx.shared import Pt

    from adapters.docx_parts import ACCENT, WARNING, WIDTH, plain_table, set_widths, shade

    word.add_paragraph().paragraph_format.line_spacing = Pt(6)
    table = plain_table(word, [WIDTH])
    cell = table.add_row().cells[0]
    set_widths(table, [WIDTH])
    shade(cell, *((WARNING, "FBF3EC") if late else (ACCENT, "EFF4F6")))
    return cell


def _panel_text(paragraph: "Paragraph", text: str) -> None:
    from adapters.docx_parts import write

    write(paragraph, visible(text), bold=True)
    paragraph.paragraph_format.space_after = 0


def _about(cell: "_Cell", about: Subject) -> None:
    from docx.shared import Inches, Pt

    from adapters.docx_parts import ACCENT, MUTED, write

    write(cell.paragraphs[0], ABOUT.upper(), bold=True, color=ACCENT, size=9.5)
    _panel_text(cell.add_paragraph(), about.meaning)
    for label, value in about.facts():
        line = cell.add_paragraph()
        line.paragraph_format.left_indent, line.paragraph_format.first_line_indent = Inches(1.15), Inches(-1.15)
        line.paragraph_format.space_after = Pt(1)
        write(line, f"{label}\t", color=MUTED)
        write(line, visible(value), size=7.5 if label == "Version" else 0)
    if about.reason_apart:
        label = cell.add_paragraph()
        write(label, REASON, color=MUTED)
        label.paragraph_format.space_after = Pt(1)
        _write(cell.add_paragraph(), about.reason_apart)


def _signature(word: "WordDocument", signature: SignatureBlock) -> None:
    from adapters.docx_parts import MUTED, right_tab, rule, write

    line = word.add_paragraph()
    right_tab(line)
    rule(line, "top")
    write(line, "Electronically signed by ")
    write(line, visible(signature.line), bold=True)
    write(line, f" ({visible(signature.capacity)})")
    write(line, f"\t{signature.signed_at}", color=MUTED, size=9.5)
    attestation = word.add_paragraph()
    _write(attestation, signature.attestation)
    for paragraph in (line, attestation):
        paragraph.paragraph_format.keep_with_next, paragraph.paragraph_format.space_after = True, 0
    _small(word, f"Signed content, SHA-256: {signature.version_hash}")


def _write(paragraph: "Paragraph", text: str) -> None:
    from adapters.docx_parts import write

    write(paragraph, visible(text))


def _small(word: "WordDocument", text: str) -> None:
    from adapters.docx_parts import MUTED, write

    write(word.add_paragraph(), visible(text), color=MUTED, size=8)


def _fixed_zip(word: "WordDocument") -> bytes:
    """The file again with fixed member times, which python-docx takes from the clock."""
    written, fixed = io.BytesIO(), io.BytesIO()
    word.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, _ZIP_TIME), source.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
