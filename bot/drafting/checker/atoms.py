"""Finds what can be counted or dated in a text: numbers with their units, clock times, dates, weekdays, frequencies."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.drafting.checker.amounts import tables
from bot.drafting.checker.words import MARK, NUMBER, WORD, Word

COUNT, PAIR, CLOCK, DATE, MONTH, WEEKDAY, NAMED, RELATIVE = (
    "count", "pair", "clock", "date", "month", "weekday", "named", "relative"
)  # fmt: skip
RATE, OFTEN, SHARE = "rate", "often", "share"

_TIME_UNITS = frozenset({"minute", "hour", "second", "day", "week", "month", "year"})
_PERIODS = frozenset({"day", "week", "month", "year", "hour"})
_ORDINAL_ENDS = frozenset({"st", "nd", "rd", "th"})
_SHARES = {"most": "most", "majority": "most", "all": "all", "every": "all", "each": "all", "any": "any"}
_VAGUE = {"several": "some", "some": "some", "few": "some", "many": "some", "multiple": "some", "couple": "some"}
_RELATIVE = frozenset({"this", "last", "next", "past", "previous", "coming", "following", "prior"})
_WITH_RELATIVE = frozenset({"week", "month", "year", "day"})
_LOWER_AMBIGUOUS = frozenset({"sat", "sun", "may", "mar", "march", "fall", "spring"})
_AGO = frozenset({"ago", "earlier", "later", "before", "after", "prior", "previously", "or"})
_ONCE_MORE = frozenset({"more", "again", "he", "she", "they", "the", "it", "i", "we", "his", "her"})
_LABELS = frozenset(
    {
        "step",
        "item",
        "phase",
        "goal",
        "stage",
        "grade",
        "objective",
        "level",
        "chapter",
        "number",
        "session",
        "sess",
        "visit",
        "trial",
        "card",
    }
)
_NO_UNIT = frozenset(
    {"not", "and", "but", "or", "then", "to", "in", "on", "with", "at", "for", "is", "was", "were", "are", "no"}
)
_BEFORE_DAY = frozenset(
    {"on", "next", "last", "this", "every", "by", "since", "until", "in", "of", "from", "late", "early"}
)
_PARTS_OF_DAY = frozenset(
    {"late", "early", "night", "nite", "morning", "evening", "eve", "afternoon", "am", "pm", "noon"}
)
_BEFORE_SAT = frozenset(
    {"the", "once", "twice", "alternative", "(", "each", "mon", "tue", "tues", "wed", "thu", "thurs", "fri", "sun"}
)


@dataclass(frozen=True, slots=True)
class Atom:
    """One of them. `value` and `unit` say the same for `3/7 days` and `three of seven days`; `at`, `end` are words."""

    kind: str
    value: tuple[float | str, ...]
    unit: str
    at: int
    end: int
    ordinal: bool = False
    soft: bool = False
    every: bool = True

    @property
    def figure(self) -> float:
        """The (first) number of a count, pair, rate or clock time; 0 for a word."""
        return self.value[0] if isinstance(self.value[0], float | int) else 0.0

    @property
    def total(self) -> float:
        """What a pair is out of: 7 for `3/7`."""
        last = self.value[1] if len(self.value) > 1 else 0.0
        return last if isinstance(last, float | int) else 0.0


def atoms_of(words: Sequence[Word], taken: frozenset[int] = frozenset()) -> tuple[Atom, ...]:
    """The countable things of a text, in order. Words in `taken` belong to a name (the 9 of PHQ-9)."""
    return tuple(_Scan(words, taken).atoms())


class _Scan:
    """Reads from left to right; each method returns atoms and where to go on, or nothing."""

    def __init__(self, words: Sequence[Word], taken: frozenset[int]) -> None:
        self.words = words
        self.taken = taken
        self.tables = tables()
        self.used: set[int] = set()

    def atoms(self) -> Iterator[Atom]:
        at = 0
        while at < len(self.words):
            found = None if at in self.taken or at in self.used else self._at(at)
            if not found:
                at += 1
                continue
            yield from found
            at = max(at + 1, max(atom.end for atom in found))

    def _lower(self, at: int) -> str:
        return self.words[at].lower if 0 <= at < len(self.words) else ""

    def _at(self, at: int) -> list[Atom]:
        word = self.words[at]
        if word.kind == "clock" and _no_hour(word.lower):
            return [Atom(COUNT, (float(re.sub(r"\D", "", word.lower)),), "", at, at + 1)]
        if word.kind == "clock":
            return [Atom(CLOCK, _clock(word.lower), "", at, at + 1)]
        if word.kind == "slash":
            return self._slash(at)
        if word.kind == MARK:
            return []
        for read in (self._day, self._rate, self._number, self._share, self._relative):
            if found := read(at):
                return found
        return []

    def _slash(self, at: int) -> list[Atom]:
        parts = tuple(float(part) for part in self.words[at].lower.split("/"))
        unit, end = self._unit(at + 1)
        return [Atom(PAIR, parts, unit if unit in _TIME_UNITS else "", at, end)]

    def _day(self, at: int) -> list[Atom]:
        word, tables = self.words[at], self.tables
        lower = word.lower
        if lower in _LOWER_AMBIGUOUS and not self._clearly_day(at):
            return []
        if lower == "noon":
            return [Atom(CLOCK, (12.0, 0.0), "", at, at + 1)]
        if lower in tables.weekdays:
            return [Atom(WEEKDAY, (tables.weekdays[lower],), "", at, at + 1)]
        if lower in tables.months:
            return self._month(at, tables.months[lower])
        if lower in tables.named:
            return [Atom(NAMED, (tables.named[lower],), "", at, at + 1)]
        return []

    def _clearly_day(self, at: int) -> bool:
        word = self.words[at]
        if (word.lower == "sat" and self._lower(at + 1) in _PARTS_OF_DAY) or (
            self._lower(at - 1) in _BEFORE_SAT and word.lower == "sat"
        ):
            return True
        marked = self._lower(at - 1) in _BEFORE_DAY or (at + 1 < len(self.words) and self.words[at + 1].kind == NUMBER)
        return (word.capital and at > 0) or (marked and word.lower not in ("fall", "spring")) or (
            word.lower in ("fall", "spring") and self._lower(at - 1) in ("last", "next", "this", "in")
        )  # fmt: skip

    def _month(self, at: int, month: int) -> list[Atom]:
        day_at = at + 2 if self._lower(at + 1) == "." else at + 1
        if day_at < len(self.words) and self.words[day_at].kind == NUMBER and _small(self.words[day_at].lower, 31):
            end = day_at + 1 + (self._lower(day_at + 1) in _ORDINAL_ENDS)
            return [Atom(DATE, (float(month), float(self.words[day_at].lower)), "", at, end)]
        if at and self.words[at - 1].kind == NUMBER and _small(self._lower(at - 1), 31) and self._lower(at - 2) != "of":
            return [Atom(DATE, (float(month), float(self._lower(at - 1))), "", at - 1, at + 1)]
        return [Atom(MONTH, (float(month),), "", at, at + 1)]

    def _rate(self, at: int) -> list[Atom]:
        """`daily`, `every other week`, `q2wk`, `per month`, `each night`, `bid`."""
        lower, tables = self._lower(at), self.tables
        if lower in tables.periods:
            return [_rate(1, tables.periods[lower], at, at + 1)]
        weekend = tables.named.get(self._lower(at + 1)) == "weekend"
        if lower in ("alternative", "alternate") and (weekend or self._lower(at + 1) in tables.weekdays):
            return [_rate(1, "2week", at, at + 1)]
        if lower in tables.schedules:
            return [_rate(tables.schedules[lower], "day", at, at + 1)]
        if lower not in ("every", "each", "per", "q", "cada", "todos"):
            return []
        step = at + 1 + (self._lower(at + 1) in ("single", "los"))
        if self._lower(step) == "other":
            if self._lower(step + 1) in tables.weekdays or tables.named.get(self._lower(step + 1)) == "weekend":
                return [_rate(1, "2week", at, step + 1)]
            period = tables.units.get(self._lower(step + 1), "")
            return [_rate(1, f"2{period}", at, step + 2)] if period in _PERIODS else []
        if self._lower(step) in ("am", "pm", "a.m.", "p.m."):
            return [_rate(1, "day", at, step + 1)]
        count, after = self._value(step)
        period = tables.units.get(self._lower(after if count else step), "")
        if period in _PERIODS and count:
            return [_rate(1, f"{count:g}{period}" if count != 1 else period, at, after + 1)]
        return [_rate(1, period, at, step + 1)] if period in _PERIODS else []

    def _value(self, at: int) -> tuple[float | None, int]:
        """A number in digits or words at this place, and where it ends."""
        if not 0 <= at < len(self.words) or at in self.taken:
            return None, at
        word, lower = self.words[at], self._lower(at)
        if word.kind == NUMBER:
            thousand = self._lower(at + 1) == "k" and not self.words[at + 1].spaced
            return float(lower.replace(",", "")) * (1000 if thousand else 1), at + 1 + thousand
        value = self.tables.numbers.get(lower)
        if value is None:
            return None, at
        following = self.tables.numbers.get(self._lower(at + 1), 0)
        if value in range(20, 100, 10) and 0 < following < 10 and following == int(following):
            return value + following, at + 2
        return float(value), at + 1

    def _number(self, at: int) -> list[Atom]:
        lower = self._lower(at)
        if lower in self.tables.ordinals:
            return self._ordinal(at)
        if lower == "fortnight":
            return [Atom(COUNT, (2.0,), "week", at, at + 1)]
        if lower == "quarter" and self._lower(at + 1) == "of" and self._lower(at + 3) == "hour":
            return [Atom(COUNT, (15.0,), "minute", at, at + 4)]
        if lower == "x" and self._multiplied(at):
            return self._counted(float(self._lower(at + 1).replace(",", "")), "times", at, at + 2)
        value, end = self._value(at)
        if value is None:
            return []
        if self._lower(end) in self.tables.months and self._lower(end) not in _LOWER_AMBIGUOUS and value <= 31:
            return self._month(end, self.tables.months[self._lower(end)])
        if self._lower(end) in _ORDINAL_ENDS and not self.words[end].spaced:
            return [Atom(COUNT, (value,), "", at, end + 1, ordinal=True)]
        if lower == "once" and self._lower(end) in _ONCE_MORE:
            return []
        if lower in ("once", "twice") and self._lower(end) == "or" and self._lower(end + 1) in ("twice", "thrice"):
            rest = self._counted(value + 1, "times", end + 1, end + 2)
            return [Atom(rest[-1].kind, (value, *rest[-1].value[1:]), rest[-1].unit, at, end), *rest]
        if lower in ("once", "twice", "thrice"):
            return self._counted(value, "times", at, end)
        high, after = self._range(end)
        if high is not None and high != value:
            rest = self._counted(high, None, after - 1, after)
            last = rest[0] if len(rest) > 1 else rest[-1]
            return [Atom(last.kind, (value, *last.value[1:]), last.unit, at, end, soft=last.soft), *rest]
        return self._counted(value, None, at, end)

    def _ordinal(self, at: int) -> list[Atom]:
        lower, following = self._lower(at), self._lower(at + 1)
        if lower == "second" and following in ("half", "hand"):
            return [Atom(COUNT, (2.0,), "", at, at + 1, ordinal=True)]
        if pair := self._of(float(self.tables.ordinals[lower]), at, at + 1):
            return [pair]
        soft = lower == "first" and following not in self.tables.weekdays
        return [Atom(COUNT, (float(self.tables.ordinals[lower]),), "", at, at + 1, ordinal=True, soft=soft)]

    def _multiplied(self, at: int) -> bool:
        return at + 1 < len(self.words) and self.words[at + 1].kind == NUMBER and not self.words[at + 1].spaced

    def _range(self, at: int) -> tuple[float | None, int]:
        """`3-4`, `3 to 4`: the upper number, when one follows directly."""
        if self._lower(at) in ("-", "\u2013", "to", "or") and at not in self.taken:
            high, end = self._value(at + 1)
            if high is not None and self._lower(end) not in ("to",):
                return high, end
        return None, at

    def _counted(self, value: float, unit: str | None, at: int, end: int) -> list[Atom]:
        """A number with what follows it: a unit, `of seven`, `per week`, `a day`."""
        if self._lower(end) == "+":
            end += 1
        if self._lower(end) == "%":
            return [Atom(COUNT, (value,), "percent", at, end + 1)]
        if pair := self._of(value, at, end):
            return [pair]
        labelled = self._lower(at - 1) in _LABELS and value == int(value) <= 30 and not self._spans(end)
        if labelled and not (unit and unit != "times"):
            return [Atom(COUNT, (value,), "", at, end, ordinal=True)]
        if unit is None:
            unit, end = self._unit(end)
        if not unit and at and self.words[at - 1].kind == WORD:
            unit = {"week": "week", "age": "age"}.get(self.tables.units.get(self._lower(at - 1), ""), "")
        if at and self._lower(at - 1) == "$":
            unit = "dollar"
        if value == 0.5 and self._lower(end) in ("a", "an") and self.tables.units.get(self._lower(end + 1)) == "hour":
            return [Atom(COUNT, (30.0,), "minute", at, end + 2)]
        if unit in _TIME_UNITS | {"times"} and (pair := self._of(value, at, end)):
            return [Atom(PAIR, pair.value, unit, at, pair.end)]
        if rate := self._per(value, unit, at, end):
            return rate
        soft = self._lower(at) in ("one", "single", "half", "uno") and unit in ("", "times")
        return [Atom(COUNT, (value,), unit, at, end, soft=soft)]

    def _spans(self, end: int) -> bool:
        """Whether a unit of time follows: `goal 90 days` is no goal number 90."""
        return self._unit(end)[0] in _TIME_UNITS

    def _of(self, value: float, at: int, end: int) -> Atom | None:
        start = end + 1 if self._lower(end) == "out" else end
        if self._lower(start) not in ("of", "de"):
            return None
        skip = start + 1 + (self._lower(start + 1) in ("the", "last", "past"))
        skip += self._lower(skip) in ("last", "past", "previous", "prior")
        total, after = self._value(skip)
        if total is None or (total < value):
            return None
        unit, after = self._unit(after)
        return Atom(PAIR, (value, total), unit if unit in _TIME_UNITS else "", at, after)

    def _unit(self, at: int) -> tuple[str, int]:
        lower = self._lower(at)
        if (lower == "s" and not self.words[at].spaced) or lower == "second":
            return "second", at + 1
        if lower in ("extra", "more", "full", "consecutive", "straight", "additional"):
            at, lower = at + 1, self._lower(at + 1)
        unit = self.tables.units.get(lower, "") if at not in self.taken else ""
        if unit == "year" and self._lower(at + 1) in ("old", "olds"):
            return "age", at + 2
        if lower == "x" and at + 1 < len(self.words) and self.words[at + 1].kind == NUMBER:
            return "", at
        if (
            unit == "week"
            and not lower.endswith("s")
            and at + 1 < len(self.words)
            and self.words[at + 1].kind == NUMBER
        ):
            return "", at
        return (unit, at + 1) if unit else ("", at)

    def _per(self, value: float, unit: str, at: int, end: int) -> list[Atom]:
        """`twice a week`, `3-4/night`, `2x daily`, `1 of them a day`, `four meetings per week`."""
        for step in (end, end + 1, end + 2):
            if step > end and not self._plain(step - 1):
                return []
            found = self._period(step)
            if found:
                period, after = found
                if unit in ("", "times") or (unit == "day" and step == end and period in ("week", "month")):
                    self.used |= set(range(step, after))
                    return [_rate(value, period, at, after if step == end else end, every=False)]
                return [Atom(COUNT, (value,), unit, at, end), _rate(1, period, step, after)]
        return []

    def _plain(self, at: int) -> bool:
        """A word that is no number itself: `four meetings per week`, not `300 three times a day`."""
        if at >= len(self.words) or self.words[at].kind != WORD:
            return False
        lower = self._lower(at)
        return lower not in self.tables.numbers and lower not in self.tables.schedules and lower not in _NO_UNIT

    def _period(self, at: int) -> tuple[str, int] | None:
        lower = self._lower(at)
        if lower in self.tables.periods:
            return self.tables.periods[lower], at + 1
        if lower in ("a", "an", "per", "each", "every", "/", "al", "por", "la"):
            period = self.tables.units.get(self._lower(at + 1), "")
            if period in _PERIODS and self._lower(at + 2) not in _AGO:
                return period, at + 2
        return None

    def _share(self, at: int) -> list[Atom]:
        """`most nights`, `all day`, `several times`, `regularly`, `throughout`."""
        lower, following = self._lower(at), self._lower(at + 1)
        if lower in _SHARES or lower in _VAGUE:
            step = at + 1 + (following in ("of", "the"))
            unit = self.tables.units.get(self._lower(step), "")
            if unit in _PERIODS | {"times"} and self._lower(step) != "time":
                return [Atom(SHARE, (_SHARES.get(lower) or _VAGUE[lower],), unit, at, step + 1)]
            return []
        if lower in ("throughout",):
            return [Atom(SHARE, ("all",), "", at, at + 1, soft=True)]
        if lower in self.tables.often:
            return [Atom(OFTEN, (self.tables.often[lower],), "", at, at + 1)]
        return []

    def _relative(self, at: int) -> list[Atom]:
        lower = self._lower(at)
        if lower in _RELATIVE:
            unit = self.tables.units.get(self._lower(at + 1), "")
            if unit in _WITH_RELATIVE and not self._lower(at + 1).endswith("s"):
                which = {"past": "last", "previous": "last", "prior": "last", "coming": "next", "following": "next"}
                return [Atom(RELATIVE, (which.get(lower, lower), unit), "", at, at + 2, soft=True)]
        return []


def _rate(count: float, period: str, at: int, end: int, every: bool = True) -> Atom:
    return Atom(RATE, (float(count), period), "", at, end, every=every)


def _small(digits: str, most: int) -> bool:
    return digits.isdigit() and 1 <= int(digits) <= most


def _no_hour(typed: str) -> bool:
    """The `36 am` of a dose in the morning."""
    hour = re.sub(r"[^\d:]", "", typed)
    return ":" not in hour and (int(hour) > 24 or (int(hour) > 12 and "a" in typed))


def _clock(typed: str) -> tuple[float, ...]:
    """Hour and minute on the face of a clock: 4am, 4 a.m. and 4:00 are one."""
    hour, _, minute = re.sub(r"[^\d:]", "", typed).partition(":")
    return (float(int(hour) % 12 or 12), float(minute or 0))
