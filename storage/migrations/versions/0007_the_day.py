"""The clinician's day: sessions on a list, batches, own choices, reminders, measures; notes found by clinician."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_UNSIGNED = sa.text("state IN ('drafting', 'draft', 'in_review', 'changes_requested')")


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_note(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["practice_id", "note_id"], ["notes.practice_id", "notes.id"], name=f"fk_{table}_notes"
    )


def _index(name: str, table: str, columns: list[str], where: Any = None, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    _notes()
    _appointments()
    _batches()
    _own()
    _measures()


def _notes() -> None:
    op.add_column("notes", _text("batch"))
    op.add_column("notes", _number("batch_position"))
    _index("ix_notes_clinician", "notes", ["practice_id", "clinician_id", "created_at"])
    _index("ix_notes_unsigned", "notes", ["practice_id", "clinician_id", "created_at"], _UNSIGNED)
    _index("ix_notes_batch", "notes", ["practice_id", "batch", "batch_position"], sa.text("batch <> ''"))


def _appointments() -> None:
    op.create_table(
        "appointments",
        _key("practice_id"),
        _key("id"),
        _text("clinician_id"),
        _number("revision"),
        _number("waiting"),
        _time("starts_at"),
        _time("due_at"),
        _time("settled_at", nullable=True),
        sa.Column("note_id", sa.Text, nullable=True),
        sa.Column("key_lookup", sa.LargeBinary, nullable=True),
        sa.Column("day_lookup", sa.LargeBinary, nullable=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("practice_id", "id", name="pk_appointments"),
        _of_note("appointments"),
        sqlite_with_rowid=False,
    )
    listed = ["practice_id", "clinician_id", "due_at", "starts_at", "id", "note_id"]
    _index("ix_appointments_starts", "appointments", ["practice_id", "clinician_id", "starts_at"])
    _index("ix_appointments_day", "appointments", ["practice_id", "day_lookup"])
    _index("ix_appointments_waiting", "appointments", listed, sa.text("waiting = 1"))
    settled = sa.text("settled_at IS NOT NULL")
    _index("ix_appointments_settled", "appointments", ["practice_id", "settled_at"], settled)
    noted, keyed = sa.text("note_id IS NOT NULL"), sa.text("key_lookup IS NOT NULL")
    _index("ix_appointments_note", "appointments", ["practice_id", "note_id"], noted, unique=True)
    _index("uq_appointments_key", "appointments", ["practice_id", "key_lookup"], keyed, unique=True)


def _batches() -> None:
    op.create_table(
        "batches",
        _key("practice_id"),
        _key("id"),
        _text("clinician_id"),
        _time("created_at"),
        _number("total"),
        _text("source"),
        _number("current"),
        _text("doubts"),
        _text("overview"),
        _text("review"),
        _number("closed"),
        _number("revision"),
        sa.PrimaryKeyConstraint("practice_id", "id", name="pk_batches"),
        sqlite_with_rowid=False,
    )
    _index("uq_batches_source", "batches", ["practice_id", "source"], sa.text("source <> ''"), unique=True)
    _index("ix_batches_open", "batches", ["practice_id", "created_at"], sa.text("closed = 0"))


def _own() -> None:
    op.create_table(
        "choices",
        _key("practice_id"),
        _key("person_id"),
        _number("revision"),
        _time("at"),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("practice_id", "person_id", name="pk_choices"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reminders",
        *(_key(name) for name in ("practice_id", "person_id", "kind", "day")),
        _text("holder"),
        _time("until"),
        _time("done_at", nullable=True),
        sa.PrimaryKeyConstraint("practice_id", "person_id", "kind", "day", name="pk_reminders"),
        sqlite_with_rowid=False,
    )
    _index("ix_reminders_day", "reminders", ["practice_id", "kind", "day"])


def _measures() -> None:
    op.create_table(
        "measures",
        _key("practice_id"),
        _key("note_id"),
        _text("clinician_id"),
        _time("started_at"),
        _time("signed_at"),
        *(_number(name) for name in ("same_day", "changed", "late")),
        sa.PrimaryKeyConstraint("practice_id", "note_id", name="pk_measures"),
        _of_note("measures"),
        sqlite_with_rowid=False,
    )
    _index("ix_measures_signed", "measures", ["practice_id", "signed_at"])
    _index("ix_measures_clinician", "measures", ["practice_id", "clinician_id", "signed_at"])
