"""Every sentence about treatment plans that a person reads in chat."""

import datetime as dt
from collections.abc import Sequence

from bot.domain.plan import Status

GOALS_TITLE = "Goals addressed"
GOALS_SUGGESTED = "Goals addressed? Suggested from your points, not in the note yet"
GOALS_UNDECIDED = "No goal of the plan is named in this note yet. Name those that you worked on, if any."
GOALS_NAMED = "Goals addressed, confirmed by you: {names}."
NO_GOAL_NAMED = "Goals addressed: none, as you said."
MORE_GOALS = "… and {count} more."
CONFIRM_GOALS = "Confirm goals"
CHANGE_GOALS = "Change goals"
GOALS_HINT = (
    "Tick what this session addressed. Each one is named in the note, in the plan's words; nothing else is claimed."
)
GOALS_LABEL = "Goals and objectives"
GOALS_LABEL_MORE = "Goals and objectives, continued"
GOALS_IN_FULL = "In full"
GOALS_SUBMIT = "Confirm"
NO_OPEN_GOALS = "This client's plan has no open goals. Open the plan to add one."

UNTOUCHED_ONE = "{names} has not come up in the last {count} notes."
UNTOUCHED_MORE = "{names} have not come up in the last {count} notes."
REVIEW_OVERDUE = "The plan's review was due on {day}."

PLAN_TITLE = "Treatment plan"
PLAN_CLIENT_HINT = "Whose plan would you like to open?"
PLAN_OPEN = "Open plan"
PLAN_NEW = "There is no plan for this client yet. Start one here; goals come next."
NO_PLAN_YET = "There is no plan for this client yet. The client's own clinician can start one."
PLAN_START_SUBMIT = "Start plan"
PLAN_READ_ONLY = "You read this plan as a supervisor. The client's own clinician changes it."
PLAN_CHARTED = "As charted"
PLAN_DATES = "Started {start}"
PLAN_REVIEW = "review due {day}"
PLAN_REVIEW_OVERDUE = "review was due {day}"
PLAN_NO_REVIEW = "no review date"
PLAN_EMPTY = "No goals yet. Press Add goal."
PLAN_GOAL = "Goal {id}"
PLAN_OPEN_SINCE = "Open since {day}"
PLAN_CLOSED = "Closed"
PLAN_DETAILS_BUTTON = "Dates and diagnosis"
ADD_GOAL = "Add goal"
CHANGE_GOAL = "Change goal"
CHANGE_OBJECTIVE = "Change {id}"
ADD_OBJECTIVE = "Add objective"
CLOSE_GOAL = "Close goal"
REOPEN = "Open {id} again"

START_LABEL = "Start of the plan"
REVIEW_LABEL = "Review due"
DIAGNOSIS_LABEL = "Diagnosis as charted"
DIAGNOSIS_HINT = "One a line, its code first: F41.0 Panic disorder. Only what you charted; none is ever proposed."
FREQUENCY_LABEL = "Frequency"
GOAL_LABEL = "Goal"
GOAL_HINT = "What the client wants to reach, in a sentence that may stand in a note."
OBJECTIVE_LABEL = "Objective"
MEASURE_LABEL = "Measured by"
BASELINE_LABEL = "Baseline"
TARGET_LABEL = "Target"
DUE_LABEL = "Target date"
STATUS_LABEL = "How it stands"
CLOSED_LABEL = "Closed on"
EARLIER_TITLE = "Earlier wording"
EARLIER = "until {day}: {text}"
SAVE = "Save"
CLOSE_HINT = "It stays in the plan's history. Notes that name it are not changed."

STATUSES = {
    Status.OPEN: "Open",
    Status.MET: "Met",
    Status.PARTLY_MET: "Partly met",
    Status.NOT_MET: "Not met",
    Status.ENDED: "Ended",
}


def day(date: dt.date) -> str:
    """`4 Nov 2026`."""
    return f"{date.day} {date:%b %Y}"


def near_day(date: dt.date, today: dt.date | None) -> str:
    """`4 Nov`, with the year when it is another one."""
    return f"{date.day} {date:%b}" if today and today.year == date.year else day(date)


def goal_names(ids: Sequence[str]) -> str:
    """`Goal 2`, `Goals 2 and 3`, `Goals 1, 2 and 3`."""
    if len(ids) == 1:
        return f"Goal {ids[0]}"
    return f"Goals {', '.join(ids[:-1])} and {ids[-1]}"
