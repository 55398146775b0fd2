"""The audit log as a file, CSV or JSON, row by row in both directions: however long it is, one row is in memory.

A file proves its rows by their chain, without database or key: a row's hash covers what it says, its number and the row
before it. The signature of its last row is at the end of a JSON file, and in a file beside a CSV.
"""

import csv
import datetime as dt
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, cast

from adapters.audit_head_file import head_in, head_object, head_of, head_text
from bot.domain.audit import ChainRow, SignedHead, instant

SCHEMA = "afternote/audit/1"
COLUMNS = (
    *("practice", "seq", "at", "actor", "name", "act", "note", "version", "version_hash", "via"),
    *("previous_hash", "hash"),
)
KINDS = ("csv", "json")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
_FIRST_LINE, _ROWS, _END = '{"schema": "afternote/audit/1", ', '"rows": [', '], "head": '


class NotAnAuditFile(ValueError):
    """The file is not one that `afternote audit export` wrote. Its words are a sentence."""


@dataclass(frozen=True, slots=True)
class About:
    """Whose log it is, and when it was exported."""

    practice: str
    name: str
    timezone: str
    exported_at: dt.datetime


class AuditFile:
    """A file that is being written. Only its owner may read it. Raises OSError, FileExistsError among them."""

    def __init__(self, path: Path, kind: str, about: About) -> None:
        self._path, self._kind, self._about = path, kind, about
        self._out: TextIO = os.fdopen(_new(path), "w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._out)
        self._any = False
        self._begin()

    def write(self, rows: Iterable[tuple[ChainRow, str]]) -> None:
        """Rows, each with the name of who acted (known today, and no part of the chain)."""
        for row, name in rows:
            values = _values(self._about.practice, row, name)
            if self._kind == "csv":
                self._csv.writerow([_cell(values[column]) for column in COLUMNS])
            else:
                self._out.write((",\n" if self._any else "") + json.dumps(_without_practice(values)))
            self._any = True

    def finish(self, head: SignedHead | None) -> Sequence[Path]:
        """Close it with the signature of its last row. Which files there are now."""
        if self._kind == "json":
            self._out.write(f"\n{_END}{json.dumps(head_object(head) if head else None)}}}\n")
        self._out.close()
        if self._kind == "json" or head is None:
            return [self._path]
        beside = beside_of(self._path)
        with os.fdopen(_new(beside), "wb") as file:
            file.write(head_text(head))
        return [self._path, beside]

    def drop(self) -> None:
        """Take away what was begun and cannot be ended."""
        self._out.close()
        self._path.unlink(missing_ok=True)

    def _begin(self) -> None:
        if self._kind == "csv":
            self._csv.writerow(COLUMNS)
            return
        about = {"id": self._about.practice, "name": self._about.name, "timezone": self._about.timezone}
        said = f'"practice": {json.dumps(about)}, "exported_at": "{instant(self._about.exported_at)}", '
        self._out.write(f"{_FIRST_LINE}{said}{_ROWS}\n")


class AuditFileReader:
    """A file that is being read, once. `practice` is known from the start, `head` after the last row."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.head: SignedHead | None = None
        try:
            with self._opened() as file:
                first = file.readline(_LONGEST)
                self._is_json = first.startswith(_FIRST_LINE)
                self.practice = self._practice_in(first) if self._is_json else self._practice_of_csv(first, file)
        except OSError as error:
            raise NotAnAuditFile(f"{path} cannot be read: {error.strerror}.") from None

    def rows(self) -> Iterator[ChainRow]:
        """Every row as it stands; one that cannot be read any more has no hash. Raises NotAnAuditFile."""
        with self._opened() as file:
            file.readline()
            yield from self._json_rows(file) if self._is_json else self._csv_rows(file)
        if not self._is_json and beside_of(self._path).exists():
            try:
                self.head = head_in(beside_of(self._path))
            except ValueError as error:
                raise NotAnAuditFile(str(error)) from None

    def _opened(self) -> TextIO:
        return self._path.open(encoding="utf-8", newline="", errors="replace")

    def _practice_in(self, line: str) -> str:
        try:
            return str(json.loads(line.rstrip().removesuffix(_ROWS) + '"rows": []}')["practice"]["id"])
        except (ValueError, KeyError, TypeError):
            raise NotAnAuditFile(f"{self._path} does not say whose audit log it is (its first line).") from None

    def _practice_of_csv(self, heading: str, file: TextIO) -> str:
        if tuple(heading.rstrip("\r\n").split(",")) != COLUMNS:
            path = self._path
            raise NotAnAuditFile(
                f"{path} is not a file that `afternote audit export` wrote, or was written anew since."
            )
        first = next(csv.reader(file), None)
        if first is None or len(first) != len(COLUMNS):
            raise NotAnAuditFile(f"{self._path} has no row that says whose audit log it is.")
        return _plain(first[0])

    def _json_rows(self, file: TextIO) -> Iterator[ChainRow]:
        last = 0
        for line in file:
            text = line.strip()
            if text.startswith(_END):
                self.head = self._head_in(text)
                return
            row = _row_of_json(text, last + 1)
            last = row.seq
            yield row
        raise NotAnAuditFile(f"{self._path} has no end: it was not written to its end, or was cut off.")

    def _head_in(self, text: str) -> SignedHead | None:
        try:
            found = json.loads(text.removeprefix(_END).removesuffix("}"))
            return head_of(found) if found is not None else None
        except ValueError:
            raise NotAnAuditFile(f"{self._path}: the signature at its end cannot be read.") from None

    def _csv_rows(self, file: TextIO) -> Iterator[ChainRow]:
        last = 0
        try:
            for cells in csv.reader(file):
                row = _row_of_cells(cells, last, self.practice)
                last = row.seq
                yield row
        except csv.Error:
            raise NotAnAuditFile(f"{self._path} is no CSV file any more after row {last}.") from None


_LONGEST = 100_000


def beside_of(path: Path) -> Path:
    """Where the signature of a CSV file's last row is."""
    return path.with_name(f"{path.name}.head.json")


def _new(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _values(practice: str, row: ChainRow, name: str) -> Mapping[str, Any]:
    at = instant(row.at) if row.at else ""
    who = (practice, row.seq, at, row.actor, name, row.act, row.note_id, row.version, row.version_hash, row.via)
    return dict(zip(COLUMNS, (*who, row.previous_hash, row.hash), strict=True))


def _without_practice(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "practice"}


def _cell(value: object) -> str:
    """Text that no spreadsheet takes for a formula; `_plain` gives it back as it was."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(cell: str) -> str:
    return cell.removeprefix("'")


def _row_of_json(text: str, expected: int) -> ChainRow:
    try:
        found = json.loads(text.removesuffix(","))
    except ValueError:
        return _unreadable(expected)
    if not isinstance(found, dict) or set(cast("Mapping[str, Any]", found)) != {*COLUMNS} - {"practice"}:
        return _unreadable(expected)
    return _row(cast("Mapping[str, Any]", found), expected)


def _row_of_cells(cells: Sequence[str], last: int, practice: str) -> ChainRow:
    if len(cells) != len(COLUMNS) or _plain(cells[0]) != practice:
        return _unreadable(last + 1)
    values: dict[str, Any] = dict(zip(COLUMNS, map(_plain, cells), strict=True))
    values.update(actor=values["actor"] or None, note=values["note"] or None)
    return _row({**values, "seq": _number(values["seq"]), "version": _number(values["version"])}, last + 1)


def _row(values: Mapping[str, Any], expected: int) -> ChainRow:
    seq = values["seq"]
    if type(seq) is not int:
        return _unreadable(expected)
    return ChainRow(
        seq,
        values["actor"],
        values["act"],
        values["note"],
        values["version"],
        values["version_hash"],
        _time(values["at"]),
        values["via"],
        values["previous_hash"],
        values["hash"],
    )


def _unreadable(seq: int) -> ChainRow:
    return ChainRow(seq, None, "", None, 0, "", None, "", "", "")


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else text


def _time(text: object) -> dt.datetime | None:
    try:
        at = dt.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else None
