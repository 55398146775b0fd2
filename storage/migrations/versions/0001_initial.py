"""The first schema."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_APPEND_ONLY = ("versions", "signatures", "audit")


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _number(name: str, kind: Any = sa.Integer) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default="0")


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _sealed(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary, nullable=nullable)


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _of_note(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["practice_id", "note_id"], ["notes.practice_id", "notes.id"], name=f"fk_{table}_notes"
    )


def upgrade() -> None:
    _notes()
    _signed()
    _around_a_note()
    _audit()
    _practice()
    for table in _APPEND_ONLY:
        _refuse_changes(table)


def _notes() -> None:
    op.create_table(
        "notes",
        _key("practice_id"),
        _key("id"),
        _text("clinician_id"),
        _text("state"),
        _text("format_id"),
        _number("version"),
        _number("revision"),
        _time("created_at"),
        _time("updated_at"),
        _text("source"),
        _sealed("wrapped_key", nullable=True),
        _sealed("content"),
        _primary("notes", "practice_id", "id"),
    )
    op.create_index("ix_notes_state", "notes", ["practice_id", "state", "created_at"])
    with_source = sa.text("source <> ''")
    op.create_index(
        "uq_notes_source",
        "notes",
        ["practice_id", "source"],
        unique=True,
        sqlite_where=with_source,
        postgresql_where=with_source,
    )


def _signed() -> None:
    op.create_table(
        "versions",
        _key("practice_id"),
        _key("note_id"),
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        _text("hash"),
        _text("previous_hash"),
        _time("stored_at"),
        _sealed("content"),
        _primary("versions", "practice_id", "note_id", "version"),
        _of_note("versions"),
    )
    op.create_table(
        "signatures",
        _key("practice_id"),
        _key("note_id"),
        sa.Column("position", sa.Integer, nullable=False, autoincrement=False),
        _text("person_id"),
        _text("name"),
        _text("credentials"),
        _text("role"),
        _time("at"),
        _number("version"),
        _text("version_hash"),
        _text("attestation"),
        _primary("signatures", "practice_id", "note_id", "position"),
        _of_note("signatures"),
        sqlite_with_rowid=False,
    )


def _around_a_note() -> None:
    op.create_table(
        "cards",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        _text("practice_id"),
        _text("note_id"),
        _text("platform"),
        _text("workspace"),
        _text("channel"),
        _text("ts"),
        _number("revision"),
        _primary("cards", "id"),
        _of_note("cards"),
        sa.UniqueConstraint("practice_id", "note_id", "platform", "workspace", "channel", "ts", name="uq_cards_place"),
    )
    op.create_table(
        "documents",
        _key("practice_id"),
        _key("note_id"),
        _key("kind"),
        _text("sha256"),
        _sealed("content"),
        _primary("documents", "practice_id", "note_id", "kind"),
        _of_note("documents"),
    )
    op.create_table(
        "filings",
        _key("practice_id"),
        _key("note_id"),
        _number("attempts"),
        _time("next_at"),
        _text("lease_holder"),
        _time("lease_until", nullable=True),
        _text("error_code"),
        _sealed("receipt_reference", nullable=True),
        _text("receipt_sha256"),
        _text("receipt_outcome"),
        _time("receipt_at", nullable=True),
        _primary("filings", "practice_id", "note_id"),
        _of_note("filings"),
        sqlite_with_rowid=False,
    )


def _audit() -> None:
    op.create_table(
        "audit",
        _key("practice_id"),
        sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("actor", sa.Text),
        _text("act"),
        sa.Column("note_id", sa.Text),
        _number("version"),
        _text("version_hash"),
        _time("at"),
        _text("via"),
        _text("previous_hash"),
        _text("hash"),
        _primary("audit", "practice_id", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_audit_note", "audit", ["note_id"])
    op.create_table(
        "audit_heads",
        _key("practice_id"),
        _number("seq", sa.BigInteger),
        _text("hash"),
        _sealed("seal"),
        _primary("audit_heads", "practice_id"),
        sqlite_with_rowid=False,
    )


def _practice() -> None:
    op.create_table(
        "clients",
        _key("practice_id"),
        _key("clinician_id"),
        _sealed("code_lookup"),
        _sealed("code"),
        _number("uses"),
        _time("last_used"),
        _primary("clients", "practice_id", "clinician_id", "code_lookup"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "seen",
        _key("practice_id"),
        _key("key"),
        _time("at"),
        _primary("seen", "practice_id", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "practice_keys",
        _key("practice_id"),
        _sealed("wrapped_key"),
        _primary("practice_keys", "practice_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "installations",
        _key("team_id"),
        _text("practice_id"),
        _text("bot_user_id"),
        _text("bot_id"),
        _text("scopes"),
        _time("installed_at"),
        _time("expires_at", nullable=True),
        _sealed("bot_token"),
        _sealed("refresh_token", nullable=True),
        _primary("installations", "team_id"),
    )


def _refuse_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION afternote_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION afternote_append_only()"
    )
