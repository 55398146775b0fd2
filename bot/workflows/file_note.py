"""The worker's part of filing, a note and place at a time: render once, send under a lease, keep the receipt."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.domain.errors import EffectError, NotFound, Permanent, Temporary
from bot.domain.filing import Filing, FilingState, Reason, Receipt, code_of, is_ahead
from bot.domain.ids import NoteId
from bot.domain.note import Note, State, signatures_complete
from bot.ports import Related, UnitOfWork
from bot.workflows.cabinet import Cabinet, Target, may_have_arrived
from bot.workflows.desk import Desk
from bot.workflows.filing_header import filed_note
from bot.workflows.filing_receipt import Begin, begin_waiting, receipt_kept
from bot.workflows.filing_times import state_after, wait_after
from bot.workflows.removed_target import without_place
from bot.workflows.show_note import Screens

_ON_ITS_WAY = (State.APPROVED, State.FILING, State.FILED)
_LOOK_AGAIN = timedelta(seconds=30)
UNSIGNED = "signatures_incomplete"
_log = logging.getLogger("afternote.filing")


@dataclass(frozen=True, slots=True)
class _Sending:
    """What this worker sends: the filing as leased, and as it was before."""

    note: Note
    filing: Filing
    before: Filing
    related: Related | None
    holder: str


async def file_note(desk: Desk, cabinet: Cabinet, note_id: NoteId, target: str) -> Receipt | None:
    """File a signed note at one place; None when there is nothing to do there now. Raises EffectError, recorded.

    There is nothing to do when it is stored, another worker is at it, a person has to decide, it is not time to try
    again, or the note that this one is about is not there yet. A Temporary says in `retry_after` when it is time.
    """
    begun = await _begun(desk, cabinet, note_id, target)
    return await _sent(desk, cabinet, begun) if isinstance(begun, _Sending) else None


async def file_and_show(
    desk: Desk, cabinet: Cabinet, screens: Screens, note_id: NoteId, target: str, begin: Begin
) -> None:
    """File the note at one place and bring its cards in line, also when that failed. Raises EffectError.

    `begin`: has the notes filed there that waited for this one, and this one where it is to go instead.
    """
    try:
        begun = await _begun(desk, cabinet, note_id, target)
        if begun == "waits":
            return
        if isinstance(begun, _Sending):
            await _sent(desk, cabinet, begun)
            await begin_waiting(desk, note_id, target, begin)
        elif begun == "moved":
            await begin(desk.id, note_id, desk.targets[0])
    except EffectError:
        with contextlib.suppress(EffectError):
            await screens.show(note_id)
        raise
    await screens.show(note_id)


async def _begun(
    desk: Desk, cabinet: Cabinet, note_id: NoteId, target: str
) -> "_Sending | Literal['waits', 'nothing', 'moved']":
    """Take the lease. The lease and the note's first step towards the record are one transaction.

    Raises Permanent when practice.toml does not name the place any more.
    """
    holder, now = secrets.token_hex(8), desk.clock.now()
    async with desk.database.writing(desk.id) as unit:
        note = await unit.notes.get(note_id)
        before = await _row(desk, unit, note, target, now)
        if before is None or (before.attempts and is_ahead(before.next_at, now)):
            return "nothing"
        if not signatures_complete(note):  # no way leads here; nothing unsigned is to leave all the same
            raise Permanent(UNSIGNED)
        if target not in cabinet.targets:
            return await without_place(desk, cabinet, unit, note, before)
        related = await _related(unit, note, target)
        if related == "waits":
            await unit.ledger.put_off(note_id, target, now + _LOOK_AGAIN)
            await unit.commit()
            return "waits"
        filing = await unit.ledger.lease(note_id, target, holder, now, cabinet.lease_seconds)
        if filing is None:
            return "nothing"
        if note.state is State.APPROVED:
            await unit.notes.save(note.filing(), note)
        await unit.commit()
    return _Sending(note, filing, before, related, holder)


async def _row(desk: Desk, unit: UnitOfWork, note: Note, target: str, now: datetime) -> Filing | None:
    """The note's row for this place. One that was signed without any gets its rows now."""
    if note.state not in _ON_ITS_WAY:
        return None
    rows = await unit.ledger.of(note.id)
    if not rows:
        await unit.ledger.open(note.id, desk.targets, now)
        rows = await unit.ledger.of(note.id)
    return next((row for row in rows if row.target == target), None)


async def _related(unit: UnitOfWork, note: Note, target: str) -> "Related | Literal['waits'] | None":
    """The note that this one is about, as the place knows it; an addendum waits until its note is there.

    A place that never had to get that note (the practice added it later) gets this one without a reference; so does
    one that will never get it, since it was purged.
    """
    if note.link is None:
        return None
    rows = await unit.ledger.of(note.link.of)
    there = next((row for row in rows if row.target == target), None)
    if there and there.state is not FilingState.STORED and await _about(unit, note):
        return "waits"
    return Related(note.link.kind, note.link.of, there.receipt.reference if there and there.receipt else "")


async def _sent(desk: Desk, cabinet: Cabinet, sending: _Sending) -> Receipt:
    note, target = sending.note, cabinet.targets[sending.filing.target]
    try:
        files = await _documents(desk, cabinet, target, note.id)
        header = filed_note(desk, note, sending.filing, sending.related)
        receipt = await target.put(header, files, f"{note.id}:{note.version}", cabinet.put_seconds)
    except EffectError as error:
        await _failed(desk, cabinet, sending, error)
        raise
    async with desk.database.writing(desk.id) as unit:
        await receipt_kept(desk, unit, await unit.notes.get(note.id), target.name, receipt)
        await unit.commit()
    return receipt


async def _documents(desk: Desk, cabinet: Cabinet, target: Target, note_id: NoteId) -> Mapping[str, bytes]:
    """The rendered documents: those of the first try, byte for byte, so that every sending is the same.

    Kinds that a place began to want since then are added to them.
    """
    async with desk.database.reading(desk.id) as unit:
        kept = await unit.documents.of(note_id)
        note = await unit.notes.get(note_id)
        about = await _about(unit, note)
        await desk.learn_format(unit, note, about)
    if kept and kept.keys() >= {*cabinet.kinds}:
        return kept
    try:
        files = await asyncio.to_thread(cabinet.render, note, about, kept)
    except Exception as error:
        _log.error("note %s cannot be rendered: %s", note_id, type(error).__name__)
        raise Permanent(code_of(target.kind, Reason.UNEXPECTED, "render")) from None
    async with desk.database.writing(desk.id) as unit:
        await unit.documents.add(note_id, files)
        await unit.commit()
    async with desk.database.reading(desk.id) as unit:
        return await unit.documents.of(note_id)  # another worker's, if it was first


async def _about(unit: UnitOfWork, note: Note) -> Note | None:
    if note.link is None:
        return None
    try:
        return await unit.notes.get(note.link.of)
    except NotFound:  # it was purged; what is said about it stands
        return None


async def _failed(desk: Desk, cabinet: Cabinet, sending: _Sending, error: EffectError) -> None:
    """Put down what happened and when to try again; in the audit log once, however often the same thing happens."""
    before, target = sending.before, sending.filing.target
    state, now = state_after(error), desk.clock.now()
    wait = wait_after(error, sending.filing.attempts, longest=cabinet.longest_wait)
    if isinstance(error, Temporary):
        error.retry_after = wait.total_seconds()
    async with desk.database.writing(desk.id) as unit:
        counted = await unit.ledger.failed(
            sending.note.id,
            target,
            sending.holder,
            state,
            error.code,
            now,
            now + wait,
            maybe_sent=may_have_arrived(error),
        )
        if counted and (state, error.code) != (before.state, before.error_code):
            await unit.audit.append(desk.act(None, f"filing failed ({state.value}) {target}", sending.note))
        await unit.commit()
