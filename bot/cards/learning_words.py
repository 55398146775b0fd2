"""Every sentence about learning: examples of good sections, the rule beside one's own text, a supervisor's page."""

from bot.domain.learning import LONGEST_EXAMPLE, LONGEST_REASON, Look

TEACH = "Share a section as an example"
PICK_TITLE = "Share as an example"
PICK_LABEL = "Which section?"
PICK_SUBMIT = "Next"
TEACH_TITLE = "Share as an example"
TEACH_SUBMIT = "Share"
TEACH_HINT = (
    "What you share is kept for your practice, to learn from. Nothing leads from it to this note, its client or its "
    "clinician."
)
REPLACED = "I replaced what I recognized: {what}."
NOTHING_REPLACED = "I recognized nothing that names somebody. That is no promise."
READ_ON = (
    "Now read it as a colleague would who knows your clients. A rare detail (an unusual job, an event that was in the "
    "news, a family unlike others) names somebody too, and only you can see that: take it out or make it general."
)
LOOKS = {
    Look.RISK: "It speaks of risk. Readers may recognize who that was; say only what teaches.",
    Look.DIAGNOSIS: "It names a diagnosis. Together with little else that can be enough to recognize somebody.",
    Look.QUOTE: "It quotes somebody. Readers may know the words: put them in your own, unless the quote is the point.",
}
SHORTENED = "The section is longer than an example may be, so only its beginning is here."
TEXT_LABEL = "{section}, as others will read it"
TEXT_HINT = f"At most {LONGEST_EXAMPLE:,} characters."
WHY_LABEL = "Why is it good?"
WHY_HINT = "In a sentence, for somebody who is learning."
SHARED = "It is shared. Everybody who writes notes here finds it with `{command}`, and you can take it away there."
SHARED_TITLE = "Shared"
NOTHING_TO_SHARE = "There is no text in this note to share."

IDENTIFIERS_LEFT = (
    "This still points to somebody: {what}. Please replace it, for example by [name] or [place], and send it again. "
    "If it is not what I take it for, other words will do."
)
NEEDS_EXAMPLE = "Please leave some text to learn from."
LONG_EXAMPLE = f"That is longer than {LONGEST_EXAMPLE:,} characters. One good point is easier to learn from."
NEEDS_REASON = "Please say in a sentence why it is good, so that others know what to look at."
LONG_REASON = f"Please say it in {LONGEST_REASON} characters."
EXAMPLE_GONE = "That example was taken away meanwhile. Open the examples again to see what is there."
NOT_IN_FORMAT = "That section is not in this note's format. Please choose again."

EXAMPLES_TITLE = "Examples"
EXAMPLES_OF = "Good sections in {format}, chosen by supervisors of your practice."
FICTIONAL_OF = (
    "Your practice has not shared a section in {format} yet. These are made up: no client and no session like that "
    "ever was."
)
NO_EXAMPLES = "There is no example in {format} yet. A supervisor can share a section of a signed note."
EXAMPLE = "Example"
FICTIONAL = "Example (made up)"
GOOD_BECAUSE = "Good because: {why}"
REMOVE = "Remove"
REMOVE_TITLE = "Remove this example?"
REMOVE_TEXT = "Its text is gone for good, for everybody."
REMOVE_YES = "Remove"
REMOVE_NO = "Keep"
HIDDEN = "The text of an example is for those who write or supervise. You can remove it."
FORMAT_LABEL = "In which format?"
SHOW = "Show"
UNKNOWN_FORMAT = "I don't know the format “{typed}”. Please choose one."

RULE = "What belongs here: {rule}"
HERE_BELONG = "{slots}."
NOTHING_HERE = "Nothing stands here yet."

NOT_YOURS_TO_REMOVE = "An example is taken away by who shared it, by a supervisor or by an administrator."

SUPERVISION_TITLE = "Supervision"
SUPERVISION_NOTICE = "How the notes you supervise stand."
SUPERVISION_POINTER = "It comes as a direct message."
SUPERVISION_ABOUT = (
    "The last {days} days, by name. These are counts and times to talk about, not a score: notes differ, and so do the "
    "clients they are about."
)
NOBODY_OWN = "Nobody is under your supervision at present."
NOBODY = "Nobody here is under supervision at present."
MORE_PEOPLE = "And {count} more: `afternote supervision` lists all of them."
WAIT_NONE = "Nothing waits for review."
WAIT = "{notes} for review, the longest for {age}."
WAIT_OVERDUE = "{notes} for review, the longest for {age}; {overdue} past the time it was due."
NO_ROUNDS = "No note was submitted for review in these days."
TURNAROUND = "Half of the {decided} reviews were decided within {median}, the longest took {longest}."
UNDECIDED = "None of the reviews is decided yet."
ROUNDS = "Changes were asked for {changes}, in {notes}."
NO_CHANGES = "No changes were asked for, in {notes}."
CHANGED = "At first signing, half of the notes had at least {share} % in the clinician’s own wording."
CHANGED_NONE = "At first signing, at least half of the notes stood as they were drafted."
FINDINGS = "The checks asked most often for: {what}."
NO_FINDINGS = "The checks had nothing to ask for."
FINDING = "{what} ({count} of {notes})"
WAITING_TITLE = "Waiting for your review"
WAITING_LINE = "{client} · {format} · {clinician} · waits {age}"
WAITING_OVERDUE = "{client} · {format} · {clinician} · waits {age}, past due"
MORE_WAITING = "And {count} more, once these are decided."
REVIEW = "Review"


def counted(count: int, one: str, many: str) -> str:
    """`1 note waits`, `2 notes wait`."""
    return f"{count} {one if count == 1 else many}"
