"""A statement and its points, read for who does what."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from bot.drafting.checker.cast import Cast
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.frames import Frames
from bot.drafting.checker.words import stem_of
from bot.drafting.lexicon import table


@cache
def stems_of(name: str, part: str = "words") -> frozenset[str]:
    """A list of `roles.toml` as stems."""
    words: list[str] = table("roles")[name][part]
    return frozenset(stem_of(word) for word in words)


@dataclass(frozen=True, slots=True)
class Scene:
    """A statement and its points, read for who does what."""

    statement: Frames
    points: Sequence[Frames]
    evidence: Evidence
    cast: Cast
