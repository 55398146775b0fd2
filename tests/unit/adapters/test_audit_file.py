"""The audit log as a file: back as it was written, safe in a spreadsheet, and every change of it found and named."""

import csv
import json
import stat
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.audit_file import COLUMNS, About, AuditFile, AuditFileReader, NotAnAuditFile, beside_of
from bot.cards.audit_words import said
from bot.domain.audit import ChainRow, SignedHead, digest_of
from bot.workflows.audit_verify import Verified, verify_rows
from storage.crypto import DataKey
from storage.signing import is_genuine, public_key, sign
from tests.unit.test_audit_check import NOON, PRACTICE, chain

ABOUT = About(PRACTICE, "Larkspur Counseling", "America/Chicago", NOON)
KEY, OTHER_KEY = DataKey(b"k" * 32), DataKey(b"o" * 32)
NASTY = ("=1+1", "+1", "-1", "@x", "'=1", "'", "\t=1", "a,b", 'say "x"', "wörd", "two\nlines", "\r", "")


def head_of(row: ChainRow, key: DataKey = KEY) -> SignedHead:
    return sign(key, SignedHead(PRACTICE, row.seq, row.hash, NOON, ""))


def written(path: Path, rows: list[ChainRow], *, signed: bool = True) -> Path:
    kind = path.suffix.removeprefix(".")
    file = AuditFile(path, kind, ABOUT)
    file.write((row, "Rosa Delgado, LPC") for row in rows[:3])
    file.write((row, "") for row in rows[3:])
    made = file.finish(head_of(rows[-1]) if signed else None)
    assert [one for one in made if stat.S_IMODE(one.stat().st_mode) != 0o600] == []
    return path


def verified(path: Path, key: str = "") -> Verified:
    reader = AuditFileReader(path)
    return verify_rows(reader.practice, reader.rows(), {}, lambda: ("its own", reader.head), is_genuine, key)


def said_of(path: Path, key: str = "") -> list[str]:
    return [said(finding) for finding in verified(path, key).verdict.findings]


@pytest.fixture(params=["csv", "json"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"log.{request.param}"


def test_what_is_read_is_what_was_written_whatever_it_says(path: Path) -> None:
    rows: list[ChainRow] = []
    for text in NASTY:
        before = rows[-1].hash if rows else ""
        actor = text or None
        row = ChainRow(len(rows) + 1, actor, text, actor, 1, text, NOON, text, before, "")
        rows.append(replace(row, hash=digest_of(PRACTICE, row)))
    reader = AuditFileReader(written(path, rows))
    assert list(reader.rows()) == rows
    assert reader.practice == PRACTICE
    assert reader.head == head_of(rows[-1])
    assert verified(path).verdict.holds


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    rows = [replace(chain(1)[0], act=text, via=text) for text in NASTY]
    with written(tmp_path / "log.csv", rows).open(newline="", encoding="utf-8") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_a_json_file_is_one_object_with_the_chain(tmp_path: Path) -> None:
    rows = chain(4)
    found = json.loads(written(tmp_path / "log.json", rows).read_text("utf-8"))
    assert (found["practice"]["id"], found["practice"]["timezone"]) == (PRACTICE, "America/Chicago")
    assert [(row["seq"], row["previous_hash"], row["hash"]) for row in found["rows"]] == [
        (row.seq, row.previous_hash, row.hash) for row in rows
    ]
    assert set(found["rows"][0]) == set(COLUMNS) - {"practice"}
    assert found["head"]["seq"] == 4


def test_a_part_of_the_log_holds_by_itself(path: Path) -> None:
    found = verified(written(path, chain(9)[4:]))
    assert (found.verdict.holds, found.verdict.first, found.verdict.rows) == (True, 5, 5)


def lines(change: Callable[[list[str]], object]) -> Callable[[Path], object]:
    def tamper(path: Path) -> None:
        text = path.read_text("utf-8").splitlines(keepends=True)
        change(text)
        path.write_text("".join(text), "utf-8", newline="")

    return tamper


def replaced(line: int, old: str, new: str) -> Callable[[Path], object]:
    def change(text: list[str]) -> None:
        assert old in text[line]
        text[line] = text[line].replace(old, new)

    return lines(change)


def swapped(text: list[str]) -> None:
    text[3], text[4] = text[4], text[3]


def doubled(text: list[str]) -> None:
    text.insert(4, text[3])


def no_row(text: list[str]) -> None:
    text[3] = "nonsense\n"


CHANGED = "Row 3 was changed: what it says does not fit its hash."
CHANGED_AT = CHANGED.replace("Row 3", "Row 3 (2026-03-02 12:03:00 UTC)")
MOVED = "Row 3 (2026-03-02 12:03:00 UTC) is out of order: it was written as row 3."
# Line 0 is the heading, so row N is in line N, in both kinds of file.
TAMPERED: dict[str, tuple[Callable[[Path], object], str]] = {
    "another act": (replaced(3, "viewed", "signed"), CHANGED_AT),
    "another person": (replaced(3, "rosa", "omar"), CHANGED_AT),
    "another chat": (replaced(3, "slack", "teams"), CHANGED_AT),
    "a row taken out": (lines(lambda text: text.pop(3)), "Row 3 is missing."),
    "rows swapped": (lines(swapped), MOVED),
    "a row twice": (lines(doubled), "Row 3 was inserted: the log was written without it."),
    "a line of nonsense": (lines(no_row), CHANGED),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_done_to_a_file_is_found_and_named(path: Path, name: str) -> None:
    tamper, expected = TAMPERED[name]
    written(path, chain(9))
    tamper(path)
    assert said_of(path) == [expected]


def test_a_file_whose_last_rows_were_taken_out_is_not_what_was_signed(path: Path) -> None:
    written(path, chain(9))
    lines(lambda text: text.pop(9))(path)
    if path.suffix == ".json":
        replaced(8, "},", "}")(path)
    assert said_of(path) == ["The end was cut off: row 9 is missing."]


def test_a_file_that_was_rewritten_as_a_whole_is_not_what_was_signed(tmp_path: Path, path: Path) -> None:
    rows, forged = chain(9), chain(9, act="nothing")
    genuine = written(tmp_path / f"genuine{path.suffix}", rows)
    written(path, forged, signed=False)
    if path.suffix == ".csv":
        beside_of(path).write_bytes(beside_of(genuine).read_bytes())
    else:
        signature = genuine.read_text("utf-8").splitlines(keepends=True)[-1]
        lines(lambda text: text.__setitem__(-1, signature))(path)
    [told] = said_of(path)
    assert "Row 9" in told
    assert "hashed anew" in told


def test_a_file_signed_by_somebody_else_is_told_by_the_practices_key(path: Path) -> None:
    rows = chain(9)
    file = AuditFile(path, path.suffix.removeprefix("."), ABOUT)
    file.write((row, "") for row in rows)
    file.finish(head_of(rows[-1], OTHER_KEY))
    assert said_of(path) == []  # by itself it holds; whose it is, only the key tells
    [told] = said_of(path, public_key(KEY))
    assert told.startswith(f"its own: it is signed, but with another key ({public_key(OTHER_KEY)})")
    assert said_of(path, public_key(OTHER_KEY)) == []


def test_a_signature_that_was_changed_is_told(path: Path) -> None:
    rows = chain(3)
    file = AuditFile(path, path.suffix.removeprefix("."), ABOUT)
    file.write((row, "") for row in rows)
    file.finish(replace(head_of(rows[-1]), seq=2))
    assert said_of(path) == ["its own: its signature does not hold, so this file was changed and proves nothing."]


def cut_in_the_middle(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:700])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not a file that"),
        (b"seq,act\n1,viewed\n", "is not a file that"),
        (b"\xff\xfe\x00", "is not a file that"),
        (b'{"schema": "afternote/audit/1", "practice": 7, "rows": [\n', "does not say whose audit log it is"),
        (",".join(COLUMNS).encode() + b"\n", "has no row that says whose"),
    ],
)
def test_other_files_are_refused_with_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "some.csv").write_bytes(content)
    with pytest.raises(NotAnAuditFile, match=said):
        list(AuditFileReader(tmp_path / "some.csv").rows())


def test_a_json_file_without_its_end_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "log.json", chain(9))
    cut_in_the_middle(path)
    with pytest.raises(NotAnAuditFile, match="has no end"):
        list(AuditFileReader(path).rows())


def test_no_file_is_written_over(path: Path) -> None:
    written(path, chain(2))
    with pytest.raises(FileExistsError):
        AuditFile(path, "csv", ABOUT)


def test_a_long_log_is_never_in_memory(path: Path) -> None:
    rows = chain(2_000)

    def many() -> Iterator[tuple[ChainRow, str]]:
        for _ in range(10):
            yield from ((row, "") for row in rows)

    tracemalloc.start()
    file = AuditFile(path, path.suffix.removeprefix("."), ABOUT)
    file.write(many())
    file.finish(None)
    assert sum(1 for _ in AuditFileReader(path).rows()) == 20_000
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000 < path.stat().st_size
