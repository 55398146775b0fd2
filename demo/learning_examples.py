"""Example data for learning: a section to share, the practice's examples, the rule beside one's own text."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.cards import forms, learning_forms
from bot.cards.elements import Card, Form
from bot.cards.learning_screens import supervision_card
from bot.domain.formats import Format
from bot.domain.ids import NoteId
from bot.domain.learning import LONGEST_EXAMPLE, LONGEST_REASON, Lesson, Look, Shelf, Suggestion
from bot.domain.note import Note
from bot.domain.standing import Standing, SupervisionPage, WaitingNote
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


_AT = datetime(2026, 11, 23, 20, 2, tzinfo=UTC)
_HOURS, _DAYS = timedelta(hours=5), timedelta(days=3)
_FINDINGS = (("A goal or objective of the plan", 4), ("Plan and next session", 2))
_ROSA = Standing("Rosa Delgado", 2, _DAYS, 1, 9, 7, _HOURS, _DAYS, 3, 12, _FINDINGS)
_TOBIAS = Standing("Tobias Lindgren", 1, timedelta(minutes=12), 0, 1, changed=0)
_WAITING = (
    WaitingNote(NoteId("n0000000000000001"), "JD-014", "SOAP", "Rosa Delgado", _DAYS, overdue=True),
    WaitingNote(NoteId("n0000000000000002"), "", "BIRP", "Rosa Delgado", _HOURS, overdue=False),
)


def learning_cards() -> dict[str, Card]:
    """A supervisor's page, by name."""
    people = (Standing("Chidinma Okafor"), _ROSA, _TOBIAS)
    return {
        "supervision": supervision_card(SupervisionPage(_AT, 90, people, _WAITING, more=2)),
        "supervision_none": supervision_card(SupervisionPage(_AT, 90, ())),
        "supervision_of_all": supervision_card(SupervisionPage(_AT, 90, people, own=False)),
    }


def huge_page() -> Card:
    """A large practice, with more waiting than is listed."""
    people = tuple(replace(_ROSA, name=f"Somebody {number}") for number in range(60))
    waiting = tuple(replace(_WAITING[0], note_id=NoteId(f"n{number:016}")) for number in range(10))
    return supervision_card(SupervisionPage(_AT, 90, people, waiting, more=200, own=False))
