"""What one person chose for themselves: when they are reminded, and what their own notes begin with."""

import datetime as dt
from dataclasses import dataclass, field

from bot.domain.ids import PersonId

END_OF_DAY = dt.time(17, 30)
LONGEST_ADDRESS = 2000
LONGEST_BEFORE = 240  # minutes that somebody may say a note took them


@dataclass(frozen=True, slots=True)
class Preferences:
    """One person's choices; times are local, in their own zone.

    `working_days` (0 is Monday) and `quiet` (from, until; over midnight, too) are None where the practice's hold.
    `away_until`: no reminder up to and including this day. `snoozed_until`: put off, in UTC. `voice` is one of the
    practice's words for a client, empty for the practice's own. `minutes_before`: how long a note took them before
    they had this, as they say; 0 when they never said. `calendar_url` is a secret. `met`: they were asked the first
    questions. `digest`: as an administrator they get the week's counts.
    """

    person_id: PersonId
    remind: bool = True
    remind_at: dt.time = END_OF_DAY
    working_days: frozenset[int] | None = None
    quiet: tuple[dt.time, dt.time] | None = None
    away_until: dt.date | None = None
    snoozed_until: dt.datetime | None = None
    voice: str = ""
    minutes_before: int = 0
    calendar_url: str = field(default="", repr=False)
    calendar_etag: str = ""
    calendar_seen: dt.datetime | None = None
    met: bool = False
    digest: bool = True
    revision: int = 0
