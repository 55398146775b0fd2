"""`afternote sessions …`: bring in the sessions of a calendar, and say of each odd row what became of it."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli_parts import PRACTICE, complaints, load_settings
from bot.console import err, out

if TYPE_CHECKING:
    from bot.workflows.import_sessions import ImportReport

sessions_app = typer.Typer(help="Sessions on the clinicians' lists.", no_args_is_help=True)


@sessions_app.command("import")
def sessions_import(
    source: Annotated[str, typer.Argument(help="A calendar (.ics), a table (.csv), or a calendar's https address.")],
    clinician: Annotated[str, typer.Option(help="Only this person's, by id; also rows that name nobody.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each row.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
    practice: PRACTICE = "",
) -> None:
    """Put the sessions of a calendar on the clinicians' lists. Importing the same again changes nothing."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from bot.sessions_command import imported

    settings = load_settings(practice)
    columns = SpinnerColumn(), TextColumn("{task.completed} rows"), TimeElapsedColumn()
    with complaints(), Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("rows", total=None)
        read = imported(
            settings, source, clinician, keep=not dry_run, progress=lambda done: bar.update(task, completed=done)
        )
        report = asyncio.run(read)
    if as_json:
        typer.echo(json.dumps(_as_json(report)))
    else:
        _print(report, dry_run=dry_run)


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
