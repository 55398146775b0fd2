"""An adapter's own account as Markdown: every setting, its default as practice.toml writes it, secrets apart."""

import tomllib

import pytest

from adapters.about import REQUIRED, Ability, About, Setting
from adapters.describe import describe, describe_all

ABOUT = About(
    "A pigeon that carries notes.",
    (
        Setting("loft", "where it lives; a | b", REQUIRED),
        Setting("files", "what it carries", ("pdf", "txt")),
        Setting("speed", "how it flies", "slow", ("slow", "fast")),
        Setting("rests", "whether it rests", False),
        Setting("timeout_seconds", "how long to wait", 20),
        Setting("map", "codes to lofts", {"a": "b c"}),
        Setting("ring", "its ring"),
        Setting("seed", "what it is paid with", secret=True),
    ),
    (Ability.REFUSES_OVERWRITE, Ability.READS_BACK, Ability.FINDS_CLIENTS),
    extra="pigeon",
)


def rows(text: str) -> dict[str, list[str]]:
    cells = [line.replace("\\|", "/").strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in cells}


def test_every_setting_has_a_row_with_its_default() -> None:
    told = rows(describe("pigeon", ABOUT))
    assert list(told) == [*(s.key for s in ABOUT.settings[:-1]), "AFTERNOTE_ADAPTER_PIGEON_SEED"]
    assert told["loft"] == ["where it lives; a / b", "must be given"]
    assert told["speed"][0] == "how it flies (one of `slow`, `fast`)"
    assert told["ring"][1] == "none"


@pytest.mark.parametrize("key", ["files", "speed", "rests", "timeout_seconds", "map"])
def test_a_default_can_be_pasted_into_practice_toml(key: str) -> None:
    default = rows(describe("pigeon", ABOUT))[key][1].strip("`")
    expected = next(setting.default for setting in ABOUT.settings if setting.key == key)
    assert tomllib.loads(f"x = {default}")["x"] == (list(expected) if isinstance(expected, tuple) else expected)


def test_what_it_can_do_and_needs_is_said() -> None:
    text = describe("pigeon", ABOUT)
    assert "It refuses to overwrite, reads back what it stored and finds clients by code." in text
    assert "pip install 'afternote[pigeon]'" in text
    assert "It stores, and can do no more." in describe("pigeon", About("A pigeon.", (), ()))


def test_the_page_holds_them_in_order() -> None:
    page = describe_all({"owl": ABOUT, "crow": ABOUT})
    assert page.index("## owl") < page.index("## crow")
    assert describe("owl", ABOUT) in page
