"""Rules for people: relations and names that the points do not hold."""

from collections.abc import Iterator

from bot.domain.support import Kind
from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.lexicon import table


def check(statement: Analysis, evidence: Evidence, summary: Evidence) -> Iterator[Flaw]:
    """A person the cited points do not speak of; a smaller doubt when another point does."""
    for one in statement.of(lexicons.RELATION):
        words = statement.typed(one.at, one.end)
        if statement.quoted(one.at) or words.lower() in ("dr", "drs") or (lexicons.RELATION, one.concept) in evidence.concepts:
            continue
        if evidence.has(statement.words[one.at : one.end]):
            continue
        known = (lexicons.RELATION, one.concept) in summary.concepts
        everyday = words.lower() in table("checker")["everyday"]["relation"]
        rule = "relation_everyday" if everyday else "relation_elsewhere" if known else "relation"
        yield Flaw(rule, Kind.NAME_RELATION, words)
    carried = evidence.abbreviated(statement)
    for at in statement.names:
        word = statement.words[at]
        if statement.quoted(at) or word.lower in evidence.lowers or word.stem in evidence.lowers or at in carried:
            continue
        known = word.lower in summary.lowers
        yield Flaw("name_elsewhere" if known else "name", Kind.NAME_RELATION, word.text)
