"""`afternote filings`: what is not filed, in words; retrying, answering and exporting it, without a running service."""

import asyncio
import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.filing import Filing, FilingState, Receipt, removed_code
from bot.domain.ids import NoteId
from bot.domain.note import State
from bot.domain.people import Person
from bot.practice_file import load_practice
from bot.settings import Settings
from bot.wiring import SystemClock, open_desk
from bot.workflows.approve_note import approve_note
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.start_draft import NewNote, start_draft

CANARY = "zebrafinch-7731"
REFERENCE = "JD-014/2026-03-02_soap"
DAY = "2026-03-02"
ENDS = {
    "waits": (FilingState.PENDING, "folder:away"),
    "refused": (FilingState.REFUSED, "folder:not_allowed:13"),
    "conflict": (FilingState.CONFLICT, "folder:other_content"),
    "unknown": (FilingState.UNKNOWN, "folder:lost"),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    example = Path(__file__).parents[2] / "demo" / "practice.toml"
    (tmp_path / "practice.toml").write_bytes(example.read_bytes())
    monkeypatch.setenv("AFTERNOTE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def notes(home: Path) -> dict[str, NoteId]:
    """A signed note in each state, by a word for it."""
    return asyncio.run(_notes(home))


async def _practice(home: Path) -> Desk:
    return await open_desk(Settings.load(), load_practice(home / "practice.toml"), SystemClock())


async def _notes(home: Path) -> dict[str, NoteId]:
    desk = await _practice(home)
    rosa = next(person for person in desk.practice.people if person.id == "delgado")
    made = {name: await _signed(desk, rosa, name) for name in ("stored", *ENDS)}
    async with desk.database.writing(desk.id) as unit:
        now = desk.clock.now()
        for name, (state, code) in ENDS.items():
            await unit.ledger.lease(made[name], "folder", "worker", now, 60)
            await unit.ledger.failed(made[name], "folder", "worker", state, code, now, now.replace(year=now.year + 1))
        await unit.ledger.stored(made["stored"], "folder", Receipt(REFERENCE, "ab" * 32, "stored", now, "7"))
        await unit.commit()
    await desk.database.close()
    return made


async def _signed(desk: Desk, rosa: Person, name: str) -> NoteId:
    started = await start_draft(
        desk, rosa, NewNote(f"Ct talked about {CANARY}.", f"test:{name}", "test", "soap", "JD-014")
    )
    await draft_note(desk, started.note_id)
    note = (await open_note(desk, started.note_id)).note
    await approve_note(desk, rosa, note.id, note.version, "test", day=desk.today(rosa))
    async with desk.database.writing(desk.id) as unit:
        signed = await unit.notes.get(note.id)
        await unit.notes.save(signed.filing(), signed)
        await unit.documents.add(note.id, {"pdf": b"final"})
        await unit.commit()
    return note.id


def filing_of(home: Path, note_id: NoteId) -> tuple[State, Filing, list[tuple[str, str]]]:
    """How the note and its filing stand, and who did what."""

    async def look() -> tuple[State, Filing, list[tuple[str, str]]]:
        desk = await _practice(home)
        opened = await open_note(desk, note_id)
        async with desk.database.reading(desk.id) as unit:
            acts = [(act.act, act.via) for act in await unit.audit.acts(note_id)]
        await desk.database.close()
        return opened.note.state, opened.filings[0], acts

    return asyncio.run(look())


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["filings", *arguments])
    return result.exit_code, result.output


def test_what_is_not_there_is_listed_in_words_and_without_a_word_of_the_note(notes: dict[str, NoteId]):
    code, listed = run("list")
    assert code == 0
    lines = {line.split()[0]: line for line in listed.splitlines()}
    assert set(lines) == {notes[name] for name in ENDS}
    assert "folder:not_allowed:13" in lines[notes["refused"]]
    assert "folder does not let Afternote in" in lines[notes["refused"]]
    assert "1 try" in lines[notes["waits"]]
    assert "since 2" in lines[notes["waits"]]
    assert "next 2" in lines[notes["waits"]]
    assert "next" not in lines[notes["unknown"]]
    assert CANARY not in listed
    assert "JD-014" not in listed


def test_the_list_can_be_narrowed_and_widened(notes: dict[str, NoteId]):
    assert [line.split()[0] for line in run("list", "--state", "refused")[1].splitlines()] == [notes["refused"]]
    assert len(run("list", "--state", "refused", "--state", "conflict")[1].splitlines()) == 2
    assert len(run("list", "--all", "--target", "folder")[1].splitlines()) == 5
    assert run("list", "--state", "sending") == (0, "There is nothing like that.\n")


def test_what_waits_at_a_place_that_practice_toml_gave_up_is_listed_and_answered(home: Path, notes: dict[str, NoteId]):
    async def gave_up() -> None:
        desk = await _practice(home)
        async with desk.database.writing(desk.id) as unit:
            now = desk.clock.now()
            for name, (state, code) in {"refused": ENDS["refused"], "unknown": ENDS["unknown"]}.items():
                await unit.ledger.open(notes[name], ["attic"], now)
                await unit.ledger.lease(notes[name], "attic", "worker", now, 60)
                told = removed_code("attic") if state is FilingState.REFUSED else code
                await unit.ledger.failed(notes[name], "attic", "worker", state, told, now, now)
            await unit.commit()
        await desk.database.close()

    asyncio.run(gave_up())
    code, listed = run("list", "--target", "attic")
    assert code == 0
    assert "practice.toml does not name attic any more" in listed
    assert run("there", notes["unknown"], "attic")[0] == 0
    assert len(run("list", "--target", "attic")[1].splitlines()) == 1


def test_a_practice_without_filings_is_told_so(home: Path):
    assert run("list") == (0, "Everything that is signed is filed.\n")
    assert run("retry") == (0, "There is nothing to send again.\n")


def test_retrying_takes_what_waits_or_was_refused(home: Path, notes: dict[str, NoteId]):
    code, said = run("retry")
    assert code == 0
    assert "2 to be sent again. A running service begins within half a minute" in said
    for name in ("waits", "refused"):
        _, filing, acts = filing_of(home, notes[name])
        assert (filing.state, filing.error_code, filing.attempts) == (FilingState.PENDING, "", 0)
        assert filing.next_at <= SystemClock().now()
        assert ("filing in folder: send again", "command line") in acts
    assert filing_of(home, notes["conflict"])[1].state is FilingState.CONFLICT


def test_retrying_one_note_and_what_cannot_be_retried(home: Path, notes: dict[str, NoteId]):
    assert run("retry", notes["conflict"])[0] == 0
    assert filing_of(home, notes["conflict"])[1].state is FilingState.PENDING
    code, said = run("retry", notes["unknown"])
    assert code == 2
    assert "a person has to look first" in said
    assert filing_of(home, notes["unknown"])[1].state is FilingState.UNKNOWN
    assert "There is nothing to send again" in run("retry", notes["stored"])[1]
    assert filing_of(home, notes["waits"])[1].error_code == "folder:away"


def test_an_operator_says_that_a_note_is_there_or_is_not(home: Path, notes: dict[str, NoteId]):
    assert run("there", notes["unknown"], "folder")[0] == 0
    state, filing, acts = filing_of(home, notes["unknown"])
    assert state is State.FILED
    assert filing.receipt is not None
    assert (filing.receipt.outcome, filing.receipt.verified) == ("confirmed", False)
    assert ("filing in folder confirmed: it is there", "command line") in acts
    code, said = run("absent", notes["unknown"], "folder")
    assert code == 2
    assert "settled already" in said
    assert run("there", notes["refused"], "folder")[0] == 2


def test_a_note_that_is_absent_is_sent_again(home: Path, notes: dict[str, NoteId]):
    assert run("absent", notes["unknown"], "folder")[0] == 0
    _, filing, _ = filing_of(home, notes["unknown"])
    assert (filing.state, filing.maybe_sent) == (FilingState.PENDING, False)


@pytest.mark.parametrize("name", ["ledger.csv", "ledger.jsonl"])
def test_the_whole_ledger_is_exported(home: Path, notes: dict[str, NoteId], name: str):
    code, said = run("export", "--out", name)
    assert (code, said.split()[0]) == (0, "5")
    text = (home / name).read_text("utf-8")
    rows = (
        [json.loads(line) for line in text.splitlines()]
        if name.endswith("l")
        else list(csv.DictReader(text.splitlines()))
    )
    by_note = {row["note_id"]: row for row in rows}
    assert set(by_note) == set(notes.values())
    stored = by_note[notes["stored"]]
    assert (stored["state"], stored["sha256"], stored["version"]) == ("stored", "ab" * 32, "7")
    assert (stored["outcome"], str(stored["verified"]), stored["reference"]) == ("stored", "True", REFERENCE)
    assert by_note[notes["refused"]]["code"] == "folder:not_allowed:13"
    assert CANARY not in text
    assert (home / name).stat().st_mode & 0o077 == 0
    code, said = run("export", "--out", name)
    assert code == 2
    assert "Nothing was written" in said
    assert (home / name).read_text("utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("list", "--state", "lost"), "There is no state “lost”"),
        (("list", "--target", "ehr"), "There is no target “ehr” in practice.toml"),
        (("retry", "n0nsense"), "There is no signed note n0nsense here."),
        (("there", "n0nsense", "folder"), "does not exist"),
        (("there", "n0nsense", "ehr"), "There is no target “ehr”"),
        (("export", "--out", "ledger.txt"), "must end in .csv or .jsonl"),
        (("export", "--out", "nowhere/ledger.csv"), "No such file"),
    ],
)
def test_a_mistake_is_a_sentence_and_exit_code_2(home: Path, arguments: tuple[str, ...], sentence: str):
    code, said = run(*arguments)
    assert code == 2
    assert sentence in " ".join(said.split())
