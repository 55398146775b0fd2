"""A records request: everything of one client, whoever wrote it, as it was signed and filed.

One note is in memory at a time. Each note's export stands in the audit log before its files leave the database.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.domain.after_filing import is_signed
from bot.domain.errors import UserMistake
from bot.domain.filing import Filing
from bot.domain.ids import NoteId
from bot.domain.note import OPEN, Note, State
from bot.ports import Act, FiledNote
from bot.workflows.desk import Desk
from bot.workflows.export_index import audit_line, index_of, note_row

_UNSIGNED = (State.DRAFTING, *OPEN, State.IN_REVIEW)


class ExportPlace(Protocol):
    """Where an export is written. Its methods may be slow: they run in a thread."""

    def add(self, note: FiledNote, files: Mapping[str, bytes]) -> Sequence[Mapping[str, Any]]:
        """Write a note's files; for each its kind, path, SHA-256 and size, as the index lists them."""
        ...

    def add_acts(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """Add lines to the audit trail that goes along."""
        ...

    def finish(self, index: Mapping[str, Any]) -> str:
        """Write what is about the whole. Returns the SHA-256 of the index."""
        ...


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds. `incomplete`: signed notes of which a wanted document is not stored (yet)."""

    notes: int
    unsigned: int
    incomplete: tuple[NoteId, ...]
    index_sha256: str


@dataclass(frozen=True, slots=True)
class _Taken:
    note: Note
    files: Mapping[str, bytes]
    filings: Sequence[Filing]
    acts: Sequence[Act]


async def export_client(desk: Desk, place: ExportPlace, client_code: str, kinds: Sequence[str], via: str) -> Exported:
    """Write every signed note of a client to `place`, in these kinds of document.

    Raises UserMistake, before anything is written, when there is nothing to export.
    """
    created_at = desk.clock.now()
    note_ids, unsigned = await _signed(desk, client_code)
    rows: list[dict[str, Any]] = []
    incomplete: list[NoteId] = []
    for note_id in note_ids:
        taken = await _take(desk, note_id, via)
        files = {kind: taken.files[kind] for kind in kinds if kind in taken.files}
        if len(files) < len(kinds):
            incomplete.append(note_id)
        written = await asyncio.to_thread(place.add, _header(desk, taken.note), files)
        await asyncio.to_thread(place.add_acts, [audit_line(act) for act in taken.acts])
        lacking = [kind for kind in kinds if kind not in files]
        rows.append(note_row(desk, taken.note, taken.filings, written, lacking))
    index = index_of(desk, client_code, created_at, kinds, rows, unsigned)
    return Exported(len(rows), unsigned, tuple(incomplete), await asyncio.to_thread(place.finish, index))


async def _signed(desk: Desk, client_code: str) -> tuple[list[NoteId], int]:
    """The client's signed notes, oldest first, and how many drafts there are beside them."""
    async with desk.database.reading(desk.id) as unit:
        listed = await unit.notes.ids_of_client(client_code)
    signed: list[NoteId] = []
    unsigned = 0
    for note_id in listed:
        async with desk.database.reading(desk.id) as unit:  # one for each: a unit keeps the notes it has read
            note = await unit.notes.get(note_id)
        if is_signed(note):
            signed.append(note_id)
        unsigned += note.state in _UNSIGNED
    if not signed:
        raise _nothing(desk, client_code, unsigned)
    return signed, unsigned


def _nothing(desk: Desk, client_code: str, unsigned: int) -> UserMistake:
    known = any(client.code.upper() == client_code.upper() for client in desk.practice.clients)
    if unsigned:
        drafts = "1 draft is" if unsigned == 1 else f"{unsigned} drafts are"
        return UserMistake("nothing_signed", f"There is no signed note of {client_code}; {drafts} not signed yet.")
    if known:
        return UserMistake("nothing_signed", f"There is no note of {client_code} yet.")
    return UserMistake("unknown_client", f"There is no client {client_code} here. Look at the code once more.")


async def _take(desk: Desk, note_id: NoteId, via: str) -> _Taken:
    """All that is exported of a note; that it was stands in the audit log from here on."""
    async with desk.database.writing(desk.id) as unit:
        note = await unit.notes.get(note_id)
        await desk.learn_format(unit, note)
        exported = desk.act(None, "exported", note, via)
        acts = [*await unit.audit.acts(note_id), exported]
        taken = _Taken(note, await unit.documents.of(note_id), await unit.ledger.of(note_id), acts)
        await unit.audit.append(exported)
        await unit.commit()
    return taken


def _header(desk: Desk, note: Note) -> FiledNote:
    """What a path is made of."""
    return FiledNote(
        note_id=note.id,
        practice_id=desk.id,
        client_code=note.client_code,
        format_id=note.format_id,
        session_date=note.session.date.isoformat() if note.session.date else "undated",
        version_hash=note.version_hash(),
    )
