"""People of a practice and who stands where."""

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.ids import PersonId, PracticeId
from bot.domain.supervision import Supervision


class Role(StrEnum):
    """`ASSOCIATE`: writes notes as a clinician does, each of which needs a supervisor. `AUDITOR`: also a biller."""

    CLINICIAN = "clinician"
    ASSOCIATE = "associate"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


WRITING = frozenset({Role.CLINICIAN, Role.ASSOCIATE})


@dataclass(frozen=True, slots=True)
class Account:
    """One id of a person (or of the practice itself) in one chat: `platform` names the chat."""

    platform: str
    id: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the practice's roster. `timezone` is an IANA name; `accounts` are who they are in the chats.

    Who is not `active` any more keeps their name under what they did, and may do nothing. `supervision` (of their own
    notes) and `supervisees` (whose notes they review) are those in force on the day that `Practice.on` was asked for;
    `practice_id` comes from there, too.
    """

    id: PersonId
    name: str
    credentials: str
    roles: frozenset[Role]
    timezone: str = "UTC"
    default_format: str = "soap"
    accounts: tuple[Account, ...] = ()
    active: bool = True
    practice_id: PracticeId | None = None
    supervision: Supervision | None = None
    supervisees: tuple[PersonId, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether they write notes."""
        return bool(self.roles & WRITING)

    @property
    def reviewed(self) -> bool:
        """Whether a supervisor has to act before any note of theirs is filed."""
        return self.supervision is not None and self.supervision.reviews_every_note

    @property
    def signature_line(self) -> str:
        """Name and credentials as they stand under a note, e.g. `Rosa Delgado, LPC-Associate`."""
        return f"{self.name}, {self.credentials}" if self.credentials else self.name

    def user_on(self, platform: str) -> str:
        """Their user id in this chat; empty when they are not there."""
        return _on(self.accounts, platform)


@dataclass(frozen=True, slots=True)
class Client:
    """A client, known by code only. `flags` e.g. `part2`, `minor`."""

    code: str
    clinician: PersonId
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Practice:
    """One practice: its people, clients and formats. `workspaces` tie it to one workspace (tenant) of each chat."""

    id: PracticeId
    name: str
    timezone: str
    people: tuple[Person, ...]
    clients: tuple[Client, ...] = ()
    default_format: str = "soap"
    format_by_kind: tuple[tuple[str, str], ...] = ()
    workspaces: tuple[Account, ...] = ()
    supervision: tuple[Supervision, ...] = ()

    def on(self, day: dt.date) -> "Practice":
        """The same practice, each person with the supervision in force on this day."""
        held = [each for each in self.supervision if each.in_force(day)]
        return replace(self, people=tuple(self._placed(person, held) for person in self.people))

    def _placed(self, person: Person, held: list[Supervision]) -> Person:
        own = next((each for each in held if each.clinician == person.id), None)
        others = tuple(each.clinician for each in held if person.id in each.supervisors)
        return replace(person, practice_id=self.id, supervision=own, supervisees=others)

    def person(self, person_id: PersonId) -> Person | None:
        """The person with this id, or None."""
        return next((p for p in self.people if p.id == person_id), None)

    def by_user(self, platform: str, user_id: str) -> Person | None:
        """The person with this user id in this chat, or None when they are not on the roster (any more)."""
        return next((p for p in self.people if user_id and p.active and p.user_on(platform) == user_id), None)

    def workspace_on(self, platform: str) -> str:
        """The practice's workspace in this chat; empty when its file names none."""
        return _on(self.workspaces, platform)

    def clients_of(self, person_id: PersonId) -> tuple[Client, ...]:
        """The caseload of one clinician, in the order of the practice's file."""
        return tuple(c for c in self.clients if c.clinician == person_id)

    def flags_of(self, client_code: str) -> tuple[str, ...]:
        """What is said of a client, e.g. `part2`; nothing of one who is not in the file."""
        return next((client.flags for client in self.clients if client.code == client_code), ())


def _on(accounts: tuple[Account, ...], platform: str) -> str:
    return next((account.id for account in accounts if account.platform == platform), "")
