"""Says what is wrong with an Adaptive Card, by the 1.5 schema and by what Teams does with it.

Knows the elements this product uses, and no others: `TextBlock` is missing on purpose, since it reads Markdown.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from demo.schema import (
    Check,
    Problems,
    anything,
    array,
    boolean,
    fields,
    integer,
    number,
    one_of,
    string,
    typed,
    worded,
)

MOST_BYTES = 25 * 1024
MOST_ACTIONS = 6
PEOPLE_OF_TENANT = "graph.microsoft.com/users"
_NEVER_DATA = {"action", "note", "item", "form", "context", "page", "close", "msteams"}
_TEXT, _SOME = string(), string(least=1)


def check_card(card: Any) -> list[str]:
    """What keeps a card from being shown, or from being used as it is meant; empty when all is well."""
    problems: Problems = []
    _CARD(card, "", problems)
    if not problems:
        _check_ids(card, problems)
        _check_targets(card, problems)
        size = len(json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode())
        if size > MOST_BYTES:
            problems.append((f"has {size} bytes, more than {MOST_BYTES}", ""))
    return worded(problems)


def parts_of(card: Any, inside_fallbacks: bool = False) -> Iterator[dict[str, Any]]:
    """Everything in a card that has a type."""
    if isinstance(card, dict):
        if "type" in card:
            yield card
        for name, value in card.items():
            if name != "data" and (inside_fallbacks or name != "fallback"):
                yield from parts_of(value, inside_fallbacks)
    elif isinstance(card, list):
        for value in card:
            yield from parts_of(value, inside_fallbacks)


def inputs_of(card: Any) -> Iterator[dict[str, Any]]:
    """Its inputs."""
    return (part for part in parts_of(card) if part["type"].startswith("Input."))


def actions_of(card: Any) -> Iterator[dict[str, Any]]:
    """Its buttons; what an older client shows instead of one is left out."""
    return (part for part in parts_of(card) if part["type"].startswith("Action."))


def _check_ids(card: Any, problems: Problems) -> None:
    counted = Counter(part["id"] for part in parts_of(card) if "id" in part)
    problems.extend((f"id used {count} times: {name}", "") for name, count in counted.items() if count > 1)
    taken = _NEVER_DATA & {part["id"] for part in inputs_of(card)}
    problems.extend((f"an input would overwrite what its button sends: {name}", "") for name in sorted(taken))


def _check_targets(card: Any, problems: Problems) -> None:
    known = {part["id"] for part in parts_of(card) if "id" in part}
    for part in actions_of(card):
        for target in part.get("targetElements", ()):
            if target["elementId"] not in known:
                problems.append((f"shows or hides what is not there: {target['elementId']}", ""))


def _later(name: str) -> Check:
    """Elements hold elements: looked up when used."""

    def check(value: Any, at: str, problems: Problems) -> None:
        {"element": _ELEMENT, "action": _ACTION}[name](value, at, problems)

    return check


def _choice_is_offered(block: dict[str, Any], at: str, problems: Problems) -> None:
    chosen = block.get("value", "").split(",") if block.get("isMultiSelect") else [block.get("value", "")]
    offered = {choice["value"] for choice in block["choices"]}
    if not block["choices"] and block.get("choices.data", {}).get("dataset") != PEOPLE_OF_TENANT:
        problems.append(("offers nothing", at))
    problems.extend((f"chosen but not offered: {value}", at) for value in chosen if value and value not in offered)


def _asks_with_reason(block: dict[str, Any], at: str, problems: Problems) -> None:
    if block.get("isRequired") and not block.get("errorMessage"):
        problems.append(("is required without an errorMessage", at))


def _within_its_length(block: dict[str, Any], at: str, problems: Problems) -> None:
    if len(block.get("value", "")) > block["maxLength"]:
        problems.append(("holds more than its maxLength", at))


_SPACING = one_of("None", "Small", "Default", "Medium", "Large", "ExtraLarge")
_COLOR = one_of("Default", "Accent", "Good", "Warning", "Attention")
_EVERY = {"type": _SOME, "spacing": _SPACING, "separator": boolean, "isVisible": boolean}
_ELEMENTS = array(_later("element"), 1)
_RUN = fields(
    {"type": one_of("TextRun"), "text": _SOME},
    {
        "weight": one_of("Lighter", "Default", "Bolder"),
        "size": one_of("Small", "Default", "Medium", "Large", "ExtraLarge"),
        "fontType": one_of("Default", "Monospace"),
        "color": _COLOR,
        "isSubtle": boolean,
    },
)
_COLUMN = fields(
    {"type": one_of("Column"), "width": one_of("auto", "stretch"), "items": _ELEMENTS},
    {"spacing": _SPACING, "verticalContentAlignment": one_of("Top", "Center", "Bottom")},
)
_POINTS = array(fields({"x": _SOME, "y": number}), 1)
_LINE = fields({"legend": _SOME, "values": _POINTS}, {"color": _SOME})
_CHART = {"title": _SOME, "fallback": _later("element")}  # a client without charts shows what stands in `fallback`
_CHOICE = fields({"title": _SOME, "value": _SOME})
_DATE, _TIME = string(pattern=r"\d{4}-\d\d-\d\d"), string(pattern=r"\d\d:\d\d")
_BUTTON = {"type": _SOME, "title": _SOME}
_STYLED = {"id": _SOME, "style": one_of("default", "positive", "destructive")}
_SENDS = {"data": anything, "associatedInputs": one_of("auto", "none")}
_SUBMIT = fields({**_BUTTON, "data": anything}, {**_STYLED, **_SENDS})


def _input(need: dict[str, Check] | None = None, may: dict[str, Check] | None = None, rules: Any = ()) -> Check:
    needed = {"type": _SOME, "id": _SOME, "label": _SOME, **(need or {})}
    own = {"isRequired": boolean, "errorMessage": _SOME, **(may or {})}
    return fields(needed, {**_EVERY, **own}, (_asks_with_reason, *rules))


_ACTION = typed(
    {
        "Action.Submit": fields({**_BUTTON, "id": _SOME, "data": anything}, {**_STYLED, **_SENDS}),
        "Action.Execute": fields(
            {**_BUTTON, "id": _SOME, "verb": _SOME, "data": anything, "fallback": _SUBMIT}, {**_STYLED, **_SENDS}
        ),
        "Action.ToggleVisibility": fields(
            {**_BUTTON, "id": _SOME, "targetElements": array(fields({"elementId": _SOME, "isVisible": boolean}), 1)},
            _STYLED,
        ),
    }
)
_ACTIONS = array(_later("action"), 1, MOST_ACTIONS)
_ELEMENT = typed(
    {
        "RichTextBlock": fields({"inlines": array(_RUN, 1)}, _EVERY),
        "Container": fields({"items": _ELEMENTS}, {**_EVERY, "id": _SOME, "style": one_of("default", "emphasis")}),
        "ColumnSet": fields({"columns": array(_COLUMN, 1, 3)}, _EVERY),
        "Chart.VerticalBar": fields(
            {"data": _POINTS, **_CHART}, {**_EVERY, "color": _SOME, "showBarValues": boolean, "yAxisTitle": _SOME}
        ),
        "Chart.Line": fields({"data": array(_LINE, 1), **_CHART}, {**_EVERY, "yAxisTitle": _SOME}),
        "ActionSet": fields({"actions": _ACTIONS}, _EVERY),
        "Input.Text": _input(
            {"maxLength": integer(1)},
            {"isMultiline": boolean, "placeholder": _SOME, "value": _SOME},
            (_within_its_length,),
        ),
        "Input.Number": _input(may={"min": integer(), "max": integer(), "value": integer()}),
        "Input.Date": _input(may={"value": _DATE}),
        "Input.Time": _input(may={"value": _TIME}),
        "Input.ChoiceSet": _input(
            {"choices": array(_CHOICE)},
            {
                "isMultiSelect": boolean,
                "style": one_of("compact", "expanded", "filtered"),
                "wrap": boolean,
                "placeholder": _SOME,
                "value": _TEXT,
                "choices.data": fields({"type": one_of("Data.Query"), "dataset": _SOME}),
            },
            (_choice_is_offered,),
        ),
    }
)
_CARD = fields(
    {
        "type": one_of("AdaptiveCard"),
        "version": one_of("1.5"),
        "lang": one_of("en"),
        "speak": _SOME,
        "fallbackText": _SOME,
        "msteams": fields({"width": one_of("Full")}),
        "body": _ELEMENTS,
    },
    {"actions": _ACTIONS},
)
