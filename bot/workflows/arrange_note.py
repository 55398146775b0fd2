"""The same statements under another format: pure, no model, any number of times."""

from bot.domain.errors import UserMistake
from bot.domain.ids import NoteId
from bot.domain.note import Note
from bot.domain.people import Person
from bot.domain.policy import ActKind
from bot.workflows.change_note import change_note
from bot.workflows.desk import Desk


async def arrange_note(desk: Desk, actor: Person | None, note_id: NoteId, format_id: str, via: str) -> Note:
    """Switch the draft to another format. Raises UserMistake for a format the practice does not have."""
    if format_id not in desk.formats:
        raise UserMistake("unknown_format", "That format is not offered any more. Please choose another one.")
    return await change_note(
        desk, actor, note_id, ActKind.CHANGE, "arranged", lambda note: note.arranged(format_id), via
    )
