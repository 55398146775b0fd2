"""A supervisor's answer to a note in review, and what else may become of the round. The first to act clears it.

Each act is one transaction that holds the note: two at once have one effect, and the other is told who did what.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.cards import review_told as told
from bot.cards.review_words import attestation_of
from bot.domain.errors import NotAllowed, Stale, UserMistake
from bot.domain.ids import NoteId, PersonId
from bot.domain.note import Note, Signature, State
from bot.domain.people import Person, Role
from bot.domain.plan import Plan
from bot.domain.policy import ActKind, allow
from bot.domain.review import Comment, Outcome, Review
from bot.domain.statements import Statement
from bot.ports import Act, UnitOfWork
from bot.practice_ports import ReviewRow
from bot.workflows.desk import Desk
from bot.workflows.goals_of_note import note_signed
from bot.workflows.link_note import act_on, check_still_may
from bot.workflows.list_session import keep_listed
from bot.workflows.measure_note import measure_note
from bot.workflows.review_checks import Checked, checked
from bot.workflows.review_rounds import able, closed_row, cosigns, row_of

LONGEST_COMMENT = 3000
LONGEST_SNOOZE = 72  # hours
_LISTED = 200


@dataclass(frozen=True, slots=True)
class Reviewing:
    """What a supervisor reads: the note, the round, its client's plan, and what stood in the version reviewed before.

    `earlier` is None in the first round. `decided`: they decided on it already, and read it as it was then.
    """

    note: Note
    row: ReviewRow
    plan: Plan | None
    earlier: Sequence[Statement] | None
    checks: Checked
    decided: bool = False


async def approve_review(
    desk: Desk,
    actor: Person | None,
    note_id: NoteId,
    version: int,
    comments: Sequence[Comment],
    via: str,
    number: int = 0,
) -> Note:
    """Approve, or co-sign, exactly the version that was shown; its rows in the ledger of filings are opened.

    `number`: of the round in which it was shown. Harmless when this person did so before, with nothing else to say.
    Raises NotAllowed, and Stale with who did what when somebody was first.
    """
    async with desk.database.writing(desk.id) as unit:
        before = await unit.notes.get(note_id)
        await desk.learn_format(unit, before)
        said = _said(desk, before, comments)
        review = _round(desk, actor, before, version, number)
        if review.outcome is Outcome.APPROVED and actor and review.by == actor.id and said in ((), review.comments):
            return before
        supervisor = _acting(desk, actor, before, review)
        about = await check_still_may(unit, before)
        signature = _signature(desk, supervisor, before, review)
        approved = before.review_approved(signature, said)
        await unit.notes.save(approved, before)
        await keep_listed(desk, unit, approved)
        await measure_note(desk, unit, approved)
        await unit.ledger.open(note_id, desk.targets, signature.at)
        await note_signed(desk, unit, approved)
        await _close(desk, unit, approved)
        act = "co-signed" if cosigns(review) else "review approved"
        await unit.audit.append(desk.act(supervisor.id, act, approved, via))
        if about:
            await unit.audit.append(desk.act(approved.clinician_id, act_on(approved), about, via))
        await unit.commit()
    return approved


async def request_changes(
    desk: Desk,
    actor: Person | None,
    note_id: NoteId,
    version: int,
    comments: Sequence[Comment],
    via: str,
    number: int = 0,
) -> Note:
    """Give it back to its clinician with comments. Harmless when this person sent the same before; fails as approving.

    Raises UserMistake when nothing is written.
    """
    async with desk.database.writing(desk.id) as unit:
        before = await unit.notes.get(note_id)
        await desk.learn_format(unit, before)
        said = _said(desk, before, comments)
        review = _round(desk, actor, before, version, number)
        if review.outcome is Outcome.CHANGES and actor and (review.by, review.comments) == (actor.id, said):
            return before
        supervisor = _acting(desk, actor, before, review)
        asked = before.changes_requested(supervisor.id, desk.clock.now(), said)
        await unit.notes.save(asked, before)
        await _close(desk, unit, asked)
        await unit.audit.append(desk.act(supervisor.id, "changes requested", asked, via))
        await unit.commit()
    return asked


async def withdraw_review(desk: Desk, actor: Person | None, note_id: NoteId, via: str) -> Note:
    """Its clinician takes it back, to change it. Harmless when they did. Raises Stale when a supervisor was first."""
    async with desk.database.writing(desk.id) as unit:
        before = await unit.notes.get(note_id)
        author = allow(actor, ActKind.WITHDRAW, before)
        review = before.review
        if before.state is not State.IN_REVIEW:
            if review and review.outcome is Outcome.WITHDRAWN:
                return before
            raise _over(desk, author, review)
        withdrawn = before.withdrawn(author.id, desk.clock.now())
        await unit.notes.save(withdrawn, before)
        await _close(desk, unit, withdrawn)
        await unit.audit.append(desk.act(author.id, "review withdrawn", withdrawn, via))
        await unit.commit()
    return withdrawn


async def reassign_review(
    desk: Desk, actor: Person | None, note_id: NoteId, supervisors: Sequence[PersonId], via: str
) -> Note:
    """Others review it from now on. Harmless when they do already. Raises UserMistake for who cannot."""
    async with desk.database.writing(desk.id) as unit:
        before = await unit.notes.get(note_id)
        person = _allowed(desk, actor, ActKind.REASSIGN, before)
        review = _pending(desk, person, before)
        chosen = able(desk, before.clinician_id, supervisors)
        if not chosen or len(chosen) != len(set(supervisors)):
            raise UserMistake("needs_supervisor", told.CHOOSE_SUPERVISOR)
        if set(chosen) == set(review.supervisors):
            return before
        given = before.reassigned(chosen)
        await unit.notes.save(given, before)
        row = await row_of(desk, unit, before)
        await unit.reviews.put(replace(row, supervisors=chosen))
        await unit.audit.append(desk.act(person.id, "review reassigned", given, via))
        await unit.commit()
    return given


async def snooze_review(desk: Desk, actor: Person | None, note_id: NoteId, hours: int, via: str) -> ReviewRow:
    """No reminder of this round for so many hours, at most until it is due, or a day once it is overdue."""
    if not 1 <= hours <= LONGEST_SNOOZE:
        raise UserMistake("bad_snooze", told.SNOOZE_HOURS)
    async with desk.database.writing(desk.id) as unit:
        note = await unit.notes.get(note_id)
        person = _allowed(desk, actor, ActKind.SNOOZE, note)
        _pending(desk, person, note)
        row, now = await row_of(desk, unit, note), desk.clock.now()
        longest = row.due_at if row.due_at > now else now + timedelta(days=1)
        until = min(now + timedelta(hours=hours), longest)
        if row.next_at is not None and until <= row.next_at:
            return row
        snoozed = replace(row, next_at=until)
        await unit.reviews.put(snoozed)
        await unit.audit.append(desk.act(person.id, "review snoozed", note, via))
        await unit.commit()
    return snoozed


async def open_review(desk: Desk, actor: Person | None, note_id: NoteId, via: str, *, again: bool = False) -> Reviewing:
    """A note for its supervisor to read; the audit log says who did. Raises NotAllowed, Stale.

    `again`: a further page of what they have open, which is no reading of its own. Who decided already is shown what
    was submitted, never what its author made of it since.
    """
    async with desk.database.writing(desk.id) as unit:
        note = await unit.notes.get(note_id)
        reader = _allowed(desk, actor, ActKind.REVIEW, note)
        await desk.learn_format(unit, note)
        row = await row_of(desk, unit, note)
        plan = await desk.plan_of(unit, note)
        opened = desk.act(reader.id, "review opened", note, via)
        if not (again and await _is_open(unit, opened)):
            await unit.audit.append(opened)
            await unit.commit()
    answered = [review for review in note.reviews[: row.round - 1] if review.outcome is Outcome.CHANGES]
    earlier, pending = answered[-1].statements if answered else None, note.state is State.IN_REVIEW
    shown = note if pending else _as_submitted(note)
    return Reviewing(shown, row, plan, earlier, checked(desk, shown), decided=not pending)


def _as_submitted(note: Note) -> Note:
    """What the last round was about, and nothing that was typed beside it or since."""
    review = note.review
    read = review.statements if review else ()
    return replace(note, statements=read, points=(), held=(), left_out=(), before=None, asked=None)


async def _is_open(unit: UnitOfWork, opened: Act) -> bool:
    """Whether this person opened it in this version before."""
    acts = await unit.audit.acts(opened.note_id)
    return any((a.act, a.actor, a.version_hash) == (opened.act, opened.actor, opened.version_hash) for a in acts)


async def reviews_waiting(desk: Desk, actor: Person | None) -> Sequence[ReviewRow]:
    """Rounds that wait: for this supervisor, or all for an administrator; the earliest due first."""
    person = allow(actor, ActKind.SUPERVISE)
    everybody = Role.ADMINISTRATOR in person.roles and Role.SUPERVISOR not in person.roles
    async with desk.database.reading(desk.id) as unit:
        return await unit.reviews.waiting(None if everybody else person.id, _LISTED)


def _said(desk: Desk, note: Note, comments: Sequence[Comment]) -> tuple[Comment, ...]:
    """What was really written. Raises UserMistake."""
    sections = {section.key for section in desk.format_of(note).sections}
    said = tuple(replace(comment, text=comment.text.strip()) for comment in comments if comment.text.strip())
    if any(len(comment.text) > LONGEST_COMMENT for comment in said):
        raise UserMistake("long_comment", told.TOO_LONG.format(most=LONGEST_COMMENT))
    if any(comment.section and comment.section not in sections for comment in said):
        raise Stale("no_such_section", told.NO_SUCH_SECTION)
    return said


def _round(desk: Desk, actor: Person | None, note: Note, version: int, number: int) -> Review:
    """The round (its `number` when known) in which this version was shown. Raises NotAllowed; Stale when none was."""
    rounds = note.reviews[number - 1 : number] if number else tuple(reversed(note.reviews))
    found = next((review for review in rounds if review.version == version), None)
    if found is None:
        _allowed(desk, actor, ActKind.REVIEW, note)
        raise Stale("stale_version", told.CHANGED_SINCE)
    return found


def _acting(desk: Desk, actor: Person | None, note: Note, review: Review) -> Person:
    """Who may decide on this round now. Raises NotAllowed; Stale with who did what when it is decided."""
    supervised = actor is not None and actor.active and actor.id in (*review.supervisors, review.by)
    if actor and supervised and review.outcome is not None and actor.id != note.clinician_id:
        raise _over(desk, actor, review, again=note.state is State.IN_REVIEW)
    return _allowed(desk, actor, ActKind.REVIEW, note)


def _allowed(desk: Desk, actor: Person | None, act: ActKind, note: Note) -> Person:
    """As the policy says, with who was first in the place of that somebody was."""
    try:
        return allow(actor, act, note)
    except Stale:
        if actor is None or note.review is None:
            raise
        raise _over(desk, actor, note.review) from None


def _pending(desk: Desk, person: Person, note: Note) -> Review:
    if note.state is not State.IN_REVIEW or note.review is None:
        raise _over(desk, person, note.review)
    return note.review


def _over(desk: Desk, reader: Person, review: Review | None, *, again: bool = False) -> Stale:
    if review is None:
        return Stale("not_in_review", told.NOT_IN_REVIEW)
    names = {person.id: person.name for person in desk.practice.people}
    said = told.decided(review, names, reader.id, desk.clock.now(), reader.timezone)
    return Stale("not_in_review", f"{said} {told.SENT_AGAIN}" if again else said)


def _signature(desk: Desk, supervisor: Person, note: Note, review: Review) -> Signature:
    if supervisor.id == note.clinician_id:
        raise NotAllowed("own_note", "Nobody reviews their own note.")
    return Signature(
        person_id=supervisor.id,
        name=supervisor.name,
        credentials=supervisor.credentials,
        role="supervisor" if cosigns(review) else "reviewer",
        at=desk.clock.now(),
        version=note.version,
        version_hash=note.version_hash(),
        attestation=attestation_of(review.mode),
    )


async def _close(desk: Desk, unit: UnitOfWork, note: Note) -> None:
    if note.review is not None:
        await unit.reviews.put(closed_row(await row_of(desk, unit, note), note.review))
