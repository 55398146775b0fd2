"""Brings a database's schema up to date. Safe to call at every start, from several processes at once."""

import asyncio
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from bot.domain.errors import UserMistake
from storage.engine import writing_engine
from storage.transaction import in_our_words

HEAD = "0007"  # the newest step in migrations/versions; a test holds the two together
_LOCK = 0x6E6F7465  # of PostgreSQL's advisory locks; any number of our own


async def migrate(url: str) -> None:
    """Apply the steps that are missing, all or none of them, without blocking the event loop."""
    await asyncio.to_thread(upgrade, url)


def upgrade(url: str) -> None:
    """Apply the missing steps, all or none. Blocks.

    Raises Temporary while the database is out of reach, UserMistake when a newer release brought it further than HEAD.
    """
    engine = writing_engine(url)
    try:
        with in_our_words():
            _upgrade(engine)
    finally:
        engine.dispose()


def _upgrade(engine: Engine) -> None:
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        found = _revision(connection)
        if found and found > HEAD:
            raise UserMistake(
                "database_of_a_newer_release",
                f"This database belongs to a newer Afternote (step {found}; this one knows steps up to {HEAD}): run "
                "that release, or restore the backup from before it.",
            )
        if found != HEAD:
            _run_steps(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _run_steps(connection: Connection) -> None:
    from alembic import command  # takes 0.1 s to import and is seldom needed
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
