"""The practice's letterhead on its documents, and Word files as Word wants them."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document as read_docx
from pypdf import PdfReader

from adapters.layout import Document
from adapters.logo import as_bitmap
from adapters.render import render_all
from adapters.render_docx import render_docx
from adapters.render_pdf import render_pdf
from bot.domain.letterhead import Letterhead, Logo, LogoKind
from bot.domain.links import LinkKind
from bot.domain.statements import Slot
from tests.unit.adapters.documents import LETTERHEAD, TYPICAL, document, linked, of, signed_note
from tests.unit.adapters.reading import pdf_text, text_of

PNG = as_bitmap(LETTERHEAD.logo) if LETTERHEAD.logo else b""
ORDER = {
    "pPr": ["pStyle", "keepNext", "keepLines", "pBdr", "shd", "tabs", "bidi", "spacing", "ind", "jc", "rPr"],
    "rPr": ["rStyle", "rFonts", "b", "bCs", "i", "iCs", "color", "sz", "szCs", "rtl"],
    "tblPr": ["tblStyle", "tblW", "jc", "tblLayout", "tblCellMar", "tblLook"],
    "tcPr": ["tcW", "tcBorders", "shd", "tcMar", "vAlign"],
}


def with_logo(logo: Logo | None) -> Document:
    return of(signed_note(), letterhead=replace(LETTERHEAD, logo=logo))


@pytest.mark.parametrize("kind", ["txt", "md", "pdf", "docx"])
def test_the_lines_stand_in_every_file_that_people_read(kind: str) -> None:
    text = text_of(kind, render_all(with_logo(None), (kind,))[kind])
    for line in LETTERHEAD.lines:
        assert line in text


@pytest.mark.parametrize("logo", [LETTERHEAD.logo, Logo("png", PNG, 500, 250)], ids=["svg", "png"])
def test_the_logo_is_drawn_and_has_words_for_those_who_do_not_see_it(logo: Logo) -> None:
    files = render_all(with_logo(logo), ("pdf", "docx"))
    root = PdfReader(io.BytesIO(files["pdf"])).trailer["/Root"]
    assert "Logo of Larkspur Street Counseling" in str(structure(root["/StructTreeRoot"]))
    assert b"pdfaid:conformance>A<" in files["pdf"]
    word = read_docx(io.BytesIO(files["docx"]))
    assert 'descr="Logo of Larkspur Street Counseling"' in word.element.xml
    with zipfile.ZipFile(io.BytesIO(files["docx"])) as file:
        assert [name for name in file.namelist() if name.startswith("word/media/")] == ["word/media/image1.png"]


def structure(node: object) -> list[object]:
    """Every alternative text of a tagged PDF."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return [words for each in node for words in structure(each)]
    if not isinstance(node, dict):
        return []
    own = [node["/Alt"]] if "/Alt" in node else []
    return own + structure(node.get("/K"))


@pytest.mark.parametrize("logo_kind", ["png", "jpeg", "svg"])
def test_a_logo_that_cannot_be_drawn_keeps_no_note_from_being_filed(logo_kind: LogoKind) -> None:
    data = b"<svg broken" if logo_kind == "svg" else b"\x89PNG\r\n\x1a\nbroken"
    files = render_all(with_logo(Logo(logo_kind, data, 5, 5)), ("pdf", "docx"))
    for kind in ("pdf", "docx"):
        assert "Larkspur Street Counseling" in text_of(kind, files[kind])


def test_equal_documents_give_equal_bytes_with_a_logo_too() -> None:
    assert render_all(with_logo(LETTERHEAD.logo)) == render_all(with_logo(LETTERHEAD.logo))


def test_typed_letterhead_lines_are_no_markup() -> None:
    odd = Letterhead(("*Suite* #3 <b> [x](y)",))
    doc = of(signed_note(), letterhead=odd)
    assert "*Suite* #3 <b> [x](y)" in pdf_text(render_pdf(doc))
    assert r"\*Suite\* \#3 \<b\> \[x\](y)" in render_all(doc, ("md",))["md"].decode()


@pytest.mark.parametrize("doc", [linked(LinkKind.AMENDMENT, "Why."), document([(Slot.REPORT, "שלום world")])])
def test_a_word_file_keeps_the_order_that_word_insists_on(doc: Document) -> None:
    with zipfile.ZipFile(io.BytesIO(render_docx(doc))) as file:
        parts = [file.read(name).decode() for name in file.namelist() if re.match(r"word/\w+\.xml", name)]
    looked = 0
    for tag, order in ORDER.items():
        for body in (body for part in parts for body in re.findall(rf"<w:{tag}>(.*?)</w:{tag}>", part, re.DOTALL)):
            bare = re.sub(
                r"<w:(pBdr|tabs|tcBorders|tblCellMar|tcMar|rPr)>.*?</w:\1>", r"<w:\1/>", body, flags=re.DOTALL
            )
            names = [name for name in re.findall(r"<w:(\w+)", bare) if name in order]
            assert names == sorted(names, key=order.index)
            looked += 1
    assert looked > 100


def test_the_pages_of_a_word_file_are_counted_by_fields() -> None:
    word = read_docx(io.BytesIO(render_docx(document())))
    section = word.sections[0]
    for footer in (section.first_page_footer, section.footer):
        codes = re.findall(r"<w:instrText[^>]*> (\w+) </w:instrText>", footer._element.xml)
        assert codes == ["PAGE", "NUMPAGES"]


def test_right_to_left_text_is_marked_as_such_in_word() -> None:
    word = read_docx(io.BytesIO(render_docx(document([(Slot.REPORT, "המטופל אמר hello בשעה 14:30.")]))))
    paragraph = next(p for p in word.paragraphs if "hello" in p.text)
    assert paragraph._p.pPr is not None
    assert "<w:bidi" in paragraph._p.pPr.xml
    assert [(run.text, bool(run.font.rtl)) for run in paragraph.runs] == [
        ("המטופל אמר", True),
        (" hello ", False),
        ("בשעה", True),
        (" 14:30.", False),
    ]


def test_every_script_has_a_font_of_its_own_in_word() -> None:
    with zipfile.ZipFile(io.BytesIO(render_docx(document()))) as file:
        styles = file.read("word/styles.xml").decode()
    for fonts in re.findall(r"<w:rFonts [^>]*>", styles):
        assert set(re.findall(r"w:(\w+)=", fonts)) == {"ascii", "hAnsi", "cs", "eastAsia"}
    assert "Theme" not in "".join(re.findall(r"<w:rFonts [^>]*>", styles))


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not on this machine")
def test_libreoffice_sets_a_word_file_on_as_many_pages_as_it_says(tmp_path: Path) -> None:
    doc = linked(LinkKind.AMENDMENT, "The score was typed wrong.", list(TYPICAL) * 20)
    (tmp_path / "note.docx").write_bytes(render_docx(doc))
    subprocess.run(
        [
            *("soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"),
            *("--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "note.docx")),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    pages = PdfReader(tmp_path / "note.pdf").pages
    assert 3 <= len(pages) <= 6
    for number, page in enumerate(pages, start=1):
        text = " ".join(page.extract_text().split())
        assert f"Page {number} of {len(pages)}" in text
        assert doc.mark in text
    assert "12 Larkspur Street, Suite 3" in pages[0].extract_text()
