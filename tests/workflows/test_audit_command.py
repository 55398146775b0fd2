"""`afternote audit`: what a person at the machine sees, the exit codes, and files that prove themselves elsewhere."""

import asyncio
import csv
import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.check import check_all
from bot.cli import app
from bot.domain.ids import NoteId
from bot.practice_file import load_practice
from bot.settings import Settings
from bot.wiring import open_desk
from bot.workflows.approve_note import approve_note
from bot.workflows.desk import open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.start_draft import NewNote, start_draft
from tests.workflows.factories import FixedClock

CANARY, CODE = "zebrafinch-7731", "JD-014"
FIRST, SECOND = "2026-11-22", "2026-11-23"  # the two days on which something is done, in Chicago


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copy(Path(__file__).parents[2] / "demo" / "practice.toml", home)
    monkeypatch.setenv("AFTERNOTE_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    return home


@pytest.fixture
def notes(home: Path) -> list[NoteId]:
    """Two notes: one by Rosa in Slack late on one day, one by a colleague in Teams, signed, on the next."""
    return asyncio.run(_two_notes(home))


async def _two_notes(home: Path) -> list[NoteId]:
    clock = FixedClock()
    desk = await open_desk(Settings.load(), load_practice(home / "practice.toml"), clock)
    rosa, lindgren = desk.practice.person("delgado"), desk.practice.person("lindgren")
    assert rosa
    assert lindgren
    clock.move(days=-1, hours=9)  # 05:02 UTC on the 23rd is 23:02 on the 22nd in Chicago
    first = (await start_draft(desk, rosa, NewNote(f"Ct spoke of {CANARY}.", "", "slack", "soap", CODE))).note_id
    clock.move(hours=12)
    second = (await start_draft(desk, lindgren, NewNote(f"Ct on {CANARY}.", "", "teams", "soap", "AC-010"))).note_id
    await draft_note(desk, second)
    note = (await open_note(desk, second)).note
    await approve_note(desk, lindgren, second, note.version, "teams", day=desk.today(lindgren))
    await desk.database.close()
    return [first, second]


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["audit", *map(str, words)], env={"COLUMNS": "300"})


def lines(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def tamper(home: Path, *statements: str) -> None:
    with closing(sqlite3.connect(home / "afternote.db", isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)


def test_show_says_who_did_what_when_to_which_note_and_by_which_chat(notes: list[NoteId]) -> None:
    shown = lines(run("show"))
    assert shown[0].split("  ")[2:] == [
        " 1",
        "2026-11-23 05:02:00Z (2026-11-22 23:02 CST)",
        "started",
        "Rosa Delgado, LPC-Associate [delgado]",
        notes[0],
        "via slack",
    ]
    assert [line.split("  ")[4] for line in shown] == ["started", "started", "drafted", "signed"]
    assert "the service" in shown[2]
    assert re.search(rf"signed  .*\[lindgren\]  {notes[1]}  v2 [0-9a-f]{{16}}  via teams$", shown[3])
    assert not re.search(f"{CANARY}|{CODE}|AC-010", "\n".join(shown))


def test_show_finds_by_note_person_act_and_day_of_the_practice(notes: list[NoteId]) -> None:
    def numbers(*words: str) -> list[int]:
        return [int(line.split()[0]) for line in lines(run("show", *words))]

    assert numbers("--note", notes[1]) == [2, 3, 4]
    assert numbers("--person", "delgado") == [1]
    assert numbers("--act", "sig") == [4]
    assert numbers("--until", FIRST) == [1]
    assert numbers("--since", SECOND) == [2, 3, 4]
    assert numbers("--since", FIRST, "--until", SECOND, "--last", "2") == [3, 4]
    nobody = run("show", "--person", "nobody")
    assert (nobody.exit_code, nobody.stdout) == (0, "")
    assert "No row of the audit log is like that." in nobody.stderr


def test_what_somebody_wrote_into_the_log_steers_no_terminal(home: Path, notes: list[NoteId]) -> None:
    tamper(home, "UPDATE audit SET act = char(27) || '[2J' || char(10) || 'x' WHERE seq = 2")
    shown = lines(run("show"))
    assert len(shown) == 4
    assert "\x1b" not in "".join(shown)


def test_verify_says_that_it_holds_and_that_no_head_was_there(notes: list[NoteId]) -> None:
    first, second = lines(run("verify"))
    assert (
        first == "The audit log holds: 4 rows, each with its hash, in order, to the end that this practice's key seals."
    )
    assert second.startswith("No signed head was compared")


def test_verify_ends_with_1_and_names_what_is_wrong(home: Path, notes: list[NoteId]) -> None:
    tamper(home, "UPDATE audit SET actor = 'okafor' WHERE seq = 1", "DELETE FROM audit WHERE seq = 3")
    result = run("verify")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "Row 1 (2026-11-23 05:02:00 UTC) was changed: what it says does not fit its hash.",
        "Row 3 is missing.",
        "What to do now stands in docs/operations.md, under “Audit”.",
    ]


def test_an_older_database_is_found_by_a_head_that_lies_elsewhere(
    home: Path, notes: list[NoteId], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    monkeypatch.setenv("AFTERNOTE_AUDIT_HEADS", str(share))
    shutil.copy(home / "afternote.db", tmp_path / "older.db")
    asyncio.run(_two_notes(home))
    lines(run("sign-head"))
    assert "It agrees with 1 signed head, the latest of row 8" in lines(run("verify"))[1]
    for path in home.glob("afternote.db*"):
        path.unlink()
    shutil.copy(tmp_path / "older.db", home / "afternote.db")
    result = run("verify")
    assert result.exit_code == 1
    assert "the log had 8 rows and now it has 4: it was put back to an earlier state" in result.stderr
    [head] = share.iterdir()
    assert run("verify", "--head", head).stderr == run("verify", "--head", share).stderr == result.stderr
    monkeypatch.delenv("AFTERNOTE_AUDIT_HEADS")
    assert run("verify").exit_code == 0  # without what lies elsewhere nobody can tell


def test_a_head_that_was_changed_or_is_of_another_key_proves_nothing(
    home: Path, notes: list[NoteId], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines(run("sign-head", "--out", tmp_path / "head.json"))
    found = json.loads((tmp_path / "head.json").read_text())
    (tmp_path / "head.json").write_text(json.dumps({**found, "hash": "ab" * 32}))
    assert "head.json: its signature does not hold" in run("verify", "--head", tmp_path / "head.json").stderr
    (home / "afternote.db").rename(tmp_path / "afternote.db")
    asyncio.run(_two_notes(home))  # the same practice's log with another key
    lines(run("sign-head", "--out", tmp_path / "other.json"))
    (home / "afternote.db").unlink()
    (tmp_path / "afternote.db").rename(home / "afternote.db")
    result = run("verify", "--head", tmp_path / "other.json")
    assert result.exit_code == 1
    assert "other.json: it is signed, but with another key" in result.stderr


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_an_export_proves_itself_without_database_and_keys(
    home: Path, notes: list[NoteId], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    file = tmp_path / f"log.{kind}"
    assert run("export", file).exit_code == 0
    key = lines(run("key"))[0].split()[0]
    text = file.read_text("utf-8")
    assert not re.search(f"{CANARY}|{CODE}|AC-010", text)
    assert "Rosa Delgado, LPC-Associate" in text
    monkeypatch.setenv("AFTERNOTE_HOME", str(tmp_path / "nowhere"))
    shutil.rmtree(home)
    told = lines(run("verify", file, "--key", key))
    assert told == [
        f"log.{kind} holds: 5 rows, each with its hash, in order.",
        f"Its last row is signed with the key {key}.",
    ]
    file.write_text(text.replace("delgado", "okafor", 1), "utf-8", newline="")
    result = run("verify", file)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"log.{kind}: Row 1 (2026-11-23 05:02:00 UTC) was changed")
    assert run("verify", file, "--key", key).exit_code == 1


def test_an_export_of_days_is_in_one_piece_and_stands_in_the_log(notes: list[NoteId], tmp_path: Path) -> None:
    file = tmp_path / "day.log"
    assert run("export", "--format", "csv", "--since", SECOND, "--until", SECOND, file).exit_code == 0
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["seq"] for row in rows] == ["2", "3", "4"]
    assert "It begins with row 2" in "\n".join(lines(run("verify", file)))
    assert "audit log exported  the service  via command line" in lines(run("show"))[-1]


def test_a_log_that_does_not_hold_is_exported_unsigned(home: Path, notes: list[NoteId], tmp_path: Path) -> None:
    tamper(home, "UPDATE audit SET via = 'slack' WHERE seq = 2")
    result = run("export", tmp_path / "log.json")
    assert result.exit_code == 1
    assert "its last row is not signed" in result.stderr
    assert json.loads((tmp_path / "log.json").read_text())["head"] is None
    assert "log.json: Row 2" in run("verify", tmp_path / "log.json").stderr


def test_operators_mistakes_end_with_2_and_leave_nothing_behind(notes: list[NoteId], tmp_path: Path) -> None:
    (tmp_path / "there.json").write_text("mine")
    (tmp_path / "empty").mkdir()
    cases: dict[str, tuple[str | Path, ...]] = {
        "--since is a day such as 2026-03-02": ("show", "--since", "yesterday"),
        "--since is later than --until": ("show", "--since", SECOND, "--until", FIRST),
        "--format is csv or json, or OUT ends so": ("export", tmp_path / "log"),
        "--format is csv": ("export", "--format", "xml", tmp_path / "log.xml"),
        "there.json: File exists": ("export", tmp_path / "there.json"),
        "has no row of these days": ("export", "--until", "2020-01-01", tmp_path / "none.json"),
        "No such file or directory": ("export", tmp_path / "no" / "log.json"),
        "is not a file that": ("verify", tmp_path / "there.json"),
        "cannot be read": ("verify", tmp_path / "absent.json"),
        "is not a signed head": ("verify", "--head", tmp_path / "there.json"),
        "holds no signed head": ("verify", "--head", tmp_path / "empty"),
        "--key is for exported files": ("verify", "--key", "abc"),
        "there is a file of that name already": ("sign-head", "--out", tmp_path / "there.json"),
    }
    for said, words in cases.items():
        result = run(*words)
        wrapped = "".join(result.stderr.split())
        assert (result.exit_code, "".join(said.split()) in wrapped) == (2, True), (words, result.output)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "home", "there.json"]
    assert (tmp_path / "there.json").read_text() == "mine"


def test_nothing_is_signed_while_nothing_is_in_the_log(home: Path) -> None:
    assert lines(run("verify"))[0].startswith("The audit log holds: 0 rows")
    assert "nothing is in the log yet" in lines(run("sign-head"))[0]
    assert lines(run("key")) == lines(run("key"))


async def _audit_check() -> tuple[bool, str]:
    return next((one.ok, one.state) for one in await check_all(Settings.load()) if one.what == "audit log")


def test_check_says_where_heads_are_and_warns_when_that_is_at_home(
    home: Path, notes: list[NoteId], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ok, state = asyncio.run(_audit_check())
    assert ok
    assert "holds, 4 rows; no signed heads in" in state
    assert "inside AFTERNOTE_HOME" in state
    monkeypatch.setenv("AFTERNOTE_AUDIT_HEADS", str(tmp_path / "share"))
    ok, state = asyncio.run(_audit_check())
    assert not ok
    assert "cannot be written" in state
    assert "AFTERNOTE_AUDIT_HEADS" in state
    (tmp_path / "share").mkdir()
    lines(run("sign-head"))
    assert asyncio.run(_audit_check()) == (True, f"holds, 4 rows; 1 signed head in {tmp_path / 'share'}")
    tamper(home, "DELETE FROM audit WHERE seq = 4")
    ok, state = asyncio.run(_audit_check())
    assert not ok
    assert "row 4 is missing" in state
