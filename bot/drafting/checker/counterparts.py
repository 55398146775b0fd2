"""The words of some points by what they say, to find what a statement's word answers to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis, Content
from bot.drafting.checker.reading import Reading, read

Key = tuple[str, str]


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
                for key in keys_of(content):
                    found.setdefault(key, []).append(Place(reading, content))
        return found

    def of(self, content: Content) -> list[Place]:
        for key in keys_of(content):
            if key in self.places:
                return self.places[key]
        return []


def keys_of(content: Content) -> Iterator[Key]:
    yield "stem", content.stem
    for family, name in content.concepts:
        if family in (lexicons.SYNONYM, lexicons.RISK, lexicons.RELATION, lexicons.TRANSLATION, lexicons.DRUG):
            yield family, name
    yield "root", content.root
