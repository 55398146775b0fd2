"""Scoring the checker: figures, both shapes of file, predictions."""

import json
from typing import Any

import pytest

from bot.drafting.score_support import evaluate_support

SUMMARIES: list[dict[str, Any]] = [{"id": "A", "points": [{"text": "Denied SI."}, {"text": "PHQ-9 14, mood low."}]}]
ROWS: list[dict[str, Any]] = [
    {
        "summary_id": "A",
        "statement": "Client denied suicidal ideation.",
        "supported": True,
        "kind": None,
        "sources": [0],
    },
    {"summary_id": "A", "statement": "PHQ-9 was 14.", "supported": True, "kind": None, "sources": [1]},
    {"summary_id": "A", "statement": "PHQ-9 was 24.", "supported": False, "kind": "number", "sources": [1]},
    {
        "summary_id": "A",
        "statement": "Client denied homicidal ideation.",
        "supported": False,
        "kind": "risk_denial",
        "sources": [0],
    },
]


def test_figures_per_kind_and_overall() -> None:
    report = evaluate_support(ROWS, SUMMARIES)
    assert (report.supported, report.unsupported, report.recall, report.area) == (2, 2, 1.0, 1.0)
    assert {name: score.caught for name, score in report.kinds.items()} == {"number": 1.0, "risk_denial": 1.0}
    assert (report.held_out, report.held_out_wrongly, report.kind_precision) == (1.0, 0.0, 1.0)


def test_pairs_share_points_and_most_words() -> None:
    report = evaluate_support(ROWS, SUMMARIES)
    assert (report.pairs, report.pairs_separated) == (2, 1.0)


def test_predictions_keep_the_order_of_the_file() -> None:
    predictions = evaluate_support(ROWS, SUMMARIES).predictions
    assert [row["verdict"] for row in predictions] == ["supported", "supported", "unsupported", "unsupported"]
    assert predictions[2]["kind"] == "number"
    assert predictions[2]["score"] > predictions[1]["score"]


def test_rows_that_stand_for_themselves() -> None:
    row = {
        "source": "Sleeps six hours. Denied SI.",
        "sentences": [
            {"text": "Client sleeps six hours.", "supported": True, "kind": "reference"},
            {"text": "Client sleeps nine hours.", "supported": False, "kind": "number_swap"},
        ],
    }
    report = evaluate_support([row])
    assert (report.supported, report.unsupported, report.area) == (1, 1, 1.0)


def test_report_is_json_and_table() -> None:
    report = evaluate_support(ROWS, SUMMARIES)
    assert json.loads(json.dumps(report.as_json()))["kinds"]["number"]["recall"] == 1.0
    assert {len(row) for row in report.as_table()} == {5}


def test_nothing_gives_zeros() -> None:
    assert evaluate_support([]).recall == 0.0


def test_an_unknown_summary_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        evaluate_support(ROWS, [])
