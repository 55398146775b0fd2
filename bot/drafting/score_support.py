"""Scores the checker against labelled statements, for `afternote evaluate support`. Prints nothing."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain.statements import Point
from bot.domain.support import Support, Verdict
from bot.drafting.points import split_points
from bot.drafting.support import Checker

FALSE_ALARMS = 0.05
_PAIR_OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled statement and what the checker says of it. `group` and `sources` tell which statements are a pair."""

    statement: str
    supported: bool
    kind: str | None
    group: str
    sources: tuple[int, ...]
    answer: Support
    milliseconds: float


@dataclass(frozen=True, slots=True)
class KindScore:
    """One kind: statements that have it; the share scored at or above the threshold; the share held out as it stands.

    `precision`: of the statements given this kind, how many have it.
    """

    count: int
    caught: float
    held_out: float
    precision: float


@dataclass(frozen=True, slots=True)
class SupportReport:
    """What `evaluate support` found. Ratios run from 0 to 1; `threshold` is chosen on these very statements."""

    supported: int
    unsupported: int
    threshold: float
    recall: float
    false_alarms: float
    held_out: float
    held_out_wrongly: float
    marked: float
    marked_wrongly: float
    area: float
    kind_precision: float
    pairs: int
    pairs_separated: float
    milliseconds: float
    kinds: Mapping[str, KindScore]
    judged: Sequence[Judged] = field(repr=False)

    @property
    def predictions(self) -> list[dict[str, Any]]:
        """A line per statement, in the order of the file."""
        return [
            {
                "verdict": str(row.answer.verdict),
                "kind": str(row.answer.kind) if row.answer.kind else None,
                "score": row.answer.score,
            }
            for row in self.judged
        ]

    def as_table(self) -> list[tuple[str, ...]]:
        """Rows for people: a header, one row per kind, then the overall figures."""
        rows: list[tuple[str, ...]] = [("kind", "statements", "caught", "held out", "kind right")]
        for name, score in self.kinds.items():
            cells = (f"{value:.2f}" for value in (score.caught, score.held_out, score.precision))
            rows.append((name, str(score.count), *cells))
        rows.append(
            (
                "all unsupported",
                str(self.unsupported),
                f"{self.recall:.3f}",
                f"{self.held_out:.3f}",
                f"{self.kind_precision:.3f}",
            )
        )
        rows.append(
            ("all supported", str(self.supported), f"{self.false_alarms:.3f}", f"{self.held_out_wrongly:.3f}", "")
        )
        rows.append(("marked or held out", "", f"{self.marked:.3f}", f"{self.marked_wrongly:.3f}", ""))
        rows.append(("area under the curve", "", f"{self.area:.3f}", "", ""))
        rows.append(("minimal pairs separated", str(self.pairs), f"{self.pairs_separated:.3f}", "", ""))
        rows.append(("milliseconds a statement", "", f"{self.milliseconds:.2f}", "", ""))
        return rows

    def as_json(self) -> dict[str, Any]:
        """The figures for programs, without the statements."""
        names = (
            "supported", "unsupported", "threshold", "recall", "false_alarms", "held_out", "held_out_wrongly", "marked",
            "marked_wrongly", "area", "kind_precision", "pairs", "pairs_separated", "milliseconds",
        )  # fmt: skip
        figures: dict[str, Any] = {name: round(getattr(self, name), 4) for name in names}
        kinds = {
            name: {
                "n": s.count,
                "recall": round(s.caught, 4),
                "held_out": round(s.held_out, 4),
                "precision": round(s.precision, 4),
            }
            for name, s in self.kinds.items()
        }
        return {**figures, "kinds": kinds}


def evaluate_support(rows: Sequence[Mapping[str, Any]], summaries: Iterable[Mapping[str, Any]] = ()) -> SupportReport:
    """Judges each statement of the rows against its summary's given points, numbered from 1.

    A row is `{summary_id, statement, supported, kind, sources}` with `summaries` of `{id, points: [{text}]}`, or stands
    for itself: `{source, sentences: [{text, supported, kind}]}`. Raises KeyError where a row names no known summary.
    """
    judged = list(_judged(rows, {row["id"]: row for row in summaries}))
    milliseconds = _ratio(sum(row.milliseconds for row in judged), len(judged))
    return _report(judged, milliseconds)


def _judged(rows: Iterable[Mapping[str, Any]], summaries: Mapping[str, Mapping[str, Any]]) -> Iterator[Judged]:
    checkers: dict[str, Checker] = {}
    for number, row in enumerate(rows):
        if "sentences" in row:
            checker = Checker(split_points(row["source"]))
            for said in row["sentences"]:
                answer, spent = _timed(checker, said["text"], ())
                yield Judged(said["text"], said["supported"], said["kind"], str(number), (), answer, spent)
            continue
        name = row["summary_id"]
        if name not in checkers:
            points = summaries[name]["points"]
            checkers[name] = Checker([Point(at, point["text"]) for at, point in enumerate(points, start=1)])
        sources = tuple(at + 1 for at in row["sources"])
        answer, spent = _timed(checkers[name], row["statement"], sources)
        yield Judged(row["statement"], row["supported"], row["kind"], name, sources, answer, spent)


def _timed(checker: Checker, statement: str, sources: tuple[int, ...]) -> tuple[Support, float]:
    """The answer and the milliseconds it took; reading the summary is not counted."""
    before = time.perf_counter()
    answer = checker.check(statement, sources)
    return answer, (time.perf_counter() - before) * 1000


def _report(judged: Sequence[Judged], milliseconds: float) -> SupportReport:
    good = [row for row in judged if row.supported]
    bad = [row for row in judged if not row.supported]
    threshold = _threshold([row.answer.score for row in good])
    caught = [row for row in bad if row.answer.score >= threshold]
    pairs = list(_pairs(good, bad))
    named = [row for row in bad if row.answer.kind is not None]
    return SupportReport(
        supported=len(good),
        unsupported=len(bad),
        threshold=threshold,
        recall=_ratio(len(caught), len(bad)),
        false_alarms=_share(good, lambda row: row.answer.score >= threshold),
        held_out=_share(bad, _held_out),
        held_out_wrongly=_share(good, _held_out),
        marked=_share(bad, _marked),
        marked_wrongly=_share(good, _marked),
        area=_area([row.answer.score for row in good], [row.answer.score for row in bad]),
        kind_precision=_share(named, lambda row: row.answer.kind == row.kind),
        pairs=len(pairs),
        pairs_separated=_ratio(sum(one.answer.score < other.answer.score for one, other in pairs), len(pairs)),
        milliseconds=milliseconds,
        kinds=_kinds(bad, threshold),
        judged=judged,
    )


def _kinds(bad: Sequence[Judged], threshold: float) -> dict[str, KindScore]:
    by_kind: dict[str, list[Judged]] = defaultdict(list)
    for row in bad:
        by_kind[str(row.kind)].append(row)
    scores: dict[str, KindScore] = {}
    for name, rows in sorted(by_kind.items()):
        given = [row for row in bad if row.answer.kind == name]
        caught = _share(rows, lambda row: row.answer.score >= threshold)
        scores[name] = KindScore(
            len(rows), caught, _share(rows, _held_out), _ratio(sum(row.kind == name for row in given), len(given))
        )
    return scores


def _threshold(supported: Sequence[float]) -> float:
    """The lowest score at which no more than one supported statement in twenty stands at or above it."""
    allowed = int(FALSE_ALARMS * len(supported))
    ranked = sorted(supported, reverse=True)
    if len(ranked) <= allowed:
        return 0.0
    return ranked[allowed] + 1e-9


def _pairs(good: Sequence[Judged], bad: Sequence[Judged]) -> Iterator[tuple[Judged, Judged]]:
    """A supported and an unsupported statement on the same points that share most of their words."""
    by_place: dict[tuple[str, tuple[int, ...]], list[Judged]] = defaultdict(list)
    for row in good:
        by_place[row.group, row.sources].append(row)
    for row in bad:
        for other in by_place.get((row.group, row.sources), ()) if row.sources else ():
            one, two = set(row.statement.lower().split()), set(other.statement.lower().split())
            if len(one & two) >= _PAIR_OVERLAP * len(one | two):
                yield other, row


def _area(good: Sequence[float], bad: Sequence[float]) -> float:
    """The chance that an unsupported statement scores above a supported one (ties count half)."""
    wins = sum((b > g) + 0.5 * (b == g) for b in bad for g in good)
    return _ratio(wins, len(good) * len(bad))


def _held_out(row: Judged) -> bool:
    return row.answer.verdict is Verdict.UNSUPPORTED


def _marked(row: Judged) -> bool:
    return row.answer.verdict is not Verdict.SUPPORTED


def _share(rows: Sequence[Judged], holds: Callable[[Judged], bool]) -> float:
    return _ratio(sum(holds(row) for row in rows), len(rows))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
