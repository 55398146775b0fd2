"""People of a practice and who stands where."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.ids import PersonId, PracticeId


class Role(StrEnum):
    CLINICIAN = "clinician"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Account:
    """One id of a person (or of the practice itself) in one chat: `platform` names the chat."""

    platform: str
    id: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the practice's roster. `timezone` is an IANA name; `accounts` are who they are in the chats."""

    id: PersonId
    name: str
    credentials: str
    roles: frozenset[Role]
    timezone: str = "UTC"
    default_format: str = "soap"
    accounts: tuple[Account, ...] = ()
    reviewed: bool = False  # a supervisor has to sign before filing

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

    def person(self, person_id: PersonId) -> Person | None:
        """The person with this id, or None."""
        return next((p for p in self.people if p.id == person_id), None)

    def by_user(self, platform: str, user_id: str) -> Person | None:
        """The person with this user id in this chat, or None when they are not on the roster."""
        return next((p for p in self.people if user_id and p.user_on(platform) == user_id), None)

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
