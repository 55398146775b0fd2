"""What cards and dialogs show of gaps, guessed diagnoses and cloned sentences, as pure functions."""

from collections.abc import Iterable, Mapping, Sequence

from bot.cards import gap_words as words
from bot.cards.elements import Actions, Button, Choice, Element, Field, Menu, Prose, Remark, Sentence, TextInput
from bot.domain.checks import Cloned, Gap
from bot.domain.ids import NoteId
from bot.domain.statements import Slot

_NAME = "gap."


def gap_elements(gaps: Sequence[Gap], note_id: NoteId) -> list[Element]:
    """The questions on a card, with a button to answer and a menu to skip one. Nothing when there are none."""
    if not gaps:
        return []
    items: list[Button | Menu] = [Button("answer", words.ANSWER_GAPS, note_id)]
    skippable = tuple(Choice(gap.check_id, gap.title[:75]) for gap in gaps if gap.may_waive)
    if skippable:
        items.append(Menu("skip_gap", words.SKIP_GAP, note_id, skippable))
    questions = Prose(words.GAPS_TITLE, tuple(gap.question for gap in gaps), bullets=True)
    return [questions, Actions("gaps", tuple(items))]


def gap_fields(gaps: Sequence[Gap]) -> list[Field]:
    """An input for each question of the details dialog; the question is the label."""
    return [
        TextInput(f"{_NAME}{gap.check_id}", gap.question, hint=words.GAP_HINT if number == 0 else "", multiline=True)
        for number, gap in enumerate(gaps)
    ]


def gap_answers(values: Mapping[str, str]) -> dict[str, str]:
    """What was typed in `gap_fields`: check id → answer, without the empty ones."""
    return {name.removeprefix(_NAME): text for name, text in values.items() if name.startswith(_NAME) and text.strip()}


def slots_asked(gaps: Iterable[Gap]) -> frozenset[Slot]:
    """The slots that the questions ask for, which a dialog need not ask for again."""
    return frozenset(gap.slot for gap in gaps)


def diagnosis_elements(guessed: bool) -> list[Element]:
    """Said once when the clinician guessed at a diagnosis: it stays a guess, and the diagnosis goes into the chart."""
    return [Remark(words.DIAGNOSIS_GUESS)] if guessed else []


def cloned_fields(cloned: Cloned | None) -> list[Field]:
    """What the signing dialog says about sentences that stand in earlier notes; nothing when they are few."""
    if cloned is None:
        return []
    earlier = words.EARLIER_NOTES
    if cloned.day:
        earlier = words.EARLIER_NOTE.format(day=f"{cloned.day.day} {cloned.day:%b}")
    said: list[Field] = []
    total = cloned.sentences
    if cloned.much_of_client:
        said.append(Sentence(words.CLONED_CLIENT.format(count=cloned.of_client, total=total, earlier=earlier)))
    if cloned.much_of_others:
        said.append(Sentence(words.CLONED_OTHERS.format(count=cloned.of_others, total=total)))
    return said
