"""One read, one pure change, one commit: what every change of a draft has in common."""

from collections.abc import Callable, Sequence

from bot.domain.ids import NoteId
from bot.domain.note import Note, Session, State
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.workflows.desk import Desk
from bot.workflows.list_session import keep_listed

Change = Callable[[Note], Note]
Said = Callable[[Note, Note], Sequence[str]]


async def change_note(
    desk: Desk, actor: Person | None, note_id: NoteId, act: ActKind, what: str | Said, change: Change, via: str
) -> Note:
    """Apply a pure change if the actor may; a change that changes nothing leaves no trace. Raises UserMistake.

    `what`: how the audit log calls it, or what it says for a note before and after.
    """
    async with desk.database.writing(desk.id) as unit:
        note = await unit.notes.get(note_id)
        await desk.learn_format(unit, note)
        person = allow(actor, act, note)
        changed = change(note)
        if changed != note:
            await unit.notes.save(changed, note)
            if _about(changed) != _about(note):
                await keep_listed(desk, unit, changed)
            for said in [what] if isinstance(what, str) else what(note, changed):
                await unit.audit.append(desk.act(person.id, said, changed, via))
            await unit.commit()
    return changed


def _about(note: Note) -> tuple[str, Session, bool]:
    """What of a note its session on the clinician's list follows."""
    return note.client_code, note.session, note.state is State.DISCARDED
