"""What people read when they put sessions on their list."""

TITLE = "Sessions on your list"
NOTICE = "Sessions on your list"
HINT = (
    "One session a line, such as JD-014 9:00 50. A line with only a day, such as yesterday or Mon 23 Nov, holds for "
    "the lines below it. “no show” and “cancelled” may stand there, too."
)
LABEL = "Sessions"
PLACEHOLDER = "Mon 23 Nov\nJD-014 9:00 50\nMK-003 10:00 45min couple video"
SUBMIT = "Put on the list"
DONE = "{count} sessions read: {counts}."
DONE_ONE = "1 session read: {counts}."
LINE = "Line {line}: {about} {sentence}"
WRONG = "Nothing is on the list yet. {lines}"
WRONG_LINE = "Line {line}: {sentence}"
EMPTY = "Please type at least one session, such as JD-014 9:00 50."
FATES = {
    "new": "new",
    "same": "there already",
    "moved": "changed",
    "cancelled": "cancelled",
    "no_show": "no-show",
    "held": "held",
    "kept": "left as it is, since it has a note",
    "elsewhere": "somebody else's",
    "refused": "not read",
}
