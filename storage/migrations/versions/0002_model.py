"""Drafts by a model: what waits for it, what it cost, treatment plans, and finding a client's earlier notes."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.add_column("notes", _text("waiting"))
    op.add_column("notes", sa.Column("client_lookup", sa.LargeBinary, nullable=True))
    op.create_index("ix_notes_client", "notes", ["practice_id", "client_lookup", "created_at"])
    waits = sa.text("waiting <> ''")
    op.create_index(
        "ix_notes_waiting", "notes", ["practice_id", "created_at"], sqlite_where=waits, postgresql_where=waits
    )
    op.create_table(
        "plans",
        _key("practice_id"),
        sa.Column("client_lookup", sa.LargeBinary, nullable=False),
        _text("clinician_id"),
        _number("revision"),
        _time("updated_at"),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("practice_id", "client_lookup", name="pk_plans"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "model_calls",
        _key("practice_id"),
        _key("id"),
        _text("note_id"),
        _text("purpose"),
        _time("at"),
        _time("lease_until"),
        _time("ended_at", nullable=True),
        _text("outcome"),
        _text("model"),
        _number("prompt_tokens"),
        _number("cached_tokens"),
        _number("completion_tokens"),
        _number("milliseconds"),
        sa.PrimaryKeyConstraint("practice_id", "id", name="pk_model_calls"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_model_calls_at", "model_calls", ["practice_id", "at"])
