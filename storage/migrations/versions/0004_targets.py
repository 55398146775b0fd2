"""A filing a note and target, and what may have been sent; cards for others than the clinician; notes about notes."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_COPY = """
INSERT INTO filings_by_target (practice_id, note_id, target, state, attempts, next_at, lease_holder, lease_until,
    error_code, receipt_reference, receipt_sha256, receipt_outcome, receipt_at, receipt_verified)
SELECT practice_id, note_id, 'folder',
    CASE WHEN receipt_at IS NOT NULL THEN 'stored' WHEN lease_until IS NOT NULL THEN 'sending' ELSE 'pending' END,
    attempts, next_at, lease_holder, lease_until, error_code, receipt_reference, receipt_sha256, receipt_outcome,
    receipt_at, CASE WHEN receipt_at IS NOT NULL THEN 1 ELSE 0 END
FROM filings
"""


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.add_column("cards", _text("person_id"))
    op.add_column("notes", _text("link_of"))
    linked = sa.text("link_of <> ''")
    op.create_index("ix_notes_link", "notes", ["practice_id", "link_of"], sqlite_where=linked, postgresql_where=linked)
    _filings()


def _filings() -> None:
    """SQLite cannot change a primary key, so the table is written anew; the only target there was is the folder."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("pk_filings", "filings")  # the new table takes the name
    op.create_table(
        "filings_by_target",
        _key("practice_id"),
        _key("note_id"),
        _key("target"),
        _number("position"),
        sa.Column("state", sa.Text, nullable=False, server_default="pending"),
        _number("maybe_sent"),
        _number("attempts"),
        _time("next_at"),
        _text("lease_holder"),
        _time("lease_until", nullable=True),
        _text("error_code"),
        _time("failing_since", nullable=True),
        sa.Column("receipt_reference", sa.LargeBinary, nullable=True),
        _text("receipt_sha256"),
        _text("receipt_outcome"),
        _time("receipt_at", nullable=True),
        _text("receipt_version"),
        _number("receipt_verified"),
        sa.PrimaryKeyConstraint("practice_id", "note_id", "target", name="pk_filings"),
        sa.ForeignKeyConstraint(["practice_id", "note_id"], ["notes.practice_id", "notes.id"], name="fk_filings_notes"),
        sqlite_with_rowid=False,
    )
    op.execute(_COPY)
    op.drop_table("filings")
    op.rename_table("filings_by_target", "filings")
    waits = sa.text("state <> 'stored'")
    op.create_index("ix_filings_due", "filings", ["practice_id", "next_at"], sqlite_where=waits, postgresql_where=waits)
