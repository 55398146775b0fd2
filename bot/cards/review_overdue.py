"""What an administrator is told of a review that nobody acts on: code and times, nothing that was written."""

from bot.cards.elements import Actions, Button, Card, Heading, Remark, Sentence
from bot.cards.filing_screens import moment
from bot.cards.review_screens import REASSIGN
from bot.cards.review_words import REASSIGN as REASSIGN_LABEL
from bot.cards.review_words import any_of
from bot.cards.screens import Shown
from bot.domain.note import Note
from bot.practice_ports import ReviewRow

NOTICE = "A review waits and nobody acts."
TITLE = "A review waits"
WAITS = "{client}: waiting for {who} since {since}. Due by {due}."
NOBODY = "{client}: waiting since {since}, and nobody who is asked can act any more. Due by {due}."
TO_DO = "Please ask them, or press Reassign to give it to another supervisor. (note {note})"
NO_CLIENT = "A note"
GIVEN_NOTICE = "A review was given to others."
GIVEN = "This review was given to others."


def review_overdue_card(note: Note, row: ReviewRow, shown: Shown, able: bool) -> Card:
    """To an administrator, with the way to give it to somebody else. `able`: whether anybody who is asked can act."""
    who = any_of([shown.names.get(person, person) for person in row.supervisors])
    times = {"since": moment(row.asked_at, shown.timezone), "due": moment(row.due_at, shown.timezone)}
    line = (WAITS if able else NOBODY).format(client=note.client_code or NO_CLIENT, who=who, **times)
    buttons = Actions("review", (Button(REASSIGN, REASSIGN_LABEL, note.id),))
    return Card(NOTICE, (Heading(TITLE), Sentence(line), Remark(TO_DO.format(note=note.id)), buttons))


def given_card() -> Card:
    """What stays of a card for somebody whom the review is not for any more."""
    return Card(GIVEN_NOTICE, (Remark(GIVEN),))
