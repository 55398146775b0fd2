"""docs/storage-sftp-smb-sql.md explains every setting and field, and says what no test has seen."""

import re
from pathlib import Path

import pytest

from adapters.registry import sink_class
from adapters.sql.fields import FIELDS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "storage-sftp-smb-sql.md").read_text("utf-8")


def section_of(kind: str) -> str:
    return PAGE.partition(f"\n## {kind}\n")[2].partition("\n## ")[0]


def words_of(section: str) -> set[str]:
    return {word for text in re.findall(r"`([^`\n]+)`", section) for word in re.split(r"[^\w-]+", text)}


@pytest.mark.parametrize("kind", ["sftp", "smb", "sql"])
def test_every_setting_is_explained_and_what_is_untested_is_said(kind: str) -> None:
    section = section_of(kind)
    assert sorted({setting.key for setting in sink_class(kind).ABOUT.settings} - words_of(section)) == []
    assert "**Not tested**" in section


def test_every_field_that_a_column_can_hold_is_explained() -> None:
    assert sorted(set(FIELDS) - words_of(section_of("sql"))) == []
