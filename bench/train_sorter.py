"""Learns the sorter's weights from labelled points and writes `prompts/words/sorter_weights.json`.

    python -m bench.train_sorter summaries.jsonl bench/sorter_*.jsonl --folds 0 --held-out own_points.jsonl --write

A file holds summaries (`{"points": [{"text", "slot", "also"}]}`) or single points (`{"text", "slot", "also"}`).
The model is a multinomial logistic regression, trained by AdaGrad with L2 regularisation; folds never cut a summary.
"""

import argparse
import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from bot.domain.statements import Slot
from bot.drafting.features import features_of

CLASSES = [*(slot.value for slot in Slot), "other"]
RARE = 2
ALSO = 0.2
FAMILY_PRIOR = 0.4
LABEL_PRIOR = 3.0
SMALLEST = 0.08


@dataclass(frozen=True)
class Example:
    group: str
    features: list[str]
    slot: str
    also: tuple[str, ...]


def read(path: Path) -> list[Example]:
    examples: list[Example] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines()):
        row = json.loads(line)
        for point in row.get("points", [row]):
            group = f"{path.name}:{row.get('id', number)}"
            examples.append(Example(group, features_of(point["text"]), point["slot"], tuple(point.get("also", []))))
    return examples


def rate_of(feature: str, args: argparse.Namespace) -> float:
    """How strongly a feature is pulled to zero: single words generalise worse than families."""
    kind = feature.partition(":")[0]
    if kind in {"w", "s", "b", "1", "2", "z", "c", "labelword"}:
        return args.l2_words
    return args.l2_cues


def prior_of(feature: str) -> list[float]:
    """What we believe before seeing data: a label means its slot, a family speaks for the slot it is named after."""
    kind, _, name = feature.partition(":")
    slot = next((c for c in sorted(CLASSES, key=len, reverse=True) if name == c or name.startswith(f"{c}_")), None)
    strength = {"label": LABEL_PRIOR, "cue": FAMILY_PRIOR, "head": FAMILY_PRIOR, "first": FAMILY_PRIOR}.get(kind, 0.0)
    return [strength if c == slot else 0.0 for c in CLASSES]


def train(examples: Sequence[Example], args: argparse.Namespace) -> dict[str, list[float]]:
    counts = Counter(feature for example in examples for feature in example.features)
    kept = {feature for feature, count in counts.items() if count >= RARE + feature.startswith("c:")}
    kept |= {f"label:{slot}" for slot in CLASSES}
    priors = {feature: prior_of(feature) for feature in kept}
    weights = {feature: list(prior) for feature, prior in priors.items()}
    squares = {feature: [1e-2] * len(CLASSES) for feature in kept}
    decay = {feature: rate_of(feature, args) / max(1, counts[feature]) for feature in kept}
    rows = [([f for f in e.features if f in kept], target_of(e)) for e in examples]
    order = random.Random(0)
    for _ in range(args.epochs):
        order.shuffle(rows)
        for features, target in rows:
            step(features, target, weights, priors, squares, decay, args.rate)
    return weights


def target_of(example: Example) -> list[float]:
    """Most of the weight on the slot, a little on what else the point holds."""
    also = [slot for slot in example.also if slot in CLASSES]
    target = [0.0] * len(CLASSES)
    target[CLASSES.index(example.slot)] = 1 - ALSO * bool(also)
    for slot in also:
        target[CLASSES.index(slot)] += ALSO / len(also)
    return target


def step(
    features: list[str],
    target: list[float],
    weights: dict[str, list[float]],
    priors: dict[str, list[float]],
    squares: dict[str, list[float]],
    decay: dict[str, float],
    rate: float,
) -> None:
    vectors = [weights[feature] for feature in features]
    scores = [sum(column) for column in zip(*vectors, strict=True)]
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = sum(powers)
    errors = [power / total - want for power, want in zip(powers, target, strict=True)]
    for feature, vector in zip(features, vectors, strict=True):
        square, pull, prior = squares[feature], decay[feature], priors[feature]
        for k, error in enumerate(errors):
            gradient = error + pull * (vector[k] - prior[k])
            square[k] += gradient * gradient
            vector[k] -= rate * gradient / math.sqrt(square[k])


def predict(weights: dict[str, list[float]], features: list[str]) -> str:
    vectors = [weights[feature] for feature in features if feature in weights]
    scores = [sum(column) for column in zip(*vectors, strict=True)]
    return CLASSES[scores.index(max(scores))]


def accuracy(weights: dict[str, list[float]], examples: Sequence[Example]) -> tuple[int, int]:
    """Right strictly, right leniently (the slot or one of `also`)."""
    found = [(predict(weights, e.features), e) for e in examples]
    return sum(p == e.slot for p, e in found), sum(p == e.slot or p in e.also for p, e in found)


def folds(tested: Sequence[Example], always: Sequence[Example], args: argparse.Namespace) -> tuple[float, float]:
    groups = sorted({example.group for example in tested})
    random.Random(args.seed).shuffle(groups)
    fold_of = {group: k % args.folds for k, group in enumerate(groups)}
    strict = lenient = 0
    for k in range(args.folds):
        weights = train([*always, *(e for e in tested if fold_of[e.group] != k)], args)
        right = accuracy(weights, [e for e in tested if fold_of[e.group] == k])
        strict, lenient = strict + right[0], lenient + right[1]
    return strict / len(tested), lenient / len(tested)


def write(weights: dict[str, list[float]]) -> None:
    small: dict[str, list[float]] = defaultdict(list)
    for feature, vector in sorted(weights.items()):
        if max(map(abs, vector)) >= SMALLEST:
            small[feature] = [round(value, 2) for value in vector]
    lines = ",\n".join(
        f"{json.dumps(f, ensure_ascii=False)}:{json.dumps(v, separators=(',', ':'))}" for f, v in small.items()
    )
    text = f'{{"slots":{json.dumps(CLASSES)},\n"weights":{{\n{lines}\n}}}}\n'
    Path(str(files("prompts").joinpath("words", "sorter_weights.json"))).write_text(text, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--held-out", type=Path, help="labelled points never trained on, scored at the end")
    parser.add_argument("--folds", type=int, default=5, help="0: no cross-validation")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--rate", type=float, default=0.15)
    parser.add_argument("--l2-cues", type=float, default=0.3)
    parser.add_argument("--l2-words", type=float, default=0.6)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    read_files = [read(path) for path in args.files]
    everything = [example for examples in read_files for example in examples]
    if args.folds:
        for path, examples in zip(args.files, read_files, strict=True):
            others = [e for e in everything if e not in examples]
            strict, lenient = folds(examples, others, args)
            print(f"cross-validated on {path.name}: {len(examples)} points, strict {strict:.3f}, lenient {lenient:.3f}")
    weights = train(everything, args)
    if args.held_out:
        kept_out = read(args.held_out)
        strict, lenient = (right / len(kept_out) for right in accuracy(weights, kept_out))
        print(f"held out {args.held_out.name}: {len(kept_out)} points, strict {strict:.3f}, lenient {lenient:.3f}")
    if args.write:
        write(weights)


if __name__ == "__main__":
    main()
