"""Rules for figures and dates that the points do hold, but for something else."""

import itertools
from collections.abc import Iterator

from bot.domain.support import Kind
from bot.drafting.checker import atoms as kinds
from bot.drafting.checker.analysis import Analysis, is_grammar, light_stems
from bot.drafting.checker.atoms import Atom
from bot.drafting.checker.counting import kind_of
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.scores import changes_of
from bot.drafting.checker.timing import is_daily
from bot.drafting.checker.words import root_of


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Figures whose neighbours stand beside another figure in the points; two figures that changed places."""
    yield from _misplaced(statement, evidence)
    yield from _swapped(statement, evidence)


def _misplaced(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """A figure or date that the points have, but for something else: its neighbours there stand beside another one."""
    for atom in statement.atoms:
        claimed = {a.value for a in statement.atoms if a is not atom}
        rivals = [(p, o) for p in evidence.points for o in p.atoms if _comparable(o, atom) and p.signs[o.at] >= 0]
        if len({(other.kind, other.value) for _, other in rivals}) < 2 or atom.soft:
            continue
        if atom.kind == kinds.RATE and atom.figure == 1 and any(0 <= atom.at - a.end <= 1 for a in statement.atoms):
            continue
        days = {other.value[0] for _, other in rivals if other.kind == kinds.WEEKDAY}
        if atom.kind == kinds.RATE and atom.value == (float(len(days)), "week"):
            continue
        mine = _surroundings(statement, atom)
        same = max((_shared(mine, _surroundings(p, o)) for p, o in rivals if _equal(o, atom)), default=0.0)
        others = [(p, o) for p, o in rivals if not _equal(o, atom) and o.value not in claimed]
        other = max((_shared(mine, _surroundings(p, o)) for p, o in others), default=0.0)
        if other > same + 0.45:
            kind, rule = kind_of(statement, atom)
            yield Flaw(
                f"misplaced_{_GROUP.get(rule, 'number')}",
                kind,
                statement.typed(atom.at, atom.end),
                min(1.0, other - same + 0.3),
            )


_GROUP = {name: "date" for name in (kinds.WEEKDAY, kinds.CLOCK, kinds.DATE, kinds.MONTH)} | {kinds.RATE: "rate"}
_LINKS = frozenset(
    {
        "since",
        "until",
        "today",
        "now",
        "start",
        "intake",
        "last",
        "end",
        "before",
        "after",
        "age",
        "currently",
        "initially",
        "peak",
        "best",
        "worst",
        "highest",
        "lowest",
        "baseline",
        "avg",
        "average",
    }
)


def _swapped(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Two figures of the points, each given to what the other belongs to."""
    figures = [atom for atom in statement.atoms if atom.kind in (kinds.COUNT, kinds.PAIR) and not atom.soft]
    for one, two in itertools.pairwise(figures):
        if one.value == two.value or one.unit != two.unit:
            continue
        for point in evidence.points:
            first = [o for o in point.atoms if o.value == one.value and o.kind == one.kind]
            second = [o for o in point.atoms if o.value == two.value and o.kind == two.kind]
            if not first or not second:
                continue
            mine, other = _surroundings(statement, one), _surroundings(statement, two)
            theirs, others = _surroundings(point, first[0]), _surroundings(point, second[0])
            if {(one.value[0], two.value[0]), (two.value[0], one.value[0])} & {pair for pair, _ in changes_of(point)}:
                continue
            straight = _shared(mine, theirs) + _shared(other, others)
            crossed = _shared(mine, others) + _shared(other, theirs)
            if crossed > straight + 0.3:
                yield Flaw("swapped", Kind.NUMBER, statement.typed(one.at, one.end), min(1.0, crossed - straight + 0.3))


def _equal(other: Atom, atom: Atom) -> bool:
    if other.kind == kinds.PAIR and atom.kind == kinds.COUNT:
        return atom.value[0] in other.value
    return (
        other.value[0] == atom.value[0]
        if other.kind != kinds.RATE
        else other.value == atom.value or (is_daily(other) and is_daily(atom))
    )


_SCHEDULES = (kinds.RATE, kinds.SHARE, kinds.WEEKDAY, kinds.PAIR)


def _comparable(other: Atom, atom: Atom) -> bool:
    if atom.kind in (kinds.RATE, kinds.SHARE):
        return other.kind in _SCHEDULES and (other.kind != kinds.PAIR or other.unit == "day")
    figures = (kinds.COUNT, kinds.PAIR)
    if atom.kind in figures and other.kind in figures:
        return atom.unit in ("", other.unit)
    return other.kind == atom.kind


def _surroundings(text: Analysis, atom: Atom) -> dict[str, float]:
    """The words near a figure, the nearer the heavier, not beyond a full stop or semicolon."""
    found: dict[str, float] = {}
    for step in (-1, 1):
        place = atom.at - 1 if step < 0 else atom.end
        distance = 0.0
        while distance < 6:
            if not 0 <= place < len(text.words) or text.words[place].lower in (".", ";"):
                break
            word = text.words[place]
            distance += 1 + 2 * (word.kind != "word") if word.lower not in "-/" else 0
            if word.lower in _LINKS:
                found[word.lower] = max(found.get(word.lower, 0.0), 1.0 / distance)
            elif word.kind == "word" and not is_grammar(word):
                weight = (0.6 if word.stem in light_stems() else 1.0) / (0.5 + distance / 2)
                found[root_of(word.stem)] = max(found.get(root_of(word.stem), 0.0), weight)
            place += step
    return found


def _shared(mine: dict[str, float], theirs: dict[str, float]) -> float:
    return sum(weight * theirs[word] for word, weight in mine.items() if word in theirs)
