"""What the checker says of one statement: whether the clinician's points carry it, and if not, why."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Supported statements stand in the note, uncertain ones stand in it with a mark, unsupported ones are held out."""

    SUPPORTED = "supported"
    UNCERTAIN = "uncertain"
    UNSUPPORTED = "unsupported"


class Kind(StrEnum):
    """What is wrong with a statement. Where two fit, the one an auditor would name first."""

    NUMBER = "number"
    DATE = "date"
    FREQUENCY = "frequency"
    NAME_RELATION = "name_relation"
    QUOTE = "quote"
    NEGATION = "negation"
    MEDICATION = "medication"
    DIAGNOSIS = "diagnosis"
    RISK_ADDED = "risk_added"
    RISK_DENIAL = "risk_denial"
    INTERVENTION = "intervention"
    HOMEWORK = "homework"
    AFFECT = "affect"
    PROGRESS_OVERCLAIM = "progress_overclaim"
    ATTRIBUTION = "attribution"  # who did or said it
    CONTENT = "content"  # nothing in the points says so


@dataclass(frozen=True, slots=True)
class Support:
    """The checker's answer. `sources`: the points that carry the statement (supported) or come nearest to it.

    `words`: the words of the statement in question, as they stand in it. `score` runs from 0 (surely supported) to 1
    (surely not).
    """

    verdict: Verdict
    sources: tuple[int, ...]
    kind: Kind | None = None
    words: str = ""
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a statement needs a look, or is held out of the note."""

    kind: Kind
    words: str = ""
