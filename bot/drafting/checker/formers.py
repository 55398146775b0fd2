"""Values that were so before: told as today's, or told as having moved the other way."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.support import Kind
from bot.drafting.checker import atoms as kinds
from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.atoms import Atom
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.lexicons import listed
from bot.drafting.checker.pieces import Pieces, pieces_of

_ARROWS = frozenset({"->", "\u2192", ">", "=>"})
_BACK = frozenset({"\u2190", "<"})
_LABELS = frozenset({"session", "sess", "week", "item", "step", "visit", "day", "#", "phase", "hierarchy", "month"})
_FIGURES = (kinds.COUNT, kinds.PAIR, kinds.RATE)
_SPANS = frozenset({"week", "month", "year", "age"})


@dataclass(frozen=True, slots=True)
class Change:
    """What it is and what it was, as the points have it."""

    later: Atom
    earlier: Atom

    @property
    def values(self) -> tuple[float, float]:
        return float(self.later.value[0]), float(self.earlier.value[0])


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    if not statement.atoms:
        return
    pairs = [
        change for number, point in enumerate(evidence.points) for change in changes_in(point, evidence.pieces[number])
    ]
    if not pairs:
        return
    yield from _told_as_current(statement, evidence, pairs)
    yield from _turned(statement, pairs)


def _told_as_current(statement: Analysis, evidence: Evidence, pairs: Sequence[Change]) -> Iterator[Flaw]:
    """A former value, without a word that it is one."""
    if _tells_of_past(statement) or any(
        atom.kind in (kinds.DATE, kinds.MONTH, kinds.RELATIVE) and atom.value[0] not in ("this",)
        for atom in statement.atoms
    ):
        return
    earlier = {id(change.earlier) for change in pairs}
    mine = {_key(atom) for atom in statement.atoms}
    for atom in _figures(statement):
        held = [
            other
            for other in evidence.atoms
            if other.kind in _FIGURES and other.value[0] == atom.value[0] and _like(other, atom)
        ]
        if not held or not all(id(other) in earlier for other in held):
            continue
        if any(_key(change.later) in mine and _key(change.earlier) == _key(atom) for change in pairs):
            continue
        frequency = atom.kind == kinds.RATE
        yield Flaw("former_value", Kind.FREQUENCY if frequency else Kind.NUMBER, statement.typed(atom.at, atom.end))


def _tells_of_past(statement: Analysis) -> bool:
    """Whether any word dates a value to former times; `rose to 54` does not."""
    arrived = {
        at
        for at, word in enumerate(statement.words[1:])
        if word.lower == "to" and statement.words[at].lower in listed("past", "up") | listed("past", "down")
    }
    return any(word.lower in listed("past", "words") and at not in arrived for at, word in enumerate(statement.words))


def _key(atom: Atom) -> tuple[str, float | str]:
    return ("figure", atom.value[0])


def _like(other: Atom, atom: Atom) -> bool:
    return other.kind != kinds.RATE or atom.kind != kinds.RATE or other.value == atom.value


def _turned(statement: Analysis, pairs: Sequence[Change]) -> Iterator[Flaw]:
    """Said to have risen what fell, or the other way round."""
    own = pieces_of(statement)
    figures = _figures(statement)
    for change in changes_in(statement, own):
        later, earlier = change.values
        if any(known.values == (earlier, later) for known in pairs) and not any(
            known.values == (later, earlier) for known in pairs
        ):
            yield Flaw("turned", Kind.NUMBER, statement.typed(change.later.at, change.later.end))
    for number in {own.sentence[atom.at] for atom in figures}:
        lowers = {word.lower for at, word in enumerate(statement.words) if own.sentence[at] == number}
        up, down = bool(lowers & listed("past", "up")), bool(lowers & listed("past", "down"))
        if up == down:
            continue
        here = {float(atom.value[0]): atom for atom in figures if own.sentence[atom.at] == number}
        known = [
            change
            for change in pairs
            if change.values[0] in here and len({*change.values} & here.keys()) >= min(2, len(here))
        ]
        if known and all(
            (change.values[0] > change.values[1]) != up and change.values[0] != change.values[1] for change in known
        ):
            atom = here[known[0].values[0]]
            yield Flaw("turned", Kind.NUMBER, statement.typed(atom.at, atom.end))


def _figures(text: Analysis) -> list[Atom]:
    """The figures that may change: no ages, spans, labels and ordinals."""
    found: list[Atom] = []
    for atom in text.atoms:
        whole = found and atom.kind == kinds.RATE and atom.value[0] == 1 and atom.at - found[-1].end <= 1
        if (
            atom.kind in _FIGURES
            and not atom.ordinal
            and atom.unit not in _SPANS
            and not whole
            and not _labelled(text, atom)
        ):
            found.append(atom)
    return found


def _labelled(text: Analysis, atom: Atom) -> bool:
    return atom.at > 0 and text.words[atom.at - 1].lower in _LABELS


def changes_in(text: Analysis, pieces: Pieces) -> Iterator[Change]:
    """What changed according to a text: `19 <- 22`, `41, was 48`, `today 9, at start 24`."""
    figures = _figures(text)
    for number, (one, two) in enumerate(itertools.pairwise(figures)):
        if pieces.sentence[one.at] != pieces.sentence[two.at] or not _same_thing(text, one, two):
            continue
        between = [word.lower for word in text.words[one.end : two.at]]
        order = _order(text, pieces, one, two, between)
        if order > 0:
            yield Change(two, one)
        elif order < 0:
            yield Change(one, two)
            upper = figures[number + 2] if number + 2 < len(figures) else None
            if upper and [word.lower for word in text.words[two.end : upper.at]] == ["-"]:
                yield Change(one, upper)


def _same_thing(text: Analysis, one: Atom, two: Atom) -> bool:
    """Whether two figures may be values of one thing: like units, no instrument between them."""
    if (one.kind == kinds.RATE) != (two.kind == kinds.RATE) and one.value[0] == two.value[0]:
        return False
    if one.unit and two.unit and one.unit != two.unit:
        return False
    if one.kind == two.kind == kinds.RATE and one.value[1] != two.value[1]:
        return False
    return not any(one.end <= found.at < two.at for found in text.of(lexicons.INSTRUMENT))


def _order(text: Analysis, pieces: Pieces, one: Atom, two: Atom, between: Sequence[str]) -> int:
    """1 where the first figure is the former one, -1 where the second is, 0 where nothing tells."""
    if not between:
        return 0
    if between[0] in _BACK:
        return -1
    if len(between) == 1 and between[0] in _ARROWS:
        return 1
    if len(between) > 8:
        return 0
    before = [word.lower for word in text.words[max(0, one.at - 2) : one.at]]
    if "from" in before and between == ["to"]:
        return 1
    if "from" in between[-2:] or between[-1] in ("vs", "versus", "against"):
        return -1
    first, second = _when(text, pieces, one), _when(text, pieces, two)
    if first == second or "to" in between or "or" in between or "-" in between:
        return 0
    if second < 0 <= first:
        return -1
    return 1 if first < 0 < second else 0


def _when(text: Analysis, pieces: Pieces, atom: Atom) -> int:
    """-1 where the words of its own piece call a figure a former one, 1 where they call it today's."""
    piece = pieces.cut[atom.at]
    own = {word.lower for at, word in enumerate(text.words) if pieces.cut[at] == piece}
    if own & listed("when", "then"):
        return -1
    return 1 if own & listed("when", "now") else 0
