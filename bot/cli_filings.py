"""`afternote filings …`: what is not in the practice's storage yet, and what a person says or does about it."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from bot.cli_parts import PRACTICE, complaints, load_settings
from bot.console import err, fail, out

T = TypeVar("T")
_PICKED_UP = "A running service begins within half a minute; within five, if it has only just been trying."
_STATE = typer.Option("--state", help="pending, sending, stored, conflict, unknown or refused. May be given twice.")
_TARGET = typer.Option("--target", help="One place of practice.toml, by its name there.")
_NOTE = typer.Argument(help="The note's id, as its card shows it.")

filings_app = typer.Typer(help="What is not filed yet, and what to do about it.", no_args_is_help=True)


@filings_app.command("list")
def filings_list(
    state: Annotated[list[str] | None, _STATE] = None,
    target: Annotated[str, _TARGET] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what is stored.")] = False,
    practice: PRACTICE = "",
) -> None:
    """List signed notes that are not where they should be, with the reason in words. No clinical text."""
    from bot.filings_command import list_filings

    rows = _asked(list_filings(load_settings(practice), state or [], target, everything=everything))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width)
        out.print(line.rstrip(), markup=False, highlight=False, soft_wrap=True)
    if not rows:
        out.print("Everything that is signed is filed." if not (state or target) else "There is nothing like that.")


@filings_app.command("retry")
def filings_retry(
    note: Annotated[list[str] | None, typer.Argument(help="Ids of notes; all that wait when left out.")] = None,
    target: Annotated[str, _TARGET] = "",
    state: Annotated[list[str] | None, _STATE] = None,
    practice: PRACTICE = "",
) -> None:
    """Have notes sent again now: those that wait or were refused; a conflict only when it is named."""
    from bot.filings_command import retry_filings

    done, refused = _asked(retry_filings(load_settings(practice), note or [], target, state or []))
    for line in done:
        out.print(line, highlight=False, soft_wrap=True)
    said = f"{len(done)} to be sent again. {_PICKED_UP}" if done else "There is nothing to send again."
    out.print(said, soft_wrap=True)
    if refused:
        fail(refused)


@filings_app.command("there")
def filings_there(
    note: Annotated[str, _NOTE],
    target: Annotated[str, typer.Argument(help="The place where somebody looked.")],
    practice: PRACTICE = "",
) -> None:
    """Say that a note whose filing is unknown is there: somebody looked."""
    from bot.filings_command import answer
    from bot.workflows.answer_filing import Answer

    _asked(answer(load_settings(practice), note, target, Answer.THERE))
    out.print(
        f"{note} counts as filed in {target}, on your word. Its card says so when it is next shown.", soft_wrap=True
    )


@filings_app.command("absent")
def filings_absent(
    note: Annotated[str, _NOTE],
    target: Annotated[str, typer.Argument(help="The place where somebody looked.")],
    practice: PRACTICE = "",
) -> None:
    """Say that a note whose filing is unknown is not there, and have it sent again."""
    from bot.filings_command import answer
    from bot.workflows.answer_filing import Answer

    _asked(answer(load_settings(practice), note, target, Answer.ABSENT))
    out.print(f"{note} is to be sent to {target} again. {_PICKED_UP}", soft_wrap=True)


@filings_app.command("export")
def filings_export(
    file: Annotated[Path, typer.Option("--out", help="A file that is not there yet, .csv or .jsonl.")],
    practice: PRACTICE = "",
) -> None:
    """Write the whole ledger to a file. References may hold client codes, so only its owner may read it."""
    from bot.filings_command import export_filings

    count = _asked(export_filings(load_settings(practice), file))
    err.print(f"{count} filings are in {file}.", markup=False, soft_wrap=True)


def _asked(work: Coroutine[Any, Any, T]) -> T:
    """Run it; an operator's mistake becomes a sentence and exit code 2."""
    with complaints():
        return asyncio.run(work)
