"""Home: what waits, what was filed last, and what to type. Codes and counts only."""

from bot.acts.backlog import show_backlog
from bot.acts.day import Doing, Feature, Typed
from bot.cards import home_words as words
from bot.cards.elements import Card, Heading, Remark, Rule
from bot.cards.screens import help_card, short_date
from bot.cards.settings_screens import settings_button
from bot.cards.words import HELP_IN
from bot.domain.policy import ActKind, may
from bot.workflows.filed_last import filed_last


async def home_card(doing: Doing) -> Card:
    """Home of whoever opens it; who writes no notes, or is a stranger, finds only what to type."""
    helping = help_card(doing.desk.offered, HELP_IN[doing.via], greeting=True)
    person = doing.person
    if person is None or may(person, ActKind.LIST):
        return helping
    waiting = await show_backlog(doing)
    filed = [
        " · ".join(filter(None, (note.client_code, short_date(note.session.date), doing.desk.format_of(note).name)))
        for note in await filed_last(doing.desk, person)
    ]
    recent = [Rule(), Heading(words.FILED), *(Remark(line) for line in filed)] if filed else []
    return Card(words.NOTICE, (*waiting.elements, *recent, settings_button(), Rule(), *helping.elements))


async def _home(doing: Doing, _: str) -> Card:
    return await home_card(doing)


FEATURE = Feature(commands={"home": Typed(_home)})
