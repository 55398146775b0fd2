"""Two supervisors at the same moment, over a real database: in one process, or as a process of its own."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.errors import AfternoteError, Stale
from bot.domain.ids import NoteId, PersonId
from bot.domain.note import Note
from bot.domain.people import Person
from bot.domain.review import Comment
from bot.ports import Database
from bot.workflows.desk import Desk
from bot.workflows.review_note import approve_review, request_changes
from storage.crypto import KeyRing
from storage.unit_of_work import SqlDatabase
from tests.workflows.factories import ASSOCIATE, MIRIAM, NORA, SUPERVISION, FixedClock, desk

SECOND = replace(MIRIAM, id=PersonId("second"), name="Second")
BOTH = replace(SUPERVISION, supervisors=(MIRIAM.id, SECOND.id))
AUTHOR = replace(ASSOCIATE, supervision=BOTH)


def desk_on(database: Database) -> Desk:
    """The practice of the workflow tests, where two supervisors are asked."""
    return replace(desk(FixedClock(), (AUTHOR, MIRIAM, SECOND, NORA)), database=database)


async def pressed(at: Desk, person: Person, note_id: NoteId, version: int, *, approves: bool) -> Note | str:
    """The note as decided, or what the person is told."""
    try:
        if approves:
            return await approve_review(at, person, note_id, version, [], "slack")
        return await request_changes(at, person, note_id, version, [Comment("", "Say more.")], "slack")
    except Stale as late:
        return late.sentence


async def press_all(url: str, keys: str, name: str, notes: Sequence[str], version: int) -> None:
    """One supervisor's presses in a process of their own, each begun at a line of its input; a line of output each."""
    database = SqlDatabase(url, KeyRing.parse(keys))
    at, person = desk_on(database), MIRIAM if name == MIRIAM.id else SECOND
    _say("ready")
    for number, note_id in enumerate(notes):
        await asyncio.to_thread(sys.stdin.readline)
        approves = (number + (person is SECOND)) % 3 > 0
        try:
            done = await pressed(at, person, NoteId(note_id), version, approves=approves)
        except AfternoteError as error:
            done = f"failed {error}"
        _say(done if isinstance(done, str) else f"decided {done.state}")
    await database.close()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(press_all(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[5:], int(sys.argv[4])))
