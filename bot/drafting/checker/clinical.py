"""Rules for the clinical vocabularies: medication, diagnosis, intervention, affect, progress."""

from collections.abc import Iterator
from functools import cache

from bot.domain.support import Kind
from bot.drafting.checker import lexicons
from bot.drafting.checker.analysis import Analysis
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.flaws import Flaw
from bot.drafting.checker.lexicons import Found
from bot.drafting.lexicon import table

_CLEAR = frozenset({"increased", "decreased", "stopped", "started", "switched", "restarted"})


def check(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    yield from _medication(statement, evidence)
    yield from _affect(statement, evidence)
    yield from _progress(statement, evidence)


def _everyday(family: str) -> frozenset[str]:
    return frozenset(table("checker")["everyday"][family])


def _literally(statement: Analysis, one: Found, evidence: Evidence) -> bool:
    """Whether the very words stand in the points, whatever else they may mean."""
    return all(word.lower in evidence.lowers or word.stem in evidence.lowers for word in statement.words[one.at : one.end])


def _medication(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    classes = {name: row["class"] for name, row in table("medications")["drugs"].items()}
    theirs = evidence.of(lexicons.DRUG)
    theirs_classes = {*evidence.of(lexicons.DRUG_CLASS), *(classes[name] for name in theirs)}
    mine = statement.of(lexicons.DRUG)
    for one in mine:
        if one.concept not in theirs and not _literally(statement, one, evidence):
            yield Flaw("drug", Kind.MEDICATION, statement.typed(one.at, one.end), 1.0, certain=True)
    for one in statement.of(lexicons.DRUG_CLASS):
        if one.concept not in theirs_classes and not _literally(statement, one, evidence):
            yield Flaw("drug_class", Kind.MEDICATION, statement.typed(one.at, one.end), 1.0, certain=True)
    any_drug = bool(theirs or theirs_classes or evidence.of(lexicons.MEDICATION))
    for one in statement.of(lexicons.MEDICATION):
        if not any_drug and not _literally(statement, one, evidence):
            yield Flaw("medication", Kind.MEDICATION, statement.typed(one.at, one.end))
    if mine or statement.of(lexicons.DRUG_CLASS, lexicons.MEDICATION):
        yield from _directions(statement, evidence)


def _directions(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    theirs = evidence.of(lexicons.DOSING)
    clauses = {statement.clauses[one.at] for one in statement.of(lexicons.DRUG, lexicons.DRUG_CLASS, lexicons.MEDICATION)}
    for one in statement.of(lexicons.DOSING):
        if one.concept not in _CLEAR or one.concept in theirs or statement.clauses[one.at] not in clauses:
            continue
        if not _literally(statement, one, evidence):
            yield Flaw("dosing", Kind.MEDICATION, statement.typed(one.at, one.end), 1.0 if theirs & _CLEAR else 0.6)


@cache
def _pairs(name: str) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair) for pair in table("affect")[name]["pairs"])


def _affect(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    theirs = evidence.of(lexicons.AFFECT)
    for one in statement.of(lexicons.AFFECT):
        words = statement.typed(one.at, one.end)
        if statement.quoted(one.at) or words.lower() in _everyday("affect") or one.concept in theirs:
            continue
        if _literally(statement, one, evidence):
            continue
        if any(frozenset({one.concept, other}) in _pairs("near") for other in theirs):
            yield Flaw("affect_near", Kind.AFFECT, words)
        else:
            yield Flaw("affect", Kind.AFFECT, words)
    for one in statement.of(lexicons.MENTAL):
        if not statement.quoted(one.at) and one.concept not in evidence.of(lexicons.MENTAL) and not _literally(statement, one, evidence):
            yield Flaw("mental", Kind.AFFECT, statement.typed(one.at, one.end))


def _progress(statement: Analysis, evidence: Evidence) -> Iterator[Flaw]:
    ranks = {name: row["rank"] for name, row in table("progress")["change"].items()}
    highest = max((ranks[name] for name in evidence.of(lexicons.CHANGE)), default=0.0)
    for one in statement.of(lexicons.CHANGE):
        rank = ranks[one.concept]
        words = statement.typed(one.at, one.end)
        if statement.quoted(one.at) or words.lower() in _everyday("progress") or _literally(statement, one, evidence):
            continue
        if rank > highest and statement.sign_of(one.at, one.end) > 0:
            yield Flaw("gone" if rank >= 2 else "better", Kind.PROGRESS_OVERCLAIM, words, min(1.0, (rank - highest) / 2))
    for family in (lexicons.COMPLETION, lexicons.GOAL, lexicons.ENGAGEMENT, lexicons.PROGNOSIS):
        for one in statement.of(family):
            words = statement.typed(one.at, one.end)
            if words.lower() in _everyday("progress") or one.concept in evidence.of(family) or _literally(statement, one, evidence):
                continue
            if statement.sign_of(one.at, one.end) > 0 and not statement.quoted(one.at):
                yield Flaw(family, Kind.PROGRESS_OVERCLAIM, words)
