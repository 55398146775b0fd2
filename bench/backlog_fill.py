"""Fills a database for `bench/backlog.py`: a practice of some years, by bulk and not through the repositories.

What nobody opens in the measured questions has random bytes where sealed ones belong: a question that reads more than
it should raises Unreadable. Indexes are taken off before the load and built after it.
"""

import datetime as dt
import random
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.domain.ids import PersonId, PracticeId
from storage.engine import normalised

OURS = PracticeId("p")
NOW = dt.datetime(2026, 3, 2, 22, tzinfo=dt.UTC)
WAITING, RECENT = 12, dt.timedelta(days=14)  # of each clinician; the measured one's last days are real rows
_FILLED = ("notes", "appointments", "measures", "clients")
_SEALED = {"notes": 700, "appointments": 190, "clients": 40}  # bytes of what stands for sealed content
_CHUNK = 5_000
_EVERY, _DUE, _HOUR = dt.timedelta(minutes=2016), dt.timedelta(hours=72), dt.timedelta(hours=1)

Row = tuple[str | int | bytes | None, ...]


@dataclass(frozen=True, slots=True)
class Years:
    """A practice of `notes` notes: more clinicians, and more years, the more there are; 25 sessions a week of each."""

    notes: int
    measured: PersonId

    @property
    def clinicians(self) -> int:
        """4, 40 and 126 for 1,000, 100,000 and 1,000,000 notes."""
        return max(4, round(4 * (self.notes / 1000) ** 0.5))

    @property
    def codes(self) -> int:
        """How many client codes a clinician has written for: one in 25 notes, 30 at least."""
        return max(30, self.notes // self.clinicians // 25)

    def rows(self, table: str) -> Iterator[Row]:
        """The rows of one table, in the order of its key. The same ids in each."""
        draw = random.Random(7)
        if table == "clients":
            yield from self._clients(draw)
            return
        order = list(range(self.notes))
        draw.shuffle(order)  # ids tell nothing of when
        filler = draw.randbytes(_SEALED.get(table, 0)), draw.randbytes(61)
        for place, number in enumerate(order):
            yield getattr(self, f"_{table}")(place, number, draw, *filler)

    def _at(self, number: int) -> tuple[str, dt.datetime, bool]:
        """Of the number-th note, 0 the newest: whose it is, when its session was, and whether it still waits."""
        turn, whose = divmod(number, self.clinicians)
        at = NOW - _HOUR - (turn // 5) * _EVERY - (turn % 5) * _HOUR
        if not whose:
            return self.measured, at - RECENT - _EVERY, False
        return f"clinician-{whose:03}", at, turn < WAITING

    def _notes(self, place: int, number: int, draw: random.Random, content: bytes, wrapped: bytes) -> Row:
        who, at, waits = self._at(number)
        state, at_text = "draft" if waits else "filed", _text(at)
        filled = (OURS, _note(place), who, state, "soap", 1, 3, at_text, at_text, f"slack:T1:Ev{place:010}", "", 1)
        return (*filled, "", 0, "", draw.randbytes(32), wrapped, content)

    def _appointments(self, place: int, number: int, draw: random.Random, content: bytes, _: bytes) -> Row:
        who, at, waits = self._at(number)
        times = _text(at), _text(at + _DUE), None if waits else _text(at + _HOUR)
        ids = (OURS, f"a{place:016x}", who, 1, int(waits))
        return (*ids, *times, _note(place), draw.randbytes(32), draw.randbytes(32), content)

    def _measures(self, place: int, number: int, draw: random.Random, *_: bytes) -> Row:
        who, at, _waits = self._at(number)
        return (OURS, _note(place), who, _text(at), _text(at + _HOUR), 1, draw.randrange(400), 0)

    def _clients(self, draw: random.Random) -> Iterator[Row]:
        for whose in range(1, self.clinicians):
            for number in range(self.codes):
                used = _text(NOW - number * _EVERY)
                yield (OURS, f"clinician-{whose:03}", draw.randbytes(32), draw.randbytes(40), 25, used)


COLUMNS = {
    "notes": (
        "practice_id, id, clinician_id, state, format_id, version, revision, created_at, updated_at, source, waiting, "
        "format_version, batch, batch_position, link_of, client_lookup, wrapped_key, content"
    ),
    "appointments": (
        "practice_id, id, clinician_id, revision, waiting, starts_at, due_at, settled_at, note_id, key_lookup, "
        "day_lookup, content"
    ),
    "measures": "practice_id, note_id, clinician_id, started_at, signed_at, same_day, changed, late",
    "clients": "practice_id, clinician_id, code_lookup, code, uses, last_used",
}


def fill(url: str, years: Years) -> None:
    """Put it into an empty database of today's schema. Nothing else may have it open."""
    parsed = normalised(url)
    if parsed.get_backend_name() == "sqlite":
        _fill_sqlite(str(parsed.database), years)
    else:
        _fill_postgres(parsed.set(drivername="postgresql").render_as_string(hide_password=False), years)


def _fill_sqlite(file: str, years: Years) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    found = connection.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''")
    indexes = [(name, sql) for table, name, sql in found.fetchall() if table in _FILLED]
    connection.execute("BEGIN")
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    for table in _FILLED:
        marks = ", ".join("?" * len(COLUMNS[table].split(",")))
        into = f"INSERT INTO {table} ({COLUMNS[table]}) VALUES ({marks})"  # noqa: S608
        connection.executemany(into, years.rows(table))
    for _, sql in indexes:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL").fetchall()
    connection.close()


def _fill_postgres(address: str, years: Years) -> None:
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        for setting in ("session_replication_role = replica", "maintenance_work_mem = '512MB'", "timezone = 'UTC'"):
            connection.execute(f"SET {setting}".encode())
        asked = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT LIKE 'pk_%%'"
        indexes = connection.execute(asked, [list(_FILLED)]).fetchall()
        with connection.transaction():
            for name, _ in indexes:
                connection.execute(f"DROP INDEX {name}".encode())
            for table in _FILLED:
                with connection.cursor().copy(f"COPY {table} ({COLUMNS[table]}) FROM STDIN".encode()) as copying:
                    for chunk in _copied(years.rows(table)):
                        copying.write(chunk)
            for _, definition in indexes:
                connection.execute(definition)
        connection.execute("VACUUM ANALYZE")  # as autovacuum would have, long ago


def _copied(rows: Iterable[Row]) -> Iterator[str]:
    lines: list[str] = []
    for row in rows:
        lines.append("\t".join(_cell(value) for value in row) + "\n")
        if len(lines) == _CHUNK:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)


def _cell(value: str | int | bytes | None) -> str:
    if value is None:
        return "\\N"
    return f"\\\\x{value.hex()}" if isinstance(value, bytes) else str(value)


def _note(place: int) -> str:
    return f"n{place:016x}"


def _text(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}.000000"
