"""Every sentence about a review: on the channel's card, in the supervisor's dialog, on the author's card."""

from bot.domain.review import Outcome
from bot.domain.supervision import Mode

# The card of the review channel and of a supervisor's direct chat. Nothing clinical stands there.
NOTICE = "A note waits for review"
DECIDED_NOTICE = "A review is done"
STATUS_WAITS = "Waiting for {supervisors}"
STATUS_NOBODY = "Waiting for a supervisor"
WRITTEN_BY = "Written by {name}"
SIGNED_AT = "signed {at}"
DUE_BY = "Due by {at}"
OVERDUE = "Due since {at}"
DISCUSS = "Talk it over in this thread, without clinical text. Clinical remarks go into the review itself."
FOR_YOU = "You are asked to review it. Only those who are asked can open it, and one of them is enough."
REVIEW = "Review"
REASSIGN = "Reassign"
SNOOZE = "Snooze"
DECIDED = {
    Outcome.APPROVED: "{what}: approved by {who}, {at}.",
    Outcome.CHANGES: "{what}: {who} asked for changes, {at}.",
    Outcome.WITHDRAWN: "{what}: taken back by {who}, {at}.",
}
COSIGNED = "{what}: co-signed by {who}, {at}."
SOMEBODY = "somebody"
A_NOTE = "A note"

# The supervisor's dialog.
REVIEW_TITLE = "Review note"
HEAD = (
    "Signed by {author}, {at}. A number in brackets is the point of the summary that a sentence came from; “own” means "
    "typed by the author. The points stand below."
)
OWN_MARK = "own"
NOTHING_IN = "Nothing in {names}."
CHANGED_SINCE = "Changed since the last review"
SAME_SINCE = "Nothing has changed since the last review."
HELD_OUT = "Held out by the checker: not in the summary, and no part of the note"
LEFT_OUT = "Left out by the author, though it was typed"
CHECKS_GREEN = "Checks: all green."
CHECKS_OPEN = "Checks: still open"
PUT_ASIDE = "The author said that this does not apply, or left it unanswered: {names}."
READ_AGAIN = (
    "You decided on this. It is the note as you read it: what its author writes is theirs until it is sent again."
)
EARLIER = "Asked for before, by {who}, {at}"
EARLIER_LINE = "{section}: {text}"
WHOLE = "The whole note"
POINTS = "What was typed"
COMMENT_ON = "Comment on {section}"
COMMENT_WHOLE = "Comment on the whole note"
DECISION = "Your decision"
APPROVE = "Approve"
COSIGN = "Approve & co-sign"
REQUEST_CHANGES = "Request changes"
ATTEST = "You act as {who}. When you approve, you sign this: “{attestation}”"
SEND = "Send"
NEEDS_DECISION = "Please choose one: approve it, or ask for changes."
LONG_POINTS = "… and {count} more."

# The ephemeral message that takes the dialog's place when it cannot be opened.
FALLBACK = "The dialog did not open, so here it is. Only you see this."
FALLBACK_LONG = "The dialog did not open, and this note is too long for a message. Please press Open the review."
OPEN_REVIEW = "Open the review"
DONE_APPROVED = "Done. You approved it."

# Reassign and snooze.
REASSIGN_TITLE = "Reassign review"
REASSIGN_HINT = "Who looks at it from now on? They are told at once."
REASSIGN_LABEL = "Supervisor"
REASSIGN_SEND = "Reassign"
NEEDS_SUPERVISOR = "Please choose who reviews it."
NOBODY_ELSE = "There is no other supervisor on this practice's list. Your administrator can add one."
SNOOZE_TITLE = "Snooze"
SNOOZE_HINT = "No reminder until then. The note keeps its due time."
SNOOZE_LABEL = "Remind me"
SNOOZE_SEND = "Snooze"
SNOOZES = {"4": "In 4 hours", "morning": "Tomorrow morning", "48": "In 2 days"}

# The author's card.
IN_REVIEW_NOTICE = "Your note is in review."
IN_REVIEW = "{name} note{client}: in review. It waits for {supervisors}."
IN_REVIEW_DUE = "Signed {since} · due by {at}. To edit it, take it back first."
IN_REVIEW_LOCKED = "Signed {since}. To edit it, take it back first."
WITHDRAW = "Take it back"
WITHDRAW_TITLE = "Take it back from review?"
WITHDRAW_TEXT = "Your signature does not count any more; you can edit the note and sign it again."
WITHDRAW_YES = "Take it back"
WITHDRAW_NO = "Leave it there"
CHANGES_NOTICE = "Changes are asked for in your note."
CHANGES_ASKED = "{who} asked for changes, {at}."
CHANGES_HINT = "Each comment stands beside its section. Edit what you agree with, then sign again."
COMMENT_TITLE = "{who} on {section}"
ON_WHOLE = "the whole note"
ON_EARLIER = "a section this format does not have"
WITHDRAWN = "You took it back from review, {at}. Sign it again when it is ready."
EDIT_RESUBMIT = "Edit & resubmit"
SIGN_AGAIN = "Approve & sign again"
CHANGES_SINCE = "What you changed since it was reviewed"
MORE_CHANGES = "… and {count} more."
NO_CHANGES_YET = "Nothing has changed since it was reviewed."
COMMENTS = "Comments"
COMMENTS_TITLE = "Comments"
COMMENTS_OF = {Outcome.APPROVED: "{who} approved, {at}", Outcome.CHANGES: "{who} asked for changes, {at}"}
COMMENTS_OF_COSIGNED = "{who} co-signed, {at}"
COMMENTS_FIRST = "Your comments are still here. Please send your decision first, and share the section after that."
NO_COMMENTS = "There are no comments on this note."

# Signatures, as they stand on receipts; `reviewer` read and approved, `supervisor` signed it, too.
WITH_REVIEW = {"supervisor": "co-signed by {who}", "reviewer": "reviewed by {who}"}
ATTESTATIONS = {
    Mode.COSIGN: ("I have read this note, which was written under my supervision, and I co-sign it for the record."),
    Mode.APPROVE: "I have reviewed this note, which was written under my supervision, and I approve it for the record.",
    Mode.SAMPLE: "I have reviewed this note, and I approve it for the record.",
}

_OR = "{most} or {last}"


def any_of(names: list[str]) -> str:
    """`A`, `A or B`, `A, B or C`: one of them is enough."""
    if len(names) < 2:
        return "".join(names)
    return _OR.format(most=", ".join(names[:-1]), last=names[-1])


def attestation_of(mode: Mode) -> str:
    """What a supervisor says by approving, or signing, in this mode."""
    return ATTESTATIONS.get(mode, ATTESTATIONS[Mode.APPROVE])
