"""Chat workspaces that installed the app, with their tokens sealed. Looked up before the practice is known."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select
from sqlalchemy.engine import Connection

from bot.domain.ids import PracticeId
from storage.crypto import KeyRing, bound_to
from storage.models import installations
from storage.transaction import in_our_words
from storage.unit_of_work import SqlDatabase

_FIND = select(installations).where(installations.c.team_id == bindparam("team"))
_DELETE = delete(installations).where(installations.c.team_id == bindparam("team"))
_ADD = insert(installations)


@dataclass(frozen=True, slots=True)
class Installation:
    """One workspace's installation. The tokens are in clear here and never in a printed value."""

    team_id: str
    practice_id: PracticeId
    bot_token: str = field(repr=False)
    bot_user_id: str
    bot_id: str
    installed_at: datetime
    scopes: tuple[str, ...] = ()
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None


class Installations:
    """Saved, found and deleted by the workspace's id."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    async def save(self, installation: Installation) -> None:
        """Store it; what the workspace had before is replaced."""
        values = _values(installation, self._database.ring)

        def write(connection: Connection) -> None:
            connection.execute(_DELETE, {"team": installation.team_id})
            connection.execute(_ADD, values)

        await self._write(write)

    async def find(self, team_id: str) -> Installation | None:
        """The workspace's installation, or None."""
        row = await self._read(team_id)
        return _installation(row, self._database.ring) if row is not None else None

    async def delete(self, team_id: str) -> None:
        """Forget the workspace and its tokens; harmless when it is not there."""

        def write(connection: Connection) -> None:
            connection.execute(_DELETE, {"team": team_id})

        await self._write(write)

    async def _write(self, work: Callable[[Connection], None]) -> None:
        lane = self._database.writers

        def run() -> None:
            with in_our_words(), lane.engine.begin() as connection:
                work(connection)

        async with lane.turn:
            await lane.run(run)

    async def _read(self, team_id: str) -> Row[Any] | None:
        lane = self._database.readers

        def run() -> Row[Any] | None:
            with in_our_words(), lane.engine.begin() as connection:
                return connection.execute(_FIND, {"team": team_id}).one_or_none()

        async with lane.turn:
            return await lane.run(run)


def token_place(team_id: str, practice_id: str, column: str) -> bytes:
    """Where a workspace's token belongs (AAD)."""
    return bound_to(team_id, practice_id, "installations", column)


def _values(installation: Installation, ring: KeyRing) -> dict[str, Any]:
    team, practice = installation.team_id, installation.practice_id
    refresh = installation.refresh_token.encode()
    return {
        "team_id": team,
        "practice_id": practice,
        "bot_user_id": installation.bot_user_id,
        "bot_id": installation.bot_id,
        "scopes": ",".join(installation.scopes),
        "installed_at": installation.installed_at,
        "expires_at": installation.expires_at,
        "bot_token": ring.seal(installation.bot_token.encode(), token_place(team, practice, "bot_token")),
        "refresh_token": ring.seal(refresh, token_place(team, practice, "refresh_token")) if refresh else None,
    }


def _installation(row: Row[Any], ring: KeyRing) -> Installation:
    def opened(column: str, sealed: bytes | None) -> str:
        return "" if sealed is None else ring.open(sealed, token_place(row.team_id, row.practice_id, column)).decode()

    return Installation(
        team_id=row.team_id,
        practice_id=PracticeId(row.practice_id),
        bot_token=opened("bot_token", row.bot_token),
        bot_user_id=row.bot_user_id,
        bot_id=row.bot_id,
        installed_at=row.installed_at,
        scopes=tuple(scope for scope in row.scopes.split(",") if scope),
        refresh_token=opened("refresh_token", row.refresh_token),
        expires_at=row.expires_at,
    )
