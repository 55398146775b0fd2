"""A file of treatment plans is read whole or not at all, and every problem is named with its line."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from bot.domain.ids import PersonId, PracticeId
from bot.domain.people import Person, Practice, Role
from bot.domain.plan import Diagnosis, Status, Wording
from bot.plans_file import PlansFileError, load_plans, read_plans

PRACTICE = Practice(
    PracticeId("p"),
    "P",
    "UTC",
    (
        Person(PersonId("rosa"), "Rosa", "", frozenset({Role.CLINICIAN})),
        Person(PersonId("nora"), "Nora", "", frozenset({Role.ADMINISTRATOR})),
    ),
)
SECRET = "zebrafinch"


def row(**changes: Any) -> dict[str, Any]:
    objective = {"id": "1a", "text": "Sleep six hours", "measure": "log", "baseline": "4", "target": "6"}
    objective |= {"due": "2026-05-01"}
    plan = {
        "client": "jd-014",
        "clinician": "rosa",
        "start": "2026-01-05",
        "review_due": "2026-07-05",
        "diagnosis": [{"code": "F51.01", "text": "Insomnia disorder"}],
        "frequency": "weekly",
        "goals": [{"id": "1", "text": "Sleep better", "objectives": [objective]}],
        "addressed": [{"summary_id": "S1", "goals": ["1"]}],
    }
    return {name: value for name, value in {**plan, **changes}.items() if value is not ...}


def text(*rows: Any) -> str:
    return "\n".join(each if isinstance(each, str) else json.dumps(each) for each in rows) + "\n"


def problems(*rows: Any) -> list[str]:
    with pytest.raises(PlansFileError) as refused:
        read_plans(text(*rows), PRACTICE)
    return refused.value.problems


def test_a_plan_is_read_as_it_is_written():
    (plan,) = read_plans(text(row()), PRACTICE)
    assert (plan.client_code, plan.clinician_id, plan.frequency) == ("JD-014", "rosa", "weekly")
    assert (plan.start, plan.review_due) == (dt.date(2026, 1, 5), dt.date(2026, 7, 5))
    assert plan.diagnosis == (Diagnosis("Insomnia disorder", "F51.01"),)
    (goal,) = plan.goals
    assert (goal.id, goal.wording, goal.opened) == ("1", Wording("Sleep better"), plan.start)
    assert goal.objectives[0].wording == Wording("Sleep six hours", "log", "4", "6", dt.date(2026, 5, 1))
    assert plan.addressed == ()


def test_what_is_closed_says_when():
    goal = {"id": "1", "text": "Sleep", "opened": "2026-02-01", "status": "met", "closed": "2026-03-01"}
    (plan,) = read_plans(text(row(goals=[goal])), PRACTICE)
    assert (plan.goals[0].opened, plan.goals[0].status) == (dt.date(2026, 2, 1), Status.MET)
    assert plan.goals[0].closed == dt.date(2026, 3, 1)


def test_the_least_that_a_plan_needs():
    (plan,) = read_plans(text(row(review_due=..., diagnosis=..., frequency=..., goals=[], addressed=...)), PRACTICE)
    assert (plan.goals, plan.review_due) == ((), None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"client": ...}, "client is missing"),
        ({"client": "Rosa Delgado"}, "looks like a name"),
        ({"client": 14}, "client must be text"),
        ({"clinician": "nora"}, "not the id of a clinician"),
        ({"clinician": ...}, "clinician is missing"),
        ({"start": "5 January"}, "start must be a date"),
        ({"start": ...}, "start is missing"),
        ({"review_due": "2025-01-01"}, "before the plan's start"),
        ({"goals": ...}, "goals is missing"),
        ({"goals": ["Sleep"]}, "goals must be a list of objects"),
        ({"goals": [{"text": "Sleep"}]}, "goal 1: id is missing"),
        ({"goals": [{"id": "1", "text": " "}]}, "what the goal is"),
        ({"goals": [{"id": "1", "text": "a"}, {"id": "1", "text": "b"}]}, "goal 2: That id is in use"),
        ({"goals": [{"id": "1", "text": "a", "objectives": [{"id": "1", "text": "b"}]}]}, "objective 1: That id"),
        ({"goals": [{"id": "1", "text": "a", "status": "done"}]}, "status is one of open, met"),
        ({"goals": [{"id": "1", "text": "a", "status": "met"}]}, "status and closed go together"),
        ({"goals": [{"id": "1", "text": "x" * 501}]}, "shorten this to 500"),
        ({"diagnosis": [{"code": "F1"}]}, "diagnosis 1: text is missing"),
        ({"freqency": "weekly"}, "no key “freqency”"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_place(changes: dict[str, Any], said: str):
    found = problems(row(client="MK-001"), "", row(**changes))
    assert len(found) == 1, found
    assert found[0].startswith("Line 3")
    assert said in found[0]


def test_all_problems_are_listed_and_none_quotes_a_plan():
    found = problems(
        "{not json",
        row(client="AA-001", start="soon", goals=[{"id": SECRET, "text": SECRET, "due": SECRET, "measure": 3}]),
        row(client="AA-001"),
        row(client="aa-001"),
        "[]",
    )
    assert [sentence.split(":")[0].split(",")[0] for sentence in found] == [
        "Line 1", "Line 2", "Line 2", "Line 2", "Line 2", "Line 4", "Line 5",
    ]  # fmt: skip
    assert SECRET not in "".join(found)
    assert "line 3 already" in found[5]


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_file_is_a_mistake(content: str):
    with pytest.raises(PlansFileError, match="no plan in this file"):
        read_plans(content, PRACTICE)


def test_a_file_that_cannot_be_read(tmp_path: Path):
    with pytest.raises(PlansFileError, match="cannot be read"):
        load_plans(tmp_path / "none.jsonl", PRACTICE)
    (tmp_path / "latin.jsonl").write_bytes(b'{"client": "\xe9"}')
    with pytest.raises(PlansFileError, match="not UTF-8"):
        load_plans(tmp_path / "latin.jsonl", PRACTICE)
