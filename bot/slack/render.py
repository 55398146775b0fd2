"""Cards and forms as Block Kit. Clinical text goes into rich_text, which parses nothing; our own words are escaped."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, assert_never

from bot.cards import people_words, words
from bot.cards.elements import (
    Actions,
    Button,
    Card,
    Chart,
    Checks,
    Choice,
    ClientInput,
    ClientPicker,
    Confirm,
    DateInput,
    DatePicker,
    Element,
    Field,
    Form,
    Heading,
    Input,
    Menu,
    NumberInput,
    PersonInput,
    Prose,
    Remark,
    Rule,
    Select,
    Sentence,
    Style,
    TextInput,
    TimeInput,
)
from bot.slack.chart_blocks import MOST_DRAWN, render_chart, slack_draws

Block = dict[str, Any]
INPUT_ACTION = "value"  # every input block has one element, under this action id
CLIENT_LOOKUP = "client_lookup"
_CHUNK = 3000
_BLOCKS = 50
_LAST_ROWS = 2


def render_card(card: Card, charts: bool = True) -> list[Block]:
    """The blocks of a message. The `notice` is the message's `text`, sent beside them.

    `charts`: whether Slack draws charts here. It does in messages; App Home and old workspaces get them as text.
    """
    return _within(list(_elements(card, MOST_DRAWN if charts else 0)))


def fits_message(card: Card) -> bool:
    """Whether a message can hold all of it."""
    return sum(len(_element(element)) for element in card.elements) <= _BLOCKS


def _elements(card: Card, charts: int) -> Iterator[Block]:
    """The blocks in their order; the first `charts` charts are drawn by Slack, the others are text."""
    for element in card.elements:
        if isinstance(element, Chart) and charts and slack_draws(element):
            charts -= 1
            yield from render_chart(element, drawn=True)
        else:
            yield from _element(element)


def _within(blocks: list[Block]) -> list[Block]:
    """As many blocks as a message may hold; its last rows of buttons stay, or nobody could go on."""
    if len(blocks) <= _BLOCKS:
        return blocks
    return [*blocks[: _BLOCKS - _LAST_ROWS - 1], *_element(Remark(words.SHORTENED)), *blocks[-_LAST_ROWS:]]


def render_form(form: Form) -> Block:
    """A modal view. `private_metadata` holds the form's opaque context only."""
    view: Block = {
        "type": "modal",
        "callback_id": form.name,
        "title": _plain(form.title[:24]),
        "close": _plain(form.close),
        "private_metadata": form.context,
        "blocks": [block for field in form.fields for block in _field(field)],
    }
    return view | ({"submit": _plain(form.submit)} if form.submit else {})


def with_notice(view: Block, sentence: str) -> Block:
    """The same view, its inputs and what is typed in them untouched, with a sentence right above its buttons."""
    kept = ("type", "callback_id", "title", "close", "submit", "private_metadata")
    blocks = [block for block in view["blocks"] if block.get("block_id") != "notice"]
    at = next((number for number, block in enumerate(blocks) if block["type"] == "actions"), 0)
    shown = [*blocks[:at], _section(sentence, "notice"), *blocks[at:]]
    return {k: view[k] for k in kept if view.get(k)} | {"blocks": shown}


def saved_view(view: Block, values: Mapping[str, str], context: str, sentence: str) -> Block:
    """The view on the version just saved. Its inputs stay as they are: a chat keeps what is typed in each of them."""
    blocks = [_holding(block, values) for block in view["blocks"]]
    return with_notice({**view, "blocks": blocks}, sentence) | {"private_metadata": context}


def _holding(block: Block, values: Mapping[str, str]) -> Block:
    if block["type"] != "input":
        return block
    element = {key: value for key, value in block["element"].items() if key != "initial_value"}
    typed = values.get(block["block_id"], "")
    return block | {"element": element | ({"initial_value": typed} if typed else {})}


def option(choice: Choice) -> Block:
    """One option of a select."""
    return {"text": _plain(choice.label[:75]), "value": choice.value}


def _element(element: Element) -> list[Block]:
    match element:
        case Heading(text):
            return [{"type": "header", "text": _plain(text[:150])}]
        case Remark(text):
            return [{"type": "context", "elements": [_mrkdwn(text)]}] if text else []
        case Sentence(text):
            return [_section(text)]
        case Prose():
            return _prose(element)
        case Rule():
            return [{"type": "divider"}]
        case Actions():
            return [_actions(element)]
        case Chart():
            return render_chart(element, drawn=False)
        case _:
            assert_never(element)


def _field(field: Field) -> list[Block]:
    if isinstance(field, Input):
        return [_input(field)]
    return _element(field)


def _prose(prose: Prose) -> list[Block]:
    """Titled paragraphs; long ones in several blocks, since one text element holds 3,000 characters."""
    blocks: list[Block] = []
    parts: list[Block] = [_styled(prose.title)] if prose.title else []
    size = 0
    for paragraph in (chunk for text in prose.paragraphs for chunk in _chunks(text)):
        if size + len(paragraph) > _CHUNK and parts:
            blocks.append({"type": "rich_text", "elements": parts})
            parts, size = [], 0
        parts.append(_listed(paragraph) if prose.bullets else _text_section(paragraph))
        size += len(paragraph)
    return [*blocks, {"type": "rich_text", "elements": parts}] if parts else blocks


def _chunks(text: str) -> Sequence[str]:
    return [text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK)]


def _styled(title: str) -> Block:
    run = {"type": "text", "text": title[:_CHUNK], "style": {"bold": True}}
    return {"type": "rich_text_section", "elements": [run]}


def _text_section(text: str) -> Block:
    return {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}


def _listed(text: str) -> Block:
    return {"type": "rich_text_list", "style": "bullet", "elements": [_text_section(text)]}


def _actions(row: Actions) -> Block:
    """The note's id stands in the block id too: selects and pickers carry no value of their own."""
    note_id = row.items[0].value
    return {"type": "actions", "block_id": f"{row.name}:{note_id}", "elements": [_action(item) for item in row.items]}


def _action(item: Button | Menu | ClientPicker | DatePicker) -> Block:
    match item:
        case Button():
            return _button(item)
        case Menu():
            chosen = [choice for choice in item.choices if choice.value == item.chosen]
            menu: Block = {
                "type": "static_select",
                "action_id": item.action,
                "placeholder": _plain(item.label),
                "options": [option(choice) for choice in item.choices],
            }
            return menu | ({"initial_option": option(chosen[0])} if chosen else {})
        case ClientPicker():
            return _client_select(item.action, item.label)
        case DatePicker():
            picker: Block = {"type": "datepicker", "action_id": item.action, "placeholder": _plain(item.label)}
            return picker | ({"initial_date": item.chosen} if item.chosen else {})
        case _:
            assert_never(item)


def _button(button: Button) -> Block:
    block: Block = {
        "type": "button",
        "action_id": button.action,
        "text": _plain(button.label[:75]),
        "value": button.value,
    }
    if button.style is not Style.PLAIN:
        block["style"] = button.style.value
    if button.confirm:
        block["confirm"] = _confirm(button.confirm)
    return block


def _confirm(confirm: Confirm) -> Block:
    return {
        "title": _plain(confirm.title),
        "text": _plain(confirm.text),
        "confirm": _plain(confirm.yes),
        "deny": _plain(confirm.no),
        "style": "danger",
    }


def _input(field: Input) -> Block:
    block: Block = {
        "type": "input",
        "block_id": field.name,
        "label": _plain(field.label),
        "optional": field.optional,
        "element": _input_element(field),
    }
    hint = getattr(field, "hint", "")
    return block | ({"hint": _plain(hint)} if hint else {})


def _input_element(field: Input) -> Block:
    match field:
        case TextInput():
            element: Block = {
                "type": "plain_text_input",
                "multiline": field.multiline,
                "max_length": field.max_length,
                "initial_value": field.value,
                "placeholder": _plain(field.placeholder) if field.placeholder else None,
            }
        case NumberInput():
            element = {
                "type": "number_input",
                "is_decimal_allowed": False,
                "min_value": str(field.minimum),
                "max_value": str(field.maximum),
                "initial_value": "" if field.value is None else str(field.value),
            }
        case DateInput():
            element = {"type": "datepicker", "initial_date": field.value}
        case TimeInput():
            element = {"type": "timepicker", "initial_time": field.value}
        case Select():
            chosen = next((option(choice) for choice in field.choices if choice.value == field.value), None)
            element = {
                "type": "static_select",
                "options": [option(choice) for choice in field.choices],
                "initial_option": chosen,
            }
        case Checks():
            ticked = [option(choice) for choice in field.choices if choice.value in field.values]
            options = [option(choice) for choice in field.choices]
            element = {"type": "checkboxes", "options": options, "initial_options": ticked or None}
        case ClientInput():
            element = _client_select(CLIENT_LOOKUP, field.label, field.value)
        case PersonInput(platform="slack"):
            element = {
                "type": "users_select",
                "placeholder": _plain(people_words.PERSON_PLACEHOLDER),
                "initial_user": field.value,
            }
        case PersonInput():
            element = {
                "type": "plain_text_input",
                "max_length": 64,
                "initial_value": field.value,
                "placeholder": _plain(people_words.PERSON_TYPED[field.platform]),
            }
        case _:
            assert_never(field)
    filled = {key: value for key, value in element.items() if value not in ("", None)}
    return {"action_id": INPUT_ACTION} | filled


def _client_select(action: str, label: str, code: str = "") -> Block:
    select: Block = {
        "type": "external_select",
        "action_id": action,
        "placeholder": _plain(label),
        "min_query_length": 0,
    }
    return select | ({"initial_option": option(Choice(code, code))} if code else {})


def _section(text: str, block_id: str = "") -> Block:
    section: Block = {"type": "section", "text": _mrkdwn(text)}
    return section | ({"block_id": block_id} if block_id else {})


def _mrkdwn(text: str) -> Block:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"type": "mrkdwn", "text": escaped[:_CHUNK]}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
