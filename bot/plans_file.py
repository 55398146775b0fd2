"""Reads treatment plans from a file, a JSON object a line. ALL problems are listed, each with its line.

A plan: `client`, `clinician`, `start`, `goals` (`id`, `text`, `objectives` of `id`, `text`, `measure`, `baseline`,
`target`, `due`), and if known `review_due`, `diagnosis` (`code`, `text`), `frequency`. Goals and objectives may say
`opened`, `status` and `closed`. `addressed`, which labelled samples have, is read over.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.domain.errors import UserMistake
from bot.domain.ids import PersonId
from bot.domain.people import Practice
from bot.domain.plan import Diagnosis, Plan, Status, Wording
from bot.drafting.guards import check_client_code

_PLAN = {"client", "clinician", "start", "review_due", "diagnosis", "frequency", "goals", "addressed"}
_ITEM = {"id", "text", "measure", "baseline", "target", "due", "opened", "status", "closed"}
_GOAL = {*_ITEM, "objectives"}


class PlansFileError(Exception):
    """The file cannot be used as it is. `problems`: one sentence each, with the line; no text of a plan in it."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


def load_plans(path: Path, practice: Practice) -> tuple[Plan, ...]:
    """The plans of a file, for clinicians of this practice. Raises PlansFileError."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise PlansFileError([f"{path} cannot be read ({reason})."]) from None
    return read_plans(text, practice)


def read_plans(text: str, practice: Practice) -> tuple[Plan, ...]:
    """The same from the file's text."""
    plans: list[Plan] = []
    problems: list[str] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        reader = _Reader(number, practice)
        plan = reader.read(line)
        if plan and plan.client_code in lines:
            reader.problem(f"this client has a plan in line {lines[plan.client_code]} already.")
        if plan:
            lines.setdefault(plan.client_code, number)
            plans.append(plan)
        problems += reader.problems
    if not plans and not problems:
        problems.append("There is no plan in this file.")
    if problems:
        raise PlansFileError(problems)
    return tuple(plans)


class _Reader:
    """Reads one line and goes on after a mistake, so that the next one is found too."""

    def __init__(self, line: int, practice: Practice) -> None:
        self.problems: list[str] = []
        self._line, self._practice = line, practice

    def problem(self, sentence: str, where: str = "") -> None:
        self.problems.append(f"Line {self._line}{f', {where}' if where else ''}: {sentence}")

    def read(self, line: str) -> Plan | None:
        try:
            row: Any = json.loads(line)
        except ValueError as error:
            self.problem(f"this is not JSON ({error.msg if isinstance(error, json.JSONDecodeError) else 'numbers'}).")
            return None
        if not isinstance(row, dict):
            self.problem("a plan is a JSON object with client, clinician, start and goals.")
            return None
        return self._plan(row)  # pyright: ignore[reportUnknownArgumentType]

    def _plan(self, row: Mapping[str, Any]) -> Plan | None:
        self._known(row, _PLAN, "")
        code, clinician = self._client(row), self._clinician(row)
        start = self._day(row, "start", "", needed=True)
        review_due = self._day(row, "review_due", "")
        diagnosis = tuple(self._diagnosis(each, n) for n, each in enumerate(self._rows(row, "diagnosis", ""), 1))
        frequency = self._text(row, "frequency", "")
        plan = Plan(code or "?", PersonId(clinician), start or dt.date.min)
        plan = self._try(plan, lambda p: p.described(p.start, review_due, diagnosis, frequency), "")
        for number, goal in enumerate(self._rows(row, "goals", "", needed=True), 1):
            plan = self._goal(plan, goal, f"goal {number}")
        return plan if code and clinician and start else None

    def _goal(self, plan: Plan, row: Mapping[str, Any], where: str) -> Plan:
        self._known(row, _GOAL, where)
        goal_id = self._id(row, where)
        opened = self._day(row, "opened", where) or plan.start
        wording = self._wording(row, where)
        if goal_id:
            plan = self._try(plan, lambda p: p.goal_added(wording, opened, goal_id), where)
        for number, objective in enumerate(self._rows(row, "objectives", where), 1):
            plan = self._objective(plan, goal_id, objective, f"{where}, objective {number}")
        return self._ended(plan, goal_id, row, where)

    def _objective(self, plan: Plan, goal_id: str, row: Mapping[str, Any], where: str) -> Plan:
        self._known(row, _ITEM, where)
        objective_id = self._id(row, where)
        opened = self._day(row, "opened", where) or plan.start
        wording = self._wording(row, where)
        if objective_id and plan.find(goal_id):
            plan = self._try(plan, lambda p: p.objective_added(goal_id, wording, opened, objective_id), where)
        return self._ended(plan, objective_id, row, where)

    def _ended(self, plan: Plan, item_id: str, row: Mapping[str, Any], where: str) -> Plan:
        """Closed as the file says. A goal is closed after its objectives were read."""
        word = self._text(row, "status", where) or Status.OPEN.value
        closed = self._day(row, "closed", where)
        if word not in set(Status):
            self.problem(f"status is one of {', '.join(Status)}.", where)
            return plan
        if (word == Status.OPEN) != (closed is None):
            self.problem("status and closed go together: what is not open has the date on which it was closed.", where)
            return plan
        if closed is None or not plan.find(item_id):
            return plan
        return self._try(plan, lambda p: p.closed(item_id, Status(word), closed), where)

    def _try(self, plan: Plan, change: Callable[[Plan], Plan], where: str) -> Plan:
        try:
            return change(plan)
        except UserMistake as mistake:
            self.problem(mistake.sentence, where)
            return plan

    def _wording(self, row: Mapping[str, Any], where: str) -> Wording:
        names = ("text", "measure", "baseline", "target")
        return Wording(*(self._text(row, name, where) for name in names), due=self._day(row, "due", where))

    def _id(self, row: Mapping[str, Any], where: str) -> str:
        value = self._text(row, "id", where)
        if not value and isinstance(row.get("id"), str | None):
            self.problem("id is missing.", where)
        return value

    def _client(self, row: Mapping[str, Any]) -> str:
        typed = self._text(row, "client", "", needed=True)
        try:
            return check_client_code(typed) if typed else ""
        except UserMistake as mistake:
            self.problem(f"client: {mistake.sentence}")
            return ""

    def _clinician(self, row: Mapping[str, Any]) -> str:
        name = self._text(row, "clinician", "", needed=True)
        person = self._practice.person(PersonId(name))
        if name and (person is None or not person.writes):
            self.problem("clinician is not the id of a clinician in the practice file.")
        return name

    def _diagnosis(self, row: Mapping[str, Any], number: int) -> Diagnosis:
        where = f"diagnosis {number}"
        self._known(row, {"code", "text"}, where)
        return Diagnosis(self._text(row, "text", where, needed=True), self._text(row, "code", where))

    def _known(self, row: Mapping[str, Any], names: set[str], where: str) -> None:
        for name in row:
            if name not in names:
                self.problem(f"there is no key “{str(name)[:30]}” here.", where)

    def _text(self, row: Mapping[str, Any], name: str, where: str, *, needed: bool = False) -> str:
        value = row.get(name)
        if value is None:
            if needed:
                self.problem(f"{name} is missing.", where)
            return ""
        if not isinstance(value, str):
            self.problem(f"{name} must be text in quotes.", where)
            return ""
        if needed and not value.strip():
            self.problem(f"{name} is empty.", where)
        return value.strip()

    def _day(self, row: Mapping[str, Any], name: str, where: str, *, needed: bool = False) -> dt.date | None:
        value = self._text(row, name, where, needed=needed)
        try:
            return dt.date.fromisoformat(value) if value else None
        except ValueError:
            self.problem(f"{name} must be a date such as 2026-11-20.", where)
            return None

    def _rows(self, row: Mapping[str, Any], name: str, where: str, *, needed: bool = False) -> Sequence[dict[str, Any]]:
        value: Any = row.get(name)
        if value is None:
            if needed:
                self.problem(f"{name} is missing.", where)
            return ()
        rows: list[Any] = list(value) if isinstance(value, list) else []  # pyright: ignore[reportUnknownArgumentType]
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in rows):
            self.problem(f"{name} must be a list of objects.", where)
            return ()
        return rows
