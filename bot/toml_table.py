"""Typed, forgiving reads from a TOML document: every problem is noted with its line, and reading goes on."""

import datetime as dt
import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

T = TypeVar("T")
ANY_TEXT = (r"[^\r\n]*", "text on one line")


@dataclass(slots=True)
class Problems:
    """What is wrong so far, each with the line it is on (0 when unknown)."""

    lines: Mapping[tuple[str | int, ...], int]
    found: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def add(self, path: tuple[str | int, ...], sentence: str) -> None:
        known = (path[:length] for length in range(len(path), 0, -1) if path[:length] in self.lines)
        line = self.lines[next(known, ())]
        self.found.append((line, f"line {line}: {sentence}" if line else sentence))


def lines_of(text: str) -> dict[tuple[str | int, ...], int]:
    """Where each table, key and inline table begins. Good enough for messages: tomllib gives no positions."""
    lines: dict[tuple[str | int, ...], int] = {(): 0}
    table: tuple[str | int, ...] = ()
    key: tuple[str | int, ...] = ()
    counts: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*(\[\[?)\s*([\w.-]+)\s*\]", line):
            table = tuple(header[2].split("."))
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            key = table
        elif assigned := re.match(r"\s*([\w.-]+)\s*=", line):
            key = (*table, *assigned[1].split("."))
        elif re.match(r"\s*\{", line):
            counts[key] = counts.get(key, -1) + 1
            lines.setdefault((*key, counts[key]), number)
            continue
        lines.setdefault(key, number)
    return lines


class UnusableFiles(ValueError):
    """Files that cannot be used. `problems` has a line for each fault: file, key, what to change."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class TomlFile(Protocol):
    """What `Path` and a resource inside a package have in common."""

    @property
    def name(self) -> str: ...

    def read_bytes(self) -> bytes: ...


class Table:
    """One table of the file: typed reads that note a problem and go on with the default."""

    def __init__(self, data: Mapping[str, Any], path: tuple[str | int, ...], name: str, problems: Problems) -> None:
        self.data, self.path, self.name, self.problems = data, path, name, problems
        self._read: set[str] = set()

    def problem(self, key: str, sentence: str) -> None:
        self.problems.add((*self.path, key) if key else self.path, f"{self.name}: {sentence}")

    def _value(self, key: str, kind: type[T], noun: str, default: T) -> T:
        self._read.add(key)
        value = self.data.get(key, default)
        if type(value) is kind or (key not in self.data):  # `type`, for bool is an int and datetime is a date
            return cast("T", value)
        self.problem(key, f"{key} must be {noun}.")
        return default

    def text(self, key: str, default: str | None = "", form: tuple[str, str] = ANY_TEXT) -> str:
        """A string; with `default` None it must be there."""
        value = self._value(key, str, "text in quotes", default or "").strip()
        if value and not re.fullmatch(form[0], value):
            self.problem(key, f"{key} {value!r} must be {form[1]}.")
        if not value and default is None and isinstance(self.data.get(key, ""), str):
            self.problem(key, f"{key} is missing.")
        return value

    def choice(self, key: str, allowed: Collection[str], default: str | None) -> str:
        value = self.text(key, default)
        return value if not value or self.one_of(key, value, allowed) else (default or "")

    def one_of(self, key: str, value: str, allowed: Collection[str]) -> bool:
        if value in allowed:
            return True
        self.problem(key, f"{key} {value!r} {_unknown(value, allowed)}")
        return False

    def number(self, key: str, default: int, low: int = 1, high: int = 100_000) -> int:
        value = self._value(key, int, "a whole number", default)
        if key in self.data and not low <= value <= high:
            self.problem(key, f"{key} must be from {low} to {high}.")
        return value

    def amount(self, key: str) -> float:
        """A number from 0, with or without decimals; 0 when it is not there."""
        kind = int if type(self.data.get(key)) is int else float
        value = float(self._value(key, kind, "a number", kind(0)))
        if value < 0:
            self.problem(key, f"{key} must not be below 0.")
        return max(value, 0.0)

    def date(self, key: str) -> dt.date | None:
        return self._value(key, dt.date, "a date without quotes, e.g. 2026-03-02", cast("dt.date", None))

    def flag(self, key: str, default: bool) -> bool:
        return self._value(key, bool, "true or false", default)

    def items(self, key: str, kind: type[T], noun: str, default: tuple[T, ...] = ()) -> tuple[T, ...]:
        """A list whose members are all of one type, without repetition."""
        values = self._value(key, list, f"a list of {noun}", cast("list[Any]", list(default)))
        if any(type(value) is not kind for value in values):
            self.problem(key, f"{key} must be a list of {noun}.")
            return default
        for twice in sorted({str(value) for value in values if values.count(value) > 1}):
            self.problem(key, f"{key} names {twice!r} twice.")
        return tuple(dict.fromkeys(values))

    def choices(self, key: str, allowed: Collection[str], default: tuple[str, ...] = ()) -> tuple[str, ...]:
        values = self.items(key, str, "texts in quotes", default)
        return tuple(value for value in values if self.one_of(key, value, allowed))

    def mixed(self, key: str, noun: str) -> list[Any]:
        """A list whose members are the caller's to judge."""
        return self._value(key, list, f"a list of {noun}", cast("list[Any]", []))

    def table(self, key: str) -> "Table":
        """A table below this one; empty when it is not there."""
        value = self._value(key, dict, "a table", cast("dict[str, Any]", {}))
        path = (*self.path, key)
        return Table(value, path, f"[{'.'.join(map(str, path))}]", self.problems)

    def tables(self, key: str, label: str) -> "list[Table]":
        """The tables of a list; each is called by its key `label`."""
        values = self._value(key, list, "a list of tables", cast("list[Any]", []))
        tables = [cast("dict[str, Any]", value) for value in values if isinstance(value, dict)]
        if len(tables) < len(values):
            self.problem(key, f"{key} must be a list of tables.")
        name = "[[{}]]" if not self.path else f"{self.name} {{}}"
        return [
            Table(value, (*self.path, key, n), f"{name.format(key)} {value.get(label, n + 1)}", self.problems)
            for n, value in enumerate(tables)
        ]

    def close(self) -> None:
        """Note every key that nobody asked for."""
        for key in self.data:
            if key not in self._read:
                self.problem(key, f"the key {key!r} {_unknown(key, self._read)}")

    def unique(self, key: str, value: str, seen: set[str]) -> None:
        if value and value in seen:
            self.problem(key, f"{key} {value!r} is used twice.")
        seen.add(value)


def _unknown(word: str, allowed: Collection[str]) -> str:
    match = difflib.get_close_matches(word, sorted(allowed), n=1, cutoff=0.6)
    if match:
        return f"is unknown; did you mean {match[0]!r}?"
    few = 0 < len(allowed) <= 15
    return f"is unknown (known: {', '.join(sorted(allowed))})." if few else "is unknown."
