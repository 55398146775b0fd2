"""The dialogs of learning: sharing a section as an example, the practice's examples, one's own text beside its rule."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.cards import learning_words as words
from bot.cards.elements import (
    Actions,
    Button,
    Choice,
    Confirm,
    Field,
    Form,
    Heading,
    Prose,
    Remark,
    Rule,
    Select,
    Sentence,
    TextInput,
)
from bot.cards.words import SHORT_SLOT_NAMES
from bot.domain.formats import Format, SectionSpec
from bot.domain.ids import NoteId
from bot.domain.learning import LONGEST_EXAMPLE, LONGEST_REASON, Lesson, Shelf, Suggestion

TEACH, REMOVE = "teach", "example_remove"
_TEXT = "example."
_MOST_FIELDS = 92  # a chat takes a hundred parts
_PART = 5  # title, rule, one example with its button, line


def teach_row(note_id: NoteId) -> Actions:
    """A button that shares a section of this note, for any form or card that a supervisor reads it on."""
    return Actions("share", (Button(TEACH, words.TEACH, note_id),))


def with_sharing(form: Form, note_id: NoteId) -> Form:
    """A form in which a note is read, with the button to share a section of it near its top."""
    return replace(form, fields=(*form.fields[:1], teach_row(note_id), *form.fields[1:]))


def teach_pick_form(context: str, sections: Sequence[SectionSpec]) -> Form:
    """Which section of the note."""
    choices = tuple(Choice(spec.key, spec.title) for spec in sections)
    fields = (Remark(words.TEACH_HINT), Select("section", words.PICK_LABEL, choices, choices[0].value))
    return Form("teach_pick", words.PICK_TITLE, fields, words.PICK_SUBMIT, "Cancel", context)


def teach_form(context: str, suggestion: Suggestion) -> Form:
    """The section with its identifiers replaced, to go over, and why it is good."""
    replaced = ", ".join(f"{count} × [{kind}]" for kind, count in sorted(suggestion.replaced.items()))
    fields: list[Field] = [
        Remark(words.TEACH_HINT),
        Sentence(words.REPLACED.format(what=replaced) if replaced else words.NOTHING_REPLACED),
        Sentence(words.READ_ON),
        *(Sentence(words.LOOKS[look]) for look in suggestion.look),
    ]
    fields += [Sentence(words.SHORTENED)] if suggestion.shortened else []
    fields += _inputs(suggestion.section, suggestion.text)
    return Form("teach", words.TEACH_TITLE, tuple(fields), words.TEACH_SUBMIT, "Cancel", context)


def teach_again_form(context: str, section: SectionSpec, values: Mapping[str, str]) -> Form:
    """The same with what was typed, when it was not taken: nothing of the note is read again for it."""
    fields = (
        Sentence(words.READ_ON),
        *_inputs(section, values.get(f"{_TEXT}{section.key}", ""), values.get("why", "")),
    )
    return Form("teach", words.TEACH_TITLE, fields, words.TEACH_SUBMIT, "Cancel", context)


def shared_section(values: Mapping[str, str]) -> tuple[str, str]:
    """The section's key and the text, of the inputs of `teach_form`; both empty when there is none."""
    found = next(((name, text) for name, text in values.items() if name.startswith(_TEXT)), ("", ""))
    return found[0].removeprefix(_TEXT), found[1]


def examples_pick_form(formats: Mapping[str, Format], chosen: str = "", remark: str = "") -> Form:
    """In which format."""
    choices = tuple(Choice(fmt.id, fmt.name) for fmt in formats.values())
    value = chosen if chosen in formats else choices[0].value
    fields: tuple[Field, ...] = (Select("format", words.FORMAT_LABEL, choices, value),)
    said = (Remark(remark),) if remark else ()
    return Form("examples_pick", words.EXAMPLES_TITLE, (*said, *fields), words.SHOW, "Close", ":0")


def examples_form(shelf: Shelf) -> Form:
    """A format's examples, section by section, each with what is good about it."""
    name = shelf.fmt.name
    if not any(shelf.lessons.values()):
        said = words.NO_EXAMPLES.format(format=name)
        return Form("examples", words.EXAMPLES_TITLE, (Sentence(said),), context=_context(shelf))
    opening = words.FICTIONAL_OF if shelf.fictional else words.EXAMPLES_OF
    fields: list[Field] = [Sentence(words.HIDDEN if shelf.hidden else opening.format(format=name))]
    most = max(1, (_MOST_FIELDS // len(shelf.fmt.sections) - _PART) // 2 + 1)
    for spec in shelf.fmt.sections:
        lessons = shelf.lessons.get(spec.key, ())[:most]
        if lessons:
            fields += [Rule(), Heading(spec.title), Remark(rule_of(spec))]
        for lesson in lessons:
            fields += _lesson(lesson, hidden=shelf.hidden)
    return Form("examples", words.EXAMPLES_TITLE, tuple(fields), context=_context(shelf))


def rule_of(spec: SectionSpec) -> str:
    """What belongs in a section: the format's own words, else what kinds of content it holds."""
    said = spec.guidance or words.HERE_BELONG.format(slots=", ".join(SHORT_SLOT_NAMES[slot] for slot in spec.slots))
    return words.RULE.format(rule=said[:1].lower() + said[1:])


def lesson_prose(lesson: Lesson) -> Prose:
    """An example and why it is good. What a supervisor typed is clinical text like any other."""
    title = words.FICTIONAL if lesson.fictional else words.EXAMPLE
    paragraphs = [line for line in lesson.text.split("\n") if line.strip()]
    return Prose(title, (*paragraphs, words.GOOD_BECAUSE.format(why=lesson.why)))


def _lesson(lesson: Lesson, *, hidden: bool) -> list[Field]:
    shown: list[Field] = [Remark(words.EXAMPLE) if hidden else lesson_prose(lesson)]
    if lesson.removable:
        sure = Confirm(words.REMOVE_TITLE, words.REMOVE_TEXT, words.REMOVE_YES, words.REMOVE_NO)
        button = Button(REMOVE, words.REMOVE, lesson.id, confirm=sure)
        shown.append(Actions(f"example-{lesson.id}", (button,)))
    return shown


def _inputs(section: SectionSpec, text: str, why: str = "") -> tuple[TextInput, TextInput]:
    label = words.TEXT_LABEL.format(section=section.title)
    return (
        TextInput(
            f"{_TEXT}{section.key}",
            label,
            text,
            words.TEXT_HINT,
            multiline=True,
            optional=False,
            max_length=max(LONGEST_EXAMPLE, len(text)),
        ),
        TextInput("why", words.WHY_LABEL, why, words.WHY_HINT, optional=False, max_length=LONGEST_REASON),
    )


def _context(shelf: Shelf) -> str:
    return f"{shelf.fmt.id}:0"
