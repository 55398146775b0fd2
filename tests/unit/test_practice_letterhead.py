"""`[practice.letterhead]`: what it takes, and what is said about a logo that could not be drawn."""

import re
import struct
import zlib
from pathlib import Path

import pytest

from bot.domain.letterhead import NO_LETTERHEAD
from bot.practice_file import PracticeFile, PracticeFileError, load_practice

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 12 6"><rect width="12" height="6"/></svg>'
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", 60, 120) + b"\x03" * 12 + b"\xff\xd9"
EXAMPLE = (Path(__file__).parents[2] / "demo" / "practice.toml").read_text("utf-8")
DEMO = re.sub(r"(?m)^\[practice\.letterhead\]\n(?:.+\n)+", "", EXAMPLE)


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")


def practice(folder: Path, table: str, **files: bytes) -> PracticeFile:
    for name, data in files.items():
        (folder / name.replace("_", ".")).write_bytes(data)
    (folder / "practice.toml").write_text(f"{DEMO}\n[practice.letterhead]\n{table}\n", "utf-8")
    return load_practice(folder / "practice.toml")


def test_without_the_table_there_is_only_the_name(tmp_path: Path) -> None:
    (tmp_path / "practice.toml").write_text(DEMO, "utf-8")
    assert load_practice(tmp_path / "practice.toml").letterhead == NO_LETTERHEAD


def test_the_example_has_one(tmp_path: Path) -> None:
    (tmp_path / "practice.toml").write_text(EXAMPLE, "utf-8")
    assert load_practice(tmp_path / "practice.toml").letterhead.lines[0] == "12 Larkspur Street, Suite 3"
    assert "letterhead" not in DEMO


@pytest.mark.parametrize(
    ("data", "read"),
    [(png(120, 60), ("png", 120, 60)), (JPEG, ("jpeg", 120, 60)), (SVG, ("svg", 0, 0))],
    ids=["png", "jpeg", "svg"],
)
def test_lines_and_a_logo_are_read_whatever_the_file_is_called(
    tmp_path: Path, data: bytes, read: tuple[str, int, int]
) -> None:
    found = practice(tmp_path, 'lines = ["12 Larkspur Street", "Tel 555"]\nlogo = "logo.any"', logo_any=data)
    assert found.letterhead.lines == ("12 Larkspur Street", "Tel 555")
    logo = found.letterhead.logo
    assert logo
    assert (logo.kind, logo.width, logo.height) == read
    assert logo.data == data


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is no PNG, JPEG or SVG"),
        (b"%PDF-1.7", "is no PNG, JPEG or SVG"),
        (b"<html></html>", "is no PNG, JPEG or SVG"),
        (png(120, 60)[:-20], "is damaged"),
        (JPEG[:-2], "is damaged"),
        (png(4000, 10), "4000 by 10 pixels; at most 3000"),
        (SVG + b" " * 300_000, "is larger than 300 KB"),
        (b"<!DOCTYPE svg>" + SVG, "without DOCTYPE"),
        (SVG.replace(b"<rect", b'<image href="http://example.org/a.png"/><rect'), "must hold all it shows"),
        (SVG.replace(b"<rect", b"<text>Larkspur</text><rect"), "turn text into paths"),
        (SVG.decode().encode("utf-16"), "is no PNG, JPEG or SVG"),
    ],
)
def test_a_logo_that_could_not_be_drawn_is_refused_with_its_line(tmp_path: Path, data: bytes, sentence: str) -> None:
    with pytest.raises(PracticeFileError) as caught:
        practice(tmp_path, 'logo = "logo.png"', logo_png=data)
    line = DEMO.count("\n") + 3
    assert caught.value.problems[0].startswith(f"line {line}: [practice.letterhead]: logo 'logo.png' ")
    assert sentence in caught.value.problems[0]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ('logo = "missing.png"', "does not exist beside the practice file"),
        ('logo = "../logo.png"', "must stand beside the practice file"),
        ("lines = " + str(["x" * 81]).replace("'", '"'), "at most 80 characters"),
        ('lines = ["a", "b", "c", "d", "e", "f"]', "up to 5 lines"),
        ('lines = ["a\\nb"]', "up to 5 lines"),
        ('line = ["a"]', "did you mean 'lines'?"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, table: str, sentence: str) -> None:
    with pytest.raises(PracticeFileError, match=r"\[practice.letterhead\]") as caught:
        practice(tmp_path, table)
    assert sentence in caught.value.problems[0]
