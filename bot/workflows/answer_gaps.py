"""Answers to the questions about what a note does not say, and questions the clinician does not want."""

from collections.abc import Mapping, Sequence

from bot.domain.ids import NoteId
from bot.domain.note import Note
from bot.domain.people import Person
from bot.domain.policy import ActKind
from bot.drafting.gaps import answered
from bot.workflows.change_note import change_note
from bot.workflows.desk import Desk


async def answer_gaps(
    desk: Desk,
    actor: Person | None,
    note_id: NoteId,
    seen_version: int | None,
    answers: Mapping[str, str],
    waived: Sequence[str],
    via: str,
) -> Note:
    """Answers (check id → as typed) become the clinician's own statements; what is waived is not asked again.

    `seen_version` is None for a press on the card, which shows what stands. Raises Stale, NotAllowed, NotFound.
    """

    def change(note: Note) -> Note:
        found = answered(note, desk.profile_for(note), answers, waived, desk.house.voice.word)
        version = note.version if seen_version is None else seen_version
        return note.completed((*note.statements, *found.statements), (), version, found.session, found.settled)

    return await change_note(desk, actor, note_id, ActKind.CHANGE, "questions answered", change, via)
