"""Scores what is found of the identifiers in labelled texts, for `afternote evaluate identifiers`. Prints nothing."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.drafting.deidentify import find_identifiers
from bot.drafting.identifiers.presidio import HOW_TO_INSTALL, is_installed, presidio
from bot.drafting.identifiers.spans import Span

Finder = Callable[[str], Sequence[Span]]
# Labels of other people's files for what a note needs and nobody is recognised by: titles, peoples, ages under 90.
LEFT_IN_NOTES = frozenset({"title", "nrp", "age"})
_WARM_UP = "Hoy maria called Dr. Grace Nguyen at 12 Oak St from 555-0100 on 11/3. Lexapro, MRN 123456. Verbena said so."


@dataclass(frozen=True, slots=True)
class FinderScore:
    """How one finder did: shares from 0 to 1. `masked` counts by kind what is covered in every character."""

    seconds: float
    characters: int
    marks: Mapping[str, int]
    masked: Mapping[str, int]
    texts_with_marks: int
    texts_with_a_leak: int
    clean_texts: int
    clean_untouched: int
    found_characters: int
    characters_too_many: int

    @property
    def masked_share(self) -> float:
        return _ratio(sum(self.masked.values()), sum(self.marks.values()))

    @property
    def masked_share_of_ours(self) -> float:
        """The share without the kinds that stay in notes on purpose."""
        kinds = [kind for kind in self.marks if kind.lower() not in LEFT_IN_NOTES]
        return _ratio(sum(self.masked.get(kind, 0) for kind in kinds), sum(self.marks[kind] for kind in kinds))

    @property
    def clean_share(self) -> float:
        return _ratio(self.clean_untouched, self.clean_texts)

    @property
    def too_much(self) -> float:
        return _ratio(self.characters_too_many, self.found_characters)

    @property
    def speed(self) -> float:
        """Characters per second, on one processor."""
        return _ratio(self.characters, self.seconds)

    def as_json(self) -> dict[str, Any]:
        return {
            "masked": round(self.masked_share, 4),
            "masked_of_ours": round(self.masked_share_of_ours, 4),
            "marks": sum(self.marks.values()),
            "texts_with_marks": self.texts_with_marks,
            "texts_with_a_leak": self.texts_with_a_leak,
            "clean_texts": self.clean_texts,
            "clean_untouched": round(self.clean_share, 4),
            "too_much": round(self.too_much, 4),
            "characters_per_second": round(self.speed),
            "kinds": {
                kind: {"marks": count, "masked": round(_ratio(self.masked.get(kind, 0), count), 4)}
                for kind, count in sorted(self.marks.items())
            },
        }


@dataclass(frozen=True, slots=True)
class IdentifierReport:
    """What `evaluate identifiers` found; `presidio` is None where it is not installed."""

    texts: int
    ours: FinderScore
    presidio: FinderScore | None
    predictions: Sequence[dict[str, Any]] = field(repr=False)

    def as_table(self) -> list[tuple[str, ...]]:
        """Rows for people: a header, a row per kind, then the figures of the whole file, ours beside Presidio's."""
        rows: list[tuple[str, ...]] = [("", "marks", "Afternote", "Presidio")]
        rows += [
            self._row(f"masked: {kind}", str(count), _masked(kind)) for kind, count in sorted(self.ours.marks.items())
        ]
        marks = str(sum(self.ours.marks.values()))
        rows.append(self._row("masked completely", marks, lambda score: f"{score.masked_share:.3f}"))
        if LEFT_IN_NOTES.intersection(kind.lower() for kind in self.ours.marks):
            rows.append(
                self._row("… without titles, peoples, ages", "", lambda score: f"{score.masked_share_of_ours:.3f}")
            )
        rows.append(
            self._row("texts with a leak", str(self.ours.texts_with_marks), lambda score: str(score.texts_with_a_leak))
        )
        rows.append(
            self._row(
                "texts without any, untouched", str(self.ours.clean_texts), lambda score: f"{score.clean_share:.3f}"
            )
        )
        rows.append(self._row("masked beyond the marks", "", lambda score: f"{score.too_much:.3f}"))
        rows.append(self._row("characters per second", str(self.ours.characters), lambda score: f"{score.speed:,.0f}"))
        if self.presidio is None:
            rows.append(("Presidio", "", "", HOW_TO_INSTALL))
        return rows

    def as_json(self) -> dict[str, Any]:
        """The figures for programs, without the predictions."""
        beside = self.presidio.as_json() if self.presidio else None
        return {"texts": self.texts, **self.ours.as_json(), "presidio": beside}

    def _row(self, name: str, count: str, figure: Callable[[FinderScore], str]) -> tuple[str, ...]:
        return (name, count, figure(self.ours), figure(self.presidio) if self.presidio else "–")


def evaluate_identifiers(rows: Iterable[Mapping[str, Any]], beside: Finder | None = None) -> IdentifierReport:
    """Compares what is found in each row's `text` with its `spans` (`start`, `end`, `type`).

    `beside` is the finder to compare with; by default Presidio, where it is installed.
    """
    rows = list(rows)
    if beside is None and is_installed():
        beside = presidio()
    ours, found = _scored(rows, find_identifiers)
    predictions = [
        {"spans": [{"start": span.start, "end": span.end, "type": span.type} for span in spans]} for spans in found
    ]
    return IdentifierReport(len(rows), ours, _scored(rows, beside)[0] if beside else None, predictions)


def _scored(rows: Sequence[Mapping[str, Any]], find: Finder) -> tuple[FinderScore, list[Sequence[Span]]]:
    find(_WARM_UP)
    started = time.perf_counter()
    found = [find(row["text"]) for row in rows]
    seconds = time.perf_counter() - started
    marks, masked = Counter[str](), Counter[str]()
    leaks = beyond = all_found = 0
    for row, spans in zip(rows, found, strict=True):
        hidden = _characters(spans, row["text"])
        wanted = _characters([Span(mark["start"], mark["end"], mark["type"]) for mark in row["spans"]], row["text"])
        whole = [mark["type"] for mark in row["spans"] if _covered(mark, row["text"], hidden)]
        marks.update(mark["type"] for mark in row["spans"])
        masked.update(whole)
        leaks += len(whole) < len(row["spans"])
        all_found, beyond = all_found + len(hidden), beyond + len(hidden - wanted)
    clean = [not spans for row, spans in zip(rows, found, strict=True) if not row["spans"]]
    score = FinderScore(
        seconds=seconds,
        characters=sum(len(row["text"]) for row in rows),
        marks=marks,
        masked=masked,
        texts_with_marks=sum(bool(row["spans"]) for row in rows),
        texts_with_a_leak=leaks,
        clean_texts=len(clean),
        clean_untouched=sum(clean),
        found_characters=all_found,
        characters_too_many=beyond,
    )
    return score, found


def _characters(spans: Iterable[Span], text: str) -> set[int]:
    """The places of the spans' characters, spaces aside."""
    return {place for span in spans for place in range(span.start, span.end) if not text[place].isspace()}


def _covered(mark: Mapping[str, Any], text: str, hidden: set[int]) -> bool:
    return all(place in hidden for place in range(mark["start"], mark["end"]) if not text[place].isspace())


def _masked(kind: str) -> Callable[[FinderScore], str]:
    return lambda score: f"{_ratio(score.masked.get(kind, 0), score.marks[kind]):.2f}"


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
