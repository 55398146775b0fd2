"""A clinician's sessions as their calendar has them: what was booked, whether it took place, and what became of it."""

import datetime as dt
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.ids import AppointmentId, NoteId, PersonId
from bot.domain.note import Session


class Attendance(StrEnum):
    """Whether a session took place. `BOOKED`: its calendar does not say; once it is over it counts as held."""

    BOOKED = "booked"
    HELD = "held"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Appointment:
    """One session on a clinician's list.

    `session` has its date and start in `timezone`, an IANA name. `origin` says where it comes from (`ics`, `csv`,
    `typed`, `fhir`, or `note` when its clinician wrote before anything was booked), `key` its id there. `due_at`: until
    when its note is to be signed. `settled_at`: since when its note is signed. Not `wanted`: its clinician said that it
    needs no note.
    """

    id: AppointmentId
    clinician_id: PersonId
    client_code: str
    session: Session
    timezone: str
    attendance: Attendance = Attendance.BOOKED
    place: str = ""
    origin: str = "typed"
    key: str = ""
    note_id: NoteId | None = None
    due_at: datetime | None = None
    settled_at: datetime | None = None
    wanted: bool = True

    @property
    def starts_at(self) -> datetime | None:
        """When it begins, in UTC; of one without a time noon of its day, None without a day."""
        return starts_at(self.session, self.timezone)

    @property
    def waits(self) -> bool:
        """Whether it is, or will be, in its clinician's backlog: a note is wanted and none is signed."""
        return self.wanted and self.attendance is not Attendance.CANCELLED and self.settled_at is None


def starts_at(session: Session, timezone: str) -> datetime | None:
    """The moment a session begins, in UTC. A time that the change of clocks leaves out is the one an hour later."""
    if session.date is None:
        return None
    local = dt.datetime.combine(session.date, session.start or dt.time(12), ZoneInfo(timezone))
    return local.astimezone(dt.UTC)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as a calendar's file has it. `line`: where it stands there, counted from 1.

    `key`: its id in that calendar, the same after it was moved; empty when it has none. `clinician`: as written there,
    empty when it does not say whose. `odd`: codes of what is unusual about it, for the report: `no_start`, `no_end`,
    `bad_end` (before its start, or hours later), `clock_change`, `other_zone`, `zone_unknown` (read as the practice's
    own), `over_midnight`, `whole_day`, `repeats`, `taken_out` (of a series by its calendar), `status_unknown`,
    `afternoon` (2:00 was read as 14:00).
    """

    line: int
    key: str
    client_code: str
    clinician: str
    session: Session
    timezone: str
    attendance: Attendance = Attendance.BOOKED
    place: str = ""
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """What could not be read as a session. `sentence` says what is wrong and what to do; it quotes no free text.

    `about`: what the row itself shows of whose session it is (a client code and a date), where that much was read.
    """

    line: int
    code: str
    sentence: str
    about: str = ""
