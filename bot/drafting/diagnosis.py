"""The diagnosis guard: a diagnosis stands in a note only where the clinician charted it, and nothing is proposed.

A guess ("r/o", "?", "seems like bipolar") stays the clinician's wording, as assessment. It never becomes a diagnosis.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import cache, lru_cache

from bot.domain.statements import Draft, Origin, Point, Slot, Statement
from bot.domain.support import Doubt, Kind
from bot.drafting.lexicon import table
from bot.drafting.shorthand import as_prose
from bot.drafting.sorter import slot_of

_QUOTED = re.compile(r"(?<![\w\"])\"[^\"]*\"|\u201c[^\u201d]*\u201d|\u00ab[^\u00bb]*\u00bb")
_CLAUSE = re.compile(r"[,;]\s|\s(?:and|\+|&)\s|\.\s|\s[-\u2013\u2014]+\s|\n")

_REMEMBERED = 512  # points: a card is shown again at each click

_DIAGNOSIS = re.compile(r"\b(?:dx|diagnos|icd)|\bF\d{2}", re.IGNORECASE)


class Naming(StrEnum):
    """How a point names a diagnosis."""

    CHARTED = "charted"
    GUESS = "guess"


def diagnosis_points(points: Sequence[Point]) -> Mapping[int, Naming]:
    """The points that name a diagnosis, by number: charted as the clinician's, or only guessed at."""
    named = {point.number: _naming(point.text) for point in points}
    return {number: naming for number, naming in named.items() if naming}


def settle_diagnoses(draft: Draft) -> Draft:
    """The draft with no diagnosis but the clinician's.

    A diagnosis drawn from a guess becomes an assessment in the clinician's own wording; one that no cited point names
    is held out.
    """
    if Slot.DIAGNOSIS not in {statement.slot for statement in draft.statements}:
        return draft
    namings, points = diagnosis_points(draft.points), {point.number: point for point in draft.points}
    kept: list[Statement] = []
    held: list[Statement] = []
    for statement in draft.statements:
        found = {namings.get(number) for number in statement.sources}
        if statement.slot is not Slot.DIAGNOSIS or statement.origin is Origin.CLINICIAN or Naming.CHARTED in found:
            kept.append(statement)
        elif Naming.GUESS in found:
            kept.append(_as_guessed(statement, [points[n] for n in statement.sources if n in points]))
        else:
            held.append(replace(statement, doubt=Doubt(Kind.DIAGNOSIS, statement.text)))
    return replace(draft, statements=tuple(kept), held=(*draft.held, *held))


def _as_guessed(statement: Statement, points: Sequence[Point]) -> Statement:
    wording = " ".join(as_prose(point.text, Slot.ASSESSMENT) for point in points)
    return replace(statement, slot=Slot.ASSESSMENT, text=wording)


@lru_cache(maxsize=_REMEMBERED)
def _naming(text: str) -> Naming | None:
    """A point that the sorter reads as a diagnosis is the clinician's charting, unless all it names is guessed at."""
    outside = _QUOTED.sub(' "" ', text.replace("\u2019", "'"))
    clauses = [clause for clause in _CLAUSE.split(outside) if _any("names").search(clause)]
    guessed = [bool(_any("guess").search(clause)) for clause in clauses]
    as_diagnosis = slot_of([Point(1, text)])[0] is Slot.DIAGNOSIS
    if not clauses:
        about = as_diagnosis or _any("charted").search(outside)
        return Naming.CHARTED if about and (as_diagnosis or _DIAGNOSIS.search(outside)) else None
    if not all(guessed):
        return Naming.CHARTED if as_diagnosis or _any("charted").search(outside) else _guess(guessed, outside)
    return _guess(guessed, outside)


def _guess(guessed: Sequence[bool], outside: str) -> Naming | None:
    by_others = re.search(table("diagnosis_guard")["others"], outside, re.IGNORECASE)
    return Naming.GUESS if any(guessed) and not by_others else None


@cache
def _any(name: str) -> re.Pattern[str]:
    patterns: list[str] = table("diagnosis_guard")[name]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
