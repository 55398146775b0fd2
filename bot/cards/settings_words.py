"""What people read where they set how it works for them."""

TITLE = "Your settings"
OPEN = "Settings"
SAVE = "Save"
SAVED = "Saved. What you set holds from now on."
CREDENTIALS_LABEL = "Credentials"
CREDENTIALS_HINT = "As they stand under your signature, such as LPC or LCSW. Notes signed before keep theirs."
FORMAT_LABEL = "Format of a new note"
REMIND_LABEL = "Reminders of what waits for a note"
REMIND = {"on": "Once a day, when something waits", "off": "Never"}
REMIND_AT_LABEL = "Remind me at"
DAYS_LABEL = "My working days"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
QUIET_FROM_LABEL = "No messages from"
QUIET_UNTIL_LABEL = "No messages until"
AWAY_LABEL = "Away until (no reminders up to this day)"
BEFORE_LABEL = "Minutes a note took you before (for your numbers)"
DIGEST_LABEL = "The week's counts, as an administrator"
DIGEST = {"on": "On Monday morning", "off": "Never"}
OWN_ZONE = "Times are those of {zone}. An administrator can change that, your name and your roles."
CHANGED = (
    "Your settings changed while this was open, for example in another window, so nothing was overwritten. Copy what "
    "you typed, close this, and open your settings again."
)
QUIET_TIME = "{at} is in the quiet hours ({begins} to {ends}). Please choose another time, or other hours."
HALF_QUIET = "Please give both: from when and until when. Leave both empty for your practice's hours."
NO_DAYS = "Please tick at least one day, or choose Never for reminders."
AWAY_OVER = "That day is over. Please choose today or a later day, or leave it empty."
BAD_BEFORE = "Please give whole minutes up to {most}, or leave it empty."
BAD_TIME = "Please give a time such as 17:30."
