"""docs/fhir.md names every setting and profile of the FHIR adapter, and each default as it is."""

import re
from pathlib import Path
from typing import cast

import pytest

from adapters.about import REQUIRED, Setting
from adapters.fhir.profiles import PROFILES
from adapters.fhir.sink import FhirSink

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "fhir.md").read_text("utf-8")
ROWS = {
    key: [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in PAGE.splitlines()
    if line.startswith("| `")
    for key in re.findall(r"`(\w+)`", line.split("|")[1])
}


@pytest.mark.parametrize("setting", FhirSink.ABOUT.settings, ids=lambda setting: setting.key)
def test_each_setting_has_its_row_and_default(setting: Setting) -> None:
    row = ROWS[setting.key]
    if setting.default is REQUIRED:
        assert row[-1] == "required"
    elif isinstance(setting.default, (bool, int)):
        assert row[-1] == f"`{str(setting.default).lower()}`"
    elif setting.key == "files":
        assert row[-1] == ", ".join(f"`{kind}`" for kind in cast(tuple[str, ...], setting.default))
    elif setting.choices or setting.key == "note_system":
        assert row[-1] == f"`{setting.default}`"
    if setting.key != "profile":
        assert all(f"`{choice}`" in row[1] for choice in setting.choices)


def test_each_profile_has_its_column() -> None:
    assert "| | " + " | ".join(f"`{name}`" for name in PROFILES) + " |" in PAGE


def test_what_a_profile_needs_is_what_its_column_says() -> None:
    rows = {
        line.split("|")[1].strip(): [c.strip() for c in line.split("|")[2:-1]]
        for line in PAGE.splitlines()
        if "|" in line
    }
    profiles = list(PROFILES.values())
    assert [cell == "yes" for cell in rows["replaced note is marked"]] == [one.updates for one in profiles]
    assert [cell == "required" for cell in rows["the visit (Encounter)"]] == [
        o.encounter == "require" for o in profiles
    ]
    assert [cell == "mapped" for cell in rows["clinician"]] == [one.author == "reference" for one in profiles]
    assert [cell == "a person decides" for cell in rows["after a lost answer"]] == [
        not one.keeps_identifier for one in profiles
    ]
    assert [cell == "if set" for cell in rows["Provenance"]] == [one.provenance for one in profiles]
