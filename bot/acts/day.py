"""A clinician's day in every chat: which words, buttons and forms there are beside those of notes, and whose they are.

Each part of it is a `Feature` in a module of its own beside this one; `bot/slack/day_handlers.py` and
`bot/teams/day_handlers.py` show what it answers. Actions that open a form begin with `day_open_`, all others of a day
with `day_`; so do the names of its forms.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.acts.front import Front
from bot.acts.presses import Press
from bot.acts.sent_forms import Sent
from bot.cards import words
from bot.cards.elements import Card, Form
from bot.domain.errors import UserMistake
from bot.domain.people import Person
from bot.workflows.desk import Desk

PREFIX, OPENING = "day_", "day_open_"


@dataclass(frozen=True, slots=True)
class Doing:
    """Who does something, and where. `delivery` names this one: a second of the same starts nothing new."""

    front: Front
    person: Person | None
    delivery: str = ""

    @property
    def desk(self) -> Desk:
        return self.front.desk

    @property
    def via(self) -> str:
        """What the audit log says an act came by."""
        return self.front.platform


Answer = Card | Form | str | None
"""A card in the place of the one that was used, or a new one; a form that opens or follows; a sentence; nothing."""


@dataclass(frozen=True, slots=True)
class Opens:
    """A button that opens a form. `title` stands there while it is looked up."""

    title: str
    build: Callable[[Doing, Press], Awaitable[Form]]


@dataclass(frozen=True, slots=True)
class Sends:
    """A form that is sent: what comes of it; and the same form as it opens now, for one that was not taken."""

    title: str
    take: Callable[[Doing, Sent], Awaitable[Answer]]
    again: Callable[[Doing, Sent], Awaitable[Form]]


Command = Callable[[Doing, str], Awaitable[Card | Form]]
Pressing = Callable[[Doing, Press], Awaitable[Card | str | None]]


@dataclass(frozen=True, slots=True)
class Feature:
    """One part of a day. `commands`: first word that is typed → what it shows, told what follows the word.

    `presses` act at once. All raise UserMistake, whose sentence stands where the person is.
    """

    commands: Mapping[str, Command] = field(default_factory=dict[str, Command])
    opens: Mapping[str, Opens] = field(default_factory=dict[str, Opens])
    presses: Mapping[str, Pressing] = field(default_factory=dict[str, Pressing])
    forms: Mapping[str, Sends] = field(default_factory=dict[str, Sends])


FEATURES: Sequence[Feature] = ()


def command_in(text: str) -> tuple[str, str] | None:
    """The first word, when it is one of ours, and what follows it; None for anything else.

    Whatever follows on a further line is a summary, and no command's.
    """
    word, _, rest = text.strip().partition(" ")
    if "\n" in text.strip() or not any(word.casefold() in feature.commands for feature in FEATURES):
        return None
    return word.casefold(), rest.strip()


async def command(doing: Doing, word: str, rest: str) -> Card | Form:
    """What a typed command shows. Raises UserMistake."""
    show = next(feature.commands[word] for feature in FEATURES if word in feature.commands)
    return await show(doing, rest)


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
