"""The first three questions: a card that asks, and its form."""

from collections.abc import Mapping

from bot.cards import first_words as words
from bot.cards import settings_words
from bot.cards.elements import Actions, Button, Card, Form, Remark, Sentence, Style
from bot.cards.settings_screens import Shown, credentials_input, format_input, remind_at_input
from bot.domain.formats import Format


def first_card(platform: str) -> Card:
    """Asks; both ways are one press."""
    row = Actions(
        "first",
        (
            Button("day_open_first", words.ANSWER, platform, Style.PRIMARY),
            Button("day_first_skip", words.SKIP, platform),
        ),
    )
    return Card(words.NOTICE, (Sentence(words.ASK), row))


def skipped_card(platform: str) -> Card:
    """In its place once it was skipped."""
    return Card(words.SKIPPED_NOTICE, (Remark(words.SKIPPED.format(typed=words.TYPED[platform])),))


def first_form(shown: Shown, formats: Mapping[str, Format], context: str) -> Form:
    """Filled in as it stands."""
    fields = (credentials_input(shown), format_input(shown, formats), remind_at_input(shown))
    return Form("day_first", words.TITLE, fields, settings_words.SAVE, "Cancel", context)
