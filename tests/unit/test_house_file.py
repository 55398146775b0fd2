"""`[voice]` with banned phrases, the file beside it, and `[formats.required]`."""

from pathlib import Path

import pytest

from bot.domain.statements import Slot
from bot.domain.voice import Banned
from bot.formats_file import load_formats
from bot.practice_file import PracticeFile, PracticeFileError, load_practice
from tests.unit.test_practice_file import GOOD

VOICE = """
[voice]
person = "patient"
tense = "present"
quotes = "none"
banned_file = "banned.toml"
banned = [
  "baseline  functioning",
  { phrase = "manipulat*", why = "It blames.", instead = "describe what was done" },
]
"""
FILE = '[[banned]]\nphrase = "non-compliant"\ninstead = "did not complete"\n'


def read(folder: Path, text: str, banned: str | None = FILE) -> PracticeFile:
    if banned is not None:
        (folder / "banned.toml").write_text(banned, "utf-8")
    (folder / "practice.toml").write_text(GOOD + text, "utf-8")
    return load_practice(folder / "practice.toml", known_formats=load_formats())


def problems(folder: Path, text: str, banned: str | None = FILE) -> str:
    with pytest.raises(PracticeFileError) as error:
        read(folder, text, banned)
    return str(error.value)


def test_phrases_of_both_files_are_one_list(tmp_path: Path) -> None:
    voice = read(tmp_path, VOICE).house.voice
    assert (voice.person, voice.tense, voice.quotes, voice.length) == ("patient", "present", "none", "standard")
    assert voice.banned == (
        Banned("baseline functioning"),
        Banned("manipulat*", "It blames.", "describe what was done"),
        Banned("non-compliant", "", "did not complete"),
    )


def test_without_the_table_nothing_is_chosen(tmp_path: Path) -> None:
    assert (read(tmp_path, "").voice.word, read(tmp_path, "").voice.called) == ("", "client")


@pytest.mark.parametrize(
    ("text", "banned", "said"),
    [
        ('[voice]\nbanned = ["a", 3]', None, "banned must be a list of texts"),
        ('[voice]\nbanned = "x"', None, "banned must be a list of phrases"),
        ('[voice]\nbanned = ["*"]', None, "would match anything"),
        ('[voice]\nbanned = ["Ab", "ab"]', None, "is listed twice"),
        ('[voice]\nbanned = [{ phrase = "a", wy = "b" }]', None, "did you mean 'why'?"),
        ('[voice]\nbanned_file = "none.toml"', None, "does not exist beside"),
        ('[voice]\nbanned_file = "banned.toml"', "[[banned]\n", "is not valid TOML"),
        ('[voice]\nbanned_file = "banned.toml"', '[[banned]]\nfrase = "a"\n', "phrase is missing"),
        ('[voice]\nbanned_file = "banned.toml"\nbanned = ["non-compliant"]', FILE, "is listed twice"),
        ('[voice]\ntense = "future"', None, "tense 'future' is unknown"),
    ],
)
def test_each_mistake_is_named(tmp_path: Path, text: str, banned: str | None, said: str) -> None:
    assert said in problems(tmp_path, text, banned)


def test_a_mistake_in_the_file_beside_names_that_file_and_its_line(tmp_path: Path) -> None:
    said = problems(tmp_path, '[voice]\nbanned_file = "banned.toml"', f'{FILE}[[banned]]\nphrase = "x"\nwy = "y"\n')
    assert "banned.toml line 6" in said


def test_required_elements_are_read_by_format(tmp_path: Path) -> None:
    house = read(tmp_path, '[formats.required]\nall = ["risk"]\nsoap = ["plan", "objective"]\n').house
    formats = load_formats()
    assert house.required_of(formats["soap"]) == (Slot.RISK, Slot.PLAN, formats["soap"].sections[1])
    assert house.required_of(formats["dap"]) == (Slot.RISK,)
    assert house.required_of(formats["no_show"]) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[formats.required]\nsaop = ["risk"]', "did you mean 'soap'?"),
        ('[formats.required]\nall = ["objective"]', "all 'objective' is unknown"),
        ('[formats.required]\nsoap = "risk"', "soap must be a list"),
    ],
)
def test_a_wrong_required_table_is_named(tmp_path: Path, text: str, said: str) -> None:
    assert said in problems(tmp_path, text, None)
