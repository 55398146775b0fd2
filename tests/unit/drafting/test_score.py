"""Scoring: figures, shuffling, predictions."""

import json
from typing import Any

from bot.drafting.score import evaluate_sort

ROWS: list[dict[str, Any]] = [
    {
        "id": "A",
        "text": "Denied SI. Plan: see in 2 wks.",
        "points": [
            {"text": "Denied SI.", "slot": "risk", "also": []},
            {"text": "Plan: see in 2 wks.", "slot": "logistics", "also": ["plan"]},
        ],
    },
    {"id": "B", "text": "PHQ-9 14", "points": [{"text": "PHQ-9 14", "slot": "measure", "also": []}]},
]


def test_strict_and_lenient() -> None:
    report = evaluate_sort(ROWS, shuffled=False)
    assert round(report.strict, 3) == 0.667
    assert report.lenient == 1.0
    assert report.boundary_f1 == 1.0
    assert report.slots["risk"].recall == 1.0
    assert report.slots["plan"].precision == 0.0


def test_shuffled_predictions_keep_the_order_of_the_file() -> None:
    plain, shuffled = (evaluate_sort(ROWS, shuffled=value, seed=3) for value in (False, True))
    assert plain.predictions == shuffled.predictions
    assert plain.predictions[0] == {
        "id": "A",
        "points": [{"text": "Denied SI.", "slot": "risk"}, {"text": "Plan: see in 2 wks.", "slot": "plan"}],
    }


def test_report_is_json_and_table() -> None:
    report = evaluate_sort(ROWS, shuffled=True)
    assert json.loads(json.dumps(report.as_json()))["points"] == 3
    assert {len(row) for row in report.as_table()} == {4}


def test_nothing_gives_zeros() -> None:
    assert evaluate_sort([], shuffled=True).strict == 0.0
