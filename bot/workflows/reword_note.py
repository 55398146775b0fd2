"""“Ask for a change”: the clinician's instruction, the model's new wording, the same checks, and Undo."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.completion import Prompt
from bot.domain.errors import EffectError, UserMistake
from bot.domain.formats import SectionSpec
from bot.domain.ids import NoteId
from bot.domain.note import OPEN, Asked, Note
from bot.domain.people import Person
from bot.domain.policy import ActKind
from bot.domain.statements import Draft, Origin, Point, Slot, Statement
from bot.drafting.diagnosis import settle_diagnoses
from bot.drafting.guards import withheld_points
from bot.drafting.prompt import revise_prompt
from bot.drafting.written import kept_where_same, with_headings
from bot.logs import safe, where
from bot.workflows.change_note import change_note
from bot.workflows.desk import Desk
from bot.workflows.goals_of_note import goals_for
from bot.workflows.show_note import Screens
from bot.workflows.write_statements import Hide, Question, write_statements
from bot.workflows.writer import Writer, voice_for

_LOG = logging.getLogger(__name__)
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
        await desk.learn_format(unit, note)
        plan = await desk.plan_of(unit, note)
    if note.state not in OPEN or note.asked is None:
        return False
    reworded = await _reworded(desk, note, note.asked, goals_for(plan))
    async with desk.database.writing(desk.id) as unit:
        now = await unit.notes.get(note_id)
        if now.asked != note.asked or now.state not in OPEN:
            return False
        kept = _brought_to(now, note, reworded)
        await unit.notes.save(kept, now)
        await unit.audit.append(desk.act(None, "not reworded" if kept.trouble else "reworded", kept))
        await unit.commit()
    return True


def _brought_to(now: Note, seen: Note, reworded: Note) -> Note:
    """The change on the note as it stands by now: whose session it was and when may have been said meanwhile."""
    if reworded.trouble:
        return now.not_reworded(reworded.trouble)
    if _content(now) != _content(seen):
        return now.not_reworded("outrun")
    return now.reworded(reworded.points, reworded.statements, reworded.held, reworded.prompt_version)


def _content(note: Note) -> tuple[object, ...]:
    return (note.points, note.statements, note.held, note.left_out, note.format_id)


async def reword_and_show(desk: Desk, screens: Screens, note_id: NoteId) -> None:
    """The change that was asked for, then the cards. Raises Temporary or Permanent from the chat."""
    await reword_note(desk, note_id)
    await screens.show(note_id)


async def _reworded(desk: Desk, note: Note, asked: Asked, goals: Sequence[str]) -> Note:
    if desk.writer is None:
        return note.not_reworded("no_model")
    try:
        return await _asked(desk, desk.writer, note, asked, goals)
    except EffectError as error:
        return note.not_reworded(error.code)
    except Exception as error:  # else the reconciler would pay for the same answer again and again
        _LOG.error("rewording of note %s: unexpected %s at %s", note.id, safe(error), where(error))
        return note.not_reworded("unexpected")


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is to be worded anew, and what it may be worded from.

    `points`: the note's, and own words that became points. `sent`: those a model may use. `stands_for`: own words'
    point → the points that they replace.
    """

    statements: Sequence[Statement]
    rest: Sequence[Statement]
    points: tuple[Point, ...]
    sent: tuple[Point, ...]
    stands_for: Mapping[int, tuple[int, ...]]


async def _asked(desk: Desk, writer: Writer, note: Note, asked: Asked, goals: Sequence[str]) -> Note:
    """The note with its new wording. Raises EffectError."""
    section = next((s for s in desk.format_of(note).sections if s.key == asked.section), None)
    if asked.section and section is None:
        return note.not_reworded("outrun")
    scope = await desk.think(lambda: _scope(note, section))
    if not scope.sent:
        return note.not_reworded("nothing_to_send")
    places = {point.number: place for place, point in enumerate(scope.sent, start=1)}

    def build(texts: Sequence[str], hide: Hide) -> Prompt:
        now = [
            replace(s, text=hide(s.text), sources=tuple(places[n] for n in s.sources if n in places))
            for s in scope.statements
        ]
        title = section.title if section else ""
        told, voice = hide(asked.instruction), voice_for(writer, note)
        return revise_prompt(texts, now, told, voice, [hide(goal) for goal in goals], title, note.session.kind)

    checked = await write_statements(desk, writer, Question(note, "reword", scope.sent, build))
    written = with_headings(checked.statements, scope.sent)
    draft = settle_diagnoses(Draft(scope.points, written, Origin.MODEL, checked.held))
    same = kept_where_same(scope.statements, _fitted(draft.statements, section))
    statements = [_citing_all(statement, scope.stands_for) for statement in same]
    repeated = {statement.text for statement in draft.held}
    statements += [s for s in scope.statements if s.text in repeated and s.text not in {t.text for t in statements}]
    known = {statement.text for statement in (*note.held, *note.statements)}
    held = [statement for statement in _fitted(draft.held, section) if statement.text not in known]
    return note.reworded(scope.points, (*scope.rest, *statements), (*note.held, *held), checked.prompt_version)


def _scope(note: Note, section: SectionSpec | None) -> _Scope:
    """Own words become points: the model may word them anew, the checker holds it to them, and they stand in for what
    they correct. What is private, left out, or used by the rest of the note only is not sent."""
    apart = {*withheld_points(note.points), *note.left_out}
    slots = section.slots if section else tuple(Slot)
    inside = [s for s in note.statements if s.slot in slots and s.slot not in _OWN and not _private(s, apart)]
    rest = [s for s in note.statements if s not in inside]
    points, scoped, stands_for = list(note.points), list[Statement](), dict[int, tuple[int, ...]]()
    texts = {point.number: point.text for point in points}
    for statement in inside:
        if statement.origin is Origin.CLINICIAN:
            number = next((n for n in statement.sources if texts.get(n) == statement.text), len(points) + 1)
            if number > len(points):
                points.append(Point(number, statement.text))
            stands_for[number] = tuple(n for n in statement.sources if n != number)
            statement = replace(statement, sources=(number,))
        scoped.append(statement)
    used = {n for s in scoped for n in s.sources}
    gone = {n for s in rest for n in s.sources} | {n for old in stands_for.values() for n in old}
    sent = tuple(p for p in points if p.number not in apart and (p.number in used or p.number not in gone))
    return _Scope(scoped, rest, tuple(points), sent, stands_for)


def _private(statement: Statement, apart: set[int]) -> bool:
    """Placed by hand, and no model's business; or made of what was left out since."""
    return bool(apart.intersection(statement.sources) or withheld_points([Point(1, statement.text)]))


def _citing_all(statement: Statement, stands_for: Mapping[int, tuple[int, ...]]) -> Statement:
    more = {n for number in statement.sources for n in stands_for.get(number, ())}
    return replace(statement, sources=tuple(sorted({*statement.sources, *more}))) if more else statement


def _fitted(statements: Sequence[Statement], section: SectionSpec | None) -> tuple[Statement, ...]:
    """In a section that was asked about, statements keep to its slots."""
    if section is None:
        return tuple(statements)
    return tuple(s if s.slot in section.slots else replace(s, slot=section.slots[0]) for s in statements)
