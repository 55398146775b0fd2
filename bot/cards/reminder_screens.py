"""A reminder of what waits: a count, and never whose."""

from bot.cards import reminder_words as words
from bot.cards.elements import Actions, Button, Card, Sentence, Style


def reminder_card(count: int, overdue: int) -> Card:
    """How many wait, and what one can do about it."""
    said = words.NOTICE_ONE if count == 1 else words.NOTICE.format(count=count)
    late = f" {words.OVERDUE.format(count=overdue)}" if overdue else ""
    row = Actions(
        "reminder",
        (
            Button("day_backlog", words.OPEN, "backlog", Style.PRIMARY),
            Button("day_snooze", words.LATER, "backlog"),
            Button("day_leave", words.TOMORROW, "backlog"),
            Button("day_remind_off", words.OFF, "backlog"),
        ),
    )
    return Card(said, (Sentence(said + late), row))
