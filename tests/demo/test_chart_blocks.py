"""What Slack accepts and refuses of its charts, each refusal with its pointer."""

from typing import Any

import pytest

from demo.blockkit import check_message, check_view
from tests.demo.bolt_bot import plain

Block = dict[str, Any]


def drawing(kind: str, *series: Block, categories: tuple[str, ...] = ("Mon", "Tue"), **more: Any) -> Block:
    chart = {"type": kind, "series": list(series), "axis_config": {"categories": list(categories), **more}}
    return {"type": "data_visualization", "title": "T" * 50, "chart": chart}


def figures(name: str = "notes", **values: Any) -> Block:
    return {"name": name, "data": [{"label": label, "value": value} for label, value in values.items()]}


def pie(*segments: Block) -> Block:
    return {"type": "data_visualization", "title": "T", "chart": {"type": "pie", "segments": list(segments)}}


TWO = figures(Mon=-1, Tue=2.5)
WEEKS = {f"w{number}": number for number in range(20)}
CHARTS = [
    drawing("line", TWO, x_label="x" * 50, y_label="y" * 50),
    drawing("area", TWO, figures("n" * 20, Tue=0, Mon=0)),
    drawing("bar", figures(**WEEKS), categories=tuple(WEEKS)),
    pie({"label": "l" * 20, "value": 0.1}),
]
NO_CHARTS = [
    ({**CHARTS[0], "title": "T" * 51}, "/title"),
    ({**CHARTS[0], "title": ""}, "/title"),
    (drawing("radar", TWO), "/chart/type"),
    (drawing("line"), "/chart/series"),
    (drawing("line", TWO, categories=("Mon", "Tue", "Wed")), "/chart/series/0/data"),
    (drawing("line", TWO, categories=("Mon", "Tue", "Tue")), "/chart/axis_config/categories"),
    (drawing("line", TWO, TWO), "/chart/series"),
    (drawing("line", figures("n" * 21, Mon=1, Tue=1)), "/chart/series/0/name"),
    (drawing("line", figures(Mon="1", Tue=1)), "/chart/series/0/data/0/value"),
    (drawing("line", figures(Mon=float("nan"), Tue=1)), "/chart/series/0/data/0/value"),
    (drawing("line", TWO, y_label="y" * 51), "/chart/axis_config/y_label"),
    (drawing("line", figures(**{"l" * 21: 1}), categories=("l" * 21,)), "/chart/axis_config/categories/0"),
    (drawing("bar", figures(**WEEKS, more=1), categories=(*WEEKS, "more")), "/chart/axis_config/categories"),
    (pie({"label": "l", "value": 0}), "/chart/segments/0/value"),
]


def test_charts_within_slacks_limits_pass_in_a_message_two_at_a_time() -> None:
    assert [check_message([chart]) for chart in CHARTS] == [[]] * len(CHARTS)
    assert check_message([CHARTS[0], CHARTS[1]]) == []
    assert check_message([CHARTS[0]] * 3) == [
        "[ERROR] no more than 2 data_visualization blocks allowed [json-pointer:/blocks]"
    ]


@pytest.mark.parametrize(("block", "at"), NO_CHARTS)
def test_charts_beyond_them_are_refused_with_a_pointer(block: Block, at: str) -> None:
    assert any(problem.endswith(f"[json-pointer:/blocks/0{at}]") for problem in check_message([block]))


@pytest.mark.parametrize("surface", ["modal", "home"])
def test_charts_stand_in_messages_only(surface: str) -> None:
    view = {"type": surface, "title": plain("T"), "blocks": [CHARTS[0]]}
    assert "unsupported type: data_visualization" in str(check_view(view))
