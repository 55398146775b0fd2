"""Several practices on one installation: their files, what they may not share, and the commands about one of them."""

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.errors import Permanent, Temporary
from bot.domain.filing import FilingState
from bot.domain.ids import NoteId, PracticeId
from bot.hosting import Hosted, due_of, handlers_of, readiness, waiting
from bot.jobs import Handlers, Job, Jobs, Pace, line_of
from bot.practice_file import PracticeFileError
from bot.practices import load_practices, the_practice
from bot.settings import Settings, SettingsError
from bot.targets import open_targets, stray_variables
from bot.wiring import SystemClock, open_cabinet, open_desk
from bot.workflows.show_note import Screens
from demo.several import BOTH, JUNIPER, LARKSPUR, Tenancy, practice_files

A, B, NOTE = PracticeId(LARKSPUR.id), PracticeId(JUNIPER.id), NoteId("n1")
WEBHOOK = {'kind = "folder"\n': 'kind = "webhook"\n', "[adapter.folder]": "[adapter.webhook]"}
HOOK = {**WEBHOOK, 'path = "filed-notes"': 'url = "https://ehr.example/notes"'}


def settings_of(home: Path, **environment: str) -> Settings:
    return Settings.load(
        {"AFTERNOTE_HOME": str(home), "AFTERNOTE_PRACTICE_FILE": str(home / "practices"), **environment}
    )


def problems_of(home: Path) -> str:
    with pytest.raises(PracticeFileError) as found:
        load_practices(settings_of(home))
    return "\n".join(found.value.problems)


def test_every_toml_file_of_a_folder_is_a_practice(tmp_path: Path) -> None:
    folder = practice_files(tmp_path)
    (folder / "notes.txt").write_text("not a practice", "utf-8")
    (folder / "formats").mkdir()
    (folder / "formats" / "own.toml").write_text("not a practice either", "utf-8")
    assert [file.practice.id for file in load_practices(settings_of(tmp_path))] == [B, A]
    assert [file.file_name for file in load_practices(settings_of(tmp_path))] == ["juniper.toml", "larkspur.toml"]


def test_one_file_is_one_practice_as_before(tmp_path: Path) -> None:
    file = practice_files(tmp_path) / "larkspur.toml"
    settings = settings_of(tmp_path, AFTERNOTE_PRACTICE_FILE=str(file))
    assert [read.practice.id for read in load_practices(settings)] == [A]
    assert the_practice(settings).practice.id == A


def test_an_empty_folder_is_no_installation(tmp_path: Path) -> None:
    (tmp_path / "practices").mkdir()
    assert "has no *.toml file" in problems_of(tmp_path)


def test_what_two_practices_may_not_share_is_said_of_all_of_them_at_once(tmp_path: Path) -> None:
    practice_files(tmp_path, (LARKSPUR, replace(JUNIPER, team=LARKSPUR.team, tenant=LARKSPUR.tenant)))
    text = (tmp_path / "practices" / "larkspur.toml").read_text("utf-8")
    twin = text.replace(LARKSPUR.team, "T0OTHER001").replace(LARKSPUR.tenant, JUNIPER.tenant)
    (tmp_path / "practices" / "twin.toml").write_text(twin, "utf-8")
    (tmp_path / "practices" / "wrong.toml").write_text("[practice]\nname = 3\n", "utf-8")
    found = problems_of(tmp_path)
    assert "twin.toml: line 4: [practice] id 'larkspur' is also in larkspur.toml." in found
    assert f"larkspur.toml: line 15: [chat.slack] team_id '{LARKSPUR.team}' is also in juniper.toml." in found
    assert "[chat.teams] tenant_id" in found
    assert "wrong.toml: line 2: [practice]" in found


def test_two_practices_do_not_file_in_one_folder(tmp_path: Path) -> None:
    practice_files(tmp_path, changes={'path = "filed-notes"': f'path = "{tmp_path}/all"'})
    assert "larkspur.toml: [adapter.folder] path is also that of juniper.toml." in problems_of(tmp_path)


def test_each_practice_has_a_home_for_its_notes(tmp_path: Path) -> None:
    practice_files(tmp_path)
    settings = settings_of(tmp_path)
    for file in load_practices(settings):
        open_targets(settings, file, SystemClock(), alone=False)
        assert (tmp_path / file.practice.id / "filed-notes").is_dir()
    assert not (tmp_path / "filed-notes").exists()


def test_a_practices_own_secret_wins_and_another_never_sees_it(tmp_path: Path) -> None:
    everybodys, own = "AFTERNOTE_ADAPTER_EHR_TOKEN", "AFTERNOTE_ADAPTER_LARKSPUR_EHR_TOKEN"
    settings = settings_of(tmp_path, **{everybodys: "shared", own: "ours"})

    def token(practice: str) -> str:
        return settings.adapter_secrets("ehr", practice)["token"].reveal()

    assert (token("larkspur"), token("juniper"), token("")) == ("ours", "shared", "shared")


@pytest.mark.parametrize(
    ("tenancies", "target"),
    [
        ((replace(LARKSPUR, id="a"), replace(JUNIPER, id="a-b")), ("b-c", "c")),
        ((replace(LARKSPUR, id="a"), replace(JUNIPER, id="z")), ("ehr", "a-ehr")),
    ],
)
def test_a_target_whose_secrets_another_practice_would_read_is_refused(
    tmp_path: Path, tenancies: tuple[Tenancy, ...], target: tuple[str, str]
) -> None:
    folder = practice_files(tmp_path, tenancies)
    for tenancy, name in zip(tenancies, target, strict=True):
        path = folder / f"{tenancy.id}.toml"
        place = f'record = "{name}"\n\n[adapter.{name}]\nkind = "folder"'
        text = path.read_text("utf-8").replace('kind = "folder"\n\n[adapter.folder]', place)
        path.write_text(text, "utf-8")
    assert "would be read by a target of" in problems_of(tmp_path)


def test_a_misspelt_secret_is_stray_among_all_practices(tmp_path: Path) -> None:
    practice_files(tmp_path, changes=HOOK)
    right = {"AFTERNOTE_ADAPTER_WEBHOOK_SECRET": "s", "AFTERNOTE_ADAPTER_JUNIPER_WEBHOOK_SECRET": "s"}
    settings = settings_of(tmp_path, **right, AFTERNOTE_ADAPTER_JUNPIER_WEBHOOK_SECRET="s")
    assert stray_variables(settings, *load_practices(settings)) == ["AFTERNOTE_ADAPTER_JUNPIER_WEBHOOK_SECRET"]


def test_a_practice_in_a_chat_may_begin_with_nobody_on_its_roster(tmp_path: Path) -> None:
    file = practice_files(tmp_path) / "larkspur.toml"
    text = file.read_text("utf-8")
    nobody = text[: text.index("# People")] + text[text.index("# Formats") : text.index("# Caseload")]
    file.write_text(nobody, "utf-8")
    ours, theirs = load_practices(settings_of(tmp_path))[::-1]
    assert (ours.practice.id, theirs.practice.id) == (A, B)
    assert ours.practice.people == ()
    assert theirs.practice.people
    file.write_text(nobody.replace("team_id", "# team_id").replace("tenant_id", "# tenant_id"), "utf-8")
    assert "nobody could use the bot" in problems_of(tmp_path)


COMMANDS = (
    ["filings", "list"],
    ["filings", "retry"],
    ["filings", "there", "n1", "folder"],
    ["filings", "absent", "n1", "folder"],
    ["filings", "export", "--out", "ledger.csv"],
    ["export", "--client", "JD-014", "--out", "out"],
    ["plans", "list"],
    ["usage"],
    ["formats"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_about_one_practice_asks_which(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERNOTE_HOME", str(tmp_path))
    monkeypatch.setenv("AFTERNOTE_PRACTICE_FILE", str(practice_files(tmp_path)))
    monkeypatch.chdir(tmp_path)
    asked = CliRunner().invoke(app, command)
    assert (asked.exit_code, "--practice with one of juniper, larkspur" in " ".join(asked.stderr.split())) == (2, True)
    unknown = CliRunner().invoke(app, [*command, "--practice", "nobodys"])
    assert (unknown.exit_code, "There is no practice “nobodys”" in unknown.stderr) == (2, True)


def test_a_command_acts_on_the_practice_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERNOTE_HOME", str(tmp_path))
    monkeypatch.setenv("AFTERNOTE_PRACTICE_FILE", str(practice_files(tmp_path)))
    monkeypatch.chdir(tmp_path)
    plans = Path(__file__).parents[2] / "demo" / "plans.jsonl"
    imported = CliRunner().invoke(app, ["plans", "import", str(plans), "--practice", "juniper"])
    assert (imported.exit_code, "added" in imported.stdout) == (0, True)
    listed = {
        name: CliRunner().invoke(app, ["plans", "list", "--practice", name]).stdout for name in ("juniper", "larkspur")
    }
    assert "JD-014" in listed["juniper"]
    assert "JD-014" not in listed["larkspur"]


def test_one_workspace_or_all_that_install_but_not_both() -> None:
    both = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_CLIENT_ID": "1.1",
        "SLACK_CLIENT_SECRET": "s",
        "SLACK_SIGNING_SECRET": "s",
    }
    with pytest.raises(SettingsError, match="set one of the two"):
        Settings.load(both, chat=True)
    for one in ({"SLACK_BOT_TOKEN": "xoxb-1"}, {"SLACK_CLIENT_ID": "1.1", "SLACK_CLIENT_SECRET": "s"}):
        assert Settings.load({**one, "SLACK_SIGNING_SECRET": "s"}, chat=True).slack_mode == "http"


async def hosted(home: Path, clock: SystemClock | None = None) -> Mapping[PracticeId, Hosted]:
    settings = settings_of(home)
    made = {}
    for file in load_practices(settings):
        desk = await open_desk(settings, file, clock or SystemClock())
        cabinet = open_cabinet(settings, file, desk, alone=False)
        made[desk.id] = Hosted(file, desk, cabinet, Screens(desk, {}))
    return made


async def closed(practices: Mapping[PracticeId, Hosted]) -> None:
    for each in practices.values():
        await each.cabinet.close()
        await each.desk.database.close()


async def _no_file_later(*_: object) -> None: ...


async def test_a_job_of_a_practice_that_is_not_served_waits_for_a_person(tmp_path: Path) -> None:
    practice_files(tmp_path)
    practices = await hosted(tmp_path)
    handlers = handlers_of({A: practices[A]}, _no_file_later)
    with pytest.raises(Permanent, match="practice_not_served"):
        await handlers.draft(B, NOTE)
    await closed(practices)


async def test_due_work_of_one_practice_that_cannot_be_asked_keeps_none_from_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    practice_files(tmp_path)
    practices = await hosted(tmp_path)
    practices[A].screens.behind.add(NOTE)

    async def away() -> list[NoteId]:
        raise Temporary("database_unavailable")

    monkeypatch.setattr(type(practices[B].screens), "due", lambda self: away() if self.desk.id == B else _behind(self))
    assert await due_of(practices)() == [Job("show", A, NOTE)]
    assert "practice juniper" in caplog.text
    await closed(practices)


async def _behind(screens: Screens) -> list[NoteId]:
    return list(screens.behind)


async def test_a_dead_record_of_one_practice_is_not_everybodys_trouble(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    practice_files(tmp_path)
    practices = await hosted(tmp_path)
    assert await readiness(practices)() == []
    shutil.rmtree(tmp_path / "juniper" / "filed-notes")
    assert await readiness(practices)() == []
    assert "practice juniper: folder: " in caplog.text
    shutil.rmtree(tmp_path / "larkspur" / "filed-notes")
    assert len(await readiness(practices)()) == 2
    await closed(practices)


async def test_waiting_filings_are_counted_by_practice_where_there_are_several(tmp_path: Path) -> None:
    practice_files(tmp_path, BOTH)
    practices = await hosted(tmp_path)
    counted = await waiting(practices)()
    assert set(counted) == {
        (practice, "folder", state) for practice in (A, B) for state in FilingState if state is not FilingState.STORED
    }
    assert {practice for practice, _, _ in await waiting({A: practices[A]})()} == {""}
    await closed(practices)


async def test_filing_of_one_practice_that_hangs_holds_up_no_other_at_a_target_of_the_same_name() -> None:
    done, hangs = list[Job](), asyncio.Event()

    async def file(practice: PracticeId, note: NoteId, target: str) -> None:
        if practice == A:
            await hangs.wait()
        done.append(Job("file", practice, note, target))

    async def other(practice: PracticeId, note: NoteId) -> None: ...

    jobs = Jobs(Handlers(other, other, file, other), Pace(concurrency=2))
    stuck = [asyncio.create_task(jobs.run(Job("file", A, NoteId(f"a{n}"), "folder"))) for n in range(5)]
    await asyncio.sleep(0)
    async with asyncio.timeout(2):
        await jobs.run(Job("file", B, NOTE, "folder"))
    assert done == [Job("file", B, NOTE, "folder")]
    hangs.set()
    await asyncio.gather(*stuck)


def test_a_line_is_of_one_practice_whatever_the_names() -> None:
    assert line_of("a", "b-c") != line_of("a-b", "c")
