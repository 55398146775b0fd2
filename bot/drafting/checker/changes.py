"""The places where a statement that is typed almost as its point is parts from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.drafting.checker.alignment import Gap, Reading, company, gaps, joined, matched, overlap, reading_of
from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.polarity import sentences_of

# The share of a statement, or of one of its sentences, that stands in a point before the two are compared.
_WHOLE_SHARED = 0.75
_LEAST_SHARED = 0.6
MOST_CHANGED = 3
_COMPANY = 2
_SELDOM = 2
_ENDS = 10
_STOPS = frozenset({".", ";", "!", "?", "--", "\u2014", "(", ")", ":"})


@dataclass(frozen=True, slots=True)
class Change:
    """One place where statement and point part. `mine` and `theirs` are places in the two texts.

    `spare` and `spare_other`: what each text has that the other lacks. `alike`: how many words around were typed just
    so, more by ten where that is all the rest of the statement. `whole`: whether it takes up its point whole.
    """

    evidence: Evidence
    one: Reading
    other: Reading
    gap: Gap
    mine: tuple[int, ...]
    theirs: tuple[int, ...]
    spare: frozenset[str]
    spare_other: frozenset[str]
    alike: int
    whole: bool

    @property
    def keys(self) -> tuple[str, ...]:
        return self.one.keys[self.gap.start : self.gap.end]

    @property
    def other_keys(self) -> tuple[str, ...]:
        return self.other.keys[self.gap.other_start : self.gap.other_end]

    @property
    def verbatim(self) -> bool:
        """Whether nothing else in either text differs."""
        return self.whole and self.complete

    @property
    def complete(self) -> bool:
        """Whether all else in the statement is the point's own."""
        return self.alike > _ENDS

    @property
    def moved(self) -> bool:
        """Whether a changed word stands elsewhere among what the other text has to spare."""
        mine, theirs = set(self.keys), set(self.other_keys)
        return bool((mine - theirs) & self.spare_other) or bool((theirs - mine) & self.spare)

    @property
    def words(self) -> str:
        """The changed words as the statement has them; where it has none, the word that follows or precedes."""
        if self.mine:
            return self.one.text.typed(self.mine[0], self.mine[-1] + 1)
        near = self.gap.start if self.gap.start < len(self.one.places) else self.gap.start - 1
        return self.one.text.typed(self.one.places[near], self.one.places[near] + 1)


def changes_in(statement: Analysis, evidence: Evidence) -> Iterator[Change]:
    """Every small change in the stretches that are otherwise the points' own."""
    if not evidence.points:
        return
    whole = reading_of(statement)
    point = _nearest(whole, evidence, _WHOLE_SHARED)
    if point is not None:
        yield from _changes(whole, point, evidence)
        return
    for start, end in _sentences(statement):
        one = reading_of(statement, start, end)
        point = _nearest(one, evidence, _LEAST_SHARED)
        if point is not None:
            yield from _changes(one, point, evidence)


def _sentences(statement: Analysis) -> Iterator[tuple[int, int]]:
    numbers = sentences_of(statement.words)
    start = 0
    for end in range(1, len(numbers) + 1):
        if end == len(numbers) or numbers[end] != numbers[start]:
            yield start, end
            start = end


def _nearest(one: Reading, evidence: Evidence, least: float) -> Reading | None:
    """The point that has most of these words, if it has enough of them."""
    shares = [overlap(one, other) for other in evidence.readings] if len(one.keys) > 1 else []
    best = max(shares, default=0.0)
    return evidence.readings[shares.index(best)] if best >= least else None


def _changes(one: Reading, other: Reading, evidence: Evidence) -> Iterator[Change]:
    blocks = matched(one, other)
    parted = list(joined(list(gaps(one, other, blocks))))
    used = {at for block in blocks for at in range(block[1], block[1] + block[2])}
    spare_other = frozenset(key for at, key in enumerate(other.keys) if at not in used)
    whole = len(used) >= _WHOLE_SHARED * (len(other.keys) - 1)
    spare = frozenset(key for gap in parted for key in one.keys[gap.start : gap.end])
    for gap in parted:
        mine = one.places[gap.start : gap.end]
        theirs = other.places[gap.other_start : gap.other_end]
        same, first, last = company(one, other, gap)
        alike = same + _ENDS * (first and last and same >= _SELDOM)
        if alike < _COMPANY or len(mine) > MOST_CHANGED or _parted(one.text, mine) or _parted(other.text, theirs):
            continue
        yield Change(evidence, one, other, gap, mine, theirs, spare, spare_other, alike, whole)


def _parted(text: Analysis, places: Sequence[int]) -> bool:
    """Whether the changed words run over a stop, or stand in a quotation."""
    return bool(places) and (
        text.quoted(places[0]) or any(text.words[at].lower in _STOPS for at in range(places[0], places[-1]))
    )
