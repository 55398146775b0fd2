"""`afternote plans`: from a file into a practice's own database, and the list."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app

PLAN = {
    "client": "JD-014",
    "clinician": "delgado",
    "start": "2026-01-05",
    "review_due": "2026-07-05",
    "goals": [{"id": "1", "text": "Sleep beside the zebrafinch", "objectives": []}],
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    example = Path(__file__).parents[2] / "demo" / "practice.toml"
    (tmp_path / "practice.toml").write_bytes(example.read_bytes())
    monkeypatch.setenv("AFTERNOTE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["plans", *arguments])
    return result.exit_code, result.output


def test_a_file_is_imported_updated_and_listed(home: Path):
    file = home / "plans.jsonl"
    file.write_text(json.dumps(PLAN) + "\n", "utf-8")
    assert run("import", str(file)) == (0, "JD-014  added\n1 added, 0 changed, 0 unchanged.\n")
    assert run("import", str(file)) == (0, "JD-014  unchanged\n0 added, 0 changed, 1 unchanged.\n")
    file.write_text(json.dumps(PLAN | {"goals": [{"id": "2", "text": "Walk daily"}]}), "utf-8")
    assert run("import", str(file))[1].startswith("JD-014  changed (not in the file, kept: 1)\n")
    code, listed = run("list")
    assert code == 0
    assert "JD-014" in listed
    assert "1, 2" in listed
    assert "2026-07-05" in listed
    assert "zebrafinch" not in listed
    assert b"zebrafinch" not in (home / "afternote.db").read_bytes()


def test_nothing_is_imported_unless_all_is_valid_and_every_problem_is_listed(home: Path):
    file = home / "plans.jsonl"
    lines = [PLAN, PLAN | {"client": "MK-003", "start": "soon"}, PLAN | {"client": "LM-005", "clinician": "nobody"}]
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    code, said = run("import", str(file))
    assert code == 2
    assert "Line 2: start must be a date" in said
    assert "Line 3: clinician is not the id" in said
    assert "There are no plans yet" in run("list")[1]
