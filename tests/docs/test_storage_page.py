"""docs/storage.md has a section for each of its kinds of place, with every setting and what no test has seen."""

import re
from pathlib import Path

import pytest

from adapters.registry import sink_class

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "storage.md").read_text("utf-8")


@pytest.mark.parametrize("kind", ["folder", "s3", "webdav", "webhook"])
def test_every_setting_is_explained_and_what_is_untested_is_said(kind: str) -> None:
    section = PAGE.partition(f"\n## {kind}\n")[2].partition("\n## ")[0]
    words = {word for text in re.findall(r"`([^`\n]+)`", section) for word in re.split(r"[^\w-]+", text)}
    assert sorted({setting.key for setting in sink_class(kind).ABOUT.settings} - words) == []
    assert "**Not tested**" in section


def test_the_policy_of_the_s3_section_allows_what_the_adapter_does_and_no_more() -> None:
    section = PAGE.partition("\n## s3\n")[2].partition("\n## ")[0]
    policy = section.partition("```json\n")[2].partition("```")[0]
    assert set(re.findall(r"s3:\w+", policy)) == {"s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket"}
    assert "s3:*" not in policy
