"""Lays a statement beside the point it was taken from, word by word, to see what was changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import pairwise

from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.words import MARK, Word, stem_of
from bot.drafting.lexicon import table

NOT = "<not>"
CLIENT, CLINICIAN, ANYONE = "<client>", "<clinician>", "<anyone>"
_SILENT = frozenset({"the", "a", "an", "x", "times", "re", "regarding"})


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a text that are laid side by side: what each counts as, and its place in the text."""

    text: Analysis
    keys: tuple[str, ...]
    places: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Where two texts part: from and to (in each reading), and how many words agree right before and after."""

    start: int
    end: int
    other_start: int
    other_end: int
    before: int
    after: int


def reading_of(text: Analysis, start: int = 0, end: int | None = None) -> Reading:
    """The words of a stretch that count, in order."""
    keys: list[str] = []
    places: list[int] = []
    end = len(text.words) if end is None else end
    for at in range(start, end):
        key = key_of(text.words[at])
        if key:
            keys.append(key)
            places.append(at)
    return Reading(text, tuple(keys), tuple(places), start, end)


@cache
def _skipped() -> frozenset[str]:
    words = table("edits")["skipped"]["words"]
    return frozenset(words) | frozenset(map(stem_of, words))


@cache
def _auxiliary() -> frozenset[str]:
    return frozenset(map(stem_of, ("be", "have", "do", "will", "can", "should")))


@cache
def _special() -> dict[str, str]:
    data = table("edits")
    persons = {CLINICIAN: "clinician", CLIENT: "client", ANYONE: "anyone"}
    found = {word: key for key, name in persons.items() for word in data["persons"][name]}
    return found | dict.fromkeys(data["denial"]["words"], NOT)


def key_of(word: Word) -> str:
    """What a word counts as when two texts are compared; empty where it counts for nothing."""
    if word.kind == MARK:
        return ""
    return _key(word.lower, word.stem)


@cache
def _key(lower: str, stem: str) -> str:
    special = _special().get(lower)
    if special:
        return special
    if lower.endswith(("n't", "nt")) and stem in _auxiliary():
        return NOT
    return "" if lower != "done" and (lower in _skipped() or stem in _skipped()) else stem


def overlap(mine: Reading, other: Reading) -> float:
    """The share of the words that stand in the other text at all."""
    known = set(other.keys)
    return sum(key in known for key in mine.keys) / len(mine.keys) if mine.keys else 0.0


def matched(mine: Reading, other: Reading) -> list[tuple[int, int, int]]:
    """The runs of words that agree: where in each, and how long."""
    blocks = SequenceMatcher(None, mine.keys, other.keys, autojunk=False).get_matching_blocks()
    return [(block.a, block.b, block.size) for block in blocks if block.size]


def gaps(mine: Reading, other: Reading, blocks: Sequence[tuple[int, int, int]]) -> Iterator[Gap]:
    """What stands between the runs that agree; before the first and after the last, as much as stands in mine, or
    a denial."""
    if not blocks:
        return
    first, last = blocks[0], blocks[-1]
    size = first[0] or _denied(other, first[1] - 1)
    if size:
        yield Gap(0, first[0], max(0, first[1] - size), first[1], 0, first[2])
    for one, two in pairwise(blocks):
        yield Gap(one[0] + one[2], two[0], one[1] + one[2], two[1], one[2], two[2])
    end, there = last[0] + last[2], last[1] + last[2]
    size = len(mine.keys) - end or _denied(other, there)
    if size:
        yield Gap(end, len(mine.keys), there, min(len(other.keys), there + size), last[2], 0)


def joined(parted: Sequence[Gap]) -> Iterator[Gap]:
    """Gaps with one word between them, where the one only adds and the other only drops, as one gap: `sleep diary`
    for `diary card`."""
    waiting: Gap | None = None
    for gap in parted:
        if waiting is None:
            waiting = gap
        elif gap.before == 1 and _one_sided(waiting) * _one_sided(gap) < 0:
            start, other = waiting.start, waiting.other_start
            waiting = Gap(start, gap.end, other, gap.other_end, waiting.before, gap.after)
        else:
            yield waiting
            waiting = gap
    if waiting is not None:
        yield waiting


def _one_sided(gap: Gap) -> int:
    """1 where words were only added, -1 where words were only dropped."""
    added, dropped = gap.end > gap.start, gap.other_end > gap.other_start
    return int(added) - int(dropped)


def _denied(other: Reading, at: int) -> int:
    return int(0 <= at < len(other.keys) and other.keys[at] == NOT)


def company(one: Reading, other: Reading, gap: Gap) -> tuple[int, bool, bool]:
    """How many words on the two sides of a gap were typed alike, and whether they reach the ends of the stretch."""
    left, first = _alike(one, other, gap.start - 1, gap.other_start - 1, -1)
    right, last = _alike(one, other, gap.end, gap.other_end, 1)
    return left + right, first, last


def _alike(one: Reading, other: Reading, at: int, there: int, step: int) -> tuple[int, bool]:
    """How many words are the same from here on, and whether nothing but them is left of the first text."""
    if not 0 <= at < len(one.places):
        return 0, True
    if not 0 <= there < len(other.places):
        return 0, False
    mine, theirs = one.text.words, other.text.words
    here, place, same = one.places[at], other.places[there], 0
    while one.begin <= here < one.end:
        if _silent(mine[here]):
            here += step
        elif not 0 <= place < len(theirs):
            return same, False
        elif _silent(theirs[place]):
            place += step
        elif _same(mine[here], theirs[place], loose=not same):
            here, place, same = here + step, place + step, same + 1
        else:
            return same, False
    return same, True


def _silent(word: Word) -> bool:
    return word.kind == MARK or word.lower in _SILENT


def _same(one: Word, other: Word, loose: bool) -> bool:
    """Whether two words were typed alike; next to a change (`loose`) another form will do: `came`, `did not come`."""
    if one.lower == other.lower:
        return True
    key = key_of(one)
    return key == key_of(other) and bool(key) and (loose or key in (CLIENT, CLINICIAN))
