"""Reads `[practice.letterhead]`. A logo that could not be drawn later is refused now, with its line."""

import struct
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from bot.domain.letterhead import Letterhead, Logo
from bot.toml_table import Table

MOST_LINES, LONGEST_LINE = 5, 80
LARGEST_BYTES, LARGEST_SIDE = 300_000, 3000  # on paper it is at most 2.2 by 0.7 inches
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # frame headers
_LINKS = ("href", "{http://www.w3.org/1999/xlink}href")


class _Unusable(ValueError):
    """What is wrong with a logo, as the end of a sentence that begins with its name."""


def read_letterhead(table: Table, folder: Path) -> Letterhead:
    """The letterhead of the practice file in `folder`; problems go to the table."""
    lines = table.items("lines", str, "texts in quotes")
    if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE or len(line.splitlines()) != 1 for line in lines):
        table.problem("lines", f"lines takes up to {MOST_LINES} lines of at most {LONGEST_LINE} characters each.")
    name = table.text("logo")
    logo = None
    if name:
        try:
            logo = _logo(folder / name, folder)
        except _Unusable as error:
            table.problem("logo", f"logo {name!r} {error}")
    table.close()
    return Letterhead(tuple(line.strip() for line in lines), logo)


def _logo(path: Path, folder: Path) -> Logo:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise _Unusable("must stand beside the practice file, or in a folder there.")
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise _Unusable(f"is larger than {LARGEST_BYTES // 1000} KB. Save a smaller one: 600 pixels wide will do.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise _Unusable("does not exist beside the practice file.") from None
    except OSError as error:
        raise _Unusable(f"cannot be read ({error.strerror}).") from None
    if data.startswith(_PNG):
        return Logo("png", data, *_usable(_png_size(data)))
    if data.startswith(b"\xff\xd8\xff"):
        return Logo("jpeg", data, *_usable(_jpeg_size(data)))
    _expect_drawing(data)
    return Logo("svg", data)


def _usable(size: tuple[int, int] | None) -> tuple[int, int]:
    if size is None:
        raise _Unusable("is damaged: save it again.")
    if not (min(size) > 0 and max(size) <= LARGEST_SIDE):
        raise _Unusable(f"has {size[0]} by {size[1]} pixels; at most {LARGEST_SIDE} on a side will do.")
    return size


def _png_size(data: bytes) -> tuple[int, int] | None:
    if data[12:16] != b"IHDR" or b"IEND" not in data[-12:]:
        return None
    return struct.unpack(">II", data[16:24])


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """From the frame header; None for a file that ends before its end mark."""
    if not data.rstrip(b"\0").endswith(b"\xff\xd9"):
        return None
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if marker in _JPEG_SIZES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None


def _expect_drawing(data: bytes) -> None:
    """An SVG that needs nothing from outside itself. Entities are refused: they can grow without end."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise _Unusable("must be an SVG without DOCTYPE and entities: save it as plain SVG.")
    try:
        root = ElementTree.fromstring(data.decode())  # noqa: S314 (without a DOCTYPE there are no entities)
    except (ElementTree.ParseError, ValueError):
        raise _Unusable("is no PNG, JPEG or SVG.") from None
    if root.tag.rpartition("}")[2] != "svg":
        raise _Unusable("is no PNG, JPEG or SVG.")
    links = [element.get(link, "") for element in root.iter() for link in _LINKS]
    if any(link and not link.startswith(("#", "data:image/")) for link in links):
        raise _Unusable("must hold all it shows: embed its images.")
    if any(element.tag.rpartition("}")[2] == "text" for element in root.iter()):
        raise _Unusable("holds text, which looks different without its font: turn text into paths.")
