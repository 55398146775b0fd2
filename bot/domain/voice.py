"""How a practice's notes sound. Values are checked where settings are read."""

from dataclasses import dataclass

LENGTHS = ("brief", "standard", "detailed")
PERSONS = ("client", "patient", "individual", "consumer", "initials")
TENSES = ("past", "present")
QUOTES = ("none", "some")
OTHER_WORDS = ("client", "patient")  # what somebody may write instead; "an individual" may be anybody


@dataclass(frozen=True, slots=True)
class Banned:
    """A phrase that stands in no note of the practice (outside of quotations), as `drafting/phrases` reads it.

    `why` and `instead` are said to whoever wrote it, when they are given.
    """

    phrase: str
    why: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """`person` says what the client is called; empty when the practice has not chosen, and then each note says what its
    clinician typed. `initials` are the letters for `person="initials"` (or what stands for
    them while identifiers are masked); without any, the note says "the client".
    """

    length: str = "standard"
    person: str = ""
    quotes: str = "some"
    initials: str = ""
    tense: str = "past"
    banned: tuple[Banned, ...] = ()

    @property
    def called(self) -> str:
        """The word for the client that a model is asked to write."""
        return self.word or "client"

    @property
    def word(self) -> str:
        """The practice's word for the client; empty when it has none."""
        return "" if self.person == "initials" else self.person
