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
SAMPLES = "Bring in the sample sessions"
SAMPLES_TITLE = "Sample sessions"
MORE = "… and {count} more like these."
NO_SAMPLES = "There are no sample sessions here. Please type yours a line each, or send a calendar’s file."
START = "Write the first note"
PREVIEW_TITLE = "Sessions of your file"
PREVIEW_NOTICE = "Your file was read"
WOULD = "{count} rows read: {counts}."
WOULD_ONE = "1 row read: {counts}."
NOT_YET = "Nothing is on the list yet. Your file is not kept here: it is read again when you put it on the list."
OTHER_FILE = (
    "Of files, only calendars (.ics) and tables (.csv) with sessions are read here. Save a spreadsheet as CSV and send "
    "that; what happened in a session is typed as a message."
)
TOO_LARGE = "This file is larger than {most} MB. Send a shorter time, or ask your administrator to import it."
FILE_GONE = "That file cannot be found any more. Please send it again."
NOT_YOUR_FILE = "Only the person who sent a file can put it on their list."
NO_FILE_ACCESS = (
    "Afternote may not read files in this workspace yet. Ask your administrator to add the scope files:read and "
    "install the app again. Until then “sessions” takes them typed."
)
FILE_TROUBLE = "Your file could not be read just now. Please try again in a moment."
NO_FILES_HERE = (
    "Files are not read in this chat. Paste the lines after “sessions”, or ask for afternote sessions import."
)
NO_CALENDAR = "This is neither a calendar (.ics) nor a table with headers (.csv)."
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
SENTENCES = {
    "new": "New on the list.",
    "same": "On the list already.",
    "moved": "Changed as the calendar has it now.",
    "cancelled": "Cancelled: no note is asked for.",
    "no_show": "The client did not come.",
    "held": "It took place.",
    "kept": "The calendar says otherwise now, but it has a note: it stays as it is. Please look at it.",
    "elsewhere": "It is somebody else's session; left out.",
}
ODD = {
    "no_start": "It does not say when it begins: the note will ask.",
    "no_end": "It says neither an end nor a length.",
    "bad_end": "Its end cannot be right and was left out: please enter the length with the note.",
    "clock_change": "Clocks change at that time: please check the hour.",
    "other_zone": "Its time is that of another time zone.",
    "zone_unknown": "Its time zone is not known and was read as the practice's own: please check the hour.",
    "over_midnight": "It goes on over midnight.",
    "whole_day": "It names a day, but no time.",
    "repeats": "It is one of a series.",
    "taken_out": "Its calendar took it out of a series.",
    "status_unknown": "Its status was not understood, so it counts as booked.",
    "afternoon": "The hour was read as one in the afternoon.",
}
OVERLAPS = "It overlaps with another session of that day."
NOBODY = "It does not say whose session this is. Name its clinician as the roster does."
