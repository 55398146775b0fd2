"""What people read of their backlog."""

TITLE = "Sessions waiting for a note"
NOTICE = "Your backlog"
NOTHING = "Nothing waits for a note. Every session on your list is signed."
COUNT_ONE = "1 session waits for its note{overdue}: {states}."
COUNT = "{count} sessions wait for their notes{overdue}: {states}."
OVERDUE = ", {count} of them overdue"
ALL_OVERDUE = ", all of them overdue"
STATES = {
    "": "no summary yet",
    "drafting": "being drafted",
    "draft": "draft waiting",
    "changes_requested": "changes requested",
    "in_review": "in review",
}
PROGRESS = "{bar} {signed} of {held} sessions of the last two weeks are signed."
TODAY_ONE = "1 note signed today."
TODAY = "{count} notes signed today."
NO_DAY = "No date yet"
NO_CODE = "no client yet"
LATE = "overdue"
MORE = "And {count} more."
WRITE = "Write {code} {day}"
NO_SHOW = "No-show"
NO_NOTE = "No note needed"
NO_NOTE_TITLE = "No note for this session?"
NO_NOTE_TEXT = "It leaves your backlog. Nothing is written, and you can take it up again."
NO_NOTE_YES = "No note needed"
NO_NOTE_NO = "Keep it"
SET_ASIDE = "{code}, {day}: no note needed."
TAKE_UP = "Take it up again"
BACK = "Show the backlog"
NO_SHOW_SUMMARY = "Client did not attend the scheduled session."
FORM_TITLE = "Write a note"
SIGNED_TITLE = "Signed"
SIGNED_NEXT = "Signed. {count} more without a summary. Next: {session}."
SIGNED_LAST = "Signed. 1 more without a summary: {session}."
SUBMIT_NEXT = "Write next"
LATER = "Later"
DONE = "Nothing is left to write. Type backlog to see what waits for you."
