"""What cards and dialogs show of the house style, as pure functions. Nothing here holds words of the note but `Prose`
and the inputs."""

from collections.abc import Iterator, Mapping, Sequence

from bot.cards import house_words as words
from bot.cards.elements import Actions, Button, Choice, Element, Field, Form, Remark, Select, Sentence, TextInput
from bot.cards.words import SHORT_SLOT_NAMES
from bot.domain.house import Code, Finding
from bot.domain.ids import NoteId
from bot.domain.note import Note
from bot.domain.statements import Slot, Statement

_ON_CARD = 4
_IN_FORM = 8
_LONGEST = 3000  # of an input
_HINT = 150
_ANSWER, _APPLIES, _STATEMENT = "need.", "applies.", "statement."
_NO = "no"


def house_elements(findings: Sequence[Finding], note_id: NoteId) -> list[Element]:
    """What is against the house style, in few lines; a button where something must be settled."""
    if not findings:
        return []
    shown: list[Element] = [Sentence(line) for line in _stopping_lines(findings)]
    shown += [Remark(line) for line in _hint_lines(findings)]
    if any(finding.stops for finding in findings):
        shown.append(Actions("house", (Button("settle", words.SETTLE, note_id),)))
    return shown


def found_lines(findings: Sequence[Finding]) -> list[str]:
    """What was found, a line each, told to somebody who did not write the note."""
    needed = [title_of_need(finding) for finding in findings if finding.missing]
    banned = [_banned_line(finding) for finding in findings if finding.code is Code.BANNED]
    hints = _hint_lines([finding for finding in findings if finding.code is not Code.BANNED])
    return list(dict.fromkeys([*needed, *banned, *hints]))


def slots_needed(findings: Sequence[Finding]) -> frozenset[Slot]:
    """The slots that are named as needed already."""
    return frozenset(finding.slot for finding in findings if finding.missing)


def hint_fields(findings: Sequence[Finding], set_aside: Sequence[Finding] = ()) -> list[Field]:
    """What the signing dialog says without keeping anybody from signing, and what was said not to apply."""
    off = "; ".join(title_of_need(finding) for finding in set_aside)
    return [Remark(line) for line in (*_hint_lines(findings), *([words.SET_ASIDE.format(names=off)] if off else []))]


def settle_form(note: Note, findings: Sequence[Finding], context: str) -> Form:
    """Everything that stops the signature: sentences to change, and questions to answer or that do not apply."""
    stops = [finding for finding in findings if finding.stops]
    texts = {str(statement.id): statement for statement in note.statements}
    items = list(_items(stops, texts))
    fields: list[Field] = [Remark(words.SETTLE_HINT)]
    for item in items[:_IN_FORM]:
        fields += item
    if len(items) > _IN_FORM:
        fields.append(Remark(words.MORE_TO_SETTLE.format(count=len(items) - _IN_FORM)))
    return Form("settle", words.SETTLE_TITLE, tuple(fields), words.SETTLE_SUBMIT, "Close", context)


def title_of_need(finding: Finding) -> str:
    """What is missing, by the name that its check, section or slot has."""
    return finding.about or SHORT_SLOT_NAMES[finding.slot].capitalize()


def settled_in(values: Mapping[str, str]) -> tuple[dict[str, str], list[str], dict[str, str]]:
    """Of a sent `settle_form`: item → answer, items that do not apply, statement id → its text as it reads now."""
    answers = {n.removeprefix(_ANSWER): text for n, text in values.items() if n.startswith(_ANSWER) and text.strip()}
    off = [n.removeprefix(_APPLIES) for n, chosen in values.items() if n.startswith(_APPLIES) and chosen == _NO]
    texts = {n.removeprefix(_STATEMENT): text for n, text in values.items() if n.startswith(_STATEMENT)}
    return answers, off, texts


def still_open(findings: Sequence[Finding], values: Mapping[str, str]) -> str:
    """The first input of the sent form that has not been settled; empty when all have."""
    names = (f"{_ANSWER if f.missing else _STATEMENT}{f.item}" for f in findings if f.stops)
    return next((name for name in names if name in values), "")


def open_words(name: str) -> str:
    """What to say beside an input that is still open."""
    return words.STILL_BANNED if name.startswith(_STATEMENT) else words.STILL_NEEDED


def _stopping_lines(findings: Sequence[Finding]) -> Iterator[str]:
    banned = {f.about: f for f in findings if f.stops and f.code is Code.BANNED}
    yield from (_banned_line(finding) for finding in list(banned.values())[:_ON_CARD])
    if len(banned) > _ON_CARD:
        yield words.BANNED_MORE.format(count=len(banned) - _ON_CARD)
    needed = [title_of_need(finding) for finding in findings if finding.missing and finding.stops]
    if needed:
        yield words.NEEDED.format(names="; ".join(needed))


def _hint_lines(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        if finding.stops:
            continue
        if finding.code is Code.BANNED:
            yield _banned_line(finding)
        elif finding.code is Code.CLIENT_WORD:
            yield words.OTHER_WORD.format(instead=finding.instead, word=finding.about)
        elif finding.code is Code.QUOTATION:
            yield words.QUOTED_ONE if finding.about == "1" else words.QUOTED.format(count=finding.about)


def _banned_line(finding: Finding) -> str:
    phrase = finding.about.replace("*", "…")
    instead = words.INSTEAD.format(instead=finding.instead.rstrip(".")) if finding.instead else ""
    why = words.WHY.format(why=finding.why.rstrip(".")) if finding.why else ""
    return words.BANNED.format(phrase=phrase, instead=instead, why=why)


def _items(stops: Sequence[Finding], texts: Mapping[str, Statement]) -> Iterator[list[Field]]:
    """The sentences to change, each with all that is wrong with it; then the questions."""
    statements = dict.fromkeys(finding.item for finding in stops if not finding.missing)
    for item in statements:
        said: list[Field] = [Sentence(_banned_line(finding)) for finding in stops if finding.item == item]
        yield [*said, *_to_change(texts[item])]
    for finding in stops:
        if finding.missing:
            question = finding.question or title_of_need(finding)
            hint = finding.why[:_HINT] or words.NEEDED_HINT
            answer = TextInput(f"{_ANSWER}{finding.item}", question, hint=hint, multiline=True)
            choices = (Choice("yes", words.ANSWERED), Choice(_NO, words.NOT_APPLYING))
            yield [answer, Select(f"{_APPLIES}{finding.item}", words.APPLIES, choices, "yes")]


def _to_change(statement: Statement) -> list[Field]:
    if len(statement.text) > _LONGEST:
        return [Sentence(words.TOO_LONG_HERE)]
    return [
        TextInput(
            f"{_STATEMENT}{statement.id}",
            words.STATEMENT_LABEL,
            statement.text,
            words.STATEMENT_HINT,
            multiline=True,
        )
    ]
