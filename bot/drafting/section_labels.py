"""The titles of formats' sections as people type them above a part of a summary: `Plan:`, `## Plan`, `**P:**`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.formats import Format

_LABEL = re.compile(r"\s*(?:#{1,6} +)?[*_]{0,3}(?P<label>[^\W\d_][^\n:*_]{0,40}?)[*_]{0,3}\s*(?::|\Z)")
_FIRST_LETTERS = frozenset("sdbg")
_LETTERS = frozenset("soapdbirge")
_TITLES = frozenset({"session", "session note", "session notes", "note", "notes", "summary"})


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels in small letters. `firsts`: those with which a note begins."""

    known: frozenset[str]
    firsts: frozenset[str]

    def at(self, line: str) -> str | None:
        """The label that a line begins with, in small letters."""
        found = _LABEL.match(line)
        label = found["label"].casefold().strip() if found else ""
        return label if label in self.known or (label in _LETTERS and ":" in line) else None

    def is_title(self, line: str) -> bool:
        """Whether a line is nothing but a section's title, or that of a note."""
        found = _LABEL.fullmatch(line.strip())
        return found is not None and found["label"].casefold().strip() in self.known | _TITLES

    def go_on(self, label: str | None, seen: Sequence[str], *, sure: bool) -> bool:
        """Whether what begins with `label` goes on with a note that has the labels `seen`, rather than begins one."""
        if label is None or label in seen or label in self.firsts:
            return False
        return bool(seen) or not sure


def labels_of(formats: Mapping[str, Format]) -> Labels:
    """The labels that these formats' sections give."""
    titles = [[section.title.casefold() for section in fmt.sections] for fmt in formats.values()]
    known = frozenset(title for sections in titles for title in sections)
    return Labels(known, frozenset(sections[0] for sections in titles if sections) | _FIRST_LETTERS)
