"""Risk words: what raises the question, what answers it, and everyday words that must not."""

import pytest

from bot.drafting.risk_words import families, unassessed

RAISED = {
    "suicide": (
        "She told me she's tired of being alive",
        "He has been thinking about how to end things",
        "wishes the car had hit her",
        "says kids would do fine without her",
        "bought a rope",
        "took 12 of her pills Friday",
        "does not want to live like this",
        "researching bridges",
        "wishes she could go to sleep and never wake up",
        "Texted friend goodbye letters Sunday",
        "SI this week, worse at night",
    ),
    "hopelessness": (
        "nothing matters anymore",
        "sees no future for himself",
        "says she can't go on like this",
        "I'm a burden",
    ),
    "self_harm": (
        "burned her arm with a lighter",
        "new cuts on arm",
        "NSSI twice this week",
        "cut herself after the fight",
    ),
    "others": ("wants to make his brother pay", "threatened to kill the neighbor", "homicidal thoughts toward ex"),
    "abuse": ("husband choked her during the fight", "scared to go home", "bruises on both arms", "Dad beats him"),
}
EVERYDAY = (
    *(
        "Jumped into the pool first time in years",
        "He took 8 of his meds as prescribed",
        "Kids do fine without screens",
    ),
    *("Drove over the bridge without stopping", "Nothing left to do on the list", "burned dinner", "hit her deadline"),
    *("Has a bat in the garage for baseball", "Got a rope for the climbing gym", "talked about ending treatment"),
    *("does not want to live with her parents", "previous attempts to quit smoking failed", "Worthless coupon"),
    *(
        "suicide prevention training at work",
        "brother died by suicide in 2012",
        "Cutting back on coffee",
        "dying to see it",
    ),
)
ANSWERED = (
    *(
        "Denies SI/HI",
        "SI: none",
        "no thoughts of suicide, asked directly",
        "Negó ideas suicidas",
        "SI and HI both denied",
    ),
    *("When asked about hurting herself she said no", "Passive SI twice, no plan, no intent", "SI nil", "si 0"),
    *("Said she can't do this anymore - asked, she means the rent", "I didn't ask about suicidality today"),
    *("Couldn't ask about SI with the roommate there", "Ready when God calls but would not do anything herself"),
)


@pytest.mark.parametrize(("family", "text"), [(family, text) for family, texts in RAISED.items() for text in texts])
def test_raises_the_question_of_its_family(family: str, text: str) -> None:
    found = unassessed([text, "Reviewed thought record.", "Plan: weekly"])
    assert found is not None
    assert found.id == family


@pytest.mark.parametrize("text", EVERYDAY)
def test_everyday_words_raise_nothing(text: str) -> None:
    assert unassessed([text, "Plan: weekly"]) is None


@pytest.mark.parametrize("text", ANSWERED)
def test_what_was_asked_or_was_not_is_not_asked_again(text: str) -> None:
    assert unassessed([text, "Plan: weekly"]) is None


@pytest.mark.parametrize("family", list(families()), ids=lambda family: family.id)
def test_the_written_not_assessed_ends_the_asking_of_every_family(family) -> None:
    assert unassessed([RAISED[family.id][0], family.none]) is None


def test_an_assessment_of_one_family_does_not_answer_another() -> None:
    found = unassessed(["Denied SI.", "Partner hit her on Saturday."])
    assert found is not None
    assert found.id == "abuse"
    assert unassessed(["Partner hit her on Saturday."], settled=["abuse"]) is None
