"""Every sentence about what follows a signed note: addenda, amendments, retractions, and reading it again."""

from bot.cards.words import ATTESTATION
from bot.domain.links import LinkKind
from bot.domain.note import Note

VIEW = "View"
ADDENDUM = "Add addendum"
AMEND = "Amend"
RETRACT = "Entered in error"

VIEW_TITLE = "As filed"
ADDENDUM_TITLE = "Add addendum"
AMEND_TITLE = "Amend note"
RETRACT_TITLE = "Entered in error"

# {name}: the format of the note that it is about.
NAMES = {
    LinkKind.ADDENDUM: "Addendum to {name}",
    LinkKind.AMENDMENT: "Amendment of {name}",
    LinkKind.RETRACTION: "Retraction of {name}",
}
EARLIER = "earlier"  # where that note is not kept any more
AMENDED_ONE = "amended {name}"
HEADINGS = {
    LinkKind.ADDENDUM: "Addendum to {title}",
    LinkKind.AMENDMENT: "Amendment of {title}",
    LinkKind.RETRACTION: "Retraction of {title}",
}
SIGN_ABOUT = {
    LinkKind.ADDENDUM: "It is added to note {note}, which stays as it is.",
    LinkKind.AMENDMENT: "It takes the place of note {note}, which stays readable.",
    LinkKind.RETRACTION: "It marks note {note} as entered in error.",
}
BYLINE = "{words} · version {version} · not signed · about note {note}"
OWN_WORDS = "Your own words"
SIGNED_WORDS = "The signed text with your changes"

ATTESTATIONS = {
    LinkKind.ADDENDUM: "I have read this addendum. It adds to the note it names, which stays as it was signed, and I "
    "approve it for the record.",
    LinkKind.AMENDMENT: "I have read this amended note. It describes the session as I conducted it, it takes the place "
    "of the note it names, and I approve it for the record.",
    LinkKind.RETRACTION: "The note that this names was entered in error. I retract it, and I approve this for the "
    "record.",
}

ADDED = "Addendum signed {at} (note {note})."
ADDED_RETRACTED = "Addendum signed {at} (note {note}), and retracted since."
AMENDED = "Amended {at}: note {note} took this note’s place. Go on from that one."
AMENDED_RETRACTED = (
    "Amended {at} by note {note}, which was retracted since. This note does not stand again by that. If something "
    "should stand for the session, please write a new note."
)
RETRACTED = "Retracted {at} as entered in error (note {note})."

OVERTAKEN_AMENDED = (
    "The note that this is about was amended meanwhile, and note {note} took its place. So this cannot be signed. "
    "Copy what you need into that one, then discard this."
)
OVERTAKEN_RETRACTED = (
    "The note that this is about was retracted meanwhile (note {note}). So this cannot be signed. Copy what you need, "
    "then discard this."
)
OVERTAKEN_PURGED = (
    "The note that this is about is not kept here any more. So this cannot be signed. Copy what you need, then discard "
    "this."
)

REASON_TITLE = "Reason"
REASON_LABEL = "Why is it amended?"
REASON_HINT = "It stands in the record, beside the amended text."
ADDENDUM_LABEL = "What is to be added?"
ADDENDUM_HINT = "What the note did not say, in your own words. Say when you learned or remembered it, if that matters."
ADDENDUM_REMARK = "The note stays as it was signed. The addendum is signed and filed beside it, with its own date."
AMEND_REMARK = (
    "Correct the text below. The note as it was signed stays readable; the amended one takes its place. To change the "
    "client or the date, use Entered in error and write a new note."
)
AMEND_LONG = (
    "This note is longer than one form can hold. Give the reason and go on: the whole text is then there to be edited."
)
RETRACT_LABEL = "Why was it entered in error?"
RETRACT_HINT = "For example another client or another session, and where the right note stands. No names needed."
RETRACT_REMARK = (
    "The note stays readable and is marked as entered in error. Nothing can be added to it after that; for what should "
    "stand, please write a new note."
)
RETRACT_AMENDMENT = "The earlier note, whose place this amendment took, does not stand again by that."
AS_DRAFT = "Save as draft"
NOTHING_SIGNED_YET = "Nothing is signed yet: you read the draft and sign it, like any note."
VIEW_OF = "{name} note{client}, signed {at} by {who} · note {note}"
PURGED = "This note is not kept here any more. It stands in the practice’s storage, where it was filed."
VIEW_WAITS = "It is on its way into the practice’s storage."


def attestation_for(note: Note) -> str:
    """What a signature under this note says."""
    return ATTESTATIONS[note.link.kind] if note.link else ATTESTATION
