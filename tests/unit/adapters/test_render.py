"""Rendered files hold every word, the same every time, whatever people typed."""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import resources

import jsonschema
import pytest
from docx import Document as read_docx
from pypdf import PdfReader

from adapters.direction import is_rtl
from adapters.last_resort import last_resort_font
from adapters.layout import Document
from adapters.render import KINDS, render_all
from adapters.render_markdown import escape
from adapters.render_pdf import render_pdf
from adapters.visible import visible
from bot.domain.statements import Slot
from tests.unit.adapters.documents import TYPICAL, document
from tests.unit.adapters.reading import docx_text, pdf_text, poppler_text

NASTY = "nul\x00 esc\x1b del\x7f nel\x85 noncharacter\uffff"
LINES = {
    "cyrillic": "Пациентка сообщила, что спит лучше.",
    "greek": "Η ασθενής ανέφερε λιγότερο άγχος.",
    "vietnamese": "Bệnh nhân nói rằng cô ấy ngủ được.",
    "emoji": "She smiled 😀 and sent 𝒜 𐍈.",
    "chinese": "患者说她睡得更好。",
    "markup": "#let x = 1 *bold* _em_ $m$ @ref <label> \\ // [x] `raw` ~ -- --- ...",
    "ligatures": "office, fluffy, first, affect",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_word_of_the_note_is_in_every_file(kind: str) -> None:
    data = render_all(document())[kind]
    text = {"pdf": pdf_text, "docx": docx_text}.get(kind, bytes.decode)(data)
    flat = " ".join(text.replace("\\", "").split())
    for _, statement in TYPICAL:
        assert statement in flat
    for words in ("Larkspur Street Counseling", "JD-014", "Rosa Delgado, LPC-Associate", "supervisor"):
        assert words in flat
    assert document().version_hash in flat.replace(" ", "")


def test_equal_documents_give_equal_bytes() -> None:
    assert render_all(document()) == render_all(document())


def test_only_the_kinds_asked_for_are_rendered() -> None:
    assert list(render_all(document(), ("txt", "json"))) == ["txt", "json"]


def test_the_text_file_is_plain() -> None:
    lines = render_all(document())["txt"].decode().split("\n")
    assert lines[:3] == ["Larkspur Street Counseling", "SOAP NOTE", ""]
    assert "SUBJECTIVE" in lines
    assert "Next" not in lines
    assert lines[lines.index("PLAN") + 1] == "Attend the Monday meeting without rehearsing."


@pytest.mark.parametrize("kind", ["txt", "md", "pdf", "docx"])
def test_an_empty_section_says_so(kind: str) -> None:
    data = render_all(document(TYPICAL[:1]))[kind]
    text = {"pdf": pdf_text, "docx": docx_text}.get(kind, bytes.decode)(data)
    assert text.count("Nothing recorded.") == 3


@pytest.mark.parametrize("name", LINES)
def test_any_script_and_any_markup_survives_in_the_pdf(name: str) -> None:
    assert LINES[name] in pdf_text(render_pdf(document([(Slot.REPORT, LINES[name])])))


@pytest.mark.parametrize(
    "line", ["המטופל אמר שלום בשעה 14:30", "قال المريض أشعر بتحسن", "Mixed: “أنا بخير” she said 👩‍👧 ❤️ 👍🏽"]
)
def test_right_to_left_words_and_joined_emoji_survive(line: str) -> None:
    text = poppler_text(render_pdf(document([(Slot.REPORT, line)])))
    for word in line.replace("“", " ").replace("”", " ").split():
        assert word in text


def test_control_characters_are_visible_on_paper_and_unchanged_in_json() -> None:
    doc = document([(Slot.REPORT, NASTY)])
    files = render_all(doc)
    shown = "nul␀ esc␛ del␡ nel⟨U+0085⟩ noncharacter⟨U+FFFF⟩"
    assert visible(NASTY) == shown
    assert shown in pdf_text(files["pdf"])
    assert shown in docx_text(files["docx"])
    assert json.loads(files["json"])["sections"][0]["statements"][0]["text"] == NASTY
    assert NASTY in files["txt"].decode()


def test_nobody_turns_the_letters_of_a_page_around() -> None:
    doc = replace(document(), clinician_line="Rosa \u202eodagleD")
    assert "Rosa ⟨U+202E⟩odagleD" in pdf_text(render_all(doc, ("pdf",))["pdf"])


def test_characters_without_a_glyph_are_announced() -> None:
    boxed = "An Old Permic letter: \U00010350, one nobody has a font for: \U000e0fff."
    assert "A box stands for" in pdf_text(render_pdf(document([(Slot.REPORT, boxed)])))
    assert "A box stands for" not in pdf_text(render_pdf(document()))


def test_endless_words_stay_on_the_page() -> None:
    word = "x" * 400
    data = render_pdf(document([(Slot.REPORT, word)]))
    page = PdfReader(io.BytesIO(data)).pages[0]
    assert word in page.extract_text().replace("\n", "")
    assert poppler_text(data).count("x" * 48) > 3


def test_the_pdf_says_what_it_is() -> None:
    data = render_pdf(document())
    reader = PdfReader(io.BytesIO(data))
    assert b"pdfaid:part" in data
    assert reader.metadata
    assert reader.metadata.title == "SOAP · JD-014 · 2026-11-20"
    assert "/StructTreeRoot" in reader.trailer["/Root"]
    footer = reader.pages[0].extract_text().splitlines()[-1]
    assert footer == f"Note n0123456789abcdefg · version 3 · SHA-256 {document().version_hash[:12]}… Page 1 of 1"


def test_a_long_note_carries_its_head_on_every_page() -> None:
    pages = PdfReader(io.BytesIO(render_pdf(document(list(TYPICAL) * 40)))).pages
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page.extract_text()
        assert "JD-014" in page.extract_text()


def test_a_typical_pdf_is_small() -> None:
    assert len(render_pdf(document())) < 60_000


def test_threads_may_render_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(render_pdf, [document()] * 16))) == 1


def test_the_json_follows_its_schema() -> None:
    schema = json.loads(resources.files("adapters").joinpath("note.schema.json").read_bytes())
    note = json.loads(render_all(document())["json"])
    jsonschema.validate(note, schema)
    assert [statement["slot"] for section in note["sections"] for statement in section["statements"]]


def test_the_docx_is_a_sound_file_without_the_clock() -> None:
    data = render_all(document())["docx"]
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = read_docx(io.BytesIO(data)).core_properties
    assert properties.title == "SOAP · JD-014 · 2026-11-20"
    assert properties.author == "Larkspur Street Counseling"


@pytest.mark.parametrize(
    ("typed", "escaped"),
    [
        ("*not* _bold_ [x](y) <b> `c`", r"\*not\* \_bold\_ \[x\](y) \<b\> \`c\`"),
        ("# no heading", r"\# no heading"),
        ("1. no list\n- nor this", "1\\. no list\n\\- nor this"),
        ("10) no list", r"10\) no list"),
        ("    no code", "&nbsp;&nbsp;&nbsp;&nbsp;no code"),
        ("a | b & c", r"a \| b \& c"),
        ("https://example.org a@b.example", r"https\://example.org a\@b.example"),
        ("rated 7 of 10 - better", "rated 7 of 10 - better"),
    ],
)
def test_typed_markdown_stays_text(typed: str, escaped: str) -> None:
    assert escape(typed) == escaped


def test_direction_is_that_of_the_first_strong_character() -> None:
    assert is_rtl("14:30 שלום") is True
    assert is_rtl("Client said שלום") is False
    assert is_rtl("12") is False


def test_the_last_resort_font_is_the_same_for_the_same_characters() -> None:
    assert last_resort_font("患者") == last_resort_font("者患患")
    assert last_resort_font("") != last_resort_font("患")


UNUSUAL = [
    {"signatures": ()},
    {"client_code": ""},
    {"practice_name": "*A* <b> #B"},
    {"practice_name": "Практика " * 60},
]


@pytest.mark.parametrize("change", UNUSUAL)
def test_unusual_documents_render_too(change: dict[str, object]) -> None:
    doc: Document = replace(document(), **change)
    assert set(render_all(doc)) == set(KINDS)
