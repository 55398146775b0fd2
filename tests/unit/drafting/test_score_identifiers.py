"""Scoring of identifiers: figures, kinds, the comparison, predictions, the command."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.drafting.identifiers.spans import Span
from bot.drafting.score_identifiers import evaluate_identifiers

ROWS: list[dict[str, Any]] = [
    {
        "id": "A",
        "text": "Renata Oliveira called from 555-0122.",
        "spans": [
            {"start": 0, "end": 15, "text": "Renata Oliveira", "type": "name", "who": "client"},
            {"start": 28, "end": 36, "text": "555-0122", "type": "phone", "who": None},
        ],
    },
    {"id": "B", "text": "PHQ-9 14. Denies SI.", "spans": []},
    {"id": "C", "text": "Sleeps better.", "spans": []},
]


def half(text: str) -> list[Span]:
    """A finder that sees first names of row A and disturbs row B."""
    return [Span(0, 6, "PERSON")] if text[:6] == "Renata" else [Span(0, 3, "ORG")] if text[:3] == "PHQ" else []


def test_covered_in_every_character_or_not_at_all() -> None:
    report = evaluate_identifiers(ROWS, beside=half)
    assert report.ours.masked_share == 1.0
    assert (report.ours.texts_with_a_leak, report.ours.clean_share, report.ours.too_much) == (0, 1.0, 0.0)
    assert report.presidio is not None
    assert report.presidio.masked_share == 0.0
    assert (report.presidio.texts_with_a_leak, report.presidio.clean_share) == (1, 0.5)
    assert round(report.presidio.too_much, 3) == 0.333


def test_kinds_left_in_notes_count_apart() -> None:
    row = {
        "text": "Mr. Oliveira, 47.",
        "spans": [{"start": 0, "end": 3, "type": "TITLE"}, {"start": 4, "end": 12, "type": "PERSON"}],
    }
    score = evaluate_identifiers([row], beside=half).ours
    assert (score.masked_share, score.masked_share_of_ours) == (0.5, 1.0)


def test_predictions_follow_the_rows() -> None:
    report = evaluate_identifiers(ROWS, beside=half)
    assert report.predictions[0] == {
        "spans": [{"start": 0, "end": 15, "type": "name"}, {"start": 28, "end": 36, "type": "phone"}]
    }
    assert [len(row["spans"]) for row in report.predictions] == [2, 0, 0]


def test_table_and_json() -> None:
    report = evaluate_identifiers(ROWS, beside=half)
    assert {len(row) for row in report.as_table()} == {4}
    figures = json.loads(json.dumps(report.as_json()))
    assert (figures["marks"], figures["masked"], figures["presidio"]["masked"]) == (2, 1.0, 0.0)


def test_nothing_gives_zeros() -> None:
    assert evaluate_identifiers([], beside=half).ours.masked_share == 0.0


def test_the_command_writes_predictions_and_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.drafting.score_identifiers.is_installed", lambda: False)
    file, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    file.write_text("\n".join(map(json.dumps, ROWS)), "utf-8")
    result = CliRunner().invoke(app, ["evaluate", "identifiers", str(file), "--predictions", str(out), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout.splitlines()[-1])["masked"] == 1.0
    assert "not installed" in result.stdout
    assert [len(json.loads(line)["spans"]) for line in out.read_text("utf-8").splitlines()] == [2, 0, 0]


def test_the_command_says_what_is_missing_without_quoting_the_text(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"text": "Renata called."}\n', "utf-8")
    result = CliRunner().invoke(app, ["evaluate", "identifiers", str(file)])
    assert result.exit_code == 2
    assert "Renata" not in result.output
