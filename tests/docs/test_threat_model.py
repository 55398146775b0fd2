"""The threat model opens with what is protected and what not, for every asset; each of its rows names a test."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
ASSETS = (
    *("summary, draft", "signed note", "review comments", "client codes", "identities", "audit log", "keys", "tokens"),
    *("documents at targets", "model calls"),
)
ABOUT = (
    *("What Slack and Microsoft see", "A lost database file or backup", "Somebody changes the database"),
    *("A leaked key", "An administrator of the practice", "A curious colleague", "A forged request: Slack"),
    *("A forged request: Teams", "A lost phone", "A hostile model answer"),
    *("Another practice on the same installation", "Installing in Slack"),
    "A calendar’s address",
)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows(text: str) -> list[list[str]]:
    """The cells of each row of the tables, without headings."""
    found = [re.split(r" \| ", line.strip("| \n")) for line in text.splitlines() if line.startswith("| ")]
    return [cells for cells in found if cells[-1] not in ("proved by", "does not protect")]


def sections() -> dict[str, str]:
    return {part.partition("\n")[0]: part for part in PAGE.split("\n## ")[1:]}


def test_it_opens_with_what_is_protected_and_what_not() -> None:
    opening = PAGE.split("\n## ")[0].split("\n\n")
    assert opening[1].startswith("**Afternote protects**")
    assert "**It does not protect**" in opening[1]
    assert tuple(cells[0] for cells in rows("\n\n".join(opening))) == ASSETS
    assert all(len(cells) == 3 and all(cells) for cells in rows("\n\n".join(opening)))


def test_every_sort_of_attacker_has_its_rows() -> None:
    assert [name for name in ABOUT if not rows(sections().get(name, ""))] == []


def test_every_row_says_what_comes_of_it_and_names_a_test_that_is_there() -> None:
    named = [cells for text in sections().values() for cells in rows(text)]
    assert len(named) > 70
    for cells in named:
        tests = TEST.findall(cells[-1])
        assert (len(cells), bool(tests)) == (3, True), cells
        for file, name in tests:
            assert re.search(rf"def {name}\b", (ROOT / file).read_text("utf-8")), f"{file}::{name}"
