"""Where a filed note stands inside a practice's folder: the `layout` setting, filled in safely.

No path ever leaves the root or holds anything but [A-Za-z0-9._-]; ids and codes, never a name.
"""

import hashlib
import re
from pathlib import PurePosixPath
from string import Formatter

from bot.ports import FiledNote

PLACEHOLDERS = ("client_code", "session_date", "year", "format", "note_id", "practice_id")
_LITERAL = re.compile(r"[A-Za-z0-9._/-]*")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST = 100
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)  # Windows opens no file of that name


def check_layout(layout: str) -> None:
    """Raises ValueError, saying what is wrong with a `layout` setting, before any note depends on it."""
    try:
        parts = list(Formatter().parse(layout))
    except ValueError as error:
        raise ValueError(f"layout: {error}") from None
    names = [name for _, name, _, _ in parts if name is not None]
    unknown = [name for name in names if name not in PLACEHOLDERS]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValueError(f"layout: unknown placeholder {{{unknown[0]}}}; known are {known}")
    if any(spec or conversion for _, _, spec, conversion in parts):
        raise ValueError("layout: placeholders take no format, write {note_id} and the like")
    if "note_id" not in names:
        raise ValueError("layout: must hold {note_id}, or two notes could claim the same file")
    if any(not _LITERAL.fullmatch(literal) for literal, *_ in parts):
        raise ValueError("layout: only letters A-Z, digits, '.', '_', '-', '/' and placeholders are allowed")
    components = layout.split("/")
    if any(component in ("", ".", "..") for component in components):
        raise ValueError("layout: must be a relative path without empty parts, '.' or '..'")


def stem_of(layout: str, note: FiledNote) -> PurePosixPath:
    """The note's path below the root, without extension."""
    values = {
        "client_code": note.client_code or "no-client-code",
        "session_date": note.session_date or "undated",
        "year": note.session_date[:4] or "undated",
        "format": note.format_id,
        "note_id": note.note_id,
        "practice_id": note.practice_id,
    }
    safe = {name: safe_component(value) for name, value in values.items()}
    return PurePosixPath(*(safe_component(part.format_map(safe)) for part in layout.split("/")))


def safe_component(value: str) -> str:
    """The value as one path component, on Windows too. What had to change gets a digest: no two codes share one.

    But where a file system takes small and capital letters for the same, so do folders; notes keep apart by their ids.
    """
    safe = _UNSAFE.sub("_", value)[:_LONGEST].strip(".") or "_"
    if _DEVICES.fullmatch(safe):
        safe = f"{safe.partition('.')[0]}_"
    if safe == value:
        return safe
    return f"{safe}-{hashlib.sha256(value.encode()).hexdigest()[:8]}"
