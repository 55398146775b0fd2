"""A reading that leaves a trace: of a signed note, or of a note that is somebody else's. One's own draft is no act."""

from bot.domain.note import Note
from bot.domain.people import Person
from bot.workflows.desk import Desk


async def put_down_reading(desk: Desk, reader: Person, note: Note, via: str) -> None:
    """Say in the audit log that this person, who may, reads this note. Call it before the text is shown."""
    async with desk.database.writing(desk.id) as unit:
        await unit.audit.append(desk.act(reader.id, "viewed", note, via))
        await unit.commit()
