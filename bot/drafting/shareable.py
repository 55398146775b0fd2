"""A section made fit to be shared within a practice: identifiers become words in brackets that a reader understands.

Deterministic, and never sure: a rare detail names somebody without being an identifier, and only a person sees that.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bot.domain.learning import LONGEST_EXAMPLE, Look
from bot.domain.statements import Slot, Statement
from bot.drafting.deidentify import find_identifiers
from bot.drafting.identifiers.spans import Span, without_overlaps
from bot.drafting.lexicon import table

_WORDS = {
    "client": "client",
    "name": "name",
    "phone": "phone number",
    "email": "email address",
    "url": "web address",
    "username": "user name",
    "address": "place",
    "date": "date",
    "date_of_birth": "date of birth",
    "ssn": "number",
    "record_number": "record number",
    "organisation": "organization",
    "age": "age",
    "account": "account number",
    "ip": "web address",
    "plate": "license plate",
}
_ELSE = "detail"
_CODE = re.compile(r"(?<![\w-])(?P<letters>[A-Z]{1,4})-\d{2,6}(?![\w-])")
_BRACKETED = re.compile(r"\[[a-z ]{1,20}\]")
_QUOTE = re.compile(r"[“”«»]|(?<!\w)\"\w")
_SENTENCE_END = re.compile(r"[.!?]”?\s")
_LOOKS = {Slot.RISK: Look.RISK, Slot.DIAGNOSIS: Look.DIAGNOSIS}


@dataclass(frozen=True, slots=True)
class Known:
    """What this practice's texts may name: client codes, and names of people and of the practice itself."""

    codes: Sequence[str] = ()
    names: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Identifier:
    """Words that point to somebody, and what they are, e.g. (`11/4`, `date`)."""

    words: str
    kind: str


def identifiers_in(text: str, known: Known) -> list[Identifier]:
    """What in a text still points to somebody; the words in brackets that stand for it do not."""
    return [Identifier(text[span.start : span.end], _word(span)) for span in _spans(text, known)]


def without_identifiers(text: str, known: Known) -> tuple[str, list[Identifier]]:
    """The text with a word in brackets for each identifier, and what was replaced."""
    parts, at = list[str](), 0
    spans = _spans(text, known)
    for span in spans:
        parts += [text[at : span.start], f"[{_word(span)}]"]
        at = span.end
    return "".join([*parts, text[at:]]), [Identifier(text[span.start : span.end], _word(span)) for span in spans]


def worth_a_look(text: str, statements: Sequence[Statement]) -> tuple[Look, ...]:
    """What of this section may be recognised by who reads it."""
    found = {_LOOKS[statement.slot] for statement in statements if statement.slot in _LOOKS}
    found |= {Look.QUOTE} if _QUOTE.search(text) else set()
    return tuple(look for look in Look if look in found)


def beginning_of(text: str) -> str:
    """As much of a long section as an example may have, up to the end of a sentence."""
    if len(text) <= LONGEST_EXAMPLE:
        return text
    kept = text[:LONGEST_EXAMPLE]
    ends = [found.start() + 1 for found in _SENTENCE_END.finditer(kept)]
    return kept[: ends[-1]] if ends else kept


def _spans(text: str, known: Known) -> tuple[Span, ...]:
    bracketed = [found.span() for found in _BRACKETED.finditer(text)]
    found = [*_codes(text, known.codes), *find_identifiers(text, known.names)]
    return tuple(
        span
        for span in without_overlaps(text, found)
        if not any(start <= span.start and span.end <= end for start, end in bracketed)
        and not _is_instrument(text[span.start : span.end])
    )


def _codes(text: str, codes: Sequence[str]) -> Iterator[Span]:
    """The practice's own client codes however they are typed, and what looks like one; instruments do too."""
    for code in sorted({code for code in codes if code}, key=len, reverse=True):
        pattern = rf"(?<![\w-]){re.escape(code)}(?![\w-])"
        yield from (Span(*found.span(), "client") for found in re.finditer(pattern, text, re.IGNORECASE))
    for found in _CODE.finditer(text):
        if not _is_instrument(found[0]):
            yield Span(*found.span(), "client")


def _is_instrument(words: str) -> bool:
    """A scale in capitals, as no person's name is written: DASS-21, CY-BOCS."""
    return words.isupper() and words.casefold() in _instruments()


@cache
def _instruments() -> frozenset[str]:
    known = table("instruments")["instruments"].values()
    return frozenset(words.casefold() for each in known for words in (each["name"], *each["spellings"]))


def _word(span: Span) -> str:
    return _WORDS.get(span.type, _ELSE)
