"""The dialogs, as pure functions. Input names are stable, so typed text survives every update of a form."""

from collections.abc import Iterator, Mapping, Sequence

from bot.cards import after_words, learning_words, words
from bot.cards.after_screens import reason_elements
from bot.cards.author_screens import NOBODY, Telling, comments_elsewhere, comments_on
from bot.cards.decisions import point_choices
from bot.cards.elements import (
    Actions,
    Button,
    Choice,
    ClientInput,
    DateInput,
    Field,
    Form,
    Heading,
    NumberInput,
    Prose,
    Remark,
    Rule,
    Select,
    Sentence,
    TextInput,
    TimeInput,
)
from bot.cards.gap_screens import cloned_fields, gap_fields, slots_asked
from bot.cards.house_screens import hint_fields
from bot.cards.learning_forms import lesson_prose, rule_of
from bot.domain.checks import Cloned, Gap
from bot.domain.formats import Format, Section, arrange, missing
from bot.domain.house import Finding
from bot.domain.learning import Lesson
from bot.domain.links import LinkKind
from bot.domain.note import MOST_LATE, Note, Session
from bot.domain.people import Person
from bot.domain.statements import Origin

INPUT_LIMIT = 3000
_POINTS_AT_ONCE = 35
_PARTS = 95  # of a dialog
_PIECE = 2600  # leaves room to type in every piece of a long section


def loading_form(title: str) -> Form:
    """Opened before anything else is looked up: a chat gives three seconds to open a dialog."""
    return Form("loading", title, (Remark(words.LOADING),))


def message_form(title: str, sentence: str) -> Form:
    """A dialog that only says something."""
    return Form("message", title, (Sentence(sentence),))


def new_note_form(
    formats: Mapping[str, Format],
    format_id: str,
    client_code: str = "",
    session: Session | None = None,
    summary: str = "",
    remark: str = "",
) -> Form:
    """A summary with its session, filled in as far as known.

    Nothing is cut: a summary that is longer than INPUT_LIMIT is the caller's to draft without a form.
    """
    session = session or Session()
    fields: list[Field] = [Remark(remark)] if remark else []
    fields += [
        TextInput(
            "summary",
            words.SUMMARY_LABEL,
            summary,
            words.SUMMARY_HINT,
            words.SUMMARY_PLACEHOLDER,
            multiline=True,
            optional=False,
        ),
        ClientInput("client", words.CLIENT_LABEL, client_code, words.CLIENT_HINT),
        DateInput("date", words.DATE_LABEL, session.date.isoformat() if session.date else ""),
        TimeInput("start", words.START_LABEL, f"{session.start:%H:%M}" if session.start else ""),
        NumberInput("minutes", words.MINUTES_LABEL, session.minutes),
        Select("kind", words.KIND_LABEL, _choices(words.KINDS), session.kind),
        Select(
            "modality",
            words.MODALITY_LABEL,
            _choices({k or "none": v for k, v in words.MODALITIES.items()}),
            session.modality if session.modality in words.MODALITIES and session.modality else "none",
        ),
        Select("format", words.FORMAT_LABEL, tuple(Choice(f.id, f.name) for f in formats.values()), format_id),
    ]
    return Form("new_note", words.NEW_NOTE_TITLE, tuple(fields), words.DRAFT_BUTTON, "Cancel")


def edit_form(note: Note, fmt: Format, telling: Telling = NOBODY) -> Form:
    """One input per section (a long section gets several), on the version that is shown.

    What a supervisor asked for stands above the section that it is about; `telling` knows who that was.
    """
    fields: list[Field] = [Remark(words.EDIT_HINT), *comments_on(note, "", telling)]
    if note.link and note.link.kind is LinkKind.AMENDMENT:
        fields.append(reason_input(note.link.reason))
    for section in arrange(note.statements, fmt):
        spec = section.spec
        fields += [*comments_on(note, spec.key, telling, spec.title), *section_inputs(section)]
    fields += comments_elsewhere(note, [spec.key for spec in fmt.sections], telling)
    fields.append(Actions("keep", (Button("save_draft", words.SAVE_DRAFT, note.id),)))
    return Form("edit", words.EDIT_TITLE, tuple(fields), words.EDIT_SUBMIT, "Close", context_of(note))


def reason_input(reason: str) -> TextInput:
    """Why a note is amended."""
    return TextInput(
        "reason", after_words.REASON_LABEL, reason, after_words.REASON_HINT, multiline=True, optional=False
    )


def section_texts(values: Mapping[str, str]) -> dict[str, str]:
    """The sections' texts as typed in `edit_form`, long ones joined again. Keys are section keys."""
    pieces: dict[str, list[tuple[int, str, str]]] = {}
    for name, value in values.items():
        kind, _, rest = name.partition(".")
        if kind == "section":
            key, number, joint = rest.rsplit(".", 2)
            pieces.setdefault(key, []).append((int(number), joint, value))
    joints = {"line": "\n", "space": " ", "none": ""}
    joined: dict[str, str] = {}
    for key, parts in pieces.items():
        text = ""
        for number, joint, value in sorted(parts):
            text += (joints[joint] if number and text and value else "") + value
        joined[key] = text
    return joined


def details_form(note: Note, fmt: Format, gaps: Sequence[Gap] = ()) -> Form:
    """The questions first, then an input per further missing item, and a choice per point that no section uses yet."""
    asked = slots_asked(gaps)
    absent = [slot for slot in missing(note.statements, fmt) if slot not in asked]
    unused = note.unused()
    if not gaps and not absent and not unused:
        return message_form(words.DETAILS_TITLE, words.NOTHING_MISSING)
    fields: list[Field] = [Remark(words.DETAILS_HINT), *gap_fields(gaps)]
    fields += [TextInput(f"missing.{slot}", _capital(words.SLOT_NAMES[slot]), multiline=True) for slot in absent]
    if unused:
        fields.append(Heading(words.UNUSED_TITLE))
        if len(unused) > _POINTS_AT_ONCE:
            fields.append(Remark(words.MORE_POINTS.format(count=len(unused) - _POINTS_AT_ONCE)))
        for _, parts in point_choices(unused[:_POINTS_AT_ONCE], fmt, {}):
            fields += parts
    return Form("details", words.DETAILS_TITLE, tuple(fields), words.DETAILS_SUBMIT, "Cancel", context_of(note))


def sign_form(
    note: Note,
    fmt: Format,
    signer: Person,
    cloned: Cloned | None = None,
    findings: Sequence[Finding] = (),
    set_aside: Sequence[Finding] = (),
    *,
    ask_late: bool = False,
) -> Form:
    """The whole note as it will be signed, with client and date to confirm or correct, and the attestation.

    What is about a signed note has that one's client and date. `findings` that stop nobody are said; `set_aside`: what
    the clinician said does not apply. `ask_late`: it is past its deadline, and the payer wants to know why.
    """
    day = note.session.date
    fields: list[Field] = [
        ClientInput("client", words.CLIENT_LABEL, note.client_code, words.CLIENT_HINT, optional=False),
        DateInput("date", words.DATE_LABEL, day.isoformat() if day else "", optional=False),
    ]
    if ask_late:
        fields.append(
            TextInput(
                "late_reason", words.LATE_LABEL, note.late_reason, words.LATE_HINT, optional=False, max_length=MOST_LATE
            )
        )
    if note.link:
        fields = [Remark(after_words.SIGN_ABOUT[note.link.kind].format(note=note.link.of)), *reason_elements(note)]
    fields += _whole(note, fmt)
    absent = missing(note.statements, fmt)
    if absent and not note.link:
        names = ", ".join(words.SHORT_SLOT_NAMES[slot] for slot in absent)
        fields.append(Remark(words.MISSING.format(names=names)))
    fields += [*cloned_fields(cloned), *hint_fields(findings, set_aside)]
    fields += [Sentence(words.CHANGE_NOT_IN_THIS)] if note.asked else []
    fields += [Sentence(after_words.attestation_for(note)), Remark(words.SIGN_WITH.format(who=signer.signature_line))]
    return Form("sign", words.SIGN_TITLE, tuple(fields), words.SIGN_SUBMIT, "Cancel", context_of(note))


def read_form(note: Note, fmt: Format) -> Form:
    """The whole note to read, where a chat's card cannot hold it."""
    shown = (*reason_elements(note), *_whole(note, fmt)) or (Sentence(words.NEEDS_CONTENT),)
    return Form("read", words.READ_TITLE, shown, context=context_of(note))


def why_form(note: Note, fmt: Format, lessons: Mapping[str, Lesson] | None = None) -> Form:
    """Each statement beside the points it came from, with the section's rule.

    `lessons`: for learners, section → an example of it. Sections that are empty as yet are shown then, too.
    """
    points = {point.number: point.text for point in note.points}
    sections = [each for each in arrange(note.statements, fmt) if each.statements or lessons is not None]
    most = 40 if lessons is None else max(1, _PARTS // max(1, len(sections)) - 4)
    fields: list[Field] = []
    for section in sections:
        lesson = None if lessons is None else lessons.get(section.spec.key)
        fields += _rule_beside(section, lesson)
        for statement in section.statements[:most]:
            own = [words.WHY_OWN] if statement.origin is Origin.CLINICIAN else []
            typed = [f"{number}. {points[number]}" for number in statement.sources if number in points]
            fields.append(Prose(statement.text, (*own, *typed), bullets=True))
        if lessons is not None and not section.statements:
            fields.append(Remark(learning_words.NOTHING_HERE))
        fields += [lesson_prose(lesson), Rule()] if lesson else [Rule()]
    shown = tuple(fields[:_PARTS]) or (Sentence(words.NEEDS_CONTENT),)
    return Form("why", words.WHY_TITLE, shown, context=context_of(note))


def _rule_beside(section: Section, lesson: Lesson | None) -> list[Field]:
    title = Heading(section.spec.title)
    if lesson is None:
        return [title, Remark(section.spec.guidance)]
    return [title, Remark(rule_of(section.spec))]


def context_of(note: Note) -> str:
    """`note id:version`: all that a dialog carries."""
    return f"{note.id}:{note.version}"


def _whole(note: Note, fmt: Format) -> list[Prose]:
    return [
        Prose(section.spec.title, tuple(statement.text for statement in section.statements))
        for section in arrange(note.statements, fmt)
        if section.statements
    ]


def section_inputs(section: Section) -> Iterator[Field]:
    """A section's text to be edited; a long one in several inputs, which `section_texts` joins again."""
    spec = section.spec
    for number, (joint, piece) in enumerate(_pieces(section.text)):
        label = spec.title if number == 0 else f"{spec.title} ({number + 1})"
        hint = spec.guidance[:150] if number == 0 else ""
        yield TextInput(f"section.{spec.key}.{number}.{joint}", label, piece, hint, multiline=True)


def _pieces(text: str) -> list[tuple[str, str]]:
    """Cut where a line ends, else at white space, else hard; with how to join each piece to the one before."""
    pieces: list[tuple[str, str]] = []
    joint = "line"
    while len(text) > _PIECE:
        line, space = text.rfind("\n", 1, _PIECE), text.rfind(" ", 1, _PIECE)
        cut, skip, following = (
            (line, 1, "line") if line > 0 else (space, 1, "space") if space > 0 else (_PIECE, 0, "none")
        )
        pieces.append((joint, text[:cut]))
        text, joint = text[cut + skip :], following
    return [*pieces, (joint, text)]


def _choices(names: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(value, label) for value, label in names.items())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
