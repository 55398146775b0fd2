"""Home: what waits, what was filed last, and what to type. Codes and counts only."""

from collections.abc import Iterator

from bot.acts.backlog import show_backlog
from bot.acts.day import Doing, Feature, Typed
from bot.cards import home_words as words
from bot.cards.elements import Card, Element, Heading, Remark, Rule, Sentence
from bot.cards.screens import help_card, short_date
from bot.cards.settings_screens import settings_button
from bot.cards.words import HELP_IN
from bot.domain.people import Person
from bot.domain.policy import ActKind, may
from bot.workflows.home import Home, home_of


async def home_card(doing: Doing) -> Card:
    """Home of whoever opens it: who writes no notes finds their reviews, and a stranger only what to type."""
    helping = help_card(doing.desk.offered, HELP_IN[doing.via], greeting=True)
    person = doing.person
    if person is None:
        return helping
    writes = may(person, ActKind.LIST) is None
    waiting = (await show_backlog(doing)).elements if writes else ()
    own = tuple(_own(doing, person, await home_of(doing.desk, person), writes=writes))
    return Card(words.NOTICE, (*waiting, *own, settings_button(), Rule(), *helping.elements))


def _own(doing: Doing, person: Person, home: Home, *, writes: bool) -> Iterator[Element]:
    if home.reviews:
        yield Sentence(words.REVIEW if home.reviews == 1 else words.REVIEWS.format(count=home.reviews))
    if home.filed:
        yield from (Rule(), Heading(words.FILED))
    for note in home.filed:
        fmt = doing.desk.format_of(note).name
        yield Remark(" · ".join(filter(None, (note.client_code, short_date(note.session.date), fmt))))
    if writes:
        fmt = doing.desk.format_for(person, None)
        reminded = words.REMINDED.format(at=f"{home.chosen.remind_at:%H:%M}") if home.chosen.remind else words.NEVER
        yield from (Rule(), Remark(words.CHOSEN.format(format=doing.desk.formats[fmt].name, reminded=reminded)))


async def _home(doing: Doing, _: str) -> Card:
    return await home_card(doing)


FEATURE = Feature(commands={"home": Typed(_home)})
