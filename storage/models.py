"""The tables. Every row has a practice; what is clinical is a sealed column (bytes), never text.

Times are aware UTC. `versions`, `signatures` and `audit` are append-only: triggers in the migration refuse the rest.
On SQLite, tables of small rows have no hidden row id: a page less to write with each commit.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite, which has no zones, keeps it as naive UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was about to be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def _time(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, UtcTime, nullable=nullable)


def _sealed(name: str, *, nullable: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=nullable)


def _table(name: str, *parts: Any, **options: Any) -> Table:
    return Table(name, metadata, *parts, **options)


def _of_note() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["practice_id", "note_id"], ["notes.practice_id", "notes.id"])


notes = _table(
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
    _text("waiting"),
    _number("format_version"),  # which definition of its format; 0: of before versions were kept
    _text("batch"),  # the several summaries that this one came with, and its place among them
    _number("batch_position"),
    _text("link_of"),  # the note that this one is an addendum, amendment or retraction of
    Column("client_lookup", LargeBinary),  # keyed digest of the client code: finds a client's notes, tells nothing
    _sealed("wrapped_key", nullable=True),  # NULL: purged, nothing of the note can be read any more
    _sealed("content"),
    Index("ix_notes_state", "practice_id", "state", "created_at"),
    Index("ix_notes_client", "practice_id", "client_lookup", "created_at"),
)
Index(
    "ix_notes_waiting",
    notes.c.practice_id,
    notes.c.created_at,
    sqlite_where=text("waiting <> ''"),
    postgresql_where=text("waiting <> ''"),
)
Index(
    "ix_notes_link",
    notes.c.practice_id,
    notes.c.link_of,
    sqlite_where=text("link_of <> ''"),
    postgresql_where=text("link_of <> ''"),
)
Index("ix_notes_clinician", notes.c.practice_id, notes.c.clinician_id, notes.c.created_at)
_UNSIGNED = text("state IN ('drafting', 'draft', 'in_review', 'changes_requested')")
Index(
    "ix_notes_unsigned",
    notes.c.practice_id,
    notes.c.clinician_id,
    notes.c.created_at,
    sqlite_where=_UNSIGNED,
    postgresql_where=_UNSIGNED,
)
Index(
    "ix_notes_batch",
    notes.c.practice_id,
    notes.c.batch,
    notes.c.batch_position,
    sqlite_where=text("batch <> ''"),
    postgresql_where=text("batch <> ''"),
)
Index(
    "uq_notes_source",
    notes.c.practice_id,
    notes.c.source,
    unique=True,
    sqlite_where=text("source <> ''"),
    postgresql_where=text("source <> ''"),
)

versions = _table(
    "versions",
    _key("practice_id"),
    _key("note_id"),
    Column("version", Integer, primary_key=True, autoincrement=False),
    _text("hash"),
    _text("previous_hash"),
    _time("stored_at"),
    _sealed("content"),
    _of_note(),
)

signatures = _table(
    "signatures",
    _key("practice_id"),
    _key("note_id"),
    Column("position", Integer, primary_key=True, autoincrement=False),
    _text("person_id"),
    _text("name"),
    _text("credentials"),
    _text("role"),
    _time("at"),
    _number("version"),
    _text("version_hash"),
    _text("attestation"),
    _of_note(),
    sqlite_with_rowid=False,
)

clients = _table(
    "clients",
    _key("practice_id"),
    _key("clinician_id"),
    Column("code_lookup", LargeBinary, primary_key=True),
    _sealed("code"),
    _number("uses"),
    _time("last_used"),
    sqlite_with_rowid=False,
)

cards = _table(
    "cards",
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    _text("practice_id"),
    _text("note_id"),
    _text("platform"),
    _text("workspace"),
    _text("channel"),
    _text("ts"),
    _number("form"),
    _text("person_id"),  # whom it was posted to, when that is not the note's clinician
    _of_note(),
    UniqueConstraint("practice_id", "note_id", "platform", "workspace", "channel", "ts", name="uq_cards_place"),
)

Index(
    "ix_cards_person",
    cards.c.practice_id,
    cards.c.person_id,
    sqlite_where=text("person_id <> ''"),
    postgresql_where=text("person_id <> ''"),
)

documents = _table(
    "documents",
    _key("practice_id"),
    _key("note_id"),
    _key("kind"),
    _text("sha256"),
    _sealed("content"),
    _of_note(),
)

filings = _table(
    "filings",
    _key("practice_id"),
    _key("note_id"),
    _key("target"),
    _number("position"),
    Column("state", Text, nullable=False, server_default="pending"),
    _number("maybe_sent"),
    _number("attempts"),
    _time("next_at"),
    _text("lease_holder"),
    _time("lease_until", nullable=True),
    _text("error_code"),
    _time("failing_since", nullable=True),
    _sealed("receipt_reference", nullable=True),  # sealed: a path may hold the client code
    _text("receipt_sha256"),
    _text("receipt_outcome"),
    _time("receipt_at", nullable=True),
    _text("receipt_version"),
    _number("receipt_verified"),
    _of_note(),
    sqlite_with_rowid=False,
)
Index(
    "ix_filings_due",
    filings.c.practice_id,
    filings.c.next_at,
    sqlite_where=text("state <> 'stored'"),
    postgresql_where=text("state <> 'stored'"),
)

audit = _table(
    "audit",
    _key("practice_id"),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("actor", Text),
    _text("act"),
    Column("note_id", Text),
    _number("version"),
    _text("version_hash"),
    _time("at"),
    _text("via"),
    _text("previous_hash"),
    _text("hash"),
    Index("ix_audit_note", "note_id"),
    sqlite_with_rowid=False,
)

audit_heads = _table(
    "audit_heads",
    _key("practice_id"),
    Column("seq", BigInteger, nullable=False, server_default="0"),
    _text("hash"),
    _sealed("seal"),
    sqlite_with_rowid=False,
)

plans = _table(
    "plans",
    _key("practice_id"),
    Column("client_lookup", LargeBinary, primary_key=True),
    _text("clinician_id"),
    _number("revision"),
    _time("updated_at"),
    _sealed("content"),
    sqlite_with_rowid=False,
)

model_calls = _table(  # a row a call: who holds one of the places, and what it cost in the end
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
    Index("ix_model_calls_at", "practice_id", "at"),
    sqlite_with_rowid=False,
)

seen = _table("seen", _key("practice_id"), _key("key"), _time("at"), sqlite_with_rowid=False)

conversations = _table(
    "conversations",
    _key("practice_id"),
    _key("platform"),
    _key("user_id"),
    _text("workspace"),
    _text("channel"),
    _text("service_url"),
    _text("bot_id"),
    _time("at"),
    Index("ix_conversations_channel", "practice_id", "platform", "channel"),
    sqlite_with_rowid=False,
)

people = _table(  # who was set in the chat or a terminal; the practice's file speaks for everybody else
    "people",
    _key("practice_id"),
    _key("id"),
    _number("revision"),
    _text("changed_by"),
    _time("changed_at"),
    _sealed("content"),
    sqlite_with_rowid=False,
)

reviews = _table(  # a row a note and round: ids, times and codes; the note itself says who may act
    "reviews",
    _key("practice_id"),
    _key("note_id"),
    Column("round", Integer, primary_key=True, autoincrement=False),
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
    _of_note(),
    Index("ix_reviews_asked", "practice_id", "asked_at"),
    sqlite_with_rowid=False,
)
Index(
    "ix_reviews_next",
    reviews.c.practice_id,
    reviews.c.next_at,
    sqlite_where=text("next_at IS NOT NULL"),
    postgresql_where=text("next_at IS NOT NULL"),
)

examples = _table(
    "examples",
    _key("practice_id"),
    _key("id"),
    _text("format_id"),
    _text("by"),
    _time("at"),
    _time("removed_at", nullable=True),
    _sealed("content"),
    Index("ix_examples_format", "practice_id", "format_id", "at"),
    sqlite_with_rowid=False,
)

formats = _table(  # every definition of a format that was in use; not clinical
    "formats",
    _key("practice_id"),
    _key("format_id"),
    Column("version", Integer, primary_key=True, autoincrement=False),
    _text("definition"),
    _text("sha256"),
    _time("first_seen"),
    sqlite_with_rowid=False,
)

appointments = _table(  # whose session it is stays sealed; the times are in clear, for a backlog has an order
    "appointments",
    _key("practice_id"),
    _key("id"),
    _text("clinician_id"),
    _number("revision"),
    _number("waiting"),
    Column("starts_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    _time("settled_at", nullable=True),
    Column("note_id", Text, nullable=True),
    Column("key_lookup", LargeBinary, nullable=True),  # keyed digests: of its id in its calendar,
    Column("day_lookup", LargeBinary, nullable=True),  # and of clinician, client and day
    _sealed("content"),
    _of_note(),
    Index("ix_appointments_starts", "practice_id", "clinician_id", "starts_at"),
    Index("ix_appointments_day", "practice_id", "day_lookup"),
    sqlite_with_rowid=False,
)
Index(
    "ix_appointments_waiting",
    appointments.c.practice_id,
    appointments.c.clinician_id,
    appointments.c.due_at,
    appointments.c.starts_at,
    appointments.c.id,
    appointments.c.note_id,
    sqlite_where=text("waiting = 1"),
    postgresql_where=text("waiting = 1"),
)
Index(
    "ix_appointments_settled",
    appointments.c.practice_id,
    appointments.c.settled_at,
    sqlite_where=text("settled_at IS NOT NULL"),
    postgresql_where=text("settled_at IS NOT NULL"),
)
Index(
    "ix_appointments_note",
    appointments.c.practice_id,
    appointments.c.note_id,
    unique=True,
    sqlite_where=text("note_id IS NOT NULL"),
    postgresql_where=text("note_id IS NOT NULL"),
)
Index(
    "uq_appointments_key",
    appointments.c.practice_id,
    appointments.c.key_lookup,
    unique=True,
    sqlite_where=text("key_lookup IS NOT NULL"),
    postgresql_where=text("key_lookup IS NOT NULL"),
)

batches = _table(
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
    sqlite_with_rowid=False,
)
Index(
    "uq_batches_source",
    batches.c.practice_id,
    batches.c.source,
    unique=True,
    sqlite_where=text("source <> ''"),
    postgresql_where=text("source <> ''"),
)
Index(
    "ix_batches_open",
    batches.c.practice_id,
    batches.c.created_at,
    sqlite_where=text("closed = 0"),
    postgresql_where=text("closed = 0"),
)

choices = _table(  # sealed: when somebody works is theirs, and a calendar's address is a secret
    "choices",
    _key("practice_id"),
    _key("person_id"),
    _number("revision"),
    _time("at"),
    _sealed("content"),
    sqlite_with_rowid=False,
)

reminders = _table(
    "reminders",
    _key("practice_id"),
    _key("person_id"),
    _key("kind"),
    _key("day"),
    _text("holder"),
    _time("until"),
    _time("done_at", nullable=True),
    Index("ix_reminders_day", "practice_id", "kind", "day"),
    sqlite_with_rowid=False,
)

measures = _table(
    "measures",
    _key("practice_id"),
    _key("note_id"),
    _text("clinician_id"),
    _time("started_at"),
    _time("signed_at"),
    _number("same_day"),
    _number("changed"),
    _number("late"),
    _of_note(),
    Index("ix_measures_signed", "practice_id", "signed_at"),
    Index("ix_measures_clinician", "practice_id", "clinician_id", "signed_at"),
    sqlite_with_rowid=False,
)

practice_keys = _table("practice_keys", _key("practice_id"), _sealed("wrapped_key"))

installations = _table(
    "installations",
    _key("team_id"),
    _text("practice_id"),
    _text("bot_user_id"),
    _text("bot_id"),
    _text("scopes"),
    _time("installed_at"),
    _time("expires_at", nullable=True),
    _text("installer_user_id"),
    _text("enterprise_id"),
    _time("revoked_at", nullable=True),
    _time("refreshing_until", nullable=True),
    _sealed("bot_token"),
    _sealed("refresh_token", nullable=True),
    sqlite_with_rowid=False,
)

oauth_states = _table(  # what an installation began with, hashed; taken out when it comes back
    "oauth_states",
    _key("state_hash"),
    _time("made_at"),
    sqlite_with_rowid=False,
)
