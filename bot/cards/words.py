"""Every sentence a person reads in chat. Short, kind, and saying what to do next."""

from bot.domain.errors import UserMistake
from bot.domain.statements import Slot

NEW_NOTE_TITLE = "New note"
SUMMARY_LABEL = "What happened in the session"
SUMMARY_HINT = (
    "What the client reported, what you saw and did, how the client took it, risk if you assessed it, and the plan. "
    "Bullets and shorthand are fine. No names needed. Longer than this box? Send it to me as a message."
)
SUMMARY_PLACEHOLDER = "- ct reports sleep better, 6h most nights\n- reviewed thought record …"
CLIENT_LABEL = "Client code"
CLIENT_HINT = "A code such as JD-014, never a name."
DATE_LABEL = "Session date"
START_LABEL = "Start"
MINUTES_LABEL = "Minutes"
KIND_LABEL = "Kind of session"
MODALITY_LABEL = "Modality and place"
FORMAT_LABEL = "Format"
DRAFT_BUTTON = "Draft note"
DATE_BUTTON = "Session date"
CLIENT_BUTTON = "Client code"

DRAFTING_NOTICE = "Drafting your note…"
DRAFTING = "Drafting… Your summary is saved."
DRAFT_NOTICE = "Your draft note is ready."
SIGNED_NOTICE = "Your note is signed."
RETRY_NOTICE = "Your note is signed; filing is being retried."
RECEIPT_NOTICE = "Your note is filed."
DISCARDED_NOTICE = "A draft was discarded."

POINTER = "Your summary is saved. The draft is on its way, in our direct chat."
POINTER_UNMET = (
    "Your summary is saved. I cannot write to you first yet: please open the chat with Afternote and say hi, and the "
    "draft comes there."
)
POINTER_AGAIN = "I have that one already; its note is in our direct chat."
SORTED = "Sorted from your own words"
MODELLED = "Drafted by the language model from your points; check each sentence"
FELL_BACK = "This time the language model could not help ({why}), so this is sorted from your own words"
CHOSE_SORTER = "Sorted from your own words, as you asked"
ASK_SESSION = "Whose session was it, and when? You can sign once both are here."
NOTHING_YET = "Nothing yet"
EMPTY_SECTIONS = "Nothing yet in {names}."
NO_CLIENT = "No client yet"
UNUSED_TITLE = "Not used yet"
MORE_UNUSED = "… and {count} more."
MISSING = "Not in this note yet: {names}. Add details if you want them; nothing is filled in for you."
SHORTENED = "Shortened here. Press Edit to read all of it."
FORMATS_LABEL = "More formats"
EDIT = "Edit"
DETAILS = "Add details"
SIGN = "Approve & sign"
DISCARD = "Discard"
WHY = "Why?"
ASK = "Ask for a change"
SORT_NOW = "Don't wait: sort my own words"

# Where a chat has neither pickers that act at once nor dialogs as long as they need to be.
SAVE = "Save"
CHOOSE = "Choose"
NOT_CHOSEN = "Not chosen"
CLIENT_PLACEHOLDER = "JD-014"
FIND_CLIENT = "Find one of yours"
NEW_CLIENT_LABEL = "Or a new client code"
NEEDED = "Please fill this in."
NUMBER_NEEDED = "Please give a whole number from {least} to {most}."
READ_ALL = "Read all"
SHORTENED_TO_READ = "Shortened here. Press Read all for the whole of it."
READ_TITLE = "The whole draft"
NEXT_PAGE = "Go on"
PAGE = "Page {page} of {count}"
REST_LATER = "The first ones are here. The rest comes when you save this and open it again."
REST_UNDECIDED = "The others do not fit here. Press Decide on all."

UNDECIDED = "{count} things to decide before you sign"
UNDECIDED_ONE = "One thing to decide before you sign"
HELD_TITLE = "Not in your summary, so kept out of the note"
DOUBT_TITLE = "In the note, marked ⚑: please look"
UNUSED_GROUP = "Not used yet: typed by you, and in no section"
IN_QUESTION = "In question: {words}"
MARK = "⚑ "
TAKE = "Add as my own words"
LEAVE = "Leave out"
RIGHT = "It is right"
ADD_POINT = "Add"
DECIDE_ALL = "Decide on all"
DECISION = "Your decision"
MORE_UNDECIDED = "… and {count} more. Press Decide on all."
DECIDE_TITLE = "Before you sign"
DECIDE_HINT = "Nothing enters your note, and nothing you typed is dropped, without your word."
DECIDE_SUBMIT = "Go on"
MORE_TO_DECIDE = "The first ones are here; the other {count} follow when you press Go on."
CHANGE_NOT_IN_THIS = "The change of wording you asked for is not in this yet. Sign it as it is, or wait for the card."
NOTHING_UNDECIDED = "Everything is decided."
STILL_UNDECIDED = "Please decide on this one too; then you can sign."
UNDECIDED_AT_SIGNING = "Some things are not decided yet. Close this and press Approve & sign again to see them."

CHANGING = "Changing the wording as you asked…"
CHANGES_TITLE = "What changed"
CHANGES = "Reworded as you asked: {kept} kept, {changed} changed, {new} new, {gone} gone."
CHANGED_LINE = "{old} → {new}"
NEW_LINE = "New: {text}"
GONE_LINE = "Gone: {text}"
UNDO = "Undo"
ASK_TITLE = "Ask for a change"
ASK_LABEL = "What should change?"
ASK_PLACEHOLDER = "shorter · say more about the exposure · less jargon"
ASK_HINT = "Only the wording changes. What is not in your summary stays out, whatever you ask for."
ASK_WHERE = "Where?"
ASK_SUBMIT = "Ask"
WHOLE_NOTE = "The whole note"
NOT_CHANGED = "The wording was not changed: {why}. Your draft is as it was; please try again or press Edit."
_TROUBLE = {
    "model_busy": "the language model is busy",
    "model_places_taken": "the language model is busy",
    "model_unreachable": "the language model cannot be reached",
    "model_timeout": "the language model took too long",
    "model_refused": "the language model declined",
    "model_answer_broken": "its answer could not be read",
    "model_refused_key": "its key is not accepted; please tell your administrator",
    "model_out_of_credit": "its account has no credit left; please tell your administrator",
    "model_bad_request": "it did not understand the request; please tell your administrator",
    "model_not_found": "the model is not known there; please tell your administrator",
    "nothing_to_send": "there is nothing in it that may be sent to a model",
    "no_model": "no language model is set up here",
    "outrun": "the draft changed meanwhile",
    "chosen": "you did not want to wait",
}
DISCARD_TITLE = "Discard this draft?"
DISCARD_TEXT = "It cannot be signed or changed after that. Nothing is filed."
DISCARD_YES = "Discard"
DISCARD_NO = "Keep"
SIGNED = "{format} note{client}, signed {at} by {who}. {status}"
RECEIPT = "{format} note{client}, {session}filed {at}"
RECEIPT_DETAIL = "Signed by {who} · note {note} · file SHA-256 {hash}"
DISCARDED = "Draft discarded."

EDIT_TITLE = "Edit draft"
EDIT_HINT = "Sentences you leave alone stay as they are. What you change or add counts as your own words."
EDIT_SUBMIT = "Save and close"
SAVE_DRAFT = "Save draft"
DETAILS_SUBMIT = "Add to note"
SAVED = "Saved at {at}. You can go on typing."
DETAILS_TITLE = "Add details"
DETAILS_HINT = "Answer what you want in the note, in your own words. Leave the rest empty."
NOTHING_MISSING = "Nothing is missing for this format, and every point is used."
SIGN_TITLE = "Approve & sign"
SIGN_SUBMIT = "Sign"
SIGN_WITH = "You sign as {who}."
ATTESTATION = "I have read this note. It describes the session as I conducted it, and I approve it for the record."
WHY_TITLE = "Why each sentence?"
WHY_OWN = "Your own words"
LOADING = "One moment…"
PLACE_POINT = "Where does it belong?"
MORE_POINTS = "The first ones are here; save, and press Add details again for the other {count}."
LATER = "Decide later"
LEAVE_OUT = "Leave out of the note"

USAGE_TITLE = "What the language model took"
USAGE_TOTAL = (
    "Last {days} days: {notes} notes, {calls} calls ({failed} failed), {tokens:,} tokens, about {each:,} tokens a note."
)
USAGE_COST = "Cost: {total:.2f} {currency}, about {each:.4f} {currency} a note."
USAGE_LINE = "{note}: {calls} calls, {prompt:,} tokens in ({cached:,} of them cached), {completion:,} out"
NO_USAGE = "No note was drafted by the language model in the last {days} days."
NO_PRICES = "Set price_per_million_tokens under [model] in practice.toml to see the cost."

HELP_TITLE = "Writing a note"
HELP_OPENING = (
    "Type a few lines after a session; you get a draft to edit and sign. Afternote never records, never diagnoses and "
    "never adds what you did not say."
)
HELP_AFTER = "Once a note is filed, the buttons below it show it again, add to it, amend it, or take it back."
HELP_IN_SLACK = (
    "`/note soap ct reports sleeping 6h. Reviewed thought record. Denied SI. Plan: exposure step 2.`",
    "`/note birp JD-014 yesterday 10:00 50min: …` with client code, date, time and minutes",
    "`/note` opens a form",
    "`/note plan JD-014` opens the client's treatment plan",
    "`/note examples birp` shows good sections to learn from",
    "`/note sessions` puts the day's sessions on your list",
    "`/note several` drafts many summaries at once",
    "`/note backlog` shows the sessions that wait for a note, and opens the next one",
    "`/note reminders 17:30` sets when I remind you of what waits; `/note reminders off` never",
    "`/note settings` sets your format, credentials, reminders and days off",
    "`/note stats` shows your numbers: how soon notes are signed, and what waits",
    "Or just write to me here. The first line may say `birp JD-014 yesterday 10:00 50min`.",
    HELP_AFTER,
)
HELP_IN_TEAMS = (
    "Write to me here, in your own words: `ct reports sleeping 6h. Reviewed thought record. Denied SI. Plan: exposure "
    "step 2.`",
    "`birp JD-014 yesterday 10:00 50min: …` with format, client code, date, time and minutes",
    "`new` opens a form; so does “New note” below, and in the message extensions anywhere in Teams",
    "`plan JD-014` opens the client's treatment plan",
    "`sessions` puts the day's sessions on your list",
    "`several` drafts many summaries at once",
    "`backlog` shows the sessions that wait for a note, and opens the next one",
    "`home` shows what waits, what you filed last, and what you chose",
    "`reminders 17:30` sets when I remind you of what waits; `reminders off` never",
    "`settings` sets your format, credentials, reminders and days off",
    "`stats` shows your numbers: how soon notes are signed, and what waits",
    "`examples birp` shows good sections to learn from",
    "“Draft a note from this” in the menu of a message of yours does the same with its text.",
    HELP_AFTER,
)
HELP_IN = {"slack": HELP_IN_SLACK, "teams": HELP_IN_TEAMS}
HELP_FORMATS = "Formats: {names}"
GREETING = "Hello. Write what happened in the session and I turn it into a draft note."

ONLY_IN_DIRECT = "I only speak about notes in our direct chat. Please open it and write to me there."
NOT_A_SUMMARY = "That did not read like a session summary, so I drafted nothing. If it was one, add a few words to it."
EDITED = (
    "You changed a message after I had made a note of it, and the note has what you sent first. While it is a draft, "
    "press Edit on its card to change it."
)
NOT_SAVED_TITLE = "Not saved"
CHANGED_WHILE_READING = "This draft changed while you were reading, so it begins again here."
FORM_BELOW = "It is open below."
FORM_CLOSED_NOTICE = "A form was closed."
FORM_SAVED_NOTICE = "A form was saved."
CLOSED = "Closed."
FORM_CLOSED = "Closed. Nothing was changed."
FORM_OVER = "This is closed now. The note's card shows where it stands."
FORM_SAVED = "Saved."
TYPED = "What you typed"
PLAN_HERE = "Press Open plan to see the client's treatment plan."
PLAN_NOTICE = "A treatment plan, to be opened."

NOT_ON_ROSTER = "You are not on this practice's list yet. Ask your administrator to add you, then try again."
NOT_YOURS = "This note belongs to another clinician, so only they can change it."
NOT_CLINICIAN = "Your role does not write notes. If that is wrong, your administrator can change it."
NO_SUCH_NOTE = "I can't find that note any more. It may have been discarded."
CHANGED_ELSEWHERE = (
    "This draft changed while this form was open, so nothing was overwritten. Copy what you typed, close this, and "
    "press the button again."
)
LATE_LABEL = "Why is this note late?"
LATE_HINT = "It is past the payer's deadline. The reason stands in the record, beside the mark of a late entry."
NEEDS_LATE_REASON = "Please say why this note is late: the payer wants to know. A few words will do."
LONG_LATE_REASON = "Please say it in at most {limit} characters."
CHANGED_BEFORE_SIGNING = (
    "This draft changed while you were signing, so nothing was signed. Close this, read it again, and press "
    "Approve & sign."
)
NO_LONGER_DRAFT = "This note is not a draft any more, so it cannot be changed. The card shows where it stands."
NEEDS_CLIENT = "Please give a client code, such as JD-014."
NEEDS_DATE = "Please give the date of the session."
ONLY_EDITED = "Press Edit to change this one. Its client and its session stay those of the note it is about."
NEEDS_CONTENT = "The note is empty. Press Edit and write what belongs in it."
BAD_MINUTES = "Please give the minutes as a whole number from 1 to {most}, such as 50, instead of “{typed}”."
SENT_BEFORE = (
    "The first text that you sent with this form is saved, and its draft is in our direct chat. Please copy this one "
    "and put it into that draft with Edit, so that it is not lost."
)
FUTURE_DATE = "That date is still to come. Please give the day the session took place."
TOO_LATE = "That took a little too long. Please press it again."
TROUBLE = "Something went wrong on our side. Nothing you typed is lost; please try again."
ONLY_OWN_MESSAGES = "I can only draft from a message that you wrote yourself."
UNKNOWN_FORMAT = "I don't know the format “{word}”, so I chose {nearest}. The rest of what you typed is below."
PERHAPS_A_FORMAT = (
    "I don't know a format “{word}”, so I chose {nearest}. All that you typed is below; please look at its first word."
)
UNKNOWN_FORMAT_ALONE = "I don't know the format “{word}”. Try `{nearest}`, or `{help}` for all of them."

SLOT_NAMES = {
    Slot.REPORT: "what the client reported",
    Slot.HISTORY: "history",
    Slot.HOMEWORK_REVIEW: "homework from last time",
    Slot.GOAL: "goal addressed",
    Slot.OBSERVATION: "what you observed",
    Slot.MEASURE: "scale scores",
    Slot.INTERVENTION: "what you did (intervention)",
    Slot.RESPONSE: "how the client responded",
    Slot.ASSESSMENT: "your assessment",
    Slot.PROGRESS: "progress",
    Slot.RISK: "risk (what you assessed; “not assessed” is a fine answer)",
    Slot.DIAGNOSIS: "diagnosis as charted",
    Slot.PLAN: "plan",
    Slot.HOMEWORK: "homework",
    Slot.REFERRAL: "referral",
    Slot.LOGISTICS: "time, modality, participants",
}

SHORT_SLOT_NAMES = {slot: name.split(" (")[0] for slot, name in SLOT_NAMES.items()}

KINDS = {
    "individual": "Individual",
    "couple": "Couple",
    "family": "Family",
    "group": "Group",
    "child": "Child",
    "intake": "Intake",
    "discharge": "Discharge",
    "crisis": "Crisis",
    "no_show": "No-show",
    "collateral": "Collateral contact",
    "consultation": "Consultation",
}

MODALITIES = {
    "": "Not said",
    "in_person": "In person",
    "video": "Video",
    "phone": "Phone",
}

_BY_CODE = {
    "undecided": UNDECIDED_AT_SIGNING,
    "stale_version": CHANGED_ELSEWHERE,
    "stale_signature": CHANGED_ELSEWHERE,
    "stale_note": CHANGED_ELSEWHERE,
    "not_draft": NO_LONGER_DRAFT,
    "not_open": NO_LONGER_DRAFT,
    "note_not_found": NO_SUCH_NOTE,
    "not_on_roster": NOT_ON_ROSTER,
    "not_clinician": NOT_CLINICIAN,
    "not_yours": NOT_YOURS,
    "needs_client": NEEDS_CLIENT,
    "needs_date": NEEDS_DATE,
    "needs_content": NEEDS_CONTENT,
    "future_date": FUTURE_DATE,
    "only_edited": ONLY_EDITED,
    "sent_before": SENT_BEFORE,
}


def why(code: str) -> str:
    """What an error code of the model means, in a few words."""
    return _TROUBLE.get(code, "something went wrong there")


def trouble(code: str) -> str:
    """Why a change that was asked for did not come about."""
    return NOT_CHANGED.format(why=why(code))


def sentence(mistake: UserMistake) -> str:
    """What to tell the person: our words for a known code, else the sentence the error carries."""
    return _BY_CODE.get(mistake.code, mistake.sentence)


DAY_POINTER = "It is in our direct conversation."
