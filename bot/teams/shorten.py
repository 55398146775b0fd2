"""What of a card gives way when it is longer than Teams takes: long texts first, buttons last, and never unsaid.

What has buttons of its own is shown whole or not at all: nobody takes in what they have not read.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bot.cards import words
from bot.cards.elements import Actions, Button, Card, Element, Prose, Remark, Rule

_LEVELS = (6000, 4000, 3000, 2000, 1500)  # characters of each titled text
_LOW_LEVELS = (1000, 500, 200, 100)
_ON_ALL = "undecided"  # the row that opens the dialog with everything to decide


def shortened(card: Card, fits: Callable[[Card], bool]) -> Card:
    """The longest of its shorter forms that fits; it says so, and offers to read all of it."""
    return next((shorter for shorter in _shorter(card) if fits(shorter)), _least(card))


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, cut where a word ends."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    return f"{kept[: kept.rfind(' ', limit // 2)].rstrip() if ' ' in kept[limit // 2 :] else kept}…"


def cut_prose(prose: Prose, limit: int) -> Prose:
    """The same text, at most `limit` characters of it."""
    kept: list[str] = []
    for text in prose.paragraphs:
        if kept and limit <= 1:
            kept[-1] = kept[-1] if kept[-1].endswith("…") else f"{kept[-1]} …"
            break
        kept.append(cut(text, limit))
        limit -= len(text)
    return replace(prose, paragraphs=tuple(kept))


def _shorter(card: Card) -> Iterator[Card]:
    elements = [element for element in card.elements if element != Remark(words.SHORTENED)]
    yield _said(card, elements)
    for level in _LEVELS:
        yield _said(card, _level(elements, level))
    while (fewer := _without_last_item(elements)) != elements:
        elements = fewer
        yield _said(card, _level(elements, _LEVELS[-1]))
    for level in _LOW_LEVELS:
        yield _said(card, _level(elements, level))


def _least(card: Card) -> Card:
    """Its title and its last rows of buttons."""
    return _said(card, [*card.elements[:1], *_last_rows(card.elements)])


def _level(elements: Sequence[Element], level: int) -> list[Element]:
    own = _items(elements)
    return [
        cut_prose(element, level) if isinstance(element, Prose) and at not in own else element
        for at, element in enumerate(elements)
    ]


def _items(elements: Sequence[Element]) -> list[int]:
    """Where the texts stand that have buttons of their own."""
    return [at for at, row in enumerate(elements[1:]) if isinstance(row, Actions) and "-" in row.name]


def _without_last_item(elements: list[Element]) -> list[Element]:
    """Without the last undecided thing and its buttons; the dialog for all of them still has it."""
    own = _items(elements)
    if not own:
        return elements
    left = [element for at, element in enumerate(elements) if at not in (own[-1], own[-1] + 1)]
    every = next((at for at, row in enumerate(left) if isinstance(row, Actions) and row.name == _ON_ALL), None)
    if every is None:
        return elements
    while isinstance(left[every - 1], Remark):  # how many more there are, and a group that is empty now
        del left[every - 1]
        every -= 1
    return [*left[:every], Remark(words.REST_UNDECIDED), *left[every:]]


def _last_rows(elements: Sequence[Element]) -> Sequence[Element]:
    start = len(elements)
    while start and isinstance(elements[start - 1], Actions | Rule):
        start -= 1
    return elements[start:]


def _said(card: Card, elements: Sequence[Element]) -> Card:
    rows = _last_rows(elements)
    said: list[Element] = [Remark(words.SHORTENED_TO_READ)]
    values = [row.items[0].value for row in rows if isinstance(row, Actions)]
    said += [Actions("whole", (Button("read", words.READ_ALL, values[0]),))] if values else []
    return replace(card, elements=(*elements[: len(elements) - len(rows)], *said, *rows))
