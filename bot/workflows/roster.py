"""Who is on a practice's list at present, as this process read it last. Who may do what is asked of the policy."""

import datetime as dt
from dataclasses import dataclass, field

from bot.domain.people import Practice
from bot.domain.roster import Member, merged


@dataclass(slots=True)
class Roster:
    """The practice of its file (`filed`) and as it is at present (`practice`), members set in the chat included.

    The only thing of a desk that changes while it stands: `renew` puts another snapshot in its place.
    """

    filed: Practice
    members: tuple[Member, ...] = ()
    practice: Practice = field(init=False)

    def __post_init__(self) -> None:
        self.practice = self.filed

    def renew(self, members: tuple[Member, ...], day: dt.date) -> None:
        """Take over what was read from the database, as it stands on this day of the practice."""
        self.members = members
        self.practice = merged(self.filed, members, day)
