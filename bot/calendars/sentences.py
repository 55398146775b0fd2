"""Every sentence about a calendar that could not be read, wholly or in part. None of them quotes what stood there."""

NO_CLIENT = "No client code stands here. If it was a session, write the client's code (such as JD-014) to it."
TWO_CLIENTS = "Several client codes stand here. Enter a session for each of them."
NO_DATE = "No date stands here. Write the day of the session, such as 2026-11-23."
BAD_DATE = "The date was not understood. Write it as 2026-11-23."
BAD_START = "The time was not understood. Write when the session began as 14:00 or 2:00 PM."
BAD_ZONE = "The time zone was not understood. Write it as America/Chicago, or leave it out."
BAD_DAY = "The day above this line was not understood, so this line has no day. Write it as 2026-11-23."
WEEKDAY_DIFFERS = "That date is another day of the week. Write the date alone, such as 2026-11-23."
NOT_UNDERSTOOD = "Part of this line was not understood. Write code, time and minutes, such as JD-014 9:00 50."
UNREADABLE = "This event is damaged and was left out. Export the calendar again, or enter the session by hand."
RANGE_CHANGE = "This changes all later sessions of a series at once, which is not read. Enter the changed ones by hand."
BAD_REPEATS = "How this event repeats was not understood. Enter its sessions by hand."
TOO_MANY_REPEATS = "This event repeats more than {most:,} times, which is no series of sessions. It was left out."

NO_CLIENT_COLUMN = (
    "No column with the client was found{seen}. Name the column with the client codes “Client code”, and try again."
)
NO_DATE_COLUMN = (
    "No column with the date was found{seen}. Name the column with the sessions' days “Date”, and try again."
)
SEEN = ", only {headers}"
BAD_TABLE = (
    "The table is damaged from line {line} on: a quotation mark may be missing there. Export it again as CSV, please."
)
EMPTY_TABLE = "The file is empty. Export the table again as CSV, please."

NOT_A_CALENDAR = (
    "Line {line} is not part of a calendar. A calendar's file begins with BEGIN:VCALENDAR. Export it again."
)
ENDS_WRONGLY = (
    "Line {line} ends a part of the calendar that was not begun: the file is damaged there. Export it again, please."
)
CUT_OFF = (
    "The file ends in the middle of what begins in line {line}: it was cut off. Export or download it again, please."
)
EMPTY_CALENDAR = "The file is empty (line 1). Export the calendar again, please."
EVENT_TOO_LONG = "The event in line {line} is longer than {most:,} characters. Take it out of the file, and try again."
TOO_MANY_EVENTS = "The calendar has more than {most:,} events. Export a shorter time, and import one after the other."
TOO_MANY_SERIES = (
    "The calendar has more than {most:,} repeated events and changes of them (line {line}). Export a shorter time."
)
TOO_MANY_OCCURRENCES = "The repeats of this calendar come to more than {most:,} sessions. Import a shorter time."
TOO_MANY_LINES = "That is more than {most:,} lines. Send them in parts, please."
