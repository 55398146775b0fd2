"""A chat workspace that installed the app: what is known of it, and how it is kept and found before its practice is."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.ids import PersonId, PracticeId


@dataclass(frozen=True, slots=True)
class Installation:
    """One workspace's installation. The tokens are in clear here and never in a printed value.

    Without `bot_token` it was revoked: its row stays, so that its practice can be told why it is not served.
    `refreshing_until`: some process is exchanging the refresh token, or was refused; nobody else does before then.
    """

    team_id: str
    practice_id: PracticeId
    bot_token: str = field(repr=False)
    bot_user_id: str
    bot_id: str
    installed_at: datetime
    scopes: tuple[str, ...] = ()
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    installer_user_id: str = ""
    enterprise_id: str = ""
    revoked_at: datetime | None = None
    refreshing_until: datetime | None = None

    @property
    def serves(self) -> bool:
        """Whether there is a token to answer with."""
        return bool(self.bot_token) and self.revoked_at is None


class Installations(Protocol):
    """Where installations are kept, tokens sealed. Raises Temporary while the database is away."""

    async def save(self, installation: Installation, by: PersonId | None = None) -> None:
        """Store it, and put it down in its practice's audit log; what the workspace had before is replaced.

        `by`: who installed it, if they are on the roster.
        """
        ...

    async def find(self, team_id: str) -> Installation | None:
        """The workspace's installation, revoked ones too, or None."""
        ...

    async def revoke(self, team_id: str, at: datetime, why: str) -> bool:
        """Delete the tokens of an installation that was made before `at`, and put it down in the audit log.

        Whether there was one with tokens. `why`: the platform's word for what happened.
        """
        ...

    async def lease(self, seen: Installation, now: datetime, until: datetime) -> bool:
        """Be the only one to exchange the refresh token that was `seen`, until then: whether we are."""
        ...

    async def rotated(self, installation: Installation, until: datetime) -> bool:
        """Store the tokens that came of the lease `until`; False when the installation changed meanwhile."""
        ...

    async def expiring(self, before: datetime) -> list[str]:
        """The workspaces whose token is good until then at most."""
        ...

    async def add_state(self, state_hash: str, now: datetime, oldest: datetime, most: int) -> bool:
        """Remember that an installation was begun, forgetting those before `oldest`; False when there are too many."""
        ...

    async def use_state(self, state_hash: str) -> datetime | None:
        """When it was begun, for the first who asks; None for everybody after, and for one that never was."""
        ...
