"""Who may do what: one pure table, asked by every workflow. Hiding a button is never the check."""

from enum import StrEnum

from bot.domain.errors import NotAllowed
from bot.domain.note import Note
from bot.domain.people import Person, Role


class ActKind(StrEnum):
    WRITE = "write"
    VIEW = "view"
    CHANGE = "change"
    SIGN = "sign"
    DISCARD = "discard"
    FOLLOW = "follow"  # write what follows a signed note: an addendum, an amendment, a retraction
    ANSWER = "answer"  # say what is with a signed note that the storage did not take, or have it sent again
    COUNT = "count"  # see what the model took and cost: figures, no text
    WITHDRAW = "withdraw"  # take one's own note back from review
    REVIEW = "review"  # read a note in review and its comments, and decide on it
    REASSIGN = "reassign"  # say who reviews it; no text is seen for that
    SNOOZE = "snooze"  # put a reminder of a review off
    SUPERVISE = "supervise"  # see how the notes of one's supervisees stand
    TEACH = "teach"  # make a section, de-identified, an example for the practice
    LEARN = "learn"  # read the practice's examples
    PEOPLE = "people"  # say who is on the roster, as what, and who supervises whom
    AUDIT = "audit"  # read the audit log: ids, times and acts, no text


def allow(actor: Person | None, act: ActKind, note: Note | None = None) -> Person:
    """The actor, when they may do this. Raises NotAllowed with the reason in words.

    A note is its clinician's alone until it is signed; signing by somebody else would be a false attestation.
    """
    if actor is None or not actor.active:
        raise NotAllowed("not_on_roster", "You are not on this practice's list yet. Ask your administrator to add you.")
    if act is ActKind.COUNT:
        if Role.ADMINISTRATOR not in actor.roles:
            raise NotAllowed("not_administrator", "Only your practice's administrator sees what the model cost.")
        return actor
    if act is ActKind.ANSWER:
        if Role.ADMINISTRATOR not in actor.roles and (note is None or note.clinician_id != actor.id):
            raise NotAllowed(
                "not_yours_to_answer", "Only the note's clinician or an administrator of your practice can answer this."
            )
        return actor
    if not actor.writes:
        raise NotAllowed("not_clinician", "Your role does not write notes. Your administrator can change it.")
    if note is not None and note.clinician_id != actor.id:
        raise NotAllowed("not_yours", "This note belongs to another clinician, so only they can change it.")
    if act is ActKind.SIGN and actor.reviewed:
        raise NotAllowed(
            "needs_review", "Your notes need a supervisor's signature too, and reviews are not set up here."
        )
    return actor
