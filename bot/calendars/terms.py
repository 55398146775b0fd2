"""The words calendars use for kinds of session, how the client was seen, and whether they came."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from bot.domain.appointments import Attendance

_KINDS: Mapping[str, str] = {  # the first that fits is taken
    "no_show": "no show|noshow|dna|did not attend",
    "crisis": "crisis|emergency|90839|90840",
    "intake": "intake|initial (?:session|visit|evaluation|eval|assessment|consult|consultation)"
    "|diagnostic (?:evaluation|eval|assessment|interview)|psychiatric diagnostic|biopsychosocial|new (?:client|patient)"
    "|90791|90792",
    "discharge": "discharge|termination|closing session",
    "collateral": "collateral|parent (?:session|meeting|consult|consultation)|school meeting",
    "consultation": "consultation|consult|case conference",
    "couple": "couples?|marital|marriage|conjoint",
    "family": "family|families|90846|90847",
    "group": "groups?|90849|90853",
    "child": "child|children|play therapy|minor",
    "individual": "individual|psychotherapy|one on one|90832|90834|90837",
}
_MODALITIES: Mapping[str, str] = {
    "phone": "phone|telephone|audio(?: only)?|phone call|modifier 93",
    "video": "video|telehealth|teletherapy|telemedicine|virtual|online|remote|zoom|doxy(?: me)?|google meet"
    "|meet google com|microsoft teams|webex|skype|facetime|modifier (?:95|gt)",
    "in_person": "in person|in office|in clinic|face to face|f2f|office visit|home visit|on ?site",
}
_PLACE_OF_SERVICE = {"02": "video", "2": "video", "10": "video", "11": "in_person", "12": "in_person"}
_MODIFIERS = {"93": "phone", "95": "video", "gt": "video"}

_ATTENDANCE: Mapping[Attendance, frozenset[str]] = {
    Attendance.NO_SHOW: frozenset(
        ("no show", "noshow", "no showed", "ns", "dna", "did not attend", "didn t attend", "missed", "absent", "fta")
    ),
    Attendance.CANCELLED: frozenset(
        ("cx", "cxl", "lc", "rescheduled", "moved", "declined", "deleted", "withdrawn", "entered in error")
    ),
    Attendance.HELD: frozenset(
        (
            *("completed", "complete", "attended", "held", "arrived", "show", "showed", "present", "kept", "seen"),
            *("fulfilled", "finished", "done", "billed", "occurred", "checked in", "checked out", "checkedin"),
            *("arrived late", "attended late", "came late", "late arrival", "kept appointment"),
        )
    ),
    Attendance.BOOKED: frozenset(
        (
            *("", "booked", "scheduled", "confirmed", "unconfirmed", "not confirmed", "pending", "tentative"),
            *("active", "upcoming", "proposed", "requested", "reminded", "unknown"),
        )
    ),
}
_BY_WORD = {word: attendance for attendance, words in _ATTENDANCE.items() for word in words}
_CANCELLED = re.compile(
    r"(?:(?:late|same day|client|patient|clinician|therapist|provider|practice|by) )*"
    r"cancel(?:s|led|ed|lation|ation)?"
    r"(?: (?:late|same day|by (?:the )?(?:client|patient|clinician|therapist|provider|practice)))*"
)
_NO_SHOW = re.compile(r"\bno ?show(?:ed)?\b|\bdid not attend\b")
_KIND_PATTERNS = [(kind, re.compile(rf"\b(?:{words})\b")) for kind, words in _KINDS.items()]
_MODALITY_PATTERNS = [(key, re.compile(rf"\b(?:{words})\b")) for key, words in _MODALITIES.items()]
_NOT_WORDS = re.compile(r"[\W_]+")
LONGEST_PLACE = 120


@lru_cache(maxsize=2_000)
def plain(text: str) -> str:
    """Lower case, with one space for whatever is neither letter nor digit."""
    return _NOT_WORDS.sub(" ", text.lower()).strip()


@lru_cache(maxsize=2_000)
def kind_of(text: str) -> str:
    """The kind of session that a text names, by word or by billing code; empty when it names none."""
    words = plain(text)
    return next((kind for kind, pattern in _KIND_PATTERNS if pattern.search(words)), "")


@lru_cache(maxsize=2_000)
def modality_of(text: str) -> str:
    """`in_person`, `video` or `phone` when a text says so, by word, modifier or a link to a meeting; else empty."""
    words = plain(text)
    if words in _MODIFIERS:
        return _MODIFIERS[words]
    return next((key for key, pattern in _MODALITY_PATTERNS if pattern.search(words)), "")


def without_known(text: str) -> str:
    """What a text says besides kinds of session and ways of seeing the client."""
    words = plain(text)
    for _, pattern in (*_KIND_PATTERNS, *_MODALITY_PATTERNS):
        words = pattern.sub(" ", words)
    return words


def modality_of_service(place_of_service: str) -> str:
    """How the client was seen by a place-of-service code, such as 11 for an office; empty for others."""
    return _PLACE_OF_SERVICE.get(place_of_service.strip().split(" ")[0], "")


@lru_cache(maxsize=2_000)
def attendance_of(text: str) -> Attendance | None:
    """Whether the session took place, when the whole text says just that; else None."""
    words = plain(text)
    if (found := _BY_WORD.get(words)) is not None:
        return found
    if _NO_SHOW.search(words) and len(words.split()) <= 6:
        return Attendance.NO_SHOW
    return Attendance.CANCELLED if _CANCELLED.fullmatch(words) else None


def attendance_among(parts: Sequence[str]) -> Attendance:
    """What the first part that speaks of attendance says. Prose is not searched: it may speak of another day."""
    found = (attendance_of(part) for part in parts if part.strip())
    return next((one for one in found if one not in (None, Attendance.BOOKED)), None) or Attendance.BOOKED


def place_of(text: str) -> str:
    """A place as written, in one line; empty for a link, which may let anybody into a meeting."""
    line = " ".join(text.split())
    return "" if "://" in line or line.lower().startswith("www.") else line[:LONGEST_PLACE].rstrip()
