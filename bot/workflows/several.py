"""Several summaries sent at once: kept as a batch of notes in one commit, and looked at one after another.

What one of them lacks refuses nothing of the rest: its text goes back to who sent it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.day_ports import Batch, BatchNote
from bot.domain.appointments import Appointment
from bot.domain.errors import NotFound, Stale, UserMistake
from bot.domain.ids import AppointmentId, BatchId, NoteId, new_batch_id, new_note_id
from bot.domain.matching import OTHER_DAY, OTHER_TIME, Match, match
from bot.domain.note import Note, Session, State
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.drafting.guards import EMPTY, check_client_code, check_summary
from bot.drafting.several import MOST, TOO_MANY, Piece, split_summaries
from bot.ports import Act, Posted, UnitOfWork
from bot.workflows.desk import Desk
from bot.workflows.goals_of_note import with_suggestion
from bot.workflows.list_session import filled, give_session, take_session
from bot.workflows.revise_note import check_day

BAD_DATE = "bad_date"
NOT_LOOKED_AT = (State.DRAFTING, State.DRAFT)
MOST_LISTED = 5000  # sessions of one clinician that are looked through for a match
_PROPOSED = (OTHER_DAY, OTHER_TIME)  # nobody's typed day or time is overruled: these are only offered
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Refused:
    """One summary that no note can be drafted from: its number from 1, its text as typed, what to do."""

    number: int
    text: str
    sentence: str


@dataclass(frozen=True, slots=True)
class StartedBatch:
    """What became of the summaries; `batch_id` is None when none was taken. `again`: an earlier delivery did it."""

    batch_id: BatchId | None
    notes: tuple[NoteId, ...]
    refused: tuple[Refused, ...]
    again: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """The note that is looked at from now on, and the card that another one stood in, when it is to go."""

    note_id: NoteId
    before: Posted | None = None


@dataclass(frozen=True, slots=True)
class _Taken:
    piece: Piece
    format_id: str
    client_code: str
    day: date | None
    doubt: str = ""


async def start_batch(
    desk: Desk, actor: Person | None, texts: Sequence[str], source: str, via: str, *, sure: bool = True
) -> StartedBatch:
    """Keep every summary of these texts as a note that waits for its draft, all in one commit.

    `source` names the delivery, so that a second one starts nothing. `sure`: see `split_summaries`. Raises UserMistake.
    """
    clinician = allow(actor, ActKind.WRITE)
    today = desk.today(clinician)
    pieces = [piece for text in texts for piece in split_summaries(text, desk.startable, today, sure=sure)]
    if not pieces:
        raise UserMistake("no_summaries", EMPTY)
    if len(pieces) > MOST:
        raise UserMistake("too_many_summaries", TOO_MANY)
    taken, refused = _sorted_out(desk, clinician, pieces)
    if not taken:
        return StartedBatch(None, (), refused)
    for _ in range(_TRIES):
        earlier = await _earlier(desk, source)
        if earlier:
            return replace(earlier, refused=refused)
        try:
            return replace(await _kept(desk, clinician, taken, source, via), refused=refused)
        except Stale:  # the same delivery again, or a session that got its note meanwhile
            continue
    raise Stale("stale_batch", "Your list of sessions changed meanwhile. Please send these summaries again.")


def _sorted_out(
    desk: Desk, clinician: Person, pieces: Sequence[Piece]
) -> tuple[tuple[_Taken, ...], tuple[Refused, ...]]:
    taken: list[_Taken] = []
    refused: list[Refused] = []
    for number, piece in enumerate(pieces, 1):
        try:
            taken.append(_checked(desk, clinician, piece))
        except UserMistake as mistake:
            refused.append(Refused(number, piece.text, mistake.sentence))
    return tuple(taken), tuple(refused)


def _checked(desk: Desk, clinician: Person, piece: Piece) -> _Taken:
    said = piece.headline
    check_summary(piece.summary)
    code = check_client_code(said.client_code) if said.client_code else ""
    doubt, day = BAD_DATE if piece.mistake else "", said.date
    if day:
        try:
            check_day(desk, clinician, day)
        except UserMistake:
            doubt, day = BAD_DATE, None
    return _Taken(piece, desk.format_for(clinician, said.format_id, said.kind), code, day, doubt)


async def _earlier(desk: Desk, source: str) -> StartedBatch | None:
    async with desk.database.reading(desk.id) as unit:
        batch_id = await unit.batches.by_source(source)
        if batch_id is None:
            return None
        notes = await unit.batches.notes_of(batch_id)
    return StartedBatch(batch_id, tuple(each.note_id for each in notes), (), again=True)


async def _kept(desk: Desk, clinician: Person, taken: Sequence[_Taken], source: str, via: str) -> StartedBatch:
    now, batch_id, notes = desk.clock.now(), new_batch_id(), list[NoteId]()
    async with desk.database.writing(desk.id) as unit:
        matches, listed = await _matched(unit, clinician, taken, now)
        doubts = {at + 1: doubt for at, one in enumerate(matches) if (doubt := taken[at].doubt or one.doubt)}
        batch = Batch(batch_id, clinician.id, now, len(taken), source, doubts=doubts or None)
        await unit.batches.add(batch)
        for number, (one, found) in enumerate(zip(taken, matches, strict=True), 1):
            proposed = found.doubt in _PROPOSED or found.appointment_id is None
            session = None if proposed else listed[str(found.appointment_id)]
            note = _note(desk, clinician, one, batch, number)
            note = _of_session(note, session) if session else note
            await unit.notes.add(note)
            await take_session(desk, unit, note, session)
            await unit.audit.append(desk.act(clinician.id, "started", note, via))
            notes.append(note.id)
        await unit.audit.append(Act(clinician.id, f"{len(notes)} started at once", None, 0, "", now, via))
        await unit.commit()
    return StartedBatch(batch_id, tuple(notes), ())


async def _matched(
    unit: UnitOfWork, clinician: Person, taken: Sequence[_Taken], now: datetime
) -> tuple[Sequence[Match], dict[str, Appointment]]:
    waiting = await unit.appointments.waiting(clinician.id, now, MOST_LISTED)
    listed = {str(each.appointment.id): each.appointment for each in waiting}
    said = [replace(one.piece.headline, date=one.day, client_code=one.client_code or None) for one in taken]
    return match(said, listed.values()), listed


def _note(desk: Desk, clinician: Person, one: _Taken, batch: Batch, number: int) -> Note:
    said = one.piece.headline
    session = Session(date=one.day, start=said.start, minutes=said.minutes)
    return Note(
        id=new_note_id(),
        practice_id=desk.id,
        clinician_id=clinician.id,
        state=State.DRAFTING,
        format_id=one.format_id,
        summary=one.piece.summary,
        created_at=batch.created_at,
        client_code=one.client_code,
        session=replace(session, kind=said.kind) if said.kind else session,
        source=f"{batch.source}:{number}",
        format_version=desk.formats[one.format_id].version,
        batch=batch.id,
        position=number,
    )


def _of_session(note: Note, session: Appointment) -> Note:
    """Code and start as the list writes them: `JD014` is `JD-014`, and five minutes late is that session still."""
    start = session.session.start or note.session.start
    named = replace(note, client_code=session.client_code, session=replace(note.session, start=start))
    return filled(named, session)


async def look_at(desk: Desk, actor: Person | None, batch_id: BatchId) -> Looked:
    """Begin, or go on, to look at the notes of a batch: a card of its own at the end of the conversation.

    Raises NotFound; UserMistake `nothing_left` when all of them are looked at.
    """
    person = allow(actor, ActKind.LIST)
    async with desk.database.writing(desk.id) as unit:
        batch = await own_batch(unit, person, batch_id)
        left = await left_of(unit, batch)
        if not left:
            raise UserMistake("nothing_left", "Every note of these is signed or discarded.")
        here = next((each for each in left if each.position >= batch.current), left[0])
        await unit.batches.save(replace(batch, current=here.position, review=None), batch)
        await unit.commit()
    return Looked(here.note_id, Posted(*batch.review) if batch.review else None)


async def step(desk: Desk, actor: Person | None, note_id: NoteId, by: int) -> Looked:
    """From one note of a batch to the next (1) or previous (-1) that is not signed, around the end. Raises NotFound."""
    person = allow(actor, ActKind.LIST)
    async with desk.database.writing(desk.id) as unit:
        note = await unit.notes.get(note_id)
        if note.batch is None:
            raise NotFound("batch_not_found", "This note came by itself: there is no next one.")
        batch = await own_batch(unit, person, note.batch)
        there = following(await left_of(unit, batch), note.position, by)
        if there is None or there.position == batch.current:
            return Looked(there.note_id if there else note_id)
        await unit.batches.save(replace(batch, current=there.position), batch)
        await unit.commit()
    return Looked(there.note_id)


async def choose_session(
    desk: Desk, actor: Person | None, note_id: NoteId, appointment_id: AppointmentId, via: str
) -> Note:
    """Say which session on the list a note of a batch is about: its client, day and time are the note's from now on.

    Raises NotFound; Stale when the note is signed, or the session has a note by now.
    """
    async with desk.database.writing(desk.id) as unit:
        note = await unit.notes.get(note_id)
        person = allow(actor, ActKind.CHANGE, note)
        chosen = await unit.appointments.get(appointment_id)
        if chosen.clinician_id != person.id or note.batch is None:
            raise NotFound("session_not_found", "I can't find that session among yours.")
        if note.locked or chosen.note_id not in (None, note.id) or not chosen.waits:
            raise Stale("session_has_note", "That changed meanwhile. Please look at the card again.")
        await desk.learn_format(unit, note)
        changed = _about(note, chosen)
        if changed.state is not State.DRAFTING:
            changed = with_suggestion(changed, await desk.plan_of(unit, changed))
        if changed != note:
            await unit.notes.save(changed, note)
        await give_session(unit, changed, chosen)
        batch = await unit.batches.get(note.batch)
        doubts = {at: doubt for at, doubt in (batch.doubts or {}).items() if at != note.position}
        if doubts != (batch.doubts or {}):
            await unit.batches.save(replace(batch, doubts=doubts or None), batch)
        await unit.audit.append(desk.act(person.id, "described", changed, via))
        await unit.commit()
    return changed


def _about(note: Note, chosen: Appointment) -> Note:
    typed = replace(note, client_code="", session=replace(note.session, date=None, start=None))
    wanted = filled(typed, chosen)
    if note.state is not State.DRAFTING:
        return note.described(wanted.client_code, wanted.session)
    return replace(note, client_code=wanted.client_code, session=wanted.session)


async def own_batch(unit: UnitOfWork, person: Person, batch_id: BatchId) -> Batch:
    """Raises NotFound for somebody else's."""
    batch = await unit.batches.get(batch_id)
    if batch.clinician_id != person.id:
        raise NotFound("batch_not_found", "I can't find these summaries among yours.")
    return batch


async def left_of(unit: UnitOfWork, batch: Batch) -> Sequence[BatchNote]:
    """What of a batch is still to be looked at: not signed, and without a card of its own."""
    waiting = [each for each in await unit.batches.notes_of(batch.id) if each.state in NOT_LOOKED_AT]
    return [each for each in waiting if not await unit.cards.of(each.note_id)]


def following(left: Sequence[BatchNote], position: int, by: int) -> BatchNote | None:
    """The next one after a position, or before it, around the end."""
    others = [each for each in left if each.position != position]
    if not others:
        return None
    if by > 0:
        return next((each for each in others if each.position > position), others[0])
    return next((each for each in reversed(others) if each.position < position), others[-1])
