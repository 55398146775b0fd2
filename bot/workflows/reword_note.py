"""“Ask for a change”: the clinician's instruction, the model's new wording, the same checks, and Undo."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.completion import Prompt
from bot.domain.errors import EffectError, Stale, UserMistake
from bot.domain.formats import SectionSpec
from bot.domain.ids import NoteId
from bot.domain.note import Asked, Note, State
from bot.domain.people import Person
from bot.domain.policy import ActKind
from bot.domain.statements import Draft, Origin, Point, Slot, Statement
from bot.drafting.diagnosis import settle_diagnoses
from bot.drafting.guards import withheld_points
from bot.drafting.prompt import revise_prompt
from bot.drafting.written import kept_where_same, with_headings
from bot.workflows.change_note import change_note
from bot.workflows.desk import Desk
from bot.workflows.goals_of_note import goals_for
from bot.workflows.show_note import Screens
from bot.workflows.write_statements import Hide, Question, write_statements
from bot.workflows.writer import Writer, voice_for

LONGEST = 500
_OWN = (Slot.GOAL, Slot.DIAGNOSIS)  # confirmed or charted: nothing for a model to word


async def ask_change(
    desk: Desk, actor: Person | None, note_id: NoteId, seen_version: int, asked: Asked, via: str
) -> Note:
    """Keep what is asked for; a worker brings it about. Raises UserMistake."""
    instruction = " ".join(asked.instruction.split())
    if desk.writer is None:
        raise UserMistake("no_model", "No language model is set up here. Press Edit to change the wording yourself.")
    if not instruction:
        raise UserMistake("empty_instruction", "Write what should change, such as “shorter” or “less jargon”.")
    if len(instruction) > LONGEST:
        raise UserMistake("long_instruction", f"Please say it in at most {LONGEST} characters.")

    def change(note: Note) -> Note:
        if note.asked:
            raise UserMistake("asked_already", "A change is being made already. It shows on the card in a moment.")
        return note.asking(replace(asked, instruction=instruction), seen_version)

    return await change_note(desk, actor, note_id, ActKind.CHANGE, "asked for a change", change, via)


async def undo_change(desk: Desk, actor: Person | None, note_id: NoteId, via: str) -> Note:
    """Back to the wording before the model's last change."""
    return await change_note(desk, actor, note_id, ActKind.CHANGE, "undone", lambda note: note.undone(), via)


async def reword_note(desk: Desk, note_id: NoteId) -> bool:
    """The worker's part; says whether this call did it. The note stays as it is when the model is of no use."""
    async with desk.database.reading(desk.id) as unit:
        note = await unit.notes.get(note_id)
        plan = await desk.plan_of(unit, note)
    if note.state is not State.DRAFT or note.asked is None:
        return False
    reworded = await _reworded(desk, note, note.asked, goals_for(plan))
    try:
        await _keep(desk, reworded, note)
    except Stale:
        async with desk.database.reading(desk.id) as unit:
            moved = await unit.notes.get(note_id)
        if moved.asked != note.asked or moved.state is not State.DRAFT:
            return False
        await _keep(desk, moved.not_reworded("outrun"), moved)
    return True


async def reword_and_show(desk: Desk, screens: Screens, note_id: NoteId) -> None:
    """The change that was asked for, then the cards. Raises Temporary or Permanent from the chat."""
    await reword_note(desk, note_id)
    await screens.show(note_id)


async def _keep(desk: Desk, reworded: Note, seen: Note) -> None:
    async with desk.database.writing(desk.id) as unit:
        await unit.notes.save(reworded, seen)
        await unit.audit.append(desk.act(None, "not reworded" if reworded.trouble else "reworded", reworded))
        await unit.commit()


async def _reworded(desk: Desk, note: Note, asked: Asked, goals: Sequence[str]) -> Note:
    if desk.writer is None:
        return note.not_reworded("no_model")
    try:
        return await _asked(desk, desk.writer, note, asked, goals)
    except EffectError as error:
        return note.not_reworded(error.code)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is to be worded anew, and what the clinician typed so far: the summary's points, then their own words."""

    statements: Sequence[Statement]
    rest: Sequence[Statement]
    points: tuple[Point, ...]


async def _asked(desk: Desk, writer: Writer, note: Note, asked: Asked, goals: Sequence[str]) -> Note:
    """The note with its new wording. Raises EffectError."""
    section = next((s for s in desk.formats[note.format_id].sections if s.key == asked.section), None)
    scope = _scope(note, section)
    withheld = withheld_points(scope.points)
    sent = [point for point in scope.points if point.number not in withheld]
    places = {point.number: place for place, point in enumerate(sent, start=1)}

    def build(texts: Sequence[str], hide: Hide) -> Prompt:
        now = [
            replace(s, text=hide(s.text), sources=tuple(places[n] for n in s.sources if n in places))
            for s in scope.statements
        ]
        title = section.title if section else ""
        told, voice = hide(asked.instruction), voice_for(writer, note)
        return revise_prompt(texts, now, told, voice, [hide(goal) for goal in goals], title, note.session.kind)

    checked = await write_statements(desk, writer, Question(note.id, "reword", sent, build))
    fitted = with_headings(_fitted(checked.statements, section), scope.points)
    draft = settle_diagnoses(Draft(scope.points, fitted, Origin.MODEL, _fitted(checked.held, section)))
    statements = kept_where_same(scope.statements, draft.statements)
    known = {held.text for held in note.held}
    held = [statement for statement in draft.held if statement.text not in known]
    return note.reworded(scope.points, (*scope.rest, *statements), (*note.held, *held))


def _scope(note: Note, section: SectionSpec | None) -> _Scope:
    """Own words become points too: the model may word them anew, and the checker holds it to them."""
    slots = section.slots if section else tuple(Slot)
    inside = [s for s in note.statements if s.slot in slots and s.slot not in _OWN]
    rest = [s for s in note.statements if s not in inside]
    points = list(note.points)
    scoped: list[Statement] = []
    for statement in inside:
        if statement.origin is Origin.CLINICIAN:
            points.append(Point(len(points) + 1, statement.text))
            statement = replace(statement, sources=(*statement.sources, len(points)))
        scoped.append(statement)
    return _Scope(scoped, rest, tuple(points))


def _fitted(statements: Sequence[Statement], section: SectionSpec | None) -> tuple[Statement, ...]:
    """In a section that was asked about, statements keep to its slots."""
    if section is None:
        return tuple(statements)
    return tuple(s if s.slot in section.slots else replace(s, slot=section.slots[0]) for s in statements)
