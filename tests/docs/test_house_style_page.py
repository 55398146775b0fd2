"""The example of the house style's page is a practice file that can be used, and does what the page says."""

import re
from pathlib import Path

from bot.domain.statements import Slot
from bot.formats_file import load_formats
from bot.house_conflicts import house_conflicts
from bot.practice_file import PracticeFile, load_practice

PAGE = Path(__file__).parent.parent.parent / "docs" / "house-style.md"
HEAD = """
[practice]
id = "p"
name = "P"
timezone = "America/Chicago"
[[people]]
id = "rosa"
name = "Rosa"
roles = ["clinician"]
[adapter]
kind = "folder"
"""
INTAKE = """
id = "house_intake"
name = "House intake"
description = "Ours."
[[sections]]
key = "all"
title = "All of it"
slots = [SLOTS]
""".replace("SLOTS", ", ".join(f'"{slot}"' for slot in Slot))


def example(folder: Path) -> tuple[Path, PracticeFile]:
    """What the page shows, as files, beside people and a storage."""
    practice, banned = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (folder / "formats").mkdir()
    (folder / "formats" / "house_intake.toml").write_text(INTAKE, "utf-8")
    (folder / "banned.toml").write_text(banned, "utf-8")
    path = folder / "practice.toml"
    path.write_text(HEAD + practice, "utf-8")
    return path, load_practice(path, known_formats=load_formats())


def test_the_example_can_be_used_and_contradicts_nothing(tmp_path: Path) -> None:
    path, practice = example(tmp_path)
    conflicts = house_conflicts(path, practice, load_formats(practice.formats_folder))
    assert [conflict.sentence for conflict in conflicts if conflict.serious] == []
    assert [banned.phrase for banned in practice.voice.banned] == [
        "within normal limits",
        "manipulat*",
        "non-compliant",
    ]
    assert practice.deadlines.profiles["medicaid"].required == ("goal_named", "start_and_stop", "response")
    required = practice.house.required_of(load_formats()["soap"])
    assert required == (Slot.INTERVENTION, Slot.PLAN, load_formats()["soap"].sections[1])


def test_every_setting_and_choice_stands_on_the_page() -> None:
    text = PAGE.read_text("utf-8")
    for word in ("person", "tense", "length", "quotes", "banned", "banned_file", "needed", "required_checks", "all"):
        assert f"`{word}`" in text or f"{word} =" in text
    for choice in ("client", "patient", "individual", "consumer", "initials", "past", "present", "some", "none"):
        assert f"`{choice}`" in text
