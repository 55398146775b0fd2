"""What a text is about, as a set of concepts: ids of word classes, and the stems of words that are in none.

For matching a treatment plan's goals with what was typed. Reads the word lists in `prompts/words`.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from bot.drafting.lexicon import table
from bot.drafting.shorthand import expand

_WORD = re.compile(r"[^\W_]+(?:['’/.&-][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_ENDINGS = (
    "ations",
    "ation",
    "ingly",
    "ings",
    "ing",
    "edly",
    "ies",
    "ied",
    "ers",
    "es",
    "ed",
    "er",
    "ly",
    "s",
    "e",
    "y",
)
_SHORTEST_STEM = 3
_COMMON = 0.5
_PHRASE = 0.5  # beside what its words count for themselves


@dataclass(frozen=True, slots=True)
class _Entry:
    """A word or phrase of a list and the class it stands for. A last `*` lets the word go on."""

    words: tuple[str, ...]
    concept: str


@dataclass(frozen=True, slots=True)
class Concept:
    """What a word or phrase stands for. `names`: ids of classes and matters, or its stem. `weight`: 0 to 1."""

    names: frozenset[str]
    weight: float


@dataclass(frozen=True, slots=True)
class _Lists:
    """`by_start`: entries by their first word, as listed. `weights`: of classes and `word:…`."""

    by_start: dict[str, list[_Entry]]
    weights: dict[str, float]
    empty: frozenset[str]
    kindred: dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Word:
    """What the lists say of a single word. `entries`: those that it may begin."""

    entries: tuple[_Entry, ...]
    weight: float
    empty: bool
    stem: str


def concepts_of(text: str) -> frozenset[Concept]:
    """The text's concepts, each once. Two words of its matter in a row, as they stand there, are one more."""
    words = _words(expand(text))
    return frozenset({*(concept for concept in _read(words) if concept.weight), *_phrases(words)})


def shared(wanted: frozenset[Concept], said: frozenset[Concept]) -> float:
    """How much of what one text is about another holds: the weights of its concepts that come up there."""
    return sum(
        max((min(each.weight, other.weight) for other in said if each.names & other.names), default=0.0)
        for each in wanted
    )


def _read(words: list[str]) -> Iterator[Concept]:
    """What each word or phrase stands for: the longest entry that matches wins."""
    lists, at = _lists(), 0
    while at < len(words):
        word = _word(words[at])
        found = [entry for entry in word.entries if _matches(entry.words, words, at)]
        length = max((len(entry.words) for entry in found), default=1)
        names = frozenset(entry.concept for entry in found if len(entry.words) == length)
        matters = frozenset[str]().union(*(lists.kindred.get(name, ()) for name in names))
        weight = _weight_of(names, [word.weight] if length == 1 else [], lists)
        yield Concept(names | matters or frozenset({f"stem:{word.stem}"}), weight)
        at += length


def _weight_of(names: frozenset[str], of_word: list[float], lists: _Lists) -> float:
    """Of a class that the goals' own list has, 1; else the least that its classes and the word itself are given."""
    known = [lists.weights[name] for name in names if name in lists.weights]
    return 1.0 if 1.0 in known else min([1.0, *known, *of_word])


def _phrases(words: list[str]) -> Iterator[Concept]:
    for one, two in itertools.pairwise(map(_word, words)):
        if max(one.weight, two.weight) > 0 and not (one.empty or two.empty):
            yield Concept(frozenset({f"phrase:{one.stem} {two.stem}"}), _PHRASE)


def _matches(entry: tuple[str, ...], words: list[str], at: int) -> bool:
    """Whether the entry's words stand here, the first of which is known to."""
    if len(entry) == 1:
        return True
    there = words[at : at + len(entry)]
    return len(there) == len(entry) and all(
        word.startswith(want[:-1]) if want.endswith("*") else word == want
        for want, word in zip(entry, there, strict=True)
    )


@lru_cache(maxsize=4096)
def _word(word: str) -> _Word:
    lists, forms = _lists(), list(_forms(word))
    empty = word[0].isdigit() or any(form in lists.empty for form in forms)
    listed = next((lists.weights[f"word:{form}"] for form in forms if f"word:{form}" in lists.weights), 1.0)
    entries = tuple(entry for form in forms for entry in lists.by_start.get(form, ()))
    tells = not empty and (len(word) >= _SHORTEST_STEM or any(entry.words == (word,) for entry in entries))
    return _Word(entries, listed if tells else 0.0, empty, _stem(word))


def _forms(word: str) -> Iterator[str]:
    """The word, then its beginnings as lists write them, longest first."""
    yield word
    yield from (f"{word[:length]}*" for length in range(len(word), 1, -1))


def _words(text: str) -> list[str]:
    return [_POSSESSIVE.sub("", word.lower()) for word in _WORD.findall(text.replace("’", "'"))]


def _stem(word: str) -> str:
    """The word without its ending, so that `volunteering` and `volunteer` are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return _undoubled(word[: -len(ending)])
    return word


def _undoubled(stem: str) -> str:
    return stem[:-1] if len(stem) > _SHORTEST_STEM and stem[-1] == stem[-2] else stem


@cache
def _lists() -> _Lists:
    by_start: dict[str, list[_Entry]] = {}
    for concept, phrases in _classes():
        for phrase in phrases:
            words = tuple(_POSSESSIVE.sub("", word) for word in phrase.split())
            if words and len(words[0].rstrip("*")) >= 2:
                by_start.setdefault(words[0], []).append(_Entry(words, concept))
    goals = table("goals")
    weights = dict.fromkeys(goals["classes"], 1.0)
    weights |= {name: _COMMON for name in goals["common"]["classes"]}
    weights |= {f"word:{word}": _COMMON for word in goals["common"]["words"]}
    weights |= {name: 0.0 for name in goals["nothing"]["classes"]}
    weights |= {f"word:{word}": 0.0 for word in goals["nothing"]["words"]}
    kindred: dict[str, frozenset[str]] = {}
    for matter, names in goals["kindred"].items():
        for name in names:
            kindred[name] = kindred.get(name, frozenset()) | {f"about:{matter}"}
    return _Lists(by_start, weights, frozenset(goals["empty"]["words"]), kindred)


def _classes() -> Iterator[tuple[str, Iterable[str]]]:
    """Every class of words that stand for one another, by its id."""
    own = table("goals")["classes"]
    yield from own.items()
    yield from ((name, words) for name, words in table("synonyms")["classes"].items() if name not in own)
    yield from table("synonyms")["topics"].items()
    yield from ((name, entry["words"]) for name, entry in table("relations")["relations"].items())
    yield from ((name, entry["words"]) for name, entry in table("risk")["concepts"].items())
    yield from ((name, entry["names"]) for name, entry in table("interventions")["interventions"].items())
    yield from ((name, [name, *entry["names"]]) for name, entry in table("medications")["drugs"].items())
