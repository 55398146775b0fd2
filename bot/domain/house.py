"""A practice's house style, and what a draft shows against it. Finding it is the business of `drafting/house_style`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.formats import Format, SectionSpec
from bot.domain.note import Note
from bot.domain.statements import Slot
from bot.domain.voice import Voice

ALL = "all"  # in `required`: every format that is not brief
_NOT_APPLYING = "na:"  # begins what `Note.waived` keeps of an element that the clinician says does not apply


class Code(StrEnum):
    """What kind of finding it is. Counted in statistics, so a code is never given another meaning."""

    BANNED = "banned_phrase"
    CLIENT_WORD = "client_word"
    QUOTATION = "quotation"
    CHECK = "required_check"
    SLOT = "required_slot"
    SECTION = "required_section"


_SLOTS = frozenset(slot.value for slot in Slot)
MISSING = frozenset({Code.CHECK, Code.SLOT, Code.SECTION})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a note has against the house style. It holds no words of the note.

    `about`: the phrase as the practice lists it, the word, or the title of what is missing. `item`: the id of the
    statement, or of what is missing (`check.ID`, `slot.ID`, `section.KEY`). `stops`: nobody signs past it. `why`: the
    practice's reason, or what belongs in a section.
    """

    code: Code
    about: str
    item: str = ""
    stops: bool = False
    why: str = ""
    instead: str = ""
    question: str = ""
    slot: Slot = Slot.REPORT

    @property
    def missing(self) -> bool:
        """Whether something is absent (and may not apply), and not something in the way."""
        return self.code in MISSING


@dataclass(frozen=True, slots=True)
class HouseStyle:
    """`required`: format id (or `all`) → slots and section keys that a note needs to be signed."""

    voice: Voice = field(default_factory=Voice)
    required: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def required_of(self, fmt: Format) -> tuple[Slot | SectionSpec, ...]:
        """What the practice and the format itself want in a note of this format, each once.

        A name that is both a slot's and a section's means the slot; one that this format does not know is passed over.
        """
        of_all = () if fmt.brief else self.required.get(ALL, ())
        sections = {spec.key: spec for spec in fmt.sections}
        named = [*of_all, *self.required.get(fmt.id, ())]
        known = [Slot(name) if name in _SLOTS else sections[name] for name in named if name in _SLOTS | sections.keys()]
        own = [*fmt.needed, *(spec for spec in fmt.sections if spec.needed)]
        return tuple(dict.fromkeys([*known, *own]))


def not_applying(item: str) -> str:
    """How it is kept that an element does not apply to this note."""
    return _NOT_APPLYING + item


def said_not_to_apply(note: Note) -> Sequence[str]:
    """The elements (`check.ID`, `slot.ID`, `section.KEY`) of which the clinician said so."""
    return [code.removeprefix(_NOT_APPLYING) for code in note.waived if code.startswith(_NOT_APPLYING)]
