"""The form for several summaries, the card that counts their drafts, and the row that leads from one to the next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.cards import several_words as words
from bot.cards.backlog_screens import code_of, when
from bot.cards.elements import (
    Actions,
    Button,
    Card,
    Choice,
    Element,
    Form,
    Heading,
    Menu,
    Remark,
    Sentence,
    Style,
    TextInput,
)
from bot.domain.appointments import Appointment
from bot.domain.ids import BatchId, NoteId
from bot.domain.note import Note, State

BOX_NAME = "summaries"
_BOXES = 5
BOX = 3000  # characters that a chat takes in one input
_CELLS, _FULL, _EMPTY = 10, "▰", "▱"
_IN_A_LINE = 10
_MENUS = 8
_SIGNED = (State.IN_REVIEW, State.CHANGES_REQUESTED, State.APPROVED, State.FILING, State.FILED)


@dataclass(frozen=True, slots=True)
class Row:
    """One note of a batch. `about`: its session as the list has it. `others`: sessions it may be about instead."""

    note_id: NoteId
    position: int
    state: State
    about: Appointment | None
    doubt: str = ""
    others: tuple[Appointment, ...] = ()


def several_form(form_id: str, texts: Sequence[str] = (), remarks: Sequence[str] = ()) -> Form:
    """Boxes for summaries. `texts`: what stands in them. `remarks`: why it stands there again."""
    typed = [*texts, *("" for _ in range(_BOXES - len(texts)))]
    boxes = [
        TextInput(
            f"{BOX_NAME}_{number + 1}" if number else BOX_NAME,
            words.LABEL_MORE.format(number=number + 1) if number else words.LABEL,
            text,
            words.HINT_MORE if number else words.HINT,
            "" if number else words.PLACEHOLDER,
            multiline=True,
            optional=number > 0,
            max_length=BOX,
        )
        for number, text in enumerate(typed)
    ]
    said = tuple(Sentence(line) for line in remarks)
    return Form("day_several", words.TITLE, (*said, *boxes), words.SUBMIT, "Cancel", f"{form_id}:0")


def overview_card(batch_id: BatchId, rows: Sequence[Row], *, begun: bool) -> Card:
    """How many drafts are ready, and which row has a question. `begun`: some of them were looked at."""
    count = len(rows)
    done = sum(row.state is not State.DRAFTING for row in rows)
    left = [row for row in rows if row.state in (State.DRAFTING, State.DRAFT)]
    doubtful = [row for row in left if row.doubt]
    elements: list[Element] = [Heading(words.TITLE), Sentence(_counted(rows)), Remark(_progress(done, count))]
    if not left:
        return Card(words.NOTICE_OVER.format(count=count), (*elements, *_lines(rows), Sentence(words.OVER)))
    review = Button("day_review", words.REVIEW_ON if begun else words.REVIEW, batch_id, Style.PRIMARY)
    elements.append(Actions("several", (review,)))
    asked = [row for row in doubtful if row.others][:_MENUS]
    for row in doubtful[: _MENUS * 2]:
        elements.append(Remark(_line(row)))
        elements += [_menu(row)] if row in asked else []
    if len(doubtful) > _MENUS * 2:
        elements.append(Remark(words.MORE_DOUBTS.format(count=len(doubtful) - _MENUS * 2)))
    elements += _lines([row for row in rows if row not in doubtful])
    return Card(words.NOTICE.format(count=count, done=done), tuple(elements))


def with_steps(card: Card, note: Note, count: int, *, alone: bool) -> Card:
    """The card of a note as one of several. `alone`: no other one is left to look at."""
    place = Remark(words.PLACE.format(position=note.position, count=count))
    if alone:
        return replace(card, elements=(place, *card.elements))
    row = Actions(
        "steps",
        (
            Button("day_previous_note", words.PREVIOUS, note.id),
            Button("day_next_note", words.NEXT, note.id),
        ),
    )
    return replace(card, elements=(place, *card.elements, row))


def _counted(rows: Sequence[Row]) -> str:
    signed = sum(row.state in _SIGNED for row in rows)
    discarded = sum(row.state is State.DISCARDED for row in rows)
    said = [words.COUNT.format(count=len(rows))]
    said += [words.SIGNED.format(count=signed)] if signed else []
    said += [words.DISCARDED.format(count=discarded)] if discarded else []
    return " ".join(said)


def _progress(done: int, count: int) -> str:
    full = _CELLS * done // count if count else _CELLS
    return words.PROGRESS.format(bar=_FULL * full + _EMPTY * (_CELLS - full), done=done, count=count)


def _lines(rows: Sequence[Row]) -> list[Element]:
    chunks = [rows[at : at + _IN_A_LINE] for at in range(0, len(rows), _IN_A_LINE)]
    return [Remark("; ".join(_line(row) for row in chunk)) for chunk in chunks]


def _line(row: Row) -> str:
    about = f"{code_of(row.about)}, {when(row.about)}" if row.about else ""
    said = ", ".join(part for part in (about, words.STATES[row.state], words.DOUBTS.get(row.doubt, row.doubt)) if part)
    return f"{row.position}. {said}"


def _menu(row: Row) -> Actions:
    choices = tuple(Choice(each.id, f"{code_of(each)}, {when(each)}") for each in row.others)
    label = words.PICK.format(number=row.position)
    return Actions(f"pick-{row.position}", (Menu("day_pick_session", label, row.note_id, choices),))
