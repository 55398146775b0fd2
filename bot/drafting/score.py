"""Scores the sorter and the splitter against labelled summaries, for `afternote evaluate sort`. Prints nothing."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain.statements import Point, Slot
from bot.drafting.points import split_points
from bot.drafting.sorter import slot_of

OTHER = "other"


@dataclass(frozen=True, slots=True)
class SlotScore:
    """One slot: points that have it, points given it, points given it rightly (by the main slot)."""

    points: int
    given: int
    right: int

    @property
    def precision(self) -> float:
        return _ratio(self.right, self.given)

    @property
    def recall(self) -> float:
        return _ratio(self.right, self.points)


@dataclass(frozen=True, slots=True)
class SortReport:
    """What `evaluate sort` found. Ratios run from 0 to 1; `lenient` also accepts what else a point holds (`also`)."""

    summaries: int
    points: int
    shuffled: bool
    strict: float
    lenient: float
    boundary_precision: float
    boundary_recall: float
    slots: Mapping[str, SlotScore]
    predictions: Sequence[dict[str, Any]] = field(repr=False)

    @property
    def boundary_f1(self) -> float:
        both = self.boundary_precision + self.boundary_recall
        return _ratio(2 * self.boundary_precision * self.boundary_recall, both)

    def as_table(self) -> list[tuple[str, ...]]:
        """Rows for people: a header, one row per slot, then the overall figures."""
        rows: list[tuple[str, ...]] = [("slot", "points", "precision", "recall")]
        for name, score in self.slots.items():
            rows.append((name, str(score.points), f"{score.precision:.2f}", f"{score.recall:.2f}"))
        rows.append(("all, strict", str(self.points), f"{self.strict:.3f}", ""))
        rows.append(("all, lenient", str(self.points), f"{self.lenient:.3f}", ""))
        rows.append(("point boundaries", "", f"{self.boundary_precision:.3f}", f"{self.boundary_recall:.3f}"))
        return rows

    def as_json(self) -> dict[str, Any]:
        """The figures for programs, without the predictions."""
        return {
            "summaries": self.summaries,
            "points": self.points,
            "shuffled": self.shuffled,
            "accuracy_strict": round(self.strict, 4),
            "accuracy_lenient": round(self.lenient, 4),
            "boundary_precision": round(self.boundary_precision, 4),
            "boundary_recall": round(self.boundary_recall, 4),
            "boundary_f1": round(self.boundary_f1, 4),
            "slots": {
                name: {"n": score.points, "precision": round(score.precision, 4), "recall": round(score.recall, 4)}
                for name, score in self.slots.items()
            },
        }


def evaluate_sort(rows: Iterable[Mapping[str, Any]], shuffled: bool, seed: int = 0) -> SortReport:
    """Sorts the given points of each row (`id`, `text`, `points` of `text`, `slot`, `also`) and compares.

    Shuffled, the points of each summary are sorted in random order; the predictions keep the order of the file.
    """
    rows = list(rows)
    order = random.Random(seed)  # noqa: S311 - a reproducible shuffle, no secret
    predictions = [_predicted(row, order if shuffled else None) for row in rows]
    wanted = [point for row in rows for point in row["points"]]
    found = [point["slot"] for prediction in predictions for point in prediction["points"]]
    pairs = list(zip(wanted, found, strict=True))
    scored = [(point, slot) for point, slot in pairs if point.get("slot")]
    precision, recall = _boundaries(rows)
    return SortReport(
        summaries=len(rows),
        points=len(wanted),
        shuffled=shuffled,
        strict=_ratio(sum(point["slot"] == slot for point, slot in scored), len(scored)),
        lenient=_ratio(sum(_right(point, slot) for point, slot in scored), len(scored)),
        boundary_precision=precision,
        boundary_recall=recall,
        slots=_per_slot([(point["slot"], slot) for point, slot in scored]),
        predictions=predictions,
    )


def _right(point: Mapping[str, Any], slot: str) -> bool:
    return slot == point["slot"] or slot in point.get("also", ())


def _predicted(row: Mapping[str, Any], order: random.Random | None) -> dict[str, Any]:
    texts: list[str] = [point["text"] for point in row["points"]]
    places = list(range(len(texts)))
    if order:
        order.shuffle(places)
    slots = slot_of([Point(number, texts[place]) for number, place in enumerate(places, start=1)])
    slot_at = dict(zip(places, slots, strict=True))
    points = [{"text": text, "slot": (slot_at[place] or OTHER)} for place, text in enumerate(texts)]
    return {"id": row.get("id"), "points": [{**point, "slot": str(point["slot"])} for point in points]}


def _boundaries(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Precision and recall of whole points: a split point is right when it is worded exactly as a given one."""
    same = split = given = 0
    for row in rows:
        ours = Counter(point.text for point in split_points(row.get("text") or ""))
        theirs = Counter(point["text"] for point in row["points"])
        same += (ours & theirs).total()
        split, given = split + ours.total(), given + theirs.total()
    return _ratio(same, split), _ratio(same, given)


def _per_slot(pairs: Sequence[tuple[str, str]]) -> dict[str, SlotScore]:
    points, given = Counter(want for want, _ in pairs), Counter(got for _, got in pairs)
    right = Counter(want for want, got in pairs if want == got)
    names = [*(slot.value for slot in Slot), OTHER]
    return {name: SlotScore(points[name], given[name], right[name]) for name in names if points[name] or given[name]}


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
