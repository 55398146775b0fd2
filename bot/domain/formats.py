"""A format arranges slots into titled sections. Arranging is pure, total and loses nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.statements import Slot, Statement


@dataclass(frozen=True, slots=True)
class SectionSpec:
    """One section of a format: which slots it holds (the order of slots is the order within the section).

    `needed`: nobody signs a note in which it is empty, unless they say that it does not apply.
    """

    key: str
    title: str
    slots: tuple[Slot, ...]
    loinc: str = ""
    guidance: str = ""
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """A documentation format, e.g. SOAP. `required`: slots an auditor expects; what is missing is asked for.

    `needed`: slots without which nobody signs, unless they say that it does not apply.
    """

    id: str
    name: str
    description: str
    sections: tuple[SectionSpec, ...]
    required: tuple[Slot, ...] = ()
    loinc: str = "34904-3"
    brief: bool = False
    version: int = 1
    linked: bool = (
        False  # for what is said about a signed note; nobody begins a note in it, or changes to it or from it
    )
    needed: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A section with the statements that a note has for it; empty when there are none."""

    spec: SectionSpec
    statements: tuple[Statement, ...]

    @property
    def text(self) -> str:
        """The section as the clinician reads and edits it: a line a statement."""
        return "\n".join(statement.text for statement in self.statements)


def arrange(statements: Sequence[Statement], fmt: Format) -> tuple[Section, ...]:
    """Lay statements out in the format's sections, by slot order, then in the order they were drafted."""
    return tuple(
        Section(spec, tuple(s for slot in spec.slots for s in statements if s.slot is slot)) for spec in fmt.sections
    )


_COUNTS_AS = {Slot.HOMEWORK: Slot.PLAN, Slot.REFERRAL: Slot.PLAN}


def missing(statements: Sequence[Statement], fmt: Format) -> tuple[Slot, ...]:
    """Required slots for which the note says nothing yet. Homework and a referral are a plan, too."""
    said = present(statements)
    return tuple(slot for slot in fmt.required if slot not in said)


def present(statements: Sequence[Statement]) -> frozenset[Slot]:
    """The slots of which the note says something."""
    slots = [statement.slot for statement in statements]
    return frozenset((*slots, *(_COUNTS_AS.get(slot, slot) for slot in slots)))
