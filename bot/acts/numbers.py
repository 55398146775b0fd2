"""`stats` in every chat: one's own numbers, and the practice's for who may see them."""

from bot.acts.day import Doing, Feature
from bot.cards.elements import Card
from bot.cards.numbers_screens import stats_card
from bot.workflows.stats import stats

_DAYS = 30
_LONGEST = 366


async def show_stats(doing: Doing, rest: str) -> Card:
    """`stats`, or `stats 90` for the last 90 days. Raises NotAllowed."""
    days = min(int(rest), _LONGEST) if rest.isascii() and rest.isdigit() and int(rest) else _DAYS
    found = await stats(doing.desk, doing.person, days, doing.desk.practice.name)
    return stats_card(found.days, found.own, found.practice, found.people, found.minutes_before)


FEATURE = Feature(commands={"stats": show_stats})
