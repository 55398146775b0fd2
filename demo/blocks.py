"""Block Kit's blocks, and the surfaces (message, modal, home) on which each of them may stand."""

from typing import Any, Literal

from demo.charts import CHART
from demo.elements import (
    IMAGE,
    IN_ACTIONS,
    IN_CONTEXT,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    SLACK_FILE,
    URL,
    plain,
    text,
)
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
    one_of,
    string,
    typed,
)

Surface = Literal["message", "modal", "home"]

BLOCK_MAY: dict[str, Check] = {"block_id": string(255)}


def _files_are_not_dispatched(block: dict[str, Any], at: str, problems: Problems) -> None:
    if block.get("dispatch_action") and block["element"]["type"] == "file_input":
        problems.append(("unsupported type: file_input", f"{at}/element/type"))


def _collapsed_needs_collapsible(block: dict[str, Any], at: str, problems: Problems) -> None:
    if block.get("default_collapsed") and not block.get("is_collapsible"):
        problems.append(("`default_collapsed` needs `is_collapsible`", f"{at}/default_collapsed"))


SIMPLE: dict[str, Check] = {
    "section": fields(
        KIND,
        {
            **BLOCK_MAY,
            "text": text(3000),
            "fields": array(text(2000), 1, 10),
            "accessory": IN_SECTION,
            "expand": boolean,
        },
        [either("text", "fields")],
    ),
    "divider": fields(KIND, BLOCK_MAY),
    "header": fields({**KIND, "text": plain(150)}, BLOCK_MAY),
    "context": fields({**KIND, "elements": array(IN_CONTEXT, 1, 10)}, BLOCK_MAY),
    "context_actions": fields({**KIND, "elements": array(IN_CONTEXT_ACTIONS, 1, 5)}, BLOCK_MAY),
    "actions": fields({**KIND, "elements": array(IN_ACTIONS, 1, 25)}, BLOCK_MAY),
    "input": fields(
        {**KIND, "label": plain(2000), "element": IN_INPUT},
        {**BLOCK_MAY, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
        [_files_are_not_dispatched],
    ),
    "image": fields(
        {**KIND, "alt_text": string(2000)},
        {**BLOCK_MAY, "image_url": string(3000, 1, URL), "slack_file": SLACK_FILE, "title": plain(2000)},
        [exactly_one("image_url", "slack_file")],
    ),
    "rich_text": RICH_TEXT,
    "markdown": fields({**KIND, "text": string(12000, 1)}, BLOCK_MAY),
    "alert": fields(
        {**KIND, "text": text(200)},
        {**BLOCK_MAY, "level": one_of("default", "info", "warning", "error", "success")},
    ),
    "file": fields({**KIND, "external_id": string(least=1), "source": one_of("remote")}, BLOCK_MAY),
    "table": fields(
        {
            **KIND,
            "rows": array(
                array(
                    typed({"raw_text": fields({**KIND, "text": string()}), "rich_text": RICH_TEXT}),
                    1,
                    20,
                ),
                1,
                100,
            ),
        },
        {
            **BLOCK_MAY,
            "column_settings": array(
                fields({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean}), 0, 20
            ),
        },
    ),
    "card": fields(
        KIND,
        {
            **BLOCK_MAY,
            "hero_image": typed({"image": IMAGE}),
            "icon": typed({"image": IMAGE}),
            "slack_icon": anything,
            "title": text(150),
            "subtitle": text(150),
            "body": text(200),
            "subtext": text(200),
            "actions": array(IN_ACTIONS, 1, 3),
        },
        [either("hero_image", "title", "actions", "body")],
    ),
    "video": fields(
        {
            **KIND,
            "title": plain(200),
            "alt_text": string(200, 1),
            "video_url": string(3000, 1, URL),
            "thumbnail_url": string(3000, 1, URL),
        },
        {
            **BLOCK_MAY,
            "author_name": string(50),
            "description": plain(200),
            "provider_name": string(50),
            "provider_icon_url": string(3000),
            "title_url": string(3000),
        },
    ),
}

_SOURCE = fields({**KIND, "url": string(3000, 1, URL), "text": string(least=1)})
_TASK = {
    "task_id": string(least=1),
    "title": string(least=1),
}
_TASK_MAY: dict[str, Check] = {
    "details": typed({"rich_text": RICH_TEXT}),
    "output": typed({"rich_text": RICH_TEXT}),
    "sources": array(typed({"url": _SOURCE})),
}
_IN_CONTAINER = ("actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section", "table")

BLOCKS: dict[str, Check] = {
    **SIMPLE,
    "carousel": fields({**KIND, "elements": array(typed({"card": SIMPLE["card"]}), 1, 10)}, BLOCK_MAY),
    "container": fields(
        {**KIND, "child_blocks": array(typed({name: SIMPLE[name] for name in (*_IN_CONTAINER, "video")}), 1, 10)},
        {
            **BLOCK_MAY,
            "title": plain(150),
            "rich_text_title": typed({"rich_text": RICH_TEXT}),
            "subtitle": text(150),
            "width": one_of("narrow", "standard", "wide", "full"),
            "icon": typed({"image": IMAGE}),
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
        [either("title", "rich_text_title"), _collapsed_needs_collapsible],
    ),
    "task_card": fields(
        {**KIND, **_TASK, "status": one_of("in_progress", "complete", "error")}, {**BLOCK_MAY, **_TASK_MAY}
    ),
    "plan": fields(
        {
            **KIND,
            "title": string(least=1),
            "tasks": array(
                fields({**_TASK, "status": one_of("pending", "in_progress", "complete", "error")}, _TASK_MAY), 1, 50
            ),
        },
        BLOCK_MAY,
    ),
    "data_table": anything,
    "data_visualization": CHART,
}

_EVERYWHERE = ("actions", "card", "context", "divider", "header", "image", "input", "rich_text", "section", "video")
_DATA = ("carousel", "container", "data_table", "table")
SURFACES: dict[Surface, Check] = {
    "message": typed(
        {
            name: BLOCKS[name]
            for name in (
                *_EVERYWHERE,
                *_DATA,
                "context_actions",
                "data_visualization",
                "file",
                "markdown",
                "plan",
                "task_card",
            )
        }
    ),
    "modal": typed({name: BLOCKS[name] for name in (*_EVERYWHERE, "alert")}),
    "home": typed({name: BLOCKS[name] for name in (*_EVERYWHERE, *_DATA)}),
}

MODAL = fields(
    {**KIND, "title": plain(24), "blocks": array(SURFACES["modal"], 0, 100)},
    {
        "submit": plain(24),
        "close": plain(24),
        "private_metadata": string(3000),
        "callback_id": string(255),
        "external_id": string(255),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
HOME = fields(
    {**KIND, "blocks": array(SURFACES["home"], 0, 100)},
    {"private_metadata": string(3000), "callback_id": string(255), "external_id": string(255)},
)
# Slack ignores a title on a Home view; its own tutorials send one.
HOME_TOLERATED = frozenset({"title"})

MESSAGE = array(SURFACES["message"], 0, 50)
