"""Home: what waits, what was filed last, and what to type. Codes and counts only."""

from bot.acts.backlog import show_backlog
from bot.acts.day import Doing, Feature
from bot.cards import home_words as words
from bot.cards.elements import Card, Heading, Remark, Rule
from bot.cards.screens import help_card, short_date
from bot.domain.note import State
from bot.domain.people import Person
from bot.domain.policy import ActKind, may
from bot.workflows.desk import Desk

_FILED = 5


async def home_card(doing: Doing) -> Card:
    """Home of whoever opens it; who writes no notes, or is a stranger, finds only what to type."""
    helping = help_card(doing.desk.offered, words.HELP[doing.via], greeting=True)
    person = doing.person
    if person is None or may(person, ActKind.LIST):
        return helping
    waiting = await show_backlog(doing)
    filed = await _filed(doing.desk, person)
    recent = [Rule(), Heading(words.FILED), *(Remark(line) for line in filed)] if filed else []
    return Card(words.NOTICE, (*waiting.elements, *recent, Rule(), *helping.elements))


async def _filed(desk: Desk, person: Person) -> list[str]:
    async with desk.database.reading(desk.id) as unit:
        notes = await unit.notes.recent(person.id, State.FILED, _FILED)
        await desk.learn_format(unit, *notes)
    return [
        " · ".join(filter(None, (note.client_code, short_date(note.session.date), desk.format_of(note).name)))
        for note in notes
    ]


async def _home(doing: Doing, _: str) -> Card:
    return await home_card(doing)


FEATURE = Feature(commands={"home": _home})
