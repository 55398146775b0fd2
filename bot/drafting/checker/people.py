"""Rules for people: relations and names that the points do not hold."""

from collections.abc import Iterator

from bot.domain.support import Kind
from bot.drafting.checker import kin, lexicons
from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.lexicon import table


def check(statement: Analysis, evidence: Evidence, summary: Evidence) -> Iterator[Flaw]:
    """A person the cited points do not speak of; a smaller doubt when another point does."""
    carried = evidence.abbreviated(statement)
    for one in statement.of(lexicons.RELATION):
        words = statement.typed(one.at, one.end)
        if (
            statement.quoted(one.at)
            or words.lower() in ("dr", "drs")
            or (lexicons.RELATION, one.concept) in evidence.concepts
        ):
            continue
        there = evidence.has(statement.words[one.at : one.end]) and not kin.only_distant(one, statement, evidence)
        if there or set(range(one.at, one.end)) <= carried or kin.meant(one, statement, evidence, summary.cast):
            continue
        known = (lexicons.RELATION, one.concept) in summary.concepts
        everyday = words.lower() in table("checker")["everyday"]["relation"]
        rule = "relation_everyday" if everyday else "relation_elsewhere" if known else "relation"
        yield Flaw(rule, Kind.NAME_RELATION, words)
    yield from _possessors(statement, evidence)
    for at in statement.names:
        word = statement.words[at]
        if statement.quoted(at) or word.lower in evidence.lowers or word.stem in evidence.lowers or at in carried:
            continue
        if len(word.text) == 2 and word.text.endswith("s"):
            continue
        known = word.lower in summary.lowers
        yield Flaw("name_elsewhere" if known else "name", Kind.NAME_RELATION, word.text)


def _possessors(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    """`Henrik's mother` told as Ilse's: another person's relation."""
    theirs: dict[str, set[str]] = {}
    for point in evidence.points:
        for concept, owner in _owned(point):
            theirs.setdefault(concept, set()).add(owner)
    for concept, owner in _owned(statement):
        owners = theirs.get(concept, set()) - {""}
        if owners and "" not in theirs[concept] and not any(_may_be(owner, other) for other in owners):
            yield Flaw("possessor", Kind.NAME_RELATION, owner, 1.0)


def _owned(text: Analysis) -> Iterator[tuple[str, str]]:
    """Each relation with whose it is: a name or relation in the genitive, else nothing."""
    for one in text.of(lexicons.RELATION):
        before = text.words[one.at - 1] if one.at else None
        genitive = before is not None and text.text[before.start : before.end].lower().endswith(("'s", "\u2019s"))
        yield one.concept, before.lower if genitive and before else ""


def _may_be(owner: str, other: str) -> bool:
    return not owner or owner == other or other.startswith(owner[:1]) or owner in ("client", "patient")
