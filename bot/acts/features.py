"""The parts of a clinician's day, and which of them a typed word, a button or a form belongs to."""

import re
from collections.abc import Sequence

from bot.acts import backlog, home, numbers, reminders, sessions, settings, several
from bot.acts.day import Doing, Feature, Opens, Sends
from bot.acts.presses import Press
from bot.cards import words
from bot.cards.elements import Card, Form
from bot.domain.errors import UserMistake

FEATURES: Sequence[Feature] = (
    backlog.FEATURE,
    home.FEATURE,
    numbers.FEATURE,
    reminders.FEATURE,
    sessions.FEATURE,
    several.FEATURE,
    settings.FEATURE,
)


def command_in(text: str) -> tuple[str, str] | None:
    """The first word, when it is one of ours, and what follows it; None for anything else.

    “Home visit: ct calmer …” is a summary, and no word of ours: nothing but what belongs to a word may follow it.
    """
    word, _, rest = text.strip().partition(" ")
    word, rest = word.casefold(), rest.strip()
    typed = next((feature.commands[word] for feature in FEATURES if word in feature.commands), None)
    return (word, rest) if typed and re.fullmatch(typed.rest, rest, re.IGNORECASE) else None


async def command(doing: Doing, word: str, rest: str) -> Card | Form:
    """What a typed command shows. Raises UserMistake."""
    typed = next(feature.commands[word] for feature in FEATURES if word in feature.commands)
    return await typed.show(doing, rest)


def opening(action: str) -> Opens:
    """How the form is made that this button opens. Raises UserMistake for a button that is no more."""
    found = next((feature.opens[action] for feature in FEATURES if action in feature.opens), None)
    if found is None:
        raise UserMistake("unknown_action", words.TROUBLE)
    return found


async def press(doing: Doing, pressed: Press) -> Card | str | None:
    """Do what a button, menu or picker says. Raises UserMistake."""
    act = next((feature.presses[pressed.action] for feature in FEATURES if pressed.action in feature.presses), None)
    if act is None:
        raise UserMistake("unknown_action", words.TROUBLE)
    return await act(doing, pressed)


def sending(form: str) -> Sends:
    """What is done with a form of this name. Raises UserMistake for one that is no more."""
    found = next((feature.forms[form] for feature in FEATURES if form in feature.forms), None)
    if found is None:
        raise UserMistake("unknown_form", words.TROUBLE)
    return found
