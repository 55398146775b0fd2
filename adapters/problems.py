"""What `check` says of a place that did not do as asked: one sentence a problem, for the practice's administrator."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bot.domain.errors import EffectError
from bot.domain.filing import Reason, reason_in

_LARGEST_SKEW = 120.0  # seconds; signatures and tokens stop working at five minutes
_SENTENCES = {
    Reason.UNREACHABLE: "{place} cannot be reached. Is the address right, and is the server up?",
    Reason.TIMEOUT: "{place} did not answer in time.",
    Reason.LOST: "{place} broke off without an answer.",
    Reason.BUSY: "{place} says “not now”. Try again in a minute.",
    Reason.BROKEN: "{place} answers with an error of its own. Its administrator or status page knows more.",
    Reason.FULL: "{place} is full, or the quota is used up.",
    Reason.AWAY: "{place} is not there.",
    Reason.NOT_ALLOWED: "{place} does not accept the credentials, or they lack a right.",
    Reason.READ_ONLY: "{place} can only be read.",
    Reason.UNTRUSTED: "{place} shows a certificate that is not trusted here. Name its authority in the settings.",
    Reason.NO_PLACE: "{place} does not exist.",
    Reason.TOO_LARGE: "{place} does not take files of that size.",
    Reason.NONSENSE: "{place} gives an answer that makes no sense. Is it the right address?",
    Reason.NOT_KEPT: "{place} gives back other bytes than it was given.",
}
_REFUSED = "{place} refuses what was asked."
_ANOTHER = "{place} sends us to another address, which is not followed. Put down the one it ends at."
_WRONG_KIND = "{place} does not understand what was asked. Is it the right address?"
_BY_STATUS = {**dict.fromkeys(("301", "302", "303", "307", "308"), _ANOTHER), "405": _WRONG_KIND, "501": _WRONG_KIND}


def problem_of(error: EffectError, place: str) -> str:
    """The failure in words, with its code for the log's readers. `place`: as the sentence's subject."""
    reason, status = reason_in(error.code), error.code.rpartition(":")[2]
    sentence = _SENTENCES.get(reason, _REFUSED) if reason else _REFUSED
    if reason in (Reason.NO_PLACE, Reason.REFUSED):
        sentence = _BY_STATUS.get(status, sentence)
    return f"{sentence.format(place=place)} ({error.code})"


def skew_problem(date: str, place: str, now: datetime | None = None) -> str:
    """How far this machine's clock is from the place's (a `Date` header); empty when near or when it tells no time."""
    try:
        there = parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return ""
    if there.tzinfo is None:
        there = there.replace(tzinfo=UTC)
    seconds = ((now or datetime.now(UTC)) - there).total_seconds()
    if abs(seconds) < _LARGEST_SKEW:
        return ""
    direction = "ahead of" if seconds > 0 else "behind"
    return f"This machine’s clock is {abs(seconds) / 60:.0f} minutes {direction} that of {place}. Set it by NTP."
