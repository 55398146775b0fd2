"""The backlog as a card, the form for the next note, and what is offered after signing. Codes and counts only."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.cards import backlog_words as words
from bot.cards.elements import Actions, Button, Card, Confirm, Element, Form, Heading, Remark, Sentence, Style
from bot.domain.appointments import Appointment

_ROWS = 5  # sessions with buttons of their own
_CELLS = 10
_FULL, _EMPTY = "▰", "▱"


@dataclass(frozen=True, slots=True)
class Line:
    """One session of the backlog. `state`: of its note, empty without one."""

    appointment: Appointment
    state: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """All that waits: state → how many; of the last two weeks `signed` of `held` sessions; notes signed `today`."""

    states: tuple[tuple[str, int], ...]
    overdue: int
    signed: int
    held: int
    today: int = 0

    @property
    def total(self) -> int:
        return sum(count for _, count in self.states)


def backlog_card(lines: Sequence[Line], counts: Counts) -> Card:
    """The one to write for next above all, then all by day, what is due first first, then buttons for a few more."""
    elements: list[Element] = [Heading(words.TITLE)]
    if not counts.total:
        return Card(words.NOTICE, (*elements, Sentence(words.NOTHING), *_progress(counts)))
    rows = [_row(line.appointment, first=False) for line in lines if not line.state][1:_ROWS]
    first = next((_row(line.appointment, first=True) for line in lines if not line.state), None)
    elements += [Sentence(_counted(counts)), *_progress(counts), *([first] if first else [])]
    by_day: dict[dt.date | None, list[Line]] = {}  # a day stands where the most urgent of it does
    for line in lines:
        by_day.setdefault(line.appointment.session.date, []).append(line)
    late = words.LATE if counts.overdue < counts.total else ""  # of all of them it is said above
    for day, of_day in by_day.items():
        said = "; ".join(_line(line, late) for line in of_day)
        elements.append(Remark(f"{_day(day) if day else words.NO_DAY}: {said}"))
    if counts.total > len(lines):
        elements.append(Remark(words.MORE.format(count=counts.total - len(lines))))
    return Card(words.NOTICE, (*elements, *rows))


def set_aside_card(appointment: Appointment) -> Card:
    """After “No note needed”: said, with the way back."""
    said = words.SET_ASIDE.format(code=code_of(appointment), day=when(appointment))
    row = Actions(
        "aside",
        (
            Button("day_take_up", words.TAKE_UP, appointment.id),
            Button("day_backlog", words.BACK, appointment.id, Style.PRIMARY),
        ),
    )
    return Card(words.NOTICE, (Sentence(said), row))


def next_form(appointment: Appointment, waiting: int) -> Form:
    """After signing: how many are left, and the next one at a press."""
    named = f"{code_of(appointment)}, {when(appointment)}"
    said = words.SIGNED_LAST if waiting == 1 else words.SIGNED_NEXT
    sentence = said.format(count=waiting, session=named)
    context = f"{appointment.id}:0"
    return Form("day_next", words.SIGNED_TITLE, (Sentence(sentence),), words.SUBMIT_NEXT, words.LATER, context)


def write_form(form: Form, appointment: Appointment, opening: str) -> Form:
    """The form for a new note as that of one session. `opening` makes two openings two."""
    return replace(form, name="day_write", title=words.FORM_TITLE, context=f"{appointment.id}.{opening}:0")


def code_of(appointment: Appointment) -> str:
    """The client's code, or that there is none yet."""
    return appointment.client_code or words.NO_CODE


def when(appointment: Appointment) -> str:
    """`Mon 23 Nov, 10:00`."""
    session = appointment.session
    if session.date is None:
        return words.NO_DAY
    return _day(session.date) + (f", {session.start:%H:%M}" if session.start else "")


def is_overdue(appointment: Appointment, now: datetime) -> bool:
    """Whether the payer's deadline is over."""
    return appointment.due_at is not None and appointment.due_at < now


def _row(appointment: Appointment, *, first: bool) -> Actions:
    day = appointment.session.date
    label = words.WRITE.format(code=code_of(appointment), day=f"{day.day} {day:%b}" if day else "").rstrip()
    really = Confirm(words.NO_NOTE_TITLE, words.NO_NOTE_TEXT, words.NO_NOTE_YES, words.NO_NOTE_NO)
    return Actions(
        f"session-{appointment.id}",
        (
            Button("day_open_write", label, appointment.id, Style.PRIMARY if first else Style.PLAIN),
            Button("day_no_show", words.NO_SHOW, appointment.id),
            Button("day_set_aside", words.NO_NOTE, appointment.id, confirm=really),
        ),
    )


def _counted(counts: Counts) -> str:
    states = ", ".join(f"{count} {words.STATES[state]}" for state, count in counts.states if count)
    overdue = words.OVERDUE.format(count=counts.overdue) if counts.overdue else ""
    if counts.overdue == counts.total > 1:
        overdue = words.ALL_OVERDUE
    said = words.COUNT_ONE if counts.total == 1 else words.COUNT
    return said.format(count=counts.total, overdue=overdue, states=states)


def _progress(counts: Counts) -> list[Element]:
    said: list[str] = []
    if counts.held:
        full = round(_CELLS * counts.signed / counts.held)
        bar = _FULL * full + _EMPTY * (_CELLS - full)
        said.append(words.PROGRESS.format(bar=bar, signed=counts.signed, held=counts.held))
    if counts.today:
        said.append(words.TODAY_ONE if counts.today == 1 else words.TODAY.format(count=counts.today))
    return [Remark(" ".join(said))] if said else []


def _line(line: Line, late: str) -> str:
    """What differs of this one: that it has no summary yet goes without saying, as the counts say it."""
    start = line.appointment.session.start
    at = f" {start:%H:%M}" if start else ""
    said = ", ".join(filter(None, (words.STATES[line.state] if line.state else "", late if line.overdue else "")))
    return f"{code_of(line.appointment)}{at}" + (f" ({said})" if said else "")


def _day(day: dt.date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
