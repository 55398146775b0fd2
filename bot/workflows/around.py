"""The notes that belong to one note: what it is about, and what was signed about it later."""

import contextlib

from bot.domain.after_filing import Around, Later, closing, is_signed, kind_of, signed_among
from bot.domain.errors import NotFound
from bot.domain.ids import NoteId
from bot.domain.links import LinkKind
from bot.domain.note import OPEN, Note
from bot.ports import UnitOfWork


async def around(unit: UnitOfWork, note: Note) -> Around:
    """Read what belongs to the note; nothing for a note that is neither signed nor follows one."""
    about = None
    if note.link:
        with contextlib.suppress(NotFound):  # purged
            about = await unit.notes.get(note.link.of)
    overtaking = note.link is not None and note.state in OPEN
    return Around(
        about,
        await later_of(unit, note.id) if is_signed(note) else (),
        await later_of(unit, note.link.of) if note.link and overtaking else (),
    )


async def later_of(unit: UnitOfWork, note_id: NoteId) -> tuple[Later, ...]:
    """What was signed about a note, oldest first, each with whether it was retracted since."""
    found: list[Later] = []
    for note in signed_among(await unit.notes.linked_to(note_id)):
        closed_by = closing(signed_among(await unit.notes.linked_to(note.id)))
        retracted = closed_by is not None and kind_of(closed_by) is LinkKind.RETRACTION
        found.append(Later(kind_of(note), note, retracted))
    return tuple(found)
