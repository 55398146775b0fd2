"""Phrases in data files as patterns: `word*` also matches longer words with that beginning, `#` any number."""

import re
from collections.abc import Sequence
from functools import cache


@cache
def phrases(listed: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for all phrases, any case, whole words. Nothing listed matches nothing."""
    beginning = [_phrase(typed) for typed in listed if _begins_a_word(typed)]
    parts = [_phrase(typed) for typed in listed if not _begins_a_word(typed)]
    if beginning:  # said once for all: inside of a word, none of them is tried
        parts.insert(0, rf"(?<!\w)(?:{'|'.join(beginning)})")
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


def says(text: str, listed: Sequence[str]) -> bool:
    """Whether the text says one of the phrases."""
    return bool(phrases(tuple(listed)).search(text.replace("\u2019", "'")))


def _phrase(typed: str) -> str:
    pattern = r"\s+".join(map(_word, typed.split()))
    after = r"(?!\w)" if typed[-1].isalnum() or typed[-1] == "#" else ""
    return pattern + after


def _begins_a_word(typed: str) -> bool:
    return typed[0].isalnum() or typed[0] == "#"


def _word(word: str) -> str:
    return re.escape(word).replace(r"\*", r"\w*").replace(r"\#", r"\d+(?:[.,]\d+)?")
