"""What people read of several summaries that they sent at once."""

TITLE = "Several summaries"
NOTICE = "{count} summaries: {done} drafts are ready"
NOTICE_OVER = "{count} summaries: all looked at"
LABEL = "Your summaries"
LABEL_MORE = "More of them ({number})"
HINT = (
    "Part them with a blank line or a line of ---. A first line such as “JD-014 23 Nov 10:00” says whose session it "
    "was; what says nothing is asked for later."
)
HINT_MORE = "For what does not fit above; it begins with a new summary."
PLACEHOLDER = "JD-014 23 Nov 10:00\nct calmer, ...\n\nMK-003 23 Nov 11:00\n..."
SUBMIT = "Draft all"
RETURNED = "The others are being drafted. These were not taken, and can be set right here:"
NONE_TAKEN = "None of these was taken. {lines}"
SOME_NOT_TAKEN = "The others are being drafted. {lines} Please set that right and send it again by itself."
REFUSED_LINE = "Number {number}: {sentence}"
COUNT = "{count} summaries came in."
PROGRESS = "{bar} {done} of {count} drafts are ready."
SIGNED = "{count} signed or in review."
DISCARDED = "{count} discarded."
REVIEW = "Review"
REVIEW_ON = "Go on reviewing"
OVER = "All of them are signed or discarded."
DOUBTS = {
    "several_fit": "several sessions fit",
    "no_code": "found by its time, please look",
    "other_day": "no session that day",
    "other_time": "no session at that time",
    "nothing_fits": "whose session?",
    "no_session": "not on your list",
    "bad_date": "the date is not clear",
}
STATES = {
    "drafting": "being drafted",
    "draft": "draft",
    "changes_requested": "changes requested",
    "in_review": "in review",
    "approved": "signed",
    "filing": "signed",
    "filed": "filed",
    "discarded": "discarded",
}
PICK = "Session of number {number}"
MORE_DOUBTS = "And {count} more with a question; each is asked on its own card."
PLACE = "{position} of {count}"
PREVIOUS = "Previous"
NEXT = "Next"
