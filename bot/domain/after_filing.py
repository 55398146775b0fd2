"""What may follow a signed note, and what stands then. Pure: asked when something is begun, and again at signing.

A note takes any number of addenda until an amendment or a retraction closes it; what took its place goes on then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.errors import Stale, UserMistake
from bot.domain.ids import NoteId
from bot.domain.links import FORMATS, Link, LinkKind
from bot.domain.note import Note, State
from bot.domain.statements import Origin, Statement

_CLOSING = (LinkKind.AMENDMENT, LinkKind.RETRACTION)


@dataclass(frozen=True, slots=True)
class Later:
    """A signed document about a note. `retracted`: it was entered in error itself."""

    kind: LinkKind
    note: Note
    retracted: bool = False

    @property
    def signed_at(self) -> datetime:
        return self.note.standing[-1].at


@dataclass(frozen=True, slots=True)
class Around:
    """What belongs to a note: the one it is about, and what was signed about either of them, oldest first.

    `about` is None also when that note was purged. `about_later` is known while this one is a draft.
    """

    about: Note | None = None
    later: tuple[Later, ...] = ()
    about_later: tuple[Later, ...] = ()


ALONE = Around()


def is_signed(note: Note) -> bool:
    """Whether the note is part of the record, or on its way there."""
    return note.state in (State.APPROVED, State.FILING, State.FILED)


def signed_among(linked: Sequence[Note]) -> tuple[Note, ...]:
    """Of all that was begun about a note, what was signed."""
    return tuple(note for note in linked if is_signed(note))


def kind_of(note: Note) -> LinkKind:
    """What a note that follows another one is to it."""
    if note.link is None:
        raise ValueError("this note follows no other")
    return note.link.kind


def closing(later: Sequence[Note]) -> Note | None:
    """The amendment that took the note's place, or its retraction. `later`: what was signed about it."""
    return next((note for note in later if kind_of(note) in _CLOSING), None)


def may_follow(kind: LinkKind, note: Note, later: Sequence[Note]) -> bool:
    """Whether this may be begun, or signed, about the note now."""
    try:
        check_may_follow(kind, note, later)
    except UserMistake:
        return False
    return True


def check_may_follow(kind: LinkKind, note: Note, later: Sequence[Note]) -> None:
    """Raises UserMistake with what to do instead. `later`: what was signed about the note already."""
    if not is_signed(note):
        raise Stale("not_signed", "That note is not signed, so it can still be edited on its own card.")
    if note.format_id == FORMATS[LinkKind.RETRACTION]:
        raise UserMistake("after_retraction", "Nothing follows a retraction. Please write a new note instead.")
    closed_by = closing(later)
    if closed_by is not None:
        raise _closed(kind_of(closed_by), closed_by.id)
    if kind is LinkKind.ADDENDUM and note.format_id == FORMATS[LinkKind.ADDENDUM]:
        raise UserMistake("after_addendum", "An addendum is added to the note itself. Press Add addendum there.")


def _closed(kind: LinkKind, note_id: NoteId) -> Stale:
    if kind is LinkKind.RETRACTION:
        return Stale(
            "already_retracted",
            f"This note was retracted as entered in error (note {note_id}). Please write a new note instead.",
        )
    return Stale(
        "already_amended",
        f"This note was amended, and note {note_id} took its place. Please go on from that one, on its own card.",
    )


def begun(
    kind: LinkKind,
    of: Note,
    note_id: NoteId,
    at: datetime,
    statements: Sequence[Statement],
    reason: str = "",
    format_version: int = 0,
) -> Note:
    """The first version of what follows `of`, to be signed like any note: its client, its session, own words.

    An amendment keeps the points that its untouched sentences cite, and says who drafted those.
    """
    whole = kind is LinkKind.AMENDMENT
    kept = whole and any(statement.origin is not Origin.CLINICIAN for statement in statements)
    return Note(
        id=note_id,
        practice_id=of.practice_id,
        clinician_id=of.clinician_id,
        state=State.DRAFT,
        format_id=FORMATS.get(kind, of.format_id),
        summary="",
        created_at=at,
        client_code=of.client_code,
        session=of.session,
        points=of.points if whole else (),
        statements=tuple(statements),
        drafted_by=of.drafted_by if kept else Origin.CLINICIAN,
        left_out=tuple(point.number for point in of.points) if whole else (),
        version=1,
        prompt_version=of.prompt_version if kept else "",
        link=Link(kind, of.id, reason),
        format_version=format_version,
    )


def check_amended(note: Note, of: Note) -> None:
    """An amendment changes something and says why; so does a retraction. Raises UserMistake."""
    if note.link is None or note.link.kind is LinkKind.ADDENDUM:
        return
    if not note.link.reason.strip():
        raise UserMistake("needs_reason", "Please say why. The reason stands in the record, beside what it is about.")
    same = (note.statements, note.format_id) == (of.statements, of.format_id)
    if same and note.link.kind is LinkKind.AMENDMENT:
        raise UserMistake("nothing_amended", "Nothing is changed yet. Please correct the text, then go on.")


def typed_as(note: Note, typed: str, source: str) -> Note:
    """The same, with what was typed in the form and the form's own name, so that sending it twice begins one."""
    return replace(note, summary=typed, source=source)
