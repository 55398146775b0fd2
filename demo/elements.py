"""Block Kit's composition objects and interactive elements, and which element goes into which block."""

from typing import Any

from demo.richtext import KIND, RICH_TEXT
from demo.schema import (
    Check,
    Problems,
    anything,
    array,
    boolean,
    either,
    exactly_one,
    fields,
    integer,
    one_of,
    string,
    typed,
    union,
)

DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
TIME = r"([01]\d|2[0-3]):[0-5]\d"
URL = r"[a-zA-Z][\w+.-]*:.+"


def plain(most: int = 3000) -> Check:
    """A `plain_text` object."""
    return typed({"plain_text": fields({**KIND, "text": string(most, 1)}, {"emoji": boolean})})


def mrkdwn(most: int = 3000) -> Check:
    """A `mrkdwn` object."""
    return typed({"mrkdwn": fields({**KIND, "text": string(most, 1)}, {"verbatim": boolean})})


def text(most: int = 3000) -> Check:
    """Either kind of text object."""
    return union(
        typed(
            {
                "plain_text": fields({**KIND, "text": string(most, 1)}, {"emoji": boolean}),
                "mrkdwn": fields({**KIND, "text": string(most, 1)}, {"verbatim": boolean}),
            }
        )
    )


CONFIRM = fields(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
SLACK_FILE = fields({}, {"id": string(least=1), "url": string(3000, 1)}, [exactly_one("id", "url")])
IMAGE = fields(
    {**KIND, "alt_text": string(2000)},
    {"image_url": string(3000, 1, URL), "slack_file": SLACK_FILE},
    [exactly_one("image_url", "slack_file")],
)
DISPATCH = fields({}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 1, 2)})

ACTION = {**KIND}
ACTION_MAY: dict[str, Check] = {"action_id": string(255)}
FOCUS = {"focus_on_load": boolean}
PLACEHOLDER = {"placeholder": plain(150)}
CONFIRMED = {"confirm": CONFIRM}


def option(label: Check) -> Check:
    """One option; only checkboxes and radio buttons may format their labels."""
    return fields({"text": label, "value": string(150)}, {"description": label, "url": string(3000)})


PLAIN_OPTION = option(plain(75))
FORMATTED_OPTION = option(text(75))
GROUP = fields({"label": plain(75), "options": array(PLAIN_OPTION, 1, 100)})


def _initial_among_options(element: dict[str, Any], at: str, problems: Problems) -> None:
    groups = element.get("option_groups") or [{"options": element.get("options", [])}]
    offered = [(each["text"]["text"], each["value"]) for group in groups for each in group["options"]]
    wanted = [("initial_option", element["initial_option"])] if "initial_option" in element else []
    wanted += [(f"initial_options/{i}", each) for i, each in enumerate(element.get("initial_options", []))]
    problems.extend(
        ("must match one of the provided options", f"{at}/{name}")
        for name, each in wanted
        if (each["text"]["text"], each["value"]) not in offered
    )


def _initial_length(element: dict[str, Any], at: str, problems: Problems) -> None:
    size, most, least = len(element.get("initial_value", "")), element.get("max_length"), element.get("min_length", 0)
    if most is not None and least > most:
        problems.append(("`min_length` must not be greater than `max_length`", f"{at}/min_length"))
    if most is not None and size > most:
        problems.append((f"must be less than {most + 1} characters", f"{at}/initial_value"))
    if 0 < size < least:
        problems.append((f"must be more than {least - 1} characters", f"{at}/initial_value"))


def _select(extra: dict[str, Check], needed: dict[str, Check] | None = None, **options: Any) -> Check:
    may = {**ACTION_MAY, **PLACEHOLDER, **CONFIRMED, **FOCUS, **extra}
    return fields({**ACTION, **(needed or {})}, may, options.get("rules", ()))


def _selects(name: str, single: dict[str, Check], several: dict[str, Check], **options: Any) -> dict[str, Check]:
    limit = {"max_selected_items": integer(1)}
    return {
        f"{name}_select": _select(single, **options),
        f"multi_{name}_select": _select({**several, **limit}, **options),
    }


FILTER = fields(
    {},
    {
        "include": array(one_of("im", "mpim", "private", "public"), 1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    [either("include", "exclude_external_shared_channels", "exclude_bot_users")],
)
CHOICES: dict[str, Check] = {"options": array(PLAIN_OPTION, 1, 100), "option_groups": array(GROUP, 1, 100)}
STATIC_RULES = [exactly_one("options", "option_groups"), _initial_among_options]
IDS = array(string(least=1))
TO_CONVERSATION = {"default_to_current_conversation": boolean, "filter": FILTER}

SELECTS: dict[str, Check] = {
    **_selects(
        "static",
        {**CHOICES, "initial_option": PLAIN_OPTION},
        {**CHOICES, "initial_options": array(PLAIN_OPTION, 1, 100)},
        rules=STATIC_RULES,
    ),
    **_selects(
        "external",
        {"initial_option": PLAIN_OPTION, "min_query_length": integer(0)},
        {"initial_options": array(PLAIN_OPTION, 1, 100), "min_query_length": integer(0)},
    ),
    **_selects("users", {"initial_user": string(least=1)}, {"initial_users": IDS}),
    **_selects(
        "conversations",
        {"initial_conversation": string(least=1), "response_url_enabled": boolean, **TO_CONVERSATION},
        {"initial_conversations": IDS, **TO_CONVERSATION},
    ),
    **_selects(
        "channels",
        {"initial_channel": string(least=1), "response_url_enabled": boolean},
        {"initial_channels": IDS},
    ),
}


def _buttons(least: int, label: Check, initial: dict[str, Check]) -> Check:
    needed = {"options": array(option(label), least, 10)}
    return fields({**ACTION, **needed}, {**ACTION_MAY, **CONFIRMED, **FOCUS, **initial}, [_initial_among_options])


def _typed_in(value: Check, extra: dict[str, Check] | None = None, needed: dict[str, Check] | None = None) -> Check:
    may = {**ACTION_MAY, **PLACEHOLDER, **FOCUS, "initial_value": value, "dispatch_action_config": DISPATCH}
    return fields({**ACTION, **(needed or {})}, {**may, **(extra or {})}, [_initial_length])


def _picker(initial: str, value: Check, **extra: Check) -> Check:
    return fields(ACTION, {**ACTION_MAY, **CONFIRMED, **FOCUS, initial: value, **extra})


NUMBER = string(pattern=r"-?\d+(\.\d+)?")
FEEDBACK = fields({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})

ELEMENTS: dict[str, Check] = {
    **SELECTS,
    "image": IMAGE,
    "button": fields(
        {**ACTION, "text": plain(75)},
        {
            **ACTION_MAY,
            **CONFIRMED,
            "url": string(3000, 1, URL),
            "value": string(2000),
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
        },
    ),
    "workflow_button": fields(
        {**ACTION, "text": plain(75), "workflow": anything},
        {**ACTION_MAY, "style": one_of("primary", "danger"), "accessibility_label": string(75)},
    ),
    "overflow": fields({**ACTION, "options": array(PLAIN_OPTION, 1, 5)}, {**ACTION_MAY, **CONFIRMED}),
    "radio_buttons": _buttons(1, text(75), {"initial_option": FORMATTED_OPTION}),
    "checkboxes": _buttons(1, text(75), {"initial_options": array(FORMATTED_OPTION, 1, 10)}),
    "datepicker": _picker("initial_date", string(pattern=DATE), **PLACEHOLDER),
    "timepicker": _picker("initial_time", string(pattern=TIME), **PLACEHOLDER, timezone=string(least=1)),
    "datetimepicker": _picker("initial_date_time", integer(1_000_000_000, 9_999_999_999)),
    "plain_text_input": _typed_in(
        string(3000), {"multiline": boolean, "min_length": integer(0, 3000), "max_length": integer(1, 3000)}
    ),
    "email_text_input": _typed_in(string()),
    "url_text_input": _typed_in(string()),
    "number_input": _typed_in(NUMBER, {"min_value": NUMBER, "max_value": NUMBER}, {"is_decimal_allowed": boolean}),
    "rich_text_input": fields(
        ACTION,
        {
            **ACTION_MAY,
            **PLACEHOLDER,
            **FOCUS,
            "initial_value": typed({"rich_text": RICH_TEXT}),
            "dispatch_action_config": DISPATCH,
        },
    ),
    "file_input": fields(ACTION, {**ACTION_MAY, "filetypes": array(string(least=1)), "max_files": integer(1, 10)}),
    "feedback_buttons": fields({**ACTION, "positive_button": FEEDBACK, "negative_button": FEEDBACK}, ACTION_MAY),
    "icon_button": fields(
        {**ACTION, "icon": one_of("trash"), "text": plain(75)},
        {
            **ACTION_MAY,
            **CONFIRMED,
            "value": string(2000),
            "accessibility_label": string(75),
            "visible_to_user_ids": array(string(), 0, 10),
        },
    ),
}

_SINGLE = ("static_select", "external_select", "users_select", "conversations_select", "channels_select")
_SEVERAL = tuple(f"multi_{name}" for name in _SINGLE)
_CLICKED = ("button", "workflow_button", "overflow")
_CHOSEN = ("radio_buttons", "checkboxes", "datepicker", "timepicker")
_TYPED = ("plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input")


def _pick(*names: str) -> Check:
    return typed({name: ELEMENTS[name] for name in names})


IN_SECTION = _pick("image", *_CLICKED, *_CHOSEN, *_SINGLE, *_SEVERAL)
IN_ACTIONS = _pick(*_CLICKED, *_CHOSEN, *_SINGLE, "datetimepicker")
IN_INPUT = _pick(*_TYPED, *_CHOSEN, *_SINGLE, *_SEVERAL, "datetimepicker")
IN_CONTEXT = typed(
    {
        "image": IMAGE,
        "plain_text": fields({**KIND, "text": string(3000, 1)}, {"emoji": boolean}),
        "mrkdwn": fields({**KIND, "text": string(3000, 1)}, {"verbatim": boolean}),
    }
)
IN_CONTEXT_ACTIONS = _pick("feedback_buttons", "icon_button")
