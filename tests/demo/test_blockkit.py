"""What Slack's Block Kit accepts and refuses: each limit from both sides, each refusal with its pointer."""

from typing import Any

import pytest

from demo.blockkit import check_message, check_view
from tests.demo.bolt_bot import button, modal, plain, text_input

Block = dict[str, Any]


def md(text: str = "x") -> Block:
    return {"type": "mrkdwn", "text": text}


def section(**more: Any) -> Block:
    return {"type": "section", "text": md(), **more}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def asked(element: Block, **more: Any) -> Block:
    return {"type": "input", "label": plain("Label"), "element": element, **more}


def options(count: int, text: str = "o", value: str = "v") -> list[Block]:
    return [{"text": plain(f"{text}{n}"), "value": f"{value}{n}"} for n in range(count)]


def select(count: int = 2, **more: Any) -> Block:
    return {"type": "static_select", "action_id": "s", "options": options(count), **more}


def rich(*parts: Block) -> Block:
    return {"type": "rich_text", "elements": list(parts)}


def line(*inline: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(inline)}


def cell(text: str) -> Block:
    return {"type": "raw_text", "text": text}


def chosen(kind: str, count: int) -> Block:
    return {"type": kind, "action_id": "c", "options": options(count)}


def image(**more: Any) -> Block:
    return {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "a", **more}


WORD = {"type": "text", "text": "word"}
HOME: Block = {"type": "home", "blocks": []}
EVERY_SELECT = ("external_select", "users_select", "conversations_select", "channels_select")

VALID = {
    "section": section(fields=[plain("a"), md("b")], accessory=button("b"), block_id="x", expand=True),
    "fields only": {"type": "section", "fields": [md()]},
    "header": {"type": "header", "text": plain("Title")},
    "divider": {"type": "divider"},
    "context": {"type": "context", "elements": [md(), plain("x"), image()]},
    "actions": actions(button("a", style="danger", value="1", url="https://example.org"), select()),
    "confirm": actions(
        button("a", confirm={"title": plain("T"), "text": md(), "confirm": plain("Y"), "deny": plain("N")})
    ),
    "overflow": actions({"type": "overflow", "action_id": "o", "options": options(5)}),
    "pickers": actions(
        {"type": "datepicker", "action_id": "d", "initial_date": "2026-02-28"},
        {"type": "timepicker", "action_id": "t", "initial_time": "23:59"},
        {"type": "datetimepicker", "action_id": "dt", "initial_date_time": 1_790_000_000},
    ),
    "groups": actions(select() | {"option_groups": [{"label": plain("G"), "options": options(2)}]}),
    "image": image(title=plain("t")),
    "markdown": {"type": "markdown", "text": "**x**"},
    "rich text": rich(
        line(WORD | {"style": {"bold": True}}, {"type": "user", "user_id": "U1"}, {"type": "emoji", "name": "wave"}),
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [line(WORD)]},
        {"type": "rich_text_quote", "elements": [WORD]},
        {"type": "rich_text_preformatted", "elements": [WORD, {"type": "link", "url": "https://example.org"}]},
    ),
    "table": {"type": "table", "rows": [[cell("a"), rich(line(WORD))]], "column_settings": [{"align": "right"}]},
    "context actions": {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "f",
                "positive_button": {"text": plain("Good"), "value": "g"},
                "negative_button": {"text": plain("Bad"), "value": "b"},
            }
        ],
    },
    "container": {"type": "container", "title": plain("T"), "child_blocks": [section()], "is_collapsible": True},
    "input": asked({"type": "plain_text_input", "action_id": "p"}),
}
del VALID["groups"]["elements"][0]["options"]

IN_VIEWS = {
    "alert": {"type": "alert", "text": plain("Careful"), "level": "warning"},
    "number": asked({"type": "number_input", "is_decimal_allowed": False, "min_value": "0", "initial_value": "9"}),
    "email": asked({"type": "email_text_input", "initial_value": "a@example.org"}, optional=True, hint=plain("h")),
    "url": asked({"type": "url_text_input"}, dispatch_action=True),
    "checkboxes": asked(chosen("checkboxes", 10)),
    "radio": asked(chosen("radio_buttons", 10) | {"initial_option": options(1)[0]}),
    "many": asked({"type": "multi_static_select", "options": options(3), "max_selected_items": 2}),
    "external": asked({"type": "external_select", "min_query_length": 0, "placeholder": plain("Client")}),
    "rich": asked({"type": "rich_text_input", "initial_value": rich(line(WORD))}),
    "file": asked({"type": "file_input", "filetypes": ["pdf"], "max_files": 1}),
    **{name: asked({"type": name}) for name in EVERY_SELECT[1:]},
    **{f"multi {name}": asked({"type": f"multi_{name}"}) for name in EVERY_SELECT},
}


@pytest.mark.parametrize("block", VALID.values(), ids=VALID)
def test_valid_blocks_pass_in_a_message(block: Block) -> None:
    assert check_message([block]) == []


@pytest.mark.parametrize("block", IN_VIEWS.values(), ids=IN_VIEWS)
def test_valid_blocks_pass_in_a_modal(block: Block) -> None:
    assert check_view(modal(block)) == []


# name: (how to build blocks of a size, largest size allowed, pointer of the refusal)
LARGEST: dict[str, tuple[Any, int, str]] = {
    "blocks": (lambda n: [{"type": "divider"}] * n, 50, "/blocks"),
    "section text": (lambda n: [section(text=md("x" * n))], 3000, "/blocks/0/text/text"),
    "fields": (lambda n: [section(fields=[md()] * n)], 10, "/blocks/0/fields"),
    "field text": (lambda n: [section(fields=[md("x" * n)])], 2000, "/blocks/0/fields/0/text"),
    "header": (lambda n: [{"type": "header", "text": plain("x" * n)}], 150, "/blocks/0/text/text"),
    "context": (lambda n: [{"type": "context", "elements": [md()] * n}], 10, "/blocks/0/elements"),
    "actions": (lambda n: [actions(*(button(f"b{i}") for i in range(n)))], 25, "/blocks/0/elements"),
    "button text": (lambda n: [actions(button("b", "x" * n))], 75, "/blocks/0/elements/0/text/text"),
    "button value": (lambda n: [actions(button("b", value="x" * n))], 2000, "/blocks/0/elements/0/value"),
    "action_id": (lambda n: [actions(button("x" * n))], 255, "/blocks/0/elements/0/action_id"),
    "block_id": (lambda n: [section(block_id="x" * n)], 255, "/blocks/0/block_id"),
    "overflow": (
        lambda n: [actions({"type": "overflow", "options": options(n)})],
        5,
        "/blocks/0/elements/0/options",
    ),
    "options": (lambda n: [actions(select(n))], 100, "/blocks/0/elements/0/options"),
    "option text": (
        lambda n: [actions(select(options=[{"text": plain("x" * n), "value": "v"}]))],
        75,
        "/blocks/0/elements/0/options/0/text/text",
    ),
    "option value": (
        lambda n: [actions(select(options=[{"text": plain("x"), "value": "v" * n}]))],
        150,
        "/blocks/0/elements/0/options/0/value",
    ),
    "placeholder": (
        lambda n: [actions(select(placeholder=plain("x" * n)))],
        150,
        "/blocks/0/elements/0/placeholder/text",
    ),
    "checkboxes": (lambda n: [actions(chosen("checkboxes", n))], 10, "/blocks/0/elements/0/options"),
    "radio buttons": (lambda n: [actions(chosen("radio_buttons", n))], 10, "/blocks/0/elements/0/options"),
    "markdown": (lambda n: [{"type": "markdown", "text": "x" * n}], 12_000, "/blocks/0/text"),
    "image alt": (lambda n: [image(alt_text="x" * n)], 2000, "/blocks/0/alt_text"),
    "label": (lambda n: [text_input() | {"label": plain("x" * n)}], 2000, "/blocks/0/label/text"),
    "hint": (lambda n: [text_input() | {"hint": plain("x" * n)}], 2000, "/blocks/0/hint/text"),
    "initial text": (
        lambda n: [text_input(initial_value="x" * n)],
        3000,
        "/blocks/0/element/initial_value",
    ),
    "max_length": (lambda n: [text_input(max_length=n)], 3000, "/blocks/0/element/max_length"),
    "table rows": (lambda n: [{"type": "table", "rows": [[cell("a")]] * n}], 100, "/blocks/0/rows"),
    "table columns": (lambda n: [{"type": "table", "rows": [[cell("a")] * n]}], 20, "/blocks/0/rows/0"),
    "list indent": (
        lambda n: [rich({"type": "rich_text_list", "style": "ordered", "indent": n, "elements": [line(WORD)]})],
        8,
        "/blocks/0/elements/0/indent",
    ),
    "confirm title": (
        lambda n: [
            actions(
                button("b", confirm={"title": plain("x" * n), "text": md(), "confirm": plain("Y"), "deny": plain("N")})
            )
        ],
        100,
        "/blocks/0/elements/0/confirm/title/text",
    ),
}


@pytest.mark.parametrize(("build", "most", "pointer"), LARGEST.values(), ids=LARGEST)
def test_each_limit_holds_on_both_sides(build: Any, most: int, pointer: str) -> None:
    assert check_message(build(most)) == []
    assert any(each.endswith(f"[json-pointer:{pointer}]") for each in check_message(build(most + 1)))


VIEW_LIMITS: dict[str, tuple[Any, int, str]] = {
    "title": (lambda n: modal(title="x" * n), 24, "/view/title/text"),
    "submit": (lambda n: modal(submit=plain("x" * n)), 24, "/view/submit/text"),
    "close": (lambda n: modal(close=plain("x" * n)), 24, "/view/close/text"),
    "metadata": (lambda n: modal(private_metadata="x" * n), 3000, "/view/private_metadata"),
    "callback_id": (lambda n: modal(callback_id="x" * n), 255, "/view/callback_id"),
    "external_id": (lambda n: modal(external_id="x" * n), 255, "/view/external_id"),
    "blocks": (lambda n: modal(*[{"type": "divider"}] * n), 100, "/view/blocks"),
    "alert": (lambda n: modal({"type": "alert", "text": plain("x" * n)}), 200, "/view/blocks/0/text/text"),
    "files": (lambda n: modal(asked({"type": "file_input", "max_files": n})), 10, "/view/blocks/0/element/max_files"),
}


@pytest.mark.parametrize(("build", "most", "pointer"), VIEW_LIMITS.values(), ids=VIEW_LIMITS)
def test_each_view_limit_holds_on_both_sides(build: Any, most: int, pointer: str) -> None:
    assert check_view(build(most)) == []
    assert any(each.endswith(f"[json-pointer:{pointer}]") for each in check_view(build(most + 1)))


# name: (blocks, what Slack says, pointer)
INVALID: dict[str, tuple[list[Any], str, str]] = {
    "no list": ({"type": "divider"}, "must be an array", "/blocks"),  # type: ignore[dict-item]
    "no object": (["divider"], "must provide an object", "/blocks/0"),
    "no type": ([{"text": plain("x")}], "missing required field: type", "/blocks/0"),
    "unknown block": ([{"type": "banner"}], "unsupported type: banner", "/blocks/0/type"),
    "unknown element": ([actions({"type": "slider"})], "unsupported type: slider", "/blocks/0/elements/0/type"),
    "unknown field": ([{"type": "divider", "text": "x"}], "invalid additional property: text", "/blocks/0"),
    "alert in a message": ([{"type": "alert", "text": plain("x")}], "unsupported type: alert", "/blocks/0/type"),
    "empty section": ([{"type": "section"}], "must define either `text` or `fields`", "/blocks/0"),
    "empty text": ([section(text=md(""))], "must be more than 0 characters", "/blocks/0/text/text"),
    "text as string": ([section(text="x")], "must provide an object", "/blocks/0/text"),
    "header in mrkdwn": ([{"type": "header", "text": md()}], "unsupported type: mrkdwn", "/blocks/0/text/type"),
    "button in mrkdwn": (
        [actions(button("b") | {"text": md()})],
        "unsupported type: mrkdwn",
        "/blocks/0/elements/0/text/type",
    ),
    "emoji in mrkdwn": ([section(text=md() | {"emoji": True})], "invalid additional property: emoji", "/blocks/0/text"),
    "no actions": ([actions()], "no less than 1 items allowed", "/blocks/0/elements"),
    "no options": ([actions(select(0))], "no less than 1 items allowed", "/blocks/0/elements/0/options"),
    "options missing": (
        [actions({"type": "static_select"})],
        "must define exactly one of `options`, `option_groups`",
        "/blocks/0/elements/0",
    ),
    "input in actions": (
        [actions({"type": "plain_text_input", "action_id": "p"})],
        "unsupported type: plain_text_input",
        "/blocks/0/elements/0/type",
    ),
    "multi select in actions": (
        [actions({"type": "multi_users_select"})],
        "unsupported type: multi_users_select",
        "/blocks/0/elements/0/type",
    ),
    "button in input": ([asked(button("b"))], "unsupported type: button", "/blocks/0/element/type"),
    "button in context": (
        [{"type": "context", "elements": [button("b")]}],
        "unsupported type: button",
        "/blocks/0/elements/0/type",
    ),
    "datetimepicker in section": (
        [section(accessory={"type": "datetimepicker"})],
        "unsupported type: datetimepicker",
        "/blocks/0/accessory/type",
    ),
    "label missing": (
        [{"type": "input", "element": {"type": "plain_text_input"}}],
        "missing required field: label",
        "/blocks/0",
    ),
    "bad date": (
        [actions({"type": "datepicker", "initial_date": "11/20/2026"})],
        "failed to match schema",
        "/blocks/0/elements/0/initial_date",
    ),
    "bad time": (
        [actions({"type": "timepicker", "initial_time": "24:00"})],
        "failed to match schema",
        "/blocks/0/elements/0/initial_time",
    ),
    "bad style": (
        [actions(button("b", style="warning"))],
        "must be one of: primary, danger",
        "/blocks/0/elements/0/style",
    ),
    "null initial option": (
        [actions(select(initial_option=None))],
        "must provide an object",
        "/blocks/0/elements/0/initial_option",
    ),
    "strange initial option": (
        [actions(select(initial_option=options(1, "other")[0]))],
        "must match one of the provided options",
        "/blocks/0/elements/0/initial_option",
    ),
    "initial text too long": (
        [text_input(max_length=3, initial_value="word")],
        "must be less than 4 characters",
        "/blocks/0/element/initial_value",
    ),
    "initial number in words": (
        [asked({"type": "number_input", "is_decimal_allowed": True, "initial_value": "four"})],
        "failed to match schema",
        "/blocks/0/element/initial_value",
    ),
    "decimals undecided": (
        [asked({"type": "number_input"})],
        "missing required field: is_decimal_allowed",
        "/blocks/0/element",
    ),
    "same action twice": (
        [actions(button("b"), button("b"))],
        '`action_id` "b" already exists',
        "/blocks/0/elements/1/action_id",
    ),
    "same block twice": (
        [section(block_id="s"), section(block_id="s")],
        '`block_id` "s" already exists',
        "/blocks/1/block_id",
    ),
    "image without alt": (
        [{"type": "image", "image_url": "https://example.org/a.png"}],
        "missing required field: alt_text",
        "/blocks/0",
    ),
    "image without source": (
        [{"type": "image", "alt_text": "a"}],
        "must define exactly one of `image_url`, `slack_file`",
        "/blocks/0",
    ),
    "rich text of text": ([rich(WORD)], "unsupported type: text", "/blocks/0/elements/0/type"),
    "user in preformatted": (
        [rich({"type": "rich_text_preformatted", "elements": [{"type": "user", "user_id": "U1"}]})],
        "unsupported type: user",
        "/blocks/0/elements/0/elements/0/type",
    ),
    "text in a list": (
        [rich({"type": "rich_text_list", "style": "bullet", "elements": [WORD]})],
        "unsupported type: text",
        "/blocks/0/elements/0/elements/0/type",
    ),
    "empty rich text": ([rich()], "no less than 1 items allowed", "/blocks/0/elements"),
    "strange style": (
        [rich(line(WORD | {"style": {"blink": True}}))],
        "invalid additional property: blink",
        "/blocks/0/elements/0/elements/0/style",
    ),
    "confirm without text": (
        [actions(button("b", confirm={"title": plain("T"), "confirm": plain("Y"), "deny": plain("N")}))],
        "missing required field: text",
        "/blocks/0/elements/0/confirm",
    ),
    "six feedbacks": (
        [{"type": "context_actions", "elements": [button("b")]}],
        "unsupported type: button",
        "/blocks/0/elements/0/type",
    ),
    "markdown in total": (
        [{"type": "markdown", "text": "x" * 7000}] * 2,
        "must be less than 12001 characters",
        "/blocks",
    ),
    "wrong block in a container": (
        [{"type": "container", "title": plain("T"), "child_blocks": [{"type": "markdown", "text": "x"}]}],
        "unsupported type: markdown",
        "/blocks/0/child_blocks/0/type",
    ),
}


@pytest.mark.parametrize(("blocks", "says", "pointer"), INVALID.values(), ids=INVALID)
def test_refusals_in_messages(blocks: list[Any], says: str, pointer: str) -> None:
    assert f"[ERROR] {says} [json-pointer:{pointer}]" in check_message(blocks)


INVALID_VIEWS: dict[str, tuple[Any, str, str]] = {
    "no view": ("{}", "must provide an object", "/view"),
    "no title": ({"type": "modal", "blocks": []}, "missing required field: title", "/view"),
    "no blocks": ({"type": "home"}, "missing required field: blocks", "/view"),
    "unknown view": ({"type": "sheet", "blocks": []}, "unsupported type: sheet", "/view/type"),
    "input without submit": (
        {"type": "modal", "title": plain("T"), "blocks": [text_input()]},
        "must define `submit` to use an `input` block in modals",
        "/view/blocks/0/input",
    ),
    "markdown in a modal": (
        modal({"type": "markdown", "text": "x"}),
        "unsupported type: markdown",
        "/view/blocks/0/type",
    ),
    "table in a modal": (
        modal({"type": "table", "rows": [[cell("a")]]}),
        "unsupported type: table",
        "/view/blocks/0/type",
    ),
    "alert at home": (
        HOME | {"blocks": [{"type": "alert", "text": plain("x")}]},
        "unsupported type: alert",
        "/view/blocks/0/type",
    ),
    "title in mrkdwn": (modal() | {"title": md()}, "unsupported type: mrkdwn", "/view/title/type"),
    "unknown field": (modal(width=3), "invalid additional property: width", "/view"),
    "state sent back": (modal(state={"values": {}}), "invalid additional property: state", "/view"),
    "two in focus": (
        modal(text_input(focus_on_load=True), text_input("b", focus_on_load=True)),
        "only one element may set `focus_on_load`",
        "/view/blocks/1/element/focus_on_load",
    ),
    "too large": (
        modal(*[section(text=md("x" * 2900))] * 90),
        "view must be less than 250001 bytes",
        "/view",
    ),
}


@pytest.mark.parametrize(("view", "says", "pointer"), INVALID_VIEWS.values(), ids=INVALID_VIEWS)
def test_refusals_in_views(view: Any, says: str, pointer: str) -> None:
    messages = check_view(view)
    assert f"[ERROR] {says} [json-pointer:{pointer}]" in messages


def test_a_wrong_choice_is_reported_before_its_reason() -> None:
    assert check_message([section(text=md("x" * 3001))]) == [
        "[ERROR] failed to match all allowed schemas [json-pointer:/blocks/0/text]",
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ]


def test_a_home_view_may_be_empty() -> None:
    assert check_view(HOME) == []


@pytest.mark.parametrize(
    "junk", [None, 3, "x", [None], [[]], [{"type": 3}], [{"type": []}], [{"type": "section", "text": 3}]]
)
def test_junk_is_refused_not_raised(junk: Any) -> None:
    assert check_message(junk)
    assert check_view({"type": "modal", "title": plain("T"), "blocks": junk})
    assert check_view(junk)
