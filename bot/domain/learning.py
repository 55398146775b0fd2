"""What is learned from: a section's rule, and examples of it. None of them knows a note, a client or its clinician."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.formats import Format, SectionSpec
from bot.domain.ids import NoteId, PersonId
from bot.domain.people import Person, Role

LONGEST_EXAMPLE, LONGEST_REASON = 2000, 300


@dataclass(frozen=True, slots=True)
class Lesson:
    """An example of a section and what is good about it. Without an `id` it is one that ships: fictional."""

    text: str
    why: str
    id: str = ""
    removable: bool = False

    @property
    def fictional(self) -> bool:
        return not self.id


@dataclass(frozen=True, slots=True)
class Shelf:
    """A format's examples, by section."""

    fmt: Format
    lessons: Mapping[str, tuple[Lesson, ...]]
    hidden: bool = False  # without their texts: for who may only remove them

    @property
    def fictional(self) -> bool:
        """Whether the practice has none of its own in this format."""
        return not any(lesson.id for lessons in self.lessons.values() for lesson in lessons)


class Look(StrEnum):
    """What in a text may be recognised by those who read it, though no identifier stands in it."""

    RISK = "risk"
    DIAGNOSIS = "diagnosis"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A section as it may be shared, for a supervisor to go over. `replaced`: kind of identifier → how many.

    `shortened`: only its beginning is there.
    """

    note_id: NoteId
    version: int
    section: SectionSpec
    text: str
    replaced: Mapping[str, int] = field(default_factory=dict[str, int])
    look: tuple[Look, ...] = ()
    shortened: bool = False


def is_learning(person: Person) -> bool:
    """Whether somebody writes under supervision, and so is shown rules and examples beside their own text."""
    return Role.ASSOCIATE in person.roles or person.supervision is not None


def may_remove(person: Person, shared_by: PersonId) -> bool:
    """Whether somebody may take an example away: who shared it, and any supervisor or administrator."""
    return person.id == shared_by or bool(person.roles & {Role.SUPERVISOR, Role.ADMINISTRATOR})
