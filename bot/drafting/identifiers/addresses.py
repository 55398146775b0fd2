"""Postal addresses: streets with their numbers, here and abroad, boxes, halls, corners, codes after `zip`."""

import re
from collections.abc import Iterator
from functools import cache

from bot.drafting.identifiers.spans import Span
from bot.drafting.identifiers.wordlists import folded, is_word, listed

_CAP = r"[A-Z\u00c0-\u00de0-9][\w.'\u2019-]*"
_LETTERS = r"[^\W\d_][\w'\u2019/.-]*"
_UNIT = (
    r"(?:,?\s+(?:apt|apartment|unit|suite|ste|rm|room|floor|fl|bldg|building|lot|trailer|box|bed)\b\.? ?\#?[\w-]+"
    r"|,? \#\s?\w+)"
)
_DIRECTION = "[NSEW]|NE|NW|SE|SW|North|South|East|West"
_PO_BOX = re.compile(r"\bP\.? ?O\.? ?Box \d+|\b(?:PSC|Unit|CMR) \d+,? Box \d+", re.IGNORECASE)
_FORCES = re.compile(
    r"(?:\b(?:PSC|Unit|CMR|USS|USNS|USNV|USCGC) [\w ,]{3,24}\s+)?\b(?:APO|FPO|DPO),? A[AEP],? \d{5}\b", re.IGNORECASE
)
_CORNER_OF = re.compile(
    r"\b(?:the )?corner of (?!the |a |my |her |his )[^,.;\n]{3,50}?(?:\.[^.,;\n]{0,20}?)? (?:and|&)"
    r" (?:[^\W_][\w'\u2019]+ ?){1,3}(?=[.,;!?\n]|\Z)",
    re.IGNORECASE,
)
_HALL = re.compile(
    r"\b(?:[A-Z][\w'\u2019]+ ){1,3}(?:Hall|House|Tower|Towers|Dorm|Building|Residence|Court|Manor|Lodge)"
    r" (?:room |rm\.? |apt\.? |\#)?\d+\w?\b"
)
_DIRECTED = re.compile(rf"\b\d{{1,6}} (?:{_DIRECTION})\.? [A-Z]\w+(?: [A-Z][a-z]+\b\.?)?")
_WALKED = re.compile(r"\b(?:on|at|near|off|along|down) (?P<street>(?:[NSEW]|NE|NW|SE|SW)\. [A-Z][a-z]+)")
_LIVED = re.compile(
    r"\b(?:lives?|living|lived|stays?|house|home|apartment|place|moved|address|accident|off|along|down) (?:is )?"
    r"(?:on|at|to|over on)? ?(?P<street>(?:[A-Z][\w'\u2019]+ ){1,2}"
    r"(?:Drive|Dr|Way|Place|Court|Ct|Circle|Terrace|Trail|Crescent|Alley|Pike|Loop))\b"
)
_FLAT = re.compile(
    r"\b(?:apt|apartment|suite|flat)\.? ?\#?\d+\w?\b(?! (?:mo|months?|yrs?|years?|wks?)\b)", re.IGNORECASE
)
_ZIP = re.compile(
    r"\b(?:zip|postal|post)(?: ?code)?(?: is|:)? ?"
    r"(?P<zip>\d{3,6}(?:[- ]\d{2,4})?(?: [A-Z]{2}\b)?|[A-Z]\d[A-Z] ?\d[A-Z]\d)\b",
    re.IGNORECASE,
)
_CORNER = re.compile(
    r"\b(?!(?:The|This|That|Her|His|My|Our|Their|A|At|On|In|To|From) St\b)(?:[A-Z][\w'\u2019]+|\d{1,3}(?:st|nd|rd|th))"
    r" (?:Street|St|Avenue|Ave|Boulevard|Blvd|Road|Rd|Lane|Ln|Parkway|Pkwy|Highway|Hwy)\b"
    r"|\b(?:Route|Rte|Highway|Hwy|Interstate) \d{1,3}\b(?= (?:in|near|by|off|at)\b)"
)
_STREET_ENDS = (
    r"stra\u00dfe|strasse|str\.|gatan|gata|vej|vegur|katu|tie|laan|straat|weg|gasse|platz|plein|g\u00f6tu|braut|utca"
)
_STREET_BEGINS = (
    r"rue|calle|via|viale|rua|ul\.|avda\.?|avenida|avenue|plaza|piazza|chemin|bd|boulevard|travessa|c/|\u00fat|u\."
    r"|t\u00e9r"
)
_ABROAD = re.compile(
    rf"(?<![\w.#/-])(?:\d{{1,6}}\w? )?(?:[A-Z\u00c0-\u00de][\w'\u2019/.-]* ){{0,3}}"
    rf"(?i:[^\W\d_]*(?:{_STREET_ENDS})|(?:{_STREET_BEGINS})(?!\w) ?(?:{_LETTERS} ?){{0,4}}?) ?\d{{1,5}}\w?\b",
)
_CUED = re.compile(
    r"\b(?:address(?: (?:of \S+|is|to|with|as))*:?|lives? (?:at|on)|located at|office is (?:at|in)|offices are at"
    r"|meet (?:you|me) at|deliver to|moved to|ship to|sent to|stays? at|staying at)"
    rf" ((?:\d[\w-]* )?(?:{_LETTERS} ){{1,5}}\d{{1,5}}\w?\b|\d{{2,6}} (?:{_LETTERS} ?){{2,4}})",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    rf"(?<![\w.#/-])\d{{2,6}} (?:\d{{1,4}} )?(?:[A-Z\u00c0-\u00de][\w'\u2019.-]+ )(?:{_LETTERS} ){{0,3}}?\d{{1,4}}\b"
    r"(?![\w/%.:-]*\d)"
)
_PIECE = re.compile(
    r"(?:[.,]?[ \t]*\n[\s>?*\u2022,-]*|,? |\. (?=(?:apt|suite|unit)\b))(?P<piece>(?:apt|suite|unit)\.? ?\#?\w+"
    r"|(?:\d{2,6}(?:[- ]\d{2,4})?\b|(?:[^\W\d_][\w'\u2019().-]*)(?: [\w'\u2019().-]+){0,4})"
    r"(?=[,.;!?]|[ \t]*\n|\s*\Z))",
    re.IGNORECASE,
)
_SURE_STREETS = frozenset({"street", "avenue", "ave", "road", "rd", "boulevard", "blvd", "lane", "ln", "st"})
_NOT_IN_STREETS = frozenset({"the", "a", "to", "in", "on", "min", "minutes", "of"})


@cache
def _street() -> re.Pattern[str]:
    """A house number, one to four words and a kind of street."""
    kinds = "|".join(sorted(listed("streets"), key=len, reverse=True))
    return re.compile(
        rf"(?<![\w.#/-])\d{{1,6}}(?:[A-Z]|-\d+|\u00bd)? (?:\d{{1,5}} )?(?:(?:{_DIRECTION}|north|south|east|west)\.? )?"
        rf"(?:(?:{_CAP}|[a-z]{{3,}}) ){{1,3}}?(?i:{kinds})\b\.?(?: (?:{_DIRECTION})\b\.?)?"
    )


@cache
def _after_street() -> re.Pattern[str]:
    """Unit, town, state and code."""
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
    if any(map(str.isdigit, text)):
        yield from _numbered(text)
    for pattern in (_CORNER_OF, _town_and_state(), _CORNER):
        yield from (Span(*found.span(), "address") for found in pattern.finditer(text))
    for pattern in (_WALKED, _LIVED):
        yield from (Span(*found.span("street"), "address") for found in pattern.finditer(text))


def _numbered(text: str) -> Iterator[Span]:
    for pattern in (_street(), _PO_BOX, _DIRECTED):
        for found in pattern.finditer(text):
            if pattern is not _street() or _is_street(found[0]):
                yield Span(found.start(), _further(text, _address_end(text, found.end())), "address")
    yield from (Span(*found.span(), "address") for found in _FORCES.finditer(text))
    yield from _abroad(text)
    for pattern in (_HALL, _FLAT):
        yield from (Span(*found.span(), "address") for found in pattern.finditer(text))
    yield from (Span(*found.span("zip"), "address") for found in _ZIP.finditer(text))


def _abroad(text: str) -> Iterator[Span]:
    for pattern, group in ((_CUED, 1), (_ABROAD, 0), (_NUMBERED, 0)):
        for found in pattern.finditer(text):
            start, end = found.span(group)
            if not _ordinary(found[group]):
                yield Span(start, _further(text, end), "address")


def _ordinary(typed: str) -> bool:
    """Whether the words between the numbers are everyday ones: `10 Mood 4`, `up the tie 3`."""
    words = [folded(word) for word in re.findall(r"[^\W\d_]{3,}", typed)]
    return not words or all(is_word(word) for word in words)


def _further(text: str, end: int) -> int:
    """Where an address ends that goes on, by commas or lines: each a town, a country, a unit or a code."""
    for _ in range(6):
        found = _PIECE.match(text, end)
        if not found or not _belongs(found["piece"], "\n" in found[0]):
            break
        end = found.start("piece") + len(found["piece"].rstrip("."))
    return end


def _belongs(piece: str, new_line: bool) -> bool:
    words = [folded(word) for word in re.findall(r"[^\W\d_]+", piece)]
    if not words:
        return new_line or len(piece) > 4
    if re.match(r"(?:apt|suite|unit)\b", piece, re.IGNORECASE):
        return True
    places = listed("countries") | listed("towns") | listed("states_us")
    if "-".join(words[:2]) in listed("towns_long") or any(word in places for word in words if len(word) > 3):
        return piece[0].isupper() or new_line
    if new_line and piece.isupper():
        return True
    return piece[0].isupper() and all(not is_word(word) or len(word) < 4 for word in words)


def _is_street(typed: str) -> bool:
    """Whether the words are a street's: with a capital in all of them, or typed in small letters throughout."""
    words = [word for word in typed.split()[1:] if word[0].isalpha()]
    if all(word[0].isupper() for word in words):
        return True
    sure = words[-1].lower().rstrip(".") in _SURE_STREETS
    return sure and len(words) <= 3 and not _NOT_IN_STREETS.intersection(words)


def _address_end(text: str, end: int) -> int:
    """The end of unit, town, state and code; a town only after a comma or before a state or a code."""
    found = _after_street().match(text, end)
    if not found:
        return end
    bare_town = found["town"] and not (found["state"] or found["code"])
    if bare_town and (
        is_word(folded(found["town"].split()[0])) or ("," not in found[0] and not text.startswith(" in ", end))
    ):
        unit = re.match(rf"(?i:{_UNIT}){{0,2}}", text[end:])
        return end + (unit.end() if unit else 0)
    return found.end()
