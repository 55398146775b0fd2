"""The dialogs of a receipt: reading the note as filed, an addendum, an amendment, a retraction."""

from collections.abc import Sequence

from bot.cards import after_words
from bot.cards.after_screens import later_lines, moment, name_of
from bot.cards.author_screens import signed_by
from bot.cards.elements import Field, Form, Prose, Remark, Rule, Sentence, TextInput
from bot.cards.forms import context_of, reason_input, section_inputs
from bot.cards.screens import Shown
from bot.domain.formats import Format, arrange
from bot.domain.links import LinkKind
from bot.domain.note import Note, State

_MOST_PARTS = 60


def view_form(note: Note, text: str, shown: Shown) -> Form:
    """A note as it was filed, and which documents about it were signed since."""
    signature = note.standing[-1]
    line = after_words.VIEW_OF.format(
        name=name_of(note, shown.formats, shown.around.about),
        client=f" for {note.client_code}" if note.client_code else "",
        at=moment(signature.at, shown.timezone),
        who=signed_by(note),
        note=note.id,
    )
    fields: list[Field] = [Sentence(line)]
    fields += [] if note.state is State.FILED else [Remark(after_words.VIEW_WAITS)]
    fields += later_lines(shown.around.later, shown.timezone)
    fields += [Rule(), *_filed(text)]
    return Form("view", after_words.VIEW_TITLE, tuple(fields), context=context_of(note))


def addendum_form(note: Note) -> Form:
    """What is to be added to a signed note."""
    text = TextInput("text", after_words.ADDENDUM_LABEL, "", after_words.ADDENDUM_HINT, multiline=True, optional=False)
    return _form("addendum", after_words.ADDENDUM_TITLE, note, (Remark(after_words.ADDENDUM_REMARK), text))


def amend_form(note: Note, fmt: Format) -> Form:
    """The note's text as signed, to be corrected, and why."""
    fields: list[Field] = [Remark(after_words.AMEND_REMARK), reason_input("")]
    for section in arrange(note.statements, fmt):
        fields += section_inputs(section)
    return _form("amend", after_words.AMEND_TITLE, note, tuple(fields))


def retract_form(note: Note) -> Form:
    """Why a note was entered in error, and what comes of it."""
    reason = TextInput(
        "reason", after_words.RETRACT_LABEL, "", after_words.RETRACT_HINT, multiline=True, optional=False
    )
    amends = note.link is not None and note.link.kind is LinkKind.AMENDMENT
    said = (Sentence(after_words.RETRACT_AMENDMENT),) if amends else ()
    return _form("retract", after_words.RETRACT_TITLE, note, (Sentence(after_words.RETRACT_REMARK), *said, reason))


def _form(name: str, title: str, note: Note, fields: tuple[Field, ...]) -> Form:
    said = (*fields, Remark(after_words.NOTHING_SIGNED_YET))
    return Form(name, title, said, after_words.AS_DRAFT, "Cancel", context_of(note))


def _filed(text: str) -> list[Prose]:
    """The text's own parts, as they stand between empty lines; of very many, one, since a dialog holds only so many."""
    blocks = [[line for line in block.split("\n") if line.strip()] for block in text.split("\n\n")]
    if len(blocks) > _MOST_PARTS:
        return [Prose("", tuple(line for lines in blocks for line in lines))]
    return [_part(lines) for lines in blocks if lines]


def _part(lines: Sequence[str]) -> Prose:
    """A section of the filed text; its heading stands in capitals there."""
    headed = len(lines) > 1 and lines[0].isupper()
    return Prose(lines[0], tuple(lines[1:])) if headed else Prose("", tuple(lines))
