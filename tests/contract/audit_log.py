"""A realistic audit log, made by the workflows: three notes written, read, changed, signed and filed, and a plan."""

import datetime as dt
from dataclasses import dataclass, replace

from bot.domain.audit import SignedHead
from bot.domain.ids import NoteId
from bot.domain.people import Person
from bot.ports import Database
from bot.workflows.approve_note import approve_note
from bot.workflows.arrange_note import arrange_note
from bot.workflows.audit_heads import signed_end
from bot.workflows.cabinet import Cabinet, Target
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.file_note import file_note
from bot.workflows.plan import start_plan
from bot.workflows.revise_note import describe_session
from bot.workflows.start_draft import NewNote, start_draft
from bot.workflows.view_note import view_note
from tests.doubles.memory_sink import MemorySink
from tests.workflows.factories import ROSA, SUMMARY, TOBIAS, FixedClock
from tests.workflows.factories import desk as memory_desk

MONDAY, TUESDAY = "audit-head-larkspur-2026-11-23.json", "audit-head-larkspur-2026-11-24.json"
_CLIENTS = {ROSA.id: "JD-014", TOBIAS.id: "AC-010"}


@dataclass(frozen=True, slots=True)
class Past:
    """What somebody may have kept of a log: Monday's end as the database had it, and both days' signed heads."""

    seq: int
    hash: str
    seal: bytes
    heads: dict[str, SignedHead]


def desk_on(database: Database, clock: FixedClock | None = None) -> Desk:
    """The tests' practice on a real database."""
    return replace(memory_desk(clock), database=database)


async def monday(desk: Desk, clock: FixedClock) -> SignedHead:
    """11 acts by both chats, minutes apart; the end, signed."""
    first = await _signed(desk, clock, ROSA, "slack")
    await view_note(desk, ROSA, first, "teams")
    await _signed(desk, clock, TOBIAS, "teams")
    return await _end(desk)


async def tuesday(desk: Desk, clock: FixedClock) -> SignedHead:
    """A day later, 8 more."""
    clock.move(days=1)
    await start_plan(desk, ROSA, "JD-020", dt.date(2026, 11, 2), None, (), "", "slack")
    await view_note(desk, ROSA, await _signed(desk, clock, ROSA, "slack"), "slack")
    await start_draft(desk, TOBIAS, NewNote(SUMMARY, "", "slack"))
    return await _end(desk)


async def _end(desk: Desk) -> SignedHead:
    head = await signed_end(desk)
    assert head is not None
    return head


async def _signed(desk: Desk, clock: FixedClock, person: Person, via: str) -> NoteId:
    """A note from its summary to the record."""
    started = await start_draft(desk, person, NewNote(SUMMARY, "", via, "soap", _CLIENTS[person.id]))
    note_id = started.note_id
    clock.move(minutes=7)
    await draft_note(desk, note_id)
    await arrange_note(desk, person, note_id, "dap", via)
    await describe_session(desk, person, note_id, None, clock.now().date() - dt.timedelta(days=1), via)
    clock.move(minutes=7)
    note = (await open_note(desk, note_id)).note
    await approve_note(desk, person, note_id, note.version, via)
    clock.move(minutes=7)
    cabinet = Cabinet({"folder": Target("folder", "memory", MemorySink(clock))}, lambda *_: {"txt": b"as signed"})
    await file_note(desk, cabinet, note_id, "folder")
    return note_id
