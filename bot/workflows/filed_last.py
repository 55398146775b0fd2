"""What a clinician filed last, for Home."""

from collections.abc import Sequence

from bot.domain.note import Note, State
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.workflows.desk import Desk

_SHOWN = 5


async def filed_last(desk: Desk, actor: Person | None) -> Sequence[Note]:
    """One's own, newest first. Raises NotAllowed for who writes no notes."""
    person = allow(actor, ActKind.LIST)
    async with desk.database.reading(desk.id) as unit:
        notes = await unit.notes.recent(person.id, State.FILED, _SHOWN)
        await desk.learn_format(unit, *notes)
    return notes
