"""A named clinician signs: the note goes to its supervisors first, or is part of the record, on its way to storage."""

import datetime as dt
from dataclasses import replace

from bot.cards import words
from bot.cards.after_words import attestation_for
from bot.cards.house_words import AT_SIGNING
from bot.domain.errors import UserMistake
from bot.domain.ids import NoteId
from bot.domain.note import MOST_LATE, Note, Signature
from bot.domain.people import Person
from bot.domain.policy import ActKind, allow
from bot.domain.statements import names_goal
from bot.drafting.guards import check_client_code
from bot.drafting.house_style import stops_of
from bot.workflows.desk import Desk
from bot.workflows.goals_of_note import note_signed
from bot.workflows.link_note import act_on, check_still_may
from bot.workflows.list_session import keep_listed
from bot.workflows.measure_note import measure_note
from bot.workflows.review_rounds import opened_row, round_for
from bot.workflows.revise_note import check_day


async def approve_note(
    desk: Desk,
    actor: Person | None,
    note_id: NoteId,
    seen_version: int,
    via: str,
    client_code: str = "",
    day: dt.date | None = None,
    late_reason: str = "",
) -> Note:
    """Sign exactly the version that was shown: into review, or its rows in the ledger of filings are opened.

    `client_code`, `day` and `late_reason` are given when the signing dialog had to ask for them. Raises UserMistake
    when something a note needs is absent, Stale when it changed or is signed already.
    """
    code = check_client_code(client_code) if client_code else ""
    if day:
        check_day(desk, actor, day)
    async with desk.database.writing(desk.id) as unit:
        before = await unit.notes.get(note_id)
        await desk.learn_format(unit, before)
        signer = allow(actor, ActKind.SIGN, before)
        note = before.seen_at(seen_version)
        _check_goals(note, code)
        note = note.described(code or note.client_code, replace(note.session, date=day or note.session.date))
        _check_complete(note)
        _check_house_style(desk, note)
        note = _with_reason(desk, note, late_reason)
        about = await check_still_may(unit, note)
        signature = Signature(
            person_id=signer.id,
            name=signer.name,
            credentials=signer.credentials,
            role="clinician",
            at=desk.clock.now(),
            version=note.version,
            version_hash=note.version_hash(),
            attestation=attestation_for(note),
        )
        review = round_for(desk, signer, note, signature.at)
        signed = note.signed(signature, review)
        await unit.notes.save(signed, before)
        await keep_listed(desk, unit, signed)
        await measure_note(desk, unit, signed)
        await unit.audit.append(desk.act(signer.id, "signed", signed, via))
        if review is not None:
            await unit.reviews.put(opened_row(desk, signed, review))
            await unit.audit.append(desk.act(signer.id, "submitted for review", signed, via))
        else:
            await unit.ledger.open(note.id, desk.targets, signature.at)
            await note_signed(desk, unit, signed)
            if about:
                await unit.audit.append(desk.act(signer.id, act_on(signed), about, via))
        await unit.commit()
    return signed


def _check_goals(note: Note, client_code: str) -> None:
    """What is signed is what was shown: goals of one client's plan never go into another client's note."""
    if client_code not in ("", note.client_code) and any(names_goal(statement) for statement in note.statements):
        raise UserMistake(
            "goals_of_another",
            f"This note names goals from the plan of {note.client_code}. Close this, press Change goals and take them "
            "out; then you can sign it for another client.",
        )


def _check_house_style(desk: Desk, note: Note) -> None:
    """Asked of the note as it is signed: the client given in the dialog may have another payer."""
    if stops_of(desk.findings_of(note)):
        raise UserMistake("house_style", AT_SIGNING)


def _with_reason(desk: Desk, note: Note, late_reason: str) -> Note:
    """The note with why it is late, where its payer wants to know; elsewhere nothing is kept. Raises UserMistake."""
    if not desk.wants_late_reason(note):
        return note
    said = " ".join(late_reason.split()) or note.late_reason
    if not said:
        raise UserMistake("needs_late_reason", words.NEEDS_LATE_REASON)
    if len(said) > MOST_LATE:
        raise UserMistake("long_late_reason", words.LONG_LATE_REASON.format(limit=MOST_LATE))
    return note.explained(said)


def _check_complete(note: Note) -> None:
    if not note.statements:
        raise UserMistake("needs_content", "The note is empty. Press Edit and write what belongs in it.")
    if note.undecided():
        raise UserMistake("undecided", "Some things are not decided yet. Press Approve & sign again to see them.")
    if not note.client_code:
        raise UserMistake("needs_client", "Please give a client code, such as JD-014.")
    if note.session.date is None:
        raise UserMistake("needs_date", "Please give the date of the session.")
