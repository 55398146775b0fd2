"""Rules for what can be counted: numbers, scores with their occasions, dates and times, frequencies."""

from collections.abc import Iterator, Sequence

from bot.domain.support import Kind
from bot.drafting.checker import atoms as kinds
from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis, is_grammar, light_stems
from bot.drafting.checker.atoms import Atom
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.words import root_of

_MINUTES = {"hour": 60.0}
_DAYS = {"week": 7.0}
_LOOSE = frozenset({"", "times", "age"})
_OFTEN = {"never": 0, "rarely": 1, "once": 1, "sometimes": 2, "mostly": 3, "always": 4}
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
_TOTAL = "total"
_SPANS = frozenset({"week", "month", "year", "day", "age"})
_FORMER = frozenset(
    {"from", "compared", "previously", "previous", "prev", "versus", "vs", "relative", "last", "formerly"}
)
_COMPARED = frozenset({"compared", "relative", "against"})


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Whatever is counted or dated otherwise than in the points."""
    drugs = {statement.clauses[one.at] for one in statement.of(lexicons.DRUG)}
    for atom in statement.atoms:
        strength = _missing(statement, atom, evidence)
        if strength <= 0:
            continue
        kind, rule = _kind_of(statement, atom)
        if statement.clauses[atom.at] in drugs and kind in (Kind.NUMBER, Kind.FREQUENCY):
            kind = Kind.MEDICATION
        certain = rule == "dose" or (kind is Kind.MEDICATION and rule == "count" and _follows_drug(statement, atom))
        yield Flaw(rule, kind, statement.typed(atom.at, atom.end), strength, certain and strength >= 1)
    yield from _misplaced(statement, evidence)
    yield from _swapped(statement, evidence)
    yield from _occasions(statement, evidence)
    yield from _instruments(statement, evidence)


def _follows_drug(statement: Analysis, atom: Atom) -> bool:
    return any(0 <= atom.at - one.end <= 1 for one in statement.of(lexicons.DRUG))


def _kind_of(statement: Analysis, atom: Atom) -> tuple[Kind, str]:
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
    if atom.kind == kinds.COUNT:
        return _count_missing(atom, others, evidence)
    if atom.kind == kinds.PAIR:
        return _pair_missing(atom, others)
    if atom.kind == kinds.RATE:
        return _rate_missing(atom, others)
    if atom.kind == kinds.SHARE:
        return _share_missing(atom, others, evidence)
    if atom.kind == kinds.OFTEN:
        return _often_missing(atom, others)
    return _date_missing(atom, others, evidence)


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
            if their_unit == _TOTAL and unit in ("times", "day"):
                best = min(best, 0.6)
            elif other.ordinal and not atom.ordinal and not _numbered(evidence):
                best = min(best, 0.6)
            elif (
                unit == their_unit
                or unit in _LOOSE
                or their_unit == _TOTAL
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
        return [(float(other.value[0]), ""), *((float(value), _TOTAL) for value in other.value[1:])]
    if other.kind == kinds.RATE:
        period = str(other.value[1])
        every = [(float(period[0]), period[1:])] if period[0].isdigit() else []
        return [(float(other.value[0]), ""), *every]
    if other.kind == kinds.CLOCK and not other.value[1]:
        return [(float(other.value[0]), "")]
    return []


def _of_another(other: Atom, unit: str, evidence: Evidence) -> bool:
    """Whether a number without a unit counts things (`one photo`), so that it is no `one hour`."""
    if not unit or unit == "percent" or other.kind != kinds.COUNT:
        return False
    for point in evidence.points:
        if other in point.atoms and other.end < len(point.words):
            following = point.words[other.end]
            return following.kind == "word" and following.stem not in light_stems() and following.lower.isalpha()
    return False


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


def _is_daily(atom: Atom) -> bool:
    if atom.kind == kinds.PAIR:
        return atom.unit == "day" and atom.value[0] == atom.value[1]
    return (atom.kind == kinds.RATE and atom.value == (1.0, "day")) or (
        atom.kind == kinds.SHARE and atom.value[0] == "all" and atom.unit == "day"
    )


def _rate_missing(atom: Atom, others: Sequence[Atom]) -> float:
    if any(other.kind == kinds.RATE and other.value == atom.value for other in others):
        return 0.0
    if _is_daily(atom) and any(_is_daily(other) for other in others):
        return 0.0
    if str(atom.value[1])[:1].isdigit():
        digits, unit = str(atom.value[1])[0], str(atom.value[1])[1:]
        if any(
            other.kind == kinds.COUNT and other.value[0] == float(digits) and other.unit == unit for other in others
        ):
            return 0.6
    alike = [
        other for other in others if other.kind == kinds.COUNT and other.value[0] == atom.value[0] and not other.ordinal
    ]
    if (
        any(other.kind == kinds.RATE and other.value[1] == atom.value[1] for other in others)
        and alike
        and atom.value[0] != 1
    ):
        return 0.2
    if any(other.unit == "times" for other in alike):
        return 0.4
    return 1.0 if any(other.kind in (kinds.RATE, kinds.SHARE, kinds.PAIR) for other in others) else 0.8


def _share_missing(atom: Atom, others: Sequence[Atom], evidence: Evidence) -> float:
    if any(other.kind == kinds.SHARE and other.value == atom.value for other in others):
        return 0.0
    if _is_daily(atom) and any(_is_daily(other) for other in others):
        return 0.0
    soft = 0.4 if atom.soft else 0.8
    if atom.soft and evidence.lowers & {"whole", "entire", "all", "throughout", "through"}:
        return 0.0
    return (
        1.0 if not atom.soft and any(other.kind in (kinds.SHARE, kinds.RATE, kinds.PAIR) for other in others) else soft
    )


def _often_missing(atom: Atom, others: Sequence[Atom]) -> float:
    rank = _OFTEN[str(atom.value[0])]
    ranks = [_OFTEN[str(other.value[0])] for other in others if other.kind == kinds.OFTEN]
    if rank in ranks:
        return 0.0
    shares = {"all": 4, "most": 3, "some": 2, "any": 2}
    ranks += [shares[str(other.value[0])] for other in others if other.kind == kinds.SHARE]
    if rank in ranks:
        return 0.2
    return 0.9 if ranks or any(other.kind in (kinds.RATE, kinds.PAIR) for other in others) else 0.6


def _date_missing(atom: Atom, others: Sequence[Atom], evidence: Evidence) -> float:
    if any(other.kind == atom.kind and other.value == atom.value for other in others):
        return 0.0
    if atom.kind == kinds.DATE:
        return 0.0 if any(o.kind == kinds.PAIR and o.value[:2] == atom.value[:2] for o in others) else 1.0
    if atom.kind == kinds.MONTH:
        months = {o.value[0] for o in others if o.kind in (kinds.DATE, kinds.PAIR)}
        return 0.0 if atom.value[0] in months else 1.0
    if atom.kind == kinds.WEEKDAY and atom.value[0] in evidence.lowers:
        return 0.2
    if atom.kind == kinds.CLOCK:
        if any(o.kind == kinds.COUNT and o.value[0] == atom.value[0] + float(atom.value[1]) / 100 for o in others):
            return 0.0
        hours = {o.value[0] for o in others if o.kind == kinds.COUNT and not o.unit}
        return 0.3 if not atom.value[1] and atom.value[0] in hours else 1.0
    if atom.kind == kinds.RELATIVE:
        return _relative_missing(atom, others, evidence)
    return 1.0


def _relative_missing(atom: Atom, others: Sequence[Atom], evidence: Evidence) -> float:
    which, unit = atom.value
    rivals = [other for other in others if other.kind == kinds.RELATIVE and other.value[1] == unit]
    if rivals:
        return 0.9 if {which, *(o.value[0] for o in rivals)} >= {"last", "next"} else 0.3
    if any(o.kind == kinds.COUNT and o.value[0] != 1 and o.unit == unit for o in others):
        return 0.8
    if which == "next" and any(o.kind == kinds.COUNT and o.value[0] == 1 and o.unit == unit for o in others):
        return 0.0
    return 0.3 if which == "this" else 0.5


def _misplaced(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """A figure or date that the points have, but for something else: its neighbours there stand beside another one."""
    for atom in statement.atoms:
        claimed = {a.value for a in statement.atoms if a is not atom}
        rivals = [(p, o) for p in evidence.points for o in p.atoms if _comparable(o, atom) and p.signs[o.at] >= 0]
        if len({(other.kind, other.value) for _, other in rivals}) < 2 or atom.soft:
            continue
        mine = _surroundings(statement, atom)
        same = max((_shared(mine, _surroundings(p, o)) for p, o in rivals if _equal(o, atom)), default=0.0)
        others = [(p, o) for p, o in rivals if not _equal(o, atom) and o.value not in claimed]
        other = max((_shared(mine, _surroundings(p, o)) for p, o in others), default=0.0)
        if other > same + 0.45:
            kind, rule = _kind_of(statement, atom)
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
    for one, two in zip(figures, figures[1:], strict=False):
        if one.value == two.value:
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
            if crossed > straight + 0.4:
                yield Flaw("swapped", Kind.NUMBER, statement.typed(one.at, one.end), min(1.0, crossed - straight + 0.3))


def _equal(other: Atom, atom: Atom) -> bool:
    return (
        other.value[0] == atom.value[0]
        if other.kind != kinds.RATE
        else other.value == atom.value or (_is_daily(other) and _is_daily(atom))
    )


_SCHEDULES = (kinds.RATE, kinds.SHARE, kinds.WEEKDAY, kinds.PAIR)


def _comparable(other: Atom, atom: Atom) -> bool:
    if atom.kind in (kinds.RATE, kinds.SHARE):
        return other.kind in _SCHEDULES and (other.kind != kinds.PAIR or other.unit == "day")
    figures = (kinds.COUNT, kinds.PAIR)
    if atom.kind in figures and other.kind in figures:
        return not (atom.unit and other.unit and atom.unit != other.unit)
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
    counts = [atom for atom in text.atoms if atom.kind in figures and atom.unit not in _SPANS and not atom.ordinal]
    for one, two in zip(counts, counts[1:], strict=False):
        lowers = [word.lower for word in text.words[one.end : two.at]]
        if len(lowers) > 8 or ({".", ";"} & set(lowers)):
            continue
        first, second = float(one.value[0]), float(two.value[0])
        order = _order(text, one, two, lowers)
        if order:
            yield ((first, second) if order == "former last" else (second, first)), one


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
    if lowers[:2] == [",", "it"]:
        lowers = [",", *lowers[2:]]
    return any(mark in (",", "(", ";") and verb == "was" for mark, verb in zip(lowers, lowers[1:], strict=False))


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
    return bare and len(before) == 2 and before[1] == "was" and before[0] in (",", "(", ";")


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
            theirs.setdefault(name, []).append((float(atom.value[0]), earlier))
    seen: set[str] = set()
    for name, atom, _ in _scores(statement):
        if name not in theirs:
            continue
        value = float(atom.value[0])
        rows = [earlier for other, earlier in theirs[name] if other == value]
        near = atom.at - 4 <= max(one.end for one in statement.of(lexicons.INSTRUMENT) if one.at < atom.at)
        if not rows and near:
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
