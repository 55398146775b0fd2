"""The closed vocabulary of screens. Plain text only: a renderer decides about markup, and escapes.

Buttons carry an action and an opaque id. Clinical text goes in `Prose` only, which no renderer parses as markup.
"""

from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Heading:
    """A short title without clinical text."""

    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A small grey line: who drafted, what to do next. Our own words only."""

    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A paragraph of our own words, in normal size."""

    text: str


@dataclass(frozen=True, slots=True)
class Prose:
    """A titled block of clinical text, a paragraph each; `bullets` for lists of single points."""

    title: str
    paragraphs: tuple[str, ...]
    bullets: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin line between parts."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """Asked before a button acts."""

    title: str
    text: str
    yes: str
    no: str


@dataclass(frozen=True, slots=True)
class Button:
    """`action` says what, `value` is an opaque id (of a note)."""

    action: str
    label: str
    value: str
    style: Style = Style.PLAIN
    confirm: Confirm | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a menu or of a select."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu that acts at once when something is chosen; `value` is the opaque id it acts on."""

    action: str
    label: str
    value: str
    choices: tuple[Choice, ...]
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class ClientPicker:
    """Asks for a client code by type-ahead and acts at once."""

    action: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class DatePicker:
    """Asks for a date and acts at once. `chosen` is YYYY-MM-DD or empty."""

    action: str
    label: str
    value: str
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Actions:
    """A row of buttons, menus and pickers. `name` is stable, so an update leaves what is chosen."""

    name: str
    items: tuple[Button | Menu | ClientPicker | DatePicker, ...]


class ChartKind(StrEnum):
    BARS = "bars"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One figure and what it is the figure of: a week, a weekday."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures as a picture; counts and times only. `alt` says them in a sentence, which stands below and is read aloud.

    Drawn by the chat itself where a title has at most 50 characters, labels and unit 20 and no two labels are the same;
    bars of text otherwise. Up to twelve points can be read on a phone; of more than twenty the latest are shown.
    """

    title: str
    alt: str
    points: tuple[ChartPoint, ...]
    kind: ChartKind = ChartKind.BARS
    unit: str = ""


Element = Heading | Remark | Sentence | Prose | Rule | Actions | Chart


@dataclass(frozen=True, slots=True)
class Card:
    """A message. `notice` is what notifications and screen readers get: never clinical."""

    notice: str
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class TextInput:
    """Free text. `name` is stable over updates of a form, so typed text survives."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    placeholder: str = ""
    multiline: bool = False
    optional: bool = True
    max_length: int = 3000


@dataclass(frozen=True, slots=True)
class NumberInput:
    """A whole number."""

    name: str
    label: str
    value: int | None = None
    minimum: int = 1
    maximum: int = 1440
    optional: bool = True


@dataclass(frozen=True, slots=True)
class DateInput:
    name: str
    label: str
    value: str = ""  # YYYY-MM-DD
    optional: bool = True


@dataclass(frozen=True, slots=True)
class TimeInput:
    name: str
    label: str
    value: str = ""  # HH:MM
    optional: bool = True


@dataclass(frozen=True, slots=True)
class Select:
    """One of a few."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    value: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Checks:
    """Any of a few, each with a box to tick; `values` are ticked. At most ten: a chat takes no more in one group."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    values: tuple[str, ...] = ()
    optional: bool = True


@dataclass(frozen=True, slots=True)
class ClientInput:
    """A client code, found by typing; a new code may be typed too."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    optional: bool = True


@dataclass(frozen=True, slots=True)
class PersonInput:
    """A user of the chat `platform`, picked there; in another chat their id there is typed. `shown` names `value`."""

    name: str
    label: str
    platform: str
    value: str = ""
    shown: str = ""
    hint: str = ""
    optional: bool = True


Input = TextInput | NumberInput | DateInput | TimeInput | Select | Checks | ClientInput | PersonInput
Field = Input | Prose | Remark | Sentence | Rule | Heading | Actions


@dataclass(frozen=True, slots=True)
class Form:
    """A dialog. `context` is an opaque id (of a note) and the version it was opened on, never text.

    `more`: this is a page of a longer form, and sending it leads to the next one.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    submit: str = ""
    close: str = "Close"
    context: str = ""
    more: bool = False
