"""What python-docx has no words for: page fields, borders, shading, fonts by script, right-to-left text."""

# python-docx types neither its XML elements nor lengths, and has no public way to them.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

import io
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from docx import Document as new_document
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt, RGBColor

from adapters.direction import is_rtl

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.shape import InlineShape
    from docx.styles.style import ParagraphStyle
    from docx.table import Table, _Cell
    from docx.text.paragraph import Paragraph

WIDTH = 6.5  # inches between the margins
ACCENT, MUTED, WARNING = "1F4E5F", "55606B", "8F4412"
# Of the fonts that come with Word and that LibreOffice has metric twins for.
_FONTS = {"ascii": "Calibri", "hAnsi": "Calibri", "cs": "Arial", "eastAsia": "Microsoft YaHei"}
_NEEDLESS = ("thumbnail", "customXml", "stylesWithEffects")
# What must follow an element, as the schema of Office Open XML orders them; Word takes a file out of order for broken.
_AFTER_BORDERS = (
    *("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:overflowPunct", "w:topLinePunct"),
    *("w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind"),
    *("w:contextualSpacing", "w:mirrorIndents", "w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment"),
    *("w:textboxTightWrap", "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange"),
)
_AFTER_BIDI = _AFTER_BORDERS[_AFTER_BORDERS.index("w:bidi") + 1 :]
_AFTER_SIZE = (
    *("w:highlight", "w:u", "w:effect", "w:bdr", "w:shd", "w:fitText", "w:vertAlign", "w:rtl", "w:cs", "w:em"),
    *("w:lang", "w:eastAsianLayout"),
)
_STYLES = ("Normal", "Heading 1", "Heading 2", "Header", "Footer", "Default Paragraph Font", "Normal Table", "No List")
_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
# A stretch of right-to-left letters, with what stands between two of them unless that has a direction of its own.
_RTL_STRETCH = re.compile(f"[{_RTL}](?:[^A-Za-z\u00c0-\u058f\u0900-\ufb1c]*[{_RTL}])*")


@cache
def template() -> bytes:
    """An empty document with our styles: python-docx's own one without what no note uses, nine tenths of it."""
    word = new_document()
    _drop_parts(word)
    _drop_styles(word)
    _set_fonts(word)
    for tabs in list(word.styles.element.iter(qn("w:tabs"))):  # of Header and Footer: in the way of ours
        tabs.getparent().remove(tabs)
    styles = word.styles
    set_style(styles["Normal"], 10.5, below=5)  # pyright: ignore[reportArgumentType]
    set_style(styles["Heading 1"], 19, color=ACCENT, bold=True, above=8, below=8)  # pyright: ignore[reportArgumentType]
    set_style(styles["Heading 2"], 9.5, color=ACCENT, bold=True, above=11, below=3)  # pyright: ignore[reportArgumentType]
    written = io.BytesIO()
    word.save(written)
    return written.getvalue()


def _drop_parts(word: "WordDocument") -> None:
    """The template's preview picture, custom XML and a second copy of its styles."""
    for rels in (word.part.package.rels, word.part.rels):  # pyright: ignore[reportOptionalMemberAccess]
        for key in [key for key, rel in rels.items() if rel.reltype.rpartition("/")[2] in _NEEDLESS]:
            del rels[key]


def _drop_styles(word: "WordDocument") -> None:
    for style in [style for style in word.styles if style.name not in _STYLES]:
        style.delete()
    latent = word.styles.element.find(qn("w:latentStyles"))
    if latent is not None:
        word.styles.element.remove(latent)


def _set_fonts(word: "WordDocument") -> None:
    """One font for each script in all styles, instead of those of the template's theme."""
    for fonts in word.styles.element.iter(qn("w:rFonts")):
        for name in list(fonts.attrib):
            del fonts.attrib[name]
        for script, font in _FONTS.items():
            fonts.set(qn(f"w:{script}"), font)


def set_style(
    style: "ParagraphStyle", size: float, *, color: str = "", bold: bool = False, above: float = 0, below: float = 0
) -> None:
    """Size in points, also for right-to-left text; the space above and below, too."""
    style.font.size, style.font.bold = Pt(size), bold
    if color:
        style.font.color.rgb = RGBColor.from_string(color)
    style.font.cs_bold = bold
    complex_size(style.element.get_or_add_rPr(), size)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(above), Pt(below)


def complex_size(properties: "BaseOxmlElement", size: float) -> None:
    """The size of right-to-left text, which Word keeps apart."""
    for old in properties.findall(qn("w:szCs")):
        properties.remove(old)
    _put(properties, _element("w:szCs", val=str(round(size * 2))), _AFTER_SIZE)


def write(paragraph: "Paragraph", text: str, *, bold: bool = False, color: str = "", size: float = 0) -> None:
    """Text in its own direction: a paragraph's is that of its first letter, a run's that of its letters."""
    if is_rtl(text):
        _put(paragraph._p.get_or_add_pPr(), _element("w:bidi"), _AFTER_BIDI)
    for part, rtl in _directed(text):
        run = paragraph.add_run(part)
        run.font.bold = run.font.cs_bold = bold or None
        if color:
            run.font.color.rgb = RGBColor.from_string(color)
        if size:
            run.font.size = Pt(size)
            complex_size(run._r.get_or_add_rPr(), size)
        run.font.rtl = rtl or None


def _directed(text: str) -> Iterator[tuple[str, bool]]:
    """The text in stretches of one direction."""
    at = 0
    for stretch in _RTL_STRETCH.finditer(text):
        if stretch.start() > at:
            yield text[at : stretch.start()], False
        yield stretch.group(), any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in stretch.group())
        at = stretch.end()
    if at < len(text):
        yield text[at:], False


def add_field(paragraph: "Paragraph", name: str, color: str, size: float) -> None:
    """A field that the reader's program fills in: PAGE, NUMPAGES. Each part is a run, as Word itself writes it."""
    for kind in ("begin", "code", "separate", "value", "end"):
        run = paragraph.add_run("1" if kind == "value" else None)
        run.font.size, run.font.color.rgb = Pt(size), RGBColor.from_string(color)
        if kind == "code":
            code = _element("w:instrText")
            code.text = f" {name} "
            run._r.append(code)
        elif kind != "value":
            run._r.append(_element("w:fldChar", fldCharType=kind))


def rule(paragraph: "Paragraph", side: str, color: str = "C3CAD1", eighths: int = 4) -> None:
    """A line over (`top`) or under (`bottom`) a paragraph, in eighths of a point."""
    borders = _element("w:pBdr")
    borders.append(_element(f"w:{side}", val="single", sz=str(eighths), space="4", color=color))
    _put(paragraph._p.get_or_add_pPr(), borders, _AFTER_BORDERS)


def right_tab(paragraph: "Paragraph", inches: float = WIDTH) -> None:
    """What follows a tab stands at the right margin."""
    paragraph.paragraph_format.tab_stops.add_tab_stop(Inches(inches), WD_TAB_ALIGNMENT.RIGHT)


def plain_table(word: "WordDocument", widths: "list[float]") -> "Table":
    """An empty table without borders and of fixed widths, in inches."""
    table = word.add_table(rows=0, cols=len(widths))
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Inches(width)
    margins = _element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", w="0" if side == "left" else "80", type="dxa"))
    _put(table._tbl.tblPr, margins, ("w:tblLook",))
    return table


def set_widths(table: "Table", widths: "list[float]") -> None:
    """Word reads the width of each cell, not that of the column."""
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Inches(width)


def shade(cell: "_Cell", color: str, tint: str) -> None:
    """A tinted cell with a bar on its left."""
    properties = cell._tc.get_or_add_tcPr()
    borders = _element("w:tcBorders")
    borders.append(_element("w:left", val="single", sz="20", space="0", color=color))
    properties.append(borders)
    properties.append(_element("w:shd", val="clear", color="auto", fill=tint))
    margins = _element("w:tcMar")
    for side, twips in (("top", "100"), ("left", "160"), ("bottom", "100"), ("right", "120")):
        margins.append(_element(f"w:{side}", w=twips, type="dxa"))
    properties.append(margins)


def describe(picture: "InlineShape", words: str) -> None:
    """The words for whoever does not see the picture. It keeps no distance from what is around it."""
    inline = picture._inline
    inline.docPr.set("descr", words)
    for side in ("distT", "distB", "distL", "distR"):
        inline.set(side, "0")


def _put(parent: "BaseOxmlElement", element: "BaseOxmlElement", before: tuple[str, ...]) -> None:
    parent.insert_element_before(element, *before)


def _element(tag: str, **attributes: str) -> "BaseOxmlElement":
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element
