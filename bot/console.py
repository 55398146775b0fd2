"""Where the command line writes: tables to standard output, problems to standard error with exit code 2."""

from typing import NoReturn

import typer
from rich.console import Console

out = Console()
err = Console(stderr=True, highlight=False)
USAGE = 2


def fail(problems: list[str]) -> NoReturn:
    """Every problem on a line of its own, and the end."""
    for problem in problems:
        err.print(problem, style="red", markup=False)
    raise typer.Exit(USAGE)
