"""What somebody with raw SQL, and no key, may do to an audit log of 22 rows. Monday's end is row 13."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.domain.audit import ChainRow, digest_of
from storage.audit import _chain_row
from storage.unit_of_work import SqlDatabase
from tests.contract.audit_log import Past
from tests.contract.storage_intruder import raw

PRACTICE = "larkspur"
_COLUMNS = "seq, actor, act, note_id, version, version_hash, at, via, previous_hash, hash"
_ALL = f"SELECT {_COLUMNS} FROM audit WHERE practice_id = 'larkspur' ORDER BY seq"  # noqa: S608 - a constant
_INSERT = f"INSERT INTO audit (practice_id, {_COLUMNS})"
_VALUES = f"VALUES ('larkspur', :{_COLUMNS.replace(', ', ', :')})"
_OF_ROW_3 = f"SELECT practice_id, 0, {_COLUMNS.removeprefix('seq, ')} FROM audit WHERE seq = 3"  # noqa: S608 - the same
Tampering = Callable[[SqlDatabase, Past], object]


def _sql(*statements: str) -> Tampering:
    return lambda database, _: raw(database, *statements)


def _rows(database: SqlDatabase) -> list[ChainRow]:
    return [_chain_row(row) for row in raw(database, _ALL)]


def _anew(rows: list[ChainRow]) -> list[ChainRow]:
    """Numbered and hashed as the product would."""
    chained: list[ChainRow] = []
    for seq, row in enumerate(rows, start=1):
        row = replace(row, seq=seq, previous_hash=chained[-1].hash if chained else "", hash="")
        chained.append(replace(row, hash=digest_of(PRACTICE, row)))
    return chained


def _written(database: SqlDatabase, rows: list[ChainRow], *, head: bool) -> None:
    """The rows in the place of those that are there, and the end moved along (its seal stays: there is no key)."""
    raw(database, "DELETE FROM audit WHERE practice_id = 'larkspur'")
    for row in rows:
        values = {name: getattr(row, name) for name in _COLUMNS.split(", ")}
        at = str(row.at).removesuffix("+00:00") if _is_sqlite(database) else row.at
        raw(database, f"{_INSERT} {_VALUES}", **{**values, "at": at})
    if head:
        _head_at(database, rows[-1])


def _head_at(database: SqlDatabase, row: ChainRow) -> None:
    raw(database, "UPDATE audit_heads SET seq = :seq, hash = :hash", seq=row.seq, hash=row.hash)


def _is_sqlite(database: SqlDatabase) -> bool:
    return database.writers.engine.dialect.name == "sqlite"


def _one_row_anew(database: SqlDatabase, _: Past) -> None:
    row = replace(_rows(database)[6], actor="tobias")
    digest = digest_of(PRACTICE, row)
    raw(database, "UPDATE audit SET actor = 'tobias', hash = :hash WHERE seq = 7", hash=digest)


def _last_row_anew(database: SqlDatabase, _: Past) -> None:
    row = replace(_rows(database)[-1], actor="rosa")
    raw(database, "UPDATE audit SET actor = 'rosa', hash = :hash WHERE seq = 22", hash=digest_of(PRACTICE, row))


def _inserted(place: int, *, later: bool, forged: bool = True) -> Tampering:
    """A made-up row, with its own hash right, and what follows moved up by one."""

    def tamper(database: SqlDatabase, _: Past) -> None:
        rows = _rows(database)
        made = replace(rows[2], seq=place, previous_hash=rows[place - 2].hash if place > 1 else "", hash="ab" * 32)
        made = replace(made, hash=digest_of(PRACTICE, made)) if forged else made
        after = [replace(row, seq=row.seq + 1) for row in rows[place - 1 :]]
        _written(database, [*rows[: place - 1], made, *after], head=False)
        if later:
            raw(database, "UPDATE audit_heads SET seq = seq + 1")

    return tamper


def _deleted_and_closed(database: SqlDatabase, _: Past) -> None:
    rows = _rows(database)
    _written(database, [*rows[:6], *(replace(row, seq=row.seq - 1) for row in rows[7:])], head=True)


def _swapped(one: int, other: int) -> Tampering:
    def tamper(database: SqlDatabase, _: Past) -> None:
        rows = _rows(database)
        rows[one - 1], rows[other - 1] = replace(rows[other - 1], seq=one), replace(rows[one - 1], seq=other)
        _written(database, rows, head=False)

    return tamper


def _cut_with_its_head(database: SqlDatabase, _: Past) -> None:
    rows = _rows(database)[:18]
    raw(database, "DELETE FROM audit WHERE seq > 18")
    _head_at(database, rows[-1])


def _rewritten(database: SqlDatabase, _: Past) -> None:
    """Who looked at Rosa's note never did: all rows numbered and hashed anew, and the end moved along."""
    rows = [row for row in _rows(database) if row.seq != 7]
    _written(database, _anew(rows), head=True)


def _rewritten_after_monday(database: SqlDatabase, _: Past) -> None:
    rows = [replace(row, actor="rosa") if row.seq == 22 else row for row in _rows(database)]
    _written(database, _anew([*rows[:15], *rows[16:]]), head=True)


def _put_back(database: SqlDatabase, past: Past) -> None:
    """Monday's copy of the tables, seal and all."""
    raw(database, "DELETE FROM audit WHERE seq > :seq", seq=past.seq)
    raw(
        database,
        "UPDATE audit_heads SET seq = :seq, hash = :hash, seal = :seal",
        seq=past.seq,
        hash=past.hash,
        seal=past.seal,
    )


TAMPERINGS: Mapping[str, Tampering] = {
    "nothing": _sql("SELECT 1"),
    "another person in row 7": _sql("UPDATE audit SET actor = 'tobias' WHERE seq = 7"),
    "no person in row 7": _sql("UPDATE audit SET actor = NULL WHERE seq = 7"),
    "another act in row 7": _sql("UPDATE audit SET act = 'drafted' WHERE seq = 7"),
    "another note in row 7": _sql("UPDATE audit SET note_id = 'n0000000000000000' WHERE seq = 7"),
    "another version in row 7": _sql("UPDATE audit SET version = version + 1 WHERE seq = 7"),
    "another version hash in row 7": _sql("UPDATE audit SET version_hash = 'ab' WHERE seq = 7"),
    "another time in row 7": _sql("UPDATE audit SET at = '2026-11-22 08:00:00+00:00' WHERE seq = 7"),
    "another chat in row 7": _sql("UPDATE audit SET via = 'slack' WHERE seq = 7"),
    "another previous hash in row 7": _sql("UPDATE audit SET previous_hash = 'ab' WHERE seq = 7"),
    "another hash in row 7": _sql("UPDATE audit SET hash = 'ab' WHERE seq = 7"),
    "another number for row 7": _sql("UPDATE audit SET seq = 70 WHERE seq = 7"),
    "row 7 given to another practice": _sql("UPDATE audit SET practice_id = 'harbor' WHERE seq = 7"),
    "row 7 changed, its hash made anew": _one_row_anew,
    "the last row changed, its hash made anew": _last_row_anew,
    "the first row deleted": _sql("DELETE FROM audit WHERE seq = 1"),
    "rows 7 to 9 deleted": _sql("DELETE FROM audit WHERE seq BETWEEN 7 AND 9"),
    "the last row deleted": _sql("DELETE FROM audit WHERE seq = 22"),
    "row 7 deleted, the others numbered anew, the end moved along": _deleted_and_closed,
    "every row deleted": _sql("DELETE FROM audit"),
    "a row put in as row 0": _sql(f"{_INSERT} {_OF_ROW_3}"),
    "a row put in as row 7, the others numbered anew": _inserted(7, later=False),
    "the same, and the end moved along": _inserted(7, later=True),
    "the same with a hash that does not fit": _inserted(7, later=True, forged=False),
    "a row put in before the last one": _inserted(22, later=True),
    "a row added at the end": _inserted(23, later=False),
    "rows 7 and 8 swapped": _swapped(7, 8),
    "the first and the last row swapped": _swapped(1, 22),
    "the end's own record deleted": _sql("DELETE FROM audit_heads"),
    "rows 19 to 22 cut off, the end moved along": _cut_with_its_head,
    "the chain rewritten without row 7, the end moved along": _rewritten,
    "rows after Monday rewritten, the end moved along": _rewritten_after_monday,
    "Monday's copy put back, seal and all": _put_back,
}
