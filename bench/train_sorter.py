"""Learns the sorter's weights from labelled points and writes `prompts/words/sorter_weights.json`.

    python -m bench.train_sorter summaries.jsonl bench/sorter_*.jsonl --leave-one-out --held-out own.jsonl --write

A file holds summaries (`{"points": [{"text", "slot", "also"}]}`) or single points (`{"text", "slot", "also"}`).
The model is a linear support vector machine, one plane per slot. Several minutes with `--leave-one-out`.
"""

import argparse
import json
import math
import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from bot.domain.statements import Slot
from bot.drafting.features import features_of

CLASSES = [*(slot.value for slot in Slot), "other"]
RARE = 2
COST = 0.5
ROUNDS = 12
RARITY = 1.2
SCALES = {name: 0.5 for name in ("w", "s", "b", "1", "2", "z", "h", "e", "labelword")} | {"c": 0.3, "with": 0.2}
CUES = 0.5
KEPT = 30_000
UNIT = 50


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


def scales_of(examples: Sequence[Example]) -> dict[str, float]:
    """How loudly a feature speaks: families more than words, words more than letters, the rare more than the common."""
    counts = Counter(feature for example in examples for feature in example.features)
    return {
        feature: SCALES.get(feature.partition(":")[0], CUES) * (math.log(len(examples) / count) / 5) ** RARITY
        for feature, count in counts.items()
        if RARE + feature.startswith("c:") <= count < len(examples)
    } | {"bias": 1.0}


def train(examples: Sequence[Example]) -> dict[str, list[float]]:
    """One separating plane per slot, each point's features scaled to nearly one length."""
    scales = scales_of(examples)
    place = {feature: at for at, feature in enumerate(sorted(scales))}
    rows: list[tuple[list[int], list[float]]] = []
    for example in examples:
        known = [feature for feature in example.features if feature in place]
        length = math.sqrt(math.sqrt(sum(scales[feature] ** 2 for feature in known)))
        rows.append(([place[feature] for feature in known], [scales[feature] / length for feature in known]))
    planes = [plane(rows, [side(example, slot) for example in examples], len(place)) for slot in CLASSES]
    return {feature: [scales[feature] * one[at] for one in planes] for feature, at in place.items()}


def side(example: Example, slot: str) -> int:
    """On which side of the slot's plane a point belongs; 0: it holds some of the slot, so on neither."""
    return 1 if example.slot == slot else 0 if slot in example.also else -1


def plane(rows: Sequence[tuple[list[int], list[float]]], sides: Sequence[int], size: int) -> list[float]:
    """A linear support vector machine with squared hinge loss, by dual coordinate descent (Hsieh et al., 2008)."""
    weights = [0.0] * size
    alphas = [0.0] * len(rows)
    lengths = [sum(value * value for value in values) + 0.5 / COST for _, values in rows]
    order = [at for at in range(len(rows)) if sides[at]]
    chance = random.Random(0)
    for turn in range(ROUNDS):
        chance.shuffle(order)
        for at in order if turn < 3 or turn == ROUNDS - 1 else [at for at in order if alphas[at]]:
            places, values = rows[at]
            sign = sides[at]
            score = sum([weights[p] * v for p, v in zip(places, values, strict=True)])
            slope = sign * score - 1 + alphas[at] * 0.5 / COST
            new = max(alphas[at] - slope / lengths[at], 0.0)
            if change := (new - alphas[at]) * sign:
                alphas[at] = new
                for p, v in zip(places, values, strict=True):
                    weights[p] += change * v
    return weights


def predict(weights: dict[str, list[int]], features: list[str]) -> str:
    vectors = [weights[feature] for feature in features if feature in weights]
    scores = [sum(column) for column in zip(*vectors, strict=True)]
    return CLASSES[scores.index(max(scores))]


def accuracy(weights: dict[str, list[int]], examples: Sequence[Example]) -> tuple[int, int]:
    """Right strictly, right leniently (the slot or one of `also`)."""
    found = [(predict(weights, e.features), e) for e in examples]
    return sum(p == e.slot for p, e in found), sum(p == e.slot or p in e.also for p, e in found)


def learn(examples: Sequence[Example]) -> dict[str, list[int]]:
    """The weights of the features that matter most, in fiftieths: what is written and what is measured."""
    weights = train(examples)
    counts = Counter(feature for example in examples for feature in example.features)
    reach = {feature: (max(vector) - min(vector)) * counts[feature] ** 0.3 for feature, vector in weights.items()}
    loud = sorted(sorted(weights), key=lambda feature: -reach[feature])[:KEPT]
    return {feature: [round(UNIT * value) for value in weights[feature]] for feature in sorted(loud)}


def without(task: tuple[str, dict[str, list[Example]]]) -> tuple[str, int, float, float]:
    """Trained on every file but one, scored on that one."""
    name, read_files = task
    weights = learn([e for other, examples in read_files.items() if other != name for e in examples])
    tested = read_files[name]
    strict, lenient = accuracy(weights, tested)
    return name, len(tested), strict / len(tested), lenient / len(tested)


def leave_one_out(read_files: dict[str, list[Example]]) -> None:
    print(f"{'trained without':<28}{'points':>8}{'strict':>8}{'lenient':>9}")
    figures: list[tuple[float, float]] = []
    with ProcessPoolExecutor() as pool:
        for name, count, strict, lenient in pool.map(without, [(name, read_files) for name in read_files]):
            print(f"{name:<28}{count:>8}{strict:>8.3f}{lenient:>9.3f}", flush=True)
            figures.append((strict, lenient))
    strict, lenient = (sum(column) / len(figures) for column in zip(*figures, strict=True))
    print(f"{'mean':<28}{'':>8}{strict:>8.3f}{lenient:>9.3f}")


def write(weights: dict[str, list[int]]) -> None:
    lines = ",\n".join(
        f"{json.dumps(f, ensure_ascii=False)}:{json.dumps(v, separators=(',', ':'))}" for f, v in weights.items()
    )
    text = f'{{"slots":{json.dumps(CLASSES)},\n"weights":{{\n{lines}\n}}}}\n'
    Path(str(files("prompts").joinpath("words", "sorter_weights.json"))).write_text(text, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--leave-one-out", action="store_true", help="score each file, trained on all the others")
    parser.add_argument("--held-out", type=Path, help="labelled points never trained on")
    parser.add_argument("--write", action="store_true", help="replace the sorter's weights")
    args = parser.parse_args()
    read_files = {path.name: read(path) for path in args.files}
    if args.leave_one_out:
        leave_one_out(read_files)
    if not (args.held_out or args.write):
        return
    weights = learn([example for examples in read_files.values() for example in examples])
    if args.held_out:
        kept_out = read(args.held_out)
        strict, lenient = (right / len(kept_out) for right in accuracy(weights, kept_out))
        print(f"held out {args.held_out.name}: {len(kept_out)} points, strict {strict:.3f}, lenient {lenient:.3f}")
    if args.write:
        write(weights)


if __name__ == "__main__":
    main()
