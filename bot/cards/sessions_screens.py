"""Sessions typed a line each, and what became of the lines."""

from collections.abc import Mapping, Sequence

from bot.cards import sessions_words as words
from bot.cards.backlog_words import BACK
from bot.cards.elements import Actions, Button, Card, Form, Heading, Remark, Sentence, Style, TextInput

_MOST_TOLD = 15


def sessions_form(typed: str = "") -> Form:
    """A line a session."""
    lines = TextInput("lines", words.LABEL, typed, "", words.PLACEHOLDER, multiline=True, optional=False)
    return Form("day_sessions", words.TITLE, (Remark(words.HINT), lines), words.SUBMIT, "Cancel")


def sessions_card(counts: Mapping[str, int], told: Sequence[str]) -> Card:
    """How many lines came to what, the odd ones one by one, and the way to the backlog."""
    count = sum(counts.values())
    named = ", ".join(f"{many} {words.FATES[fate]}" for fate, many in sorted(counts.items()))
    said = Sentence((words.DONE_ONE if count == 1 else words.DONE).format(count=count, counts=named))
    back = Actions("sessions", (Button("day_backlog", BACK, "list", Style.PRIMARY),))
    return Card(words.NOTICE, (Heading(words.TITLE), said, *(Remark(line) for line in told[:_MOST_TOLD]), back))
