"""From what the rules found to one score and a verdict. The weights are data, fitted by `bench.train_checker`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.domain.support import Kind, Support, Verdict
from bot.drafting.checker.flaws import Flaw
from bot.drafting.lexicon import figures, table

UNCERTAIN_FROM = 0.38
UNSUPPORTED_FROM = 0.6
OTHERWISE = 0.7
# Findings that faithful statements have too add up to this at most, so that any number of them stays below sure ones.
MOST_DOUBT = 5.0
CERTAIN = 4.0
_UNSOURCED = 3.5
# What no note may hold by mistake: with any finding of weight, such a statement is held out rather than marked.
_GRAVE = frozenset({Kind.RISK_DENIAL, Kind.DIAGNOSIS, Kind.MEDICATION})
# That words do not hold together says least about what is wrong: any other finding names it first.
_UNNAMED = frozenset({"thin", "scattered", "loose"})
_UNNAMED_SHARE = 0.3
_DECIMALS = 12


@dataclass(frozen=True, slots=True)
class Weights:
    """What each rule's finding counts. `doubtful`: the rules that faithful statements break now and then."""

    bias: float
    weights: Mapping[str, float]
    doubtful: frozenset[str]

    def of(self, rule: str) -> float:
        return self.weights[rule] if rule in self.weights else priors().get(rule, OTHERWISE)

    def total(self, features: Mapping[str, float]) -> float:
        """How far these findings speak against a statement: log-odds, higher with each that is independent."""
        sure = sum(self.of(rule) * strength for rule, strength in features.items() if rule not in self.doubtful)
        doubts = sum(self.of(rule) * strength for rule, strength in features.items() if rule in self.doubtful)
        return self.bias + sure + saturated(doubts)


def saturated(doubts: float) -> float:
    return MOST_DOUBT * (1 - math.exp(-doubts / MOST_DOUBT))


@cache
def _stored() -> Weights:
    data: dict[str, Any] = figures("checker_weights")
    return Weights(data["bias"], data["weights"], frozenset(data["doubtful"]))


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
    certain = any(flaw.certain for flaw in flaws)
    total = _stored().total(features_of(flaws)) + CERTAIN * certain
    score = round(1 / (1 + math.exp(-(total if sources else max(total, _UNSOURCED)))), _DECIMALS)
    if score < UNCERTAIN_FROM and not certain:
        return Support(Verdict.SUPPORTED, sources, score=score)
    worst = max(flaws, key=lambda flaw: (flaw.certain, _naming(flaw)), default=None)
    held_out = score >= UNSUPPORTED_FROM or certain or (worst is not None and worst.kind in _GRAVE)
    verdict = Verdict.UNSUPPORTED if held_out else Verdict.UNCERTAIN
    return Support(verdict, sources, worst.kind if worst else None, worst.words if worst else "", score)


def _naming(flaw: Flaw) -> float:
    """How much a finding has to say about what is wrong."""
    weight = _stored().of(flaw.rule) * flaw.strength
    return weight * _UNNAMED_SHARE if flaw.rule in _UNNAMED else weight
