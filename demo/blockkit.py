"""Says what Slack would refuse in the blocks of a message or in a view, as Slack says it.

The answer is a list of `[ERROR] … [json-pointer:…]` lines, empty when everything is in order.
"""

import json
from collections.abc import Iterator
from typing import Any

from demo.blocks import HOME, HOME_TOLERATED, MESSAGE, MODAL
from demo.schema import Problems, typed, union, worded

VIEW_BYTES = 250_000
MARKDOWN_PER_MESSAGE = 12_000
CHARTS_PER_MESSAGE = 2
NESTED = {"container": ("child_blocks",), "carousel": ("elements",)}
CHILDREN = {"actions": "elements", "context_actions": "elements", "card": "actions"}


def elements_of(block: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The interactive elements of a block, each with its pointer relative to the block."""
    kind = str(block.get("type", ""))
    if kind == "section" and isinstance(block.get("accessory"), dict):
        yield "/accessory", block["accessory"]
    elif kind == "input" and isinstance(block.get("element"), dict):
        yield "/element", block["element"]
    elif kind in CHILDREN and isinstance(block.get(CHILDREN[kind]), list):
        for index, element in enumerate(block[CHILDREN[kind]]):
            if isinstance(element, dict):
                yield f"/{CHILDREN[kind]}/{index}", element


def all_blocks(blocks: Any, at: str = "/blocks") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every block with its pointer, those inside containers and carousels included."""
    for index, block in enumerate(blocks if isinstance(blocks, list) else []):
        if isinstance(block, dict):
            yield f"{at}/{index}", block
            for inner in NESTED.get(str(block.get("type")), ()):
                yield from all_blocks(block.get(inner), f"{at}/{index}/{inner}")


def check_message(blocks: Any) -> list[str]:
    """What Slack refuses in the `blocks` of a message."""
    problems: Problems = []
    MESSAGE(blocks, "/blocks", problems)
    _check_ids(blocks, "/blocks", problems)
    written = sum(len(str(block.get("text", ""))) for _, block in all_blocks(blocks) if block.get("type") == "markdown")
    if not problems and written > MARKDOWN_PER_MESSAGE:
        problems.append((f"must be less than {MARKDOWN_PER_MESSAGE + 1} characters", "/blocks"))
    charts = sum(block.get("type") == "data_visualization" for _, block in all_blocks(blocks))
    if charts > CHARTS_PER_MESSAGE:
        problems.append((f"no more than {CHARTS_PER_MESSAGE} data_visualization blocks allowed", "/blocks"))
    return worded(problems)


def check_view(view: Any) -> list[str]:
    """What Slack refuses in a modal or Home view."""
    problems: Problems = []
    if isinstance(view, dict) and view.get("type") == "home":
        view = {name: value for name, value in view.items() if name not in HOME_TOLERATED}
    union(typed({"modal": MODAL, "home": HOME}))(view, "/view", problems)
    if isinstance(view, dict):
        _check_ids(view.get("blocks"), "/view/blocks", problems)
        _check_submit(view, problems)
        _check_focus(view, problems)
        if len(json.dumps(view).encode()) > VIEW_BYTES:
            problems.append((f"view must be less than {VIEW_BYTES + 1} bytes", "/view"))
    return worded(problems)


def _check_ids(blocks: Any, at: str, problems: Problems) -> None:
    seen: set[str] = set()
    for pointer, block in all_blocks(blocks, at):
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id:
            if block_id in seen:
                problems.append((f'`block_id` "{block_id}" already exists', f"{pointer}/block_id"))
            seen.add(block_id)
        _check_action_ids(pointer, block, problems)


def _check_action_ids(pointer: str, block: dict[str, Any], problems: Problems) -> None:
    seen: set[str] = set()
    for inner, element in elements_of(block):
        action_id = element.get("action_id")
        if isinstance(action_id, str) and action_id:
            if action_id in seen:
                problems.append((f'`action_id` "{action_id}" already exists', f"{pointer}{inner}/action_id"))
            seen.add(action_id)


def _check_submit(view: dict[str, Any], problems: Problems) -> None:
    if view.get("type") != "modal" or "submit" in view:
        return
    problems.extend(
        ("must define `submit` to use an `input` block in modals", f"{pointer}/input")
        for pointer, block in all_blocks(view.get("blocks"), "/view/blocks")
        if block.get("type") == "input"
    )


def _check_focus(view: dict[str, Any], problems: Problems) -> None:
    focused = [
        f"{pointer}{inner}"
        for pointer, block in all_blocks(view.get("blocks"), "/view/blocks")
        for inner, element in elements_of(block)
        if element.get("focus_on_load") is True
    ]
    problems.extend(("only one element may set `focus_on_load`", f"{at}/focus_on_load") for at in focused[1:])
