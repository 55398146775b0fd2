"""The words of some points by what they say, to find what a statement's word answers to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis, Content
from bot.drafting.checker.lexicons import Found
from bot.drafting.checker.reading import Reading, read

Key = tuple[str, str]
_SAME = frozenset({lexicons.SYNONYM, lexicons.RISK, lexicons.RELATION, lexicons.TRANSLATION, lexicons.DRUG})


@dataclass(frozen=True, slots=True)
class Place:
    """A word of a point, with the point's reading."""

    reading: Reading
    content: Content

    @property
    def sign(self) -> int:
        return self.reading.signs[self.content.at]


class Counterparts:
    """The words of some points by what they say, to find what a statement's word answers to."""

    def __init__(self, points: Sequence[Analysis]) -> None:
        self.readings = [read(point) for point in points]

    @cached_property
    def places(self) -> dict[Key, list[Place]]:
        found: dict[Key, list[Place]] = {}
        for reading in self.readings:
            for content in reading.text.content:
                for key in keys_of(reading, content):
                    found.setdefault(key, []).append(Place(reading, content))
        return found

    def of(self, mine: Reading, content: Content) -> list[Place]:
        """The points' words that say the same as this one, by the nearest likeness that finds any."""
        key = next((key for key in keys_of(mine, content) if key in self.places), None)
        return self.places[key] if key else []


def keys_of(reading: Reading, content: Content) -> Iterator[Key]:
    """What a word may be known by; a phrase that holds a denial of its own (`no trouble`) is none of it."""
    yield "stem", content.stem
    for one in reading.text.found:
        if one.family in _SAME and one.at <= content.at < one.end and not _turns_inside(reading, one):
            yield one.family, one.concept
    yield "root", content.root


def _turns_inside(reading: Reading, one: Found) -> bool:
    return one.end > one.at + 1 and any(one.at <= at < one.end for at in reading.turning)
