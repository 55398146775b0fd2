"""What an administrator was told is found without reading every card."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    told = sa.text("person_id <> ''")
    op.create_index("ix_cards_person", "cards", ["practice_id", "person_id"], sqlite_where=told, postgresql_where=told)
