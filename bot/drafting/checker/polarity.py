"""Which words of a text are denied. Scope is a clause: `denied SI, slept well` denies the first, not the second."""

from collections.abc import Sequence
from functools import cache

from bot.drafting.checker.words import MARK, WORD, Word
from bot.drafting.lexicon import table

_STOPS = frozenset({".", ";", "!", "?", "--", "\u2014", "\u2013", "\u2192", "->", ":", "(", ")", "|"})
_LIST_SEGMENT = 4
_PRONOUNS = frozenset({"he", "she", "they", "it", "i", "we", "client", "patient", "therapist", "clinician", "who"})
_BE = frozenset({"was", "is", "were", "are", "has", "had", "will", "did"})


@cache
def _sets() -> dict[str, frozenset[str]]:
    return {name: frozenset(words) for name, words in table("checker")["negation"].items()}


def clauses_of(words: Sequence[Word]) -> list[int]:
    """The number of the clause each word stands in: a full stop, semicolon, dash or bracket begins a new one."""
    clause, numbers = 0, list[int]()
    for word in words:
        if word.kind == MARK and word.lower in _STOPS and (word.lower != ":" or word.spaced is False):
            clause += 1
        elif word.kind == MARK and word.lower == "-" and word.spaced:
            clause += 1
        numbers.append(clause)
    return numbers


def denied(words: Sequence[Word]) -> list[int]:
    """For each word 1 where it is said, -1 where it is denied, 0 where either reading is possible."""
    signs = [1] * len(words)
    clauses = clauses_of(words)
    at = 0
    while at < len(words):
        kind, start = _negator(words, at)
        if kind:
            _deny(words, clauses, signs, start, kind)
        elif words[at].stem in _sets()["stop"]:
            for place in range(at + 1, min(at + 6, len(words))):
                if clauses[place] == clauses[at]:
                    signs[place] = min(signs[place], 0)
        at += 1
    return signs


def _negator(words: Sequence[Word], at: int) -> tuple[str, int]:
    """What kind of negator stands here (`list`, `verb` or none), and where its scope begins."""
    word, sets = words[at], _sets()
    if word.kind != WORD:
        return "", at
    following = words[at + 1].lower if at + 1 < len(words) else ""
    both = f"{word.lower} {following}"
    if both in sets["none"]:
        return "", at
    if both in sets["phrases"]:
        return "list", at + 2
    if word.lower in sets["list"]:
        return "list", at + 1
    return ("verb", at + 1) if word.lower in sets["verb"] else ("", at)


def _deny(words: Sequence[Word], clauses: Sequence[int], signs: list[int], start: int, kind: str) -> None:
    ends = _sets()["ends"]
    place = start
    content = 0
    while place < len(words) and clauses[place] == clauses[start - 1]:
        word = words[place]
        if word.lower in ends and place > start:
            return
        if content and word.lower in _PRONOUNS and words[place - 1].lower in ("and", ","):
            return
        if kind == "verb" and content and word.lower in ("and", ",") and _new_verb(words, place + 1):
            return
        if word.lower == "," and not _goes_on(words, place + 1, kind):
            return
        content += word.kind == WORD
        signs[place] = -signs[place] if signs[place] and kind == "verb" and content <= 1 else min(signs[place], -1)
        place += 1


def _new_verb(words: Sequence[Word], at: int) -> bool:
    word = words[at] if at < len(words) else None
    return bool(word and (word.lower in _BE | _PRONOUNS or word.lower.endswith("ed")))


def _goes_on(words: Sequence[Word], at: int, kind: str) -> bool:
    """Whether a list under one negator continues after a comma: `no plan, intent or means`."""
    if kind == "verb":
        return False
    segment = list[Word]()
    for word in words[at : at + 12]:
        if word.kind == MARK and word.lower in {",", *_STOPS}:
            break
        segment.append(word)
    if not segment:
        return False
    if segment[0].lower in ("or", "nor", "and/or"):
        return True
    verbs = any(word.lower in _BE or word.lower in _PRONOUNS for word in segment)
    rest = " ".join(word.lower for word in words[at : at + 12])
    return len(segment) <= _LIST_SEGMENT and not verbs and (" or " in rest or " and " in rest)
