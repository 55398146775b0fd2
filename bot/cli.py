"""The command line: demo, run, check, gallery and more. Problems go to standard error; exit code 2 is yours."""

import asyncio
import contextlib
import errno
import sys
import webbrowser
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from bot.cli_adapters import adapters
from bot.cli_audit import audit_app
from bot.cli_evaluate import evaluate_app
from bot.cli_export import export_app
from bot.cli_filings import filings_app
from bot.cli_parts import PRACTICE
from bot.cli_parts import complaints as _complaints
from bot.cli_parts import load_settings as _settings
from bot.cli_people import people_app
from bot.cli_sessions import sessions_app
from bot.cli_stats import stats
from bot.cli_supervision import supervision
from bot.console import USAGE, err, fail, out

app = typer.Typer(
    name="afternote",
    help="From the few lines a therapist types after a session to a signed clinical note, inside the practice's chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(audit_app, name="audit")
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(export_app)
app.add_typer(filings_app, name="filings")
app.add_typer(people_app, name="people")
app.add_typer(sessions_app, name="sessions")
app.command()(adapters)
app.command()(stats)
app.command()(supervision)
plans_app = typer.Typer(help="The clients' treatment plans.", no_args_is_help=True)
app.add_typer(plans_app, name="plans")


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
    storage: Annotated[str, typer.Option(help="Where notes are filed: folder, or fhir (needs Node).")] = "folder",
) -> None:
    """Try everything on this machine: a local chat workspace, the real bot, a folder of filed notes. No accounts."""
    from bot.logs import configure

    if storage not in ("folder", "fhir"):
        fail(["--storage is folder or fhir."])
    if teams and storage != "folder":
        fail(["--storage fhir shows its documents on the page of the chat workspace; leave --teams out."])
    configure("WARNING")
    folder = data.expanduser().resolve()
    _guarded(_teams_demo(folder) if teams else _demo(folder, port, browser, storage))


async def _demo(folder: Path, port: int, browser: bool, storage: str) -> None:
    from bot.settings import environment
    from demo.run import demo as start
    from demo.run import model_settings

    model = model_settings(environment())
    async with start(folder, port, 0, storage=storage, remind_every=30.0, **model) as running:
        typer.echo(f"Afternote's demo workspace: {running.url}")
        typer.echo(
            f"Drafts are written by       {model.get('AFTERNOTE_MODEL', 'the sorter (no language model is set)')}"
        )
        typer.echo(f"Everything it keeps is in   {folder}")
        typer.echo("Signed notes are filed in   " + str(folder / "filed-notes"))
        if running.filed_url:
            typer.echo(f"and on a FHIR server        {running.filed_url}")
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
    async with teams_demo(folder, 0, dialogs=False, remind_every=30.0, **model) as running:
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
        fail(["--role is all, web or worker."])
    settings = _settings()
    with _complaints():
        settings.require_chat()
    if role != "all" and settings.database_url.reveal().startswith("sqlite"):
        fail([f"--role {role} needs PostgreSQL (AFTERNOTE_DATABASE_URL): on SQLite everything is one process."])
    configure(settings.log_level)
    _guarded(_run(settings, role))


async def _run(settings: Any, role: Any) -> None:
    from bot.wiring import running

    async with running(settings, role) as started:
        names = ", ".join(hosted.desk.practice.name for hosted in started.practices.values())
        err.print(f"Afternote serves {names} at {started.url} ({role}).")
        await _until_stopped()


@app.command()
def check() -> None:
    """Look at settings, keys, practice file, model, Teams, database, storage, manifest; say what is wrong."""
    from bot.check import check_all

    settings = _settings()
    table = Table("", "what", "state", show_header=False, box=None, pad_edge=False)
    findings = asyncio.run(check_all(settings))
    for finding in findings:
        mark = "[green]ok[/]" if finding.ok else "[red]no[/]"
        table.add_row(mark, Text(finding.what), Text(finding.state))  # [adapter.x] is no markup
    out.print(table)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(USAGE)


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
    practice: PRACTICE = "",
) -> None:
    """What the language model took and cost, by note: figures and note ids, never text."""
    settings = _settings(practice)
    with _complaints():
        asyncio.run(_usage(settings, days))


async def _usage(settings: Any, days: int) -> None:
    from datetime import timedelta

    from bot.cards.elements import Heading, Remark, Sentence
    from bot.cards.usage import usage_card
    from bot.practices import the_practice
    from bot.wiring import SystemClock, open_desk
    from bot.workflows.count_usage import usage_since

    practice = the_practice(settings)
    desk = await open_desk(settings, practice, SystemClock())
    try:
        count = await usage_since(desk, desk.clock.now() - timedelta(days=days), practice.model.prices)
    finally:
        await desk.database.close()
    for element in usage_card(count.notes, count.prices, days).elements:
        if isinstance(element, Heading | Sentence | Remark):
            out.print(element.text, markup=False, highlight=False)


@app.command()
def formats(practice: PRACTICE = "") -> None:
    """List the note formats, with their sections and what auditors expect in them."""
    with _complaints():
        loaded = _load_formats(practice)
    table = Table("id", "name", "sections", "expected", box=None, pad_edge=False)
    for fmt in loaded.values():
        table.add_row(fmt.id, fmt.name, " / ".join(s.title for s in fmt.sections), ", ".join(fmt.required))
    out.print(table)


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
    practice: PRACTICE = "",
) -> None:
    """Draft a note in the terminal, without any chat: `afternote draft --format birp < summary.txt`."""
    from bot.domain.errors import UserMistake
    from bot.terminal import draft_as_json, print_draft

    with _complaints():
        loaded = _load_formats(practice)
    if format_id not in loaded:
        from bot.drafting.headline import nearest_format

        near = nearest_format(format_id, loaded)
        fail(
            [f"There is no format “{format_id}”." + (f" Did you mean {near}?" if near else " See `afternote formats`.")]
        )
    if sys.stdin.isatty():
        err.print("Type or paste the summary, then press Ctrl+D.")
    summary = sys.stdin.buffer.read().decode("utf-8", errors="replace")
    try:
        if as_json:
            typer.echo(draft_as_json(summary, loaded[format_id]))
        else:
            print_draft(out, summary, loaded[format_id])
    except UserMistake as mistake:
        fail([mistake.sentence])


@plans_app.command("import")
def plans_import(
    file: Annotated[Path, typer.Argument(help="Treatment plans, a JSON object a line.")],
    practice: PRACTICE = "",
) -> None:
    """Add treatment plans, or update those that are there. Nothing is imported unless all of the file is valid."""
    from bot.plans_command import import_file

    with _complaints():
        results = asyncio.run(import_file(_settings(practice), file))
    for result in results:
        kept = f" (not in the file, kept: {', '.join(result.kept)})" if result.kept else ""
        out.print(f"{result.client_code}  {result.outcome}{kept}", highlight=False)
    counts = [sum(each.outcome == word for each in results) for word in ("added", "changed", "unchanged")]
    out.print("{} added, {} changed, {} unchanged.".format(*counts), highlight=False)


@plans_app.command("list")
def plans_list(practice: PRACTICE = "") -> None:
    """List the plans: client, clinician, open goals, when the review is due. No clinical text."""
    from bot.plans_command import list_plans

    with _complaints():
        rows = asyncio.run(list_plans(_settings(practice)))
    table = Table("client", "clinician", "open goals", "review due", "", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    out.print(table if rows else "There are no plans yet. See `afternote plans import --help`.")


def _load_formats(practice: str) -> Any:
    """The formats of the practice when there is one here, else the built-in ones."""
    from bot.formats_file import load_formats
    from bot.practices import the_practice

    settings = _settings(practice)
    if not settings.practice_file.exists():
        return load_formats()
    return load_formats(the_practice(settings).formats_folder)


def _guarded(work: Coroutine[Any, Any, None]) -> None:
    with _complaints():
        try:
            asyncio.run(work)
        except KeyboardInterrupt:
            err.print("Stopped.")
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            fail(
                [f"{error.strerror or error}." + (" Choose another port (AFTERNOTE_PORT, or --port)." if taken else "")]
            )


async def _until_stopped() -> None:
    import signal

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
