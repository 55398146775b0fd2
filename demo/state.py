"""What a person has entered: `state.values` by block_id and action_id, per element type, kept over updates."""

import copy
import re
from collections.abc import Callable
from typing import Any

from demo.blockkit import all_blocks, elements_of

Blocks = list[dict[str, Any]]
Values = dict[str, dict[str, dict[str, Any]]]

# element type: (field of the entered value, field of the initial value, what it holds when nothing is entered)
STATEFUL: dict[str, tuple[str, str, Any]] = {
    "plain_text_input": ("value", "initial_value", None),
    "email_text_input": ("value", "initial_value", None),
    "url_text_input": ("value", "initial_value", None),
    "number_input": ("value", "initial_value", None),
    "rich_text_input": ("rich_text_value", "initial_value", None),
    "file_input": ("files", "", []),
    "static_select": ("selected_option", "initial_option", None),
    "external_select": ("selected_option", "initial_option", None),
    "users_select": ("selected_user", "initial_user", None),
    "conversations_select": ("selected_conversation", "initial_conversation", None),
    "channels_select": ("selected_channel", "initial_channel", None),
    "multi_static_select": ("selected_options", "initial_options", []),
    "multi_external_select": ("selected_options", "initial_options", []),
    "multi_users_select": ("selected_users", "initial_users", []),
    "multi_conversations_select": ("selected_conversations", "initial_conversations", []),
    "multi_channels_select": ("selected_channels", "initial_channels", []),
    "datepicker": ("selected_date", "initial_date", None),
    "timepicker": ("selected_time", "initial_time", None),
    "datetimepicker": ("selected_date_time", "initial_date_time", None),
    "radio_buttons": ("selected_option", "initial_option", None),
    "checkboxes": ("selected_options", "initial_options", []),
}
FORMS = {
    "email_text_input": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "Please enter an email address."),
    "url_text_input": (r"https?://\S+", "Please enter a link."),
}


def identified(blocks: Blocks, new_id: Callable[[], str]) -> Blocks:
    """A copy in which every block has a block_id and every interactive element an action_id, as Slack assigns them."""
    named = copy.deepcopy(blocks)
    for _, block in all_blocks(named):
        if not block.get("block_id"):
            block["block_id"] = new_id()
        for _, element in elements_of(block):
            if element.get("type") != "image" and not element.get("action_id"):
                element["action_id"] = new_id()
    return named


def initial(element: dict[str, Any]) -> dict[str, Any]:
    """What an element holds before anyone has touched it."""
    name, start, empty = STATEFUL[element["type"]]
    return {"type": element["type"], name: copy.deepcopy(element.get(start, empty))}


def fresh(blocks: Blocks, kept: Values | None = None) -> Values:
    """The state of these blocks: what `kept` holds for the same ids and type, initial values for the rest."""
    values: Values = {}
    for _, block in all_blocks(blocks):
        for _, element in elements_of(block):
            if element["type"] in STATEFUL:
                held = (kept or {}).get(block["block_id"], {}).get(element["action_id"])
                if held is None or held["type"] != element["type"]:
                    held = initial(element)
                values.setdefault(block["block_id"], {})[element["action_id"]] = held
    return values


def merged(values: Values, entered: Values) -> Values:
    """`values` with what a client reports; ids and fields that the blocks do not have are ignored."""
    result = copy.deepcopy(values)
    for block_id, actions in entered.items():
        for action_id, entry in actions.items():
            held = result.get(block_id, {}).get(action_id)
            if held is not None:
                name = STATEFUL[held["type"]][0]
                held[name] = entry.get(name, held[name])
    return result


def find(blocks: Blocks, action_id: str, block_id: str | None = None) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The block and element with this action_id (in the named block, where one is named)."""
    for _, block in all_blocks(blocks):
        for _, element in elements_of(block):
            if element.get("action_id") == action_id and block_id in (None, block["block_id"]):
                return block, element
    return None


def missing(blocks: Blocks, values: Values) -> dict[str, str]:
    """What Slack's client itself says before it sends a submission: the required and length-bound inputs."""
    errors: dict[str, str] = {}
    for _, block in all_blocks(blocks):
        if block["type"] == "input" and block["element"]["type"] in STATEFUL:
            element = block["element"]
            held = values[block["block_id"]][element["action_id"]]
            problem = _entry_problem(held[STATEFUL[element["type"]][0]], element, bool(block.get("optional")))
            if problem:
                errors[block["block_id"]] = problem
    return errors


def _entry_problem(entered: Any, element: dict[str, Any], optional: bool) -> str | None:
    if entered in (None, "", []):
        return None if optional else "Please complete this required field."
    if isinstance(entered, str) and len(entered) > element.get("max_length", 3000):
        return f"Please limit this to {element.get('max_length', 3000)} characters."
    if isinstance(entered, str) and len(entered) < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    if element["type"] in FORMS and not re.fullmatch(FORMS[element["type"]][0], str(entered)):
        return FORMS[element["type"]][1]
    return _number_problem(entered, element) if element["type"] == "number_input" else None


def _number_problem(entered: str, element: dict[str, Any]) -> str | None:
    try:
        number = float(entered)
    except ValueError:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and not number.is_integer():
        return "Please enter a whole number."
    if number < float(element.get("min_value", number)) or number > float(element.get("max_value", number)):
        return "This number is out of range."
    return None
