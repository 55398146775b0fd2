"""How a practice's notes sound. Values are checked where settings are read."""

from dataclasses import dataclass

LENGTHS = ("brief", "standard", "detailed")
PERSONS = ("client", "patient", "initials")
QUOTES = ("none", "some")


@dataclass(frozen=True, slots=True)
class Voice:
    """`person` says what the client is called. `initials` are the letters for `person="initials"` (or what stands for
    them while identifiers are masked); without any, the note says "the client".
    """

    length: str = "standard"
    person: str = "client"
    quotes: str = "some"
    initials: str = ""
