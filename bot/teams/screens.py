"""Screens that only Teams has: the welcome with its button, a plan to open, and typed text that must not get lost."""

from collections.abc import Mapping
from dataclasses import replace

from bot.cards import plan_words, words
from bot.cards.elements import Actions, Button, Card, Field, Form, Remark, Style, TextInput
from bot.cards.screens import help_card
from bot.domain.formats import Format
from bot.domain.plan import PlanId

NEW_NOTE = "new_note"
OPEN_PLAN = "plan_open"
_CHOSEN = frozenset(
    {"client", "date", "start", "minutes", "kind", "modality", "format", "section", "status", "due"}
    | {"decision", "supervisor", "until"}
    | {"roles", "slack", "teams", "mode", "supervisors", "since", "access", "person", "sample_percent"}
)


def welcome_card(formats: Mapping[str, Format], *, greeting: bool = False, remark: str = "") -> Card:
    """What to type, by example, and a button that opens the form."""
    helping = help_card(formats, words.HELP_IN_TEAMS, greeting, remark)
    button = Actions("start", (Button(NEW_NOTE, words.NEW_NOTE_TITLE, "", Style.PRIMARY),))
    return Card(helping.notice, (*helping.elements, button))


def plan_card(plan_id: PlanId | None) -> Card:
    """A button that opens a client's plan; without an id it asks whose."""
    button = Button(OPEN_PLAN, plan_words.PLAN_OPEN, plan_id or "", Style.PRIMARY)
    return Card(words.PLAN_NOTICE, (Remark(words.PLAN_HERE), Actions("plan", (button,))))


def said_card(notice: str, sentence: str) -> Card:
    """What stands in the place of a form that is done with."""
    return Card(notice, (Remark(sentence),))


def keeping(form: Form, values: Mapping[str, str]) -> Form:
    """The form with every typed text that has no input in it any more, so that a person can copy it."""
    there = {getattr(field, "name", "") for field in form.fields}
    lost = [
        TextInput(name, words.TYPED, value, multiline=True)
        for name, value in values.items()
        if name not in there and value.strip() and not _is_choice(name)
    ]
    fields: tuple[Field, ...] = (*form.fields, *lost)
    return replace(form, fields=fields)


def _is_choice(name: str) -> bool:
    """Inputs that are chosen or quickly named again: there is nothing to copy."""
    return name in _CHOSEN or name.startswith(("held.", "doubt.", "point.", "goals."))
