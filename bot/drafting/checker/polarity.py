"""Which words of a text are denied. Scope is a clause: `denied SI, slept well` denies the first, not the second."""

from collections.abc import Sequence
from functools import cache

from bot.drafting.checker.words import MARK, WORD, Word, is_past
from bot.drafting.lexicon import table

SAID, OPEN, DENIED = 1, 0, -1

_STOPS = frozenset({".", ";", "!", "?", "--", "\u2014", "\u2013", "\u2192", "->", ":", "(", ")", "|", "+"})
_QUOTES = frozenset({'"', "\u201c", "\u201d"})
_LIST_SEGMENT = 4
_LONGEST_BACK = 6
_PRONOUNS = frozenset({"he", "she", "they", "it", "i", "we", "client", "patient", "therapist", "clinician", "who"})
_FINITE = frozenset(
    {"was", "is", "were", "are", "has", "had", "will", "did", "would", "can", "could", "does", "may", "should"}
)
_OPENING = frozenset(
    {
        "in",
        "at",
        "for",
        "since",
        "with",
        "by",
        "during",
        "from",
        "including",
        "through",
        "because",
        "when",
        "w/",
        "into",
        "on",
    }
)
_DENIES = frozenset({"denied", "denies", "deny", "denying", "denys", "niega", "negó", "nego"})
_PASSIVE = frozenset({"was", "is", "were", "are", "been", "being"})
_DETERMINERS = frozenset({"his", "her", "their", "the", "a", "an", "my", "its"})
_AFTER = frozenset({"today", "at", "this", "currently", "now", "when", "by", "per", "again", "throughout", "all"})


@cache
def _sets() -> dict[str, frozenset[str]]:
    return {name: frozenset(words) for name, words in table("checker")["negation"].items()}


def clauses_of(words: Sequence[Word]) -> list[int]:
    """The number of the clause each word stands in: a full stop, semicolon, dash or bracket begins a new one."""
    clause, numbers = 0, list[int]()
    for word in words:
        if (
            word.kind == MARK and ((word.lower in _STOPS and word.lower != ":") or (word.lower in "-:" and word.spaced))
        ) or word.lower == ":":
            clause += 1
        numbers.append(clause)
    return numbers


def sentences_of(words: Sequence[Word]) -> list[int]:
    """As `clauses_of`, but only full stops, semicolons and the like divide; brackets and dashes do not."""
    number, numbers = 0, list[int]()
    for word in words:
        number += word.kind == MARK and word.lower in {".", ";", "!", "?", "|"}
        numbers.append(number)
    return numbers


def denied(words: Sequence[Word], clauses: Sequence[int]) -> list[int]:
    """For each word whether it is said (1), denied (-1), or open to either reading (0)."""
    signs = [SAID] * len(words)
    for at, word in enumerate(words):
        kind, start = _negator(words, at)
        if kind == "back":
            _deny_before(words, signs, at)
        elif kind == "stop":
            _open(words, clauses, signs, start)
        elif kind == "verb" and _alone(words, at):
            _deny_before(words, signs, at - 1)
        elif kind:
            _deny(words, clauses, signs, start, kind)
            if kind == "verb":
                _open_subject(words, clauses, signs, at)
        elif word.lower in ("0", "zero"):
            _open_beside(words, signs, at)
        elif word.stem in _sets()["stop"]:
            _open(words, clauses, signs, at + 1)
    return signs


def _negator(words: Sequence[Word], at: int) -> tuple[str, int]:
    """What kind of negator stands here (`list`, `verb`, `stop`, `back` or none), and where its scope begins."""
    word, sets = words[at], _sets()
    if word.kind != WORD:
        return "", at
    following = words[at + 1] if at + 1 < len(words) else None
    both = f"{word.lower} {following.lower if following else ''}"
    if both in sets["none"]:
        return "", at
    if both in sets["former"]:
        return "stop", at + 2
    if both in sets["phrases"]:
        return "list", at + 2
    last = at + 2 >= len(words) or words[at + 2].kind == MARK
    if both == "not yet" and last and at:
        return "back", at
    ends = following is None or following.kind == MARK or following.lower in _AFTER
    if word.lower in _DENIES | {"none", "absent", "negative", "neg"} and ends and at:
        return "back", at
    before = words[at - 1].lower if at else ""
    if word.lower == "no" and ends and words[at - 1].kind == WORD and before not in ("said", "says", "say") and at:
        return "back", at
    if word.stem in sets["turned_down"] and before in _PASSIVE:
        return "back", at
    if word.lower in sets["list"] or (word.stem in sets["turned_down"] and not _fell(words, at)):
        return "list", at + 1
    if word.lower == "failed" and (following is None or following.lower != "to"):
        return "", at
    return ("verb", at + 1) if word.lower in sets["verb"] else ("", at)


def _fell(words: Sequence[Word], at: int) -> bool:
    """`declined from 20 to 14`, `a decline in mood`: the word for what falls."""
    following = words[at + 1].lower if at + 1 < len(words) else ""
    return words[at].lower == "decline" or (words[at].stem == "declin" and following in {"from", "by", "in", "since"})


def _open(words: Sequence[Word], clauses: Sequence[int], signs: list[int], start: int) -> None:
    """What ended was so before: neither said nor denied."""
    for place in range(start, min(start + _LONGEST_BACK, len(words))):
        if clauses[place] == clauses[start - 1]:
            signs[place] = min(signs[place], OPEN)


def _alone(words: Sequence[Word], at: int) -> bool:
    """`predicted fainting, didn't.`: a bare denial of what was said just before."""
    ends = at + 1 >= len(words) or words[at + 1].kind == MARK
    return ends and at > 1 and words[at - 1].lower in {",", "-", "\u2013", "\u2014"}


def _open_subject(words: Sequence[Word], clauses: Sequence[int], signs: list[int], at: int) -> None:
    """`The log was not completed`: what stands before the verb is part of what is denied, or of nothing."""
    place = at - 1
    while place >= 0 and clauses[place] == clauses[at] and words[place].lower not in {",", "and", "but", "that"}:
        signs[place] = min(signs[place], OPEN)
        place -= 1


def _open_beside(words: Sequence[Word], signs: list[int], at: int) -> None:
    """`drinking 0`, `0 criticism`: a count of none."""
    for place in (at - 2, at - 1, at + 1):
        if 0 <= place < len(words) and words[place].kind == WORD:
            signs[place] = min(signs[place], OPEN)


def _deny_before(words: Sequence[Word], signs: list[int], at: int) -> None:
    """`SI/HI denied`, `intent: none`: what stands before, back to a comma or full stop."""
    for place in range(at - 1, max(-1, at - 1 - _LONGEST_BACK), -1):
        if words[place].lower in {",", ".", ";", "but", "that"} or words[place].lower in _FINITE | _PRONOUNS:
            if words[place].lower in ("is", "was", "were", "are"):
                continue
            return
        signs[place] = DENIED


def _deny(words: Sequence[Word], clauses: Sequence[int], signs: list[int], start: int, kind: str) -> None:
    content, sign = 0, DENIED
    inside = sum(word.lower in _QUOTES for word in words[:start]) % 2
    for place in range(start, len(words)):
        word = words[place]
        if inside and word.lower in _QUOTES:
            return
        if clauses[place] != clauses[start - 1] or _ends(words, place, content, kind):
            return
        if content and (word.lower in _OPENING or (word.lower == "and" and kind == "verb")):
            sign = OPEN
        content += word.kind == WORD
        doubled = signs[place] == DENIED and kind == "verb" and content <= 1
        signs[place] = SAID if doubled else min(signs[place], sign)


def _ends(words: Sequence[Word], place: int, content: int, kind: str) -> bool:
    lower = words[place].lower
    if not content:
        return False
    if (
        lower in _sets()["ends"]
        or (lower in _FINITE and kind == "list")
        or (lower in ("will", "would") and content > 1)
    ):
        return True
    if lower in ("and", ",") and _new_clause(words, place + 1):
        return True
    return lower == "," and not _goes_on(words, place + 1, kind)


def _new_clause(words: Sequence[Word], at: int) -> bool:
    """Whether a new predicate begins here: `no debate and praised …`, `did not eat, she said`."""
    word = words[at] if at < len(words) else None
    if word is None or word.kind != WORD:
        return False
    following = words[at + 1].lower if at + 1 < len(words) else ""
    if word.lower.endswith("s") and not word.lower.endswith("ss") and following in _DETERMINERS:
        return True
    verb = is_past(word.lower) and word.lower not in ("planned", "unplanned", "intended")
    return word.lower in _FINITE | _PRONOUNS or verb or word.lower in _DENIES or word.lower == "to"


def _goes_on(words: Sequence[Word], at: int, kind: str) -> bool:
    """Whether a list under one negator continues after a comma: `no plan, intent or means`."""
    if kind == "verb":
        return False
    segment = list[Word]()
    for word in words[at : at + 12]:
        if word.kind == MARK and word.lower in {",", *_STOPS}:
            break
        segment.append(word)
    if not segment or segment[0].lower in _sets()["ends"]:
        return False
    lowers = [word.lower for word in segment]
    if lowers[0] in ("or", "nor") or (lowers[0] == "and" and len(lowers) <= _LIST_SEGMENT):
        return True
    if "or" in lowers[:_LIST_SEGMENT]:
        return not set(lowers[: lowers.index("or")]) & (_FINITE | _PRONOUNS)
    rest = {word.lower for word in words[at : at + 12]}
    return (
        len(segment) <= _LIST_SEGMENT and not set(lowers) & (_FINITE | _PRONOUNS) and bool(rest & {"or", "and", "nor"})
    )
