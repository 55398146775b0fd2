"""Words that stand here and there in the points carry no statement; words that stand together do."""

import pytest

from bot.domain.statements import Point
from bot.domain.support import Kind, Verdict
from bot.drafting.support import Checker

TYPED = [
    "mood flat, appetite ok, up at 5 most mornings",
    'worked on the thought "I let everyone down" w/ downward arrow',
    "argued w/ her landlord abt the boiler, then wrote him a calm email",
    "her brother moved in on Sunday, she likes having him cook",
    "set a step goal of 4000, walks the canal path after supper",
    "validated how hard the anniversary was, reviewed grief handout",
    "next wk: bring the handout, start the letter to her aunt",
]
CHECKER = Checker([Point(number, text) for number, text in enumerate(TYPED, start=1)])

SCATTERED = [
    "Client talked about work and described an ok week.",
    "Client described a calm week at work.",
    "Her landlord wrote her a letter about supper.",
    "The boiler of her aunt was reviewed.",
    "Her brother argued about the anniversary.",
]

COMMON = [
    "Client reported that things are going well.",
    "Client reported difficulties at home.",
    "Client shared thoughts about her day.",
    "Therapist helped client to see things in a new way.",
    "The session focused on needs and feelings.",
]

TOGETHER = [
    ("Client argued with her landlord about the boiler.", (3,)),
    ("Her appetite is okay.", (1,)),
    ("Her brother moved in on Sunday.", (4,)),
    ("Client walks the canal path after supper.", (5,)),
    ("The grief handout was reviewed.", (6,)),
]
MERGED = [
    ("Her brother moved in on Sunday, and she walks the canal path after supper.", (4, 5)),
    ("Her appetite is okay, and she argued with her landlord about the boiler.", (1, 3)),
    ("The grief handout was reviewed, and next week she will start the letter to her aunt.", (6, 7)),
]


@pytest.mark.parametrize("text", SCATTERED)
def test_words_from_here_and_there_carry_nothing(text: str) -> None:
    assert CHECKER.check(text).verdict is not Verdict.SUPPORTED


@pytest.mark.parametrize("text", COMMON)
def test_common_words_alone_carry_nothing(text: str) -> None:
    assert CHECKER.check(text).verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize(("text", "points"), TOGETHER)
def test_words_that_stand_together_carry(text: str, points: tuple[int, ...]) -> None:
    answer = CHECKER.check(text)
    assert answer.verdict is Verdict.SUPPORTED
    assert set(points) <= set(answer.sources)


@pytest.mark.parametrize(("text", "points"), TOGETHER + MERGED)
def test_cited_points_carry_a_merged_statement(text: str, points: tuple[int, ...]) -> None:
    answer = CHECKER.check(text, points)
    assert answer.verdict is Verdict.SUPPORTED
    assert answer.sources == points


def test_a_common_statement_stands_where_it_was_typed() -> None:
    checker = Checker([Point(1, "work stress again, week was ok"), Point(2, "feels better since the move")])
    assert checker.check("Client had an okay week.").verdict is Verdict.SUPPORTED
    assert checker.check("She has felt better since the move.").verdict is Verdict.SUPPORTED


def test_a_noun_is_not_the_verb_of_the_same_form() -> None:
    checker = Checker([Point(1, "worked on the hierarchy, stress ball in hand the whole time")])
    assert "thin" in {flaw.rule for flaw in checker.flaws("Client reported stress at work.", [1])}
    at_work = Checker([Point(1, "stress at work, esp. the Monday call")])
    assert "thin" not in {flaw.rule for flaw in at_work.flaws("Client reported stress at work.", [1])}


def test_scattered_names_the_word_that_stands_elsewhere() -> None:
    found = [flaw for flaw in CHECKER.flaws("Her landlord likes the canal.", [3, 5]) if flaw.rule == "scattered"]
    assert found[0].words in {"landlord", "canal"}


CLICHES = [
    ("Client was engaged and receptive throughout.", Kind.PROGRESS_OVERCLAIM),
    ("Client demonstrated good insight.", Kind.PROGRESS_OVERCLAIM),
    ("Client is making good progress.", Kind.PROGRESS_OVERCLAIM),
    ("Therapist focused on building rapport.", Kind.INTERVENTION),
    ("Therapist provided a safe space.", Kind.INTERVENTION),
    ("Supportive counselling was provided.", Kind.INTERVENTION),
    ("Client was alert and oriented.", Kind.AFFECT),
    ("Client was appropriately dressed.", Kind.AFFECT),
    ("There were no safety concerns.", Kind.RISK_DENIAL),
]
FILLERS = [text for text, _ in CLICHES] + [
    "Client verbalised understanding.",
    "Therapist will continue to monitor mood.",
    "The therapeutic alliance remains strong.",
]


@pytest.mark.parametrize("text", FILLERS)
def test_what_notes_are_filled_up_with_is_held_out(text: str) -> None:
    checker = Checker([Point(1, "argued w/ her landlord abt the boiler"), Point(2, "reads on the bus again, 20 min")])
    assert checker.check(text).verdict is Verdict.UNSUPPORTED
    assert checker.check(text, [1]).verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize(("text", "kind"), CLICHES)
def test_a_filler_has_the_kind_an_auditor_would_name(text: str, kind: Kind) -> None:
    checker = Checker([Point(1, "argued w/ her landlord abt the boiler")])
    kinds = {flaw.kind for flaw in checker.flaws(text, [1]) if flaw.rule == "cliche"}
    assert kinds == {kind}


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (
            "engaged, receptive to fdbk on the role play",
            "Client was engaged and receptive to feedback on the role play.",
        ),
        ("A&Ox4, well groomed", "Client was alert and oriented, and well groomed."),
        ("no safety concerns today", "There were no safety concerns today."),
        ("worked on rapport w/ cards, she picked the fox", "Building rapport with cards; she picked the fox."),
        ("ct verbalised understanding of the fee policy", "Client verbalized understanding of the fee policy."),
    ],
)
def test_a_filler_that_was_typed_stands(typed: str, text: str) -> None:
    checker = Checker([Point(1, typed)])
    assert not [flaw for flaw in checker.flaws(text, [1]) if flaw.rule == "cliche"]
