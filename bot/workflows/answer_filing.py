"""What a person says of a note that the storage did not take, or perhaps did: it is there, it is not, send it again."""

import hashlib
from collections.abc import Callable
from enum import StrEnum

from bot.cards import filing_words as words
from bot.domain.errors import Stale
from bot.domain.filing import Filing, FilingState, Receipt
from bot.domain.ids import NoteId, PersonId
from bot.domain.note import Note
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.ports import UnitOfWork
from bot.workflows.desk import Desk
from bot.workflows.filing_receipt import receipt_kept

CONFIRMED = "confirmed"


class Answer(StrEnum):
    """THERE and ABSENT answer an unknown filing; AGAIN is for one that was refused or met other content."""

    THERE = "there"
    ABSENT = "absent"
    AGAIN = "again"


_FITS = {
    FilingState.UNKNOWN: (Answer.THERE, Answer.ABSENT),
    FilingState.REFUSED: (Answer.AGAIN,),
    FilingState.CONFLICT: (Answer.AGAIN,),
}
_ACTS = {
    Answer.THERE: "filing in {target} confirmed: it is there",
    Answer.ABSENT: "filing in {target}: it is not there, send again",
    Answer.AGAIN: "filing in {target}: send again",
}


async def answer_filing(
    desk: Desk, actor: Person | None, note_id: NoteId, target: str, answer: Answer, via: str
) -> None:
    """Carry out what the note's clinician or an administrator answers; the caller has the note filed then.

    Raises NotAllowed, NotFound, and Stale when there is nothing to answer any more: a second press changes nothing.
    """

    def answerer(note: Note) -> PersonId:
        return allow(actor, ActKind.ANSWER, note).id

    await _settle(desk, note_id, target, answer, answerer, via)


async def answer_as_operator(desk: Desk, note_id: NoteId, target: str, answer: Answer, via: str) -> None:
    """The same from the machine itself, by whoever may run commands there; also for what waits for its next try.

    Raises NotFound, Stale.
    """
    await _settle(desk, note_id, target, answer, None, via)


async def _settle(
    desk: Desk, note_id: NoteId, target: str, answer: Answer, answerer: Callable[[Note], PersonId] | None, via: str
) -> None:
    async with desk.database.writing(desk.id) as unit:
        note = await unit.notes.get(note_id)
        actor = answerer(note) if answerer else None
        filings = await unit.ledger.of(note_id)
        filing = next((filing for filing in filings if filing.target == target), None)
        waits = filing is not None and filing.state is FilingState.PENDING
        if not (waits and answer is Answer.AGAIN and answerer is None):
            _check(filing, target, answer)
        await unit.audit.append(desk.act(actor, _ACTS[answer].format(target=target), note, via))
        if answer is Answer.THERE:
            await _confirmed(desk, unit, note, target, actor, via)
        else:
            await unit.ledger.again(note_id, target, desk.clock.now(), absent=answer is Answer.ABSENT)
        await unit.commit()


def _check(filing: Filing | None, target: str, answer: Answer) -> None:
    if filing is None:
        raise Stale("no_such_target", words.NO_SUCH_TARGET.format(target=target[:40]))
    if filing.state is FilingState.STORED:
        raise Stale("already_there", words.ALREADY_THERE.format(target=target))
    if filing.state in (FilingState.PENDING, FilingState.SENDING):
        raise Stale("being_sent", words.BEING_SENT)
    if answer not in _FITS[filing.state]:
        raise Stale("nothing_to_answer", words.NOTHING_TO_ANSWER)


async def _confirmed(desk: Desk, unit: UnitOfWork, note: Note, target: str, actor: PersonId | None, via: str) -> None:
    """A receipt on a person's word: the hash is of what was sent, and nothing was read back."""
    files = await unit.documents.of(note.id)
    sent = files.get(desk.primary_files.get(target, "")) or next(iter(files.values()), b"")
    sha256 = hashlib.sha256(sent).hexdigest() if sent else ""
    receipt = Receipt("", sha256, CONFIRMED, desk.clock.now(), verified=False)
    await receipt_kept(desk, unit, note, target, receipt, actor, via)
