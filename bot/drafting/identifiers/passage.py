"""One text with its words, as the finders of names read it: what may be a name here, and what is taken already."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bot.drafting.identifiers.wordlists import folded, is_given, is_word, listed
from bot.drafting.identifiers.words import Kind, Word, kind_of

Stretch = tuple[int, int]
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_MANY_CAPITALS = 0.8
_SHORT_TEXT = 5


@dataclass(frozen=True, slots=True)
class Passage:
    """A text and its words. At the places `blocked` no name is looked for; `known` are names the caller is sure of."""

    text: str
    words: Sequence[Word]
    blocked: frozenset[int]
    known: frozenset[str]
    heading: bool
    all_small: bool

    def word(self, place: int) -> Word | None:
        """The word at a place, None outside the text."""
        return self.words[place] if 0 <= place < len(self.words) else None

    def kind(self, place: int) -> Kind:
        return kind_of(self.words[place])

    def bare(self, place: int) -> str:
        """The folded word at a place, nothing outside the text."""
        word = self.word(place)
        return word.bare if word else ""

    def gap(self, left: int, right: int) -> str:
        """What stands between two words; a line's end when there is no such word."""
        if left < 0 or right >= len(self.words):
            return "\n"
        return self.text[self.words[left].end : self.words[right].start]

    def ahead_of(self, start: int, count: int) -> str:
        """Up to so many characters in front of a position."""
        return self.text[max(0, start - count) : start]

    def may_begin(self, place: int) -> bool:
        """Whether a name may begin with the word: a capital, more than a letter, not taken."""
        word = self.words[place]
        return word.capital and place not in self.blocked and len(word.bare) > 1


def passage_of(text: str, words: Sequence[Word], taken: Sequence[Stretch], known: frozenset[str]) -> Passage:
    """The passage, with the set phrases of the trade (hope box, DEAR MAN) and the stretches taken blocked."""
    capitals = sum(word.capital for word in words)
    return Passage(
        text=text,
        words=words,
        blocked=places_in(words, [*_phrases(text), *taken]),
        known=known,
        heading=len(words) > _SHORT_TEXT and capitals > _MANY_CAPITALS * len(words),
        all_small=len(words) > 2 and not capitals,
    )


def places_in(words: Sequence[Word], stretches: Sequence[Stretch]) -> frozenset[int]:
    """The places of the words that touch any of the stretches."""
    if not stretches:
        return frozenset()
    return frozenset(
        place
        for place, word in enumerate(words)
        if any(start < word.end and word.start < end for start, end in stretches)
    )


def parts_of_names(names: Sequence[str]) -> frozenset[str]:
    """The words of names the caller knows, folded; particles and single letters aside."""
    parts = (folded(part) for name in names for part in _NAME_WORD.findall(name))
    return frozenset(part for part in parts if len(part) > 1 and part not in listed("particles"))


def learned_from(names: Sequence[str]) -> frozenset[str]:
    """The words by which names of one text are known in the next; not the everyday ones among them (Big Al)."""
    whole = {folded(name) for name in names}
    return frozenset(part for part in parts_of_names(names) if part in whole or is_given(part) or not is_word(part))


@cache
def _phrase_pattern() -> re.Pattern[str]:
    phrases = sorted(listed("phrases"), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)")


def _phrases(text: str) -> Iterator[Stretch]:
    small = text.replace("\u2019", "'").lower()
    if len(small) == len(text):
        yield from (found.span() for found in _phrase_pattern().finditer(small))
