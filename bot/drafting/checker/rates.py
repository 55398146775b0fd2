"""How often: `repeatedly` where the points have `once`, `every day` for `3x`, `on weekends` for `most nights`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.support import Kind
from bot.drafting.checker import atoms as kinds
from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.atoms import Atom
from bot.drafting.checker.bindings import held_share, wanted_for
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.pieces import pieces_of

_ENDLESS = 1000.0
_PERIODS = {"hour": 112.0, "day": 7.0, "week": 1.0, "month": 0.25, "year": 0.02}
_OFTEN = {
    "never": (0.0, 0.0),
    "rarely": (0.0, 1.5),
    "sometimes": (0.2, 4.0),
    "mostly": (2.0, _ENDLESS),
    "always": (6.5, _ENDLESS),
}
_SHARES = {"all": (6.5, _ENDLESS), "most": (3.5, 6.2), "some": (1.4, 6.0)}
_SEVERAL = {"week": (2.0, 6.0), "day": (10.0, 56.0), "month": (0.5, 2.0), "": (2.0, _ENDLESS)}
_MANY = frozenset({"several", "multiple", "repeated", "numerous"})
_SPANS = frozenset({"minutes", "hours", "days", "weeks", "months", "years", "times", "moments", "minute", "hour"})
_TIMES_OF_DAY = frozenset({"hs", "qhs", "qam", "qpm"})
_NIGHTS = frozenset({"nights", "nites", "nts", "mornings", "evenings"})
_FORMER = frozenset({"was", "were", "from", "formerly", "previously", "used"})
_SURE = 0.4
_TIE = 0.15


@dataclass(frozen=True, slots=True)
class Frequency:
    """From how many to how many times a week; `at` is the place in the text."""

    least: float
    most: float
    atom: Atom

    def meets(self, other: "Frequency") -> bool:
        return self.least <= other.most and other.least <= self.most


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """A frequency that cannot be the one its words have in the points."""
    mine = [one for one in frequencies_of(statement) if statement.signs[one.atom.at] >= 0]
    if not mine:
        return
    theirs = [(number, one) for number, point in enumerate(evidence.points) for one in _events(point)]
    if not theirs:
        return
    former = [one for point in evidence.points for one in frequencies_of(point) if _is_former(point, one.atom)]
    own = pieces_of(statement)
    for one in mine:
        if _is_former(statement, one.atom) or (
            len(mine) > 1 and any(one.meets(other) for other in [*former, *(other for _, other in theirs)])
        ):
            continue
        if one.atom.kind in (kinds.WEEKDAY, kinds.NAMED) and any(_same_day(one, other) for _, other in theirs):
            continue
        wanted = wanted_for(statement, own, one.atom, evidence)
        claimed = {(a.kind, a.value) for a in statement.atoms if a is not one.atom}
        if not wanted:
            continue
        shares = [
            (held_share(evidence, number, other.atom, wanted), other)
            for number, other in theirs
            if (other.atom.kind, other.atom.value) not in claimed
        ]
        best = max((share for share, _ in shares), default=0.0)
        if best < _SURE or any(one.meets(other) for share, other in shares if share >= best - _TIE):
            continue
        yield Flaw("how_often", Kind.FREQUENCY, statement.typed(one.atom.at, one.atom.end))


def _same_day(one: Frequency, other: Frequency) -> bool:
    return (one.atom.kind, one.atom.value) == (other.atom.kind, other.atom.value) and one.meets(other)


def _events(point: Analysis) -> list[Frequency]:
    """What the points count, single events included, without what was so before."""
    counted = [
        Frequency(0.0, max(0.8, float(atom.value[0]) * 1.1 - 0.3), atom)
        for atom in point.atoms
        if _is_event(point, atom)
    ]
    rates = frequencies_of(point)
    found = [*(one for one in rates if not _only_when(point, one, rates)), *counted]
    return [one for one in found if point.signs[one.atom.at] >= 0 and not _is_former(point, one.atom)]


def _only_when(point: Analysis, one: Frequency, others: Sequence[Frequency]) -> bool:
    """The `hs` of `50 hs most nights` says when, not how often."""
    if point.words[one.atom.at].lower not in _TIMES_OF_DAY:
        return False
    return any(other is not one and abs(other.atom.at - one.atom.end) <= 2 for other in others)


def _is_former(point: Analysis, atom: Atom) -> bool:
    return any(word.lower in _FORMER for word in point.words[max(0, atom.at - 2) : atom.at])


def _is_event(point: Analysis, atom: Atom) -> bool:
    """`once`, `3x`, `one flooding episode`: counted, not a rate."""
    if atom.kind != kinds.COUNT or atom.ordinal or (atom.at and point.words[atom.at - 1].lower == "at"):
        return False
    if atom.unit == "day" and point.words[atom.end - 1].lower in _NIGHTS:
        return True
    return atom.unit == "times" or (atom.unit == "" and atom.value[0] == 1)


def frequencies_of(text: Analysis) -> list[Frequency]:
    found: list[Frequency] = []
    for atom in text.atoms:
        span = _span(text, atom)
        if span:
            found.append(Frequency(*span, atom))
    return [*found, *_repeated(text)]


def _repeated(text: Analysis) -> Iterator[Frequency]:
    """`several falls`, `repeated falls`: more than one, without a figure."""
    for at, word in enumerate(text.words[:-1]):
        if (
            word.lower in _MANY
            and text.words[at + 1].lower not in _SPANS
            and not any(atom.at <= at < atom.end for atom in text.atoms)
        ):
            yield Frequency(2.0, _ENDLESS, Atom(kinds.SHARE, ("many",), "", at, at + 1))


def _span(text: Analysis, atom: Atom) -> tuple[float, float] | None:
    if atom.kind == kinds.WEEKDAY:
        before = text.words[atom.at - 1].lower if atom.at else ""
        weekly = before in ("every", "each") or text.words[atom.at].lower.endswith("days")
        return (0.9, 1.1) if weekly and before not in ("alternative", "alternate", "other") else None
    if atom.kind == kinds.RATE and not _only_period(text, atom):
        times = float(atom.value[0]) * _per_week(str(atom.value[1]))
        return times * 0.9, times * 1.1
    if atom.kind == kinds.OFTEN and not (
        atom.at and text.words[atom.at - 1].lower in ("most", "least", "more", "less", "as", "how", "so")
    ):
        return _OFTEN.get(str(atom.value[0]))
    if atom.kind == kinds.SHARE:
        return _share(text, atom)
    if atom.kind == kinds.PAIR and atom.unit == "day":
        times = 7 * float(atom.value[0]) / (float(atom.value[1]) or 1.0)
        return times - 0.6, times + 0.6
    if (
        atom.kind == kinds.NAMED
        and atom.value[0] == "weekend"
        and atom.at
        and text.words[atom.at - 1].lower in ("every", "each")
    ):
        return 0.9, 1.1
    if atom.kind == kinds.NAMED and atom.value[0] == "weekend" and text.words[atom.at].lower.endswith("s"):
        return 0.8, 2.5
    return None


def _only_period(text: Analysis, atom: Atom) -> bool:
    """The `a day` of `four hours a day`."""
    opened = text.words[atom.at].lower in ("a", "an", "per", "/", "each")
    return (
        opened
        and atom.figure == 1
        and any(o.kind == kinds.COUNT and o.unit and 0 <= atom.at - o.end <= 1 for o in text.atoms)
    )


def _share(text: Analysis, atom: Atom) -> tuple[float, float] | None:
    if atom.unit == "day":
        return _SHARES.get(str(atom.value[0]))
    if atom.unit == "times" and atom.value[0] == "some" and text.words[atom.at].lower != "some":
        following = [word.lower for word in text.words[atom.end : atom.end + 2]]
        period = following[1] if len(following) == 2 and following[0] in ("a", "an", "per", "each") else ""
        return _SEVERAL.get(period, _SEVERAL[""])
    return None


def _per_week(period: str) -> float:
    if period[:1].isdigit():
        digits = "".join(letter for letter in period if letter.isdigit() or letter == ".")
        return _PERIODS.get(period[len(digits) :], 0.0) / (float(digits) or 1.0)
    return _PERIODS.get(period, 0.0)
