"""A records request: all of one client and nothing else, and every tampering with it found."""

import asyncio
import hashlib
import json
import re
import shutil
import stat
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from adapters.export_folder import ExportFolder
from adapters.render import KINDS, render_all
from adapters.verify_export import NotAnExport, verify_export
from bot.cli import app
from bot.domain.filing import Receipt
from bot.domain.ids import NoteId, PersonId
from bot.domain.links import LinkKind
from bot.domain.note import Note, State
from bot.domain.statements import Slot
from bot.export_command import VIA
from bot.formats_file import load_formats
from bot.ports import Act
from bot.practice_file import load_practice
from bot.settings import Settings
from bot.wiring import SystemClock, open_desk
from bot.workflows.desk import Desk
from bot.workflows.export_client import export_client
from bot.workflows.roster import Roster
from tests.doubles.memory_uow import MemoryDatabase
from tests.unit.adapters.documents import SIGNED_AT, linked_note, of, signed_note
from tests.workflows.factories import FixedClock

CANARY = "zebrafinch-7731"
OTHERS = "heron-2208"
DEMO = Path(__file__).parents[2] / "demo" / "practice.toml"
ORIGINAL = signed_note([(Slot.REPORT, f"Client spoke of {CANARY}.")])


def about_the_original(kind: LinkKind, note_id: str, reason: str = "") -> Note:
    note = replace(linked_note(kind, reason), id=NoteId(note_id), signatures=())
    signature = replace(signed_note().signatures[0], at=SIGNED_AT + timedelta(days=2), version_hash=note.version_hash())
    return replace(note, signatures=(signature,))


def another_client() -> Note:
    note = replace(signed_note([(Slot.REPORT, OTHERS)]), id=NoteId("nother"), client_code="MK-003", signatures=())
    return replace(note, signatures=(replace(ORIGINAL.signatures[0], version_hash=note.version_hash()),))


ADDENDUM = about_the_original(LinkKind.ADDENDUM, "naddendum")
AMENDMENT = about_the_original(LinkKind.AMENDMENT, "namendment", "The score was typed wrong.")
SECOND = replace(ADDENDUM, id=NoteId("nsecond"), link=None, signatures=())
SECOND = replace(SECOND, signatures=(replace(ADDENDUM.signatures[0], version_hash=SECOND.version_hash()),))
KINDS_WANTED = ("pdf", "json", "txt")
RETRACTION = about_the_original(LinkKind.RETRACTION, "nretraction", "Wrong client.")


async def keep(desk: Desk, note: Note, kinds: tuple[str, ...] = KINDS) -> None:
    """A signed note with its documents, its row of the ledger and its acts."""
    files = render_all(of(note, about=ORIGINAL if note.link else None), kinds)
    async with desk.database.writing(desk.id) as unit:
        await unit.notes.add(note)
        await unit.ledger.open(note.id, ("folder", "share"), SIGNED_AT)
        for signature in note.signatures:
            await unit.audit.append(
                Act(signature.person_id, "signed", note.id, note.version, note.version_hash(), signature.at, "slack")
            )
        if files:
            await unit.documents.add(note.id, files)
        await unit.commit()


async def receive(desk: Desk, note: Note) -> None:
    async with desk.database.writing(desk.id) as unit:
        await unit.ledger.stored(note.id, "folder", Receipt("JD-014/note", "ab" * 32, "stored", SIGNED_AT))
        await unit.commit()


async def draft(desk: Desk) -> None:
    note = replace(signed_note(), id=NoteId("ndraft"), state=State.DRAFT, signatures=())
    async with desk.database.writing(desk.id) as unit:
        await unit.notes.add(note)
        await unit.commit()


def at_the_practice(home: Path, *work: Callable[[Desk], Any]) -> list[Any]:
    """Do something in the practice's own database, as the program opens it."""

    async def run() -> list[Any]:
        settings = Settings.load()
        desk = await open_desk(settings, load_practice(settings.practice_file), SystemClock())
        try:
            return [await each(desk) for each in work]
        finally:
            await desk.database.close()

    return asyncio.run(run())


def in_memory() -> Desk:
    """The demo's practice, on a database that keeps everything as it was given."""
    return Desk(Roster(load_practice(DEMO).practice), load_formats(), MemoryDatabase(), FixedClock())


def cli(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, " ".join(result.output.split())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "practice.toml").write_bytes(DEMO.read_bytes())
    monkeypatch.setenv("AFTERNOTE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def desk() -> Desk:
    """Four notes of JD-014 that belong together, a draft, and a note of somebody else."""

    async def fill(desk: Desk) -> Desk:
        for note in (ORIGINAL, ADDENDUM, AMENDMENT, RETRACTION, another_client()):
            await keep(desk, note)
        await receive(desk, ORIGINAL)
        await draft(desk)
        return desk

    return asyncio.run(fill(in_memory()))


@pytest.fixture
def exported(home: Path, desk: Desk) -> Path:
    """The four notes in a folder."""
    done = asyncio.run(export_client(desk, ExportFolder.at(home / "records"), "JD-014", KINDS_WANTED, VIA))
    assert (done.notes, done.unsigned, done.incomplete) == (4, 1, ())
    return home / "records"


def index_of(folder: Path) -> Any:
    return json.loads((folder / "index.json").read_text("utf-8"))


def test_everything_of_the_client_is_there_and_nothing_of_others(exported: Path) -> None:
    names = sorted(path.relative_to(exported).as_posix() for path in exported.rglob("*") if path.is_file())
    stems = [f"JD-014/2026-11-20_soap_{note.id}" for note in (ORIGINAL, ADDENDUM, AMENDMENT, RETRACTION)]
    documents = [f"{stem}.{kind}" for stem in stems for kind in ("pdf", "json", "txt")]
    assert names == sorted([*documents, "index.json", "index.html", "audit.jsonl", "SHA256SUMS"])
    assert OTHERS.encode() not in b"".join((exported / name).read_bytes() for name in names)
    assert (exported / f"{stems[0]}.pdf").read_bytes() == render_all(of(ORIGINAL), ("pdf",))["pdf"]
    for name in ("index.json", "index.html", "audit.jsonl", "SHA256SUMS"):
        assert CANARY not in (exported / name).read_text("utf-8")


def test_the_index_says_who_signed_what_where_it_went_and_what_followed(exported: Path) -> None:
    index = index_of(exported)
    schema = json.loads(resources.files("adapters").joinpath("export.schema.json").read_bytes())
    jsonschema.validate(index, schema)
    rows = {row["note"]: row for row in index["notes"]}
    row = rows[ORIGINAL.id]
    assert (index["client_code"], index["complete"], index["unsigned_drafts"]) == ("JD-014", True, 1)
    assert (row["date_of_service"], row["state"], row["link"]) == ("2026-11-20", "approved", None)
    assert [row["addenda"], row["superseded_by"], row["retracted_by"]] == [
        ["naddendum"],
        ["namendment"],
        ["nretraction"],
    ]
    assert [signed["role"] for signed in row["signatures"]] == ["clinician", "supervisor"]
    assert {signed["version_sha256"] for signed in row["signatures"]} == {ORIGINAL.version_hash()}
    assert [(filing["target"], filing["state"]) for filing in row["filings"]] == [
        ("folder", "stored"),
        ("share", "pending"),
    ]
    assert row["filings"][0]["receipt"]["reference"] == "JD-014/note"
    assert rows["namendment"]["link"] == {"kind": "amendment", "note": ORIGINAL.id}
    page = (exported / "index.html").read_text("utf-8")
    assert f'Amendment of <a href="#{ORIGINAL.id}">' in page
    assert "Rosa Delgado, LPC-Associate, November 20, 2026, 15:05 CST" in page, "the day is that of the documents"
    assert "Entered in error" in page


def test_the_sums_are_what_coreutils_reads_and_nobody_else_may_read_the_files(exported: Path) -> None:
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=exported, check=True)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in exported.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (exported, exported / "JD-014")} == {0o700}


def test_an_export_is_an_act_of_each_note_and_goes_along(exported: Path, desk: Desk) -> None:
    async def acts() -> Any:
        async with desk.database.reading(desk.id) as unit:
            assert await unit.audit.verify() is None
            return [act for act in await unit.audit.acts() if act.act == "exported"]

    found = asyncio.run(acts())
    assert [(act.note_id, act.actor, act.via) for act in found] == [
        (note["note"], None, "command line") for note in index_of(exported)["notes"]
    ]
    lines = [json.loads(line) for line in (exported / "audit.jsonl").read_text("utf-8").splitlines()]
    assert [line["act"] for line in lines if line["note"] == ORIGINAL.id] == ["signed", "signed", "exported"]
    assert {line["actor"] for line in lines if line["act"] == "signed"} >= {PersonId("delgado"), PersonId("weiss")}


def test_a_whole_export_is_verified_without_database_and_keys(
    exported: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = shutil.move(exported, home.parent / f"{home.name}-elsewhere")
    monkeypatch.setenv("AFTERNOTE_HOME", str(home / "nowhere"))
    code, said = cli("verify", str(moved))
    assert code == 0
    assert "Whole: 4 notes and 14 files" in said
    digest = hashlib.sha256((Path(moved) / "index.json").read_bytes()).hexdigest()
    assert digest in said
    assert "does not show whether somebody rewrote all of it" in said
    assert cli("verify", str(moved), "--expect", digest.upper())[0] == 0
    code, said = cli("verify", str(moved), "--expect", "0" * 64)
    assert (code, "has not the SHA-256 that was expected" in said) == (1, True)


def edit(path: Path, change: Callable[[Any], object]) -> None:
    value = json.loads(path.read_text("utf-8"))
    change(value)
    path.write_text(json.dumps(value, sort_keys=True, indent=2) + "\n", "utf-8")


def resum(folder: Path) -> None:
    """Write the sums anew, as somebody would who covers up a change."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(folder).as_posix()}\n" for p in paths]
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8")


def relist(folder: Path) -> None:
    """Bring the hashes of the index in line with the files, and the sums with both."""

    def change(index: Any) -> None:
        for file in [*index["other_files"], *(file for note in index["notes"] for file in note["files"])]:
            data = (folder / file["path"]).read_bytes()
            file |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}

    edit(folder / "index.json", change)
    resum(folder)


def document(folder: Path, note: Note, kind: str = "json") -> Path:
    return folder / f"JD-014/2026-11-20_soap_{note.id}.{kind}"


def change_a_byte(folder: Path) -> None:
    path = document(folder, ORIGINAL, "pdf")
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def swap(folder: Path, kind: str = "json") -> None:
    one, other = document(folder, ORIGINAL, kind), document(folder, AMENDMENT, kind)
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def link_to_elsewhere(folder: Path) -> None:
    path = document(folder, ADDENDUM, "txt")
    data = path.read_bytes()
    path.unlink()
    (folder.parent / "elsewhere.txt").write_bytes(data)
    path.symlink_to(folder.parent / "elsewhere.txt")


def edited_index(change: Callable[[Any], object], *, cover: bool = True) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        edit(folder / "index.json", change)
        if cover:
            resum(folder)

    return tamper


def edited_document(change: Callable[[Any], object]) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        edit(document(folder, AMENDMENT), change)
        relist(folder)

    return tamper


def swap_and_cover(folder: Path) -> None:
    swap(folder)
    relist(folder)


def forget_a_signature_in_the_trail(folder: Path) -> None:
    trail = folder / "audit.jsonl"
    kept = [line for line in trail.read_text("utf-8").splitlines(True) if '"act": "signed"' not in line]
    trail.write_text("".join(kept), "utf-8")
    relist(folder)


def call_the_signing_a_reading(folder: Path) -> None:
    trail = folder / "audit.jsonl"
    trail.write_text(trail.read_text("utf-8").replace('"act": "signed"', '"act": "viewed"', 1), "utf-8")
    relist(folder)


def nonsense_in_the_trail(folder: Path) -> None:
    with (folder / "audit.jsonl").open("ab") as trail:
        trail.write(b'{"note": ["n1"]}\n' + b"[" * 100_000 + b"\n\xff\n")
    relist(folder)


def drop_the_pdfs_of_a_note(folder: Path) -> None:
    document(folder, ADDENDUM, "pdf").unlink()
    edit(folder / "index.json", lambda i: i["notes"][1].update(files=i["notes"][1]["files"][1:]))
    relist(folder)


def a_note_of_another_client(index: Any) -> None:
    index["notes"][0].update(client_code="MK-003")


def unsafe_path(index: Any) -> None:
    index["notes"][0]["files"][0]["path"] = "../practice.toml"


TAMPERED: list[tuple[str, Callable[[Path], None], str]] = [
    ("a changed byte", change_a_byte, f"{ORIGINAL.id}.pdf was changed"),
    ("a removed file", lambda f: document(f, ADDENDUM, "txt").unlink(), "naddendum.txt is missing."),
    ("an extra file", lambda f: (f / "JD-014" / "more.pdf").write_bytes(b"x"), "more.pdf is not part of the export."),
    ("a link", link_to_elsewhere, "naddendum.txt is a link"),
    ("swapped files", swap, f"{ORIGINAL.id}.json was changed"),
    ("swapped files, covered up", swap_and_cover, f"the document of another note than {ORIGINAL.id}"),
    ("a removed sums file", lambda f: (f / "SHA256SUMS").unlink(), "SHA256SUMS is missing."),
    (
        "an edited index",
        edited_index(lambda i: i["notes"][0].update(state="filed"), cover=False),
        "SHA256SUMS has another SHA-256 for index.json",
    ),
    ("a dropped note", edited_index(lambda i: i["notes"].pop(1)), "is not part of the export."),
    ("a dropped link", edited_index(lambda i: i["notes"][0].update(addenda=[])), "addenda does not agree"),
    (
        "another signer",
        edited_index(lambda i: i["notes"][0]["signatures"][0].update(name="Somebody Else")),
        "its signatures are not those of index.json",
    ),
    (
        "a signature over another version",
        edited_index(lambda i: i["notes"][0]["signatures"][0].update(version_sha256="0" * 64)),
        "a signature is over another version",
    ),
    ("an unsafe path", edited_index(unsafe_path), "index.json does not follow its schema: notes.0.files.0.path"),
    ("no JSON", lambda f: (f / "index.json").write_bytes(b"{"), "it is not JSON"),
    ("a lost key", edited_document(lambda d: d.pop("sections")), "does not follow its schema"),
    ("another version", edited_document(lambda d: d["version"].update(sha256="0" * 64)), "its version is not that of"),
    ("another client", edited_document(lambda d: d.update(client_code="MK-003")), "its client code is not that of"),
    (
        "another kind of link",
        edited_document(lambda d: d["about"].update(kind="addendum")),
        "what it is to another note does not agree",
    ),
    (
        "another version of the note it is about",
        edited_document(lambda d: d["about"].update(version_sha256="0" * 64)),
        "about another version of that note",
    ),
    ("a forgotten act", forget_a_signature_in_the_trail, "audit.jsonl does not know of a signature"),
    ("a signing that was a reading", call_the_signing_a_reading, "audit.jsonl does not know of a signature"),
    ("a line of nonsense", nonsense_in_the_trail, "audit.jsonl has a line that is of none of these notes"),
    (
        "another day",
        edited_index(lambda i: i["notes"][0].update(date_of_service="2026-11-21")),
        "its date of service is not that of index.json",
    ),
    (
        "another format",
        edited_index(lambda i: i["notes"][0]["format"].update(id="dap")),
        "its format is not that of index.json",
    ),
    (
        "another time of writing",
        edited_index(lambda i: i["notes"][0].update(created_at="2026-11-20T20:59:00+00:00")),
        "it was not written when index.json says",
    ),
    (
        "another number of the version",
        edited_index(lambda i: i["notes"][0]["version"].update(number=2)),
        "its version is not that of index.json",
    ),
    ("a note of another client", edited_index(a_note_of_another_client), f"Note {ORIGINAL.id} is of another client."),
    ("a kind that is not there", drop_the_pdfs_of_a_note, "its files are not the kinds that were asked for"),
    (
        "called incomplete",
        edited_index(lambda i: i.update(complete=False)),
        "does not say rightly whether the export is complete",
    ),
]


@pytest.mark.parametrize(("tamper", "sentence"), [row[1:] for row in TAMPERED], ids=[row[0] for row in TAMPERED])
def test_tampering_is_found(exported: Path, tamper: Callable[[Path], None], sentence: str) -> None:
    assert verify_export(exported).problems == []
    tamper(exported)
    found = verify_export(exported)
    assert any(sentence in problem for problem in found.problems), found.problems
    code, said = cli("verify", str(exported))
    assert code == 1
    assert sentence in said
    assert CANARY not in said


def test_what_verifying_cannot_show_is_shown_by_the_hash(exported: Path) -> None:
    """Somebody who rewrites everything consistently is not found by the folder alone."""
    before = hashlib.sha256((exported / "index.json").read_bytes()).hexdigest()
    document(exported, ORIGINAL, "txt").write_text("Another note.\n", "utf-8")
    relist(exported)
    assert verify_export(exported).problems == []
    assert len(verify_export(exported, before).problems) == 1


def test_what_a_folder_from_elsewhere_says_steers_no_terminal(exported: Path) -> None:
    edit(exported / "index.json", lambda i: i["notes"][0].update(note="n\x1b[2Jabc"))
    code, said = cli("verify", str(exported))
    assert (code, "n␛[2Jabc" in said, "\x1b[2J" in said) == (1, True, False)


def test_a_note_about_one_outside_the_export_is_named(home: Path) -> None:
    async def run() -> None:
        desk = in_memory()
        await keep(desk, ADDENDUM)
        await export_client(desk, ExportFolder.at(home / "records"), "jd-014", KINDS_WANTED, VIA)

    asyncio.run(run())
    code, said = cli("verify", "records")
    assert code == 0
    assert f"Note naddendum is about note {ORIGINAL.id}, which is not in this export." in said


def test_the_command_exports_from_the_practices_own_database(home: Path) -> None:
    at_the_practice(home, lambda desk: keep(desk, ORIGINAL), lambda desk: keep(desk, another_client()), draft)
    code, said = cli("export", "--client", "jd-014", "--out", "a/records")
    digest = hashlib.sha256((home / "a/records/index.json").read_bytes()).hexdigest()
    assert code == 0
    assert "1 signed note of jd-014 in a/records 1 draft not signed yet: not part of it." in said
    assert "Records of client JD-014" in (home / "a/records/index.html").read_text("utf-8")
    assert f"SHA-256 of index.json: {digest}" in said
    assert cli("verify", "a/records", "--expect", digest)[0] == 0
    assert document(home / "a/records", ORIGINAL, "pdf").read_bytes() == render_all(of(ORIGINAL), ("pdf",))["pdf"]


def test_other_kinds_of_document_may_be_asked_for(home: Path) -> None:
    at_the_practice(home, lambda desk: keep(desk, ORIGINAL))
    assert cli("export", "--client", "JD-014", "--out", "records", "--files", "docx, md")[0] == 0
    assert {path.suffix for path in (home / "records" / "JD-014").iterdir()} == {".docx", ".md"}
    code, said = cli("verify", "records")
    assert (code, "its signatures were compared with nothing" in said) == (0, True)
    code, said = cli("export", "--client", "JD-014", "--out", "more", "--files", "odt")
    assert (code, "--files odt: choose from txt, md, pdf" in said) == (2, True)


def test_documents_that_are_not_stored_yet_make_an_export_incomplete(home: Path) -> None:
    at_the_practice(home, lambda desk: keep(desk, ORIGINAL, ()), lambda desk: keep(desk, SECOND))
    code, said = cli("export", "--client", "JD-014", "--out", "records")
    assert code == 1
    assert f"Not complete: documents of {ORIGINAL.id}" in said
    index = index_of(home / "records")
    assert index["complete"] is False
    assert {row["note"]: row["lacking"] for row in index["notes"]}[ORIGINAL.id] == ["pdf", "json", "txt"]
    assert "Not complete" in (home / "records" / "index.html").read_text("utf-8")
    code, said = cli("verify", "records")
    assert code == 0
    assert f"Note {ORIGINAL.id} was exported without pdf, json, txt: not stored at that time." in said


def test_notes_from_before_they_could_be_found_by_client_are_exported_too(home: Path) -> None:
    database = f"sqlite:///{home / 'afternote.db'}"

    async def as_of_old(desk: Desk) -> None:
        async with desk.database.writing(desk.id) as unit:
            for number in range(4):
                await unit.notes.add(replace(signed_note(), id=NoteId(f"n{number}"), client_code="", signatures=()))
            await unit.commit()
        engine = create_engine(database)
        with engine.begin() as connection:
            connection.execute(text("UPDATE notes SET client_lookup = NULL"))
        engine.dispose()

    at_the_practice(home, lambda desk: keep(desk, ORIGINAL), lambda desk: keep(desk, SECOND), as_of_old)
    code, said = cli("export", "--client", "JD-014", "--out", "records")
    assert (code, "2 signed notes of JD-014" in said) == (0, True)


@pytest.mark.parametrize(
    ("client", "sentence"),
    [("ZZ-999", "There is no client ZZ-999 here."), ("JD-014", "no signed note of JD-014; 1 draft is not signed yet")],
)
def test_nothing_to_export_is_said(home: Path, client: str, sentence: str) -> None:
    at_the_practice(home, draft)
    code, said = cli("export", "--client", client, "--out", "records")
    assert (code, sentence in said) == (2, True)
    assert not (home / "records").exists()


def test_an_export_never_mixes_with_other_files(exported: Path, home: Path) -> None:
    before = {path: path.read_bytes() for path in exported.rglob("*") if path.is_file()}
    code, said = cli("export", "--client", "JD-014", "--out", "records")
    assert (code, "records is not empty. Name a new folder" in said) == (2, True)
    assert {path: path.read_bytes() for path in exported.rglob("*") if path.is_file()} == before
    (home / "file").write_text("x")
    assert cli("export", "--client", "JD-014", "--out", "file")[0] == 2


def test_a_client_code_leads_no_path_astray(home: Path) -> None:
    code = '../J D/ñ<b>&"014"'

    async def run() -> None:
        desk = in_memory()
        note = replace(ORIGINAL, client_code=code, signatures=())
        signature = replace(ORIGINAL.signatures[0], version_hash=note.version_hash())
        await keep(desk, replace(note, signatures=(signature,)))
        await export_client(desk, ExportFolder.at(home / "records"), code, KINDS_WANTED, VIA)

    asyncio.run(run())
    assert verify_export(home / "records").problems == []
    (folder,) = (path.name for path in (home / "records").iterdir() if path.is_dir())
    assert re.fullmatch(r"[A-Za-z0-9._-]+", folder)
    assert "<b>" not in (home / "records" / "index.html").read_text("utf-8")


def test_an_export_that_cannot_be_written_says_so(home: Path) -> None:
    at_the_practice(home, lambda desk: keep(desk, ORIGINAL))
    (home / "file").write_text("x")
    code, said = cli("export", "--client", "JD-014", "--out", "file/records")
    assert code == 2
    assert "The export stopped, and file/records is not whole" in said
    assert "Remove that folder and export again." in said


@pytest.mark.parametrize("name", ["nowhere", "empty", "practice.toml"])
def test_a_folder_that_is_no_export_is_not_called_tampered(home: Path, name: str) -> None:
    (home / "empty").mkdir()
    assert cli("verify", name)[0] == 2
    with pytest.raises(NotAnExport):
        verify_export(home / name)


def test_more_notes_than_any_page_of_a_list_are_all_exported(home: Path) -> None:
    def numbered(number: int) -> Note:
        note = replace(ORIGINAL, id=NoteId(f"n{number:04}"), signatures=())
        return replace(note, signatures=(replace(ORIGINAL.signatures[0], version_hash=note.version_hash()),))

    at_the_practice(home, *[lambda desk, n=n: keep(desk, numbered(n), ("txt",)) for n in range(60)])
    assert cli("export", "--client", "JD-014", "--out", "records", "--files", "txt")[0] == 0
    assert len(index_of(home / "records")["notes"]) == 60
    assert verify_export(home / "records").problems == []
