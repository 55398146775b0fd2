"""A TrueType font made on the spot: for each character asked for, a box with its code point in hexadecimal digits.

It keeps what no installed font can draw in the text of a PDF, and visible on the page. Nothing else uses it.
"""

import struct
from collections.abc import Iterable, Sequence

FAMILY = "Afternote Last Resort"
_EM = 1000
_WIDTH = 900
# Seven-segment digits: a top, b and c right, d bottom, e and f left, g middle.
_SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcfgd")
_LETTERS = ("abcefg", "cdefg", "adef", "bcdeg", "adefg", "aefg")
_DIGITS = dict(zip("0123456789ABCDEF", _SEGMENTS + _LETTERS, strict=True))
Box = tuple[int, int, int, int]


def last_resort_font(characters: Iterable[str]) -> bytes:
    """A font file for these characters (each once, in code point order). Equal sets give equal bytes."""
    codes = sorted({ord(character) for character in characters})
    glyphs = [_glyph(_frame()), *(_glyph(_frame() + _label(f"{code:04X}")) for code in codes)]
    count = len(glyphs)
    head = (0x10000, 0x10000, 0, 0x5F0F3CF5, 3, _EM, 0, 0, 0, -200, _WIDTH, 800, 0, 8, 2, 1, 0)
    return _sfnt(
        {
            b"cmap": _cmap(codes),
            b"glyf": b"".join(glyphs),
            b"head": struct.pack(">4I2H2Q4h2H3h", *head),
            b"hhea": struct.pack(">I3hH6h8xhH", 0x10000, 800, -200, 0, _WIDTH, 0, 0, _WIDTH, 1, 0, 0, 0, count),
            b"hmtx": struct.pack(">Hh", _WIDTH, 50) * count,
            b"loca": _loca(glyphs),
            b"maxp": struct.pack(">I14H", 0x10000, count, 256, 64, 0, 0, 2, *[0] * 8),
            b"name": _names(),
        }
    )


def _frame() -> list[Box]:
    left, bottom, right, top, thick = 50, -150, _WIDTH - 50, 750, 36
    return [
        (left, bottom, right, bottom + thick),
        (left, top - thick, right, top),
        (left, bottom, left + thick, top),
        (right - thick, bottom, right, top),
    ]


def _label(digits: str) -> list[Box]:
    """The digits in two rows, as wide as they need."""
    half = (len(digits) + 1) // 2
    boxes: list[Box] = []
    for row, y in ((digits[:half], 350), (digits[half:], -70)):
        step = 620 // max(len(row), 1)
        for index, digit in enumerate(row):
            boxes += _digit(digit, 150 + index * step, y, step - 70, 320)
    return boxes


def _digit(digit: str, x: int, y: int, width: int, height: int) -> list[Box]:
    thick, middle = 44, y + height // 2
    segments: dict[str, Box] = {
        "a": (x, y + height - thick, x + width, y + height),
        "b": (x + width - thick, middle, x + width, y + height),
        "c": (x + width - thick, y, x + width, middle),
        "d": (x, y, x + width, y + thick),
        "e": (x, y, x + thick, middle),
        "f": (x, middle, x + thick, y + height),
        "g": (x, middle - thick // 2, x + width, middle + thick // 2),
    }
    return [segments[name] for name in _DIGITS[digit]]


def _glyph(boxes: Sequence[Box]) -> bytes:
    """A simple glyph of rectangles, all wound one way so that overlaps stay filled."""
    corners = [c for x0, y0, x1, y1 in boxes for c in ((x0, y0), (x0, y1), (x1, y1), (x1, y0))]
    ends = [4 * index + 3 for index in range(len(boxes))]
    previous, x_steps, y_steps = (0, 0), list[int](), list[int]()
    for corner in corners:
        x_steps.append(corner[0] - previous[0])
        y_steps.append(corner[1] - previous[1])
        previous = corner
    xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
    bounds = (min(xs), min(ys), max(xs), max(ys))
    count = len(corners)
    data = struct.pack(">h4h", len(boxes), *bounds) + struct.pack(f">{len(ends)}HH", *ends, 0)
    data += b"\x01" * count + struct.pack(f">{2 * count}h", *x_steps, *y_steps)
    return data + b"\0" * (-len(data) % 4)


def _loca(glyphs: Sequence[bytes]) -> bytes:
    offsets = [0]
    for glyph in glyphs:
        offsets.append(offsets[-1] + len(glyph))
    return struct.pack(f">{len(offsets)}I", *offsets)


def _cmap(codes: Sequence[int]) -> bytes:
    """Format 12 alone: one group a character, which serves every plane."""
    groups = b"".join(struct.pack(">III", code, code, index) for index, code in enumerate(codes, start=1))
    table = struct.pack(">HHIII", 12, 0, 16 + len(groups), 0, len(codes)) + groups
    return struct.pack(">HHHHI", 0, 1, 3, 10, 12) + table


def _names() -> bytes:
    texts = {1: FAMILY, 2: "Regular", 3: FAMILY, 4: FAMILY, 6: FAMILY.replace(" ", "")}
    encoded = {key: text.encode("utf-16-be") for key, text in texts.items()}
    records, offset = b"", 0
    for key, text in encoded.items():
        records += struct.pack(">6H", 3, 1, 0x409, key, len(text), offset)
        offset += len(text)
    return struct.pack(">3H", 0, len(encoded), 6 + len(records)) + records + b"".join(encoded.values())


def _sfnt(tables: dict[bytes, bytes]) -> bytes:
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    header = struct.pack(">IHHHH", 0x10000, count, power * 16, power.bit_length() - 1, (count - power) * 16)
    offset = len(header) + 16 * count
    directory, body = b"", b""
    for tag, data in sorted(tables.items()):
        padded = data + b"\0" * (-len(data) % 4)
        directory += struct.pack(">4sIII", tag, _checksum(padded), offset + len(body), len(data))
        body += padded
    return header + directory + body


def _checksum(data: bytes) -> int:
    return sum(struct.unpack(f">{len(data) // 4}I", data)) & 0xFFFFFFFF
