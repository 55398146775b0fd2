"""Reads from the order of words in a clause who does or says what, and whether it is done or only planned."""

from functools import cache

from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis, light_stems, weight_of
from bot.drafting.checker.words import WORD, is_past
from bot.drafting.features import label_of
from bot.drafting.lexicon import table

Person = tuple[str, str]

_SOMEBODY = frozenset({"peer", "man", "woman", "girl", "stranger", "partner", "doctor"})
_UNUSUAL = 0.5

CLIENT: Person = ("role", "client")
CLINICIAN: Person = ("role", "clinician")
ANYONE: Person = ("anyone", "")
THIRD: Person = ("third", "")
# Somebody called he or she where no relation was mentioned before: the client.
UNNAMED: Person = ("unnamed", "")

_FIRST = frozenset({"i", "me", "we", "writer", "th"})
_THIRD = frozenset(
    {"he", "she", "they", "it", "who", "him", "her", "them", "both", "each", "everyone", "nobody", "someone"}
)
_AFTER_PREPOSITION = frozenset(
    {
        "of",
        "with",
        "to",
        "at",
        "from",
        "by",
        "about",
        "for",
        "w/",
        "regarding",
        "re",
        "against",
        "on",
        "toward",
        "towards",
        "over",
        "like",
        "than",
        "without",
        "between",
    }
)
_OWNERS = frozenset(
    {
        "her",
        "his",
        "their",
        "the",
        "a",
        "an",
        "my",
        "client's",
        "dr",
        "older",
        "younger",
        "little",
        "best",
        "old",
        "new",
        "foster",
        "biological",
        "bio",
        "step",
    }
)
_BREAKS = frozenset({".", ";", "!", "?", "\u2014", "--", "("})
_PLAN_LABELS = frozenset(
    {
        "plan",
        "p",
        "hw",
        "homework",
        "next",
        "nxt",
        "next session",
        "next wk",
        "next week",
        "next time",
        "tarea",
        "between sessions",
        "f/u",
        "to do",
        "plan for next time",
        "assignment",
        "action items",
    }
)


def persons_of(text: Analysis) -> dict[int, Person]:
    """The person named at each place; pronouns of the third person stand for anyone."""
    found: dict[int, Person] = {}
    for at, word in enumerate(text.words):
        if word.kind == WORD and word.lower in _FIRST and not text.quoted(at) and (word.text != "i"):
            found[at] = CLINICIAN
        elif word.lower in _THIRD:
            found[at] = THIRD if word.lower in ("he", "she") else ANYONE
    for one in text.of(lexicons.RELATION):
        found[one.end - 1] = ("relation", one.concept)
    for one in text.of(lexicons.ROLE):
        if one.concept in ("client", "clinician"):
            found[one.end - 1] = ("role", one.concept)
    found = {at: person for at, person in found.items() if not text.quoted(at)}
    for at in text.names:
        found[at] = found[at - 1] if found.get(at - 1, ANYONE)[0] == "relation" else ("name", text.words[at].lower)
    if first := _first_name(text):
        found[0] = ("name", first)
    for at, word in enumerate(text.words):
        if word.text.count(".") > 1 and word.capital and at not in found:
            found[at] = ("name", word.lower)
        if len(word.text) == 1 and word.capital and word.lower not in ("i", "a") and at not in found:
            found[at] = ("name", word.lower)
    return found


def _first_name(text: Analysis) -> str:
    """A name that begins the sentence: a word no vocabulary and no clinical prose holds, before a verb."""
    if len(text.words) < 2 or not text.words[0].capital or text.words[0].kind != WORD:
        return ""
    first, second = text.words[0], text.words[1]
    unknown = (
        not any(one.at == 0 for one in text.found) and weight_of(first.stem) >= _UNUSUAL and not first.text.isupper()
    )
    verb = is_past(second.lower) or second.stem in ("be", "have", "will", "do") or second.lower.endswith("s")
    return first.lower if unknown and verb and first.stem not in light_stems() else ""


def agent_of(text: Analysis, persons: dict[int, Person], at: int) -> Person | None:
    """Who a word is said of: the nearest person before it in its sentence that no preposition governs."""
    place = at - 1
    while place >= 0 and text.words[place].lower not in _BREAKS:
        if place in persons:
            before = place - 1
            while before >= 0 and text.words[before].lower in _OWNERS:
                before -= 1
            governed = before >= 0 and text.words[before].lower in _AFTER_PREPOSITION
            possessive = text.text[text.words[place].end - 2 : text.words[place].end] in ("'s", "\u2019s")
            if not governed and not possessive:
                return persons[place]
        place -= 1
    return None


def agree(one: Person, other: Person) -> bool | None:
    """Whether two mentions can be one person; None where nobody can tell."""
    if ANYONE in (one, other):
        return None
    if UNNAMED in (one, other):
        return False if CLINICIAN in (one, other) or "relation" in (one[0], other[0]) else None
    if THIRD in (one, other):
        return False if CLINICIAN in (one, other) else None
    if one == other:
        return True
    if one[1] in _SOMEBODY or other[1] in _SOMEBODY:
        return None
    if {one[0], other[0]} == {"relation"}:
        above = lexicons.wider(lexicons.RELATION)
        return one[1] in above.get(other[1], ()) or other[1] in above.get(one[1], ())
    if {one[0], other[0]} == {"name"}:
        return one[1][0] == other[1][0] if 1 in (len(one[1]), len(other[1])) else False
    if CLINICIAN in (one, other):
        return None if "name" in (one[0], other[0]) else False
    return None if "name" in (one[0], other[0]) else False


@cache
def plan_cues() -> frozenset[str]:
    return frozenset(table("checker")["planned"]["words"])


def planned_places(text: Analysis) -> frozenset[int]:
    """The words that tell of what is to come or is only thought of."""
    label = label_of(text.text)
    review = any(is_past(word.lower) for word in text.words)
    if label and label[0] in _PLAN_LABELS and not review:
        return frozenset(range(len(text.words)))
    found: set[int] = set()
    for at, word in enumerate(text.words):
        if word.kind == WORD and word.lower in plan_cues() and not text.quoted(at):
            step = at + 1
            while (
                step < len(text.words)
                and text.words[step].lower not in _BREAKS
                and text.words[step].lower not in ("but", "because")
            ):
                found.add(step)
                step += 1
    return frozenset(found)
