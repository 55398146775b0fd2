"""Slack's `data_visualization` block: a pie, or bars, lines and areas over the same categories."""

from typing import Any

from demo.richtext import KIND
from demo.schema import Check, Problems, array, fields, number, string, typed

_NAME = string(20, 1)
_POINT = fields({"label": _NAME, "value": number})
_AXES = fields({"categories": array(_NAME, 1, 20)}, {"x_label": string(50), "y_label": string(50)})


def _every_category_once(chart: dict[str, Any], at: str, problems: Problems) -> None:
    categories = chart["axis_config"]["categories"]
    if len(set(categories)) != len(categories):
        problems.append(("categories must be unique", f"{at}/axis_config/categories"))
    for index, series in enumerate(chart["series"]):
        if sorted(point["label"] for point in series["data"]) != sorted(categories):
            problems.append(("labels must match the categories", f"{at}/series/{index}/data"))


def _names_are_unique(chart: dict[str, Any], at: str, problems: Problems) -> None:
    names = [series["name"] for series in chart["series"]]
    if len(set(names)) != len(names):
        problems.append(("series names must be unique", f"{at}/series"))


def _something_of_everything(chart: dict[str, Any], at: str, problems: Problems) -> None:
    problems.extend(
        ("must be greater than 0", f"{at}/segments/{index}/value")
        for index, segment in enumerate(chart["segments"])
        if segment["value"] <= 0
    )


_OVER_CATEGORIES: Check = fields(
    {
        **KIND,
        "series": array(fields({"name": _NAME, "data": array(_POINT, 1, 20)}), 1, 12),
        "axis_config": _AXES,
    },
    rules=[_every_category_once, _names_are_unique],
)
_PIE: Check = fields({**KIND, "segments": array(_POINT, 1, 12)}, rules=[_something_of_everything])

CHART: Check = fields(
    {
        **KIND,
        "title": string(50, 1),
        "chart": typed({"pie": _PIE, "bar": _OVER_CATEGORIES, "line": _OVER_CATEGORIES, "area": _OVER_CATEGORIES}),
    },
    {"block_id": string(255)},
)
