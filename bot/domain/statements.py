"""Points, slots and statements: what a note is made of, before any format arranges it."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.ids import StatementId, new_statement_id
from bot.domain.support import Doubt

_OF_GOAL = "g"  # how the id of a confirmed goal's statement begins; drafted and typed ones begin in another way


class Slot(StrEnum):
    """What kind of content a statement holds. A format says where each slot goes."""

    REPORT = "report"
    HISTORY = "history"
    HOMEWORK_REVIEW = "homework_review"
    GOAL = "goal"
    OBSERVATION = "observation"
    MEASURE = "measure"
    INTERVENTION = "intervention"
    RESPONSE = "response"
    ASSESSMENT = "assessment"
    PROGRESS = "progress"
    RISK = "risk"
    DIAGNOSIS = "diagnosis"
    PLAN = "plan"
    HOMEWORK = "homework"
    REFERRAL = "referral"
    LOGISTICS = "logistics"


class Origin(StrEnum):
    """Who worded a statement."""

    SORTER = "sorter"
    MODEL = "model"
    CLINICIAN = "clinician"


@dataclass(frozen=True, slots=True)
class Point:
    """One numbered thing the clinician typed (a sentence, a bullet, a line). `number` counts from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One or two sentences of clinical prose, with the numbers of the points they came from.

    `doubt`: why it needs a look before anybody signs; None when the points carry it or the clinician said so.
    """

    id: StatementId
    slot: Slot
    text: str
    sources: tuple[int, ...] = ()
    origin: Origin = Origin.SORTER
    doubt: Doubt | None = None


def own_words(text: str, slot: Slot) -> Statement:
    """A statement in the clinician's own words (typed in an edit, or as the answer to a gap)."""
    return Statement(new_statement_id(), slot, text, (), Origin.CLINICIAN)


def goal_statement(goal_id: str, text: str) -> Statement:
    """A goal of the plan that the clinician confirmed. Its id says which, so that a later answer can replace it."""
    return Statement(StatementId(_OF_GOAL + goal_id), Slot.GOAL, text, (), Origin.CLINICIAN)


def names_goal(statement: Statement, goal_id: str = "") -> bool:
    """Whether a confirmation made this statement (for this goal)."""
    return statement.id == _OF_GOAL + goal_id if goal_id else statement.id.startswith(_OF_GOAL)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a drafter made of a summary: the points, and statements that cite them.

    `held`: statements the points do not carry, each with its doubt; they are no part of the note. `prompt_version`:
    the wording a model was asked with. `fallback`: a code, when the model was to draft and the sorter had to.
    """

    points: tuple[Point, ...]
    statements: tuple[Statement, ...]
    origin: Origin
    held: tuple[Statement, ...] = ()
    prompt_version: str = ""
    fallback: str = ""

    def unused(self) -> tuple[Point, ...]:
        """Points no statement cites, in the order they were typed."""
        cited = {number for statement in self.statements for number in statement.sources}
        return tuple(point for point in self.points if point.number not in cited)
