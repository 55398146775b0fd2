"""What somebody is told whose calendar cannot be read. Its address stands nowhere."""

from bot.cards import settings_words as words
from bot.cards.elements import Card, Sentence
from bot.cards.settings_screens import settings_button


def calendar_trouble_card(sentence: str) -> Card:
    """`sentence`: what is wrong and what to do, where that is known."""
    said = words.CALENDAR_TROUBLE.format(sentence=sentence or words.CALENDAR_UNKNOWN)
    return Card(words.CALENDAR_NOTICE, (Sentence(said), settings_button()))
