"""The sentences about the practice's house style: short, kind, and saying what to do."""

BANNED = "Your practice does not write “{phrase}” in notes.{why}{instead}"
BANNED_MORE = "… and {count} more phrases that your practice does not write."
INSTEAD = " Instead: {instead}."
WHY = " {why}."
NEEDED = "Still needed before you sign, or say that it does not apply: {names}."
OTHER_WORD = "Your practice writes “{instead}”; this note also says “{word}”."
QUOTED_ONE = "Your practice writes notes without quotations; this one has one."
QUOTED = "Your practice writes notes without quotations; this one has {count}."
SETTLE = "Put it right"

SETTLE_TITLE = "Before you sign"
SETTLE_HINT = "Your practice, or the client's payer, asks for this in every such note. Nothing is written for you."
SETTLE_SUBMIT = "Go on"
NEEDED_HINT = "In your own words; “not assessed” is a fine answer."
STATEMENT_LABEL = "This sentence"
STATEMENT_HINT = "Change it here. What the client said word for word may stand in quotation marks."
TOO_LONG_HERE = "It stands in a long paragraph: close this, press Edit, and change it there."
APPLIES = "Does it apply?"
ANSWERED = "Yes, answered above"
NOT_APPLYING = "No, it does not apply to this session"
MORE_TO_SETTLE = "The first ones are here; the other {count} follow when you press Go on."
STILL_NEEDED = "Please answer this one, or say that it does not apply."
STILL_BANNED = "Please change this sentence; then you can sign."

SET_ASIDE = "You said that this does not apply: {names}."
SET_ASIDE_BY_AUTHOR = "Required here, and said not to apply to this session: {names}."
AT_SIGNING = "Your practice asks for something more in this note. Close this and press Approve & sign again to see it."

MOVED_ON = (
    "{name} has changed since this was begun, and this draft stays as it was. Choose {name} to have it as it is now."
)
