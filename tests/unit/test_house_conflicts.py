"""`afternote check` on a house style: each contradiction in a sentence that names file, line or key, and what to do."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.formats_file import load_formats
from bot.house_conflicts import Conflict, house_conflicts
from bot.practice_file import load_practice
from bot.settings import Settings
from bot.wiring import SystemClock, open_desk
from demo.home import own_practice_file

FORMATS = load_formats()
HOUSE_SOAP = """\
id = "house_soap"
name = "SOAP"
description = "Ours."
[[sections]]
key = "all"
title = "All of it"
slots = [SLOTS]
""".replace("SLOTS", ", ".join(f'"{slot}"' for section in FORMATS["soap"].sections for slot in section.slots))


def conflicts(folder: Path, text: str, banned: str = "", own: str = "") -> list[Conflict]:
    path = own_practice_file(folder)
    practice = path.read_text("utf-8")
    if own:
        (folder / "formats").mkdir()
        (folder / "formats" / "house_soap.toml").write_text(own, "utf-8")
        practice = practice.replace("[formats]\n", '[formats]\nfolder = "formats"\n')
    path.write_text(f"{practice}\n{text}", "utf-8")
    (folder / "banned.toml").write_text(banned, "utf-8")
    read = load_practice(path, known_formats=load_formats())
    return list(house_conflicts(path, read, load_formats(read.formats_folder)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[voice]\nperson = "patient"\nbanned = ["patient*"]', "is what drafts call the client ([voice] person)"),
        ('[voice]\nbanned = ["client"]', "is what drafts call the client"),
        ('[voice]\nbanned = ["as I conducted it"]', "stands in the words that everybody signs"),
        ('[voice]\nbanned = ["behavior"]', "stands in the format birp as “Behavior”"),
        ('[voice]\nbanned = ["was not assessed"]', "which Afternote writes for the answer “not assessed”"),
        (
            '[voice]\nbanned = [{ phrase = "refused", instead = "resisted" }, "resist*"]',
            "is to be replaced by “resisted”, in which “resist*” is banned",
        ),
        ('[formats.required]\nsoap = ["objctive"]', "[formats.required] soap names 'objctive', which is no slot"),
        ('[formats.required]\nsirp = ["risk"]', ""),
        ('[deadlines.payers.aetna]\nsign_within_hours = 9\nrequired_checks = ["risk"]', ""),
    ],
)
def test_a_contradiction_is_one_sentence_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    found = [conflict.sentence for conflict in conflicts(tmp_path, text) if conflict.serious]
    assert len(found) == (1 if said else 0)
    assert all(said in sentence and "practice.toml line" in sentence for sentence in found)


def test_what_is_in_the_file_beside_is_named_there(tmp_path: Path) -> None:
    banned = '[[banned]]\nphrase = "x-y"\n\n[[banned]]\nphrase = "client"\n'
    (found,) = [each for each in conflicts(tmp_path, '[voice]\nbanned_file = "banned.toml"', banned) if each.serious]
    assert found.sentence.startswith("banned.toml line 5: the banned phrase “client”")


def test_formats_that_look_alike_or_are_not_offered(tmp_path: Path) -> None:
    text = '[formats.required]\nhouse_soap = ["risk"]'
    found = [conflict.sentence for conflict in conflicts(tmp_path, text, own=HOUSE_SOAP)]
    assert len(found) == 2
    assert "house_soap asks for something in a format that is not offered" in found[0]
    assert "soap and house_soap have the same name" in found[1]


def test_what_is_only_good_to_know_fails_nothing(tmp_path: Path) -> None:
    text = '[voice]\nbanned = ["complains of", "tearful"]\n'
    found = conflicts(tmp_path, text)
    assert [conflict.serious for conflict in found] == [False]
    assert "“c/o” is spelled out as" in found[0].sentence


def test_a_check_that_is_looked_at_anyway(tmp_path: Path) -> None:
    path = own_practice_file(tmp_path)
    practice = path.read_text("utf-8")
    path.write_text(practice.replace('["goal_named", ', '["client_and_date", "goal_named", '), "utf-8")
    (found,) = house_conflicts(path, load_practice(path, known_formats=FORMATS), FORMATS)
    assert not found.serious
    assert "[deadlines.payers.medicaid] required_checks: client_and_date has no question" in found.sentence


def test_a_check_that_no_offered_format_asks(tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    check = '[[checks]]\nid = "goal_named"\nonly = ["house_only"]\n'
    (tmp_path / "checks" / "medicaid.toml").write_text(f'id = "medicaid"\nname = "Medicaid"\n{check}', "utf-8")
    path = own_practice_file(tmp_path)
    practice = path.read_text("utf-8")
    path.write_text(practice.replace("[deadlines]\n", '[deadlines]\nchecks_folder = "checks"\n'), "utf-8")
    (found,) = house_conflicts(path, load_practice(path, known_formats=FORMATS), FORMATS)
    assert "[deadlines.payers.medicaid] required_checks: goal_named is asked in none" in found.sentence


def run_check(home: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> str:
    path = own_practice_file(home)
    path.write_text(f"{path.read_text('utf-8')}\n{text}", "utf-8")
    monkeypatch.setenv("AFTERNOTE_HOME", str(home))
    monkeypatch.setenv("AFTERNOTE_PRACTICE_FILE", str(path))
    monkeypatch.setenv("COLUMNS", "300")
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 2  # no chat is configured here in any case
    return result.output


def test_check_lists_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = run_check(tmp_path, monkeypatch, '[voice]\nperson = "patient"\nbanned = ["patient"]\n')
    line = len((tmp_path / "practice.toml").read_text("utf-8").splitlines())
    said = " ".join(shown.split())  # a narrow terminal breaks lines
    assert f"no house style practice.toml line {line}: the banned phrase “patient” is what drafts call" in said
    assert "ok house style “patient”; banned phrases: 1; formats and payers that require something: 2" in said


async def test_a_slip_in_what_is_required_starts_nothing(tmp_path: Path) -> None:
    path = own_practice_file(tmp_path)
    path.write_text(path.read_text("utf-8") + '\n[formats.required]\nsoap = ["objctive"]\n', "utf-8")
    settings = Settings.load({"AFTERNOTE_HOME": str(tmp_path), "AFTERNOTE_PRACTICE_FILE": str(path)})
    with pytest.raises(Exception, match="names 'objctive', which is no slot"):
        await open_desk(settings, load_practice(path), SystemClock())
