"""The names of bodies: clinics, schools, employers, places of worship."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bot.drafting.identifiers.spans import Span
from bot.drafting.identifiers.wordlists import listed
from bot.drafting.identifiers.words import NAMES, Kind, Word, gap, kind_of

_CONNECTORS = frozenset({"of", "the", "and", "for", "de", "la", "y", "del"})
_STOPPED = frozenset({"inc", "ltd", "co", "corp"})
_NUMBERED = re.compile(r"\b(?:Local|Troop|Post|Lodge|Pack|Engine|Ladder|Chapter) (?:No\. ?)?\d{1,4}\b")
_SAINT = re.compile(r"\b(?:St|Saint|Sta|Santa|San)\.? [A-Z\u00c0-\u00de][a-z\u00df-\u00ff]+(?:['\u2019]s\b)")
_JOINED = re.compile(r"[ \u00a0]|\. ?| & |-|'s |\u2019s |, (?=Inc|LLC|Ltd)|\.[A-Z]\. ")


def find_bodies(text: str, words: Sequence[Word]) -> Iterator[Span]:
    """Runs of capitalised words with the name of a body among them, and whatever stands after `works at`."""
    for pattern in (_SAINT, _NUMBERED):
        yield from (Span(*found.span(), "organisation") for found in pattern.finditer(text))
    for first, last in _runs(text, words):
        run = words[first:last]
        rest = run[_without_lead(run) :]
        if len(rest) > 1 and _is_body(rest):
            yield Span(rest[0].start, _with_stop(text, rest[-1]), "organisation")
        elif _visited(text, rest) or (
            _at_work(text, rest[0].start) and (len(rest) > 1 or kind_of(rest[0]) is not Kind.NEEDED)
        ):
            yield Span(rest[0].start, rest[-1].end, "organisation")


def _with_stop(text: str, last: Word) -> int:
    """The end of the name, with the full stop of `Inc.`"""
    stopped = last.bare in _STOPPED and text.startswith(".", last.end)
    return last.end + stopped


def _runs(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Stretches of capitalised words, over `of`, `the`, `and`, an ampersand or a stop after `St`."""
    place = 0
    while place < len(words):
        if not words[place].capital:
            place += 1
            continue
        last = place + 1
        while (ahead := _next_in_run(text, words, last)) > last:
            last = ahead
        yield place, last
        place = last


def _next_in_run(text: str, words: Sequence[Word], at: int) -> int:
    ahead = at
    while ahead < len(words) and not words[ahead].capital and words[ahead].bare in _CONNECTORS and ahead < at + 2:
        if gap(text, words[ahead - 1], words[ahead]) != " ":
            return at
        ahead += 1
    if ahead >= len(words) or not words[ahead].capital:
        return at
    between = gap(text, words[ahead - 1], words[ahead])
    if between.startswith(".") and not (
        words[ahead - 1].bare in ("st", "mt", "ft", "dr", "mrs", "mr") or len(words[ahead - 1].bare) == 1
    ):
        return at
    if between.startswith((",",)) and words[ahead].bare not in ("inc", "llc", "ltd"):
        return at
    return ahead + 1 if _JOINED.fullmatch(between) or between == ", " else at


def _is_body(run: Sequence[Word]) -> bool:
    capital = [word for word in run if word.capital]
    bares = [word.bare for word in capital]
    if any(bare in listed("bodies") for bare in bares[1:]) or (
        bares[0] in listed("bodies") and "of" in [w.bare for w in run]
    ):
        return True
    if not any(bare in listed("bodies_weak") for bare in bares[1:]):
        return False
    return any(_names_a_body(word) for word in capital if word.bare not in listed("bodies_weak"))


def _names_a_body(word: Word) -> bool:
    if word.bare in listed("place_words") or word.bare in listed("towns") or word.bare in listed("states_us"):
        return True
    return kind_of(word) in NAMES | {Kind.UNKNOWN, Kind.EITHER, Kind.FAMILY_OR_WORD} and len(word.bare) > 2


def _without_lead(run: Sequence[Word]) -> int:
    """How many words at the beginning are the sentence's, not the body's (`Called Harbor Hospital`)."""
    start = 0
    while (
        start < len(run) - 2
        and run[start].capital
        and (
            run[start].bare in listed("lead_ins")
            or run[start].bare in listed("person_verbs")
            or run[start].bare in listed("relations")
            or run[start].bare in listed("titles")
        )
    ):
        start += 1
        while start < len(run) - 1 and not run[start].capital:
            start += 1
    return start


def _visited(text: str, run: Sequence[Word]) -> bool:
    """`seen at Northside Kidney`: two capitals or more after `at`, none of them a step or a word of the trade."""
    if len(run) < 2 or run[0].opens or run[0].bare in listed("titles") or not text[: run[0].start].endswith(" at "):
        return False
    return not any(word.bare in listed("lettered") or kind_of(word) in (Kind.NEEDED, Kind.EPONYM) for word in run)


def _at_work(text: str, start: int) -> bool:
    before = text[max(0, start - 24) : start].lower()
    before = before.removesuffix("the ").rstrip()
    return before.endswith(_cues())


@cache
def _cues() -> tuple[str, ...]:
    return tuple(listed("at_work"))
