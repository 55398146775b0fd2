"""Reads format files: the ones that ship in `prompts/formats`, and a practice's own folder that adds or overrides.

Refuses any file that would lose a statement (every slot has exactly one place), and says all that is wrong at once.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import cast

from bot.domain.formats import Format, SectionSpec
from bot.domain.statements import Slot
from bot.toml_table import TomlFile, UnusableFiles

_ID = re.compile(r"[a-z][a-z0-9_]{0,31}")
_LOINC = re.compile(r"\d{1,7}-\d")
_SLOTS = {slot.value: slot for slot in Slot}

# Key → (type, needed). A bool is an int in Python, never in these files.
_FORMAT_KEYS: dict[str, tuple[type, bool]] = {
    "id": (str, True),
    "name": (str, True),
    "description": (str, True),
    "version": (int, False),
    "order": (int, False),
    "loinc": (str, False),
    "brief": (bool, False),
    "linked": (bool, False),
    "required": (list, False),
    "needed": (list, False),
    "sections": (list, True),
}
_SECTION_KEYS: dict[str, tuple[type, bool]] = {
    "key": (str, True),
    "title": (str, True),
    "slots": (list, True),
    "loinc": (str, False),
    "guidance": (str, False),
    "needed": (bool, False),
}
_TYPE_WORDS: dict[type, str] = {str: "text", int: "a whole number", bool: "true or false", list: "a list"}
_LAST = 1000


class FormatError(UnusableFiles):
    """Format files that cannot be used."""


def load_formats(extra: Path | None = None) -> Mapping[str, Format]:
    """All formats to choose from, by id, in menu order (`order`, then name).

    A file in `extra` replaces the format of the same id. Raises FormatError with every problem of every file, or when
    `extra` is not a folder that can be read.
    """
    ranked = {**_built_in(), **_own(extra)} if extra else _built_in()
    to_choose = [pair for pair in ranked.values() if not pair[1].linked]
    in_order = sorted(to_choose, key=lambda pair: (pair[0], pair[1].name))
    return MappingProxyType({fmt.id: fmt for _, fmt in in_order})


def load_linked_formats() -> Mapping[str, Format]:
    """The formats of addenda and retractions: never chosen, and the same in every practice."""
    return MappingProxyType({fmt.id: fmt for _, fmt in _built_in().values() if fmt.linked})


@cache
def _built_in() -> Mapping[str, tuple[int, Format]]:
    folder = resources.files("prompts").joinpath("formats")
    return _read(entry for entry in folder.iterdir() if entry.name.endswith(".toml"))


def _own(folder: Path) -> Mapping[str, tuple[int, Format]]:
    if not folder.is_dir():
        raise FormatError([f"{folder}: not a folder; a practice's own formats are expected there"])
    own = _read(path for path in folder.glob("*.toml") if not path.name.startswith("."))
    taken = [fmt.id for _, fmt in own.values() if fmt.linked or fmt.id in load_linked_formats()]
    if taken:
        raise FormatError(
            [f"{name}.toml: formats of addenda and retractions are not a practice's to set" for name in taken]
        )
    return own


def _read(files: Iterable[TomlFile]) -> Mapping[str, tuple[int, Format]]:
    problems: list[str] = []
    ranked: dict[str, tuple[int, Format]] = {}
    for file in sorted(files, key=lambda f: f.name):
        try:
            order, fmt = parse_format(file.read_bytes(), file.name)
            ranked[fmt.id] = (order, fmt)
        except FormatError as error:
            problems.extend(error.problems)
        except OSError as error:
            problems.append(f"{file.name}: cannot be read ({error.strerror})")
    if problems:
        raise FormatError(problems)
    return ranked


def parse_format(data: bytes, file_name: str) -> tuple[int, Format]:
    """One format file, with its place in the menu. Raises FormatError with all its problems."""
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FormatError([f"{file_name}: not UTF-8 (byte {error.start})"]) from None
    except tomllib.TOMLDecodeError as error:
        raise FormatError([f"{file_name}: not valid TOML: {error}"]) from None
    problems = [f"{file_name}: {problem}" for problem in _problems(table, file_name)]
    if problems:
        raise FormatError(problems)
    return table.get("order", _LAST), _format(table)


def _format(table: Mapping[str, object]) -> Format:
    """A checked table as a Format."""
    sections = tuple(
        SectionSpec(
            key=str(section["key"]),
            title=str(section["title"]),
            slots=tuple(Slot(name) for name in cast(list[str], section["slots"])),
            loinc=str(section.get("loinc", "")),
            guidance=str(section.get("guidance", "")),
            needed=bool(section.get("needed", False)),
        )
        for section in cast(list[Mapping[str, object]], table["sections"])
    )
    return Format(
        id=str(table["id"]),
        name=str(table["name"]),
        description=str(table["description"]),
        sections=sections,
        required=tuple(Slot(name) for name in cast(list[str], table.get("required", []))),
        loinc=str(table.get("loinc", "34904-3")),
        brief=bool(table.get("brief", False)),
        version=cast(int, table.get("version", 1)),
        linked=bool(table.get("linked", False)),
        needed=tuple(Slot(name) for name in cast(list[str], table.get("needed", []))),
    )


def _problems(table: Mapping[str, object], file_name: str) -> list[str]:
    found = _key_problems(table, _FORMAT_KEYS, "")
    name = table.get("id")
    if isinstance(name, str):
        if not _ID.fullmatch(name):
            found.append(f"id: “{name}” may hold only a-z, 0-9 and _, starts with a letter, at most 32 characters")
        elif f"{name}.toml" != file_name:
            found.append(f"id: “{name}” must be the file's name ({file_name.removesuffix('.toml')})")
    version = table.get("version", 1)
    if isinstance(version, int) and version < 1:
        found.append("version: counts from 1")
    found += _loinc_problems(table, "")
    for key in ("required", "needed"):
        found += _slot_problems(table.get(key, []), key)
    found += _section_problems(table.get("sections"))
    return found


def _key_problems(table: Mapping[str, object], keys: Mapping[str, tuple[type, bool]], where: str) -> list[str]:
    found = [f"{where}{key}: unknown key; known are {', '.join(keys)}" for key in table if key not in keys]
    for key, (kind, needed) in keys.items():
        if key not in table:
            if needed:
                found.append(f"{where}{key}: missing")
        elif type(table[key]) is not kind:
            found.append(f"{where}{key}: must be {_TYPE_WORDS[kind]}")
        elif kind is str and needed and not str(table[key]).strip():
            found.append(f"{where}{key}: is empty")
        elif kind is str and not str(table[key]).isprintable():
            found.append(f"{where}{key}: must be one line without control characters")
    return found


def _section_problems(sections: object) -> list[str]:
    if not isinstance(sections, list):
        return []
    found: list[str] = []
    seen: dict[str, list[str]] = {"key": [], "title": []}
    placed: list[str] = []
    for index, section in enumerate(cast(list[object], sections), start=1):
        if not isinstance(section, dict):
            found.append(f"sections[{index}]: must be a [[sections]] table")
            continue
        table = cast(dict[str, object], section)
        where = f"sections[{index}]."
        found += _key_problems(table, _SECTION_KEYS, where)
        found += _loinc_problems(table, where)
        found += _slot_problems(table.get("slots", []), f"{where}slots")
        if table.get("slots") == []:
            found.append(f"{where}slots: is empty; a section without slots can hold nothing")
        if isinstance(table.get("key"), str) and not _ID.fullmatch(str(table["key"])):
            found.append(f"{where}key: “{table['key']}” may hold only a-z, 0-9 and _ and starts with a letter")
        for key, values in seen.items():
            if isinstance(table.get(key), str):
                values.append(str(table[key]).strip().casefold())
        placed += _texts(table.get("slots"))
    found += [f"sections: two have the {key} “{value}”" for key, value in _twice(seen)]
    return found + _placing_problems(placed)


def _twice(seen: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    return [(key, value) for key, values in seen.items() for value, count in Counter(values).items() if count > 1]


def _placing_problems(placed: list[str]) -> list[str]:
    """Each slot stands in exactly one section, or switching to this format would lose or double a statement."""
    counts = Counter(placed)
    twice = [f"slot “{slot}” is placed {counts[slot]} times, must be once" for slot in _SLOTS if counts[slot] > 1]
    nowhere = [f"slot “{slot}” is in no section; every slot needs a place" for slot in _SLOTS if not counts[slot]]
    return [f"sections: {problem}" for problem in twice + nowhere]


def _slot_problems(value: object, where: str) -> list[str]:
    if not isinstance(value, list):
        return []
    names = cast(list[object], value)
    known = [name for name in names if isinstance(name, str) and name in _SLOTS]
    found = [f"{where}: {name!r} is no slot; slots are {', '.join(_SLOTS)}" for name in names if name not in known]
    if where in ("required", "needed"):
        found += [f"{where}: “{name}” is listed twice" for name, count in Counter(known).items() if count > 1]
    return found


def _texts(value: object) -> list[str]:
    items = cast(list[object], value) if isinstance(value, list) else []
    return [item for item in items if isinstance(item, str)]


def _loinc_problems(table: Mapping[str, object], where: str) -> list[str]:
    code = table.get("loinc", "")
    if not isinstance(code, str) or not code or _is_loinc(code):
        return []
    return [f"{where}loinc: “{code}” is no LOINC code (digits, a dash and the right check digit, e.g. 34904-3)"]


def _is_loinc(code: str) -> bool:
    """A LOINC code ends in a Luhn check digit, so one mistyped digit shows."""
    if not _LOINC.fullmatch(code) or not code.isascii():
        return False
    digits = [int(digit) for digit in reversed(code.replace("-", ""))]
    doubled = [2 * d - 9 * (d > 4) for d in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
