"""A chart as both chats show it: which points, how a figure is written, and bars of text where nothing can be drawn."""

import math
from collections.abc import Sequence
from dataclasses import replace

from bot.cards import chart_words
from bot.cards.elements import Chart, ChartPoint

MOST_POINTS = 20  # what the chats draw; a phone shows the last ones best
_CELLS = 12  # of the longest bar, so that label, bar and figure fit the width of a phone
_BESIDE = 16  # characters of a label that still leave room for a bar on its line
_CELL, _NO_FIGURE = "▇", "–"
_SPACE = "\u00a0"  # a client may shrink several ordinary spaces to one


def latest(chart: Chart) -> Chart:
    """The chart with as many of its points as are shown."""
    return chart if len(chart.points) <= MOST_POINTS else replace(chart, points=chart.points[-MOST_POINTS:])


def beside(chart: Chart) -> tuple[str, ...]:
    """What is said below the chart: the figures in words, and that older ones are left out."""
    shown = latest(chart)
    left_out = chart_words.LATEST.format(shown=len(shown.points), all=len(chart.points))
    return tuple(said for said in (chart.alt, left_out if shown is not chart else "") if said)


def text_lines(chart: Chart) -> tuple[str, ...]:
    """A line for each point: label, bar, figure. Long labels have a line of their own. Meant for a monospaced font."""
    points = latest(chart).points
    if not points:
        return (chart_words.NO_FIGURES,)
    width = max(len(point.label) for point in points)
    most = max((point.value for point in points if math.isfinite(point.value)), default=0.0)
    if width > _BESIDE:
        return tuple(line for point in points for line in (point.label, _bar(point, most)))
    return tuple(f"{point.label}{_SPACE * (width - len(point.label) + 1)}{_bar(point, most)}" for point in points)


def can_be_drawn(points: Sequence[ChartPoint]) -> bool:
    """Whether there is something to draw, and every figure is one."""
    return bool(points) and all(math.isfinite(point.value) for point in points)


def figure(value: float) -> str:
    """How a person reads it: whole, or with one decimal."""
    if not math.isfinite(value):
        return _NO_FIGURE
    rounded = round(value, 1)
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.1f}"


def number(value: float) -> int | float:
    """The figure as JSON, rounded as a person reads it."""
    rounded = round(value, 1)
    return int(rounded) if rounded == int(rounded) else rounded


def _bar(point: ChartPoint, most: float) -> str:
    """Any figure above nothing has a cell at least."""
    cells = max(1, round(_CELLS * point.value / most)) if math.isfinite(point.value) and point.value > 0 else 0
    return f"{_CELL * cells}{_SPACE if cells else ''}{figure(point.value)}"
