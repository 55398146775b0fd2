"""What follows a signed note, on cards: the buttons of its receipt, what was signed since, and drafts of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards import after_words
from bot.cards.elements import Actions, Button, Element, Prose, Remark, Sentence
from bot.domain.after_filing import Around, Later, may_follow
from bot.domain.formats import Format
from bot.domain.links import FORMATS, LinkKind
from bot.domain.note import Note

_BUTTONS = {
    LinkKind.ADDENDUM: ("addendum", after_words.ADDENDUM),
    LinkKind.AMENDMENT: ("amend", after_words.AMEND),
    LinkKind.RETRACTION: ("retract", after_words.RETRACT),
}
_LINES = {
    (LinkKind.ADDENDUM, False): after_words.ADDED,
    (LinkKind.ADDENDUM, True): after_words.ADDED_RETRACTED,
    (LinkKind.AMENDMENT, False): after_words.AMENDED,
    (LinkKind.AMENDMENT, True): after_words.AMENDED_RETRACTED,
}
_ON_CARD = 6  # addenda that are listed; View lists all


def name_of(note: Note, formats: Mapping[str, Format], about: Note | None) -> str:
    """`SOAP`, or what the note is to another one: `Addendum to SOAP`."""
    if note.link is None:
        return formats[note.format_id].name
    name = formats[(about or note).format_id].name
    if about is None and note.format_id in FORMATS.values():
        name = after_words.EARLIER
    elif about and about.link and LinkKind.AMENDMENT is about.link.kind is not note.link.kind:
        name = after_words.AMENDED_ONE.format(name=name)
    return after_words.NAMES[note.link.kind].format(name=name)


def after_elements(note: Note, around: Around, timezone: str) -> list[Element]:
    """On a receipt: what was signed about the note since, and what may still be done."""
    later = [each.note for each in around.later]
    buttons = [Button("view", after_words.VIEW, note.id)]
    buttons += [
        Button(action, label, note.id) for kind, (action, label) in _BUTTONS.items() if may_follow(kind, note, later)
    ]
    return [*list(later_lines(around.later, timezone))[-_ON_CARD:], Actions("after", tuple(buttons))]


def later_lines(later: Sequence[Later], timezone: str) -> Iterator[Sentence]:
    """A line for each document that was signed about a note."""
    for each in later:
        line = _LINES.get((each.kind, each.retracted), after_words.RETRACTED)
        yield Sentence(line.format(at=moment(each.signed_at, timezone), note=each.note.id))


def draft_elements(note: Note, around: Around) -> list[Element]:
    """On a draft that is about a note: by whom, whether somebody was first, and the reason where it is apart."""
    if note.link is None:
        return []
    own = after_words.SIGNED_WORDS if note.link.kind is LinkKind.AMENDMENT else after_words.OWN_WORDS
    elements: list[Element] = [Remark(after_words.BYLINE.format(words=own, version=note.version, note=note.link.of))]
    if around.about is None:
        elements.append(Sentence(after_words.OVERTAKEN_PURGED))
    for each in around.about_later:
        if each.kind is LinkKind.AMENDMENT:
            elements.append(Sentence(after_words.OVERTAKEN_AMENDED.format(note=each.note.id)))
        elif each.kind is LinkKind.RETRACTION:
            elements.append(Sentence(after_words.OVERTAKEN_RETRACTED.format(note=each.note.id)))
    return [*elements, *reason_elements(note)]


def reason_elements(note: Note) -> list[Prose]:
    """Why a note was amended; a retraction says it in its only section."""
    if note.link is None or note.link.kind is not LinkKind.AMENDMENT:
        return []
    return [Prose(after_words.REASON_TITLE, (note.link.reason,))] if note.link.reason else []


def moment(at: datetime, timezone: str) -> str:
    """`24 Nov 2026, 14:02` where the person is."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%b %Y, %H:%M}"
