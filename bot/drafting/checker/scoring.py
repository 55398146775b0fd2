"""From what the rules found to one score and a verdict. The weights are data, fitted by `bench.train_checker`."""

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

from bot.domain.support import Support, Verdict
from bot.drafting.checker.flaws import Flaw
from bot.drafting.lexicon import figures, table

UNCERTAIN_FROM = 0.38
UNSUPPORTED_FROM = 0.6
_CERTAIN = 0.97

OTHERWISE = 0.7
# That words do not hold together says least about what is wrong: any other finding names it first.
_UNNAMED = frozenset({"thin", "scattered", "loose"})
_UNNAMED_SHARE = 0.3


@cache
def _weights() -> tuple[float, dict[str, float]]:
    data: dict[str, Any] = figures("checker_weights")
    return data["bias"], data["weights"]


@cache
def priors() -> dict[str, float]:
    """What each finding counts before any statement was labelled; where two lists name one, the higher figure."""
    found: dict[str, float] = {}
    for figure, names in sorted(table("checker")["priors"].items(), key=lambda row: float(row[0])):
        found.update(dict.fromkeys(names, float(figure)))
    return found


def features_of(flaws: Sequence[Flaw]) -> dict[str, float]:
    """The strongest finding of each rule."""
    found: dict[str, float] = {}
    for flaw in flaws:
        found[flaw.rule] = max(found.get(flaw.rule, 0.0), flaw.strength)
    return found


def judge(flaws: Sequence[Flaw], sources: tuple[int, ...]) -> Support:
    """The verdict on what was found against these points."""
    bias, weights = _weights()
    total = bias + sum(
        weights.get(rule, priors().get(rule, OTHERWISE)) * strength for rule, strength in features_of(flaws).items()
    )
    score = 1 / (1 + math.exp(-total))
    if not sources:
        score = max(score, _CERTAIN)
    if any(flaw.certain for flaw in flaws):
        score = max(score, _CERTAIN + (1 - _CERTAIN) * score)
    score = round(score, 4)
    if score < UNCERTAIN_FROM:
        return Support(Verdict.SUPPORTED, sources, score=score)
    worst = max(flaws, key=lambda flaw: (flaw.certain, _naming(flaw)), default=None)
    verdict = Verdict.UNSUPPORTED if score >= UNSUPPORTED_FROM else Verdict.UNCERTAIN
    return Support(verdict, sources, worst.kind if worst else None, worst.words if worst else "", score)


def _naming(flaw: Flaw) -> float:
    """How much a finding has to say about what is wrong."""
    weight = _weights()[1].get(flaw.rule, priors().get(flaw.rule, OTHERWISE)) * flaw.strength
    return weight * _UNNAMED_SHARE if flaw.rule in _UNNAMED else weight
