"""A named clinician signs: from here on the note is part of the record, on its way to storage."""

from bot.cards.words import ATTESTATION
from bot.domain.errors import UserMistake
from bot.domain.ids import NoteId
from bot.domain.note import Note, Signature
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.workflows.desk import Desk


async def approve_note(desk: Desk, actor: Person | None, note_id: NoteId, seen_version: int, via: str) -> Note:
    """Sign exactly the version that was shown, and open its row in the ledger of filings.

    Raises UserMistake when something a note needs is absent, Stale when it changed or is signed already.
    """
    async with desk.database.writing(desk.id) as unit:
        note = await unit.notes.get(note_id)
        signer = allow(actor, ActKind.SIGN, note)
        _check_complete(note)
        signature = Signature(
            person_id=signer.id,
            name=signer.name,
            credentials=signer.credentials,
            role="clinician",
            at=desk.clock.now(),
            version=seen_version,
            version_hash=note.version_hash(),
            attestation=ATTESTATION,
        )
        signed = note.signed(signature)
        await unit.notes.save(signed, note)
        await unit.ledger.open(note.id, signature.at)
        await unit.audit.append(desk.act(signer.id, "signed", signed, via))
        await unit.commit()
    return signed


def _check_complete(note: Note) -> None:
    if note.locked:
        return  # `signed` says what is wrong, in better words
    if not note.statements:
        raise UserMistake("needs_content", "The note is empty. Press Edit and write what belongs in it.")
    if not note.client_code:
        raise UserMistake("needs_client", "Please give a client code, such as JD-014.")
    if note.session.date is None:
        raise UserMistake("needs_date", "Please give the date of the session.")
