"""Towns and countries: by list, and after `in`, `from` or `to` an unknown word in capitals."""

import re
from collections.abc import Iterator, Sequence

from bot.drafting.identifiers.spans import Span
from bot.drafting.identifiers.wordlists import is_word, listed
from bot.drafting.identifiers.words import Kind, Word, gap, kind_of

_CODE = re.compile(r"(?: \(\w+\))? \d{5}\b(?!-|/)")
_SHORTEST_IN_CAPITALS = 5


def find_towns(text: str, words: Sequence[Word]) -> Iterator[Span]:
    """States of the US stay: they tell little, and a note may need one."""
    for place, word in enumerate(words):
        toward = _toward(text, words, place)
        if not (word.capital or toward):
            continue
        after = words[place + 1] if place + 1 < len(words) else None
        if after and f"{word.bare}-{after.bare}" in listed("towns_long") and gap(text, word, after) in (" ", ". "):
            yield Span(word.start, _past_code(text, after.end), "address")
        elif _is_country(word) or (word.capital and _is_town(word, toward)):
            yield Span(word.start, _past_code(text, word.end), "address")


def _past_code(text: str, end: int) -> int:
    """The end of a postal code after the country: `Denmark 35018`."""
    code = _CODE.match(text, end)
    return code.end() if code else end


def _toward(text: str, words: Sequence[Word], place: int) -> bool:
    before = words[place - 1] if place else None
    return before is not None and before.bare in listed("toward") and gap(text, before, words[place]) == " "


def _is_country(word: Word) -> bool:
    return word.bare in listed("countries") and word.bare not in listed("countries_or_words")


def _is_town(word: Word, toward: bool) -> bool:
    if word.bare in listed("towns") or word.bare in listed("countries"):
        return toward or kind_of(word) is Kind.UNKNOWN
    in_capitals = word.capitals and len(word.bare) >= _SHORTEST_IN_CAPITALS and "-" not in word.bare
    return toward and in_capitals and not is_word(word.bare)
