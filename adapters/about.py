"""What an adapter says of itself, for `afternote adapters`, `afternote check` and the reading of practice.toml."""

from dataclasses import dataclass
from enum import StrEnum

REQUIRED = object()


class Ability(StrEnum):
    """What a place can do, in the words of `afternote adapters`."""

    REFUSES_OVERWRITE = "refuses to overwrite"
    READS_BACK = "reads back what it stored"
    MARKS_AMENDED = "marks the note that an amendment or retraction is about"
    FINDS_CLIENTS = "finds clients by code"


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of `[adapter.<name>]`. Its type is that of `default`; REQUIRED: text that must be given.

    `secret`: never in practice.toml, but in the environment as `AFTERNOTE_ADAPTER_<NAME>_<KEY>`.
    """

    key: str
    meaning: str
    default: object = ""
    choices: tuple[str, ...] = ()
    secret: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """An adapter in a sentence, its settings, what it can do, and the extra it needs (`pip install afternote[extra]`).

    `modules`: what the extra brings, to see whether it is installed without importing it.
    """

    what: str
    settings: tuple[Setting, ...]
    abilities: tuple[Ability, ...]
    extra: str = ""
    modules: tuple[str, ...] = ()
