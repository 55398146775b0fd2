"""How people are reached in a chat where the bot must know the conversation before it can write first."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def upgrade() -> None:
    op.create_table(
        "conversations",
        _key("practice_id"),
        _key("platform"),
        _key("user_id"),
        _text("workspace"),
        _text("channel"),
        _text("service_url"),
        _text("bot_id"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("practice_id", "platform", "user_id", name="pk_conversations"),
        sqlite_with_rowid=False,
    )
    op.execute("ALTER TABLE cards RENAME COLUMN revision TO form")  # it was 0 always: a card that shows the note
    op.create_index("ix_conversations_channel", "conversations", ["practice_id", "platform", "channel"])
