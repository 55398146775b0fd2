"""A database that this release cannot use: a sentence that says what to do, exit code 2, and no password."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from bot.cli import app
from storage.migrate import upgrade

PASSWORD = "zebra-canary-5501"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    example = Path(__file__).parents[2] / "demo" / "practice.toml"
    (tmp_path / "practice.toml").write_bytes(example.read_bytes())
    monkeypatch.setenv("AFTERNOTE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    assert not isinstance(result.exception, Exception)
    return result.exit_code, " ".join(result.output.split())


def of_a_newer_release(home: Path) -> None:
    url = f"sqlite:///{home / 'afternote.db'}"
    upgrade(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))
    engine.dispose()


@pytest.mark.parametrize("command", [["plans", "list"], ["usage"], ["check"]])
def test_a_database_of_a_newer_release_is_left_alone(command: list[str], home: Path) -> None:
    of_a_newer_release(home)
    code, said = told(*command)
    assert code == 2
    assert "belongs to a newer Afternote" in said
    assert "0099" in said


def test_the_service_does_not_start_on_it(home: Path) -> None:
    of_a_newer_release(home)
    chat = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "bot", "run"]
    environment = {**os.environ, **chat}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "belongs to a newer Afternote" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", [f"postgresql://rosa:{PASSWORD}@127.0.0.1:1/notes", "sqlite:////nowhere/at/all.db"])
@pytest.mark.parametrize("command", [["plans", "list"], ["check"]])
def test_a_database_out_of_reach_names_the_setting_and_no_password(
    command: list[str], url: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERNOTE_DATABASE_URL", url)
    code, said = told(*command)
    assert code == 2
    assert "The database does not answer" in said
    assert "AFTERNOTE_DATABASE_URL" in said
    assert PASSWORD not in said
