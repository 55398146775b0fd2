"""Phrases in data files as patterns: `word*` also matches longer words with that beginning, `#` any number."""

import re
from collections.abc import Sequence
from functools import cache


@cache
def phrases(listed: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for all phrases, any case, whole words. Nothing listed matches nothing."""
    return re.compile("|".join(map(_phrase, listed)) or r"(?!)", re.IGNORECASE)


def says(text: str, listed: Sequence[str]) -> bool:
    """Whether the text says one of the phrases."""
    return bool(phrases(tuple(listed)).search(text.replace("\u2019", "'")))


def _phrase(typed: str) -> str:
    pattern = r"\s+".join(map(_word, typed.split()))
    before = r"(?<![\w])" if typed[0].isalnum() or typed[0] == "#" else ""
    after = r"(?!\w)" if typed[-1].isalnum() or typed[-1] == "#" else ""
    return before + pattern + after


def _word(word: str) -> str:
    return re.escape(word).replace(r"\*", r"\w*").replace(r"\#", r"\d+(?:[.,]\d+)?")
