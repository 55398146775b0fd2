"""What an auditor would look for and the clinician did not say, as at most three short questions. Fills nothing in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.checks import RISK_WORDS, Check, Gap, Profile, known_in_session
from bot.domain.formats import Format
from bot.domain.house import said_not_to_apply
from bot.domain.note import Note, Session
from bot.domain.statements import Slot, Statement, own_words
from bot.drafting.guards import withheld_points
from bot.drafting.phrases import phrases, says
from bot.drafting.risk_words import Family, families, unassessed
from bot.drafting.shorthand import as_prose
from bot.drafting.sorter import slot_of
from bot.drafting.times import parse_times

MOST = 3
ABOUT_RISK = "You wrote about {family}. What did you assess about safety? “Not assessed” is a fine answer."
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
_ENOUGH_WORDS = 3
_NOTHING = re.compile(
    r"n\.?/?a\.?|not applicable|none|no|nothing|nil|-+|unassessed|no (?:risk )?assessment|(?:nothing|none) assessed"
    r"|(?:risk |it |this )?(?:was |were )?not (?:formally )?(?:assessed|asked|screened|done|addressed)(?: today)?"
    r"|(?:i )?did(?:n't| not) (?:assess|ask|screen|do)(?: (?:it|this|about it))?(?: today)?"
    r"|(?:it |risk )?was(?:n't| not) (?:assessed|asked|screened|done|addressed)(?: today)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing the note or the summary says, and what kind of content it is."""

    slot: Slot | None
    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What answers come to: own words, what they say about the session's times, and the checks they settle."""

    statements: tuple[Statement, ...]
    session: Session
    settled: tuple[str, ...]


def gaps(note: Note, fmt: Format, profile: Profile) -> tuple[Gap, ...]:
    """At most three questions for one note, the most important first; nothing that is said, answered or waived.

    Risk words without a documented assessment come first, always, and cannot be waived.
    """
    said = _said(note)
    family = _open_family(note, said)
    off = {*note.waived, *(item.removeprefix("check.") for item in said_not_to_apply(note))}
    room = MOST - len([check_id for check_id in note.waived if check_id in profile.checks])
    found = [_about_risk(family)] if family else []
    for check in profile.asked(fmt, note.session.kind):
        covered = family is not None and check.slot is Slot.RISK
        if check.id not in off and not covered and not _met(check, note, said):
            may_skip = check.id not in profile.required
            found.append(Gap(check.id, check.title, check.question, check.slot, may_skip))
    return tuple(found[: max(room, 1 if family else 0)])


def unmet(note: Note, fmt: Format, profile: Profile) -> tuple[Gap, ...]:
    """All that the note does not say, however much it is and whether its clinician put it aside: for who reviews it."""
    said = _said(note)
    family = _open_family(note, said)
    absent = [check for check in profile.asked(fmt, note.session.kind) if not _met(check, note, said)]
    found = [Gap(check.id, check.title, check.question, check.slot, True) for check in absent]
    return (*([_about_risk(family)] if family else []), *found)


def is_said(check: Check, note: Note) -> bool:
    """Whether the note itself says what the check looks for: its session and statements, not what was only typed."""
    if check.slot is Slot.GOAL and note.goals is not None:
        return True  # decided, by name
    said = [Said(statement.slot, statement.text) for statement in note.statements]
    return _known(check, note) or _among(check, said)


def answered(
    note: Note, profile: Profile, answers: Mapping[str, str], waived: Sequence[str] = (), called: str = ""
) -> Answered:
    """What the clinician's answers (check id → as typed) add to the note, and which checks need no asking any more.

    “Not assessed” is written as a plain sentence. An answer to a check that nobody knows is left alone. A check that is
    required cannot be skipped: it is answered, or said not to apply before signing. `called`: the practice's word for
    the client.
    """
    given = {check_id: text.strip() for check_id, text in answers.items() if text.strip()}
    own = [statement for check_id, text in given.items() if (statement := _answer(profile, check_id, text, called))]
    session = note.session
    for check_id, text in given.items():
        if check_id in profile.checks and profile.checks[check_id].session:
            start, minutes = parse_times(text)
            session = replace(session, start=session.start or start, minutes=session.minutes or minutes)
    known = {*profile.checks, *(RISK_WORDS + family.id for family in families())}
    skipped = (check_id for check_id in waived if not check_id.startswith(RISK_WORDS))
    settled = [*given, *(check_id for check_id in skipped if check_id not in profile.required)]
    return Answered(tuple(own), session, tuple(check_id for check_id in settled if check_id in known))


def is_nothing(text: str) -> bool:
    """Whether an answer says that there is nothing to say: "n/a", "none", "not assessed"."""
    return bool(_NOTHING.fullmatch(text.strip(" .!“”\"'").replace("\u2019", "'")))


def _about_risk(family: Family) -> Gap:
    question = ABOUT_RISK.format(family=family.name)
    return Gap(RISK_WORDS + family.id, "Safety", question, Slot.RISK, may_waive=False)


def _open_family(note: Note, said: Iterable[Said]) -> Family | None:
    settled = [check_id.removeprefix(RISK_WORDS) for check_id in note.waived if check_id.startswith(RISK_WORDS)]
    return unassessed([each.text for each in said], settled)


def _answer(profile: Profile, check_id: str, text: str, called: str) -> Statement | None:
    family = next((family for family in families() if RISK_WORDS + family.id == check_id), None)
    check = profile.checks.get(check_id)
    if family is None and check is None:
        return None
    slot, nothing = (check.slot, check.none) if check else (Slot.RISK, family.none if family else "")
    if is_nothing(text):
        return own_words(nothing, slot) if nothing else None
    prose = as_prose(text, slot, called)
    return own_words(prose[:1].upper() + prose[1:], slot)


def _said(note: Note) -> tuple[Said, ...]:
    """The statements of the note, and the points as typed, without what is withheld or left out on purpose."""
    apart = {*withheld_points(note.points), *note.left_out}
    cited = [(number, statement.slot) for statement in note.statements for number in statement.sources]
    unused = [point for point in note.unused() if point.number not in apart]
    slots = [*cited, *zip((point.number for point in unused), slot_of(unused), strict=True)]
    points = {point.number: point.text for point in note.points if point.number not in apart}
    typed = [Said(slot, points[number]) for number, slot in slots if number in points]
    return (*(Said(statement.slot, statement.text) for statement in note.statements), *typed)


def _met(check: Check, note: Note, said: Iterable[Said]) -> bool:
    if check.slot is Slot.GOAL and (note.goals is not None or note.suggested_goals):
        return True  # the card asks about the plan's goals by name
    return _known(check, note) or _among(check, said)


def _known(check: Check, note: Note) -> bool:
    return bool(check.session) and all(known_in_session(note, field) for field in check.session)


def _among(check: Check, said: Iterable[Said]) -> bool:
    return any(
        (each.slot in check.slots and _says_enough(check, each.text))
        or (bool(check.anywhere) and says(each.text, check.anywhere))
        for each in said
    )


def _says_enough(check: Check, text: str) -> bool:
    """Whether a statement in the right slot is what the check looks for, and not just "provided support"."""
    if not check.saying or says(text, check.saying):
        return True
    rest = phrases(check.vague).sub(" ", text)
    return bool(check.vague) and len(_LONG_WORD.findall(rest)) >= _ENOUGH_WORDS
