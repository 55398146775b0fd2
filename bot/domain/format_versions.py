"""Definitions of formats as they are kept, so that a note is always shown as it was written, whatever became of a file.

A definition is everything of a format but its number. The same definition has the same hash, on every machine.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.domain.formats import Format, SectionSpec
from bot.domain.statements import Slot


def definition_of(fmt: Format) -> str:
    """The format as canonical JSON, without its version."""
    sections = [
        {
            "key": spec.key,
            "title": spec.title,
            "slots": list(spec.slots),
            "loinc": spec.loinc,
            "guidance": spec.guidance,
            "needed": spec.needed,
        }
        for spec in fmt.sections
    ]
    content = {
        "id": fmt.id,
        "name": fmt.name,
        "description": fmt.description,
        "sections": sections,
        "required": list(fmt.required),
        "needed": list(fmt.needed),
        "loinc": fmt.loinc,
        "brief": fmt.brief,
        "linked": fmt.linked,
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hash_of(definition: str) -> str:
    """SHA-256 of a definition."""
    return hashlib.sha256(definition.encode()).hexdigest()


def format_from(definition: str, version: int) -> Format:
    """The format that a definition describes; what later definitions added is as it was without it."""
    content: Mapping[str, Any] = json.loads(definition)
    sections = tuple(
        SectionSpec(
            spec["key"],
            spec["title"],
            tuple(map(Slot, spec["slots"])),
            spec["loinc"],
            spec["guidance"],
            spec.get("needed", False),
        )
        for spec in content["sections"]
    )
    return Format(
        content["id"],
        content["name"],
        content["description"],
        sections,
        tuple(map(Slot, content["required"])),
        content["loinc"],
        content["brief"],
        version,
        content["linked"],
        tuple(map(Slot, content.get("needed", ()))),
    )


def numbered(fmt: Format, known: Mapping[int, str]) -> Format:
    """The format under the number of its definition: the one it has among `known` (number → hash), else a new one.

    A new number is above all known ones, and the file's own where that is higher.
    """
    found = hash_of(definition_of(fmt))
    same = [version for version, hashed in known.items() if hashed == found]
    return replace(fmt, version=max(same or [fmt.version, *(version + 1 for version in known)]))
