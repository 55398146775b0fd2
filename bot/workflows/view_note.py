"""A signed note as it was filed, to read again in the chat."""

from dataclasses import dataclass

from bot.cards.after_words import PURGED
from bot.domain.after_filing import Around, is_signed
from bot.domain.errors import NotFound, Stale
from bot.domain.ids import NoteId
from bot.domain.note import Note
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.workflows.around import around
from bot.workflows.desk import Desk

_KIND = "txt"


@dataclass(frozen=True, slots=True)
class Viewed:
    """The note, its text as filed, and the notes that belong to it."""

    note: Note
    text: str
    around: Around


async def view_note(desk: Desk, actor: Person | None, note_id: NoteId, via: str) -> Viewed:
    """Read a note's text as it was filed; the audit log says who did. Raises UserMistake, and NotFound once purged."""
    async with desk.database.writing(desk.id) as unit:
        try:
            note = await unit.notes.get(note_id)
        except NotFound:
            raise NotFound("note_purged", PURGED) from None
        reader = allow(actor, ActKind.VIEW, note)
        if not is_signed(note):
            raise Stale("not_signed", "That note is not signed, so it can still be read on its own card.")
        text = (await unit.documents.of(note_id)).get(_KIND)
        if text is None:
            raise Stale("not_rendered", "Its documents are being made. Please try again in a moment.")
        await unit.audit.append(desk.act(reader.id, "viewed", note, via))
        viewed = Viewed(note, text.decode(), await around(unit, note))
        await unit.commit()
    return viewed
