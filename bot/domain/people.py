"""People of a practice and who stands where."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.ids import PersonId, PracticeId


class Role(StrEnum):
    CLINICIAN = "clinician"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the practice's roster. `timezone` is an IANA name."""

    id: PersonId
    name: str
    credentials: str
    roles: frozenset[Role]
    timezone: str = "UTC"
    default_format: str = "soap"
    slack_user_id: str = ""
    reviewed: bool = False  # a supervisor has to sign before filing

    @property
    def signature_line(self) -> str:
        """Name and credentials as they stand under a note, e.g. `Rosa Delgado, LPC-Associate`."""
        return f"{self.name}, {self.credentials}" if self.credentials else self.name


@dataclass(frozen=True, slots=True)
class Client:
    """A client, known by code only. `flags` e.g. `part2`, `minor`."""

    code: str
    clinician: PersonId
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Practice:
    """One practice: its people, clients and formats. `slack_team_id` ties it to a Slack workspace."""

    id: PracticeId
    name: str
    timezone: str
    people: tuple[Person, ...]
    clients: tuple[Client, ...] = ()
    default_format: str = "soap"
    format_by_kind: tuple[tuple[str, str], ...] = ()
    slack_team_id: str = ""

    def person(self, person_id: PersonId) -> Person | None:
        """The person with this id, or None."""
        return next((p for p in self.people if p.id == person_id), None)

    def by_slack_user(self, user_id: str) -> Person | None:
        """The person with this Slack user id, or None when they are not on the roster."""
        return next((p for p in self.people if user_id and p.slack_user_id == user_id), None)

    def clients_of(self, person_id: PersonId) -> tuple[Client, ...]:
        """The caseload of one clinician, in the order of the practice's file."""
        return tuple(c for c in self.clients if c.clinician == person_id)
