"""Goals are suggested from what was typed: by their number first, by their matter next, and never more than that."""

import datetime as dt

import pytest

from bot.domain.ids import PersonId
from bot.domain.plan import Plan, Status, Wording
from bot.domain.statements import Point
from bot.drafting.goals import named_goals, suggest_goals
from bot.drafting.lexicon import table

DAY = dt.date(2026, 1, 5)
GOALS = {
    "1": ("Drink no alcohol", {"1a": "Thirty days in a row without a drink", "1b": "Take disulfiram as prescribed"}),
    "2": ("Argue less with her husband", {"2a": "Take a time-out before an argument gets loud"}),
    "3": ("Get through the night", {"3a": "Sleep seven hours on most nights"}),
    "4": ("Find a new apartment", {"4a": "Send three housing applications a week"}),
}


def plan() -> Plan:
    made = Plan("XX-100", PersonId("rosa"), DAY)
    for goal_id, (text, objectives) in GOALS.items():
        made = made.goal_added(Wording(text), DAY, goal_id)
        for objective_id, words in objectives.items():
            made = made.objective_added(goal_id, Wording(words), DAY, objective_id)
    return made


def suggested(*texts: str, of: Plan | None = None) -> tuple[str, ...]:
    return suggest_goals([Point(number, text) for number, text in enumerate(texts, 1)], of or plan())


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Worked on goal 2.", ("2",)),
        ("goals 2 and 4 reviewed", ("2", "4")),
        ("Tx goals #1, #3 discussed", ("1", "3")),
        ("progress on obj. 1b, met", ("1", "1b")),
        ("Objectives 2a & 4A both on track", ("2", "2a", "4", "4a")),
        ("Goal no. 3: better", ("3",)),
        ("goal 7 and goal 10", ()),
        ("goal: 2 meetings a week", ()),
        ("her goal 25% less stress", ()),
        ("Did not get to goal 2 today", ()),
        ("Room 2, item 1a, 3 goals", ()),
    ],
)
def test_a_goal_named_by_its_number(text: str, ids: tuple[str, ...]):
    assert named_goals([text], plan()) == ids


def test_named_goals_come_first():
    assert suggested("ct slept 7h most nights", "moved fwd on goal 4")[:1] == ("4",)
    assert set(suggested("ct slept 7h most nights", "moved fwd on goal 4")) == {"3", "3a", "4"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ct had 2 beers Saturday, none since", "1"),
        ("stayed sober all week", "1"),
        ("took her Antabuse every day", "1b"),
        ("big fight w/ hubby Sunday, she took a time out", "2a"),
        ("insomnia is back, up at 3", "3"),
        ("sent in two rental applications", "4a"),
    ],
)
def test_clinical_synonyms_and_shorthand_are_understood(text: str, expected: str):
    assert expected in suggested(text)


@pytest.mark.parametrize(
    "text",
    [
        "Client arrived on time and was dressed appropriately.",
        "Denied SI/HI.",
        "PHQ-9 12, GAD-7 9.",
        "Plan: continue weekly sessions, next appointment Tuesday.",
        "Reviewed three goals for the new year at work.",
        "Husband drove her here.",
        "",
    ],
)
def test_what_is_about_something_else_suggests_nothing(text: str):
    assert suggested(text) == ()


def test_goals_that_are_over_and_goals_set_aside_are_not_suggested():
    over = plan().closed("3", Status.MET, DAY)
    assert suggested("slept 7h, goal 3 met", of=over) == ()
    assert suggested("goal 3 (sleep) deferred to next time") == ()


def test_the_same_text_gives_the_same_suggestion():
    text = "sober 12 days, argued w/ husband twice, applied for an apartment"
    assert suggested(text) == suggested(text)
    assert {"1", "4"} <= set(suggested(text))


def test_the_lists_name_only_classes_that_there_are():
    goals = table("goals")
    known = {
        *goals["classes"],
        *table("synonyms")["classes"],
        *table("synonyms")["topics"],
        *table("relations")["relations"],
    }
    known |= {*table("risk")["concepts"], *table("interventions")["interventions"], *table("medications")["drugs"]}
    named = [*goals["nothing"]["classes"], *goals["common"]["classes"]]
    named += [name for names in goals["kindred"].values() for name in names]
    assert sorted(set(named) - known) == []
