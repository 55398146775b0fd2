"""Dates and ordinals against those the points have instead: `tomorrow` for tonight, 9 p.m. for 9am, third for 2nd."""

import itertools
import re
from collections.abc import Iterator, Sequence

from bot.domain.support import Kind
from bot.drafting.checker import atoms as kinds
from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.atoms import Atom
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.lexicons import listed, lists_of
from bot.drafting.checker.timing import SEASONS, in_season, months_of
from bot.drafting.checker.words import WORD, Word

_DAYS = frozenset({"today", "tonight", "tomorrow", "yesterday"})
_ORDINAL_END = re.compile(r"\d(?:st|nd|rd|th)$|^[a-z]+$")


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    if not statement.atoms:
        return
    yield from _other_day(statement, evidence)
    yield from _ordinals(statement, evidence)
    yield from _labels(statement, evidence)
    yield from _half_days(statement, evidence)
    yield from _later_than_next(statement, evidence)
    yield from _moved(statement, evidence)


def _other_day(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Tonight, tomorrow, yesterday; a season."""
    theirs = {str(atom.value[0]) for atom in evidence.atoms if atom.kind == kinds.NAMED} | (_DAYS & evidence.lowers)
    months = months_of(evidence.atoms)
    if "tomorrow" in theirs and "today" not in evidence.lowers:
        for at, word in enumerate(statement.words):
            if word.lower == "today" and listed("appointments", "planned") & _lowers(statement, 0, at):
                yield Flaw("other_day", Kind.DATE, word.text)
    for atom in statement.atoms:
        name = str(atom.value[0])
        if atom.kind != kinds.NAMED or name in theirs:
            continue
        season = name in SEASONS and (theirs & SEASONS.keys() or (months and not in_season(name, months)))
        if season or (name in _DAYS and theirs & _DAYS):
            yield Flaw("other_day", Kind.DATE, statement.typed(atom.at, atom.end))


def _ordinal(text: Analysis, atom: Atom) -> bool:
    """`2nd`, `third`: typed as an ordinal, neither a label's number nor `half`."""
    typed = text.typed(atom.at, atom.end).lower()
    return atom.ordinal and not atom.soft and bool(_ORDINAL_END.search(typed)) and typed != "half"


def _ordinals(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    theirs = [
        (point, atom)
        for point in evidence.points
        for atom in point.atoms
        if _ordinal(point, atom) or (atom.ordinal and atom.soft)
    ]
    if not any(not atom.soft for _, atom in theirs):
        return
    for atom in statement.atoms:
        if not _ordinal(statement, atom):
            continue
        rivals = [other for _, other in theirs if not other.soft]
        figures = {
            value
            for other in evidence.atoms
            if other.kind in (kinds.COUNT, kinds.DATE, kinds.PAIR)
            for value in other.value
        }
        if atom.value[0] not in figures and rivals:
            date = atom.value[0] != 1 and statement.typed(atom.at, atom.end)[0].isdigit() and _after_on(statement, atom)
            yield Flaw("nth", Kind.DATE if date else Kind.NUMBER, statement.typed(atom.at, atom.end))


def _after_on(text: Analysis, atom: Atom) -> bool:
    return _lowers(text, atom.at - 2, atom.at) >= {"on", "the"}


def _labels(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """Another chapter, step or session than any the points number."""
    theirs: dict[str, set[float]] = {}
    for point in evidence.points:
        for name, atom in _labelled(point):
            theirs.setdefault(name, set()).add(float(atom.value[0]))
    for name, atom in _labelled(statement):
        if name in theirs and float(atom.value[0]) not in theirs[name] and not _ordinal_of(evidence, atom):
            yield Flaw("nth", Kind.NUMBER, statement.typed(atom.at, atom.end))


def _ordinal_of(evidence: Evidence, atom: Atom) -> bool:
    return any(
        _ordinal(point, other) and other.value[0] == atom.value[0] for point in evidence.points for other in point.atoms
    )


def _labelled(text: Analysis) -> Iterator[tuple[str, Atom]]:
    """`session 5 or 6`, `step 2`, `third chapter`: what is numbered, with its number."""
    labels = lists_of("numbered")
    last: tuple[str, int] = ("", -1)
    for atom in text.atoms:
        after = text.words[atom.end].lower if atom.end < len(text.words) else ""
        if after in labels and _ordinal(text, atom):
            yield labels[after], atom
        elif atom.kind in (kinds.COUNT, kinds.PAIR) and atom.at and (name := _label_before(text, atom, last)):
            last = (name, atom.end)
            yield name, atom


def _label_before(text: Analysis, atom: Atom, last: tuple[str, int]) -> str:
    labels = lists_of("numbered")
    before = text.words[atom.at - 1].lower
    if before in ("or", "and", "-", "&") and last[1] == atom.at - 1:
        return last[0]
    if before in (".", "#") and atom.at > 1:
        before = text.words[atom.at - 2].lower
    bare = not atom.unit or (atom.unit == "week" and text.words[atom.end - 1].kind != WORD)
    return labels.get(before) or labels.get(before.removesuffix("s")) or "" if bare else ""


def _half(word: Word) -> int | None:
    """0 before noon, 1 after, None where a clock time does not tell."""
    letters = re.sub(r"[^apm]", "", word.lower)
    if letters[:1] in ("a", "p"):
        return int(letters[0] == "p")
    hour = word.lower.partition(":")[0]
    return 1 if hour.isdigit() and 13 <= int(hour) <= 23 else None


def _half_days(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    theirs = [
        (atom.value, _half(point.words[atom.at]))
        for point in evidence.points
        for atom in point.atoms
        if atom.kind == kinds.CLOCK
    ]
    for atom in statement.atoms:
        if atom.kind != kinds.CLOCK or (mine := _half(statement.words[atom.at])) is None:
            continue
        same = [half for value, half in theirs if value == atom.value]
        if same and all(half is not None and half != mine for half in same):
            yield Flaw("half_day", Kind.DATE, statement.typed(atom.at, atom.end))
        elif not same and theirs and all(half is not None for _, half in theirs):
            yield Flaw("half_day", Kind.DATE, statement.typed(atom.at, atom.end), 0.6)


def _later_than_next(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """`next week` where the points have `in 2 wks` and no next week."""
    relatives = {atom.value for atom in evidence.atoms if atom.kind == kinds.RELATIVE}
    mine = {(atom.value[0], atom.unit) for atom in statement.atoms if atom.kind == kinds.COUNT}
    for atom in statement.atoms:
        if (
            atom.kind != kinds.RELATIVE
            or atom.value[0] != "next"
            or atom.value in relatives
            or "next" in evidence.lowers
        ):
            continue
        spans = [
            (other.value[0], other.unit) for point in evidence.points for other in point.atoms if _ahead(point, other)
        ]
        if spans and not any(count == 1 for count, _ in spans) and not mine & set(spans):
            yield Flaw("horizon", Kind.DATE, statement.typed(atom.at, atom.end))


def _ahead(point: Analysis, atom: Atom) -> bool:
    if (
        atom.kind != kinds.COUNT
        or atom.unit not in ("week", "month")
        or "ago" in _lowers(point, atom.end, atom.end + 1)
    ):
        return False
    return bool(
        _lowers(point, atom.at - 1, atom.at) & {"in"}
        or _lowers(point, atom.at - 4, atom.at) & listed("appointments", "return")
    )


def _lowers(text: Analysis, start: int, end: int) -> set[str]:
    return {word.lower for word in text.words[max(0, start) : end]}


def _moved(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """`moved to December 2`, or `on December 2`, where the points have it moved from there."""
    ends = [pair for point in evidence.points for pair in _from_to(point)]
    if not ends:
        return
    mine = {_day(atom) for atom in statement.atoms} - {None}
    for atom in statement.atoms:
        day = _day(atom)
        if day is None or not atom.at:
            continue
        first, second = any(start == day for start, _ in ends), any(end == day for _, end in ends)
        before = statement.words[atom.at - 1].lower
        turned = (before == "to" and first) or (before == "from" and second)
        alone = (
            first
            and before != "from"
            and len(mine) == 1
            and not listed("appointments", "moved") & _lowers(statement, 0, atom.at)
        )
        if first != second and (turned or alone) and not _elsewhere(evidence, day):
            yield Flaw("moved", Kind.DATE, statement.typed(atom.at, atom.end))


def _day(atom: Atom) -> tuple[str | float, ...] | None:
    """A day or an hour in a form in which 1/14 and January 14 are one."""
    if atom.kind in (kinds.DATE, kinds.PAIR):
        return atom.value[:2]
    return (atom.kind, *atom.value) if atom.kind in (kinds.WEEKDAY, kinds.CLOCK, kinds.MONTH) else None


def _elsewhere(evidence: Evidence, day: tuple[str | float, ...]) -> bool:
    return sum(_day(atom) == day for atom in evidence.atoms) > 1


def _from_to(text: Analysis) -> Sequence[tuple[tuple[str | float, ...], tuple[str | float, ...]]]:
    found: list[tuple[tuple[str | float, ...], tuple[str | float, ...]]] = []
    for one, two in itertools.pairwise(text.atoms):
        start, end = _day(one), _day(two)
        arrow = text.words[two.at - 1].lower in ("to", "->", "\u2192") and two.at - one.end == 1
        if start and end and one.at and text.words[one.at - 1].lower == "from" and arrow and _unlike_score(text, one):
            found.append((start, end))
    return found


def _unlike_score(text: Analysis, atom: Atom) -> bool:
    """No `from 4/5 to 2/5`: what is moved is a day or an hour."""
    return atom.kind != kinds.PAIR or bool(
        {word.stem for word in text.words} & {"mov", "chang", "reschedul", "postpon", "shift"}
    )
