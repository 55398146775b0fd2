"""A chart as an Adaptive Card shows it: Teams' own chart, bars of text in clients that have none, and the words."""

from collections.abc import Iterator
from typing import Any

from bot.cards.charts import beside, can_be_drawn, latest, number, text_lines
from bot.cards.elements import Chart, ChartKind

Block = dict[str, Any]


def render_chart(chart: Chart) -> Iterator[Block]:
    """The chart, and below it the same figures in words, which is what a screen reader is sure to find."""
    shown = latest(chart)
    yield _drawn(shown) | {"fallback": _in_text(chart)} if can_be_drawn(shown.points) else _in_text(chart)
    yield from (_rich(text, isSubtle=True, size="Small") | {"spacing": "Small"} for text in beside(chart))


def _drawn(chart: Chart) -> Block:
    points = [{"x": point.label, "y": number(point.value)} for point in chart.points]
    named: Block = {"title": chart.title} | ({"yAxisTitle": chart.unit} if chart.unit else {})
    if chart.kind is ChartKind.BARS:
        return {"type": "Chart.VerticalBar", **named, "color": "categoricalBlue", "showBarValues": True, "data": points}
    line = {"legend": chart.unit or chart.title, "color": "categoricalBlue", "values": points}
    return {"type": "Chart.Line", **named, "data": [line]}


def _in_text(chart: Chart) -> Block:
    title = f"{chart.title} ({chart.unit})" if chart.unit else chart.title
    items = [_rich(title, weight="Bolder")] if title else []
    items += [_rich(line, fontType="Monospace") | {"spacing": "None"} for line in text_lines(chart)]
    return {"type": "Container", "items": items}


def _rich(text: str, **style: object) -> Block:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}
