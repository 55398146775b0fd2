"""The ways in which points speak of a relation without the word: by name, through another relation, by a pronoun."""

from collections.abc import Iterator
from itertools import pairwise

from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.cast import Cast, bare
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.lexicons import Found
from bot.drafting.lexicon import table

_PRONOUNS = {"m": frozenset({"he", "him", "his", "himself"}), "f": frozenset({"she", "her", "hers", "herself"})}
_OWN = frozenset({"her", "his", "their", "my"})
_DISTANT = ("_in_law", "in_laws")


def meant(one: Found, statement: Analysis, evidence: Evidence, cast: Cast) -> bool:
    """Whether the points mean this relation in other words."""
    return (
        _named(one.concept, evidence, cast)
        or _reached(one.concept, evidence)
        or _told_by_pronoun(one.concept, evidence)
        or _in_treatment(one.concept, evidence)
        or _of_a_thing(one, statement, evidence)
    )


def _named(concept: str, evidence: Evidence, cast: Cast) -> bool:
    """`foster mother` where the points say `Bev`, and Bev is the foster mother elsewhere."""
    above = lexicons.wider(lexicons.RELATION)
    names = {
        name
        for name, relations in cast.bound.items()
        if any(concept == other or concept in above.get(other, ()) for other in relations)
    }
    return any(name in evidence.lowers or f"{name}'s" in evidence.lowers for name in names)


def _reached(concept: str, evidence: Evidence) -> bool:
    """`maternal grandmother` where the points say `mom … her mother's`."""
    paths: list[list[str]] = table("roles")["through"].get(concept, [])
    return bool(paths) and any(tuple(path) in _steps(evidence) for path in paths)


def _steps(evidence: Evidence) -> set[tuple[str, str]]:
    """Pairs of relations in which the second is the first one's."""
    found: set[tuple[str, str]] = set()
    for point in evidence.points:
        relations = point.of(lexicons.RELATION)
        for first, second in pairwise(relations):
            before = point.words[second.at - 1]
            genitive = first.end == second.at and point.typed(first.at, first.end).lower().endswith(("'s", "\u2019s"))
            if genitive or before.lower in _OWN:
                found.add((first.concept, second.concept))
    return found


def _told_by_pronoun(concept: str, evidence: Evidence) -> bool:
    """`son` where the points say `baby … him`; `the other man` where they say `he`."""
    *wider, gender = table("roles")["narrower"].get(concept, [""])
    if not gender or not evidence.lowers & _PRONOUNS[gender]:
        return False
    return wider == ["any"] or any((lexicons.RELATION, other) in evidence.concepts for other in wider)


def _in_treatment(concept: str, evidence: Evidence) -> bool:
    """`her individual tx (Dr. …)`: treatment typed for the one who gives it."""
    return concept == "other_therapist" and any(
        point.text[word.start : word.end].lower() in ("tx", "therapy")
        for point in evidence.points
        for word in point.words
    )


def _of_a_thing(one: Found, statement: Analysis, evidence: Evidence) -> bool:
    """`police report` where the points say `the report`."""
    if one.end >= len(statement.words):
        return False
    after = statement.words[one.end]
    return after.lower in table("roles")["compound"]["words"] and after.stem in evidence.lowers


def only_distant(one: Found, statement: Analysis, evidence: Evidence) -> bool:
    """Whether the word stands in the points only as part of `sister-in-law` or the like."""
    last = bare(statement.words[one.end - 1].lower)
    places = list(_places(last, evidence))
    return bool(places) and all(places) and not one.concept.endswith(_DISTANT)


def _places(word: str, evidence: Evidence) -> Iterator[bool]:
    for point in evidence.points:
        distant = {
            at for one in point.of(lexicons.RELATION) if one.concept.endswith(_DISTANT) for at in range(one.at, one.end)
        }
        for at, other in enumerate(point.words):
            if bare(other.lower) == word:
                yield at in distant
