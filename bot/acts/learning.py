"""Learning in every chat: which dialog follows on which button or typed line, and what a sent one comes to."""

import re

from bot.acts.presses import Press, note_in
from bot.acts.sent_forms import Sent
from bot.cards import learning_words
from bot.cards.elements import Card, Form
from bot.cards.forms import message_form
from bot.cards.learning_forms import (
    REMOVE,
    TEACH,
    examples_form,
    examples_pick_form,
    shared_section,
    teach_again_form,
    teach_form,
    teach_pick_form,
)
from bot.cards.learning_screens import supervision_card
from bot.domain.errors import NotFound, UserMistake
from bot.domain.formats import Format
from bot.domain.ids import new_note_id
from bot.domain.people import Person
from bot.drafting.headline import nearest_format
from bot.workflows.desk import Desk
from bot.workflows.examples import examples_of, mark_example, remove_example, sections_to_share, suggest_example
from bot.workflows.supervision_page import supervision_page

ACTIONS = frozenset({TEACH, REMOVE})
FORMS = frozenset({"teach_pick", "teach", "examples_pick", "examples"})
_COMMAND = re.compile(r"examples?(?:\s+(?P<format>\S{1,40}(?:\s(?:note|notes))?))?", re.IGNORECASE)


def command_format(text: str) -> str | None:
    """The format after the word that opens the examples, empty when it stands alone; None for anything else."""
    command = _COMMAND.fullmatch(text.strip())
    return None if command is None else (command["format"] or "")


async def examples_for(desk: Desk, person: Person | None, typed: str) -> Form:
    """The examples of the format that was typed; the form to choose one where none, or an unknown one, was.

    Raises NotAllowed.
    """
    if typed and (fmt := _format_named(desk, typed)):
        return examples_form(await examples_of(desk, person, fmt.id))
    offered = desk.offered
    await examples_of(desk, person, next(iter(desk.startable)))  # who may not read them is not asked to choose either
    if not typed:
        return examples_pick_form(offered)
    near = nearest_format(typed, list(offered))
    return examples_pick_form(offered, near or "", learning_words.UNKNOWN_FORMAT.format(typed=typed[:30]))


async def open_sharing(desk: Desk, person: Person | None, press: Press, via: str) -> Form:
    """What the button to share opens: which section, or that one when there is only one. Raises UserMistake.

    Under an id of its own beside the note's: sent twice it makes one example, which does not know the note's.
    """
    note, sections = await sections_to_share(desk, person, press.note_id)
    context = f"{note.id}.{new_note_id()}:{note.version}"
    first, *others = sections
    if others:
        return teach_pick_form(context, sections)
    return teach_form(context, await suggest_example(desk, person, note.id, first.key, via))


async def send(desk: Desk, person: Person | None, sent: Sent, via: str) -> Form:
    """What stands in a sent form's place. Raises UserMistake; the text is the caller's to keep on the screen."""
    values, note_id = sent.values, note_in(sent.note_id)
    match sent.form:
        case "teach_pick":
            suggestion = await suggest_example(desk, person, note_id, values.get("section", ""), via)
            return teach_form(f"{sent.note_id}:{sent.version}", suggestion)
        case "teach":
            section, text = shared_section(values)
            example_id = sent.note_id.partition(".")[2]
            why = values.get("why", "")
            example = await mark_example(desk, person, note_id, section, text, why, via, example_id)
            said = learning_words.SHARED.format(command=f"examples {example.format_id}")
            return message_form(learning_words.SHARED_TITLE, said)
        case "examples_pick":
            return await examples_for(desk, person, values.get("format", ""))
        case "examples":
            return await examples_for(desk, person, sent.note_id)
        case _:
            raise UserMistake("unknown_form", learning_words.NOT_IN_FORMAT)


async def take_away(desk: Desk, person: Person | None, press: Press, format_id: str, via: str) -> Form:
    """Remove an example, and what is left of its format's. Raises NotAllowed."""
    await remove_example(desk, person, str(press.note_id), via)
    return await examples_for(desk, person, format_id)


async def as_typed(desk: Desk, person: Person | None, sent: Sent) -> Form:
    """A form that was not taken, with what was typed in it. Raises UserMistake when even that may not be seen."""
    context = f"{sent.note_id}:{sent.version}"
    if sent.form == "teach":
        note, sections = await sections_to_share(desk, person, note_in(sent.note_id))
        key = shared_section(sent.values)[0]
        spec = next((each for each in sections if each.key == key), None)
        if spec is None:
            raise NotFound("no_such_section", learning_words.NOT_IN_FORMAT)
        return teach_again_form(f"{sent.note_id}:{note.version}", spec, sent.values)
    if sent.form == "teach_pick":
        return teach_pick_form(context, (await sections_to_share(desk, person, note_in(sent.note_id)))[1])
    return await examples_for(desk, person, "")


def is_supervision(text: str) -> bool:
    """Whether somebody asks for the supervisor's page."""
    return text.strip().casefold() == "supervision"


async def supervision(desk: Desk, person: Person | None, via: str) -> Card:
    """How the notes of one's supervisees stand; for an administrator everybody's counts. Raises NotAllowed."""
    return supervision_card(await supervision_page(desk, person, via))


def _format_named(desk: Desk, typed: str) -> Format | None:
    wanted = typed.casefold()
    found = (fmt for fmt in desk.startable.values() if wanted in (fmt.id, fmt.name.casefold()))
    return next(found, None)
