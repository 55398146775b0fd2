"""Postal addresses, towns, and the names of bodies: clinics, schools, employers, places of worship."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bot.drafting.identifiers.spans import Span
from bot.drafting.identifiers.wordlists import listed
from bot.drafting.identifiers.words import NAMES, Kind, Word, gap, kind_of

_CAP = r"[A-Z\u00c0-\u00de0-9][\w.'\u2019-]*"
_UNIT = r"(?:,?\s+(?:apt|apartment|unit|suite|ste|rm|room|floor|fl|bldg|building|lot|trailer|box|bed)\b\.? ?\#?[\w-]+|,? \#\s?\w+)"
_PO_BOX = re.compile(r"\bP\.? ?O\.? ?Box \d+|\b(?:PSC|Unit|CMR) \d+,? Box \d+", re.IGNORECASE)
_HALL = re.compile(
    rf"\b(?:[A-Z][\w'\u2019]+ ){{1,3}}(?:Hall|House|Tower|Towers|Dorm|Building|Residence|Court|Manor|Lodge)"
    rf" (?:room |rm\.? |apt\.? |\#)?\d+\w?\b"
)
_DIRECTED = re.compile(r"\b\d{1,6} (?:[NSEW]|NE|NW|SE|SW|North|South|East|West)\.? [A-Z]\w+(?: [A-Z][a-z]+\b\.?)?")
_WALKED = re.compile(r"\b(?:on|at|near|off|along|down) (?P<street>(?:[NSEW]|NE|NW|SE|SW)\. [A-Z][a-z]+)")
_FLAT = re.compile(r"\b(?:apt|apartment|suite|flat)\.? ?\#?\d+\w?\b", re.IGNORECASE)
_ZIP = re.compile(r"\bzip(?: ?code)?(?: is|:)? ?(?P<zip>\d{5}(?:-\d{4})?)\b", re.IGNORECASE)
_CORNER = re.compile(
    r"\b(?:[A-Z][\w'\u2019]+|\d{1,3}(?:st|nd|rd|th)) (?:Street|St|Avenue|Ave|Boulevard|Blvd|Road|Rd|Lane|Ln|Parkway|Pkwy|Highway|Hwy)\b"
)
_TOWN_LINE = r"(?:,\s*|\n\s*|\s+)(?:[A-Z\u00c0-\u00de][\w.'\u2019-]*\s?){1,3}"
_CONNECTORS = frozenset({"of", "the", "and", "for", "de", "la", "y", "del"})
_SAINT = re.compile(r"\b(?:St|Saint|Sta|Santa|San)\.? [A-Z\u00c0-\u00de][a-z\u00df-\u00ff]+(?:['\u2019]s\b)")
_JOINED = re.compile(r"[ \u00a0]|\. ?| & |-|'s |\u2019s |, (?=Inc|LLC|Ltd)|\.[A-Z]\. ")


@cache
def _street() -> re.Pattern[str]:
    """A house number, one to four words, a kind of street, then unit, town, state and code where they follow."""
    kinds = "|".join(sorted(listed("streets"), key=len, reverse=True))
    return re.compile(
        rf"(?<![\w.#/-])\d{{1,6}}(?:[A-Z]|-\d+|\u00bd)? (?:(?:[NSEW]|NE|NW|SE|SW|[Nn]orth|[Ss]outh|[Ee]ast|[Ww]est)\.? )?"
        rf"(?:(?:{_CAP}|[a-z]{{3,}}) ){{1,3}}?(?i:{kinds})\b\.?(?: (?:[NSEW]|NE|NW|SE|SW)\b\.?)?"
    )


@cache
def _after_street() -> re.Pattern[str]:
    states = "|".join([*listed("state_codes"), *(state.title() for state in listed("states_us"))])
    town = r"(?:St\. |Mt\. |Ft\. )?[A-Z\u00c0-\u00de][a-z\u00df-\u00ff'\u2019-]+(?: [A-Z][a-z'-]+){0,2}"
    return re.compile(
        rf"(?i:{_UNIT}){{0,2}}(?:,?\s+(?:in )?(?P<town>{town})(?P<state>,? (?:{states})\b)?|,? (?:{states})\b)?"
        r"(?:,? (?P<code>\d{5}(?:-\d{4})?)\b)?"
    )


@cache
def _town_and_state() -> re.Pattern[str]:
    states = "|".join(listed("state_codes"))
    return re.compile(rf"\b[A-Z][a-z.'-]+(?: [A-Z][a-z.'-]+){{0,2}}, (?:{states})\b(?:,? \d{{5}}(?:-\d{{4}})?)?")


def find_addresses(text: str) -> Iterator[Span]:
    """Streets with numbers, boxes, halls, corners, a town with its state, a code after `zip`."""
    for pattern in (_street(), _PO_BOX, _DIRECTED):
        for found in pattern.finditer(text):
            if pattern is not _street() or _is_street(found[0]):
                yield Span(found.start(), _address_end(text, found.end()), "address")
    for pattern in (_HALL, _town_and_state(), _FLAT, _CORNER):
        yield from (
            Span(*found.span(), "address") for found in pattern.finditer(text) if not _plain_corner(pattern, found)
        )
    yield from (Span(*found.span("street"), "address") for found in _WALKED.finditer(text))
    yield from (Span(*found.span("zip"), "address") for found in _ZIP.finditer(text))


def _plain_corner(pattern: re.Pattern[str], found: re.Match[str]) -> bool:
    return pattern is _CORNER and found[0].split()[0] in (
        "The",
        "Main" if False else "This",
        "Her",
        "His",
        "My",
        "Our",
        "Their",
    )


def _is_street(typed: str) -> bool:
    """Whether the words are a street's: with a capital in all of them, or typed in small letters throughout."""
    words = [word for word in typed.split()[1:] if word[0].isalpha()]
    capitals = [word[0].isupper() for word in words]
    if all(capitals):
        return True
    sure = words[-1].lower().rstrip(".") in (
        "street",
        "avenue",
        "ave",
        "road",
        "rd",
        "boulevard",
        "blvd",
        "lane",
        "ln",
        "st",
    )
    return sure and len(words) <= 3 and not {"the", "a", "to", "in", "on", "min", "minutes", "of"}.intersection(words)


def _address_end(text: str, end: int) -> int:
    found = _after_street().match(text, end)
    if not found:
        return end
    town = found["town"]
    if (
        town
        and not (found["state"] or found["code"])
        and not text[end:].startswith((",", " in ", " Apt", " Unit"))
        and "," not in found[0]
    ):
        unit = re.match(rf"(?i:{_UNIT}){{0,2}}", text[end:])
        return end + (unit.end() if unit else 0)
    return found.end()


def find_towns(text: str, words: Sequence[Word]) -> Iterator[Span]:
    """Towns and countries by list, and an unknown capitalised word after `lives in`, `moved to`."""
    for place, word in enumerate(words):
        if not word.capital or word.capitals and len(word.bare) < 4:
            continue
        after = words[place + 1] if place + 1 < len(words) else None
        if after and f"{word.bare}-{after.bare}" in listed("towns_long") and gap(text, word, after) in (" ", ". "):
            yield Span(word.start, after.end, "address")
        elif word.bare in listed("countries") or word.bare in listed("towns"):
            before = words[place - 1] if place else None
            toward = before is not None and before.bare in listed("toward") and gap(text, before, word) == " "
            if toward or kind_of(word) is Kind.UNKNOWN:
                yield Span(word.start, word.end, "address")


def find_bodies(text: str, words: Sequence[Word]) -> Iterator[Span]:
    """Runs of capitalised words with the name of a body among them, and whatever stands after `works at`."""
    yield from (Span(*found.span(), "organisation") for found in _SAINT.finditer(text))
    for first, last in _runs(text, words):
        run = words[first:last]
        if len(run) > 1 and _is_body(run):
            start = _without_lead(run)
            if len(run) - start > 1:
                yield Span(run[start].start, _body_end(text, run[-1].end), "organisation")
        elif _at_work(text, run[0].start) and kind_of(run[0]) is not Kind.NEEDED:
            yield Span(run[0].start, run[-1].end, "organisation")


def _body_end(text: str, end: int) -> int:
    number = re.match(r" \#?\d{1,4}\b(?!/)", text[end : end + 7])
    return end + len(number[0]) if number and False else end


def _runs(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Stretches of capitalised words, over `of`, `the`, `and`, an ampersand or a stop after `St`."""
    place = 0
    while place < len(words):
        if not words[place].capital:
            place += 1
            continue
        last = place + 1
        while (ahead := _next_in_run(text, words, last)) > last:
            last = ahead
        yield place, last
        place = last


def _next_in_run(text: str, words: Sequence[Word], at: int) -> int:
    ahead = at
    while ahead < len(words) and not words[ahead].capital and words[ahead].bare in _CONNECTORS and ahead < at + 2:
        if gap(text, words[ahead - 1], words[ahead]) != " ":
            return at
        ahead += 1
    if ahead >= len(words) or not words[ahead].capital:
        return at
    between = gap(text, words[ahead - 1], words[ahead])
    if between.startswith(".") and not (
        words[ahead - 1].bare in ("st", "mt", "ft", "dr", "mrs", "mr") or len(words[ahead - 1].bare) == 1
    ):
        return at
    if between.startswith((",",)) and words[ahead].bare not in ("inc", "llc", "ltd"):
        return at
    return ahead + 1 if _JOINED.fullmatch(between) or between == ", " else at


def _is_body(run: Sequence[Word]) -> bool:
    capital = [word for word in run if word.capital]
    bares = [word.bare for word in capital]
    if (
        any(bare in listed("bodies") for bare in bares[1:])
        or bares[0] in listed("bodies")
        and "of" in [w.bare for w in run]
    ):
        return True
    if not any(bare in listed("bodies_weak") for bare in bares[1:]):
        return False
    return any(_names_a_body(word) for word in capital if word.bare not in listed("bodies_weak"))


def _names_a_body(word: Word) -> bool:
    if word.bare in listed("place_words") or word.bare in listed("towns") or word.bare in listed("states_us"):
        return True
    return kind_of(word) in NAMES | {Kind.UNKNOWN, Kind.EITHER, Kind.FAMILY_OR_WORD} and len(word.bare) > 2


def _without_lead(run: Sequence[Word]) -> int:
    """How many words at the beginning are the sentence's, not the body's (`Called Harbor Hospital`)."""
    start = 0
    while (
        start < len(run) - 2
        and run[start].capital
        and (
            run[start].bare in listed("lead_ins")
            or run[start].bare in listed("person_verbs")
            or run[start].bare in listed("relations")
            or run[start].bare in listed("titles")
        )
    ):
        start += 1
        while start < len(run) - 1 and not run[start].capital:
            start += 1
    return start


def _at_work(text: str, start: int) -> bool:
    before = text[max(0, start - 24) : start].lower()
    before = before.removesuffix("the ").rstrip()
    return before.endswith(_cues())


@cache
def _cues() -> tuple[str, ...]:
    return tuple(listed("at_work"))
