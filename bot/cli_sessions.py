"""`afternote sessions …`: bring in the sessions of a calendar, and say of each odd row what became of it."""

import asyncio
import datetime as dt
import json
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli_parts import PRACTICE, complaints, load_settings
from bot.console import err, out

if TYPE_CHECKING:
    from bot.workflows.import_sessions import ImportReport

_BEFORE, _AFTER = dt.timedelta(days=31), dt.timedelta(days=62)
sessions_app = typer.Typer(help="Sessions on the clinicians' lists.", no_args_is_help=True)


@sessions_app.command("import")
def sessions_import(
    source: Annotated[str, typer.Argument(help="A calendar (.ics), a table (.csv), its https address, or fhir.")],
    clinician: Annotated[str, typer.Option(help="Only this person's, by id; also rows that name nobody.")] = "",
    since: Annotated[
        str, typer.Option(help="With fhir: from this day on, as 2026-11-01; else of the last 31 days.")
    ] = "",
    until: Annotated[str, typer.Option(help="With fhir: before this day; else up to 62 days from now.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each row.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
    practice: PRACTICE = "",
) -> None:
    """Put the sessions of a calendar on the clinicians' lists. Importing the same again changes nothing."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from bot.sessions_command import from_record, imported

    settings = load_settings(practice)
    columns = SpinnerColumn(), TextColumn("{task.completed} rows"), TimeElapsedColumn()
    with complaints(), Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("rows", total=None)
        times = _days(source, since, until)

        def progress(done: int) -> None:
            bar.update(task, completed=done)

        if source == "fhir":
            read = from_record(settings, *times, clinician, keep=not dry_run, progress=progress)
        else:
            read = imported(settings, source, clinician, keep=not dry_run, progress=progress)
        report = asyncio.run(read)
    if as_json:
        typer.echo(json.dumps(_as_json(report)))
    else:
        _print(report, dry_run=dry_run)


def _days(source: str, since: str, until: str) -> tuple[dt.date, dt.date]:
    """The first day, and the one after the last. Raises UserMistake."""
    from bot.domain.errors import UserMistake

    if source != "fhir" and (since or until):
        raise UserMistake("no_days", "--since and --until are for fhir; a file is read whole.")
    try:
        first = dt.date.fromisoformat(since) if since else dt.datetime.now(dt.UTC).date() - _BEFORE
        last = dt.date.fromisoformat(until) if until else dt.datetime.now(dt.UTC).date() + _AFTER
    except ValueError:
        raise UserMistake("bad_day", "Write --since and --until as 2026-11-23.") from None
    if first >= last:
        raise UserMistake("bad_days", "--since has to be before --until.")
    return first, last


def _print(report: "ImportReport", *, dry_run: bool) -> None:
    for row in report.fates:
        out.print(
            f"row {row.line:>6}  {row.fate:<10} {row.about:<24} {row.sentence}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    counts = ", ".join(f"{count} {fate.replace('_', '-')}" for fate, count in sorted(report.counts.items()))
    said = f"{sum(report.counts.values())} rows: {counts or 'none'}; {report.overlaps} overlap with another session."
    out.print(said + (" Nothing was kept (--dry-run)." if dry_run else ""), highlight=False, soft_wrap=True)


def _as_json(report: "ImportReport") -> dict[str, object]:
    return {
        "counts": dict(report.counts),
        "overlaps": report.overlaps,
        "rows": [
            {"line": row.line, "fate": row.fate, "about": row.about, "sentence": row.sentence} for row in report.fates
        ],
    }
