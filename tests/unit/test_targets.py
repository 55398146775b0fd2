"""Several places for signed notes: opened together, looked at together, and each named by what is wrong with it."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.about import REQUIRED, Ability, About, Setting
from adapters.registry import KINDS, sink_class
from bot.check import Finding, check_all
from bot.cli import app
from bot.cli_adapters import described
from bot.domain.errors import UserMistake
from bot.practice_file import PracticeFile, TargetFile, load_practice
from bot.settings import Settings
from bot.targets import (
    Readiness,
    kinds_to_make,
    open_targets,
    primary_files,
    problems_of,
    stray_variables,
    warn_about,
)
from bot.workflows.cabinet import Target
from demo.home import own_practice_file
from tests.doubles.memory_sink import MemorySink
from tests.workflows.factories import CANARY, FixedClock

TWO_PLACES = """[adapter]
record = "chart"
copies = ["share"]

[adapter.chart]
kind = "folder"
path = "filed-notes"

[adapter.share]
kind = "folder"
path = "{share}"

"""


def settings_with(home: Path, adapters: str, **environment: str) -> Settings:
    """The demo's practice with other places."""
    file = own_practice_file(home)
    text = file.read_text("utf-8")
    begins, ends = text.index("[adapter]"), text.index("# Caseload")
    file.write_text(text[:begins] + adapters + text[ends:], "utf-8")
    return Settings.load({"AFTERNOTE_HOME": str(home), "AFTERNOTE_PRACTICE_FILE": str(file), **environment})


async def storage_findings(settings: Settings) -> list[Finding]:
    return [finding for finding in await check_all(settings) if finding.what.startswith("storage")]


class SlowSink(MemorySink):
    """Takes its time to look; `looks` counts."""

    def __init__(self, seconds: float) -> None:
        super().__init__(FixedClock())
        self.seconds, self.looks = seconds, 0

    async def check(self) -> Sequence[str]:
        self.looks += 1
        await asyncio.sleep(self.seconds)
        return ()


class BrokenSink(MemorySink):
    async def check(self) -> Sequence[str]:
        raise ValueError(CANARY)


async def test_check_has_a_finding_a_place_with_what_it_is_for_and_can_do(tmp_path: Path) -> None:
    home, share = tmp_path / "home", tmp_path / "share"
    found = await storage_findings(settings_with(home, TWO_PLACES.format(share=share)))
    record, copy = found
    assert record == Finding(
        "storage chart (folder, the record)", True, "refuses to overwrite, reads back what it stored"
    )
    assert (copy.what, copy.ok) == ("storage share (folder, a copy)", False)
    assert str(share) in copy.state


async def test_what_is_wrong_with_one_place_hides_no_other(tmp_path: Path) -> None:
    adapters = TWO_PLACES.format(share=tmp_path).replace(
        'path = "filed-notes"', 'path = "filed-notes"\nfiles = ["gif"]'
    )
    record, copy = await storage_findings(settings_with(tmp_path / "home", adapters))
    assert "[adapter.chart] files" in record.state
    assert ".afternote-folder" in copy.state


async def test_all_that_is_wrong_with_any_place_is_said_at_once(tmp_path: Path) -> None:
    adapters = TWO_PLACES.format(share=tmp_path).replace('kind = "folder"', 'kind = "folder"\nlayuot = "x"')
    settings = settings_with(tmp_path / "home", adapters)
    with pytest.raises(UserMistake) as raised:
        open_targets(settings, load_practice(settings.practice_file), FixedClock())
    lines = raised.value.sentence.splitlines()
    assert [line.partition(": unknown")[0] for line in lines] == [
        "practice.toml: [adapter.chart] layuot",
        "practice.toml: [adapter.share] layuot",
    ]


async def test_the_record_comes_first(tmp_path: Path) -> None:
    settings = settings_with(tmp_path / "home", TWO_PLACES.format(share=tmp_path))
    opened = open_targets(settings, load_practice(settings.practice_file), FixedClock())
    assert [(name, target.kind) for name, target in opened.items()] == [("chart", "folder"), ("share", "folder")]


async def test_a_secret_that_no_place_uses_is_named_and_never_shown(tmp_path: Path) -> None:
    stray = {"AFTERNOTE_ADAPTER_CHRAT_TOKEN": "s3cret-value"}
    settings = settings_with(tmp_path / "home", TWO_PLACES.format(share=tmp_path), **stray)
    assert list(stray_variables(settings, load_practice(settings.practice_file))) == ["AFTERNOTE_ADAPTER_CHRAT_TOKEN"]
    *_, finding = await storage_findings(settings)
    assert not finding.ok
    assert "AFTERNOTE_ADAPTER_CHRAT_TOKEN" in finding.state
    assert "s3cret-value" not in finding.state


async def test_a_place_that_hangs_is_a_problem_after_a_while() -> None:
    began = time.monotonic()
    (problem,) = await problems_of(Target("ehr", "fhir", SlowSink(60)), 0.05)
    assert time.monotonic() - began < 5
    assert "did not answer" in problem


async def test_looking_that_fails_is_a_problem_and_tells_its_type_only(caplog: pytest.LogCaptureFixture) -> None:
    (problem,) = await problems_of(Target("ehr", "fhir", BrokenSink(FixedClock())))
    assert "ValueError" in problem
    assert CANARY not in problem + caplog.text


async def test_every_place_is_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    full, fine = MemorySink(FixedClock()), MemorySink(FixedClock())
    full.problems = ["The disk is full."]
    await warn_about((Target("ehr", "fhir", full), Target("share", "smb", fine)))
    assert [record.getMessage() for record in caplog.records] == ["storage ehr (fhir): The disk is full."]


async def test_readiness_looks_seldom_and_keeps_nobody_waiting() -> None:
    sink = SlowSink(0.2)
    readiness = Readiness(Target("ehr", "fhir", sink), every=60, seconds=0.02)
    first = asyncio.create_task(readiness.problems())
    await asyncio.sleep(0)
    assert await readiness.problems() == []
    assert not first.done(), "it waited for somebody else's look"
    (problem,) = await first
    assert problem.startswith("ehr: It did not answer")
    assert await readiness.problems() == [problem]
    assert sink.looks == 1


@pytest.mark.parametrize(("takes", "looks"), [(0.0, 1), (0.2, 3)])
async def test_a_place_that_is_well_is_looked_at_more_seldom_than_one_that_is_not(takes: float, looks: int) -> None:
    sink = SlowSink(takes)
    readiness = Readiness(Target("ehr", "fhir", sink), every=0, seconds=0.02, well=60)
    for _ in range(3):
        assert bool(await readiness.problems()) is bool(takes)
    assert sink.looks == looks


DEMO = Path(__file__).parents[2] / "demo" / "practice.toml"
SQL = TargetFile("db", "sql", {"table": "notes", "columns": {"id": "note_id", "body": "markdown", "page": "pdf"}})


def filing_in(*targets: TargetFile) -> PracticeFile:
    return replace(load_practice(DEMO), targets=targets)


def test_only_what_a_place_takes_is_made_beside_what_view_and_export_need() -> None:
    plain = filing_in(TargetFile("folder", "folder", {}), TargetFile("ehr", "fhir", {}))
    assert kinds_to_make(plain) == ("txt", "pdf", "json")
    share = TargetFile("share", "smb", {"files": ["docx", "fhir.json"]})
    assert kinds_to_make(filing_in(share, SQL)) == ("txt", "md", "pdf", "docx", "json", "fhir.json")
    assert kinds_to_make(filing_in(SQL)) == ("txt", "md", "pdf", "json")


def test_receipts_are_about_the_first_file_that_a_place_takes() -> None:
    share = TargetFile("share", "smb", {"files": ["docx", "pdf"]})
    assert primary_files(filing_in(share, SQL, TargetFile("x", "no such", {}))) == {"share": "docx", "db": "md"}


def test_every_kind_is_made_for_a_place_that_does_not_say_what_it_takes() -> None:
    unknown = filing_in(TargetFile("folder", "folder", {}), TargetFile("x", "no such", {}))
    assert kinds_to_make(unknown) == ("txt", "md", "pdf", "docx", "json", "fhir.json")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_adapter_says_what_it_takes(kind: str) -> None:
    assert sink_class(kind).ABOUT.files_of(SQL.settings if kind == "sql" else {})


def test_adapters_lists_every_kind_without_a_practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["adapters"])
    assert result.exit_code == 0
    for kind in KINDS:
        about = sink_class(kind).ABOUT
        assert described(kind, about) in result.stdout
    assert CliRunner().invoke(app, ["adapters", "folder"]).stdout.startswith("folder\n")


def test_an_adapter_that_is_not_there_is_said_with_those_that_are() -> None:
    result = CliRunner().invoke(app, ["adapters", "fodler"])
    assert result.exit_code == 2
    assert "folder" in result.stderr


def test_what_a_kind_says_of_itself() -> None:
    about = About(
        "A place.",
        (
            Setting("bucket", "which one", REQUIRED),
            Setting("key", "the secret", secret=True),
            Setting("style", "how", "path", ("path", "virtual")),
            Setting("timeout_seconds", "how long", 20),
        ),
        (Ability.REFUSES_OVERWRITE,),
        "s3",
        ("no_such_module_anywhere",),
    )
    assert described("s3", about) == (
        "s3\n"
        "  A place.\n"
        "  It refuses to overwrite.\n"
        "  Not installed yet: pip install 'afternote[s3]'\n"
        "  bucket           which one [required]\n"
        "  key              the secret [secret, in the environment: AFTERNOTE_ADAPTER_S3_KEY]\n"
        '  style            how [default: "path"] One of path, virtual.\n'
        "  timeout_seconds  how long [default: 20]"
    )
