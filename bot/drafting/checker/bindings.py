"""A figure or date must stand with the words it stands with in the points."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.support import Kind
from bot.drafting.checker import atoms as kinds
from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis, Content
from bot.drafting.checker.atoms import Atom
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.lexicons import DRUG, INSTRUMENT, RELATION, lists_of
from bot.drafting.checker.pieces import SENTENCE, Pieces, pieces_of
from bot.drafting.checker.words import MARK, WORD

_MARGIN = 0.3
_LEAST = 0.5
_CROSSED = 0.6
_LIGHTEST = 0.4
_LINKED = 0.7
_SAYING = frozenset({"scor", "rat", "report", "total", "number", "item"})
Wanted = list[tuple[float, list[tuple[int, int]]]]

_DATES = (kinds.WEEKDAY, kinds.CLOCK, kinds.DATE, kinds.MONTH)
_TIMES = frozenset({"day", "week", "month", "year"})
_CLOCKED = frozenset({"minute", "hour"})
_FIGURES = (kinds.COUNT, kinds.PAIR)


@dataclass(frozen=True, slots=True)
class _Bound:
    """A figure of the statement: the share of its words that each figure of the points stands with, its own at best."""

    atom: Atom
    shares: Sequence[tuple[Atom, float]]
    best: float

    def share(self, other: Atom) -> float:
        return max((share for o, share in self.shares if _equal(o, other)), default=0.0)


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Figures and dates whose words stand beside another one in the points; two figures that changed places."""
    held: list[_Bound] = []
    own: Pieces | None = None
    for atom in statement.atoms:
        if atom.soft or atom.kind not in (*_DATES, *_FIGURES):
            continue
        rivals = [(n, o) for n, o in evidence.numbered if _comparable(o, atom) and _may_be(evidence.points[n], o, atom)]
        same = [(n, o) for n, o in evidence.numbered if _equal(o, atom) or _reads_alike(o, atom)]
        rivals = [(n, o) for n, o in rivals if not _equal(o, atom) and not o.soft]
        if not same or not rivals:
            continue
        own = own or pieces_of(statement)
        wanted = wanted_for(statement, own, atom, evidence)
        total = sum(weight for weight, _ in wanted)
        if total >= _LIGHTEST:
            shares = [(o, _held(evidence, n, o, wanted) / total) for n, o in rivals]
            best = max(_held(evidence, n, o, wanted) / total for n, o in same)
            held.append(_Bound(atom, shares, best))
    yield from _elsewhere(statement, held)
    yield from _crossed(statement, held)
    yield from _all_counted(statement, evidence)
    yield from _persons(statement, evidence)
    yield from _only_one(statement, evidence)


def _elsewhere(statement: Analysis, held: Sequence[_Bound]) -> Iterator[Flaw]:
    for one in held:
        claimed = {(a.kind, a.value[0]) for a in statement.atoms if a is not one.atom}
        free = [share for o, share in one.shares if not _equal(o, one.atom) and (o.kind, o.value[0]) not in claimed]
        other = max(free, default=0.0)
        if other >= _LEAST and other - one.best >= _MARGIN:
            date = one.atom.kind in _DATES or _is_year(one.atom)
            rule, kind = ("bound_date", Kind.DATE) if date else ("bound_number", Kind.NUMBER)
            yield Flaw(rule, kind, statement.typed(one.atom.at, one.atom.end), min(1.0, other - one.best + 0.4))


def _crossed(statement: Analysis, held: Sequence[_Bound]) -> Iterator[Flaw]:
    for one, two in itertools.pairwise(held):
        if one.atom.kind != two.atom.kind or _equal(one.atom, two.atom):
            continue
        crossed = one.share(two.atom) + two.share(one.atom)
        if crossed >= one.best + two.best + _CROSSED and min(one.share(two.atom), two.share(one.atom)) > 0:
            yield Flaw("crossed", Kind.NUMBER, statement.typed(one.atom.at, one.atom.end))


def _all_counted(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """`all twelve` where the points have ten of twelve."""
    pairs = [atom for atom in evidence.atoms if atom.kind == kinds.PAIR]
    counts = {atom.value[0] for atom in evidence.atoms if atom.kind == kinds.COUNT and not atom.ordinal}
    for atom in statement.atoms:
        if atom.kind != kinds.COUNT or not _after_all(statement, atom):
            continue
        short = any(pair.figure < atom.figure == pair.total for pair in pairs)
        full = any(pair.figure == atom.figure for pair in pairs)
        if short and not full and atom.value[0] not in counts:
            yield Flaw("all_counted", Kind.FREQUENCY, statement.typed(atom.at, atom.end))


_HAD = frozenset({"was", "had", "has", "reported", "reports", "only", "just", "with", "a", "describes", "described"})


def _only_one(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """`there was one fight`, where the points have two fights and nothing single."""
    places = {content.at: content for content in statement.content}
    for atom in statement.atoms:
        said = atom.soft and atom.figure == 1 and not atom.ordinal and atom.end in places and atom.at > 0
        if not said or statement.words[atom.at - 1].lower not in _HAD:
            continue
        counted = evidence.places(places[atom.end])
        before = [o for n, o in evidence.numbered for number, at in counted if n == number and 0 <= at - o.end <= 1]
        several = [
            o for o in before if o.kind == kinds.COUNT and o.figure >= 2 and o.unit in ("", "times") and not o.ordinal
        ]
        if several and not any(o.figure == 1 for o in evidence.atoms):
            yield Flaw("bound_number", Kind.NUMBER, statement.typed(atom.at, atom.end))


def _after_all(text: Analysis, atom: Atom) -> bool:
    before = [word.lower for word in text.words[max(0, atom.at - 3) : atom.at]]
    return before[-1:] == ["all"] or before[-2:] == ["all", "the"] or before == ["all", "of", "the"]


def _persons(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """A figure of the mother's given to the father."""
    people = statement.of(RELATION)
    if not people:
        return
    own = pieces_of(statement)
    for atom in statement.atoms:
        if atom.soft or atom.kind not in (*_DATES, *_FIGURES, kinds.RATE):
            continue
        mine = {one.concept for one in people if own.piece[one.at] == own.piece[atom.at]}
        if len(mine) != 1 or len({one.concept for one in people}) != 1:
            continue
        name = mine.pop()
        holders = [
            _holders(evidence, number, o)
            for number, p in enumerate(evidence.points)
            for o in p.atoms
            if o.kind == atom.kind and o.value == atom.value
        ]
        known = any(_kin(name, other) for other in evidence.of(RELATION))
        if holders and known and all(held and not any(_kin(name, other) for other in held) for held in holders):
            yield Flaw("bound_person", Kind.NAME_RELATION, statement.typed(atom.at, atom.end))


def _kin(one: str, other: str) -> bool:
    """Whether two relations may be one person: mother and parent, not mother and father."""
    above = lexicons.wider(RELATION)
    return one in above.get(other, (other,)) or other in above.get(one, (one,))


def _holders(evidence: Evidence, number: int, atom: Atom) -> set[str]:
    """The people of the piece a figure of the points stands in."""
    piece = evidence.pieces[number].piece
    return {one.concept for one in evidence.points[number].of(RELATION) if piece[one.at] == piece[atom.at]}


def _comparable(other: Atom, atom: Atom) -> bool:
    if _is_year(atom) and other.kind in (kinds.MONTH, kinds.DATE):
        return True
    if atom.kind == kinds.DATE:
        return other.kind in (kinds.DATE, kinds.MONTH) or _is_year(other)
    if atom.kind in _FIGURES:
        return other.kind in _FIGURES and _alike(other, atom) and other.ordinal == atom.ordinal
    return other.kind == atom.kind


def _may_be(point: Analysis, other: Atom, atom: Atom) -> bool:
    """A figure without a unit may be meant in minutes only where no noun follows it: `(limit 30)`."""
    if other.unit == atom.unit or other.unit or atom.unit not in _CLOCKED:
        return True
    return (
        other.end < len(point.words)
        and point.words[other.end].kind == MARK
        and other.at > 0
        and point.words[other.at - 1].kind == WORD
    )


def _reads_alike(other: Atom, atom: Atom) -> bool:
    """The same number with another unit, or as a rate: `2/wk` holds a 2 too."""
    figures = (*_FIGURES, kinds.RATE)
    return atom.kind in figures and other.kind in figures and other.figure == atom.figure


def _is_year(atom: Atom) -> bool:
    return atom.kind == kinds.COUNT and not atom.unit and 1900 <= atom.figure <= 2100


def _alike(other: Atom, atom: Atom) -> bool:
    """Whether two figures may measure one thing: units of one kind; nothing counted at all and so many times."""
    if other.unit == atom.unit or (other.unit in _TIMES and atom.unit in _TIMES):
        return True
    bare_limit = atom.unit in _CLOCKED and other.unit == "" and other.kind == kinds.COUNT
    return bare_limit or (not other.figure and not other.unit and atom.unit == "times")


def _equal(other: Atom, atom: Atom) -> bool:
    if atom.kind in _FIGURES and other.unit in _TIMES and atom.unit in _TIMES and other.unit != atom.unit:
        return False
    if kinds.PAIR in (atom.kind, other.kind) and atom.kind != other.kind:
        return other.value[0] == atom.value[0]
    return other.value == atom.value


def wanted_for(statement: Analysis, own: Pieces, atom: Atom, evidence: Evidence) -> Wanted:
    """The words beside the figure that the points hold too: their weight, and where they stand there."""
    dated = [*_anchors(statement, own, atom, evidence), *_links(statement, own, atom, evidence)]
    headings = {family for family in (INSTRUMENT, DRUG) if dated and len(evidence.of(family)) < 2}
    found: Wanted = []
    for content in statement.content:
        if content.stem in _SAYING or any(family in headings for family, _ in content.concepts):
            continue
        near = own.nearness(atom.at, content.at)
        places = evidence.places(content) if near > SENTENCE else []
        if places:
            found.append((near * _weight(content), places))
    return [*found, *dated]


def _anchors(statement: Analysis, own: Pieces, atom: Atom, evidence: Evidence) -> Wanted:
    """Other figures and dates in the figure's piece: the six weeks of `28 at six weeks`."""
    found: Wanted = []
    for other in statement.atoms:
        if (other.kind, other.unit) != (atom.kind, atom.unit) and own.piece[other.at] == own.piece[atom.at]:
            places = [(n, o.at) for n, o in evidence.numbered if o.kind == other.kind and o.value == other.value]
            if places:
                found.append((_LINKED, places))
    return found


def _links(statement: Analysis, own: Pieces, atom: Atom, evidence: Evidence) -> Wanted:
    """Words like `today`, `since` and `average` in its piece."""
    found: Wanted = []
    links = lists_of("links")
    for at, word in enumerate(statement.words):
        if word.lower in links and own.piece[at] == own.piece[atom.at]:
            link = links[word.lower]
            places = [
                (n, place)
                for n, p in enumerate(evidence.points)
                for place, w in enumerate(p.words)
                if links.get(w.lower) == link
            ]
            if places:
                found.append((_LINKED, places))
    return found


def _weight(content: Content) -> float:
    """People weigh most: a figure of the father's is not the mother's."""
    return 1.0 if any(family == RELATION for family, _ in content.concepts) else max(_LIGHTEST, content.weight)


def held_share(evidence: Evidence, number: int, other: Atom, wanted: Wanted) -> float:
    """The share of these words that stand with one figure of the points."""
    return _held(evidence, number, other, wanted) / sum(weight for weight, _ in wanted)


def _held(evidence: Evidence, number: int, other: Atom, wanted: Wanted) -> float:
    pieces = evidence.pieces[number]
    total = 0.0
    for weight, places in wanted:
        total += weight * max((pieces.nearness(other.at, at) for point, at in places if point == number), default=0.0)
    return total
