"""Sessions typed a line each, sent as a file or brought in as samples, and what became of the rows."""

from collections.abc import Mapping, Sequence

from bot.cards import sessions_words as words
from bot.cards.backlog_words import BACK, LATER
from bot.cards.elements import (
    Actions,
    Button,
    Card,
    Field,
    Form,
    Heading,
    Remark,
    Sentence,
    Style,
    TextInput,
)

_MOST_TOLD = 15


def sessions_form(typed: str = "", *, samples: bool = False) -> Form:
    """A line a session. `samples`: there are made-up ones, too, at one click."""
    lines = TextInput("lines", words.LABEL, typed, "", words.PLACEHOLDER, multiline=True, optional=False)
    offered = (Actions("samples", (Button("day_open_samples", words.SAMPLES, ""),)),) if samples else ()
    return Form("day_sessions", words.TITLE, (Remark(words.HINT), lines, *offered), words.SUBMIT, "Cancel")


def sessions_card(counts: Mapping[str, int], told: Sequence[str]) -> Card:
    """How many lines came to what, the odd ones one by one, and the way to the backlog."""
    back = Actions("sessions", (Button("day_backlog", BACK, "list", Style.PRIMARY),))
    return Card(words.NOTICE, (Heading(words.TITLE), *_report(counts, told, words.DONE, words.DONE_ONE), back))


def samples_form(counts: Mapping[str, int], told: Sequence[str], first: str = "") -> Form:
    """What became of the sample sessions. `first`: the id of the session whose note may be written now."""
    fields: tuple[Field, ...] = _report(counts, told, words.DONE, words.DONE_ONE)
    if not first:
        return Form("day_next", words.SAMPLES_TITLE, fields)
    return Form("day_next", words.SAMPLES_TITLE, fields, words.START, LATER, f"{first}:0")


def preview_card(counts: Mapping[str, int], told: Sequence[str], file_id: str) -> Card:
    """What would become of a file's rows, and the button that puts them on the list."""
    keep = Actions("file", (Button("day_sessions_file", words.SUBMIT, file_id, Style.PRIMARY),))
    report = _report(counts, told, words.WOULD, words.WOULD_ONE)
    return Card(words.PREVIEW_NOTICE, (Heading(words.PREVIEW_TITLE), *report, Remark(words.NOT_YET), keep))


def _report(counts: Mapping[str, int], told: Sequence[str], several: str, one: str) -> tuple[Sentence | Remark, ...]:
    count = sum(counts.values())
    named = ", ".join(f"{many} {words.FATES[fate]}" for fate, many in sorted(counts.items()))
    said = Sentence((one if count == 1 else several).format(count=count, counts=named))
    more = (Remark(words.MORE.format(count=len(told) - _MOST_TOLD)),) if len(told) > _MOST_TOLD else ()
    return (said, *(Remark(line) for line in told[:_MOST_TOLD]), *more)
