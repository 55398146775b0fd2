"""A place that was taken out of practice.toml while notes were on their way there. Nothing is dropped or stuck."""

import secrets
from typing import Literal

from bot.domain.errors import Permanent
from bot.domain.filing import Filing, FilingState, removed_code
from bot.domain.note import Note
from bot.ports import UnitOfWork
from bot.workflows.cabinet import Cabinet
from bot.workflows.desk import Desk
from bot.workflows.filing_receipt import is_stored_at, note_filed
from bot.workflows.filing_times import wait_after


async def without_place(
    desk: Desk, cabinet: Cabinet, unit: UnitOfWork, note: Note, row: Filing
) -> "Literal['nothing', 'moved']":
    """What becomes of the row of a place that was taken out of practice.toml: kept, for the place may come back.

    When it was the note's record, the practice's present one is that from now on. Raises Permanent otherwise.
    """
    target, now, holder = row.target, desk.clock.now(), secrets.token_hex(8)
    error = Permanent(removed_code(target))
    if await unit.ledger.lease(note.id, target, holder, now, cabinet.lease_seconds) is None:
        return "nothing"
    later = now + wait_after(error, row.attempts)
    await unit.ledger.failed(note.id, target, holder, FilingState.REFUSED, error.code, now, later)
    moves = (await unit.ledger.of(note.id))[0].target == target != desk.targets[0]
    if moves:
        await _moved(desk, unit, note, target, desk.targets[0])
    elif row.error_code != error.code:
        await unit.audit.append(desk.act(None, f"filing failed ({FilingState.REFUSED.value}) {target}", note))
    await unit.commit()
    if not moves:
        raise error
    return "moved"


async def _moved(desk: Desk, unit: UnitOfWork, note: Note, target: str, record: str) -> None:
    await unit.ledger.lead(note.id, record, desk.clock.now())
    await unit.audit.append(desk.act(None, f"record moved from {target} to {record}", note))
    if is_stored_at(await unit.ledger.of(note.id), record):  # it was a copy before
        await note_filed(desk, unit, note)
