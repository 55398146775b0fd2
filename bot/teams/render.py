"""Cards and forms as Adaptive Cards 1.5, each within the size that Teams takes. What is cut is said, and can be read.

Long forms are cut into pages by `teams/pages.py`.
"""

import json
from collections.abc import Mapping, Sequence

from bot.cards import words
from bot.cards.elements import Card, Form, Remark
from bot.teams.blocks import Block, Place, error_block, press, render_body
from bot.teams.shorten import shortened

LIMIT = 25 * 1024  # bytes of a card's JSON; Microsoft's documents disagree between 28 and 100 KB
TITLE = 64
_LANGUAGE = "en"


def size_of(content: object) -> int:
    """Bytes of the JSON as it is sent."""
    return len(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8"))


def title_of(form: Form) -> str:
    """The title of the dialog that shows the form; Teams takes 64 characters."""
    return form.title[:TITLE]


def render_card(card: Card, dialogs: bool = True) -> Block:
    """The card of a message. Notifications and what reads aloud get the `notice` only.

    `dialogs`: whether its buttons may open dialogs; where they may not, a form comes as a message of its own.
    """
    place = Place(dialogs=dialogs)
    whole = _of_card(card, place)
    if size_of(whole) <= LIMIT and Remark(words.SHORTENED) not in card.elements:
        return whole
    return _of_card(shortened(card, lambda shorter: size_of(_of_card(shorter, place)) <= LIMIT), place)


def render_form(
    form: Form,
    clients: Sequence[str] = (),
    page: int = 0,
    inline: bool = False,
    errors: Mapping[str, str] | None = None,
    searched: bool = False,
) -> Block:
    """The card of a dialog, or with `inline` of a message that holds the form itself.

    `clients`: the codes to choose from; `searched`: more are found by typing. `page`: the number of this part of a
    longer form, from 0; it comes back with what is typed. `errors`: input name → sentence; one that names no
    input of the form stands at the top.
    """
    place = Place(form, page, inline, searched=searched)
    errors = errors or {}
    names = {name for field in form.fields if (name := getattr(field, "name", ""))}
    above = [error_block(sentence) for name, sentence in errors.items() if name not in names]
    card = _card([*above, *render_body(form.fields, place, clients, errors)], form.title)
    card |= {"actions": _endings(form, place)}
    if clients and size_of(card) > LIMIT:
        return render_form(form, clients[: len(clients) // 2], page, inline, errors, searched)
    return card


def _of_card(card: Card, place: Place) -> Block:
    return _card(render_body(card.elements, place), card.notice)


def _endings(form: Form, place: Place) -> list[Block]:
    close = press(place, "close", form.close, place.data(close=True), id="close", associatedInputs="none")
    if not form.submit:
        return [close]
    submit = press(place, "submit", form.submit, place.data(), id="submit", style="positive")
    return [submit, close]


def _card(body: Sequence[Block], notice: str) -> Block:
    return {
        "type": "AdaptiveCard",
        "version": "1.5",
        "lang": _LANGUAGE,
        "speak": notice,
        "fallbackText": notice,
        "msteams": {"width": "Full"},
        "body": body,
    }
