"""What an auditor looks for in a note, as data: checks, payer profiles, the gaps they leave, and cloned sentences."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.formats import Format
from bot.domain.note import Note
from bot.domain.statements import Slot

RISK_WORDS = "risk_words_"  # begins the id of the question that a family of risk words always causes

_FEWEST_CLONED, _SHARE_CLONED = 3, 0.3


@dataclass(frozen=True, slots=True)
class Check:
    """One thing an auditor looks for, how its presence is recognised, and what to ask when it is absent.

    Met when all of `session` is known, or a statement stands in one of `slots` (saying one of `saying`, when that is
    given, or enough that is not `vague`), or any statement says one of `anywhere`. Without a question it is looked at
    elsewhere (signing, filing). `none`: the sentence that "none" or "not assessed" is written as; without one such an
    answer writes nothing.
    """

    id: str
    title: str
    question: str = ""
    slot: Slot = Slot.REPORT
    none: str = ""
    session: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()
    saying: tuple[str, ...] = ()
    vague: tuple[str, ...] = ()
    anywhere: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    def applies(self, fmt: Format, kind: str) -> bool:
        """Whether this format, or kind of session, has this check. `brief` in a list means every brief format."""
        names = {fmt.id, kind, *(["brief"] if fmt.brief else [])}
        return bool(self.question) and (not self.only or bool(names & set(self.only))) and not names & set(self.never)


@dataclass(frozen=True, slots=True)
class Profile:
    """What one payer looks for. `asks`: ids of checks, the most important first; others are never asked.

    `required`: of these, what nobody signs without, unless they say that it does not apply. `late_reason`: a note
    signed past its deadline says why.
    """

    id: str
    name: str
    checks: Mapping[str, Check]
    asks: tuple[str, ...]
    required: tuple[str, ...] = ()
    late_reason: bool = False

    def requiring(self, ids: Sequence[str]) -> "Profile":
        """The same with all of these checks: one that the profile does not ask comes before those it does."""
        first = (check_id for check_id in ids if check_id not in self.asks)
        return replace(self, asks=(*first, *self.asks), required=tuple(dict.fromkeys((*self.required, *ids))))

    def asked(self, fmt: Format, kind: str) -> tuple[Check, ...]:
        """The checks that are asked for in this format, the most important first."""
        checks = (self.checks[check_id] for check_id in self.asks)
        return tuple(check for check in checks if check.applies(fmt, kind))


@dataclass(frozen=True, slots=True)
class Gap:
    """One question to the clinician about what the note does not say. `slot`: where the answer goes."""

    check_id: str
    title: str
    question: str
    slot: Slot
    may_waive: bool = True


@dataclass(frozen=True, slots=True)
class Cloned:
    """How many of a note's `sentences` stand almost the same in earlier notes of the client, and of others that day.

    `day`: the session of the client's note that shares the most, None when it has no date.
    """

    sentences: int
    of_client: int = 0
    of_others: int = 0
    day: dt.date | None = None

    @property
    def much_of_client(self) -> bool:
        """Whether an auditor would see a copy of an earlier note: three sentences or more, and near a third."""
        return _is_much(self.of_client, self.sentences)

    @property
    def much_of_others(self) -> bool:
        """The same, of other clients' notes."""
        return _is_much(self.of_others, self.sentences)


def _is_much(count: int, sentences: int) -> bool:
    return count >= _FEWEST_CLONED and count >= _SHARE_CLONED * sentences


def known_in_session(note: Note, field: str) -> bool:
    """Whether the note knows this about its session (`client_code` or a field of `Session`)."""
    return bool(note.client_code if field == "client_code" else getattr(note.session, field))


NO_PROFILE = Profile("none", "No checks", {}, ())
