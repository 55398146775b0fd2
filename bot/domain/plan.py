"""A client's treatment plan: goals and objectives, and which sessions addressed them.

Transitions return a new plan. Nothing is ever deleted: what was reworded keeps its earlier wording, what is over is
closed with a date. No clinical judgement here: the clinician words, changes, closes and confirms.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from string import ascii_lowercase
from typing import NewType, TypeVar

from bot.domain.errors import Stale, UserMistake
from bot.domain.ids import NoteId, PersonId
from bot.domain.note import Note
from bot.domain.statements import Origin, Slot, Statement, goal_statement, names_goal

PlanId = NewType("PlanId", str)
HISTORY = 60  # sessions remembered: a year of weekly sessions, and some
QUIET_SESSIONS = 4  # a goal that so many notes in a row did not name is worth a remark
LONGEST_TEXT = 500
LONGEST_DETAIL = 200
MOST_GOALS = 10  # open ones; closed ones are not counted
MOST_OBJECTIVES = 10
MOST_DIAGNOSES = 10
_GOAL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,5}")
CHANGED = (
    "This plan changed while this form was open, so nothing was overwritten. Copy what you typed, close this, and open "
    "it again."
)


class Status(StrEnum):
    """How a goal stands. Whatever is not open has a date on which it was closed."""

    OPEN = "open"
    MET = "met"
    PARTLY_MET = "partly_met"
    NOT_MET = "not_met"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A diagnosis as the clinician charted it; never proposed here."""

    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a goal or an objective says. A goal mostly has its text alone."""

    text: str
    measure: str = ""
    baseline: str = ""
    target: str = ""
    due: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What it said before the day `until`."""

    wording: Wording
    until: dt.date


@dataclass(frozen=True, slots=True)
class Objective:
    """A measurable step. `id` is the plan's own, such as `1a`; it is never given twice."""

    id: str
    wording: Wording
    opened: dt.date
    closed: dt.date | None = None
    status: Status = Status.OPEN
    earlier: tuple[Earlier, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.status is Status.OPEN


@dataclass(frozen=True, slots=True)
class Goal(Objective):
    """What the client wants to reach, such as `1`, with the objectives that lead there."""

    objectives: tuple[Objective, ...] = ()


@dataclass(frozen=True, slots=True)
class Addressed:
    """What one signed note named. Ids only."""

    note_id: NoteId
    day: dt.date
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of one client. `version` counts what people changed, from 1; a signed note does not count."""

    client_code: str
    clinician_id: PersonId
    start: dt.date
    review_due: dt.date | None = None
    diagnosis: tuple[Diagnosis, ...] = ()
    frequency: str = ""
    goals: tuple[Goal, ...] = ()
    addressed: tuple[Addressed, ...] = ()
    version: int = 1

    def find(self, item_id: str) -> Goal | Objective | None:
        """The goal or objective with this id."""
        return next((item for item, _ in self.items() if item.id == item_id), None)

    def items(self) -> tuple[tuple[Objective, Goal], ...]:
        """Every goal and objective in the plan's order, each with the goal it belongs to."""
        return tuple((item, goal) for goal in self.goals for item in (goal, *goal.objectives))

    def open_items(self) -> tuple[tuple[Objective, Goal], ...]:
        """Those still worked on: an objective only while its goal is open too."""
        return tuple((item, goal) for item, goal in self.items() if item.is_open and goal.is_open)

    def seen_at(self, version: int) -> "Plan":
        """This plan, if it is still at the version somebody saw."""
        if version != self.version:
            raise Stale("stale_plan", CHANGED)
        return self

    def described(
        self, start: dt.date, review_due: dt.date | None, diagnosis: Sequence[Diagnosis], frequency: str
    ) -> "Plan":
        """Dates, diagnosis as charted, and how often the client is seen."""
        if review_due and review_due < start:
            raise UserMistake("review_before_start", "The review date is before the plan's start. Please check both.")
        _fits(frequency, LONGEST_DETAIL, "frequency")
        if len(diagnosis) > MOST_DIAGNOSES:
            raise UserMistake("long_diagnosis", f"A plan holds up to {MOST_DIAGNOSES} diagnoses.")
        for each in diagnosis:
            _fits(each.text, LONGEST_DETAIL, "diagnosis")
            _fits(each.code, LONGEST_DETAIL, "diagnosis")
        return self._next(start=start, review_due=review_due, diagnosis=tuple(diagnosis), frequency=frequency)

    def goal_added(self, wording: Wording, day: dt.date, goal_id: str = "") -> "Plan":
        """A new goal under a new number."""
        self._expect_room_for_a_goal()
        taken = {item.id.casefold() for item, _ in self.items()}
        number = next(n for n in range(1, len(taken) + 2) if str(n) not in taken)
        new = Goal(_new_id(goal_id or str(number), taken), _checked(wording, goal=True), day)
        return self._next(goals=(*self.goals, new))

    def objective_added(self, goal_id: str, wording: Wording, day: dt.date, objective_id: str = "") -> "Plan":
        """A new objective of an open goal, under the goal's number and the next letter."""
        goal = self._goal(goal_id)
        if not goal.is_open:
            raise UserMistake("goal_closed", "That goal is closed. Open it again before adding an objective.")
        _expect_room_for_an_objective(goal)
        taken = {item.id.casefold() for item, _ in self.items()}
        free = next(name for name in _letters() if f"{goal_id}{name}".casefold() not in taken)
        new = Objective(_new_id(objective_id or goal_id + free, taken), _checked(wording), day)
        return self._with(goal_id, lambda goal: replace(goal, objectives=(*goal.objectives, new)))

    def reworded(self, item_id: str, wording: Wording, day: dt.date) -> "Plan":
        """A goal or objective says something else from `day` on; what it said stays in its history."""
        item = self._item(item_id)
        checked = _checked(wording, goal=isinstance(item, Goal))
        if checked == item.wording:
            return self
        kept = (*item.earlier, Earlier(item.wording, day))
        return self._changed(item_id, wording=checked, earlier=kept)

    def closed(self, item_id: str, status: Status, day: dt.date) -> "Plan":
        """A goal or objective is over: met or not, on this day."""
        item = self._item(item_id)
        if status is Status.OPEN:
            raise UserMistake("needs_status", "Please say how it ended: met, partly met, not met, or ended.")
        if day < item.opened:
            raise UserMistake("closed_before_opened", "That is before it was opened. Please check the date.")
        return (
            self if (item.status, item.closed) == (status, day) else self._changed(item_id, status=status, closed=day)
        )

    def reopened(self, item_id: str) -> "Plan":
        """Closed by mistake, or taken up again."""
        item = self._item(item_id)
        if item.is_open:
            return self
        if isinstance(item, Goal):
            self._expect_room_for_a_goal()
        for goal in self.goals:
            if item in goal.objectives:
                _expect_room_for_an_objective(goal)
        return self._changed(item_id, status=Status.OPEN, closed=None)

    def signed(self, entry: Addressed) -> "Plan":
        """A note was signed that addressed these. The same note counts once, however often it comes."""
        others = [each for each in self.addressed if each.note_id != entry.note_id]
        kept = sorted([*others, entry], key=lambda each: each.day)[-HISTORY:]
        return replace(self, addressed=tuple(kept))

    def without(self, note_id: NoteId) -> "Plan":
        """What a note named does not count any more: it was amended or retracted."""
        return replace(self, addressed=tuple(each for each in self.addressed if each.note_id != note_id))

    def _expect_room_for_a_goal(self) -> None:
        if sum(goal.is_open for goal in self.goals) >= MOST_GOALS:
            raise UserMistake(
                "too_many_goals", f"A plan holds up to {MOST_GOALS} open goals. Please close one that is over first."
            )

    def _goal(self, goal_id: str) -> Goal:
        found = next((goal for goal in self.goals if goal.id == goal_id), None)
        if found is None:
            raise UserMistake("no_such_goal", "That goal is not in this plan any more.")
        return found

    def _item(self, item_id: str) -> Goal | Objective:
        found = self.find(item_id)
        if found is None:
            raise UserMistake("no_such_goal", "That goal is not in this plan any more.")
        return found

    def _changed(self, item_id: str, **changes: object) -> "Plan":
        goal_id = next(goal.id for item, goal in self.items() if item.id == item_id)
        if goal_id == item_id:
            return self._with(goal_id, lambda goal: _replaced(goal, changes))
        return self._with(
            goal_id,
            lambda goal: replace(
                goal, objectives=tuple(_replaced(o, changes) if o.id == item_id else o for o in goal.objectives)
            ),
        )

    def _with(self, goal_id: str, change: Callable[[Goal], Goal]) -> "Plan":
        return self._next(goals=tuple(change(goal) if goal.id == goal_id else goal for goal in self.goals))

    def _next(self, **changes: object) -> "Plan":
        changed = _replaced(self, changes)
        return self if changed == self else replace(changed, version=self.version + 1)


def _expect_room_for_an_objective(goal: Goal) -> None:
    if sum(objective.is_open for objective in goal.objectives) >= MOST_OBJECTIVES:
        raise UserMistake(
            "too_many_objectives",
            f"A goal holds up to {MOST_OBJECTIVES} open objectives. Please close one that is over first.",
        )


def label(item_id: str, goal: Goal) -> str:
    """`Goal 1`, or `Goal 1, objective 1a`."""
    return f"Goal {goal.id}" if item_id == goal.id else f"Goal {goal.id}, objective {item_id}"


def goal_statements(plan: Plan, ids: Sequence[str]) -> tuple[Statement, ...]:
    """One statement per goal or objective, in the plan's order: `Goal 1: Reduce panic attacks.`"""
    return tuple(
        goal_statement(item.id, f"{label(item.id, goal)}: {_ended(item.wording.text)}")
        for item, goal in plan.items()
        if item.id in ids
    )


def standing(note: Note) -> tuple[str, ...]:
    """The confirmed goals that the note still names: an edit may have taken one out, or worded it in another way."""
    named = [s for s in note.statements if s.slot is Slot.GOAL]
    return tuple(
        item_id
        for item_id in note.goals or ()
        if any(names_goal(s, item_id) or _mentions(s.text, item_id) for s in named)
    )


def worded_anew(note: Note, item_id: str) -> bool:
    """Whether the clinician has put this goal's sentence in other words since it was confirmed."""
    own = [s for s in note.statements if s.slot is Slot.GOAL and s.origin is Origin.CLINICIAN and not s.sources]
    return any(not names_goal(s) and _mentions(s.text, item_id) for s in own)


def untouched(plan: Plan, sessions: int = QUIET_SESSIONS) -> tuple[Goal, ...]:
    """Open goals that none of the last signed notes addressed. None, while there are fewer notes than that."""
    last = plan.addressed[-sessions:]
    if sessions < 1 or len(last) < sessions:
        return ()
    ids = {item_id for entry in last for item_id in entry.ids}
    return tuple(
        goal
        for goal in plan.goals
        if goal.is_open and goal.opened <= last[0].day and not ids & {goal.id, *(o.id for o in goal.objectives)}
    )


def review_overdue(plan: Plan, today: dt.date) -> bool:
    """Whether the day on which the plan was to be reviewed has passed."""
    return plan.review_due is not None and plan.review_due < today


def _letters() -> Iterator[str]:
    """a … z, aa … zz."""
    yield from ascii_lowercase
    yield from (one + two for one in ascii_lowercase for two in ascii_lowercase)


def _mentions(text: str, item_id: str) -> bool:
    return bool(re.search(rf"\b(?:goal|objective) {re.escape(item_id)}\b", text, re.IGNORECASE))


def _ended(text: str) -> str:
    plain = " ".join(text.split())
    return plain if plain.endswith((".", "!", "?", "…")) else f"{plain}."


def _checked(wording: Wording, goal: bool = False) -> Wording:
    """The wording without stray white space. Raises UserMistake when it says nothing or too much."""
    trimmed = replace(
        wording,
        text=wording.text.strip(),
        measure=wording.measure.strip(),
        baseline=wording.baseline.strip(),
        target=wording.target.strip(),
    )
    if not any(character.isalnum() for character in trimmed.text):
        raise UserMistake("empty_goal", f"Please write what the {'goal' if goal else 'objective'} is.")
    _fits(trimmed.text, LONGEST_TEXT, "text")
    for name in ("measure", "baseline", "target"):
        _fits(getattr(trimmed, name), LONGEST_DETAIL, name)
    return trimmed


def _fits(text: str, limit: int, name: str) -> None:
    if len(text) > limit:
        raise UserMistake(f"long_{name}", f"Please shorten this to {limit} characters.")


def _new_id(item_id: str, taken: set[str]) -> str:
    if not _GOAL_ID.fullmatch(item_id):
        raise UserMistake("bad_goal_id", "An id has up to 6 letters and digits, such as 1 or 1a.")
    if item_id.casefold() in taken:
        raise UserMistake("goal_id_taken", "That id is in use in this plan.")
    return item_id


_Value = TypeVar("_Value", "Plan", "Goal", "Objective")


def _replaced(value: _Value, changes: dict[str, object]) -> _Value:
    return replace(value, **changes)  # pyright: ignore[reportArgumentType]
