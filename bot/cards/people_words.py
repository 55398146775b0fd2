"""What the screens of a practice's people say. Names stand on an administrator's own screens only."""

from bot.domain.note import State
from bot.domain.people import Role
from bot.domain.supervision import Mode

PEOPLE_TITLE = "People"
PEOPLE_OPEN = "Open people"
PEOPLE_HERE = "Press Open people to see who is on your practice's list, to add somebody or to change them."
PEOPLE_NOTICE = "Your practice's people, to be opened."
PEOPLE_HINT = "Choose somebody to change, or add somebody, and press Open."
PEOPLE_MORE = "And {count} more: choose them below."
NOBODY = "Nobody is on the list yet."
CHOOSE_LABEL = "Whom"
ADD_SOMEBODY = "Add somebody"
OPEN = "Open"
SAVED_ADDED = "{name} is on the list, and can write to me at once."
SAVED_CHANGED = "Saved: {name}."
ADD_TITLE = "Add somebody"
CHANGE_TITLE = "Change person"
SAVE = "Save"
NAME_LABEL = "Name"
NAME_HINT = "As it stands under a signature."
CREDENTIALS_LABEL = "Credentials"
CREDENTIALS_HINT = "Such as LPC or LCSW, as they stand under a signature. Empty for who signs nothing."
ROLES_LABEL = "Roles"
ROLES = {
    Role.CLINICIAN: "Clinician, licensed",
    Role.ASSOCIATE: "Associate, not licensed yet (a supervisor reviews every note)",
    Role.SUPERVISOR: "Supervisor",
    Role.ADMINISTRATOR: "Administrator (reads no notes)",
    Role.AUDITOR: "Auditor or biller (the audit log, no notes)",
}
ACCOUNT_LABELS = {"slack": "In Slack", "teams": "In Teams"}
ACCOUNT_HINTS = {
    "slack": "Who they are in Slack. Empty when they are not there.",
    "teams": "Who they are in Teams. Empty when they are not there.",
}
MODE_LABEL = "Review of their notes"
MODES = {
    Mode.NONE: "No review",
    Mode.APPROVE: "A supervisor approves each",
    Mode.COSIGN: "A supervisor co-signs each",
    Mode.SAMPLE: "A supervisor approves a share",
}
SUPERVISORS_LABEL = "Supervisors"
NO_SUPERVISORS = "Nobody has the role Supervisor yet, so no review can be chosen."
PERCENT_LABEL = "Share of the notes, in percent"
SINCE_LABEL = "Reviewed from"
UNTIL_LABEL = "Reviewed until"
FORMAT_LABEL = "Format of a new note"
TIMEZONE_LABEL = "Time zone"
TIMEZONE_HINT = "Such as America/Chicago."
ACCESS_LABEL = "Access"
ACCESS = {"yes": "On the list", "no": "Deactivated: may do nothing"}
NOTES = "Their notes: {counts}. Whatever access says, they stay as they are."
NO_NOTES = "They have no notes here."
DEACTIVATED = "deactivated"
NOT_REACHED = "in no chat yet"
UNSUPERVISED = "no supervisor yet, so they cannot sign"
CHATS = {"slack": "Slack", "teams": "Teams"}
STATES = {
    State.DRAFTING: "being drafted",
    State.DRAFT: "draft",
    State.IN_REVIEW: "in review",
    State.CHANGES_REQUESTED: "with changes requested",
    State.APPROVED: "signed, not filed yet",
    State.FILING: "being filed",
    State.FILED: "filed",
    State.DISCARDED: "discarded",
}
PERSON_PLACEHOLDER = "Choose a person"
NOT_IN_TEAMS = "Not in Teams"
PERSON_TYPED = {"slack": "Their member ID in Slack, such as U0EXAMPLE01", "teams": "Their object ID in Entra"}
WELCOME = "{practice} added you to Afternote. Here is what I do."
WELCOME_ADMINISTRATOR = "As an administrator you say who else is on the list: type {typed}."
WELCOME_OTHER = "Type {typed} to see this again."
WELCOME_NOTICE = "You were added to Afternote."
REVIEWED = {
    Mode.APPROVE: "approved by {names}",
    Mode.COSIGN: "co-signed by {names}",
    Mode.SAMPLE: "{percent} % approved by {names}",
}
