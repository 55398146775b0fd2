"""Payer profiles: the ones that ship, and everything a practice's own file can get wrong."""

from pathlib import Path

import pytest

from bot.checks_file import ChecksError, load_profiles
from bot.domain.statements import Slot

FIFTEEN = [
    *("client_and_date", "session_time", "service_and_place", "diagnosis_as_charted", "goal_named"),
    *("symptoms_and_impairment", "specific_intervention", "response", "progress", "risk", "plan"),
    *("signature", "cosignature", "individual", "in_time"),
]
OWN = """\
id = "aetna"
name = "Aetna"
asks = ["response", "cpt_fits"]

[[checks]]
id = "cpt_fits"
title = "Time fits the code"
question = "Which code, and does the time fit it?"
slot = "logistics"
anywhere = ["90837", "90834"]

[[checks]]
id = "response"
question = "How did they take it?"
"""


def problems(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    with pytest.raises(ChecksError) as caught:
        load_profiles(folder)
    return list(caught.value.problems)


def test_all_fifteen_checks_are_known_to_every_profile() -> None:
    profiles = load_profiles()
    assert set(profiles) == {"default", "commercial", "medicaid", "medicare", "self_pay"}
    for profile in profiles.values():
        assert set(FIFTEEN) <= set(profile.checks)


def test_every_question_is_one_short_kind_line_that_asks() -> None:
    questions = [check.question for check in load_profiles()["default"].checks.values() if check.question]
    assert len(questions) >= 11
    for question in questions:
        assert len(question) <= 120
        assert "?" in question
        assert question[0].isupper()


def test_a_practices_own_profile_adds_and_changes_checks_and_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "aetna.toml").write_text(OWN, "utf-8")
    profiles = load_profiles(tmp_path)
    aetna, shipped = profiles["aetna"], load_profiles()["default"]
    assert aetna.asks == ("response", "cpt_fits")
    assert aetna.checks["response"].question == "How did they take it?"
    assert aetna.checks["response"].slot is shipped.checks["response"].slot is Slot.RESPONSE
    assert profiles["default"] == shipped


def test_an_own_default_is_what_the_other_own_files_start_from(tmp_path: Path) -> None:
    (tmp_path / "default.toml").write_text('id = "default"\nname = "Ours"\nasks = ["risk"]\n', "utf-8")
    (tmp_path / "other.toml").write_text('id = "other"\nname = "Other"\n', "utf-8")
    profiles = load_profiles(tmp_path)
    assert profiles["other"].asks == profiles["default"].asks == ("risk",)
    assert profiles["medicaid"] == load_profiles()["medicaid"]


def test_all_that_is_wrong_with_all_files_is_said_at_once(tmp_path: Path) -> None:
    wrong = OWN.replace('slot = "logistics"', 'slot = "logistic"').replace('"cpt_fits"]', '"cpt_fit", "signature"]')
    found = problems(tmp_path, aetna=wrong, b="id = 3", c='id = "d"\nname = "D"\nextra = 1', e="= x")
    assert len([p for p in found if p.startswith("aetna.toml: line ")]) == 3
    assert any("'logistics'" in p and "line 9" in p for p in found)
    assert any("'cpt_fits'" in p and "line 3" in p for p in found)
    assert any("'signature' has no question" in p for p in found)
    assert any(p.startswith("b.toml") for p in found)
    assert any("c.toml" in p and "file's name (c)" in p for p in found)
    assert any("'extra'" in p for p in found)
    assert any("e.toml: not valid TOML" in p for p in found)


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ('id = "x"\ntitle = "X"\nquestion = "Y?"', "nothing says how an answer is recognised"),
        ('id = "x"\ntitle = "X"\nsaying = ["a"]', "saying goes with slots"),
        ('id = "x"\ntitle = "X"\nslots = ["plan"]\nsaying = ["*"]', "would match anything"),
        (f'id = "x"\ntitle = "X"\nslots = ["plan"]\nquestion = "{"y" * 151}"', "more than 150 characters"),
        ('id = "x"\ntitle = "X"\nsession = ["room"]', "'room' is unknown"),
        ('id = "risk_words_mine"\ntitle = "X"', "begins like the questions about risk words"),
        ('id = "x"', "title is missing"),
    ],
)
def test_a_check_that_cannot_work_is_refused(tmp_path: Path, check: str, said: str) -> None:
    (problem,) = problems(tmp_path, p=f'id = "p"\nname = "P"\n[[checks]]\n{check}\n')
    assert said in problem


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ChecksError, match="not a folder"):
        load_profiles(tmp_path / "none")
