"""The worker's part of filing: render once, send under a lease, keep the receipt."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.errors import Conflict, EffectError, Permanent, Temporary, Unknown
from bot.domain.filing import Filing, FilingState, Receipt
from bot.domain.ids import NoteId
from bot.domain.note import Note, State
from bot.ports import FiledNote, NoteSink
from bot.workflows.desk import Desk
from bot.workflows.show_note import Screens

LEASE_SECONDS = 120
_LONGEST_WAIT = timedelta(hours=1)

_KINDS = {Temporary: "temporary", Conflict: "conflict", Unknown: "unknown"}
_STATES = {"permanent": FilingState.REFUSED, "conflict": FilingState.CONFLICT, "unknown": FilingState.UNKNOWN}
_log = logging.getLogger("afternote.filing")

Render = Callable[[Note], Mapping[str, bytes]]


@dataclass(frozen=True, slots=True)
class Cabinet:
    """Where this practice's notes go, and how they are rendered. `render` may be slow: it runs in a thread.

    `lease_seconds`: how long a worker that died keeps others from filing the note.
    """

    sink: NoteSink
    render: Render
    lease_seconds: int = LEASE_SECONDS


async def file_note(desk: Desk, cabinet: Cabinet, note_id: NoteId) -> Receipt | None:
    """File a signed note; None when it is filed already or another worker is at it. Raises EffectError, recorded."""
    holder = secrets.token_hex(8)
    async with desk.database.writing(desk.id) as unit:
        note = await unit.notes.get(note_id)
        if note.state not in (State.APPROVED, State.FILING):
            return None
        filing = await unit.ledger.lease(note_id, desk.targets[0], holder, desk.clock.now(), cabinet.lease_seconds)
        if filing is None:
            return None
        if note.state is State.APPROVED:
            await unit.notes.save(note.filing(), note)
        await unit.commit()
    try:
        files = await _documents(desk, cabinet, note_id)
        receipt = await cabinet.sink.put(_header(note), files, key=f"{note_id}:{note.version}")
    except EffectError as error:
        await _failed(desk, note, holder, filing, error)
        raise
    except Exception as error:
        _log.error("note %s was not filed: %s", note_id, type(error).__name__)
        unexpected = Permanent(f"unexpected_{type(error).__name__}")
        await _failed(desk, note, holder, filing, unexpected)
        raise unexpected from None
    await _stored(desk, note_id, receipt)
    return receipt


async def _documents(desk: Desk, cabinet: Cabinet, note_id: NoteId) -> Mapping[str, bytes]:
    """The rendered documents: those of the first try, byte for byte, so that a retry sends the same."""
    async with desk.database.reading(desk.id) as unit:
        kept = await unit.documents.of(note_id)
        note = await unit.notes.get(note_id)
    if kept:
        return kept
    try:
        files = await asyncio.to_thread(cabinet.render, note)
    except Exception as error:
        _log.error("note %s cannot be rendered: %s", note_id, type(error).__name__)
        raise Permanent("render_failed") from None
    async with desk.database.writing(desk.id) as unit:
        await unit.documents.add(note_id, files)
        await unit.commit()
    async with desk.database.reading(desk.id) as unit:
        return await unit.documents.of(note_id)  # another worker's, if it was first


async def _stored(desk: Desk, note_id: NoteId, receipt: Receipt) -> None:
    async with desk.database.writing(desk.id) as unit:
        note = await unit.notes.get(note_id)
        await unit.ledger.stored(note_id, desk.targets[0], receipt)
        if note.state is State.FILING:
            await unit.notes.save(note.filed(), note)
            await unit.audit.append(desk.act(None, "filed", note))
        await unit.commit()


async def _failed(desk: Desk, note: Note, holder: str, filing: Filing, error: EffectError) -> None:
    """Put down what happened and when to try again: doubling from 2 seconds to an hour, or as the storage asked."""
    kind = next((word for kind, word in _KINDS.items() if isinstance(error, kind)), "permanent")
    wait = timedelta(seconds=2 ** min(filing.attempts + 1, 12))
    if isinstance(error, Temporary) and error.retry_after:
        wait = timedelta(seconds=error.retry_after)
    if kind in ("permanent", "conflict"):
        wait = _LONGEST_WAIT
    async with desk.database.writing(desk.id) as unit:
        now = desk.clock.now()
        next_at, state = now + min(wait, _LONGEST_WAIT), _STATES.get(kind, FilingState.PENDING)
        await unit.ledger.failed(note.id, filing.target, holder, state, f"{kind}:{error.code}", now, next_at)
        await unit.audit.append(desk.act(None, f"filing failed ({kind})", note))
        await unit.commit()


def _header(note: Note) -> FiledNote:
    return FiledNote(
        note_id=note.id,
        practice_id=note.practice_id,
        client_code=note.client_code,
        format_id=note.format_id,
        session_date=note.session.date.isoformat() if note.session.date else "undated",
        version_hash=note.version_hash(),
    )


async def file_and_show(desk: Desk, cabinet: Cabinet, screens: Screens, note_id: NoteId) -> None:
    """File the note and bring its cards in line, also when the storage failed. Raises EffectError."""
    try:
        await file_note(desk, cabinet, note_id)
    except EffectError:
        with contextlib.suppress(EffectError):
            await screens.show(note_id)
        raise
    await screens.show(note_id)
