"""The sentences about gaps, withheld points and cloned notes: short, kind, and saying what to do."""

GAPS_TITLE = "Worth adding, if it applies"
ANSWER_GAPS = "Answer"
SKIP_GAP = "Skip a question…"
GAP_HINT = "In your own words; it goes into the note as you type it."

WITHHELD_TITLES = {
    "process": "Private process notes, kept out of this note",
    "command": "Instructions, not session content",
    "record": "What you say about the record itself",
}
WITHHELD_HINTS = {
    "process": (
        "These read as your private notes. Psychotherapy notes are kept apart from the record (45 CFR 164.501), so "
        "they are in no draft and went to no model. Keep them where you keep such notes, and leave them out here."
    ),
    "command": (
        "These tell whoever writes the note what to say. Nothing in the note follows them. What really happened in "
        "session, add in your own words; leave the rest out."
    ),
    "record": (
        "These say what must not stand in a record, or where else it is kept. I cannot judge that for you: please read "
        "each sentence with them in mind before you sign."
    ),
}
DIAGNOSIS_GUESS = (
    "A guess at a diagnosis stays in your own wording. Nothing is proposed or coded here: the diagnosis itself goes "
    "into the chart."
)

CLONED_CLIENT = (
    "{count} of {total} sentences are almost the same as in this client's {earlier}. Payers read that as cloned notes; "
    "change what was different today."
)
EARLIER_NOTE = "note of {day}"
EARLIER_NOTES = "earlier notes"
CLONED_OTHERS = (
    "{count} of {total} sentences are almost the same as in other clients' notes of the same day. Payers read that as "
    "cloned notes; say what was particular to this client."
)
