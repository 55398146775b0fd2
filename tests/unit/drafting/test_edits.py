"""One word changed in a statement that is otherwise the point's own: found, and not where it says the same."""

import pytest

from bot.domain.statements import Point
from bot.domain.support import Kind, Verdict
from bot.drafting.checker import edits
from bot.drafting.checker.analysis import analyse
from bot.drafting.checker.evidence import Evidence
from bot.drafting.support import Checker

POINT_EDITED_KIND = [
    ("mood low, no tears, sat w/ coat on", "Mood low, some tears, sat with coat on.", Kind.NEGATION),
    ("uncle did not come to the picnic", "Uncle did come to the picnic.", Kind.NEGATION),
    ("came on time, left an umbrella", "Did not come on time, left an umbrella.", Kind.NEGATION),
    ("sleep log not done, lost the pen", "Sleep log done, lost the pen.", Kind.NEGATION),
    ("BDI-II 22, was 27 in June", "BDI-II 22, was not 27 in June.", Kind.NEGATION),
    ("Goals not met, ct moved to Ohio", "Goals met, client moved to Ohio.", Kind.NEGATION),
    ("asked abt SI: no plan, no intent, two cats", "Asked about SI: a plan, no intent, two cats.", Kind.RISK_ADDED),
    ("Passive SI last on Tuesday, told her aunt", "Active SI last on Tuesday, told her aunt.", Kind.RISK_ADDED),
    ("Affect sad, voice soft, looked at the rug", "Affect angry, voice soft, looked at the rug.", Kind.AFFECT),
    ("bored by the parade, then sad, then bored", "Bored by the parade, then angry, then bored.", Kind.AFFECT),
    ("Psychoeducation on caffeine, drew the loop", "Biofeedback on caffeine, drew the loop.", Kind.INTERVENTION),
    ("Reviewed the garden plan and pacing", "Role-played the garden plan and pacing.", Kind.INTERVENTION),
    ("hw: sleep log, ten min of cello", "Homework: sleep letter, ten min of cello.", Kind.HOMEWORK),
    ("HW: diary card daily, letter re: heat", "Homework: sleep diary daily, letter regarding heat.", Kind.HOMEWORK),
    ("will knit once a day w/out counting rows", "Will call once a day without counting rows.", Kind.HOMEWORK),
    ("goal 2 partly met, still late on Mondays", "Goal 2 fully met, still late on Mondays.", Kind.PROGRESS_OVERCLAIM),
    ("headaches most mornings, better on ferry days", "Headaches some mornings, better on ferry days.", Kind.FREQUENCY),
    ("bakes every day since the move", "Bakes every month since the move.", Kind.FREQUENCY),
    ("3 nosebleeds this week (6 in May), no ER", "6 nosebleeds this week (6 in May), no ER.", Kind.NUMBER),
    ("Thursday 5 pm, niece drives her", "Sunday 5 pm, niece drives her.", Kind.DATE),
    ("I read the card aloud and copied it", "Client read the card aloud and copied it.", Kind.ATTRIBUTION),
    ("ct asked that the blinds stay shut", "Clinician asked that the blinds stay shut.", Kind.ATTRIBUTION),
    ("Denies cravings, drinks tea at noon", "The clinician denies cravings, drinks tea at noon.", Kind.ATTRIBUTION),
]  # fmt: skip

FAITHFUL = [
    ("mood low, no tears, sat w/ coat on", "Mood low, without tears, sat with coat on."),
    ("uncle didn't come to the picnic", "Uncle did not come to the picnic."),
    ("no SI, no plan, no intent", "Denied SI, plan and intent."),
    ("SI denied, two cats at home", "Denied SI, two cats at home."),
    ("she threw out the rake, then slept", "She discarded the rake, then slept."),
    ("I read the card aloud and copied it", "The clinician read the card aloud and copied it."),
    ("she wants to show him the harbor", "She would like to show him the harbor."),
    ("her husband watered the beans all week", "Her spouse watered the beans all week."),
    ("panicky on the ferry, sat by the rail", "Anxious on the ferry, sat by the rail."),
    ("hw: sleep log, ten min of cello", "Homework: sleep log, 10 min of cello."),
    ("bakes every day since the move", "Bakes daily since the move."),
    ("Reviewed the garden plan and pacing", "Client and clinician reviewed the garden plan and pacing."),
    ("goal 2 partly met, still late on Mondays", "Goal 2 partially met, still late on Mondays."),
    ("not able to hum, hands cold", "Unable to hum, hands cold."),
]


def flaws(point: str, statement: str) -> list[str]:
    return [flaw.rule for flaw in edits.check(analyse(statement), Evidence([analyse(point)]))]


@pytest.mark.parametrize(("point", "statement", "kind"), POINT_EDITED_KIND)
def test_one_changed_word_holds_a_statement_out(point: str, statement: str, kind: Kind) -> None:
    answer = Checker([Point(1, point)]).check(statement, [1])
    assert answer.verdict is Verdict.UNSUPPORTED
    assert kind in {flaw.kind for flaw in Checker([Point(1, point)]).flaws(statement, [1])}


@pytest.mark.parametrize(("point", "statement"), FAITHFUL)
def test_another_word_for_the_same_is_no_edit(point: str, statement: str) -> None:
    assert flaws(point, statement) == []


@pytest.mark.parametrize("point", sorted({point for point, _, _ in POINT_EDITED_KIND}))
def test_a_point_is_no_edit_of_itself(point: str) -> None:
    assert flaws(point, point) == []


def test_free_of_a_thing_is_a_denial_of_it() -> None:
    checker = Checker([Point(1, "14 cigs/day down from 30, 2 no smoking days (first ever)")])
    answer = checker.check("She smokes 14 a day, down from 30, with two days free of smoking, the first ever.", [1])
    assert answer.verdict is not Verdict.UNSUPPORTED


def test_words_far_apart_are_not_compared() -> None:
    assert flaws("her aunt was angry that the roof leaks", "She spoke of a leak in the roof and was sad.") == []


def test_what_is_left_out_is_no_edit() -> None:
    assert flaws("walked with the very old dog to the pier at noon", "Walked with the dog to the pier.") == []


def test_words_that_changed_places_are_no_edit() -> None:
    assert flaws("sad and then calm on the bus home to Lyme", "Calm and then sad on the bus home to Lyme.") == []


def test_the_changed_words_are_named() -> None:
    point = Evidence([analyse("Affect sad, voice soft, looked at the rug")])
    (flaw,) = edits.check(analyse("Affect angry, voice soft, looked at the rug."), point)
    assert flaw.words == "angry"
    assert flaw.kind is Kind.AFFECT
