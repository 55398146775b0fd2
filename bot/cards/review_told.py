"""What a person is told who comes to a review when it is over, may not act on it, or cannot send it to anybody."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.ids import PersonId
from bot.domain.review import Outcome, Review
from bot.domain.supervision import Mode

YOU = "You"
SOMEBODY = "Somebody"
_DID = {
    Outcome.APPROVED: "{who} approved this note {at}.",
    Outcome.CHANGES: "{who} asked for changes in this note {at}.",
    Outcome.WITHDRAWN: "{who} took this note back from review {at}.",
}
_COSIGNED = "{who} co-signed this note {at}."
SENT_AGAIN = "It was sent again since: press Review to see it as it stands now."
NOT_IN_REVIEW = "This note is not in review."
CHANGED_SINCE = "This note changed since you opened it. Close this and press Review again to see it as it stands now."
NOBODY_REVIEWS = (
    "Your notes need a supervisor, and nobody who could is on this practice's list at present. Your draft is kept: ask "
    "your administrator to name one, then sign it."
)
CHOOSE_SUPERVISOR = "Please choose a supervisor of this practice who did not write the note."
SNOOZE_HOURS = "Please choose a time from 1 hour to 3 days."
TOO_LONG = "Please keep each comment to {most} characters."
NO_SUCH_SECTION = "This note has no such section any more. Close this and press Review again."


def decided(review: Review, names: Mapping[PersonId, str], reader: PersonId, now: datetime, timezone: str) -> str:
    """`Miriam Weiss approved this note at 14:02.`, in the reader's zone, and with the day when it is not today's."""
    if review.outcome is None or review.at is None:
        return NOT_IN_REVIEW
    zone = ZoneInfo(timezone)
    at, today = review.at.astimezone(zone), now.astimezone(zone).date()
    when = f"at {at:%H:%M}" if at.date() == today else f"on {at.day} {at:%b} at {at:%H:%M}"
    who = YOU if review.by == reader else names.get(review.by, SOMEBODY) if review.by else SOMEBODY
    cosigned = review.outcome is Outcome.APPROVED and review.mode is Mode.COSIGN
    return (_COSIGNED if cosigned else _DID[review.outcome]).format(who=who, at=when)
