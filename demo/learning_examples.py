"""Example data for learning: a section to share, the practice's examples, the rule beside one's own text."""

from dataclasses import replace

from bot.cards import forms, learning_forms
from bot.cards.elements import Form
from bot.domain.formats import Format
from bot.domain.learning import LONGEST_EXAMPLE, LONGEST_REASON, Lesson, Look, Shelf, Suggestion
from bot.domain.note import Note
from bot.drafting.shipped_examples import shipped_examples
from bot.formats_file import load_formats

_SHARED = Lesson("[client] took one step of the ladder & called [name].\nNext: <step 2>.", "It can be *counted*.", "e1")


def learning_dialogs(note: Note, bare: Note, fmt: Format) -> dict[str, Form]:
    """Every dialog of learning, by name."""
    spec, context = fmt.sections[-1], f"{note.id}.n0000000000000009:3"
    suggestion = Suggestion(
        note.id, 3, spec, "Next week [client] goes to [place] with [name].", {"name": 1, "place": 1}
    )
    looked_at = replace(suggestion, replaced={}, look=tuple(Look), shortened=True)
    typed = {f"example.{spec.key}": "Exposure with Marisol on the bridge.", "why": "It is small."}
    shipped = {key: (lesson,) for key, lesson in shipped_examples(fmt.id).items()}
    own = {"plan": (replace(_SHARED, removable=True), _SHARED)}
    return {
        "teach_pick": learning_forms.teach_pick_form(context, fmt.sections),
        "teach": learning_forms.teach_form(context, suggestion),
        "teach_looked_at": learning_forms.teach_form(context, looked_at),
        "teach_again": learning_forms.teach_again_form(context, spec, typed),
        "examples_pick": learning_forms.examples_pick_form(load_formats(), "dap", "I don't know the format “dab”."),
        "examples": learning_forms.examples_form(Shelf(fmt, {**shipped, **own})),
        "examples_made_up": learning_forms.examples_form(Shelf(fmt, shipped)),
        "examples_none": learning_forms.examples_form(Shelf(fmt, {})),
        "examples_to_remove": learning_forms.examples_form(
            Shelf(fmt, {"plan": (Lesson("", "", "e1", removable=True),)}, hidden=True)
        ),
        "why_learning": forms.why_form(bare, fmt, {key: lessons[0] for key, lessons in {**shipped, **own}.items()}),
        "view_to_share": learning_forms.with_sharing(forms.read_form(note, fmt), note.id),
    }


def huge_lessons(fmt: Format) -> dict[str, Lesson]:
    """As long as an example may be, in every section."""
    long = Lesson("word " * (LONGEST_EXAMPLE // 5), "r" * LONGEST_REASON, "e" * 17, removable=True)
    return {spec.key: long for spec in fmt.sections}


def huge_shelf(fmt: Format) -> Form:
    """As many of them as are ever shown."""
    lessons = huge_lessons(fmt)
    full = {key: tuple(replace(lesson, id=f"{key}{number}") for number in range(3)) for key, lesson in lessons.items()}
    return learning_forms.examples_form(Shelf(fmt, full))
