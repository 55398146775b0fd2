"""What a benchmark hands back, and how it is printed: tables for people, one JSON object for programs."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

_WIDTH = 140  # where there is no terminal to ask


@dataclass(slots=True)
class Report:
    """Tables, remarks, the figures as JSON, and whether everything that must hold did."""

    figures: dict[str, Any]
    tables: list[Table] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    held: bool = True

    def show(self, as_json: bool) -> None:
        """Print it; with `as_json` the figures come on the last line."""
        console = Console(highlight=False)
        if not console.is_terminal:
            console = Console(highlight=False, width=_WIDTH)
        for table in self.tables:
            console.print(table)
        for remark in self.remarks:
            console.print(remark, markup=False, soft_wrap=True)
        if as_json:
            print(json.dumps(self.figures))


def table(title: str, *header: str) -> Table:
    """An empty table: the first column holds names, the others numbers."""
    made = Table(title=title, box=None, pad_edge=False, title_justify="left", min_width=len(title))
    for number, name in enumerate(header):
        made.add_column(name, justify="right" if number else "left")
    return made


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of all values do not exceed; NaN for none."""
    if not values:
        return math.nan
    rank = math.ceil(percent / 100 * len(values))
    return sorted(values)[max(0, rank - 1)]


def spread(values: Sequence[float], places: int = 2) -> dict[str, float]:
    """p50, p99 and the greatest, rounded."""
    wanted = {"p50": 50.0, "p99": 99.0, "max": 100.0}
    return {name: round(percentile(values, percent), places) for name, percent in wanted.items()}


def verdict(met: bool) -> str:
    """How an aim is reported."""
    return "aim met" if met else "aim missed"
