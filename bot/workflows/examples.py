"""Examples of good sections: what a supervisor shares, de-identified twice; what others learn from; what is removed.

Nothing is kept of the note that an example came from. That its text was read is put down with the note, that an
example was shared without one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from bot.cards import learning_words as words
from bot.domain.errors import NotAllowed, NotFound, Stale, UserMistake
from bot.domain.formats import Section, SectionSpec, arrange
from bot.domain.ids import NoteId
from bot.domain.learning import LONGEST_EXAMPLE, LONGEST_REASON, Lesson, Shelf, Suggestion, is_learning, may_remove
from bot.domain.note import Note
from bot.domain.people import Person, Role
from bot.domain.policy import ActKind, allow
from bot.drafting.shareable import Identifier, Known, beginning_of, identifiers_in, without_identifiers, worth_a_look
from bot.drafting.shipped_examples import shipped_examples
from bot.ports import Act
from bot.practice_ports import Example
from bot.workflows.desk import Desk

_PER_SECTION = 3
_LOOKED_AT = 300  # of one format, the latest
_NAMED = 3  # identifiers in a sentence


async def sections_to_share(desk: Desk, actor: Person | None, note_id: NoteId) -> tuple[Note, tuple[SectionSpec, ...]]:
    """The sections of a note that have a text. Raises NotAllowed, NotFound, and UserMistake when there is none."""
    async with desk.database.reading(desk.id) as unit:
        note = await unit.notes.get(note_id)
        await desk.learn_format(unit, note)
    allow(actor, ActKind.TEACH, note)
    found = tuple(section.spec for section in _sections(desk, note) if section.text.strip())
    if not found:
        raise UserMistake("nothing_to_share", words.NOTHING_TO_SHARE)
    return note, found


async def suggest_example(desk: Desk, actor: Person | None, note_id: NoteId, section: str, via: str) -> Suggestion:
    """A section with its identifiers replaced, to be gone over; the audit log says who read it. Raises UserMistake."""
    async with desk.database.writing(desk.id) as unit:
        note = await unit.notes.get(note_id)
        await desk.learn_format(unit, note)
        reader = allow(actor, ActKind.TEACH, note)
        found = _section(desk, note, section)
        await unit.audit.append(desk.act(reader.id, "viewed", note, via))
        await unit.commit()
    kept = beginning_of(found.text)
    text, replaced = await desk.think(lambda: without_identifiers(kept, known_to(desk, note)))
    counts = Counter(each.kind for each in replaced)
    look = worth_a_look(kept, found.statements)
    return Suggestion(note.id, note.version, found.spec, text, counts, look, shortened=kept != found.text)


async def mark_example(
    desk: Desk, actor: Person | None, note_id: NoteId, section: str, text: str, why: str, via: str, example_id: str
) -> Example:
    """Keep what a supervisor made of a section as an example, once an `example_id`.

    Raises NotAllowed, and UserMistake when something in it still points to somebody: the sentence then names it, so it
    is for the dialog alone.
    """
    text, why = text.strip(), why.strip()
    async with desk.database.reading(desk.id) as unit:
        note = await unit.notes.get(note_id)
        await desk.learn_format(unit, note)
    marker = allow(actor, ActKind.TEACH, note)
    spec = _section(desk, note, section).spec
    _check_size(text, why)
    left = await desk.think(lambda: identifiers_in(f"{text}\n\n{why}", known_to(desk, note)))
    if left:
        raise UserMistake("identifiers_left", words.IDENTIFIERS_LEFT.format(what=_named(left)))
    example = Example(example_id, note.format_id, spec.key, text, why, marker.id, desk.clock.now())
    async with desk.database.writing(desk.id) as unit:
        if there := await unit.examples.get(example_id):
            return there
        await unit.examples.add(example)
        if await unit.examples.get(example_id) is None:
            raise Stale("example_gone", words.EXAMPLE_GONE)
        await unit.audit.append(_act(desk, marker, "example shared", via))
        await unit.commit()
    return example


async def remove_example(desk: Desk, actor: Person | None, example_id: str, via: str) -> None:
    """Take an example away, its text for good; harmless when it is gone. Raises NotAllowed."""
    async with desk.database.writing(desk.id) as unit:
        example = await unit.examples.get(example_id)
        if actor is None or not actor.active:
            allow(actor, ActKind.LEARN)
            return
        if example is None:
            return
        if not may_remove(actor, example.by):
            raise NotAllowed("not_yours_to_remove", words.NOT_YOURS_TO_REMOVE)
        if await unit.examples.remove(example_id, desk.clock.now()):
            await unit.audit.append(_act(desk, actor, "example removed", via))
            await unit.commit()


async def examples_of(desk: Desk, actor: Person | None, format_id: str) -> Shelf:
    """A format's examples by section, the latest first; those that ship where the practice has none of its own.

    An administrator who neither writes nor supervises gets them without their text, to remove one. Raises NotAllowed,
    and NotFound for a format that is not there.
    """
    hidden = False
    try:
        reader = allow(actor, ActKind.LEARN)
    except NotAllowed:
        if actor is None or not actor.active or Role.ADMINISTRATOR not in actor.roles:
            raise
        reader, hidden = actor, True
    fmt = desk.startable.get(format_id)
    if fmt is None:
        raise NotFound("unknown_format", words.UNKNOWN_FORMAT.format(typed=format_id[:30]))
    own = await _own(desk, format_id)
    shelf: dict[str, tuple[Lesson, ...]] = {}
    for spec in fmt.sections:
        lessons = [_lesson(each, reader, hidden=hidden) for each in own if each.section == spec.key][:_PER_SECTION]
        shipped = shipped_examples(format_id).get(spec.key)
        shelf[spec.key] = tuple(lessons) or ((shipped,) if shipped and not hidden else ())
    return Shelf(fmt, shelf, hidden=hidden)


async def lessons_for(desk: Desk, reader: Person, note: Note) -> Mapping[str, Lesson] | None:
    """For who writes under supervision: section → one example of it, the practice's latest first. None for others."""
    if not is_learning(reader):
        return None
    try:
        shelf = await examples_of(desk, reader, note.format_id)
    except (NotAllowed, NotFound):
        return {}
    return {key: lessons[0] for key, lessons in shelf.lessons.items() if lessons}


def known_to(desk: Desk, note: Note) -> Known:
    """What texts of this practice may name: all client codes, and everybody on its list."""
    codes = [note.client_code, *(client.code for client in desk.practice.clients)]
    return Known(codes, [person.name for person in desk.practice.people])


async def _own(desk: Desk, format_id: str) -> Sequence[Example]:
    async with desk.database.reading(desk.id) as unit:
        return await unit.examples.of_format(format_id, _LOOKED_AT)


def _lesson(example: Example, reader: Person, *, hidden: bool) -> Lesson:
    removable = may_remove(reader, example.by)
    return Lesson("" if hidden else example.text, "" if hidden else example.why, example.id, removable)


def _sections(desk: Desk, note: Note) -> tuple[Section, ...]:
    return arrange(note.statements, desk.format_of(note))


def _section(desk: Desk, note: Note, key: str) -> Section:
    found = next((each for each in _sections(desk, note) if each.spec.key == key and each.text.strip()), None)
    if found is None:
        raise NotFound("no_such_section", words.NOT_IN_FORMAT)
    return found


def _check_size(text: str, why: str) -> None:
    if not text:
        raise UserMistake("needs_example", words.NEEDS_EXAMPLE)
    if len(text) > LONGEST_EXAMPLE:
        raise UserMistake("long_example", words.LONG_EXAMPLE)
    if not why:
        raise UserMistake("needs_why", words.NEEDS_REASON)
    if len(why) > LONGEST_REASON:
        raise UserMistake("long_why", words.LONG_REASON)


def _named(left: Sequence[Identifier]) -> str:
    """The first few, each once: `“Marisol” (name), “11/4” (date) and 2 more`."""
    each = list(dict.fromkeys(f"“{one.words[:40]}” ({one.kind})" for one in left))
    more = f" and {len(each) - _NAMED} more" if len(each) > _NAMED else ""
    return ", ".join(each[:_NAMED]) + more


def _act(desk: Desk, person: Person, what: str, via: str) -> Act:
    return Act(person.id, what, None, 0, "", desk.clock.now(), via)
