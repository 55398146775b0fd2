"""A clinician's day in every chat: which words, buttons and forms there are beside those of notes, and whose they are.

Each part of it is a `Feature` in a module of its own beside this one, and stands in `bot/acts/features.py`;
`bot/slack/day_handlers.py` and `bot/teams/day_handlers.py` show what it answers. Actions that open a form begin with
`day_open_`, all others of a day with `day_`; so do the names of its forms.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bot.acts.front import Front
from bot.acts.presses import Press
from bot.acts.sent_forms import Sent
from bot.cards.elements import Card, Form
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
