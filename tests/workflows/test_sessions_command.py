"""`afternote sessions import`: what an operator sees of each row, a dry run, one person only, what is no calendar."""

import asyncio
import datetime as dt
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.domain.ids import PersonId
from bot.practice_file import load_practice
from bot.settings import Settings
from bot.wiring import SystemClock, open_desk

HEADERS = "session_id,client_code,clinician,date,start,stop,status\n"
ROWS = (
    "K-1,JD-014,delgado,2026-11-02,09:00,09:50,completed\n"
    "K-2,MK-003,delgado,2026-11-02,09:30,10:20,completed\n"
    "K-3,LM-005,delgado,2026-11-02,12:00,,cancelled\n"
    "K-4,FE-011,weiss,2026-11-03,09:00,09:50,completed\n"
    "K-5,JD-014,nobody,2026-11-04,09:00,09:50,completed\n"
    "K-6,JD-014,delgado,soon,09:00,09:50,completed\n"
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    example = Path(__file__).parents[2] / "demo" / "practice.toml"
    (tmp_path / "practice.toml").write_bytes(example.read_bytes())
    (tmp_path / "sessions.csv").write_text(HEADERS + ROWS, "utf-8")
    monkeypatch.setenv("AFTERNOTE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["sessions", "import", *arguments], env={"COLUMNS": "300"})


def listed(home: Path, person: str = "delgado") -> list[str]:
    """The codes on one person's list, in order of time."""

    async def read() -> list[str]:
        desk = await open_desk(Settings.load(), load_practice(home / "practice.toml"), SystemClock())
        since = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        async with desk.database.reading(desk.id) as unit:
            found = await unit.appointments.between(PersonId(person), since, since + dt.timedelta(days=400), 100)
        await desk.database.close()
        return [each.appointment.client_code for each in found]

    return asyncio.run(read())


def test_the_fate_of_each_odd_row_and_the_same_again_changes_nothing(home: Path) -> None:
    first = run("sessions.csv")
    assert first.exit_code == 0, first.output
    fates = {line.split()[1]: line.split()[2] for line in first.stdout.splitlines() if line.startswith("row ")}
    assert fates == {"3": "new", "4": "cancelled", "6": "refused", "7": "refused"}
    assert first.stdout.splitlines()[-1] == "6 rows: 1 cancelled, 3 new, 2 refused; 1 overlap with another session."
    assert listed(home) == ["JD-014", "MK-003", "LM-005"]
    again = run("sessions.csv")
    assert "4 same" in again.stdout
    assert listed(home) == ["JD-014", "MK-003", "LM-005"]


def test_a_dry_run_says_the_same_and_keeps_nothing(home: Path) -> None:
    dry = run("sessions.csv", "--dry-run")
    assert dry.exit_code == 0
    assert dry.stdout.endswith("Nothing was kept (--dry-run).\n")
    assert listed(home) == []
    wet = run("sessions.csv")
    assert dry.stdout.replace(" Nothing was kept (--dry-run).", "") == wet.stdout


def test_as_json(home: Path) -> None:
    result = run("sessions.csv", "--json")
    report = json.loads(result.stdout)
    assert report["counts"] == {"new": 3, "cancelled": 1, "refused": 2}
    assert report["overlaps"] == 1
    assert {row["line"]: row["fate"] for row in report["rows"]} == {
        3: "new",
        4: "cancelled",
        6: "refused",
        7: "refused",
    }


def test_one_persons_only(home: Path) -> None:
    report = json.loads(run("sessions.csv", "--clinician", "weiss", "--json").stdout)
    assert report["counts"]["new"] == 1
    assert report["counts"]["elsewhere"] >= 3
    assert (listed(home), listed(home, "weiss")) == ([], ["FE-011"])
    wrong = run("sessions.csv", "--clinician", "nobody")
    assert wrong.exit_code == 2
    assert "'nobody'" in wrong.output


@pytest.mark.parametrize("content", ["", "Dear all,\nno sessions today.\n", "\x00\x01\x02"])
def test_what_is_no_calendar(home: Path, content: str) -> None:
    (home / "letter.txt").write_text(content, "utf-8")
    result = run("letter.txt")
    assert result.exit_code == 2
    assert ".ics" in result.output
    assert ".csv" in result.output
    assert result.stdout == ""


def test_a_file_that_is_not_there(home: Path) -> None:
    result = run("gone.csv")
    assert result.exit_code == 2
    assert "gone.csv cannot be read" in result.output


def test_a_table_without_the_columns_it_needs(home: Path) -> None:
    (home / "sessions.csv").write_text("colour,weight\nred,3\n", "utf-8")
    result = run("sessions.csv")
    assert result.exit_code == 2, result.output
    assert listed(home) == []
