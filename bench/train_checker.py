"""Fits the checker's weights on labelled statements and writes `prompts/words/checker_weights.json`.

    python -m bench.train_checker --pair summaries.jsonl support.jsonl [--pair …] --prose FILE … --write

Two things are learned: how rare a word is in clinical prose (from `--prose`, files of points or of reference
sentences), and how much each finding of the rules counts (logistic regression, no weight below zero). The figures
printed come from weights that never saw the summary they judge.
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from bot.domain.statements import Point
from bot.drafting.checker import scoring
from bot.drafting.checker.scoring import Weights
from bot.drafting.checker.words import WORD, words_of
from bot.drafting.support import Checker

FOLDS = 12
ROUNDS = 1200
RATE = 14.0
SHRINK = 0.0005
FEW = 5
MOST = 6.0
RAREST = 3
FALSE_ALARMS = 0.05


@dataclass(frozen=True)
class Example:
    group: str
    features: dict[str, float]
    certain: bool
    wrong: bool


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def sentences(paths: Iterable[Path]) -> Iterable[str]:
    for path in paths:
        for row in rows_of(path):
            if "sentences" in row:
                yield from (said["text"] for said in row["sentences"] if said["supported"])
            else:
                yield from (point["text"] for point in row.get("points", [row]))


def rarity(paths: Sequence[Path]) -> dict[str, float]:
    """The weight of each word that is not rare: from 0.1 for the commonest to 1."""
    counts: Counter[str] = Counter()
    total = 0
    for text in sentences(paths):
        total += 1
        counts.update({word.stem for word in words_of(text) if word.kind == WORD})
    top = math.log(total / RAREST) if total else 1.0
    found = {
        stem: max(0.1, min(1.0, math.log(total / count) / top)) for stem, count in counts.items() if count > RAREST
    }
    return {stem: round(weight, 2) for stem, weight in sorted(found.items())}


def examples(summaries: Path, statements: Path) -> list[Example]:
    points = {
        row["id"]: [Point(at, point["text"]) for at, point in enumerate(row["points"], 1)] for row in rows_of(summaries)
    }
    checkers = {name: Checker(own) for name, own in points.items()}
    found: list[Example] = []
    for row in rows_of(statements):
        flaws = checkers[row["summary_id"]].flaws(row["statement"], [at + 1 for at in row["sources"]])
        group = f"{summaries.name}:{row['summary_id']}"
        found.append(Example(group, scoring.features_of(flaws), any(f.certain for f in flaws), not row["supported"]))
    return found


def doubtful_in(train: Sequence[Example]) -> frozenset[str]:
    """The rules that more than a few supported statements break."""
    counts = Counter(name for example in train if not example.wrong for name in example.features)
    return frozenset(name for name, count in counts.items() if count > FEW)


def fit(train: Sequence[Example]) -> Weights:
    """Logistic regression by gradient descent; both classes count alike; a finding never speaks for a statement."""
    names = sorted({name for example in train for name in example.features})
    priors = {name: scoring.priors().get(name, scoring.OTHERWISE) for name in names}
    model = Weights(-2.0, dict(priors), doubtful_in(train))
    share = {True: 0.5 / max(1, sum(e.wrong for e in train)), False: 0.5 / max(1, sum(not e.wrong for e in train))}
    for turn in range(ROUNDS):
        rate = RATE / (1 + turn / 400)
        slope, slopes = slopes_of(model, train, share)
        weights = {
            name: min(MOST, max(0.0, weight - rate * (slopes.get(name, 0.0) + SHRINK * (weight - priors[name]))))
            for name, weight in model.weights.items()
        }
        model = Weights(model.bias - rate * slope, weights, model.doubtful)
    return model


def slopes_of(model: Weights, train: Sequence[Example], share: dict[bool, float]) -> tuple[float, dict[str, float]]:
    """Which way the bias and the weights have to go, and how steeply."""
    slope, slopes = 0.0, dict.fromkeys(model.weights, 0.0)
    weights, doubtful = model.weights, model.doubtful
    for example in train:
        sure = doubts = 0.0
        for name, value in example.features.items():
            if name in doubtful:
                doubts += weights[name] * value
            else:
                sure += weights[name] * value
        total = model.bias + sure + scoring.saturated(doubts)
        error = (1 / (1 + math.exp(-max(-30.0, min(30.0, total)))) - example.wrong) * share[example.wrong]
        slope += error
        flattened = error * math.exp(-doubts / scoring.MOST_DOUBT)
        for name, value in example.features.items():
            slopes[name] += (flattened if name in doubtful else error) * value
    return slope, slopes


def scored(model: Weights, example: Example) -> float:
    return model.total(example.features) + scoring.CERTAIN * example.certain


def left_out(all_examples: Sequence[Example]) -> list[float]:
    """Each example's score from weights fitted without its summary (in folds of summaries)."""
    groups = sorted({example.group for example in all_examples})
    fold_of = {group: at % FOLDS for at, group in enumerate(groups)}
    models = {
        fold: fit([example for example in all_examples if fold_of[example.group] != fold])
        for fold in range(min(FOLDS, len(groups)))
    }
    return [scored(models[fold_of[example.group]], example) for example in all_examples]


def figures(all_examples: Sequence[Example], scores: Sequence[float]) -> tuple[float, float, float]:
    """Recall at 5 % false alarms, the threshold for it, the area under the curve."""
    good = sorted((s for s, e in zip(scores, all_examples, strict=True) if not e.wrong), reverse=True)
    bad = [s for s, e in zip(scores, all_examples, strict=True) if e.wrong]
    threshold = good[int(FALSE_ALARMS * len(good))]
    area = sum((b > g) + 0.5 * (b == g) for b in bad for g in good) / (len(good) * len(bad))
    return sum(s > threshold for s in bad) / len(bad), threshold, area


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pair", nargs=2, action="append", type=Path, required=True, metavar=("SUMMARIES", "SUPPORT"))
    parser.add_argument("--prose", nargs="*", type=Path, default=[])
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    target = Path(str(files("prompts").joinpath("words", "checker_weights.json")))
    stored = json.loads(target.read_text("utf-8"))
    if args.prose:
        stored["rarity"] = rarity(args.prose)
        target.write_text(json.dumps(stored, ensure_ascii=False, sort_keys=True, indent=0), "utf-8")
    sets = {support.name: examples(summaries, support) for summaries, support in args.pair}
    together = [example for one in sets.values() for example in one]
    scores = left_out(together)
    recall, threshold, area = figures(together, scores)
    print(f"{'left out, all':<34}{len(together):>6} recall {recall:.3f} area {area:.3f}")
    start = 0
    for name, one in sets.items():
        part, _, area = figures(one, scores[start : start + len(one)])
        print(f"{'left out, ' + name:<34}{len(one):>6} recall {part:.3f} area {area:.3f}")
        start += len(one)
    model = fit(together)
    for name, weight in sorted(model.weights.items(), key=lambda item: -item[1]):
        good = sum(name in e.features for e in together if not e.wrong)
        bad = sum(name in e.features for e in together if e.wrong)
        print(f"  {name:<22}{weight:>7.2f}  supported {good:>4}  not {bad:>4}")
    if args.write:
        shift = math.log(scoring.UNSUPPORTED_FROM / (1 - scoring.UNSUPPORTED_FROM)) - threshold
        stored["bias"] = round(model.bias + shift, 3)
        stored["weights"] = {name: round(weight, 2) for name, weight in sorted(model.weights.items())}
        stored["doubtful"] = sorted(model.doubtful)
        target.write_text(json.dumps(stored, ensure_ascii=False, sort_keys=True, indent=0), "utf-8")


if __name__ == "__main__":
    main()
