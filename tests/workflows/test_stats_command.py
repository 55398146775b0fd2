"""`afternote stats`: what an operator sees of everybody or of one person, as a table of lines, as CSV and as JSON."""

import asyncio
import csv
import datetime as dt
import io
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cards import numbers_words as words
from bot.cli import app
from bot.domain.ids import NoteId
from bot.domain.note import Session
from bot.domain.people import Person
from bot.domain.preferences import Preferences
from bot.domain.usage import Call, Limits, Outcome
from bot.practice_file import load_practice
from bot.settings import Settings
from bot.wiring import open_desk
from bot.workflows.approve_note import approve_note
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.start_draft import NewNote, start_draft
from tests.workflows.factories import FixedClock

CODE, WORD = "JD-014", "zebrafinch-7731"
PRICES = '\n[model]\ncurrency = "EUR"\nprice_per_million_tokens = { prompt = 1.0, completion = 2.0 }\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two notes by Rosa Delgado, signed after ten minutes today and after twenty a week before; she once said 25."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copy(Path(__file__).parents[2] / "demo" / "practice.toml", home)
    monkeypatch.setenv("AFTERNOTE_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    asyncio.run(_written(home))
    return home


async def _written(home: Path) -> None:
    clock = FixedClock(dt.datetime.now(dt.UTC) - dt.timedelta(days=8))
    desk = await open_desk(Settings.load(), load_practice(home / "practice.toml"), clock)
    for number, minutes in enumerate((20, 10)):
        note = await _signed(desk, clock, number, minutes)
        await _cost(desk, note)
        clock.move(days=7)
    async with desk.database.writing(desk.id) as unit:
        await unit.choices.save(Preferences(_rosa(desk).id, minutes_before=25), clock.now())
        await unit.commit()
    await desk.database.close()


def _rosa(desk: Desk) -> Person:
    return next(person for person in desk.practice.people if person.id == "delgado")


async def _signed(desk: Desk, clock: FixedClock, number: int, minutes: int) -> NoteId:
    session = Session(desk.today(_rosa(desk)), dt.time(1), 50)
    new = NewNote(f"Ct spoke of {WORD}.", f"s{number}", "slack", "soap", CODE, session)
    note_id = (await start_draft(desk, _rosa(desk), new)).note_id
    await draft_note(desk, note_id)
    clock.move(minutes=minutes)
    note = (await open_note(desk, note_id)).note
    await approve_note(desk, _rosa(desk), note_id, note.version, "slack")
    return note_id


async def _cost(desk: Desk, note: NoteId) -> None:
    now = desk.clock.now()
    async with desk.database.writing(desk.id) as unit:
        await unit.calls.take(Call(f"c-{note}", note, "draft", now), Limits(), 60)
        await unit.calls.ended(f"c-{note}", Outcome("done", "stand-in", 1_000_000, 0, 500_000, 90), now)
        await unit.commit()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["stats", *arguments], env={"COLUMNS": "400"})


def numbers(*arguments: str) -> dict[str, dict[str, object]]:
    result = run("--json", *arguments)
    assert result.exit_code == 0, result.output
    return {each["name"]: each for each in json.loads(result.stdout)["numbers"]}


def test_everybodys_and_the_practices(home: Path) -> None:
    found = numbers()
    assert found["Rosa Delgado"]["signed"] == 2
    assert found["Rosa Delgado"]["median_seconds_summary_to_signature"] == 15 * 60
    assert found["Larkspur Street Counseling"]["signed"] == 2
    assert found["Miriam Weiss"]["signed"] == 0
    assert found["Miriam Weiss"]["median_seconds_summary_to_signature"] is None
    weeks = found["Rosa Delgado"]["weekly_median_seconds"]
    assert isinstance(weeks, list)
    assert [week["seconds"] for week in weeks] == [20 * 60, 10 * 60]


def test_fewer_days_look_back_less(home: Path) -> None:
    assert numbers("--days", "3")["Rosa Delgado"]["signed"] == 1
    assert numbers("--days", "3")["Rosa Delgado"]["median_seconds_summary_to_signature"] == 10 * 60
    assert run("--days", "0").exit_code == 2


def test_csv_has_a_line_for_the_practice_and_for_each_clinician(home: Path) -> None:
    result = run("--csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["name"] for row in rows[:1]] == ["Larkspur Street Counseling"]
    rosa = next(row for row in rows if row["name"] == "Rosa Delgado")
    assert (rosa["signed"], rosa["median_seconds_summary_to_signature"], rosa["backlog"]) == ("2", "900", "0")
    assert rosa["model_cost"] == ""
    both = run("--csv", "--json")
    assert both.exit_code == 2
    assert "--csv or --json" in both.output


def test_what_the_model_cost_in_the_practices_currency(home: Path) -> None:
    assert numbers()["Rosa Delgado"]["model_cost"] is None
    practice = home / "practice.toml"
    practice.write_text(practice.read_text("utf-8") + PRICES, "utf-8")
    rosa = numbers()["Rosa Delgado"]
    assert (rosa["model_cost"], rosa["model_cost_per_note"], rosa["currency"]) == (4.0, 2.0, "EUR")
    assert numbers("--days", "3")["Rosa Delgado"]["model_cost"] == 2.0
    assert numbers()["Miriam Weiss"]["model_cost"] == 0.0
    assert "the language model cost 4.00 EUR, 2.0000 a note" in run().stdout


def test_one_person_only(home: Path) -> None:
    assert list(numbers("--person", "delgado")) == ["Rosa Delgado"]
    assert len(list(csv.DictReader(io.StringIO(run("--person", "delgado", "--csv").stdout)))) == 1
    shown = run("--person", "delgado").stdout
    assert words.TOOK_TITLE in shown
    assert words.BACKLOG_TITLE in shown
    assert "Miriam" not in shown


@pytest.mark.parametrize("person", ["nobody", "hartmann-zz", "Rosa Delgado"])
def test_a_wrong_person_is_named(home: Path, person: str) -> None:
    result = run("--person", person)
    assert result.exit_code == 2
    assert repr(person) in result.output
    assert result.stdout == ""


@pytest.mark.parametrize("form", [(), ("--csv",), ("--json",)])
def test_no_client_no_text_and_no_time_saved(home: Path, form: tuple[str, ...]) -> None:
    shown = run(*form).output
    assert "Rosa Delgado" in shown
    assert CODE not in shown
    assert WORD not in shown
    for claim in ("saved", "less", "before"):
        assert claim not in shown.replace("before_signing", "").replace(words.TOOK_NO_TIME, "")
