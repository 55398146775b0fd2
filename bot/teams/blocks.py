"""The parts of cards and forms as Adaptive Card elements. All text goes into text runs, which parse nothing.

Sizes and pages are the business of `teams/render.py` and `teams/pages.py`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, assert_never

from bot.cards import people_words, words
from bot.cards.elements import (
    Actions,
    Button,
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
from bot.teams.charts import render_chart

Block = dict[str, Any]
DIALOGS = frozenset(
    {"edit", "details", "answer", "sign", "decide", "settle", "ask", "why", "confirm_goals", "new_note", "read"}
    | {"view", "addendum", "amend", "retract", "teach"}
    | {"review", "review_reassign", "review_snooze", "review_comments"},
)
CLIENT_CODES = "client_codes"  # what a form's type-ahead asks for
NOBODY = "-"  # chosen where somebody is not in Teams: a choice needs a value
PEOPLE_OF_TENANT = "graph.microsoft.com/users"  # Teams itself looks them up
PICK = "pick"  # the verb that saves what the pickers of a card hold
_ROW_WIDTH = 360  # pixels of a phone's card; a client may squeeze what is wider until nobody can read it
_BUTTON_WIDTH, _LETTER_WIDTH = 36, 7.2
_IN_A_ROW = 6  # no client shows more
_MARKUP = re.compile(r"[*_\[\]`~<>&#\\|!]")
_STYLES = {Style.PRIMARY: "positive", Style.DANGER: "destructive"}
_ALL, _NONE = "auto", "none"  # which inputs a button sends along


@dataclass(frozen=True, slots=True)
class Place:
    """Where a button stands, and so what it carries: on a card, in a dialog, or in a form that is itself a card.

    `dialogs`: whether a card's buttons may open dialogs. `searched`: whether more client codes than those that a form
    lists are found while one is typed.
    """

    form: Form | None = None
    page: int = 0
    inline: bool = False
    dialogs: bool = True
    searched: bool = False

    def data(self, **more: object) -> Block:
        """What a button sends: the form it stands in, if any, and what it is about."""
        if self.form is None:
            return more
        more_pages: Block = {"more": True} if self.form.more else {}
        return {"form": self.form.name, "context": self.form.context, "page": self.page} | more_pages | more


def opens_dialog(action: str) -> bool:
    """Whether a card's button of this action opens a dialog."""
    return action in DIALOGS or action.startswith(("plan_", "people_", "day_open_"))


def render_body(
    fields: Sequence[Element | Field],
    place: Place,
    clients: Sequence[str] = (),
    errors: Mapping[str, str] | None = None,
) -> list[Block]:
    """The elements in their order. A rule becomes a line above what follows it; the first element has no space above.

    `errors`: input name → a sentence, shown above that input.
    """
    body: list[Block] = []
    ruled = acted = False
    for field in fields:
        blocks = list(_field(field, place, clients, errors or {}))
        if blocks and body and (ruled or isinstance(field, Heading)):
            blocks[0] |= {"separator": True, "spacing": "Large"}
        elif blocks and acted and isinstance(field, Remark | Prose):
            blocks[0]["spacing"] = "Large"
        ruled = isinstance(field, Rule) or (ruled and not blocks)
        acted = isinstance(field, Actions | Input)
        body += blocks
    return body


def press(place: Place, action: str, title: str, data: Block, **more: object) -> Block:
    """A button. On a card it is executed in place, or opens a dialog; in a dialog it is submitted."""
    submit: Block = {"type": "Action.Submit", "title": title, "data": data}
    if place.form is None and place.dialogs and opens_dialog(action):
        return submit | {"data": {"msteams": {"type": "task/fetch"}} | data} | more
    if place.form is not None and not place.inline:
        return submit | more
    fallback = submit | {key: value for key, value in more.items() if key != "id"}
    return {"type": "Action.Execute", "title": title, "verb": action, "data": data, **more, "fallback": fallback}


def error_block(sentence: str) -> Block:
    """Our own words about something that is wrong, where it is wrong."""
    return _rich(_runs(sentence, color="Attention", weight="Bolder"))


def _field(field: Element | Field, place: Place, clients: Sequence[str], errors: Mapping[str, str]) -> Iterator[Block]:
    match field:
        case Heading(text):
            yield _rich(_runs(text, weight="Bolder", size="Large"))
        case Remark(text):
            if text:
                yield _rich(_runs(text, isSubtle=True, size="Small"), spacing="Small")
        case Sentence(text):
            yield _rich(_runs(text))
        case Prose():
            yield from _prose(field)
        case Rule():
            return
        case Actions():
            yield from _actions(field, place)
        case Chart():
            yield from render_chart(field)
        case _:
            if field.name in errors:
                yield error_block(errors[field.name])
            yield from _input(field, clients, place.searched)
            if hint := getattr(field, "hint", ""):
                yield _rich(_runs(hint, isSubtle=True, size="Small"), spacing="Small")


def _runs(text: str, **style: object) -> list[Block]:
    """Our own words; what stands between backticks is to be typed as it is, and looks like it."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return [_run(text, **style)]
    code = {"fontType": "Monospace"}
    return [_run(part, **(style | code if at % 2 else style)) for at, part in enumerate(parts) if part]


def _run(text: str, **style: object) -> Block:
    return {"type": "TextRun", "text": text, **style}


def _rich(inlines: Sequence[Block], **more: object) -> Block:
    return {"type": "RichTextBlock", "inlines": inlines, **more}


def _prose(prose: Prose) -> Iterator[Block]:
    if prose.title:
        yield _rich([_run(prose.title, weight="Bolder")], spacing="Medium")
    for text in prose.paragraphs:
        yield _bullet(text) if prose.bullets else _rich([_run(text)], spacing="Small")


def _bullet(text: str) -> Block:
    """Two columns, so that the second line of a point stands under its first."""
    dot = {"type": "Column", "width": "auto", "items": [_rich([_run("•")])]}
    said = {"type": "Column", "width": "stretch", "spacing": "Small", "items": [_rich([_run(text)])]}
    return {"type": "ColumnSet", "spacing": "Small", "columns": [dot, said]}


def _actions(row: Actions, place: Place) -> Iterator[Block]:
    """Buttons side by side, a few in a row; a menu and pickers below, each with the button that sends them."""
    buttons = [item for item in row.items if isinstance(item, Button)]
    for number, side_by_side in enumerate(_rows(buttons)):
        shown = [_button(row, button, place) for button in side_by_side]
        yield {"type": "ActionSet", "actions": shown} | ({"spacing": "Small"} if number else {})
    for button in buttons:
        if button.confirm:
            yield _question(row, button, button.confirm, place)
    for menu in row.items:
        if isinstance(menu, Menu):
            yield _menu(row, menu, place)
    pickers = [item for item in row.items if isinstance(item, ClientPicker | DatePicker)]
    if pickers:
        yield from _pickers(row, pickers, place)


def _rows(buttons: Sequence[Button]) -> Iterator[list[Button]]:
    """As many side by side as a phone can show in full."""
    row: list[Button] = []
    left = 0.0
    for button in buttons:
        width = _BUTTON_WIDTH + _LETTER_WIDTH * len(button.label)
        if row and (width > left or len(row) == _IN_A_ROW):
            yield row
            row = []
        left = (left if row else _ROW_WIDTH) - width
        row.append(button)
    if row:
        yield row


def _button(row: Actions, button: Button, place: Place) -> Block:
    style: Block = {"style": _STYLES[button.style]} if button.style in _STYLES else {}
    name = f"{row.name}.{button.action}"
    if button.confirm:
        return _toggle(name, button.label, True)  # the warning colour is for the button that does it
    return _act(row, button.action, button.label, button.value, place, _NONE) | style


def _act(row: Actions, action: str, label: str, value: str, place: Place, inputs: str) -> Block:
    data = place.data(action=action, note=value, item=row.name.partition("-")[2])
    sends = _ALL if place.form else inputs
    return press(place, action, label, data, id=f"{row.name}.{action}", associatedInputs=sends)


def _toggle(name: str, label: str, shows: bool) -> Block:
    target = {"elementId": f"{name}.sure", "isVisible": shows}
    end = "ask" if shows else "no"
    return {"type": "Action.ToggleVisibility", "id": f"{name}.{end}", "title": label, "targetElements": [target]}


def _question(row: Actions, button: Button, confirm: Confirm, place: Place) -> Block:
    """Hidden until its button is pressed: a card has no dialog of its own to ask in."""
    name = f"{row.name}.{button.action}"
    yes = _act(row, button.action, confirm.yes, button.value, place, _NONE) | {"style": "destructive"}
    no = _toggle(name, confirm.no, False)
    said = [_rich(_runs(confirm.title, weight="Bolder")), _rich(_runs(confirm.text), spacing="Small")]
    items = [*said, {"type": "ActionSet", "actions": [yes, no]}]
    return {"type": "Container", "id": f"{name}.sure", "isVisible": False, "style": "emphasis", "items": items}


def _menu(row: Actions, menu: Menu, place: Place) -> Block:
    choices = _choices(menu.choices)
    chosen = {"value": menu.chosen} if menu.chosen else {"placeholder": words.NOT_CHOSEN}
    select: Block = {"type": "Input.ChoiceSet", "id": menu.action, "label": menu.label, "choices": choices, **chosen}
    send = {"type": "ActionSet", "actions": [_act(row, menu.action, words.CHOOSE, menu.value, place, _ALL)]}
    return {"type": "Container", "items": [select, send]}  # one below the other: beside it a phone cuts what is chosen


def _pickers(row: Actions, pickers: Sequence[ClientPicker | DatePicker], place: Place) -> Iterator[Block]:
    columns = [{"type": "Column", "width": "stretch", "items": [_picker(picker)]} for picker in pickers]
    yield {"type": "ColumnSet", "columns": columns}
    yield {"type": "ActionSet", "actions": [_act(row, PICK, words.SAVE, pickers[0].value, place, _ALL)]}


def _picker(picker: ClientPicker | DatePicker) -> Block:
    named: Block = {"id": picker.action, "label": picker.label}
    if isinstance(picker, ClientPicker):
        return {"type": "Input.Text", **named, "placeholder": words.CLIENT_PLACEHOLDER, "maxLength": 64}
    return {"type": "Input.Date", **named} | ({"value": picker.chosen} if picker.chosen else {})


def _input(field: Input, clients: Sequence[str], searched: bool) -> Iterator[Block]:
    if isinstance(field, ClientInput):
        yield from _client(field, clients, searched)
        return
    if isinstance(field, PersonInput):
        yield from _person(field)
        return
    chosen = isinstance(field, Select) and field.value  # cannot be emptied
    block: Block = {"id": field.name, "label": field.label} | _required(bool(field.optional or chosen))
    match field:
        case TextInput():
            block |= {"type": "Input.Text", "maxLength": field.max_length, "isMultiline": field.multiline}
            block |= {"value": field.value} if field.value else {}
            block |= {"placeholder": field.placeholder} if field.placeholder else {}
        case NumberInput():
            wrong = words.NUMBER_NEEDED.format(least=field.minimum, most=field.maximum)
            block |= {"type": "Input.Number", "min": field.minimum, "max": field.maximum, "errorMessage": wrong}
            block |= {} if field.value is None else {"value": field.value}
        case DateInput():
            block |= {"type": "Input.Date"} | ({"value": field.value} if field.value else {})
        case TimeInput():
            block |= {"type": "Input.Time"} | ({"value": field.value} if field.value else {})
        case Select():
            block |= {"type": "Input.ChoiceSet", "choices": _choices(field.choices)}
            block |= {"value": field.value} if field.value else {"placeholder": words.NOT_CHOSEN}
        case Checks():
            yield from (_rich([_run(each.label)], spacing="Small") for each in field.choices if _is_marked(each))
            block |= {"type": "Input.ChoiceSet", "choices": _short(field.choices), "value": ",".join(field.values)}
            block |= {"isMultiSelect": True, "style": "expanded", "wrap": True}
        case _:
            assert_never(field)
    yield block


def _client(field: ClientInput, clients: Sequence[str], searched: bool) -> Iterator[Block]:
    """The clinician's own codes to choose from, and a box for a new one; only the box when there are none."""
    named: Block = {"id": field.name, "label": field.label}
    typed: Block = {"type": "Input.Text", "placeholder": words.CLIENT_PLACEHOLDER, "maxLength": 64}
    if not clients:
        filled: Block = {"value": field.value} if field.value else {}
        yield typed | named | filled | _required(field.optional)
        return
    codes = [*([field.value] if field.value and field.value not in clients else []), *clients]
    chosen = {"value": field.value} if field.value else {"placeholder": words.FIND_CLIENT}
    choices = _choices([Choice(code, code) for code in codes])
    more: Block = {"choices.data": {"type": "Data.Query", "dataset": CLIENT_CODES}} if searched else {}
    yield {"type": "Input.ChoiceSet", "style": "filtered", **named, "choices": choices, **more, **chosen}
    yield typed | {"id": f"{field.name}.new", "label": words.NEW_CLIENT_LABEL}


def _person(field: PersonInput) -> Iterator[Block]:
    """Teams' people picker, which phones do not have, and a box for the id; only the box for somebody elsewhere."""
    named: Block = {"id": field.name, "label": field.label}
    placeholder = people_words.PERSON_TYPED[field.platform]
    typed: Block = {"type": "Input.Text", "placeholder": placeholder, "maxLength": 64}
    if field.platform != "teams":
        yield typed | named | ({"value": field.value} if field.value else {}) | _required(field.optional)
        return
    # a card that offers no choice at all is refused by clients that look nobody up
    there = [Choice(field.value, field.shown or field.value)] if field.value else []
    known = _choices([*there, Choice(NOBODY, people_words.NOT_IN_TEAMS)])
    chosen = {"value": field.value} if field.value else {"placeholder": people_words.PERSON_PLACEHOLDER}
    found: Block = {"choices.data": {"type": "Data.Query", "dataset": PEOPLE_OF_TENANT}}
    yield {"type": "Input.ChoiceSet", "style": "filtered", **named, "choices": known, **found, **chosen}
    yield typed | {"id": f"{field.name}.new", "label": placeholder}


def _required(optional: bool) -> Block:
    return {} if optional else {"isRequired": True, "errorMessage": words.NEEDED}


def _is_marked(choice: Choice) -> bool:
    """Whether a client that parses the titles of boxes as Markdown would show other characters than were typed."""
    return ": " in choice.label and _MARKUP.search(choice.label) is not None


def _short(choices: Sequence[Choice]) -> list[Block]:
    """Beside boxes only what a choice is called, where its text stands above as it was typed."""
    return _choices([replace(c, label=c.label.partition(": ")[0]) if _is_marked(c) else c for c in choices])


def _choices(choices: Sequence[Choice]) -> list[Block]:
    return [{"title": choice.label, "value": choice.value} for choice in choices]
