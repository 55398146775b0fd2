"""The diagnosis guard: charted, guessed at, or neither."""

import pytest

from bot.domain.statements import Draft, Origin, Point, Slot, Statement, StatementId
from bot.domain.support import Kind
from bot.drafting.diagnosis import Naming, diagnosis_points, settle_diagnoses


def naming(text: str) -> Naming | None:
    return diagnosis_points([Point(1, text)]).get(1)


@pytest.mark.parametrize(
    "text",
    [
        *("r/o bipolar II", "seems like bipolar to me", "?ADHD", "Possible PTSD", "Dx: ? borderline"),
        *("I wonder about autism", "looks like MDD vs dysthymia", "suspect an eating disorder"),
    ],
)
def test_a_guess_is_a_guess(text: str) -> None:
    assert naming(text) is Naming.GUESS


@pytest.mark.parametrize(
    "text",
    [
        *("Dx: MDD, recurrent, moderate (F33.1)", "AUD, severe, as charted - no change", "no dx change"),
        *("Meets criteria for panic disorder", "My impression at this point: panic disorder, r/o agoraphobia."),
        *("Dx adjustment d/o w mixed anx + dep mood, unchanged.", "Specific phobia, situational, per my eval"),
    ],
)
def test_what_the_clinician_charts_is_charted(text: str) -> None:
    assert naming(text) is Naming.CHARTED


@pytest.mark.parametrize(
    "text",
    [
        *("Mom thinks he might have ADHD", "GAD-7 16 today", "Maternal aunt with bipolar", "Explored OCD rituals"),
        *('Client asks "do I have PTSD?"', "Client says she probably has ADHD per TikTok", "Will we meet next week?"),
        *("Doesn't meet criteria for involuntary hold", "My impression is that she fears being seen"),
    ],
)
def test_talk_of_a_diagnosis_is_neither(text: str) -> None:
    assert naming(text) is None


def drafted(point: str, text: str, origin: Origin = Origin.MODEL) -> Draft:
    statement = Statement(StatementId("s"), Slot.DIAGNOSIS, text, (1,), origin)
    return settle_diagnoses(Draft((Point(1, point),), (statement,), Origin.MODEL))


def test_a_diagnosis_made_of_a_guess_goes_back_to_the_clinicians_wording() -> None:
    (statement,) = drafted("seems like bipolar", "Client has bipolar disorder.").statements
    assert (statement.slot, statement.text) == (Slot.ASSESSMENT, "Seems like bipolar.")


def test_a_diagnosis_nobody_charted_is_held_out() -> None:
    draft = drafted("Mood low, sleeping 4 hours", "Major depressive disorder.")
    assert draft.statements == ()
    assert [held.doubt and held.doubt.kind for held in draft.held] == [Kind.DIAGNOSIS]


def test_a_charted_diagnosis_and_own_words_stay() -> None:
    assert drafted("Dx: MDD moderate", "Major depressive disorder, moderate.").statements
    assert drafted("Mood low", "Depression, as charted.", Origin.CLINICIAN).statements[0].slot is Slot.DIAGNOSIS
