"""Every sentence about a note on its way into storage: what is wrong, and who does what about it.

`{target}` is the place's name in practice.toml, `{variable}` what the names of its secrets in the environment begin
with. Nothing here says anything of a note's content.
"""

from dataclasses import dataclass

from bot.domain.filing import Reason, reason_in, was_removed


@dataclass(frozen=True, slots=True)
class Said:
    """One reason in words. `wrong` goes on after “because” or a colon; the others are sentences on what to do."""

    wrong: str
    clinician: str
    administrator: str


_LASTS = "You need do nothing now. If it lasts, please tell your administrator."
_TELL = "Your administrator has to put this right. Then press Send again."
_CHECK = "Then run `afternote check`, and press Send again."
_PASSING = frozenset({Reason.UNREACHABLE, Reason.TIMEOUT, Reason.BUSY, Reason.BROKEN, Reason.FULL, Reason.AWAY})

BY_REASON: dict[Reason, Said] = {
    Reason.UNREACHABLE: Said(
        "{target} cannot be reached",
        _LASTS,
        "Look whether {target} runs, whether this machine has a network, and whether the address in [adapter.{target}] "
        "of practice.toml is right.",
    ),
    Reason.TIMEOUT: Said(
        "{target} does not answer in time",
        _LASTS,
        "Look whether {target} is overloaded. If it is only slow, raise timeout_seconds in [adapter.{target}].",
    ),
    Reason.BUSY: Said(
        "{target} is busy",
        _LASTS,
        "{target} asks to wait. If it keeps doing so, look at the limits of the account that is used there.",
    ),
    Reason.BROKEN: Said(
        "{target} reports a fault of its own",
        _LASTS,
        "Look at the logs of {target}, or ask whoever runs it; the code below is its answer.",
    ),
    Reason.FULL: Said(
        "{target} has no space left",
        "Please tell your administrator. The note is sent by itself once there is space.",
        "Make space in {target}, or raise its quota there.",
    ),
    Reason.AWAY: Said(
        "{target} is not there at the moment",
        _LASTS,
        "Connect or mount {target}, and look at its path in [adapter.{target}]. `afternote check` says what lacks.",
    ),
    Reason.NOT_ALLOWED: Said(
        "{target} does not let Afternote in",
        _TELL,
        "Look at the credentials ({variable}…) and at what they may do in {target}. " + _CHECK,
    ),
    Reason.READ_ONLY: Said(
        "nothing can be written in {target}",
        _TELL,
        "Give the account that Afternote uses the right to write in {target}. " + _CHECK,
    ),
    Reason.UNTRUSTED: Said(
        "{target} could not prove that it is the right place",
        _TELL,
        "Look at the certificate or host key of {target}: it ran out, or it is not the one in [adapter.{target}]. Do "
        "not trust a new one before you know why it changed. " + _CHECK,
    ),
    Reason.NO_PLACE: Said(
        "the place for notes in {target} does not exist",
        _TELL,
        "Make the folder, bucket, table or share that [adapter.{target}] names, or correct its name. " + _CHECK,
    ),
    Reason.TOO_LARGE: Said(
        "the document is too large for {target}",
        _TELL,
        "Raise the limit in {target}, or choose fewer or smaller files in [adapter.{target}] (plain text is the "
        "smallest). Then press Send again.",
    ),
    Reason.REFUSED: Said(
        "{target} declined the document",
        _TELL,
        "{target} understood and said no; the code below is its answer, and its own logs say why. " + _CHECK,
    ),
    Reason.OTHER_CONTENT: Said(
        "{target} already holds another document under this note's id",
        "Please look at the chart with your administrator, and do not write the note again: it is safe here.",
        "Find the document with this note's id in {target} and who put it there. Nothing was overwritten. Move it away "
        "if it does not belong there, then press Send again.",
    ),
    Reason.NOT_KEPT: Said(
        "what {target} kept is not what was sent",
        _TELL,
        "Compare the document in {target} with what was sent: something there changes or cuts it. Remove it and what "
        "changed it, then press Send again.",
    ),
    Reason.NONSENSE: Said(
        "the answer of {target} made no sense",
        _TELL,
        "Look whether the address in [adapter.{target}] is the right one, and whether a proxy or a sign-in page "
        "answers in its place. " + _CHECK,
    ),
    Reason.LOST: Said(
        "the answer of {target} was lost on the way",
        "Please look at the chart, and press what you find. Until then nothing is sent, so that it is not there twice.",
        "Look for this note's id in {target}, or ask the clinician to look at the chart, and press what is found. "
        "Nothing is sent until somebody has looked.",
    ),
    Reason.NO_CLIENT: Said(
        "{target} knows nobody with this client code",
        "Please have the client's code entered in {target}, exactly as it stands here. Then press Send again.",
        "Give the client this code in {target}, as an identifier of the kind that [adapter.{target}] names. Then press "
        "Send again.",
    ),
    Reason.SEVERAL_CLIENTS: Said(
        "several clients in {target} have this code",
        _TELL,
        "Find the clients with this code in {target} and leave it with the right one only. Then press Send again.",
    ),
    Reason.NO_SESSION: Said(
        "{target} has no session of this client that fits",
        "Please enter the session in {target} on the note's day. Then press Send again.",
        "{target} takes a note only for a session (an encounter) of that day. Have it entered there, then press Send "
        "again; or say in [adapter.{target}] that notes need none.",
    ),
    Reason.NO_CLINICIAN: Said(
        "{target} does not know the clinician",
        _TELL,
        "Say in [adapter.{target}] who of {target} this clinician is. " + _CHECK,
    ),
    Reason.NOT_RENDERED: Said(
        "a file that {target} wants could not be made",
        _TELL,
        "Choose other files in [adapter.{target}], and look in the log for this note's id. Then press Send again.",
    ),
    Reason.UNEXPECTED: Said(
        "something went wrong on our side, with {target}",
        "Please tell your administrator. Then press Send again.",
        "Look in Afternote's log for this note's id. Press Send again; if it happens once more, report the code below.",
    ),
}

REMOVED = Said(
    "practice.toml does not name {target} any more",
    _TELL,
    "The note is kept. Put {target} back into practice.toml if it is to go there; then press Send again.",
)

FILING_NOW = "Filing it now…"
FILING_AFTER = "It is filed right after the note that it is about…"
NOT_FILED = "Not filed yet"
NOT_COPIED = "Not in {target} yet"
RETRYING = "{not_yet}, because {wrong} (since {since}, next try {next}). It is tried again by itself."
RETRYING_NOW = "{not_yet}, because {wrong} (since {since}). It is being tried right now."
REFUSED = "{not_yet}: {wrong}. Your note is safe here."
CONFLICT = "{not_yet}: {wrong}. Nothing was overwritten, and your note is safe here."
UNKNOWN = "Perhaps in {target}, perhaps not: {wrong}."
CHECK_THE_CHART = "Check the chart: is the note there?"
NEXT = "It is tried again by itself, next at {next}."
CODE = "Code {code} · note {note}"

THERE = "Yes, it is"
ABSENT = "No, send again"
AGAIN = "Send again"
ABSENT_TITLE = "Surely not there?"
ABSENT_TEXT = "If the note is there after all, a second copy of it would be the result."
ABSENT_YES = "Send again"
ABSENT_NO = "Let me look"

ALSO_IN = "Also in {targets}."
NOT_YET_IN = "Not yet in {targets}."
READ_BACK = "read back and compared"
NOT_READ_BACK = "not read back"
CONFIRMED = "confirmed by a person as being in the chart, not read back"

TROUBLE_NOTICE = "Your note is signed; it is not filed, and needs you."
COPY_NOTICE = "Your note is filed; a copy of it is not."
NOTICE_TITLE = "A note is not filed"
NOTICE = "A signed note could not be filed."
NOTICE_ABOUT = "{client} · session of {session} · by {clinician} · note {note}"
NOTICE_SINCE = "Since {since}: {wrong}."
NOTICE_AGAIN = "{client} · note {note}: it is being sent again."
NOTICE_SOLVED_NOTICE = "A note that was not filed is filed now."
NOTICE_SOLVED = "Solved: the note of {client} (session of {session}, note {note}) is filed."

BOARD_TITLE = "Several notes are not filed"
BOARD_NOTICE = "Several signed notes could not be filed."
BOARD_LINE = "{target}: {count} not there, since {since}, because {wrong}."
BOARD_LIST = (
    "`afternote filings list` shows each of them, `afternote filings retry` sends them again. Further ones are counted "
    "here and get no message of their own; these lines are renewed every few minutes."
)
BOARD_SOLVED_NOTICE = "The notes that were not filed are filed now."
BOARD_SOLVED = "Solved: all those notes are filed."

NO_SUCH_TARGET = "This note is not on its way to a place called {target}."
ALREADY_THERE = "That is settled already: the note is in {target}."
BEING_SENT = "It is being sent again right now. The card shows how it ends."
NOTHING_TO_ANSWER = "There is nothing to answer any more; the card shows where the note stands."
NOT_YOURS_TO_ANSWER = "Only the note's clinician or an administrator of your practice can answer this."

STATES = {
    "pending": "waits for its time",
    "sending": "is being sent",
    "stored": "is there",
    "conflict": "something else is there under its id",
    "unknown": "a person has to look whether it is there",
    "refused": "was refused; a person has to put something right",
}


def reason_of(code: str) -> Reason:
    """The reason in a filing's code; a fault of ours where it names none that we know."""
    return reason_in(code) or Reason.UNEXPECTED


def wrong(code: str, target: str) -> str:
    """What is wrong, in a few words without a full stop."""
    return _said(code).wrong.format(target=target)


def for_clinician(code: str, target: str, *, given_up: bool = False) -> str:
    """What the clinician can do about it. `given_up`: it is not tried again by itself."""
    reason = reason_of(code)
    return _TELL if given_up and reason in _PASSING else _said(code).clinician.format(target=target)


def for_administrator(code: str, target: str) -> str:
    """What an administrator can do about it, with the names of settings."""
    variable = f"AFTERNOTE_ADAPTER_{target}_".upper().replace("-", "_")
    return _said(code).administrator.format(target=target, variable=variable)


def _said(code: str) -> Said:
    return REMOVED if was_removed(code) else BY_REASON[reason_of(code)]
