"""Somebody with raw SQL and no key."""

from sqlalchemy import Connection, create_engine, text

from bot.domain.ids import PracticeId
from storage.unit_of_work import SqlDatabase


def raw(database: SqlDatabase, *statements: str, **values: object) -> list[tuple[object, ...]]:
    """Run statements with the triggers off; the rows of the last one."""
    engine = create_engine(database.writers.engine.url)
    try:
        with engine.begin() as connection:
            _disarm(connection)
            results = [connection.execute(text(statement), values) for statement in statements]
            return [tuple(row) for row in results[-1]] if results[-1].returns_rows else []
    finally:
        engine.dispose()


def change_audit_row(database: SqlDatabase, practice: PracticeId, seq: int) -> None:
    raw(
        database,
        "UPDATE audit SET act = 'nothing' WHERE practice_id = :practice AND seq = :seq",
        practice=practice,
        seq=seq,
    )


def _disarm(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET session_replication_role = replica"))
        return
    for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        connection.execute(text(f"DROP TRIGGER {name}"))
