"""Cards that speak of a review to others than the note's author: nothing of the note's text stands there.

What of a note the review channel may see is the practice's to say (`card_shows`).
"""

from bot.cards import review_words as words
from bot.cards.after_screens import moment
from bot.cards.elements import Actions, Button, Card, Element, Heading, Remark, Sentence, Style
from bot.cards.screens import Shown, short_date
from bot.domain.note import Note
from bot.domain.review import Outcome
from bot.domain.supervision import Mode
from bot.practice_ports import ReviewRow

REVIEW, REASSIGN, SNOOZE = "review", "review_reassign", "review_snooze"


def review_channel_card(note: Note, row: ReviewRow, shown: Shown) -> Card:
    """What the review channel reads of a round; a line once it is decided."""
    if row.outcome is not None:
        return _decided_card(note, row, shown)
    return _waiting_card(note, row, shown, Remark(words.DISCUSS))


def review_request_card(note: Note, row: ReviewRow, shown: Shown) -> Card:
    """What one supervisor is sent in the direct chat: the same, with the same buttons."""
    if row.outcome is not None:
        return _decided_card(note, row, shown)
    return _waiting_card(note, row, shown, Remark(words.FOR_YOU))


def _waiting_card(note: Note, row: ReviewRow, shown: Shown, last: Remark) -> Card:
    elements: list[Element] = [Heading(_what(note, shown))]
    if status := _status(row, shown):
        elements.append(Sentence(status))
    if facts := _facts(row, shown):
        elements.append(Remark(facts))
    buttons = (
        Button(REVIEW, words.REVIEW, note.id, Style.PRIMARY),
        Button(REASSIGN, words.REASSIGN, note.id),
        Button(SNOOZE, words.SNOOZE, note.id),
    )
    return Card(words.NOTICE, (*elements, Actions("review", buttons), last))


def _decided_card(note: Note, row: ReviewRow, shown: Shown) -> Card:
    """Who, what and when, and nothing to press."""
    outcome = row.outcome or Outcome.WITHDRAWN
    cosigned = outcome is Outcome.APPROVED and row.mode is Mode.COSIGN
    said = words.COSIGNED if cosigned else words.DECIDED[outcome]
    at = moment(row.decided_at or row.asked_at, shown.timezone)
    line = said.format(what=_what(note, shown), who=shown.telling.name(row.decided_by), at=at)
    return Card(words.DECIDED_NOTICE, (Sentence(line),))


def _what(note: Note, shown: Shown) -> str:
    """`JD-014 · SOAP`, as far as the practice shows it."""
    fmt = shown.formats.get(note.format_id)
    parts = (
        ("client_code", note.client_code),
        ("format", fmt.name if fmt else note.format_id),
        ("session_date", short_date(note.session.date)),
    )
    return " · ".join(text for name, text in parts if name in shown.card_shows and text) or words.A_NOTE


def _status(row: ReviewRow, shown: Shown) -> str:
    """Who wrote it, and who it waits for."""
    said: list[str] = []
    if "clinician" in shown.card_shows:
        said.append(words.WRITTEN_BY.format(name=shown.telling.name(row.clinician)))
    if "status" in shown.card_shows:
        names = [shown.telling.name(person) for person in row.supervisors]
        said.append(words.STATUS_WAITS.format(supervisors=words.any_of(names)) if names else words.STATUS_NOBODY)
    return ". ".join(said) + "." if said else ""


def _facts(row: ReviewRow, shown: Shown) -> str:
    """Since when it waits (a time: a card is not told anew each hour), and until when an answer is asked for."""
    due = words.OVERDUE if shown.now and shown.now > row.due_at else words.DUE_BY
    said = [due.format(at=moment(row.due_at, shown.timezone))]
    if "age" in shown.card_shows:
        said.append(words.SIGNED_AT.format(at=moment(row.asked_at, shown.timezone)))
    return " · ".join(said)
