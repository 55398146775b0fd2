"""The same statements under another format: pure, no model, any number of times."""

from bot.domain.errors import UserMistake
from bot.domain.ids import NoteId
from bot.domain.note import Note
from bot.domain.people import Person
from bot.domain.policy import ActKind
from bot.workflows.change_note import change_note
from bot.workflows.desk import Desk


async def arrange_note(desk: Desk, actor: Person | None, note_id: NoteId, format_id: str, via: str) -> Note:
    """Switch the draft to another format. Raises UserMistake for a format the practice does not have.

    What is not a whole note (an addendum, a retraction) has a form of its own.
    """
    if format_id not in desk.startable:
        raise UserMistake("unknown_format", "That format is not offered any more. Please choose another one.")

    def change(note: Note) -> Note:
        if note.format_id not in desk.startable:
            raise UserMistake("one_format", "This one has no other format. Press Edit to change what it says.")
        version = desk.startable[format_id].version
        same = format_id == note.format_id and desk.format_of(note).version == version
        return note.arranged(format_id, note.format_version if same else version)

    return await change_note(desk, actor, note_id, ActKind.CHANGE, "arranged", change, via)
