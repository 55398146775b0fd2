"""Rules for what is counted or dated: a figure, date or frequency that the points lack."""

from collections.abc import Iterator, Sequence

from bot.domain.support import Kind
from bot.drafting.checker import atoms as kinds
from bot.drafting.checker import lexicons
from bot.drafting.checker.amounts import is_number
from bot.drafting.checker.analysis import Analysis, is_grammar, light_stems
from bot.drafting.checker.atoms import Atom
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.timing import date_missing, often_missing, rate_missing, share_missing
from bot.drafting.checker.words import Word

_MINUTES = {"hour": 60.0}
_DAYS = {"week": 7.0}
_LOOSE = frozenset({"", "times", "age"})
_TOTAL = "total"
_HOUR = "o'clock"
_DOSES = frozenset({"mg", "mcg", "ml"})
_MEASURES = frozenset({"minute", "hour", "second", "mg", "mcg", "ml", "kg", "lb", "dollar"})
_SPANS = frozenset({"minute", "hour", "day", "week", "month", "year"})
_NUMBERED = frozenset({"session", "sess", "item", "step", "visit", "chapter"})
_AFTER_BARE = frozenset({"since", "until", "daily", "ago", "before", "after", "then"})


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Whatever is counted or dated otherwise than in the points."""
    drugs = {statement.clauses[one.at] for one in statement.of(lexicons.DRUG)}
    for atom in statement.atoms:
        strength = _missing(statement, atom, evidence)
        if strength <= 0:
            continue
        kind, rule = kind_of(statement, atom)
        if statement.clauses[atom.at] in drugs and kind in (Kind.NUMBER, Kind.FREQUENCY):
            kind = Kind.MEDICATION
        certain = rule == "dose" or (kind is Kind.MEDICATION and rule == "count" and _follows_drug(statement, atom))
        yield Flaw(rule, kind, statement.typed(atom.at, atom.end), strength, certain and strength >= 1)


def _follows_drug(statement: Analysis, atom: Atom) -> bool:
    return any(0 <= atom.at - one.end <= 1 for one in statement.of(lexicons.DRUG))


def kind_of(statement: Analysis, atom: Atom) -> tuple[Kind, str]:
    """What an auditor would call a wrong figure like this, and the rule it is weighed by."""
    if atom.kind in (kinds.RATE, kinds.OFTEN, kinds.SHARE):
        return Kind.FREQUENCY, atom.kind
    if atom.kind in (kinds.COUNT, kinds.PAIR):
        following = {word.lower for word in statement.words[atom.end : atom.end + 1]}
        before = {word.lower for word in statement.words[max(0, atom.at - 1) : atom.at]}
        if "ago" in following:
            return Kind.DATE, "count"
        if atom.unit == "mg":
            return Kind.MEDICATION, "dose"
        if (atom.unit in ("week", "month") and before & {"in", "every"}) or atom.unit == "times":
            return Kind.FREQUENCY, "count"
        return Kind.NUMBER, "ordinal" if atom.ordinal and not atom.soft else "soft_count" if atom.soft else "count"
    return Kind.DATE, atom.kind


def _missing(statement: Analysis, atom: Atom, evidence: Evidence) -> float:
    """How surely the points lack this: 0 when they have it."""
    if statement.signs[atom.at] < 0 and atom.kind in (kinds.RATE, kinds.OFTEN):
        return 0.0
    before = {word.lower for word in statement.words[max(0, atom.at - 5) : atom.at]}
    others = (
        evidence.atoms
        if before & {"formerly", "previously", "before", "used", "from", "earlier"}
        else evidence.said_atoms
    )
    if (
        atom.kind == kinds.RATE
        and atom.value in ((1.0, "month"), (1.0, "year"))
        and evidence.lowers & {"month", "monthly", "year"}
    ):
        return 0.0
    if atom.kind == kinds.COUNT and is_difference(statement, atom, others):
        return 0.0
    if atom.kind == kinds.RATE and _period_of_known(statement, atom, others):
        return 0.0
    if atom.kind == kinds.COUNT:
        strength = _count_missing(atom, others, evidence)
        return 1.0 if strength and _is_value(statement, atom) else strength
    if atom.kind == kinds.PAIR:
        return _pair_missing(atom, others)
    if atom.kind == kinds.RATE:
        return rate_missing(atom, others)
    if atom.kind == kinds.SHARE:
        return share_missing(atom, others, evidence)
    if atom.kind == kinds.OFTEN:
        return often_missing(atom, others, evidence)
    return date_missing(atom, others, evidence)


def _is_value(statement: Analysis, atom: Atom) -> bool:
    """The 1 of `fell to 1`, which no `a` of the points stands for."""
    before = statement.words[atom.at - 1].lower if atom.at else ""
    typed = statement.words[atom.at].lower
    return typed == "1" and not atom.unit and before in ("to", "was", "at")


def is_difference(statement: Analysis, atom: Atom, others: Sequence[Atom]) -> bool:
    """The nine points between 61 and 52."""
    if atom.end >= len(statement.words) or statement.words[atom.end].lower not in ("point", "points"):
        return False
    sizes = [other.figure for other in others if other.kind in (kinds.COUNT, kinds.PAIR)]
    return any(one - two == atom.figure for one in sizes for two in sizes)


def _period_of_known(statement: Analysis, atom: Atom, others: Sequence[Atom]) -> bool:
    """The `a day` of `four hours a day` where the points have 4/day."""
    counts = [one.figure for one in statement.atoms if one.kind == kinds.COUNT and 0 <= atom.at - one.end <= 1]
    return atom.figure == 1 and any(
        other.kind == kinds.RATE and other.value[1] == atom.value[1] and other.figure in counts for other in others
    )


def _values(atom: Atom) -> Iterator[tuple[float, str]]:
    """A number in every unit it may be said in."""
    for value in atom.value:
        if isinstance(value, float | int):
            yield float(value), atom.unit
            if 2000 <= value < 2100:
                yield float(value) - 2000, atom.unit
            if atom.unit in _MINUTES:
                yield float(value) * _MINUTES[atom.unit], "minute"
            if atom.unit in _DAYS:
                yield float(value) * _DAYS[atom.unit], "day"


def _count_missing(atom: Atom, others: Sequence[Atom], evidence: Evidence) -> float:
    mine = list(_values(atom))
    best = min((_differs(atom, mine, other, evidence) for other in others), default=1.0)
    if best and atom.soft:
        return best * 0.3
    if best == 1.0 and atom.ordinal and atom.value[0] == 2 and evidence.lowers & {"other", "another"}:
        return 0.2
    if best == 1.0 and 0 < atom.figure < 1 and evidence.lowers & {"half", "halfway"}:
        return 0.0
    if best == 1.0 and atom.value[0] == 2 and evidence.lowers & {"both", "couple", "pair", "two"}:
        return 0.2
    if best == 1.0 and atom.value[0] == 1 and evidence.lowers & {"a", "an", "single"}:
        return 0.3
    return best


def _differs(atom: Atom, mine: Sequence[tuple[float, str]], other: Atom, evidence: Evidence) -> float:
    """0 where the other figure is the same, less than 1 where only the number is."""
    best = 1.0
    for their_value, their_unit in _readings(other):
        for value, unit in mine:
            if value != their_value:
                continue
            if their_unit == _HOUR:
                best = min(best, 0.0 if not unit and not atom.ordinal else 0.8)
            elif other.kind == kinds.RATE and unit == "times" and value == 1:
                best = min(best, 0.8)
            elif (their_unit == _TOTAL and unit in ("times", "day")) or (
                other.ordinal and not atom.ordinal and not _numbered(evidence)
            ):
                best = min(best, 0.6)
            elif (
                unit == their_unit
                or unit in _LOOSE
                or (their_unit == _TOTAL and unit not in _MEASURES)
                or (their_unit in _LOOSE and not _of_another(other, unit, evidence))
            ):
                return 0.0
            else:
                best = min(best, 0.8)
    return best


def _readings(other: Atom) -> list[tuple[float, str]]:
    """What a figure of the points may stand for: each part of a pair, the hour of a clock time."""
    if other.kind == kinds.COUNT:
        return list(_values(other))
    if other.kind == kinds.PAIR:
        return [(other.figure, ""), *((float(value), _TOTAL) for value in other.value[1:])]
    if other.kind == kinds.RATE:
        period = str(other.value[1])
        every = [(float(period[0]), period[1:])] if period[0].isdigit() else []
        return [(other.figure, ""), *every]
    if other.kind == kinds.CLOCK and not other.value[1]:
        return [(other.figure, _HOUR)]
    return []


def _of_another(other: Atom, unit: str, evidence: Evidence) -> bool:
    """Whether a number without a unit counts things (`one photo`), so that it is no `one hour`."""
    if not unit or unit == "percent" or other.kind != kinds.COUNT:
        return False
    for point in evidence.points:
        if other in point.atoms and other.at and _numbers(point.words[max(0, other.at - 3) : other.at]):
            return unit in _SPANS
        if other in point.atoms and other.end < len(point.words):
            following = point.words[other.end]
            light = is_grammar(following) or following.stem in light_stems() or is_number(following.lower)
            light = light or unit in _DOSES or following.lower in _AFTER_BARE or _begins_atom(point, other.end)
            return following.kind == "word" and following.lower.isalpha() and not light
    return False


def _numbers(before: Sequence[Word]) -> bool:
    """Whether a number is a session's or a step's: `session 5 or 6`."""
    lowers = [word.lower for word in before]
    return lowers[-1] in _NUMBERED or (lowers[-1] in ("or", "-", "and", "#") and lowers[0] in _NUMBERED)


def _begins_atom(point: Analysis, at: int) -> bool:
    return any(atom.at == at for atom in point.atoms)


def _numbered(evidence: Evidence) -> bool:
    """Whether the points number something a statement may count (`session #9`, `2nd step`)."""
    return bool(
        evidence.lowers
        & {"session", "sess", "week", "phase", "step", "visit", "group", "item", "goal", "stage", "number"}
    )


def _pair_missing(atom: Atom, others: Sequence[Atom]) -> float:
    for other in others:
        if other.kind in (kinds.PAIR, kinds.DATE) and other.value[:2] == atom.value[:2]:
            return 0.0
    counts = {value for other in others if other.kind == kinds.COUNT for value in other.value}
    if atom.value[0] in counts and atom.value[1] in counts:
        return 0.3
    scale = any(other.kind == kinds.PAIR for other in others)
    return 0.4 if atom.value[0] in counts and atom.value[1] in (10.0, 100.0, 5.0) and not scale else 1.0
