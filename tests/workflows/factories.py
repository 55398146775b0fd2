"""A practice, a desk on memory, and a summary: what workflow tests start from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from bot.cards.elements import Card
from bot.checks_file import load_profiles
from bot.domain.errors import EffectError
from bot.domain.ids import NoteId, PersonId, PracticeId
from bot.domain.people import Account, Client, Person, Practice, Role
from bot.domain.supervision import Mode, Supervision
from bot.formats_file import load_formats, load_linked_formats
from bot.ports import Place, Posted
from bot.workflows.desk import Desk
from bot.workflows.roster import Roster
from tests.doubles.memory_uow import MemoryDatabase

CANARY = "zebrafinch-7731"
SUMMARY = f"Ct reports mood better, {CANARY}.\nReviewed thought record.\nDenied SI.\nPlan: exposure step 2."


@dataclass
class FixedClock:
    """Stands still until it is told to move."""

    at: datetime = datetime(2026, 11, 23, 20, 2, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def move(self, **amount: int) -> None:
        self.at += timedelta(**amount)


@dataclass
class RecordingChat:
    """Keeps what stands in the chat; fails while `broken` holds an error."""

    cards: dict[Posted, Card] = field(default_factory=dict)
    broken: EffectError | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    async def post(self, place: Place, card: Card) -> Posted:
        self._maybe_fail()
        posted = Posted(place.platform, "T1", place.channel or f"D-{place.user}", f"{next(self._numbers)}.0")
        self.cards[posted] = card
        return posted

    async def update(self, posted: Posted, card: Card) -> bool:
        self._maybe_fail()
        if posted not in self.cards:
            return False
        self.cards[posted] = card
        return True

    async def delete(self, posted: Posted) -> None:
        self._maybe_fail()
        self.cards.pop(posted, None)

    def _maybe_fail(self) -> None:
        if self.broken:
            raise self.broken


def person(key: str, *roles: Role, supervision: Supervision | None = None, supervisees: Sequence[str] = ()) -> Person:
    return Person(
        PersonId(key),
        key.title(),
        "LCSW",
        frozenset(roles or (Role.CLINICIAN,)),
        timezone="America/Chicago",
        accounts=(Account("slack", f"U{key}"),),
        practice_id=PracticeId("larkspur"),
        supervision=supervision,
        supervisees=tuple(PersonId(each) for each in supervisees),
    )


ROSA, TOBIAS = person("rosa"), person("tobias")
NORA = person("nora", Role.ADMINISTRATOR)
SUPERVISION = Supervision(PersonId("associate"), (PersonId("miriam"),), Mode.COSIGN)
ASSOCIATE = person("associate", Role.ASSOCIATE, supervision=SUPERVISION)
MIRIAM = person("miriam", Role.CLINICIAN, Role.SUPERVISOR, supervisees=["associate"])


def desk(clock: FixedClock | None = None, people: Sequence[Person] = (ROSA, TOBIAS, NORA, ASSOCIATE, MIRIAM)) -> Desk:
    practice = Practice(
        PracticeId("larkspur"),
        "Larkspur",
        "America/Chicago",
        tuple(people),
        (Client("JD-014", ROSA.id), Client("JD-020", ROSA.id), Client("AC-010", TOBIAS.id)),
        workspaces=(Account("slack", "T1"),),
        supervision=(SUPERVISION,),
    )
    return Desk(
        Roster(practice.on(FixedClock.at.date())),
        {**load_formats(), **load_linked_formats()},
        MemoryDatabase(),
        clock or FixedClock(),
        profiles=load_profiles(),
    )


def note_id(text: str) -> NoteId:
    return NoteId(text)


async def nothing_begins(practice: PracticeId, note_id: NoteId, target: str) -> None:
    """For `file_and_show` where no other note waits."""
    raise AssertionError(f"{note_id} at {target} is begun")
