"""Reads a text for its claims: which stretch each word stands in, what turns it round, and each word's sign."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.lexicons import RELATION, ROLE
from bot.drafting.checker.planned import planned_places
from bot.drafting.checker.polarity import DENIED, OPEN, SAID
from bot.drafting.checker.words import MARK, NUMBER, WORD, Word, stem_of
from bot.drafting.lexicon import table

Side = tuple[int, int]

_TITLES = frozenset({"dr", "mr", "mrs", "ms", "mx", "st", "jr", "sr", "vs"})
_ENDS = frozenset({".", ";", "!", "?", "|"})
_PARTS = frozenset({",", ":", "(", ")", "\u2014", "\u2013", "--", "->", "\u2192", "+"})
_JOINS = frozenset({"but", "while", "whereas", "although", "though", "because", "when", "after", "before"})
_PRONOUNS = frozenset({"he", "she", "they", "i", "we", "who", "both", "each"})
_CLOSE = 6
_LONGEST = 12
_SUBORDINATE = frozenset({"if", "unless", "when", "that", "who", "whether", "because", "which", "what"})
_UNDER = ("under", "until", "unite", "unive", "uncle", "uniqu", "units", "union")
_DOING = frozenset({"did", "does", "do", "has", "have", "had", "was", "is", "were", "are", "could", "managed"})


@dataclass(frozen=True, slots=True)
class Sided:
    """A word of a pair: the side it speaks for, turned where it is denied."""

    side: Side
    at: int
    end: int
    sign: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A text's words by sentence and by part of a sentence (between commas), and the refined sign of each."""

    text: Analysis
    sentences: tuple[int, ...]
    parts: tuple[int, ...]
    signs: tuple[int, ...]
    sides: tuple[Sided, ...]
    turning: frozenset[int]
    limiting: frozenset[int]
    doubting: frozenset[int]
    dating: frozenset[int]
    elliptic: frozenset[int]
    former: frozenset[int]
    ongoing: frozenset[int]
    planned: frozenset[int]

    def turned(self, at: int) -> bool:
        """Whether anything else in the word's sentence turns it round, or anything close by limits it."""
        own = self.sentences[at]
        if any(self.sentences[other] == own and other != at for other in self.turning):
            return True
        return any(self.parts[other] == self.parts[at] and 0 < abs(other - at) <= _CLOSE for other in self.limiting)

    def clear(self, at: int) -> bool:
        """Whether nothing in its sentence turns the word round, and nothing before it in its part casts doubt on it."""
        turning = any(self.sentences[other] == self.sentences[at] and other != at for other in self.turning)
        unclear = self.limiting | self.doubting | self.dating
        doubting = any(self.parts[other] == self.parts[at] and other < at for other in unclear)
        return not turning and not doubting and self.sentences[at] not in self.elliptic

    def straight(self, side: Sided, points: bool = False) -> bool:
        """Whether nothing else in its part turns a word of a pair round than what denies it."""
        doubts = self.turning | self.limiting | self.doubting if points else self.turning | self.limiting
        own = self.parts[side.at]
        near = [at for at in doubts if self.parts[at] == own and not side.at <= at < side.end]
        return not near or (side.sign < 0 and len(near) == 1 and near[0] < side.at)


def read(text: Analysis) -> Reading:
    """What the rules for turned statements want to know of a text."""
    words = text.words
    sentences, parts = tuple(_numbered(words, _ENDS, frozenset())), tuple(_numbered(words, _ENDS | _PARTS, _JOINS))
    signs = _signs(text, parts)
    return Reading(
        text,
        sentences,
        parts,
        signs,
        sides=tuple(_sides_of(text, signs)),
        turning=frozenset(at for at in range(len(words)) if _turns_at(words, at)),
        limiting=_listed_in(words, "limiting"),
        doubting=_listed_in(words, "doubting"),
        dating=_listed_in(words, "dating"),
        ongoing=_listed_in(words, "ongoing"),
        elliptic=frozenset(sentences[at] for at in range(len(words)) if _elliptic(words, at)),
        former=_former(words, parts),
        planned=planned_places(text),
    )


def _numbered(words: Sequence[Word], marks: frozenset[str], joins: frozenset[str]) -> Iterator[int]:
    number = 0
    for at, word in enumerate(words):
        if word.kind == MARK:
            titled = word.lower == "." and at and words[at - 1].lower in _TITLES
            number += (word.lower in marks or (word.lower == "-" and word.spaced)) and not titled
        elif word.lower in joins:
            number += 1
        yield number


@cache
def _listed(name: str) -> frozenset[str]:
    words: list[str] = table("turned")[name]["words"]
    stems = ((word, stem_of(word)) for word in words)
    return frozenset(words) | frozenset(stem for word, stem in stems if len(stem) > 2 and word.startswith(stem[:3]))


@cache
def _negators() -> frozenset[str]:
    sets = table("checker")["negation"]
    return frozenset(sets["list"]) | frozenset(sets["verb"])


@cache
def turns_round(lower: str, stem: str) -> bool:
    """Whether a word denies, ends or limits what stands beside it: `not`, `refused`, `untouched`."""
    un = lower.startswith("un") and len(lower) > 5 and not lower.startswith(_UNDER)
    return un or stem in _listed("turning") or lower in _listed("turning") or lower in _negators()


def turns(word: Word) -> bool:
    if word.kind != WORD:
        return word.kind == NUMBER and word.lower == "0"
    return turns_round(word.lower, word.stem)


@cache
def _turning_phrases() -> dict[str, list[list[str]]]:
    """The phrases that turn round, by their first word."""
    found: dict[str, list[list[str]]] = {}
    for phrase in table("turned")["turning"]["phrases"]:
        found.setdefault(phrase.split()[0], []).append(phrase.split())
    return found


def _turns_at(words: Sequence[Word], at: int) -> bool:
    phrases = _turning_phrases().get(words[at].lower, ())
    return turns(words[at]) or any(
        [word.lower for word in words[at : at + len(phrase)]] == phrase for phrase in phrases
    )


def _in(word: Word, name: str) -> bool:
    return word.kind == WORD and (word.lower in _listed(name) or word.stem in _listed(name))


def _listed_in(words: Sequence[Word], name: str) -> frozenset[int]:
    return frozenset(at for at, word in enumerate(words) if _in(word, name))


def _signs(text: Analysis, parts: Sequence[int]) -> tuple[int, ...]:
    """The signs of the words, corrected where a denial reaches further, less far or not at all."""
    signs = list(text.signs)
    for at, word in enumerate(text.words):
        if _denies_before(text, parts, at):
            _set_before(text.words, parts, signs, at)
        elif word.kind == WORD:
            _corrected(text.words, parts, signs, at)
    return tuple(signs)


def _denies_before(text: Analysis, parts: Sequence[int], at: int) -> bool:
    """`alone 0`, `his mother does not`, `roleplay refused`: the denial comes last."""
    lower = text.words[at].lower
    if lower in ("0", "zero"):
        return _after_a_word(text.words, parts, at)
    return _elliptic(text.words, at) or (lower in _listed("not_done") and _ends_part(text, parts, at))


def _corrected(words: Sequence[Word], parts: Sequence[int], signs: list[int], at: int) -> None:
    word = words[at]
    following = words[at + 1].lower if at + 1 < len(words) else ""
    if word.lower in _listed("thought_of") and following == "to" and signs[at] == SAID:
        _set_after(words, parts, signs, at + 2, OPEN, 3)
    elif word.lower == "without" and _denied_before(words, parts, at):
        _open_part(parts, signs, at)
    elif word.lower in _listed("leaving_out") or (word.lower, following) == ("apart", "from"):
        if _denied_before(words, parts, at):
            _open_part(parts, signs, at)
        else:
            _set_after(words, parts, signs, at + 1, DENIED, 4)
    elif word.lower in _listed("feared") if signs[at] == SAID else signs[at] == DENIED and _in(word, "lifting"):
        _set_after(words, parts, signs, at + 1, OPEN)
    elif (word.lower in _listed("degree") or _past_a_point(words, at)) and _denied_before(words, parts, at):
        _open_part(parts, signs, at)
    elif word.lower in ("but", "then") and following in _DOING and _not_denied(words, at + 2):
        signs[:at] = [max(sign, OPEN) for sign in signs[:at]]


def _past_a_point(words: Sequence[Word], at: int) -> bool:
    """`not past ten minutes`, which is no `in the past week`."""
    following = words[at + 1] if at + 1 < len(words) else None
    before = words[at - 1].lower if at else ""
    counts = following is not None and (following.kind == NUMBER or following.lower in table("checker")["numbers"])
    return words[at].lower == "past" and counts and before not in ("the", "these", "in")


def _ends_part(text: Analysis, parts: Sequence[int], at: int) -> bool:
    """`roleplay refused`, but not `mother refused`: the last word of a part that names a thing, not a person."""
    last = at + 1 >= len(text.words) or text.words[at + 1].kind == MARK
    part = set(_same_part(parts, at))
    persons = any(one.family in (RELATION, ROLE) and one.at in part for one in text.found) or part & set(text.names)
    return last and not persons and not any(text.words[place].lower in _PRONOUNS for place in part)


def _not_denied(words: Sequence[Word], at: int) -> bool:
    return at >= len(words) or words[at].lower not in _negators()


def _denied_before(words: Sequence[Word], parts: Sequence[int], at: int) -> bool:
    return any(words[place].lower in _negators() for place in _same_part(parts, at) if place < at)


def _open_part(parts: Sequence[int], signs: list[int], at: int) -> None:
    for place in _same_part(parts, at):
        signs[place] = OPEN


def _same_part(parts: Sequence[int], at: int) -> Iterator[int]:
    first, last = at, at
    while first and parts[first - 1] == parts[at]:
        first -= 1
    while last + 1 < len(parts) and parts[last + 1] == parts[at]:
        last += 1
    return iter(range(first, last + 1))


def _set_after(
    words: Sequence[Word], parts: Sequence[int], signs: list[int], start: int, sign: int, most: int = _LONGEST
) -> None:
    for place in range(start, min(start + most, len(words))):
        if parts[place] != parts[start - 1] or (most < _LONGEST and words[place].lower in ("and", "or")):
            return
        signs[place] = sign


def _set_before(words: Sequence[Word], parts: Sequence[int], signs: list[int], at: int) -> None:
    for place in range(at - 1, -1, -1):
        if parts[place] != parts[at] or words[place].kind == MARK or words[place].lower in _SUBORDINATE:
            return
        signs[place] = DENIED


@cache
def _verbs() -> frozenset[str]:
    return frozenset(table("checker")["negation"]["verb"])


def _after_a_word(words: Sequence[Word], parts: Sequence[int], at: int) -> bool:
    """`, alone 0 -`: the figure ends its part, after a word or two."""
    before = [word for place, word in enumerate(words[:at]) if parts[place] == parts[at] and word.kind != MARK]
    ends = at + 1 >= len(words) or words[at + 1].kind == MARK
    return ends and 0 < len(before) <= 2 and all(word.kind == WORD for word in before)


def _former(words: Sequence[Word], parts: Sequence[int]) -> frozenset[int]:
    """The words of what was so and is no more."""
    found: set[int] = set()
    for at, word in enumerate(words):
        two = f"{word.lower} {words[at + 1].lower}" if at + 1 < len(words) else ""
        if word.lower in _formers("before") or two in _formers("before"):
            found.update(place for place in _same_part(parts, at) if place > at)
        if word.lower in _formers("after"):
            found.update(place for place in _same_part(parts, at) if place < at)
    return frozenset(found)


@cache
def _formers(name: str) -> frozenset[str]:
    return frozenset(table("turned")["former"][name])


def _elliptic(words: Sequence[Word], at: int) -> bool:
    """`his mother does not, and …`: a denial with nothing after it denies what stands before."""
    ends = at + 1 >= len(words) or words[at + 1].kind == MARK or words[at + 1].lower in ("and", "but")
    return ends and at > 0 and words[at].lower in _verbs()


@cache
def _phrases() -> dict[str, list[tuple[tuple[str, ...], Side]]]:
    """The words of the pairs by their first word, the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], Side]]] = {}
    pairs: list[dict[str, Any]] = table("turned")["pairs"]
    for number, pair in enumerate(pairs):
        for side, name in ((1, "one"), (-1, "other")):
            for typed in pair[name]:
                tokens = tuple(typed.split())
                found.setdefault(tokens[0], []).append((tokens, (number, side)))
    return {first: sorted(phrases, key=lambda item: -len(item[0])) for first, phrases in found.items()}


@cache
def plain_pairs() -> frozenset[int]:
    """The pairs whose denied words say nothing of the other side: not by telephone is not yet in person."""
    return frozenset(number for number, pair in enumerate(table("turned")["pairs"]) if pair.get("plain"))


@cache
def lone_pairs() -> frozenset[int]:
    """The pairs whose words answer to each other whatever stands beside them: `late`, `on time`."""
    return frozenset(number for number, pair in enumerate(table("turned")["pairs"]) if pair.get("alone"))


def _sides_of(text: Analysis, signs: Sequence[int]) -> Iterator[Sided]:
    """Each word of a pair, with the side it speaks for (turned by a denial) and its place."""
    lowers = [word.lower for word in text.words]
    free = 0
    for at, lower in enumerate(lowers):
        if at < free or lower not in _phrases() or text.quoted(at):
            continue
        longest = 0
        for tokens, (number, side) in _phrases()[lower]:
            end = _end_of(tokens, lowers, at)
            if not end or len(tokens) < longest:
                continue
            longest, free = len(tokens), at + len(tokens)
            if sign := min(signs[at : at + len(tokens)]):
                yield Sided((number, side * sign), at, end, sign)


def _end_of(tokens: tuple[str, ...], lowers: Sequence[str], at: int) -> int:
    """Where a phrase that begins here ends, or 0; `...` stands for up to four words."""
    if "..." not in tokens:
        return at + len(tokens) if tuple(lowers[at : at + len(tokens)]) == tokens else 0
    after = lowers[at + 2 : at + 6]
    return at + 3 + after.index(tokens[-1]) if tokens[-1] in after else 0
