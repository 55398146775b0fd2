"""docs/storage.md has a section for each of its kinds of place, with every setting and what no test has seen."""

import re
from pathlib import Path

import pytest

from adapters.registry import KINDS, sink_class

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "storage.md").read_text("utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_the_index_leads_to_every_kind(kind: str) -> None:
    row = re.search(rf"^\| \[{kind}\]\(([\w-]*(?:\.md)?)(#\w+)?\) \|.*", PAGE, re.MULTILINE)
    assert row, f"the table at the top of docs/storage.md has no row for {kind}"
    page = (DOCS / row[1]).read_text("utf-8") if row[1] else PAGE
    assert f"\n## {kind}\n" in page or row[1] == f"{kind}.md"
    extra = sink_class(kind).ABOUT.extra
    assert (f"afternote[{extra}]" in row[0]) is bool(extra)


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
