"""What Home tells somebody beside their backlog: what they filed last, what waits for their review, what they chose."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.note import Note, State
from bot.domain.people import Person
from bot.domain.policy import ActKind, may
from bot.domain.preferences import Preferences
from bot.workflows.desk import Desk

_SHOWN = 5
_MOST_REVIEWS = 100


@dataclass(frozen=True, slots=True)
class Home:
    """`filed`: one's own notes, newest first. `reviews`: how many wait for this person, counted up to a hundred."""

    filed: Sequence[Note]
    reviews: int
    chosen: Preferences


async def home_of(desk: Desk, person: Person) -> Home:
    """Only what is this person's own."""
    async with desk.database.reading(desk.id) as unit:
        filed: Sequence[Note] = ()
        if may(person, ActKind.LIST) is None:
            filed = await unit.notes.recent(person.id, State.FILED, _SHOWN)
            await desk.learn_format(unit, *filed)
        reviews = await unit.reviews.waiting(person.id, _MOST_REVIEWS)
        return Home(filed, len(reviews), await unit.choices.of(person.id))
