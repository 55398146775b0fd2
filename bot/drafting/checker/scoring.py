"""From what the rules found to one score and a verdict. The weights are data, fitted by `bench.train_checker`."""

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

from bot.domain.support import Support, Verdict
from bot.drafting.checker.flaws import Flaw
from bot.drafting.lexicon import figures

UNCERTAIN_FROM = 0.45
UNSUPPORTED_FROM = 0.6
_CERTAIN = 0.97

# What a finding counts before any statement was labelled: a wrong figure is wrong, a wider word may be a matter of style.
PRIORS = {
    **dict.fromkeys(("count", "dose", "weekday", "clock", "month", "date", "pair", "rate", "quote", "drug", "risk_denial",
                     "diagnosis", "score", "occasion", "relation", "speaker", "ordinal", "swapped", "possessor", "who", "who_flip", "who_bound"), 4.5),
    **dict.fromkeys(("who_loose", "who_implied", "who_owner", "who_swapped", "who_subject", "who_prescriber", "who_has", "who_part", "who_stranger"), 4.0),
    **dict.fromkeys(("ordinal", "share", "former_score", "relation_elsewhere", "risk_added", "drug_class", "dosing", "gone",
                     "claimed", "opposite", "negation", "often", "named", "instrument", "intervention", "affect", "agent",
                     "novel_share", "direction", "contradiction", "all_of", "several", "negation_light", "misplaced_number", "misplaced_date", "misplaced_rate", "schedule", "risk_mixed", "rule_out", "qualifier", "all_of"), 2.5),
    **dict.fromkeys(("name", "modality", "mental", "goal_status", "prognosis", "relative", "medication", "planned"), 1.5),
}  # fmt: skip
OTHERWISE = 0.7


@cache
def _weights() -> tuple[float, dict[str, float]]:
    data: dict[str, Any] = figures("checker_weights")
    return data["bias"], data["weights"]


def features_of(flaws: Sequence[Flaw]) -> dict[str, float]:
    """The strongest finding of each rule."""
    found: dict[str, float] = {}
    for flaw in flaws:
        found[flaw.rule] = max(found.get(flaw.rule, 0.0), flaw.strength)
    return found


def judge(flaws: Sequence[Flaw], sources: tuple[int, ...]) -> Support:
    """The verdict on what was found against these points."""
    bias, weights = _weights()
    total = bias + sum(weights.get(rule, PRIORS.get(rule, OTHERWISE)) * strength for rule, strength in features_of(flaws).items())
    score = 1 / (1 + math.exp(-total))
    if any(flaw.certain for flaw in flaws):
        score = max(score, _CERTAIN + (1 - _CERTAIN) * score)
    score = round(score, 4)
    if score < UNCERTAIN_FROM:
        return Support(Verdict.SUPPORTED, sources, score=score)
    worst = max(flaws, key=lambda flaw: (flaw.certain, weights.get(flaw.rule, PRIORS.get(flaw.rule, OTHERWISE)) * flaw.strength), default=None)
    verdict = Verdict.UNSUPPORTED if score >= UNSUPPORTED_FROM else Verdict.UNCERTAIN
    return Support(verdict, sources, worst.kind if worst else None, worst.words if worst else "", score)
