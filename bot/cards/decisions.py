"""What is undecided on a draft: shown on the card with buttons, and all of it in one dialog before signing."""

from collections.abc import Iterator, Mapping, Sequence

from bot.cards import words
from bot.cards.elements import (
    Actions,
    Button,
    Choice,
    Element,
    Field,
    Form,
    Heading,
    Prose,
    Remark,
    Select,
    Sentence,
)
from bot.cards.gap_words import WITHHELD_HINTS, WITHHELD_TITLES
from bot.cards.reasons import reason
from bot.domain.formats import Format
from bot.domain.note import Note
from bot.domain.statements import Point, Statement

_ON_CARD = 6  # items with buttons of their own; a chat limits how much a card may hold
_IN_FORM = 35
_TEXT = 1500  # of one item: as long as a drafted statement gets, so that nobody takes in what is not shown


def undecided_elements(note: Note, withheld: Mapping[int, str]) -> list[Element]:
    """Held-out and doubtful statements and unused points, the most important first, each with what can be done.

    `withheld`: points that belong in no progress note, by number; they come last, with what to do instead.
    """
    count = note.undecided()
    if not count:
        return []
    items = [*_held(note), *_doubtful(note), *_unused(note, withheld)]
    heading = words.UNDECIDED_ONE if count == 1 else words.UNDECIDED.format(count=count)
    shown: list[Element] = [Heading(heading)]
    title = ""
    for group, elements in items[:_ON_CARD]:
        if group != title:
            shown.append(Remark(group))
            title = group
        shown += elements
    if count > _ON_CARD:
        shown.append(Remark(words.MORE_UNDECIDED.format(count=count - _ON_CARD)))
    return [*shown, Actions("undecided", (Button("decide", words.DECIDE_ALL, note.id),))] if count > 1 else shown


def decide_form(note: Note, fmt: Format, context: str, withheld: Mapping[int, str]) -> Form:
    """Everything undecided, one choice each; what is left open is asked again. `withheld`: as on the card."""
    fields: list[Field] = []
    title = ""
    choices = [
        *_held_choices(note),
        *_doubtful_choices(note),
        *point_choices(_withheld_last(note, withheld), fmt, withheld),
    ]
    for group, parts in choices[:_IN_FORM]:
        if group != title:
            fields.append(Remark(group))
            title = group
        fields += parts
    if len(choices) > _IN_FORM:
        fields.append(Remark(words.MORE_TO_DECIDE.format(count=len(choices) - _IN_FORM)))
    shown = (Remark(words.DECIDE_HINT), *(fields or (Sentence(words.NOTHING_UNDECIDED),)))
    return Form("decide", words.DECIDE_TITLE, shown, words.DECIDE_SUBMIT, "Close", context)


def point_choices(
    points: Sequence[Point], fmt: Format, withheld: Mapping[int, str]
) -> Iterator[tuple[str, list[Field]]]:
    """For each point that no statement uses: where it belongs, or that it stays out."""
    places = (Choice("later", words.LATER), Choice("out", words.LEAVE_OUT), *slot_choices(fmt))
    for point in points:
        place = _choice(f"point.{point.number}", places, words.PLACE_POINT)
        yield _group(withheld.get(point.number)), [Prose("", (point.text,)), place]


def slot_choices(fmt: Format) -> Sequence[Choice]:
    """Every slot of the format, under its section's title."""
    return [
        Choice(slot.value, f"{section.title}: {words.SHORT_SLOT_NAMES[slot]}"[:75])
        for section in fmt.sections
        for slot in section.slots
    ]


def decisions_in(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """`held`, `doubt`, `point` → id → what was chosen; what stays open is left out."""
    found: dict[str, dict[str, str]] = {"held": {}, "doubt": {}, "point": {}}
    for name, chosen in values.items():
        kind, _, item = name.partition(".")
        if kind in found and chosen not in ("", "later"):
            found[kind][item] = chosen
    return found


def _held(note: Note) -> Iterator[tuple[str, list[Element]]]:
    for statement in note.held:
        take, leave = Button("take", words.TAKE, note.id), Button("leave", words.LEAVE, note.id)
        yield words.HELD_TITLE, [_question(statement), Actions(f"held-{statement.id}", (take, leave))]


def _doubtful(note: Note) -> Iterator[tuple[str, list[Element]]]:
    for statement in note.doubtful():
        right, leave = Button("right", words.RIGHT, note.id), Button("leave", words.LEAVE, note.id)
        yield words.DOUBT_TITLE, [_question(statement), Actions(f"doubt-{statement.id}", (right, leave))]


def _unused(note: Note, withheld: Mapping[int, str]) -> Iterator[tuple[str, list[Element]]]:
    for point in _withheld_last(note, withheld):
        add, leave = Button("add_point", words.ADD_POINT, note.id), Button("drop_point", words.LEAVE, note.id)
        shown = Prose("", (point.text[:_TEXT],), bullets=True)
        yield _group(withheld.get(point.number)), [shown, Actions(f"point-{point.number}", (add, leave))]


def _withheld_last(note: Note, withheld: Mapping[int, str]) -> list[Point]:
    return sorted(note.unused(), key=lambda point: (withheld.get(point.number, ""), point.number))


def _group(code: str | None) -> str:
    return f"{WITHHELD_TITLES[code]}. {WITHHELD_HINTS[code]}" if code else words.UNUSED_GROUP


def _question(statement: Statement) -> Prose:
    doubt = statement.doubt
    if doubt is None:
        return Prose("", (statement.text[:_TEXT],))
    in_question = (words.IN_QUESTION.format(words=doubt.words[:200]),) if doubt.words else ()
    return Prose(reason(doubt), (statement.text[:_TEXT], *in_question))


def _held_choices(note: Note) -> Iterator[tuple[str, list[Field]]]:
    choices = (Choice("later", words.LATER), Choice("take", words.TAKE), Choice("leave", words.LEAVE_OUT))
    for statement in note.held:
        yield words.HELD_TITLE, [_question(statement), _choice(f"held.{statement.id}", choices)]


def _doubtful_choices(note: Note) -> Iterator[tuple[str, list[Field]]]:
    choices = (Choice("later", words.LATER), Choice("right", words.RIGHT), Choice("leave", words.LEAVE_OUT))
    for statement in note.doubtful():
        yield words.DOUBT_TITLE, [_question(statement), _choice(f"doubt.{statement.id}", choices)]


def _choice(name: str, choices: tuple[Choice, ...], label: str = words.DECISION) -> Select:
    return Select(name, label, choices, "later")
