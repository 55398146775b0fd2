"""PDF/A-2a through Typst: tagged, fonts embedded, byte-identical for equal documents on one machine.

Typst's own fonts hold Latin, Cyrillic, Greek, Vietnamese, Hebrew and Arabic. For other characters the machine's fonts
are asked, and when those have none either, a box with the code point stands in and a line under the note says so:
the characters themselves stay in the PDF's text in every case.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from adapters.direction import is_rtl
from adapters.last_resort import FAMILY, last_resort_font
from adapters.layout import Document, Subject
from adapters.logo import as_drawing
from adapters.render_text import ABOUT, NOTHING, REASON
from adapters.visible import visible

if TYPE_CHECKING:
    from typst import Fonts

_LOGO = "logo.svg"
_OWN_FAMILIES = ("Libertinus Serif", "DejaVu Sans Mono", "New Computer Modern Math")
_BOXES = "A box stands for a character that no font here can draw, with its code inside; the file’s text holds it."


class PdfError(RuntimeError):
    """Typst could not set a note. Carries no text of the note."""


class _Choice(NamedTuple):
    """One attempt: which fonts Typst may use, in which order, and what the reader is told about it."""

    fonts: "Fonts"
    families: tuple[str, ...]
    remark: str = ""


def render_pdf(doc: Document) -> bytes:
    """The note on US letter pages, a few milliseconds once the fonts are loaded. Raises PdfError."""
    data = _data(doc)
    for choice in _choices(data):
        remarks = [*_remarks(doc), *filter(None, [choice.remark])]
        pdf = _compiled({**data, "fonts": choice.families, "remarks": remarks}, choice.fonts, doc)
        if pdf is not None:
            return pdf
    if doc.letterhead.logo:
        return render_pdf(replace(doc, letterhead=replace(doc.letterhead, logo=None)))
    raise PdfError("typst_failed")


def _compiled(data: Mapping[str, object], fonts: "Fonts", doc: Document) -> bytes | None:
    """None when Typst refuses, which it does for a character without a glyph: PDF/A forbids that."""
    import typst  # 20 ms that only rendering needs

    try:
        return typst.compile(
            _sources(doc),
            format="pdf",
            font_paths=fonts,
            sys_inputs={"note": json.dumps(data)},
            pdf_standards=["a-2a"],
            timestamp=int(doc.stamped_at.astimezone(UTC).timestamp()),
        )
    except typst.TypstError:
        return None


def _choices(data: Mapping[str, object]) -> Iterator[_Choice]:
    """From the fonts every machine has to the boxes that always work."""
    yield _Choice(own_fonts(), _OWN_FAMILIES)
    system = _fonts(system=True)
    families = (*_OWN_FAMILIES, *sorted(set(system.families()) - set(_OWN_FAMILIES), key=_noto_first))
    yield _Choice(system, families)
    foreign = sorted({character for character in json.dumps(data, ensure_ascii=False) if character > "\u024f"})
    with tempfile.TemporaryDirectory(prefix="afternote-") as folder:
        Path(folder, "last-resort.ttf").write_bytes(last_resort_font(foreign))
        yield _Choice(_fonts_of(folder), (*families, FAMILY), _BOXES)


def _noto_first(family: str) -> tuple[bool, str]:
    return (not family.startswith("Noto"), family)


def own_fonts() -> "Fonts":
    """The fonts inside Typst, which every machine has."""
    return _fonts(system=False)


@cache
def _fonts(*, system: bool) -> "Fonts":
    from typst import Fonts

    return Fonts(include_system_fonts=system)


def _fonts_of(folder: str) -> "Fonts":
    from typst import Fonts

    return Fonts(font_paths=[folder])


def _sources(doc: Document) -> Any:
    """The template, and the logo as a file beside it (which typst's stub does not know)."""
    logo = doc.letterhead.logo
    return {"main.typ": _template(), **({_LOGO: as_drawing(logo)} if logo else {})}


@cache
def _template() -> bytes:
    return resources.files("adapters").joinpath("note.typ").read_bytes()


def _data(doc: Document) -> dict[str, object]:
    """What the template shows. Everything is text; nothing in it is markup."""
    return {
        "title": visible(doc.title),
        "practice": visible(doc.practice_name),
        "heading": visible(doc.heading),
        "facts": [[label, _paragraph(value)] for label, value in doc.facts()],
        "running": [visible(doc.title), visible(doc.practice_name)],
        "letterhead": [_paragraph(line) for line in doc.letterhead.lines],
        "logo": _LOGO if doc.letterhead.logo else "",
        "logo-alt": visible(f"Logo of {doc.practice_name}"),
        "footer": doc.identity,
        "mark": visible(doc.mark),
        "late": doc.late_told,
        "about": _about(doc.about) if doc.about else None,
        "nothing": NOTHING,
        "sections": [
            {"title": visible(section.title).upper(), "paragraphs": [_paragraph(text) for text in section.paragraphs]}
            for section in doc.shown_sections()
        ],
        "signatures": [
            {
                "line": visible(signature.line),
                "role": visible(signature.standing),
                "verb": signature.verb.lower(),
                "at": signature.signed_at,
                "attestation": _paragraph(signature.attestation),
                "hash": signature.version_hash,
            }
            for signature in doc.signatures
        ],
    }


def _about(about: Subject) -> dict[str, object]:
    return {
        "title": ABOUT.upper(),
        "meaning": about.meaning,
        "facts": [[label, _paragraph(value)] for label, value in about.facts()],
        "reason-label": REASON,
        "reason": _paragraph(about.reason_apart) if about.reason_apart else None,
    }


def _remarks(doc: Document) -> list[str]:
    """Small print: who worded the note, and the version where no signature block already shows its hash."""
    unsigned = [] if doc.signatures else [f"Not signed. Version {doc.version}, SHA-256 {doc.version_hash}"]
    return [doc.drafted_by, *unsigned]


def _paragraph(text: str) -> dict[str, object]:
    """A paragraph's lines and direction. Tabs become blanks: a page has no tab stops."""
    return {"lines": visible(text).expandtabs(4).split("\n"), "rtl": is_rtl(text)}
