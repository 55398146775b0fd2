"""What an adapter says of itself, for `afternote adapters`, `afternote check` and the reading of practice.toml."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

REQUIRED = object()


class Ability(StrEnum):
    """What a place can do, in the words of `afternote adapters`."""

    REFUSES_OVERWRITE = "refuses to overwrite"
    READS_BACK = "reads back what it stored"
    MARKS_AMENDED = "marks the note that an amendment or retraction is about"
    FINDS_CLIENTS = "finds clients by code"
    LISTS_SESSIONS = "lists its clinicians’ sessions"


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

    `modules`: what the extra brings, to see whether it is installed without importing it. `takes`: which kinds of
    document a target with these values of practice.toml gets, where another setting than `files` says so.
    """

    what: str
    settings: tuple[Setting, ...]
    abilities: tuple[Ability, ...]
    extra: str = ""
    modules: tuple[str, ...] = ()
    takes: Callable[[Mapping[str, object]], Sequence[str]] | None = None

    def files_of(self, values: Mapping[str, object]) -> tuple[str, ...]:
        """The kinds of document that a target with these values gets, the one its receipts are about first.

        Empty when the adapter does not say. The values may be wrong: that is reported where the target is opened.
        """
        if self.takes:
            return tuple(self.takes(values))
        usual = next((setting.default for setting in self.settings if setting.key == "files"), ())
        chosen = values.get("files", usual)
        return tuple(map(str, cast("Sequence[object]", chosen))) if isinstance(chosen, list | tuple) else ()
