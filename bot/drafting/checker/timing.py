"""Rules for time: how often, on which day, at which hour. Each answers how surely the points lack what is said."""

from collections.abc import Sequence

from bot.drafting.checker import atoms as kinds
from bot.drafting.checker.atoms import Atom
from bot.drafting.checker.evidence import Evidence

SEASONS = {"spring": (3, 6), "summer": (6, 9), "fall": (9, 12), "winter": (12, 3)}
_OFTEN = {"never": 0, "rarely": 1, "once": 1, "sometimes": 2, "mostly": 3, "always": 4}


def is_daily(atom: Atom) -> bool:
    if atom.kind == kinds.PAIR:
        return atom.unit == "day" and atom.value[0] == atom.value[1]
    return (atom.kind == kinds.RATE and atom.value == (1.0, "day")) or (
        atom.kind == kinds.SHARE and atom.value[0] == "all" and atom.unit == "day"
    )


def rate_missing(atom: Atom, others: Sequence[Atom]) -> float:
    if any(
        other.kind == kinds.RATE and other.value == atom.value and (other.every or not atom.every) for other in others
    ):
        return 0.0
    days = {other.value[0] for other in others if other.kind == kinds.WEEKDAY}
    if atom.value[1] == "week" and atom.value[0] == len(days) > 1:
        return 0.0
    some = any(other.kind == kinds.SHARE and other.value[0] in ("most", "some") for other in others)
    if is_daily(atom) and any(is_daily(other) for other in others) and not some:
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


def share_missing(atom: Atom, others: Sequence[Atom], evidence: Evidence) -> float:
    if any(other.kind == kinds.SHARE and other.value == atom.value for other in others):
        return 0.0
    if is_daily(atom) and any(is_daily(other) for other in others):
        return 0.0
    soft = 0.4 if atom.soft else 0.8
    if atom.soft and evidence.lowers & {"whole", "entire", "all", "throughout", "through"}:
        return 0.0
    return (
        1.0 if not atom.soft and any(other.kind in (kinds.SHARE, kinds.RATE, kinds.PAIR) for other in others) else soft
    )


# What says the same as an adverb of frequency without being one.
_IN_WORDS = {
    "mostly": frozenset({"usual", "a lot", "lots", "tends to", "normally", "most of the time", "many times"}),
    "sometimes": frozenset(
        {"comes and goes", "on and off", "off and on", "now and then", "at times", "here and there"}
    ),
    "never": frozenset({"first time", "first ever"}),
    "always": frozenset({"all the time", "every time", "each time", "nonstop", "non stop", "24 7", "whole time"}),
    "rarely": frozenset({"not often", "not much", "once in a while"}),
}


def often_missing(atom: Atom, others: Sequence[Atom], evidence: Evidence) -> float:
    if evidence.text_has(_IN_WORDS.get(str(atom.value[0]), frozenset())):
        return 0.0
    rank = _OFTEN[str(atom.value[0])]
    ranks = [_OFTEN[str(other.value[0])] for other in others if other.kind == kinds.OFTEN]
    if rank in ranks:
        return 0.0
    shares = {"all": 4, "most": 3, "some": 2, "any": 2}
    ranks += [shares[str(other.value[0])] for other in others if other.kind == kinds.SHARE]
    if rank in ranks:
        return 0.2
    return 0.9 if ranks or any(other.kind in (kinds.RATE, kinds.PAIR) for other in others) else 0.6


def date_missing(atom: Atom, others: Sequence[Atom], evidence: Evidence) -> float:
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
        if any(o.kind == kinds.COUNT and o.figure == atom.figure + atom.total / 100 for o in others):
            return 0.0
        hours = {o.value[0] for o in others if o.kind == kinds.COUNT and not o.unit}
        return 0.3 if not atom.value[1] and atom.value[0] in hours else 1.0
    if atom.kind == kinds.NAMED and str(atom.value[0]) in SEASONS:
        return 0.0 if in_season(str(atom.value[0]), months_of(others)) else 1.0
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


def months_of(others: Sequence[Atom]) -> set[int]:
    return {int(other.figure) for other in others if other.kind in (kinds.MONTH, kinds.DATE)}


def in_season(name: str, months: set[int]) -> bool:
    """Whether one of these months belongs to a season (its last month overlaps with the next one's first)."""
    first, last = SEASONS[name]
    return any(first <= month <= last if first <= last else month >= first or month <= last for month in months)
