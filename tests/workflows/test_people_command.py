"""`afternote people`: the same workflows as in the chat, from the machine itself."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.ids import PersonId
from bot.practice_file import load_practice
from bot.settings import Settings
from bot.wiring import SystemClock, open_desk
from bot.workflows.supervision_page import supervision_page
from demo.several import JUNIPER, LARKSPUR, practice_files


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    example = Path(__file__).parents[2] / "demo" / "practice.toml"
    (tmp_path / "practice.toml").write_bytes(example.read_bytes())
    monkeypatch.setenv("AFTERNOTE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def people(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["people", *arguments])
    return result.exit_code, result.output


def acts(home: Path) -> list[str]:
    async def read() -> list[str]:
        desk = await open_desk(Settings.load(), load_practice(home / "practice.toml"), SystemClock())
        try:
            async with desk.database.reading(desk.id) as unit:
                return [f"{act.actor} {act.act} {act.via}" for act in await unit.audit.acts()]
        finally:
            await desk.database.close()

    return asyncio.run(read())


def test_somebody_is_added_changed_deactivated_and_back(home: Path):
    code, said = people("add", "Sam Osei", "--role", "associate", "--slack", "U0SAM", "--review", "cosign",
                        "--supervisor", "weiss", "--since", "2026-01-01")  # fmt: skip
    assert code == 0, said
    person = said.split()[0]
    assert f"{person:<14}Sam Osei · Associate · co-signed by Miriam Weiss · Slack" in people("list")[1]
    assert people("change", person, "--credentials", "LMFT", "--role", "clinician", "--review", "none")[0] == 0
    assert f"{person:<14}Sam Osei, LMFT · Clinician · Slack" in people("list")[1]
    assert people("deactivate", person) == (0, f"{person} is deactivated. Their notes: none.\n")
    assert "Sam Osei, LMFT · Clinician · Slack · deactivated" in people("list")[1]
    assert people("reactivate", person) == (0, f"{person} is on the roster again.\n")
    assert acts(home) == [
        f"None person added: {person} terminal",
        f"None person changed (credentials, roles, supervision): {person} terminal",
        f"None person deactivated: {person} terminal",
        f"None person reactivated: {person} terminal",
    ]


def test_where_there_are_several_practices_it_says_which_and_changes_only_that_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AFTERNOTE_HOME", str(tmp_path))
    monkeypatch.setenv("AFTERNOTE_PRACTICE_FILE", str(practice_files(tmp_path)))
    monkeypatch.chdir(tmp_path)
    here, there = ("--practice", LARKSPUR.id), ("--practice", JUNIPER.id)
    for asked in (["people", "list"], ["people", "deactivate", "weiss"], ["supervision"], ["audit", "show"], ["usage"]):
        refused = CliRunner().invoke(app, asked)
        assert refused.exit_code == 2, refused.output
        assert "--practice" in refused.output
        known = CliRunner().invoke(app, [*asked, *here] if "weiss" not in asked else ["people", "list", *here])
        assert known.exit_code == 0, known.output
    code, said = people("add", "Sam Osei", "--role", "auditor", *here)
    assert code == 0, said
    person = said.split()[0]
    assert "Sam Osei" in people("list", *here)[1]
    assert "Sam Osei" not in people("list", *there)[1]
    assert people("change", person, "--name", "Sam Other", *there)[0] == 2
    assert people("deactivate", person, *there)[0] == 2
    assert people("deactivate", person, *here)[0] == 0
    assert people("reactivate", person, *here)[0] == 0


def test_who_was_added_in_the_chat_is_named_in_the_audit_log(home: Path):
    person = people("add", "Sam Osei", "--role", "administrator")[1].split()[0]

    async def act() -> None:
        desk = await open_desk(Settings.load(), load_practice(home / "practice.toml"), SystemClock())
        try:
            await supervision_page(desk, desk.practice.person(PersonId(person)), "slack")
        finally:
            await desk.database.close()

    asyncio.run(act())
    assert "Sam Osei" in CliRunner().invoke(app, ["audit", "show"], env={"COLUMNS": "300"}).output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("change", "nobody", "--name", "X"), "find that person"),
        (("change", "brandt", "--role", "auditor"), "last administrator"),
        (("change", "weiss", "--role", "king"), "There is no role"),
        (("change", "delgado", "--review", "sometimes"), "--review"),
        (("change", "delgado", "--supervisor", "weiss"), "Give --review"),
        (("change", "delgado", "--since", "soon"), "Give --review"),
        (("add", "Sam", "--role", "clinician", "--slack", "U0EXAMPLE04"), "belongs to Rosa Delgado"),
    ],
)
def test_an_operators_mistake_is_a_sentence_and_changes_nothing(home: Path, arguments: tuple[str, ...], said: str):
    code, output = people(*arguments)
    assert code == 2
    assert said in " ".join(output.split())
    assert acts(home) == []
