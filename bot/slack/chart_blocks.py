"""A chart as Block Kit: Slack's own chart in a message, bars of text elsewhere and where Slack would refuse it."""

from typing import Any

from bot.cards.charts import beside, can_be_drawn, latest, number, text_lines
from bot.cards.elements import Chart

Block = dict[str, Any]
MOST_DRAWN = 2  # in one message; Slack refuses a third
_TITLE, _LABEL = 50, 20


def slack_draws(chart: Chart) -> bool:
    """Whether the chart is within the limits of Slack's own chart block."""
    labels = [point.label for point in latest(chart).points]
    short = 0 < len(chart.title) <= _TITLE and len(chart.unit) <= _LABEL
    named = all(0 < len(label) <= _LABEL for label in labels) and len(set(labels)) == len(labels)
    return short and named and can_be_drawn(latest(chart).points)


def render_chart(chart: Chart, drawn: bool) -> list[Block]:
    """The chart, and below it the same figures in words: Slack's chart has no text for screen readers of its own.

    `drawn`: as Slack's own chart. That needs `slack_draws`, a message, and no more than two of them in it.
    """
    picture = _drawn(latest(chart)) if drawn else _in_text(chart)
    said = [{"type": "plain_text", "text": text[:3000], "emoji": False} for text in beside(chart)]
    return [picture, {"type": "context", "elements": said}] if said else [picture]


def _drawn(chart: Chart) -> Block:
    data = [{"label": point.label, "value": number(point.value)} for point in chart.points]
    axes: Block = {"categories": [point.label for point in chart.points]}
    axes |= {"y_label": chart.unit} if chart.unit else {}
    series = {"name": chart.unit or chart.title[:_LABEL], "data": data}
    kind = {"bars": "bar", "line": "line"}[chart.kind.value]
    return {
        "type": "data_visualization",
        "title": chart.title,
        "chart": {"type": kind, "series": [series], "axis_config": axes},
    }


def _in_text(chart: Chart) -> Block:
    """Rich text parses nothing."""
    title: list[Block] = [{"type": "text", "text": chart.title, "style": {"bold": True}}] if chart.title else []
    title += [{"type": "text", "text": f" ({chart.unit})"}] if chart.unit else []
    head: list[Block] = [{"type": "rich_text_section", "elements": title}] if title else []
    bars = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "\n".join(text_lines(chart))}]}
    return {"type": "rich_text", "elements": [*head, bars]}
