"""A marked stretch of text, and how marks that overlap become one list in order."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """One identifier: where it stands (characters, end excluded) and what it is.

    Types: name, phone, email, url, username, address, date, date_of_birth, ssn, record_number, organisation, age
    (over 89 only), account, ip, plate.
    """

    start: int
    end: int
    type: str


def without_overlaps(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans in order of place; of those that overlap the first given stays, and what the others add beside it."""
    kept: list[Span] = []
    for span in spans:
        inside = [other for other in kept if span.start < other.end and other.start < span.end]
        kept += _beside(text, span, inside) if inside else [span]
    return tuple(sorted(kept, key=lambda span: span.start))


def longest_first(spans: Iterable[Span]) -> list[Span]:
    """For kinds of which none is surer than another: the longest reading of a stretch is the one meant."""
    return sorted(spans, key=lambda span: span.start - span.end)


def _beside(text: str, span: Span, inside: Iterable[Span]) -> list[Span]:
    """The parts of a span before the first and after the last span that it overlaps, without spaces and marks."""
    first, last = min(other.start for other in inside), max(other.end for other in inside)
    parts: list[Span] = []
    for start, end in ((span.start, first), (last, span.end)):
        while start < end and not text[start].isalnum():
            start += 1
        while start < end and not text[end - 1].isalnum():
            end -= 1
        if end - start > 1:
            parts.append(Span(start, end, span.type))
    return parts
