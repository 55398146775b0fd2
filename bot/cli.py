"""The command line: demo, run, check, gallery and more. Problems go to standard error; exit code 2 is yours."""

import asyncio
import contextlib
import errno
import json
import sys
import webbrowser
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(
    name="afternote",
    help="From the few lines a therapist types after a session to a signed clinical note, inside the practice's chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
evaluate_app = typer.Typer(help="Score Afternote's judgement on labelled files.", no_args_is_help=True)
app.add_typer(evaluate_app, name="evaluate")
plans_app = typer.Typer(help="The clients' treatment plans.", no_args_is_help=True)
app.add_typer(plans_app, name="plans")

_out = Console()
_err = Console(stderr=True, highlight=False)
_USAGE = 2


def main() -> None:
    """The `afternote` command."""
    app()


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"afternote {version('afternote')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...


@app.command()
def demo(
    data: Annotated[Path, typer.Option(help="Where the demo keeps everything.")] = Path(".afternote-demo"),
    port: Annotated[int, typer.Option(help="Port of the chat page; 0 takes a free one.")] = 3979,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    teams: Annotated[bool, typer.Option("--teams", help="Serve Microsoft's own local Teams client instead.")] = False,
) -> None:
    """Try everything on this machine: a local chat workspace, the real bot, a folder of filed notes. No accounts."""
    from bot.logs import configure

    configure("WARNING")
    folder = data.expanduser().resolve()
    _guarded(_teams_demo(folder) if teams else _demo(folder, port, browser))


async def _demo(folder: Path, port: int, browser: bool) -> None:
    from bot.settings import environment
    from demo.run import demo as start
    from demo.run import model_settings

    model = model_settings(environment())
    async with start(folder, port, 0, **model) as running:
        typer.echo(f"Afternote's demo workspace: {running.url}")
        typer.echo(
            f"Drafts are written by       {model.get('AFTERNOTE_MODEL', 'the sorter (no language model is set)')}"
        )
        typer.echo(f"Everything it keeps is in   {folder}")
        typer.echo("Signed notes are filed in   " + str(folder / "filed-notes"))
        typer.echo("Stop with Ctrl+C.")
        if browser:
            with contextlib.suppress(webbrowser.Error):
                webbrowser.open(running.url)
        await _until_stopped()


async def _teams_demo(folder: Path) -> None:
    from bot.settings import environment
    from demo.run import model_settings
    from demo.teams import teams_demo

    model = model_settings(environment())
    async with teams_demo(folder, 0, **model) as running:
        typer.echo("Afternote waits for Microsoft's local Teams client. Open it with this line, in another terminal:")
        typer.echo(f"\n{running.client}\n")
        typer.echo(f"Drafts are written by     {model.get('AFTERNOTE_MODEL', 'the sorter (no language model is set)')}")
        typer.echo(f"Everything it keeps is in {folder}")
        typer.echo(f"Signed notes are filed in {folder / 'filed-notes'}")
        typer.echo("Stop with Ctrl+C.")
        await _until_stopped()


@app.command()
def run(
    role: Annotated[str, typer.Option(help="all, web or worker. On SQLite everything is one process.")] = "all",
) -> None:
    """Serve the practice's chat and do the work behind it."""
    from bot.logs import configure

    if role not in ("all", "web", "worker"):
        _fail(["--role is all, web or worker."])
    settings = _settings()
    with _complaints():
        settings.require_chat()
    if not settings.slack_bot_token and settings.slack_mode != "none":
        _fail(["SLACK_BOT_TOKEN is missing: this release serves one Slack workspace, by its bot token."])
    if role != "all" and settings.database_url.reveal().startswith("sqlite"):
        _fail([f"--role {role} needs PostgreSQL (AFTERNOTE_DATABASE_URL): on SQLite everything is one process."])
    configure(settings.log_level)
    _guarded(_run(settings, role))


async def _run(settings: Any, role: Any) -> None:
    from bot.wiring import running

    async with running(settings, role) as started:
        _err.print(f"Afternote serves {started.desk.practice.name} at {started.url} ({role}).")
        await _until_stopped()


@app.command()
def check() -> None:
    """Look at settings, keys, practice file, database, storage and manifest; say what is wrong and how to mend it."""
    from bot.check import check_all

    settings = _settings()
    table = Table("", "what", "state", show_header=False, box=None, pad_edge=False)
    findings = asyncio.run(check_all(settings))
    for finding in findings:
        mark = "[green]ok[/]" if finding.ok else "[red]no[/]"
        table.add_row(mark, finding.what, finding.state)
    _out.print(table)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(_USAGE)


@app.command("teams-package")
def teams_package(
    website: Annotated[str, typer.Option(help="Page about whoever runs this (https).")] = "",
    privacy: Annotated[str, typer.Option(help="Their privacy statement; the website when left out.")] = "",
    terms: Annotated[str, typer.Option(help="Their terms of use; the website when left out.")] = "",
    out: Annotated[Path, typer.Option(help="Where to write the package.")] = Path("afternote-teams.zip"),
    app_id: Annotated[str, typer.Option(help="The bot's application id; MicrosoftAppId when left out.")] = "",
    version: Annotated[str, typer.Option(help="Three numbers; this program's version when left out.")] = "",
    name: Annotated[str, typer.Option(help="What the app is called in Teams.")] = "Afternote",
    developer: Annotated[str, typer.Option(help="Who runs it; the name when left out.")] = "",
) -> None:
    """Write the app package that an administrator uploads to Microsoft Teams."""
    from bot.teams.app_package import TeamsApp, write_package

    with _complaints():
        app_id = app_id or _settings().teams_app_id
        write_package(TeamsApp(app_id, website, version, privacy, terms, name, developer), out)
    typer.echo(f"{out}: upload it in the Teams admin center, under Teams apps, Manage apps.")


@app.command()
def usage(
    days: Annotated[int, typer.Option(help="How many days to look back.", min=1, max=3660)] = 30,
) -> None:
    """What the language model took and cost, by note: figures and note ids, never text."""
    settings = _settings()
    with _complaints():
        asyncio.run(_usage(settings, days))


async def _usage(settings: Any, days: int) -> None:
    from datetime import timedelta

    from bot.cards.elements import Heading, Remark, Sentence
    from bot.cards.usage import usage_card
    from bot.practice_file import load_practice
    from bot.wiring import SystemClock, open_desk
    from bot.workflows.count_usage import usage_since

    practice = load_practice(settings.practice_file)
    desk = await open_desk(settings, practice, SystemClock())
    try:
        count = await usage_since(desk, desk.clock.now() - timedelta(days=days), practice.model.prices)
    finally:
        await desk.database.close()
    for element in usage_card(count.notes, count.prices, days).elements:
        if isinstance(element, Heading | Sentence | Remark):
            _out.print(element.text, markup=False, highlight=False)


@app.command()
def formats() -> None:
    """List the note formats, with their sections and what auditors expect in them."""
    with _complaints():
        loaded = _load_formats()
    table = Table("id", "name", "sections", "expected", box=None, pad_edge=False)
    for fmt in loaded.values():
        table.add_row(fmt.id, fmt.name, " / ".join(s.title for s in fmt.sections), ", ".join(fmt.required))
    _out.print(table)


@app.command()
def gallery(
    out: Annotated[Path, typer.Option(help="Where the page is written.")] = Path("gallery.html"),
    renderer: Annotated[Path | None, typer.Option(help="Where Microsoft's adaptivecards.min.js is.")] = None,
    browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
) -> None:
    """Write one HTML page with every screen as Slack and as Teams show it. Example data only."""
    from demo.gallery import write_gallery

    with _complaints():
        count = write_gallery(out, renderer)
    typer.echo(f"{count} screens are in {out}")
    if browser:
        with contextlib.suppress(webbrowser.Error):
            webbrowser.open(out.resolve().as_uri())


@app.command()
def draft(
    format_id: Annotated[str, typer.Option("--format", help="Which format to lay the note out in.")] = "soap",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Draft a note in the terminal, without any chat: `afternote draft --format birp < summary.txt`."""
    from bot.domain.errors import UserMistake
    from bot.terminal import draft_as_json, print_draft

    with _complaints():
        loaded = _load_formats()
    if format_id not in loaded:
        from bot.drafting.headline import nearest_format

        near = nearest_format(format_id, loaded)
        _fail(
            [f"There is no format “{format_id}”." + (f" Did you mean {near}?" if near else " See `afternote formats`.")]
        )
    if sys.stdin.isatty():
        _err.print("Type or paste the summary, then press Ctrl+D.")
    summary = sys.stdin.buffer.read().decode("utf-8", errors="replace")
    try:
        if as_json:
            typer.echo(draft_as_json(summary, loaded[format_id]))
        else:
            print_draft(_out, summary, loaded[format_id])
    except UserMistake as mistake:
        _fail([mistake.sentence])


@evaluate_app.command("sort")
def evaluate_sort(
    file: Annotated[Path, typer.Argument(help="Labelled summaries, a JSON object a line.")],
    shuffled: Annotated[bool, typer.Option(help="Shuffle the points of each summary first.")] = False,
    predictions: Annotated[Path | None, typer.Option(help="Write the slot given to each point.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on the last line.")] = False,
) -> None:
    """How often the sorter puts a point where its author would."""
    from bot.drafting.score import evaluate_sort as score

    rows = _read_lines(file)
    try:
        report = score(rows, shuffled)
    except (KeyError, TypeError, ValueError) as error:
        _fail([f"{file.name}: a line lacks what samples have ({type(error).__name__}: {error})."])
    _show_report(report, predictions, as_json)


@evaluate_app.command("support")
def evaluate_support(
    file: Annotated[Path, typer.Argument(help="Labelled statements, a JSON object a line.")],
    summaries: Annotated[Path | None, typer.Option(help="The summaries they belong to, with their points.")] = None,
    predictions: Annotated[Path | None, typer.Option(help="Write the verdict on each statement.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on the last line.")] = False,
) -> None:
    """How well the checker tells what a summary supports from what it does not."""
    from bot.drafting.score_support import evaluate_support as score

    rows = _read_lines(file)
    if summaries is None and any("summary_id" in row for row in rows):
        _fail([f"{file.name} speaks of summaries: name their file with --summaries."])
    try:
        report = score(rows, _read_lines(summaries) if summaries else ())
    except (KeyError, TypeError, ValueError) as error:
        _fail([f"{file.name}: a line lacks what samples have ({type(error).__name__}: {error})."])
    _show_report(report, predictions, as_json)


@evaluate_app.command("identifiers")
def evaluate_identifiers(
    file: Annotated[Path, typer.Argument(help="Texts with their identifiers marked, a JSON object a line.")],
    predictions: Annotated[Path | None, typer.Option(help="Write what was found in each text.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on the last line.")] = False,
) -> None:
    """How much of what points to a person is hidden before a model is asked; beside Presidio when it is installed."""
    from bot.drafting.score_identifiers import evaluate_identifiers as score

    rows = _read_lines(file)
    try:
        report = score(rows)
    except (IndexError, KeyError, TypeError, ValueError) as error:
        _fail([f"{file.name}: a line lacks what samples have ({type(error).__name__})."])
    _show_report(report, predictions, as_json)


def _show_report(report: Any, predictions: Path | None, as_json: bool) -> None:
    """The table, the predictions where they are wanted, and the figures as JSON on the last line."""
    if predictions:
        lines = (json.dumps(row, ensure_ascii=False) for row in report.predictions)
        predictions.write_text("\n".join(lines) + "\n", "utf-8")
    header, *body = report.as_table()
    table = Table(*header, box=None, pad_edge=False)
    for row in body:
        table.add_row(*row)
    _out.print(table)
    if as_json:
        typer.echo(json.dumps(report.as_json()))


@plans_app.command("import")
def plans_import(
    file: Annotated[Path, typer.Argument(help="Treatment plans, a JSON object a line.")],
) -> None:
    """Add treatment plans, or update those that are there. Nothing is imported unless all of the file is valid."""
    from bot.plans_command import import_file

    with _complaints():
        results = asyncio.run(import_file(_settings(), file))
    for result in results:
        kept = f" (not in the file, kept: {', '.join(result.kept)})" if result.kept else ""
        _out.print(f"{result.client_code}  {result.outcome}{kept}", highlight=False)
    counts = [sum(each.outcome == word for each in results) for word in ("added", "changed", "unchanged")]
    _out.print("{} added, {} changed, {} unchanged.".format(*counts), highlight=False)


@plans_app.command("list")
def plans_list() -> None:
    """List the plans: client, clinician, open goals, when the review is due. No clinical text."""
    from bot.plans_command import list_plans

    with _complaints():
        rows = asyncio.run(list_plans(_settings()))
    table = Table("client", "clinician", "open goals", "review due", "", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    _out.print(table if rows else "There are no plans yet. See `afternote plans import --help`.")


def _read_lines(file: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    try:
        for line in file.read_text("utf-8").splitlines():
            if line.strip():
                rows.append(json.loads(line))
    except OSError as error:
        _fail([f"{file}: {error.strerror}."])
    except ValueError:
        _fail([f"{file.name}: line {len(rows) + 1} is not JSON."])
    return rows


def _load_formats() -> Any:
    """The formats of the practice when there is one here, else the built-in ones."""
    from bot.formats_file import load_formats
    from bot.practice_file import load_practice

    settings = _settings()
    if not settings.practice_file.exists():
        return load_formats()
    return load_formats(load_practice(settings.practice_file).formats_folder)


def _settings() -> Any:
    from bot.settings import Settings

    with _complaints():
        return Settings.load()


@contextlib.contextmanager
def _complaints() -> Any:
    """An operator's mistake: every problem on a line of its own, exit code 2."""
    from bot.domain.errors import AfternoteError, UserMistake
    from bot.executors import AlreadyRunning
    from bot.formats_file import FormatError
    from bot.keys_file import KeysFileError
    from bot.plans_file import PlansFileError
    from bot.practice_file import PracticeFileError
    from bot.settings import SettingsError

    try:
        yield
    except (SettingsError, PracticeFileError, PlansFileError) as error:
        _fail(error.problems)
    except (FormatError, KeysFileError, AlreadyRunning) as error:
        _fail(str(error).splitlines())
    except UserMistake as error:
        _fail([error.sentence])
    except AfternoteError as error:
        _fail([str(error)])


def _guarded(work: Coroutine[Any, Any, None]) -> None:
    with _complaints():
        try:
            asyncio.run(work)
        except KeyboardInterrupt:
            _err.print("Stopped.")
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            _fail(
                [f"{error.strerror or error}." + (" Choose another port (AFTERNOTE_PORT, or --port)." if taken else "")]
            )


async def _until_stopped() -> None:
    import signal

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


def _fail(problems: list[str]) -> NoReturn:
    for problem in problems:
        _err.print(problem, style="red", markup=False)
    raise typer.Exit(_USAGE)
