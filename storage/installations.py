"""Chat workspaces that installed the app, with their tokens sealed. Looked up before the practice is known.

That one was installed, or taken away, is a row of its practice's audit log in the same transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Row, Select, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection

from bot.domain.ids import PersonId, PracticeId
from bot.installations import Installation
from bot.ports import Act
from storage.audit import SqlAudit
from storage.crypto import KeyRing, bound_to
from storage.models import installations, oauth_states
from storage.transaction import in_our_words
from storage.unit_of_work import SqlDatabase

_FIND = select(installations).where(installations.c.team_id == bindparam("team"))
_DELETE = delete(installations).where(installations.c.team_id == bindparam("team"))
_ADD = insert(installations)
_PRACTICE = select(installations.c.practice_id).where(installations.c.team_id == bindparam("team"))
_REVOKE = (
    update(installations)
    .where(
        installations.c.team_id == bindparam("team"),
        installations.c.practice_id == bindparam("practice"),
        installations.c.installed_at < bindparam("at"),
        installations.c.revoked_at.is_(None),
    )
    .values(
        revoked_at=bindparam("at"),
        bot_token=bindparam("nothing"),
        refresh_token=None,
        expires_at=None,
        refreshing_until=None,
    )
)
_LEASE = (
    update(installations)
    .where(
        installations.c.team_id == bindparam("team"),
        installations.c.installed_at == bindparam("installed"),
        installations.c.expires_at == bindparam("expires"),
        installations.c.revoked_at.is_(None),
        or_(installations.c.refreshing_until.is_(None), installations.c.refreshing_until <= bindparam("now")),
    )
    .values(refreshing_until=bindparam("until"))
)
_ROTATED = ("bot_token", "refresh_token", "expires_at")
_STORE = (
    update(installations)
    .where(
        installations.c.team_id == bindparam("team"),
        installations.c.refreshing_until == bindparam("until"),
        installations.c.revoked_at.is_(None),
    )
    .values(refreshing_until=None, **{name: bindparam(f"new_{name}") for name in _ROTATED})
)
_EXPIRING = select(installations.c.team_id).where(
    installations.c.expires_at <= bindparam("before"), installations.c.revoked_at.is_(None)
)
_ADD_STATE = insert(oauth_states)
_FORGET_STATES = delete(oauth_states).where(oauth_states.c.made_at < bindparam("oldest"))
_COUNT_STATES = select(func.count()).select_from(oauth_states)
_FIND_STATE = select(oauth_states.c.made_at).where(oauth_states.c.state_hash == bindparam("state"))
_USE_STATE = delete(oauth_states).where(oauth_states.c.state_hash == bindparam("state"))
T = TypeVar("T")


class Installations:
    """See `bot.installations.Installations`: found by the workspace's id."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    async def save(self, installation: Installation, by: PersonId | None = None) -> None:
        """Store it; what the workspace had before is replaced. `by`: who installed it, if they are on the roster."""
        values = _values(installation, self._database.ring)

        def write(connection: Connection) -> bool:
            there = connection.execute(_DELETE, {"team": installation.team_id}).rowcount == 1
            connection.execute(_ADD, values)
            return there

        async with self._database.transaction(installation.practice_id) as transaction:
            again = " again" if await transaction.write_now(write) else ""
            who = installation.installer_user_id or "somebody unknown"
            act = f"app installed{again}: {installation.team_id}, by {who}"
            await SqlAudit(transaction).append(Act(by, act, None, 0, "", transaction.clock(), "slack"))
            await transaction.commit()

    async def find(self, team_id: str) -> Installation | None:
        """The workspace's installation, revoked ones too, or None."""
        rows = await self._read(_FIND, {"team": team_id})
        return _installation(rows[0], self._database.ring) if rows else None

    async def revoke(self, team_id: str, at: datetime, why: str) -> bool:
        """Delete the tokens of an installation that was made before `at`; whether there was one with tokens.

        `why`: the platform's word for what happened.
        """
        rows = await self._read(_PRACTICE, {"team": team_id})
        if not rows:
            return False
        practice = PracticeId(rows[0].practice_id)
        nothing = self._database.ring.seal(b"", token_place(team_id, practice, "bot_token"))
        asked = {"team": team_id, "practice": practice, "at": at, "nothing": nothing}
        async with self._database.transaction(practice) as transaction:
            if await transaction.write_now(lambda connection: connection.execute(_REVOKE, asked).rowcount) != 1:
                return False
            act = Act(None, f"app taken away: {team_id} ({why})", None, 0, "", transaction.clock(), "slack")
            await SqlAudit(transaction).append(act)
            await transaction.commit()
        return True

    async def lease(self, seen: Installation, now: datetime, until: datetime) -> bool:
        """Be the only one to exchange the refresh token that was `seen`, until then: whether we are."""
        asked = {
            "team": seen.team_id,
            "installed": seen.installed_at,
            "expires": seen.expires_at,
            "now": now,
            "until": until,
        }
        return await self._write(lambda connection: connection.execute(_LEASE, asked).rowcount) == 1

    async def rotated(self, installation: Installation, until: datetime) -> bool:
        """Store the tokens that came of the lease `until`; False when the installation changed meanwhile."""
        values = _values(installation, self._database.ring)
        asked = {"team": installation.team_id, "until": until} | {f"new_{name}": values[name] for name in _ROTATED}
        return await self._write(lambda connection: connection.execute(_STORE, asked).rowcount) == 1

    async def expiring(self, before: datetime) -> list[str]:
        """The workspaces whose token is good until then at most."""
        return [row.team_id for row in await self._read(_EXPIRING, {"before": before})]

    async def add_state(self, state_hash: str, now: datetime, oldest: datetime, most: int) -> bool:
        """Remember that an installation was begun, forgetting those before `oldest`; False when there are too many."""

        def write(connection: Connection) -> bool:
            connection.execute(_FORGET_STATES, {"oldest": oldest})
            if connection.execute(_COUNT_STATES).scalar_one() >= most:
                return False
            connection.execute(_ADD_STATE, {"state_hash": state_hash, "made_at": now})
            return True

        return await self._write(write)

    async def use_state(self, state_hash: str) -> datetime | None:
        """When it was begun, for the first who asks; None for everybody after, and for one that never was."""

        def write(connection: Connection) -> datetime | None:
            made_at = connection.execute(_FIND_STATE, {"state": state_hash}).scalar_one_or_none()
            used = connection.execute(_USE_STATE, {"state": state_hash}).rowcount == 1
            return made_at if used else None

        return await self._write(write)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        lane = self._database.writers

        def run() -> T:
            with in_our_words(), lane.engine.begin() as connection:
                return work(connection)

        async with lane.turn:
            return await lane.run(run)

    async def _read(self, question: Select[Any], asked: Mapping[str, Any]) -> Sequence[Row[Any]]:
        lane = self._database.readers

        def run() -> Sequence[Row[Any]]:
            with in_our_words(), lane.engine.begin() as connection:
                return connection.execute(question, asked).all()

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
        "installer_user_id": installation.installer_user_id,
        "enterprise_id": installation.enterprise_id,
        "revoked_at": installation.revoked_at,
        "refreshing_until": installation.refreshing_until,
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
        installer_user_id=row.installer_user_id,
        enterprise_id=row.enterprise_id,
        revoked_at=row.revoked_at,
        refreshing_until=row.refreshing_until,
    )
