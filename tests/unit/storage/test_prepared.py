"""A prepared write does what the statement it was made of does, on either database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, create_engine, insert, select, text, update
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

from storage.models import metadata, seen
from storage.prepared import Prepared

ADD = insert(seen)
MOVE = update(seen).where(seen.c.key == bindparam("this")).values(at=bindparam("then"))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path / 'some.db'}", hide_parameters=True)
    metadata.create_all(engine, [seen])
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def row(key: str, at: datetime = NOON) -> dict[str, Any]:
    return {"at": at, "key": key, "practice_id": "ours"}  # not in the order of the columns


def test_what_it_writes_is_what_the_statement_writes(connection: Connection) -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=2)))
    connection.execute(ADD, row("a", elsewhere))
    Prepared(ADD).run(connection, row("b", elsewhere))
    kept = connection.execute(text("SELECT practice_id, at FROM seen ORDER BY key")).all()
    assert kept[0] == kept[1]
    assert connection.execute(select(seen.c.at)).scalars().all() == [NOON, NOON]


def test_an_update_takes_its_values_by_name(connection: Connection) -> None:
    connection.execute(ADD, row("a"))
    connection.execute(ADD, row("b"))
    Prepared(MOVE).run(connection, {"then": NOON + timedelta(hours=1), "this": "b"})
    assert connection.execute(select(seen.c.at).order_by(seen.c.key)).scalars().all() == [
        NOON,
        NOON + timedelta(hours=1),
    ]


def test_a_value_that_is_missing_is_a_mistake_not_a_default(connection: Connection) -> None:
    with pytest.raises(KeyError, match="practice_id"):
        Prepared(ADD).run(connection, {"key": "a", "at": NOON})


def test_a_refusal_quotes_no_value(connection: Connection) -> None:
    add = Prepared(ADD)
    add.run(connection, row("secret"))
    with pytest.raises(IntegrityError) as refused:
        add.run(connection, row("secret"))
    assert "secret" not in str(refused.value)
    assert refused.value.orig is not None


def test_a_table_that_is_not_there_is_refused_as_sqlalchemy_refuses(connection: Connection) -> None:
    connection.execute(text("DROP TABLE seen"))
    with pytest.raises(OperationalError, match="no such table"):
        Prepared(ADD).run(connection, row("a"))


def test_postgresql_gets_its_own_text_and_values_by_name(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, Any]] = []

    def send(words: str, values: Any) -> None:
        sent.append((words, values))

    monkeypatch.setattr(connection, "exec_driver_sql", send)
    add = Prepared(ADD)
    add.run(connection, row("a"))
    monkeypatch.setattr(connection, "dialect", PGDialect_psycopg())
    add.run(connection, row("a"))
    [(words, values)] = sent
    assert "%(key)s" in words
    assert values == row("a")
