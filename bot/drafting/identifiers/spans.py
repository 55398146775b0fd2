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


def without_overlaps(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans in order of place; of those that overlap the first given stays, and what the others add beside it."""
    kept: list[Span] = []
    for span in spans:
        if not any(span.start < other.end and other.start < span.end for other in kept):
            kept.append(span)
            continue
        kept += _beside(span, kept)
    return tuple(sorted(kept, key=lambda span: span.start))


def _beside(span: Span, kept: Iterable[Span]) -> list[Span]:
    """The parts of a span before the first and after the last span that it overlaps, when it begins or ends there."""
    inside = [other for other in kept if span.start < other.end and other.start < span.end]
    first, last = min(other.start for other in inside), max(other.end for other in inside)
    parts = [(span.start, first), (last, span.end)]
    return [Span(start, end, span.type) for start, end in parts if end - start > 1]
