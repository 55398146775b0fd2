"""What one run left behind, and the same with who and when taken out.

Who and when: the note's and its statements' ids, the two moments (begun, signed), and the hashes that cover them.
Everything else of a file stays as it is.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.folder import MARKER
from bot.domain.ids import NoteId, StatementId
from bot.domain.note import Note
from bot.wiring import Running

_SOME_DAY = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_RECEIPT = "receipt.json"


@dataclass(frozen=True, slots=True)
class Filed:
    """`files`: all that the folder of filed notes holds, by path. `rendered`: the note's documents by kind, as they are
    and, in `rendered_some_day`, with fixed ids and moments. `acts`: who did what to which version, and by what.
    """

    note: Note
    files: Mapping[str, bytes]
    rendered: Mapping[str, bytes]
    rendered_some_day: Mapping[str, bytes]
    acts: tuple[tuple[str | None, str, int, str], ...]

    def of_kind(self, kind: str) -> bytes:
        """The one filed document of a kind. Raises ValueError when there are more, or none."""
        (found,) = [data for name, data in self.files.items() if name.partition(".")[2] == kind]
        return found


async def collect(application: Running, notes: Path) -> Filed:
    """What is there of the one note that was signed."""
    desk = application.desk
    await application.work.idle()
    async with desk.database.reading(desk.id) as unit:
        acts = await unit.audit.acts()
        (note_id,) = {act.note_id for act in acts if act.act == "signed" and act.note_id}
        note = await unit.notes.get(note_id)
        assert await unit.audit.verify() is None
    files = await asyncio.to_thread(_files_in, notes)
    return Filed(
        note,
        files,
        application.cabinet.render(note, None, {}),
        application.cabinet.render(_some_day(note), None, {}),
        tuple((act.actor, act.act, act.version, act.via) for act in acts if act.note_id == note_id),
    )


def _files_in(notes: Path) -> dict[str, bytes]:
    found = [path for path in sorted(notes.rglob("*")) if path.is_file() and path.name != MARKER]
    return {str(path.relative_to(notes)): path.read_bytes() for path in found}


def _some_day(note: Note) -> Note:
    """The note with fixed ids and moments. Its hash then covers fixed ones too, and is computed anew."""
    statements = tuple(replace(one, id=StatementId(f"s{at}")) for at, one in enumerate(note.statements))
    same = replace(note, id=NoteId("n"), created_at=_SOME_DAY, statements=statements, previous_hash="before")
    (signature,) = note.signatures
    signed = replace(signature, at=_SOME_DAY, version_hash=same.version_hash())
    return replace(same, signatures=(signed,))


def who_and_when(note: Note, zone: str) -> dict[str, str]:
    """Each text that tells who and when → what stands for it in a comparison."""
    (signature,) = note.signatures
    # In quotes: the id of a goal's statement is so short that it may stand within another id.
    ids = {f'"{one.id}"': f'"<statement {at}>"' for at, one in enumerate(note.statements)}
    hashes = {note.version_hash(): "<hash>", note.previous_hash: "<hash of the version before>"}
    moments = {moment.isoformat(): "<moment>" for moment in (note.created_at, signature.at)}
    spoken = {_spoken(moment, zone): "<moment in words>" for moment in (note.created_at, signature.at)}
    return {note.id: "<note>", **ids, **hashes, **moments, **spoken}


def without(data: bytes, known: Mapping[str, str]) -> bytes:
    """A file of text with who and when taken out."""
    text = data.decode()
    for one, stands in known.items():
        text = text.replace(one, stands)
    return text.encode()


def receipt_without(filed: Filed, known: Mapping[str, str]) -> bytes:
    """The receipt, which also holds each file's digest and size: those are checked here against the file itself."""
    receipt = json.loads(filed.of_kind(_RECEIPT))
    for kind, listed in receipt["files"].items():
        data = filed.of_kind(kind)
        assert listed == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        receipt["files"][kind] = "<of this very file>"
    return without(json.dumps(receipt, indent=2).encode(), known)


def _spoken(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    half = "AM" if local.hour < 12 else "PM"
    return f"{local:%B} {local.day}, {local.year}, {local.hour % 12 or 12}:{local.minute:02d} {half} {local:%Z}"
