"""`afternote check` shows each sentence to the letter, also what looks like markup of the terminal."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from demo.home import own_practice_file


def test_the_table_of_practice_toml_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_practice_file(tmp_path, adapter='[adapter]\nkind = "fhir"\ncopies = ["folder"]\n\n[adapter.fhir]\n')
    monkeypatch.setenv("AFTERNOTE_HOME", str(tmp_path))
    monkeypatch.setenv("AFTERNOTE_PRACTICE_FILE", str(tmp_path / "practice.toml"))
    monkeypatch.setenv("COLUMNS", "300")
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 2
    assert "[adapter.fhir]" in result.output
