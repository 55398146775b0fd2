"""The dialogs of a review: reading and deciding, reassigning, snoozing, and the comments a supervisor left.

They hold clinical text: only an authorised supervisor, or the author, may get one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.cards import review_words as words
from bot.cards.after_screens import moment, reason_elements
from bot.cards.author_screens import asked_for
from bot.cards.changes import change_lines, changes_between, changes_in
from bot.cards.elements import (
    Actions,
    Button,
    Card,
    Choice,
    Element,
    Field,
    Form,
    Heading,
    Prose,
    Remark,
    Rule,
    Select,
    Sentence,
    Style,
    TextInput,
)
from bot.cards.forms import context_of
from bot.cards.house_screens import title_of_need
from bot.cards.house_words import SET_ASIDE_BY_AUTHOR
from bot.cards.reasons import reason
from bot.cards.screens import Shown, title_of
from bot.cards.words import SHORT_SLOT_NAMES
from bot.domain.checks import Gap
from bot.domain.formats import Format, Section, arrange, missing
from bot.domain.house import Finding
from bot.domain.note import Note
from bot.domain.people import Person, Role
from bot.domain.review import Comment, Outcome, Review
from bot.domain.statements import Origin, Statement
from bot.domain.supervision import Mode

APPROVE, CHANGES = "approve", "changes"
_COMMENT = "comment"
_MOST_POINTS = 120
_COMMENT_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Look:
    """What a supervisor's dialog shows beside the note: who looks, what signing would attest, what checks found.

    `set_aside`: what the practice requires, of which the clinician said that it does not apply.
    """

    reviewer: Person
    attestation: str
    gaps: tuple[Gap, ...] = ()
    set_aside: tuple[Finding, ...] = ()


def review_form(note: Note, shown: Shown, look: Look) -> Form:
    """The whole note and what is known about it, an input for each remark, and the decision: one form, sent once."""
    fmt = shown.formats[note.format_id]
    fields: list[Field] = [*_head(note, fmt, shown), *reason_elements(note), *_earlier(note, fmt, shown)]
    fields += _changed_at_all(note)
    for section in arrange(note.statements, fmt):
        fields += [Rule(), *_section(note, section)] if section.statements else []
    fields += [*_nothing_in(note, fmt), Rule(), *_apart(note), *_checks(note, fmt, look), *_points(note), Rule()]
    fields += [_comment("", words.WHOLE), _decision(note), Sentence(_attested(look))]
    return Form("review", words.REVIEW_TITLE, tuple(fields), words.SEND, "Close", context_of(note))


def comments_in(values: Mapping[str, str]) -> tuple[Comment, ...]:
    """What was typed in `review_form`, empty ones left out."""
    typed = [(name, text.strip()) for name, text in values.items() if name.partition(".")[0] == _COMMENT]
    return tuple(Comment(name.partition(".")[2], text) for name, text in typed if text)


def review_message(note: Note, shown: Shown, look: Look) -> Card:
    """The note as a message for one supervisor only, where a chat could not open the dialog."""
    fmt = shown.formats[note.format_id]
    elements: list[Element] = [Remark(words.FALLBACK), *_head(note, fmt, shown), *reason_elements(note)]
    elements += [_text(section) for section in arrange(note.statements, fmt) if section.statements]
    elements += [*_apart(note), *_checks(note, fmt, look), Sentence(_attested(look))]
    approve = Button("review_approve", _approving(note), note.id, Style.PRIMARY)
    row = Actions(f"review-{note.version}", (approve, Button("review", words.REQUEST_CHANGES, note.id)))
    return Card(words.NOTICE, (*elements, row))


def review_pointer(note: Note) -> Card:
    """The same for a note that no message can hold: nobody approves what they could not read."""
    button = Button("review", words.OPEN_REVIEW, note.id, Style.PRIMARY)
    return Card(words.NOTICE, (Remark(words.FALLBACK_LONG), Actions("review", (button,))))


def reassign_form(note: Note, supervisors: Sequence[Person]) -> Form:
    """Who reviews it from now on. No text of the note is shown: this is open to administrators, too."""
    if not supervisors:
        return Form("message", words.REASSIGN_TITLE, (Sentence(words.NOBODY_ELSE),))
    choices = tuple(Choice(person.id, person.signature_line[:75]) for person in supervisors[:100])
    fields = (Remark(words.REASSIGN_HINT), Select("supervisor", words.REASSIGN_LABEL, choices))
    return Form("review_reassign", words.REASSIGN_TITLE, fields, words.REASSIGN_SEND, "Cancel", context_of(note))


def snooze_form(note: Note) -> Form:
    """When to be reminded."""
    choices = tuple(Choice(value, label) for value, label in words.SNOOZES.items())
    fields = (Remark(words.SNOOZE_HINT), Select("until", words.SNOOZE_LABEL, choices, choices[0].value))
    return Form("review_snooze", words.SNOOZE_TITLE, fields, words.SNOOZE_SEND, "Cancel", context_of(note))


def comments_form(note: Note, shown: Shown) -> Form:
    """What supervisors wrote about the note, the latest round first."""
    fmt = shown.formats[note.format_id]
    fields: list[Field] = []
    for review in reversed(note.reviews):
        fields += [*_round(review, fmt, shown, words.COMMENTS_OF)]
    return Form(
        "review_comments",
        words.COMMENTS_TITLE,
        tuple(fields) or (Sentence(words.NO_COMMENTS),),
        context=context_of(note),
    )


def lines_of(comments: Sequence[Comment], fmt: Format) -> tuple[str, ...]:
    """Comments a line each, with what they are about."""
    titles = {spec.key: spec.title for spec in fmt.sections}
    return tuple(
        words.EARLIER_LINE.format(section=titles.get(comment.section, words.WHOLE), text=comment.text)
        for comment in comments
    )


def supervisors_for(note: Note, people: Sequence[Person]) -> list[Person]:
    """Everybody active who supervises, the author left out."""
    return [p for p in people if p.active and Role.SUPERVISOR in p.roles and p.id != note.clinician_id]


def _head(note: Note, fmt: Format, shown: Shown) -> tuple[Heading, Remark]:
    author = shown.telling.name(note.clinician_id)
    at = note.standing[-1].at if note.standing else note.created_at
    return Heading(title_of(note, fmt)), Remark(words.HEAD.format(author=author, at=moment(at, shown.timezone)))


def _earlier(note: Note, fmt: Format, shown: Shown) -> Iterator[Field]:
    for review in note.reviews[:-1]:
        if review.outcome is Outcome.CHANGES:
            yield from _round(review, fmt, shown, words.EARLIER)


def _round(review: Review, fmt: Format, shown: Shown, title: str) -> Iterator[Prose]:
    if review.comments and review.at:
        said = title.format(who=shown.telling.name(review.by), at=moment(review.at, shown.timezone))
        yield Prose(said, lines_of(review.comments, fmt), bullets=True)


def _changed_at_all(note: Note) -> list[Field]:
    before = asked_for(note)
    same = before is not None and not change_lines(changes_between(before.statements, note.statements))
    return [Remark(words.SAME_SINCE)] if same else []


def _section(note: Note, section: Section) -> Iterator[Field]:
    """The section as it stands, what changed in it, and the input for a remark."""
    spec = section.spec
    yield _text(section)
    if before := asked_for(note):
        found = changes_in(changes_between(before.statements, note.statements), spec.slots)
        if lines := change_lines(found):
            yield Prose(words.CHANGED_SINCE, tuple(lines), bullets=True)
    yield _comment(spec.key, spec.title)


def _text(section: Section) -> Prose:
    return Prose(section.spec.title, tuple(_marked(statement) for statement in section.statements))


def _marked(statement: Statement) -> str:
    """The statement with the numbers of the points that it came from."""
    numbers = [str(number) for number in statement.sources]
    own = [words.OWN_MARK] if statement.origin is Origin.CLINICIAN or not numbers else []
    return f"{statement.text} [{', '.join([*numbers, *own])}]"


def _comment(key: str, title: str) -> TextInput:
    label = words.COMMENT_ON.format(section=title) if key else words.COMMENT_WHOLE
    name = f"{_COMMENT}.{key}" if key else _COMMENT
    return TextInput(name, label[:150], multiline=True, max_length=_COMMENT_LENGTH)


def _nothing_in(note: Note, fmt: Format) -> list[Field]:
    empty = [section.spec.title for section in arrange(note.statements, fmt) if not section.statements]
    return [Remark(words.NOTHING_IN.format(names=", ".join(empty)))] if empty and not note.link else []


def _apart(note: Note) -> Iterator[Prose]:
    """What is no part of the note: held out, or left out on purpose."""
    held = [f"{s.text} ({reason(s.doubt)})" if s.doubt else s.text for s in note.held]
    if held:
        yield Prose(words.HELD_OUT, tuple(held), bullets=True)
    left = [point.text for point in note.points if point.number in note.left_out]
    if left:
        yield Prose(words.LEFT_OUT, tuple(left), bullets=True)


def _checks(note: Note, fmt: Format, look: Look) -> Iterator[Remark | Prose]:
    """What the deterministic checks still ask for, so that nobody has to look for it."""
    absent = () if note.link else missing(note.statements, fmt)
    asked = [gap.title for gap in look.gaps]
    slots = {gap.slot for gap in look.gaps}
    found = [*asked, *(SHORT_SLOT_NAMES[slot] for slot in absent if slot not in slots)]
    yield (
        Prose(words.CHECKS_OPEN, tuple(name[:1].upper() + name[1:] for name in found), bullets=True)
        if found
        else Remark(words.CHECKS_GREEN)
    )
    if look.set_aside:
        yield Remark(SET_ASIDE_BY_AUTHOR.format(names="; ".join(map(title_of_need, look.set_aside))))


def _points(note: Note) -> Iterator[Field]:
    if not note.points:
        return
    lines = [f"{point.number}. {point.text}" for point in note.points]
    yield Prose(words.POINTS, tuple(lines[:_MOST_POINTS]))
    if len(lines) > _MOST_POINTS:
        yield Remark(words.LONG_POINTS.format(count=len(lines) - _MOST_POINTS))


def _decision(note: Note) -> Select:
    choices = (Choice(APPROVE, _approving(note)), Choice(CHANGES, words.REQUEST_CHANGES))
    return Select("decision", words.DECISION, choices)


def _approving(note: Note) -> str:
    return words.COSIGN if note.review and note.review.mode is Mode.COSIGN else words.APPROVE


def _attested(look: Look) -> str:
    return words.ATTEST.format(who=look.reviewer.signature_line, attestation=look.attestation)
