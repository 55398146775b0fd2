"""What follows a signed note: an addendum, an amendment, a retraction. Each is a new draft of its own, to be signed.

The signed note itself is never changed. Whether something may follow is asked here, and again when it is signed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.cards.after_words import OVERTAKEN_PURGED, PURGED
from bot.domain import edits
from bot.domain.after_filing import (
    begun,
    check_amended,
    check_may_follow,
    kind_of,
    signed_among,
    typed_as,
)
from bot.domain.errors import NotFound, Stale, UserMistake
from bot.domain.ids import NoteId, new_note_id
from bot.domain.links import FORMATS, LinkKind
from bot.domain.note import Note
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.domain.statements import Statement
from bot.drafting.guards import check_summary
from bot.ports import UnitOfWork
from bot.workflows.desk import Desk
from bot.workflows.start_draft import Started

_ACTS = {LinkKind.ADDENDUM: "addendum added", LinkKind.AMENDMENT: "amended", LinkKind.RETRACTION: "retracted"}


@dataclass(frozen=True, slots=True)
class _Follow:
    """What somebody typed about a note. `source` names the form that was sent, so that twice begins one."""

    kind: LinkKind
    of: NoteId
    texts: Mapping[str, str]
    reason: str
    source: str
    via: str

    @property
    def typed(self) -> str:
        return "\n\n".join(filter(None, (*self.texts.values(), self.reason)))


async def add_addendum(desk: Desk, actor: Person | None, note_id: NoteId, text: str, source: str, via: str) -> Started:
    """Begin an addendum to a signed note. Raises UserMistake with what to do instead."""
    if not text.strip():
        raise UserMistake("needs_text", "Please write what is to be added.")
    check_summary(text)
    section = desk.formats[FORMATS[LinkKind.ADDENDUM]].sections[0].key
    return await _begin(desk, actor, _Follow(LinkKind.ADDENDUM, note_id, {section: text}, "", source, via))


async def amend_note(
    desk: Desk, actor: Person | None, note_id: NoteId, texts: Mapping[str, str], reason: str, source: str, via: str
) -> Started:
    """Begin an amendment: the note as filed with edited sections (section key → text) in its place.

    Without any `texts` it begins as the note stands, to be edited before it can be signed. Raises UserMistake when
    nothing was changed or no reason is given.
    """
    return await _begin(desk, actor, _Follow(LinkKind.AMENDMENT, note_id, texts, reason.strip(), source, via))


async def retract_note(
    desk: Desk, actor: Person | None, note_id: NoteId, reason: str, source: str, via: str
) -> Started:
    """Begin the retraction of a note that was entered in error. Raises UserMistake when no reason is given."""
    section = desk.formats[FORMATS[LinkKind.RETRACTION]].sections[0].key
    follow = _Follow(LinkKind.RETRACTION, note_id, {section: reason.strip()}, reason.strip(), source, via)
    return await _begin(desk, actor, follow)


async def check_still_may(unit: UnitOfWork, note: Note) -> Note | None:
    """The note that this draft is about, held until the transaction ends; None when it is about none.

    Raises UserMistake when somebody was first with what closes it, or it was purged.
    """
    if note.link is None:
        return None
    of = await _still_kept(unit, note.link.of, Stale("about_purged", OVERTAKEN_PURGED))
    check_may_follow(note.link.kind, of, signed_among(await unit.notes.linked_to(of.id)))
    check_amended(note, of)
    return of


def act_on(note: Note) -> str:
    """What the audit log says of the note that a signed one is about."""
    return _ACTS[kind_of(note)]


async def _begin(desk: Desk, actor: Person | None, follow: _Follow) -> Started:
    async with desk.database.writing(desk.id) as unit:
        of = await _still_kept(unit, follow.of, NotFound("note_purged", PURGED))
        await desk.learn_format(unit, of)
        clinician = allow(actor, ActKind.FOLLOW, of)
        linked = await unit.notes.linked_to(of.id)
        if earlier := next((note for note in linked if note.source == follow.source), None):
            return _again(earlier, follow)
        check_may_follow(follow.kind, of, signed_among(linked))
        statements = _statements(desk, follow, of)
        version = _format_version(desk, follow, of)
        draft = begun(follow.kind, of, new_note_id(), desk.clock.now(), statements, follow.reason, version)
        note = typed_as(draft, follow.typed, follow.source)
        _check(note, of, follow)
        await unit.notes.add(note)
        await unit.audit.append(desk.act(clinician.id, f"{follow.kind} started", note, follow.via))
        await unit.commit()
    return Started(note.id, again=False)


async def _still_kept(unit: UnitOfWork, note_id: NoteId, otherwise: UserMistake) -> Note:
    try:
        return await unit.notes.get(note_id)
    except NotFound:
        raise otherwise from None


def _statements(desk: Desk, follow: _Follow, of: Note) -> Sequence[Statement]:
    own = FORMATS.get(follow.kind)
    fmt = desk.formats[own] if own else desk.format_of(of)
    return edits.revise(of.statements if follow.kind is LinkKind.AMENDMENT else (), fmt, follow.texts)


def _format_version(desk: Desk, follow: _Follow, of: Note) -> int:
    """An amendment stays in the definition of what it amends."""
    own = FORMATS.get(follow.kind)
    return desk.formats[own].version if own else of.format_version


def _check(note: Note, of: Note, follow: _Follow) -> None:
    if follow.texts or not follow.reason:
        check_amended(note, of)
    if not note.statements:
        raise UserMistake("needs_content", "Nothing is left of it. To take the whole note back, use Entered in error.")


def _again(earlier: Note, follow: _Follow) -> Started:
    """The same form came twice. Text that differs is not taken for the first one's. Raises UserMistake."""
    if earlier.summary != follow.typed:
        raise UserMistake("sent_before", "The first text that you sent with this form is saved.")
    return Started(earlier.id, again=True)
