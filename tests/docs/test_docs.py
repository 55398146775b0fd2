"""The documents are complete and true in what can be checked: names, links, commands, tests, Slack's manifest."""

import ast
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer.main

from bot.check import EVENTS, SCOPES
from bot.cli import app
from bot.formats_file import load_formats
from bot.practice_file import FLAGS, KINDS, ROLES
from bot.settings import NAMES
from bot.slack.app import COMMAND, SHORTCUT

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
OPERATIONS = ROOT / "docs" / "operations.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]
MANIFEST: dict[str, Any] = json.loads((ROOT / "manifest.json").read_text("utf-8"))
READS = {"text", "choice", "flag", "number", "date", "items", "choices", "table", "tables"}
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def words_in_code(page: Path) -> set[str]:
    """What stands between back-ticks, whole and word by word."""
    quoted = re.findall(r"`([^`\n]+)`", FENCE.sub("", page.read_text("utf-8")))
    return {word for text in quoted for word in (text, *re.split(r"[^\w-]+", text))}


def keys_read(source: Path) -> Iterator[str]:
    """The keys that a module asks a `Table` for, by name."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        by_table = isinstance(node.func, ast.Attribute) and node.func.attr in READS
        zone = isinstance(node.func, ast.Name) and node.func.id == "_timezone"
        named = node.args[:1] if by_table else node.args[1:2] if zone else []
        yield from (arg.value for arg in named if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def commands(command: Any, name: str = "afternote") -> Iterator[str]:
    """`afternote draft`, `afternote evaluate sort` …"""
    below = getattr(command, "commands", {})
    if not below:
        yield name
    for word, each in below.items():
        yield from commands(each, f"{name} {word}")


def anchors(page: Path) -> set[str]:
    """The anchors that headings get."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", heading)).lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_in_operations_and_in_the_example(name: str) -> None:
    assert name in words_in_code(OPERATIONS)
    assert re.search(rf"^{name}=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE)


def test_operations_names_no_setting_that_is_not_there() -> None:
    looks_like_one = re.compile(r"(AFTERNOTE|SLACK|OPENAI)_[A-Z_]+|MicrosoftApp\w+")
    pages = (README, OPERATIONS, ROOT / "docs" / "slack.md")
    named = {word for page in pages for word in words_in_code(page) if looks_like_one.fullmatch(word)}
    assert {name for name in named if not name.startswith("AFTERNOTE_ADAPTER_")} <= set(NAMES)


def test_every_key_of_the_practice_file_is_in_operations() -> None:
    readers = ("practice_file.py", "practice_letterhead.py", "house_file.py")
    keys = {key for reader in readers for key in keys_read(ROOT / "bot" / reader)} - {""}
    assert {"timezone", "supervisors", "offered", "legal_hold", "kind", "banned_file"} <= keys, (
        "the reading of keys has changed"
    )
    assert sorted(keys - words_in_code(OPERATIONS)) == []


def test_every_kind_and_every_choice_of_the_practice_file_is_in_operations() -> None:
    assert sorted({*FLAGS, *KINDS, *ROLES, "approve", "cosign", "sample"} - words_in_code(OPERATIONS)) == []


def test_every_format_is_in_the_readme() -> None:
    assert sorted(set(load_formats()) - words_in_code(README)) == []


def test_every_command_is_in_the_readme() -> None:
    text = re.sub(r"afternote demo \| run", "afternote demo, afternote run", README.read_text("utf-8"))
    found = list(commands(typer.main.get_command(app)))
    assert "afternote evaluate sort" in found
    assert [command for command in found if command not in text] == []


def test_every_folder_is_in_the_tree() -> None:
    with_code = {path.parts[0] for path in tracked() if len(path.parts) > 1 and not path.parts[0].startswith(".")}
    tree = README.read_text("utf-8").partition("## The tree")[2].partition("\n## ")[0]
    assert sorted(with_code - set(re.findall(r"^\| `(\w+)/`", tree, re.MULTILINE))) == []


def tracked() -> list[Path]:
    """The project's files, without what tools leave behind."""
    found = (path.relative_to(ROOT) for path in ROOT.glob("*/*") if path.is_file() and path.suffix != ".pyc")
    return [
        path
        for path in found
        if not path.parts[0].endswith(".egg-info") and path.parts[0] not in ("build", "node_modules")
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken: list[str] = []
    for link in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_test_that_is_named_exists(page: Path) -> None:
    missing: list[str] = []
    for file, name in TEST.findall(page.read_text("utf-8")):
        path = ROOT / file
        if not path.is_file() or (name and not re.search(rf"def {name}\b", path.read_text("utf-8"))):
            missing.append(f"{file}::{name}")
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_path_of_one_machine_stands_in_the_documents(page: Path) -> None:
    assert re.findall(r"(?<![\w.~])/(?:home|root|work|Users|tmp)/\S*", page.read_text("utf-8")) == []


def test_every_decision_says_what_was_decided_why_and_what_enforces_it() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [path.name[:4] for path in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    for path in records:
        text = path.read_text("utf-8")
        for part in ("**Context.**", "**Decision.**", "**Why not**", "**Checks.**"):
            assert part in text, f"{path.name} lacks {part}"
        assert f"[{path.name[:4]}]({path.name})" in (path.parent / "README.md").read_text("utf-8")


def test_the_manifest_keeps_slacks_limits() -> None:
    display, features = MANIFEST["display_information"], MANIFEST["features"]
    assert len(display["name"]) <= 35
    assert len(display["description"]) <= 140
    assert 174 < len(display["long_description"]) <= 4000
    assert len(features["bot_user"]["display_name"]) <= 80
    for command in features["slash_commands"]:
        assert command["command"].startswith("/")
        assert len(command["command"]) <= 32
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
    for shortcut in features["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["callback_id"]) <= 255
        assert len(shortcut["description"]) <= 150


def test_the_manifest_asks_for_these_scopes_and_events_and_no_others() -> None:
    scopes = ["chat:write", "commands", "files:read", "im:history", "im:write"]
    assert MANIFEST["oauth_config"]["scopes"] == {"bot": scopes}
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == SCOPES
    assert set(MANIFEST["settings"]["event_subscriptions"]["bot_events"]) == EVENTS
    assert [command["command"] for command in MANIFEST["features"]["slash_commands"]] == [COMMAND]
    assert [shortcut["callback_id"] for shortcut in MANIFEST["features"]["shortcuts"]] == [SHORTCUT]
    explained = words_in_code(ROOT / "docs" / "slack.md") | set(
        re.findall(r"`([\w:]+)`", (ROOT / "docs" / "slack.md").read_text("utf-8"))
    )
    assert SCOPES | EVENTS | {SHORTCUT} <= explained


def test_the_manifest_sends_everything_to_one_address() -> None:
    settings = MANIFEST["settings"]
    addresses = {
        *(command["url"] for command in MANIFEST["features"]["slash_commands"]),
        settings["event_subscriptions"]["request_url"],
        settings["interactivity"]["request_url"],
        settings["interactivity"]["message_menu_options_url"],
    }
    assert addresses == {"https://afternote.example/slack/events"}


def test_the_manifest_follows_slacks_schema() -> None:
    given = os.environ.get("SLACK_MANIFEST_SCHEMA")
    path = Path(given) if given else ROOT / ".." / "shared" / "schemas" / "slack-manifest.schema.json"
    if not path.is_file():
        pytest.skip("no copy of Slack's manifest schema here; SLACK_MANIFEST_SCHEMA can name one")
    schema = json.loads(path.read_text("utf-8"))
    validator = jsonschema.Draft7Validator(schema)
    assert [error.json_path for error in validator.iter_errors(MANIFEST)] == []
