"""Names of people: by lists of names, and by what stands beside a word.

A word that is also a name (Grace, Will, May) counts as a name only where its neighbours say so; once they have, it is
the same person wherever it stands with a capital.
"""

import re
from collections.abc import Iterator

from bot.drafting.identifiers.name_runs import find_runs
from bot.drafting.identifiers.neighbours import MONTHS
from bot.drafting.identifiers.passage import Passage, places_in
from bot.drafting.identifiers.spans import Span
from bot.drafting.identifiers.typed_small import find_initials, find_letters, find_typed_small
from bot.drafting.identifiers.wordlists import listed
from bot.drafting.identifiers.words import Kind, Word, kind_of

_A_TIME = re.compile(
    r"\b(?:in|since|until|till|by|early|late|mid|last|next|this|of|from|during|through)[ -]\Z", re.IGNORECASE
)
_SHORTEST_SMALL = 4


def find_people(passage: Passage) -> Iterator[Span]:
    """Names with their initials, nicknames and particles, then other places of the same names."""
    runs, small = list(find_runs(passage)), list(find_typed_small(passage))
    lettered = (*find_initials(passage), *find_letters(passage))
    found = [*(span for span, _ in runs), *lettered, *(span for span, _ in small)]
    yield from found
    sure = {bare for _, words in runs for bare in words} | {bare for _, bare in small}
    typed_small = {bare for _, bare in small}
    taken = passage.blocked | places_in(passage.words, [(span.start, span.end) for span in found])
    for place, word in enumerate(passage.words):
        if word.bare in sure and place not in taken and _is_the_same(passage, word, typed_small):
            yield Span(word.start, word.end, "name")


def _is_the_same(passage: Passage, word: Word, typed_small: set[str]) -> bool:
    """Whether a word that is a name elsewhere in the text is one here."""
    if word.bare in MONTHS and _A_TIME.search(passage.ahead_of(word.start, 10)):
        return False
    if word.bare in listed("small_names") and not word.capital:
        return word.bare in typed_small
    if kind_of(word) in (Kind.GIVEN, Kind.FAMILY, Kind.UNKNOWN):
        return word.capital or len(word.bare) >= _SHORTEST_SMALL
    return word.capital and not (word.bare in listed("modals") and word.opens)
