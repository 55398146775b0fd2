"""What the clinician decides before signing: statements held out, statements in doubt, points no statement used."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.ids import NoteId, StatementId
from bot.domain.note import Note
from bot.domain.people import Person
from bot.domain.policy import ActKind
from bot.domain.statements import Slot
from bot.drafting.sorter import slot_of
from bot.workflows.change_note import change_note
from bot.workflows.desk import Desk


@dataclass(frozen=True, slots=True)
class Decisions:
    """`take`: held statements that enter as own words. `leave`: held or doubtful ones that go. `right`: doubtful ones
    that are right as they stand. `points`: number → slot, None to leave the point out."""

    take: tuple[StatementId, ...] = ()
    leave: tuple[StatementId, ...] = ()
    right: tuple[StatementId, ...] = ()
    points: Mapping[int, Slot | None] = field(default_factory=dict[int, Slot | None])


async def decide(desk: Desk, actor: Person | None, note_id: NoteId, decisions: Decisions, via: str) -> Note:
    """Carry decisions out, each at most once: a second click and a late form change nothing any more."""

    def change(note: Note) -> Note:
        for statement_id in decisions.take:
            note = note.taken(statement_id)
        for statement_id in decisions.leave:
            note = note.left(statement_id)
        for statement_id in decisions.right:
            note = note.confirmed(statement_id)
        for number, slot in decisions.points.items():
            note = note.placed(number, slot)
        return note

    return await change_note(desk, actor, note_id, ActKind.CHANGE, "decided", change, via)


async def add_point(desk: Desk, actor: Person | None, note_id: NoteId, number: int, via: str) -> Note:
    """An unused point enters as typed, where the sorter would put it (else as what the client reported)."""

    def change(note: Note) -> Note:
        point = [point for point in note.unused() if point.number == number]
        return note.placed(number, next(iter(slot_of(point)), None) or Slot.REPORT)

    return await change_note(desk, actor, note_id, ActKind.CHANGE, "decided", change, via)
