"""What a rendered file says, for the rendering tests."""

import io
import shutil
import subprocess

import pytest
from docx import Document as read_docx
from pypdf import PdfReader


def pdf_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def poppler_text(data: bytes) -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) is not on this machine")
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=data, capture_output=True, check=True
    ).stdout.decode()


def docx_text(data: bytes) -> str:
    """Everything in a Word file: body, tables, and headers and footers at the end."""
    word = read_docx(io.BytesIO(data))
    around = [part for s in word.sections for part in (s.first_page_header, s.first_page_footer, s.header, s.footer)]
    cells = [p.text for table in word.tables for row in table.rows for cell in row.cells for p in cell.paragraphs]
    margins = [paragraph.text for part in around for paragraph in part.paragraphs]
    return "\n".join([*cells, *(paragraph.text for paragraph in word.paragraphs), *margins])


def text_of(kind: str, data: bytes) -> str:
    """The words of a rendered file on one line, without Markdown's escapes and a PDF's line ends."""
    text = {"pdf": pdf_text, "docx": docx_text}.get(kind, bytes.decode)(data)
    return " ".join(text.replace("\\", "").split())
