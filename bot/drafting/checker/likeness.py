"""Whether two words, or two phrases of a vocabulary, say about the same."""

from collections.abc import Sequence
from functools import cache

from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis, Content
from bot.drafting.checker.words import similar, stem_of
from bot.drafting.lexicon import table


def akin(one: Content, other: Content) -> bool:
    """Whether two words say about the same."""
    if one.root == other.root or similar(one.stem, other.stem) or grouped(one, other):
        return True
    if any(name == other.stem for _, name in one.concepts) or any(name == one.stem for _, name in other.concepts):
        return True
    return any(
        family == kind and related(family, frozenset({name}), frozenset({concept}))
        for family, name in one.concepts
        for kind, concept in other.concepts
    )


def grouped(one: Content, other: Content) -> bool:
    """Whether everyday speech puts one for the other."""
    return bool(_groups().get(one.stem, frozenset()) & _groups().get(other.stem, frozenset()))


@cache
def _groups() -> dict[str, frozenset[int]]:
    """For each word that may stand for others, the lists it is in."""
    found: dict[str, frozenset[int]] = {}
    for number, words in enumerate(table("edits")["alike"]["groups"]):
        for word in words:
            found[stem_of(word)] = found.get(stem_of(word), frozenset()) | {number}
    return found


@cache
def _near(family: str) -> frozenset[frozenset[str]]:
    files = {lexicons.AFFECT: "affect", lexicons.INTERVENTION: "interventions"}
    pairs = table(files[family])["near"]["pairs"] if family in files else ()
    return frozenset(frozenset(pair) for pair in pairs)


def related(family: str, ours: frozenset[str], others: frozenset[str]) -> bool:
    """Whether two sets of phrases have one in common, one wider than another, or neighbours."""
    above = lexicons.wider(family) if family in (lexicons.RELATION, lexicons.DIAGNOSIS, lexicons.INTERVENTION) else {}
    for one in ours:
        for other in others:
            if one == other or one in above.get(other, ()) or other in above.get(one, ()):
                return True
            if frozenset((one, other)) in _near(family):
                return True
    return False


def contents(text: Analysis, places: Sequence[int]) -> list[Content]:
    """The words at these places that say something."""
    return [content for content in text.content if content.at in places]
