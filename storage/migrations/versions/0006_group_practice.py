"""A group practice: people set in the chat, reviews, examples, formats as they were, installing by OAuth."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _sealed(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary, nullable=False)


def upgrade() -> None:
    op.add_column("notes", _number("format_version"))
    _people()
    _reviews()
    _examples()
    _formats()
    _installing()


def _people() -> None:
    op.create_table(
        "people",
        _key("practice_id"),
        _key("id"),
        _number("revision"),
        _text("changed_by"),
        _time("changed_at"),
        _sealed("content"),
        sa.PrimaryKeyConstraint("practice_id", "id", name="pk_people"),
        sqlite_with_rowid=False,
    )


def _reviews() -> None:
    op.create_table(
        "reviews",
        _key("practice_id"),
        _key("note_id"),
        sa.Column("round", sa.Integer, nullable=False),
        _text("clinician_id"),
        _text("supervisors"),
        _text("mode"),
        _time("asked_at"),
        _time("due_at"),
        _time("next_at", nullable=True),
        _number("stage"),
        _text("outcome"),
        _text("decided_by"),
        _time("decided_at", nullable=True),
        _number("changed"),
        _text("findings"),
        sa.PrimaryKeyConstraint("practice_id", "note_id", "round", name="pk_reviews"),
        sa.ForeignKeyConstraint(["practice_id", "note_id"], ["notes.practice_id", "notes.id"], name="fk_reviews_notes"),
        sqlite_with_rowid=False,
    )
    waits = sa.text("next_at IS NOT NULL")
    op.create_index(
        "ix_reviews_next", "reviews", ["practice_id", "next_at"], sqlite_where=waits, postgresql_where=waits
    )
    op.create_index("ix_reviews_asked", "reviews", ["practice_id", "asked_at"])


def _examples() -> None:
    op.create_table(
        "examples",
        _key("practice_id"),
        _key("id"),
        _text("format_id"),
        _text("by"),
        _time("at"),
        _time("removed_at", nullable=True),
        _sealed("content"),
        sa.PrimaryKeyConstraint("practice_id", "id", name="pk_examples"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_examples_format", "examples", ["practice_id", "format_id", "at"])


def _formats() -> None:
    op.create_table(
        "formats",
        _key("practice_id"),
        _key("format_id"),
        sa.Column("version", sa.Integer, nullable=False),
        _text("definition"),
        _text("sha256"),
        _time("first_seen"),
        sa.PrimaryKeyConstraint("practice_id", "format_id", "version", name="pk_formats"),
        sqlite_with_rowid=False,
    )


def _installing() -> None:
    for column in (_text("installer_user_id"), _text("enterprise_id")):
        op.add_column("installations", column)
    for name in ("revoked_at", "refreshing_until"):
        op.add_column("installations", _time(name, nullable=True))
    op.create_table(
        "oauth_states",
        _key("state_hash"),
        _time("made_at"),
        sa.PrimaryKeyConstraint("state_hash", name="pk_oauth_states"),
        sqlite_with_rowid=False,
    )
