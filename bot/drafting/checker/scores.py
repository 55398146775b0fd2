"""Rules for scores: of which instrument, and whether today's or a former one."""

import itertools
from collections.abc import Iterator

from bot.domain.support import Kind
from bot.drafting.checker import atoms as kinds
from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.atoms import Atom
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Scores turned round in time, of another instrument, or former ones given as today's."""
    yield from _occasions(statement, evidence)
    yield from _instruments(statement, evidence)
    yield from _former(statement, evidence)


_EARLIER_BEFORE = frozenset({"from", "previously", "formerly", "initially", "versus", "vs"})
_EARLIER_AFTER = frozenset(
    {
        "intake",
        "start",
        "baseline",
        "last",
        "ago",
        "before",
        "beginning",
        "initially",
        "admission",
        "previously",
        "prior",
        "originally",
    }
)
_SPANS = frozenset({"week", "month", "year", "day", "age"})
_FORMER = frozenset(
    {
        "from",
        "compared",
        "previously",
        "previous",
        "prev",
        "versus",
        "vs",
        "relative",
        "last",
        "formerly",
        "ago",
        "against",
    }
)
_COMPARED = frozenset({"compared", "relative", "against"})


def _occasions(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """`18, up from 14` where the points have 14, formerly 18; `from 9 to 2` where they have 9 to 4 and 7 to 2."""
    theirs = {pair for point in evidence.points for pair, _ in changes_of(point)}
    if not theirs:
        return
    ends = {value for pair in theirs for value in pair}
    for (later, earlier), atom in changes_of(statement):
        if later == earlier or (later, earlier) in theirs:
            continue
        if (earlier, later) in theirs or (later in ends and earlier in ends):
            strength = 1.0 if (earlier, later) in theirs else 0.7
            yield Flaw("occasion", Kind.NUMBER, statement.typed(atom.at, atom.end), strength)


def changes_of(text: Analysis) -> Iterator[tuple[tuple[float, float], Atom]]:
    """(later, earlier) values of what changed, with the atom of the first one mentioned."""
    figures = (kinds.COUNT, kinds.PAIR, kinds.RATE)
    counts = [
        atom
        for atom in text.atoms
        if atom.kind in figures and atom.unit not in _SPANS and not atom.ordinal and not _only_period(atom)
    ]
    for one, two in itertools.pairwise(counts):
        lowers = [word.lower for word in text.words[one.end : two.at]]
        if len(lowers) > 8 or ({".", ";"} & set(lowers)):
            continue
        first, second = one.figure, two.figure
        order = _order(text, one, two, lowers)
        if order:
            yield ((first, second) if order == "former last" else (second, first)), one


def _only_period(atom: Atom) -> bool:
    """The `a day` of `three hours a day` is no figure of its own."""
    return atom.kind == kinds.RATE and atom.figure == 1


def _order(text: Analysis, one: Atom, two: Atom, lowers: list[str]) -> str:
    """Which of two numbers is the former one, where their words tell."""
    between = set(lowers)
    if _earlier_after(text, one):
        return "former first"
    before = [word.lower for word in text.words[max(0, one.at - 2) : one.at]]
    following = text.words[two.end].lower if two.end < len(text.words) else ""
    if "from" in between and following == "to":
        return ""
    if (
        between & _FORMER
        or {"having", "been"} <= between
        or _then_was(text, one, two)
        or lowers == ["("]
        or "\u2190" in between
    ):
        return "former last"
    if between & {"->", "\u2192", ">", "end", "ended", "ending", "now"} or "from" in before or "start" in before:
        return "former first"
    if lowers == ["to"] and not text.words[one.at].lower.isalpha():
        return "former first"
    return "former last" if _earlier_after(text, two) else ""


def _then_was(text: Analysis, one: Atom, two: Atom) -> bool:
    """`14 (was 18)`, `14, was 18`: the second is the former one."""
    lowers = [word.lower for word in text.words[one.end : two.at]]
    if any(pair == ("it", "was") for pair in itertools.pairwise(lowers)):
        return True
    return any(mark in (",", "(", ";") and verb == "was" for mark, verb in itertools.pairwise(lowers))


def _earlier_after(text: Analysis, atom: Atom) -> bool:
    for word in text.words[atom.end : atom.end + 4]:
        if word.kind != "word":
            return False
        if word.lower in _EARLIER_AFTER:
            return True
    return False


def _earlier(text: Analysis, atom: Atom, *, bare: bool) -> bool:
    """Whether a score is marked as a former one; `bare`: also by `was` after a comma or bracket."""
    before = [word.lower for word in text.words[max(0, atom.at - 2) : atom.at]]
    if set(before) & _EARLIER_BEFORE or _earlier_after(text, atom) or set(before) & _COMPARED:
        return True
    return bare and len(before) == 2 and before[1] == "was" and before[0] in (",", "(", ";", "it")


def _scores(text: Analysis) -> Iterator[tuple[str, Atom, bool]]:
    """Each number that follows an instrument, with whether it is marked as a former score."""
    instruments = text.of(lexicons.INSTRUMENT)
    for number, one in enumerate(instruments):
        end = instruments[number + 1].at if number + 1 < len(instruments) else len(text.words)
        for atom in text.atoms:
            if (
                one.end <= atom.at < min(end, one.end + 14)
                and atom.kind in (kinds.COUNT, kinds.PAIR)
                and atom.unit in ("", "percent")
            ):
                yield one.concept, atom, _earlier(text, atom, bare=True)


def _instruments(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """A score of another instrument, or a former score given as today's."""
    theirs: dict[str, list[tuple[float, bool]]] = {}
    for point in evidence.points:
        for name, atom, earlier in _scores(point):
            theirs.setdefault(name, []).append((atom.figure, earlier))
    seen: set[str] = set()
    for name, atom, _ in _scores(statement):
        if name not in theirs:
            continue
        value = atom.figure
        rows = [earlier for other, earlier in theirs[name] if other == value]
        near = atom.at - 4 <= max(one.end for one in statement.of(lexicons.INSTRUMENT) if one.at < atom.at)
        points = {word.lower for word in statement.words[atom.end : atom.end + 1]} & {"point", "points"}
        if not rows and near and not points:
            yield Flaw("score", Kind.NUMBER, statement.typed(atom.at, atom.end))
        elif (
            rows
            and all(rows)
            and name not in seen
            and not _earlier(statement, atom, bare=False)
            and not all(e for _, e in theirs[name])
        ):
            yield Flaw("former_score", Kind.NUMBER, statement.typed(atom.at, atom.end))
        seen.add(name)
    for one in statement.of(lexicons.INSTRUMENT):
        if (lexicons.INSTRUMENT, one.concept) not in evidence.concepts:
            absent = not all(word.lower in evidence.lowers for word in statement.words[one.at : one.end])
            if absent:
                yield Flaw("instrument", Kind.NUMBER, statement.typed(one.at, one.end))


def _former(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """A figure the points give only as a former one, told as if it were so now."""
    if statement.of(lexicons.INSTRUMENT):
        return
    for atom in statement.atoms:
        if (
            atom.kind not in (kinds.COUNT, kinds.PAIR)
            or atom.soft
            or atom.ordinal
            or _earlier(statement, atom, bare=True)
        ):
            continue
        same = [(p, o) for p in evidence.points for o in p.atoms if o.kind == atom.kind and o.value == atom.value]
        now = any(not _was(p, o) for p in evidence.points for o in p.atoms if _rivals(o, atom))
        if same and now and all(_was(point, other) for point, other in same):
            yield Flaw("former_figure", Kind.NUMBER, statement.typed(atom.at, atom.end))


def _was(text: Analysis, atom: Atom) -> bool:
    """`it was five`, `(was 9)`, `formerly 3`."""
    before = [word.lower for word in text.words[max(0, atom.at - 2) : atom.at]]
    if len(before) == 2 and before[1] == "was" and before[0] in (",", "(", ";", "it"):
        return True
    return bool(set(before) & {"previously", "formerly", "prev"}) or before[-1:] in (["vs"], ["versus"], ["against"])


def _rivals(other: Atom, atom: Atom) -> bool:
    return other.kind == atom.kind and other.value != atom.value and (other.unit == atom.unit or not other.unit)
