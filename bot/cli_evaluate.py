"""`afternote evaluate …`: our judgement on labelled files, also a practice's own."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from bot.console import fail, out

evaluate_app = typer.Typer(help="Score Afternote's judgement on labelled files.", no_args_is_help=True)


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
        fail([f"{file.name}: a line lacks what samples have ({type(error).__name__}: {error})."])
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
        fail([f"{file.name} speaks of summaries: name their file with --summaries."])
    try:
        report = score(rows, _read_lines(summaries) if summaries else ())
    except (KeyError, TypeError, ValueError) as error:
        fail([f"{file.name}: a line lacks what samples have ({type(error).__name__}: {error})."])
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
        fail([f"{file.name}: a line lacks what samples have ({type(error).__name__})."])
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
    out.print(table)
    if as_json:
        typer.echo(json.dumps(report.as_json()))


def _read_lines(file: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    try:
        for line in file.read_text("utf-8").splitlines():
            if line.strip():
                rows.append(json.loads(line))
    except OSError as error:
        fail([f"{file}: {error.strerror}."])
    except ValueError:
        fail([f"{file.name}: line {len(rows) + 1} is not JSON."])
    return rows
